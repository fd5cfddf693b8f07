//! Which files make up which project.

use std::sync::Arc;

use crate::document::Document;
use crate::finding::{Finding, Severity, file_errors};
use crate::source::{SourceMap, Span};

/// The files of one project.
#[derive(Clone, Debug)]
pub struct ProjectFiles {
    /// Its folder in the repository; empty at the top.
    pub(crate) root: String,
    /// Its documents, the root file first, then by path.
    pub(crate) documents: Vec<Arc<Document>>,
    /// How many of them, from the first, stand in its folder itself.
    pub(crate) in_root: usize,
}

/// Sorts documents into projects: a project is a folder whose file has a `[project]` table, with
/// every file below it that is not below another project. With no `[project]` anywhere, the top
/// is one implicit project; with one, a file outside every project is an error.
pub fn projects(
    sources: &SourceMap,
    documents: Vec<Arc<Document>>,
) -> (Vec<ProjectFiles>, Vec<Finding>) {
    let path_of = |document: &Document| &*sources.file(document.file).path;
    let roots = documents.iter().filter(|it| declares_project(it));
    let roots = roots.map(|document| folder(path_of(document)).to_owned());
    let mut roots: Vec<String> = roots.collect();
    let implicit = roots.is_empty();
    if implicit {
        roots.push(String::new());
    }
    roots.sort();
    let mut projects: Vec<ProjectFiles> = roots
        .iter()
        .map(|root| ProjectFiles {
            root: root.clone(),
            documents: Vec::new(),
            in_root: 0,
        })
        .collect();
    let mut findings = Vec::new();
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    for document in documents {
        let folder = folder(path_of(&document));
        let Some(index) = innermost(&roots, folder) else {
            findings.push(outside(&document));
            continue;
        };
        let project = &mut projects[index];
        project.documents.push(document);
        if roots[index] == folder {
            let last = project.documents.len() - 1;
            project.documents.swap(project.in_root, last);
            project.in_root += 1;
        }
    }
    for project in &mut projects {
        let by_path = |one: &Arc<Document>, other: &Arc<Document>| {
            sources.compare_paths(one.file, other.file)
        };
        let (root, below) = project.documents.split_at_mut(project.in_root);
        root.sort_by(by_path);
        below.sort_by(by_path);
    }
    projects.retain(|project| !project.documents.is_empty());
    (projects, findings)
}

/// Whether a file is a project's root. A `[project]` that could not be read counts: its folder
/// was meant to be one.
pub(crate) fn declares_project(document: &Document) -> bool {
    use crate::document::Table;
    document.root.project.is_some() || document.root.is_broken("project")
}

pub(crate) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// The deepest of the sorted roots that holds a folder. Walks up the folder, so that the cost
/// does not grow with the number of projects.
pub(crate) fn innermost(roots: &[&str], folder_path: &str) -> Option<usize> {
    let mut path = folder_path;
    loop {
        if let Ok(index) = roots.binary_search(&path) {
            return Some(index);
        }
        if path.is_empty() {
            return None;
        }
        path = folder(path);
    }
}

fn outside(document: &Document) -> Finding {
    Finding::new(
        file_errors::OUTSIDE_PROJECT,
        Severity::Error,
        "file",
        "this file belongs to no project",
    )
    .at(Span {
        file: document.file,
        start: 0,
        end: 0,
    })
    .help("move it below a folder whose capacity.toml has a `[project]` table, or give it one")
}
