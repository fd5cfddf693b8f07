//! All files of a project as one set of declarations.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::collections::{HashMap, HashSet};
use crate::document::tables::{Api, Feature, ROOT_ONLY, Root};
use crate::document::{Document, Lost, Map, TomlPath, line_ids};
use crate::finding::{Finding, Severity, file_errors};
use crate::model::gaps;
use crate::model::names::split_endpoint;
use crate::model::projects::ProjectFiles;
use crate::parallel;
use crate::source::FileId;

/// What a project declares, in all its files together.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// The project's folder in the repository; empty at the top.
    pub folder: String,
    /// Its name.
    pub name: String,
    pub(crate) root: Root,
    /// Files that are broken, so that what is absent from them may be there after all.
    pub(crate) incomplete: HashSet<FileId>,
    /// What could not be read of them.
    pub(crate) lost: HashMap<FileId, Arc<Lost>>,
    /// The rules and subjects of the errors that reading found.
    pub(crate) errors: Arc<[(&'static str, String)]>,
    /// Files below its folder that may be meant as capacity files, and have another name.
    pub(crate) misnamed: Vec<FileId>,
    /// The files, the root file first.
    pub files: Vec<FileId>,
}

/// Files of a project, and those that come in their place.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'d> {
    pub(crate) gone: &'d [&'d Document],
    pub(crate) come: &'d [&'d Document],
}

impl<'d> Exchange<'d> {
    /// Whether all of them declare features and tables alone and have no errors.
    pub(crate) fn is_plain(self) -> bool {
        let mut all = self.gone.iter().chain(self.come);
        all.all(|document| {
            let is_whole = document.findings.is_empty() && document.lost.is_none();
            is_whole && document.root.has_only_features_and_tables()
        })
    }

    /// The names in a table of names that go, and those that come.
    pub(crate) fn names<T: 'd>(self, table: fn(&Root) -> &Map<T>) -> [BTreeSet<&'d str>; 2] {
        [self.gone, self.come].map(|documents| {
            let maps = documents.iter().map(|document| table(&document.root));
            maps.flat_map(Map::names).collect()
        })
    }

    /// The names that then stand for something else.
    pub(crate) fn others<T: PartialEq + 'd>(
        self,
        table: fn(&Root) -> &Map<T>,
    ) -> BTreeSet<&'d str> {
        let mut others: BTreeSet<&str> = self.names(table).into_iter().flatten().collect();
        others.retain(|name| {
            let [before, after] = [self.gone, self.come].map(|documents| {
                let mut maps = documents.iter().map(|document| table(&document.root));
                maps.find_map(|map| map.entry(name))
            });
            before != after
        });
        others
    }
}

impl Declarations {
    /// Puts plain files in the place of others, and says whether nothing is wrong with that. The
    /// order of what is declared is another than that of the files then.
    pub(crate) fn change(&mut self, files: Exchange<'_>) -> bool {
        let Root {
            features,
            tables,
            apis,
            ..
        } = &mut self.root;
        for Document { root, file, .. } in files.gone {
            root.features.names().for_each(|it| features.remove(it));
            root.tables.names().for_each(|it| tables.remove(it));
            self.files.retain(|known| known != file);
        }
        let mut findings = Vec::new();
        for Document { root, file, .. } in files.come {
            let mut named = root.features.clone();
            name_lines(&mut named, apis, &mut findings);
            add_names("features", features, named, &mut findings);
            add_names("tables", tables, root.tables.clone(), &mut findings);
            self.files.push(*file);
        }
        findings.is_empty()
    }
}

/// Names the lines of features whose ids depend on which APIs there are.
fn name_lines(features: &mut Map<Feature>, apis: &Map<Api>, findings: &mut Vec<Finding>) {
    for (name, entry) in features.entries_mut() {
        if line_ids::depend_on_apis(&entry.body.value) {
            let body = &mut Arc::make_mut(&mut entry.body).value;
            line_ids::name_lines(name, body, findings, |endpoint| {
                split_endpoint(apis, endpoint).1
            });
        }
    }
}

/// Merges the files of a project. Documents that nobody else holds are taken apart, not copied.
pub fn merge(project: ProjectFiles, threads: usize) -> (Declarations, Vec<Finding>) {
    let ProjectFiles { documents, .. } = project;
    let mut all_findings = Vec::new();
    let mut root = Root::default();
    // Nearly all files have these, and little else.
    let mut features = Vec::with_capacity(documents.len());
    let mut tables = Vec::with_capacity(documents.len());
    let files: Vec<FileId> = documents.iter().map(|document| document.file).collect();
    let mut lost = HashMap::default();
    for (index, document) in documents.into_iter().enumerate() {
        let Document {
            file,
            root: mut from,
            findings,
            lost: lost_of_it,
        } = Arc::unwrap_or_clone(document);
        all_findings.extend(findings);
        features.push(std::mem::take(&mut from.features));
        tables.push(std::mem::take(&mut from.tables));
        if index < project.in_root {
            take_root_only(&mut root, &mut from);
        } else {
            refuse_root_only(&from, &mut all_findings);
        }
        add(&mut root, from, &mut all_findings);
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
    all_findings.extend(twice);
    all_findings.extend(also_twice);
    name_lines(&mut root.features, &root.apis, &mut all_findings);
    let declarations = Declarations {
        name: project_name(&root, &project.root),
        folder: project.root,
        root,
        incomplete: lost.keys().copied().collect(),
        lost,
        errors: gaps::errors(&all_findings)
            .map(|(rule, subject)| (rule, subject.to_owned()))
            .collect(),
        misnamed: Vec::new(),
        files,
    };
    (declarations, all_findings)
}

fn project_name(root: &Root, folder: &str) -> String {
    let project = root.project.as_ref();
    let declared = project.and_then(|project| project.value.name.as_ref());
    let declared = declared.map(|name| name.value.0.clone());
    declared.unwrap_or_else(|| match folder {
        "" => "root".to_owned(),
        path => path.to_owned(),
    })
}

/// What all files declare in a table of names, and the names that are declared twice.
fn all_names<T>(table: &str, of_files: Vec<Map<T>>) -> (Map<T>, Vec<Finding>) {
    let (mut all, mut findings) = (Map::default(), Vec::new());
    for names in of_files {
        add_names(table, &mut all, names, &mut findings);
    }
    (all, findings)
}

fn add_names<T>(table: &str, into: &mut Map<T>, from: Map<T>, findings: &mut Vec<Finding>) {
    into.extend(from, |name, first, second| {
        let path = TomlPath::new(&[table, name]).to_string();
        let message = format!("`{path}` is declared twice");
        findings.push(
            Finding::new(file_errors::DUPLICATE_NAME, Severity::Error, path, message)
                .at(second.name)
                .also(first.name, "first declared here")
                .help("rename or remove one of the two: all files of a project are one model"),
        );
    });
}

/// Adds what any file may declare.
fn add(root: &mut Root, from: Root, findings: &mut Vec<Finding>) {
    root.broken.extend(from.broken);
    add_names("tenants", &mut root.tenants, from.tenants, findings);
    add_names("entities", &mut root.entities, from.entities, findings);
    add_names("apis", &mut root.apis, from.apis, findings);
    add_names("databases", &mut root.databases, from.databases, findings);
    add_names("queues", &mut root.queues, from.queues, findings);
    add_names("models", &mut root.models, from.models, findings);
    add_names("costs", &mut root.costs, from.costs, findings);
    if let Some(waivers) = from.waivers {
        match &mut root.waivers {
            Some(all) => all.value.0.extend(waivers.value.0),
            all => *all = Some(waivers),
        }
    }
}

fn take_root_only(root: &mut Root, from: &mut Root) {
    root.project = from.project.take().or(root.project.take());
    root.policy = from.policy.take().or(root.policy.take());
    root.risk = from.risk.take().or(root.risk.take());
    root.usage = from.usage.take().or(root.usage.take());
    if from.metrics.span().is_some() {
        root.metrics = std::mem::take(&mut from.metrics);
    }
    if from.rules.span().is_some() {
        root.rules = std::mem::take(&mut from.rules);
    }
    if from.budgets.span().is_some() {
        root.budgets = std::mem::take(&mut from.budgets);
    }
    if from.scenarios.span().is_some() {
        root.scenarios = std::mem::take(&mut from.scenarios);
    }
}

fn refuse_root_only(root: &Root, findings: &mut Vec<Finding>) {
    let spans = [
        root.project.as_ref().map(|table| table.span),
        root.policy.as_ref().map(|table| table.span),
        root.rules.span(),
        root.scenarios.span(),
        root.budgets.span(),
        root.metrics.span(),
        root.usage.as_ref().map(|table| table.span),
        root.risk.as_ref().map(|table| table.span),
    ];
    for (key, span) in ROOT_ONLY.iter().zip(spans) {
        let Some(span) = span else { continue };
        let message = format!("`[{key}]` is allowed only in the project's root file");
        findings.push(
            Finding::new(file_errors::UNKNOWN_KEY, Severity::Error, *key, message)
                .at(span)
                .help("move it to the capacity.toml at the project's root"),
        );
    }
}
