//! What other programs are told of a project: what to alert on, how to scale, what to enforce.

pub mod alerts;
pub(crate) mod promql;
mod quotas;

use crate::analysis::Project;
use crate::document::Optional;
use crate::document::values::Text;
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

    /// Who answers for something: its own owner, else the project's.
    fn owner(&self, own: Option<&'a Optional<Text>>) -> Option<&'a str> {
        let project = self.project.declarations.root.project.as_ref();
        let project = project.and_then(|project| project.value.owner.as_deref());
        let owner = own.and_then(Option::as_deref).or(project)?;
        Some(owner.value.0.as_str())
    }
}
