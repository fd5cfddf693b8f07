//! What other programs are told of a project: what to alert on, how to scale, what to enforce.

pub mod alerts;
pub mod badge;
mod promql;
pub mod quotas;
pub mod rows;
pub mod scaling;

use crate::analysis::Project;
use crate::report;
use crate::source::{SourceMap, Span};

/// A project, with what is reported of it.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// What it declares.
    pub project: &'a Project,
    /// Its figures.
    pub report: &'a report::Project,
    /// The texts.
    pub sources: &'a SourceMap,
}

impl<'a> Reported<'a> {
    /// Where something is declared: file and line.
    fn place(&self, span: Span) -> String {
        let line = self.sources.position(span.file, span.start).line;
        format!("{}:{line}", self.sources.file(span.file).path)
    }

    fn meter(&self, id: &str) -> Option<&'a report::Meter> {
        let meters = &self.report.meters;
        let index = meters.binary_search_by(|meter| (*meter.id).cmp(id)).ok()?;
        meters.get(index)
    }

    /// Who answers for a thing: its own owner, a table's the database's, else the project's.
    fn owner(&self, table: &str, name: &str) -> Option<&'a str> {
        let root = &self.project.declarations.root;
        let own = match table {
            "apis" => root.apis.get(name).and_then(|it| it.owner.as_deref()),
            "databases" => root.databases.get(name).and_then(|it| it.owner.as_deref()),
            "features" => root.features.get(name).and_then(|it| it.owner.as_deref()),
            "models" => root.models.get(name).and_then(|it| it.owner.as_deref()),
            "queues" => root.queues.get(name).and_then(|it| it.owner.as_deref()),
            "tables" => {
                let table = self.project.model.tables.get(name);
                let database = table.and_then(|table| table.database.as_deref());
                return database.map_or_else(
                    || self.owner("project", ""),
                    |database| self.owner("databases", database),
                );
            }
            _ => None,
        };
        let project = root.project.as_ref();
        let project = project.and_then(|project| project.value.owner.as_deref());
        Some(own.or(project)?.value.0.as_str())
    }
}
