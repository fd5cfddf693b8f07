//! All files of a project as one set of declarations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::document::declared::{Entry, Map, TomlPath};
use crate::document::tables::{ROOT_ONLY, Root};
use crate::document::{Document, Lost, line_ids};
use crate::finding::{Finding, Severity};
use crate::model::names::split_endpoint;
use crate::model::projects::{ProjectFiles, folder};
use crate::source::{FileId, SourceMap, Span, Spanned};

/// What a project declares, in all its files together.
#[derive(Clone, Debug)]
pub struct Declarations {
    /// The project's folder in the repository; empty at the top.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Everything that is declared.
    pub root: Spanned<Root>,
    /// Files that are broken, so that what is absent from them may be there after all.
    pub incomplete: HashSet<FileId>,
    /// What could not be read of them.
    pub lost: HashMap<FileId, Arc<Lost>>,
    /// The files, the root file first.
    pub files: Vec<FileId>,
}

/// Merges the files of a project.
#[must_use]
pub fn merge(sources: &SourceMap, project: &ProjectFiles<'_>) -> (Declarations, Vec<Finding>) {
    let mut merger = Merger {
        findings: Vec::new(),
    };
    let mut root = Root::default();
    let start = project
        .documents
        .first()
        .map_or(crate::document::declared::NOWHERE, |first| Span {
            file: first.file,
            start: 0,
            end: 0,
        });
    for document in &project.documents {
        merger.findings.extend(document.findings.iter().cloned());
        let at_root = folder(&sources.file(document.file).path) == project.root;
        merger.add(&mut root, document, at_root);
    }
    let apis = root.apis.as_ref().map(|apis| &apis.value);
    for (name, entry) in root
        .features
        .iter_mut()
        .flat_map(|features| &mut features.value.0)
    {
        if line_ids::depend_on_apis(&entry.body.value) {
            let body = &mut Arc::make_mut(&mut entry.body).value;
            line_ids::name_lines(name, body, &mut merger.findings, |endpoint| {
                split_endpoint(apis, endpoint).1
            });
        }
    }
    let declarations = Declarations {
        folder: project.root.clone(),
        name: project_name(&root, &project.root),
        root: Spanned {
            value: root,
            span: start,
        },
        incomplete: project
            .documents
            .iter()
            .filter(|document| document.incomplete)
            .map(|document| document.file)
            .collect(),
        lost: project
            .documents
            .iter()
            .filter_map(|document| Some((document.file, document.lost.clone()?)))
            .collect(),
        files: project
            .documents
            .iter()
            .map(|document| document.file)
            .collect(),
    };
    (declarations, merger.findings)
}

fn project_name(root: &Root, folder: &str) -> String {
    let declared = root
        .project
        .as_ref()
        .and_then(|project| project.value.name.as_ref())
        .map(|name| name.value.0.clone());
    declared.unwrap_or_else(|| match folder {
        "" => "root".to_owned(),
        path => path.to_owned(),
    })
}

struct Merger {
    findings: Vec<Finding>,
}

impl Merger {
    fn add(&mut self, root: &mut Root, document: &Document, at_root: bool) {
        let from = &document.root;
        root.broken.extend(from.broken.iter().copied());
        self.names("tenants", &mut root.tenants, from.tenants.as_ref());
        self.names("entities", &mut root.entities, from.entities.as_ref());
        self.names("apis", &mut root.apis, from.apis.as_ref());
        self.names("features", &mut root.features, from.features.as_ref());
        self.names("databases", &mut root.databases, from.databases.as_ref());
        self.names("tables", &mut root.tables, from.tables.as_ref());
        self.names("queues", &mut root.queues, from.queues.as_ref());
        self.names("models", &mut root.models, from.models.as_ref());
        if let Some(waivers) = &from.waivers {
            match &mut root.waivers {
                Some(all) => all.value.0.extend(waivers.value.0.iter().cloned()),
                all => *all = Some(waivers.clone()),
            }
        }
        if at_root {
            root.project = from.project.clone().or(root.project.take());
            root.policy = from.policy.clone().or(root.policy.take());
            root.rules = from.rules.clone().or(root.rules.take());
            root.scenarios = from.scenarios.clone().or(root.scenarios.take());
            root.risk = from.risk.clone().or(root.risk.take());
        } else {
            self.refuse_root_only(from);
        }
    }

    fn names<T: Clone>(
        &mut self,
        table: &str,
        into: &mut Option<Spanned<Map<T>>>,
        from: Option<&Spanned<Map<T>>>,
    ) {
        let Some(from) = from else { return };
        let Some(into) = into else {
            *into = Some(from.clone());
            return;
        };
        into.value.1.extend(from.value.1.iter().cloned());
        for (name, entry) in &from.value.0 {
            match into.value.0.get(name) {
                Some(first) => self.duplicate(&TomlPath::new(&[table, name]), first, entry),
                None => {
                    into.value.0.insert(name.clone(), entry.clone());
                }
            }
        }
    }

    fn duplicate<T>(&mut self, path: &TomlPath, first: &Entry<T>, second: &Entry<T>) {
        self.findings.push(
            Finding::new(
                "duplicate-name",
                Severity::Error,
                path.to_string(),
                format!("`{path}` is declared twice"),
            )
            .at(second.name)
            .also(first.name, "first declared here")
            .help("rename or remove one of the two: all files of a project are one model"),
        );
    }

    fn refuse_root_only(&mut self, root: &Root) {
        let spans = [
            root.project.as_ref().map(|table| table.span),
            root.policy.as_ref().map(|table| table.span),
            root.rules.as_ref().map(|table| table.span),
            root.scenarios.as_ref().map(|table| table.span),
            root.risk.as_ref().map(|table| table.span),
        ];
        for (key, span) in ROOT_ONLY.iter().zip(spans) {
            let Some(span) = span else { continue };
            self.findings.push(
                Finding::new(
                    "unknown-key",
                    Severity::Error,
                    *key,
                    format!("`[{key}]` may stand only in the project's root file"),
                )
                .at(span)
                .help("move it to the capacity.toml at the project's root"),
            );
        }
    }
}
