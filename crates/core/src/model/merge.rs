//! All files of a project as one set of declarations.

use std::sync::{Arc, Mutex, PoisonError};

use crate::collections::{HashMap, HashSet};
use crate::document::declared::{Entry, Map, TomlPath};
use crate::document::tables::{ROOT_ONLY, Root};
use crate::document::{Document, Lost, line_ids};
use crate::finding::{Finding, Severity, file_errors};
use crate::model::names::split_endpoint;
use crate::model::projects::ProjectFiles;
use crate::parallel;
use crate::source::FileId;

/// What a project declares, in all its files together.
#[derive(Clone, Debug)]
pub struct Declarations {
    /// The project's folder in the repository; empty at the top.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Everything that is declared.
    pub root: Root,
    /// Files that are broken, so that what is absent from them may be there after all.
    pub incomplete: HashSet<FileId>,
    /// What could not be read of them.
    pub lost: HashMap<FileId, Arc<Lost>>,
    /// The files, the root file first.
    pub files: Vec<FileId>,
}

/// Merges the files of a project. Documents that nobody else holds are taken apart, not copied.
#[must_use]
pub fn merge(project: ProjectFiles, threads: usize) -> (Declarations, Vec<Finding>) {
    let ProjectFiles {
        root: folder_of_root,
        documents,
        in_root,
    } = project;
    let mut merger = Merger {
        findings: Vec::new(),
    };
    let mut root = Root::default();
    // Nearly all files have these, and little else.
    let mut features = Vec::with_capacity(documents.len());
    let mut tables = Vec::with_capacity(documents.len());
    let files: Vec<FileId> = documents.iter().map(|document| document.file).collect();
    let mut incomplete = HashSet::default();
    let mut lost = HashMap::default();
    for (index, document) in documents.into_iter().enumerate() {
        let Document {
            file,
            root: mut from,
            findings,
            incomplete: is_incomplete,
            lost: lost_of_it,
        } = Arc::unwrap_or_clone(document);
        merger.findings.extend(findings);
        features.push(std::mem::take(&mut from.features));
        tables.push(std::mem::take(&mut from.tables));
        merger.add(&mut root, from, index < in_root);
        if is_incomplete {
            incomplete.insert(file);
        }
        lost.extend(lost_of_it.map(|lost| (file, lost)));
    }
    let tables = Mutex::new(tables);
    let ((features, twice), (tables, also_twice)) = parallel::both(
        threads,
        || all_names("features", features),
        || {
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            all_names("tables", std::mem::take(&mut *tables))
        },
    );
    (root.features, root.tables) = (features, tables);
    merger.findings.extend(twice);
    merger.findings.extend(also_twice);
    for (name, entry) in root.features.entries_mut() {
        if line_ids::depend_on_apis(&entry.body.value) {
            let body = &mut Arc::make_mut(&mut entry.body).value;
            line_ids::name_lines(name, body, &mut merger.findings, |endpoint| {
                split_endpoint(&root.apis, endpoint).1
            });
        }
    }
    let declarations = Declarations {
        name: project_name(&root, &folder_of_root),
        folder: folder_of_root,
        root,
        incomplete,
        lost,
        files,
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

/// What all files declare in a table of names, and the names that are declared twice.
fn all_names<T>(table: &str, of_files: Vec<Map<T>>) -> (Map<T>, Vec<Finding>) {
    let mut merger = Merger {
        findings: Vec::new(),
    };
    let mut all = Map::default();
    for names in of_files {
        merger.names(table, &mut all, names);
    }
    (all, merger.findings)
}

struct Merger {
    findings: Vec<Finding>,
}

impl Merger {
    fn add(&mut self, root: &mut Root, from: Root, at_root: bool) {
        if !at_root {
            self.refuse_root_only(&from);
        }
        root.broken.extend(from.broken);
        self.names("tenants", &mut root.tenants, from.tenants);
        self.names("entities", &mut root.entities, from.entities);
        self.names("apis", &mut root.apis, from.apis);
        self.names("databases", &mut root.databases, from.databases);
        self.names("queues", &mut root.queues, from.queues);
        self.names("models", &mut root.models, from.models);
        if let Some(waivers) = from.waivers {
            match &mut root.waivers {
                Some(all) => all.value.0.extend(waivers.value.0),
                all => *all = Some(waivers),
            }
        }
        if at_root {
            root.project = from.project.or(root.project.take());
            root.policy = from.policy.or(root.policy.take());
            if from.rules.span().is_some() {
                root.rules = from.rules;
            }
            if from.scenarios.span().is_some() {
                root.scenarios = from.scenarios;
            }
            root.risk = from.risk.or(root.risk.take());
        }
    }

    fn names<T>(&mut self, table: &str, into: &mut Map<T>, from: Map<T>) {
        into.extend(from, |name, first, second| {
            let path = TomlPath::new(&[table, name]);
            self.duplicate(&path, first, second);
        });
    }

    fn duplicate<T>(&mut self, path: &TomlPath, first: &Entry<T>, second: &Entry<T>) {
        self.findings.push(
            Finding::new(
                file_errors::DUPLICATE_NAME,
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
            root.rules.span(),
            root.scenarios.span(),
            root.risk.as_ref().map(|table| table.span),
        ];
        for (key, span) in ROOT_ONLY.iter().zip(spans) {
            let Some(span) = span else { continue };
            self.findings.push(
                Finding::new(
                    file_errors::UNKNOWN_KEY,
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
