//! From files to resolved projects.

use std::collections::HashMap;

use crate::analysis::Project;
use crate::document::{self, Document};
use crate::finding::Finding;
use crate::model::projects::projects;
use crate::parallel;
use crate::source::{FileId, SourceMap};

/// Every file that either side has, read once, on as many threads as are allowed.
pub(super) fn read_all(
    sources: &SourceMap,
    head: &[FileId],
    base: &[FileId],
    threads: usize,
) -> HashMap<FileId, Box<Document>> {
    let mut ids: Vec<FileId> = head.iter().chain(base).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let read = |id: &FileId| Box::new(document::read(*id, sources.file(*id)));
    parallel::each(&ids, threads, read)
        .into_iter()
        .map(|document| (document.file, document))
        .collect()
}

/// The projects of a state, and the findings of files outside all of them.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) projects: Vec<Project>,
    pub(super) outside: Vec<Finding>,
}

pub(super) fn resolve_all(
    sources: &SourceMap,
    documents: &HashMap<FileId, Box<Document>>,
    files: &[FileId],
    threads: usize,
) -> Resolved {
    let documents: Vec<&Document> = files
        .iter()
        .filter_map(|id| documents.get(id).map(Box::as_ref))
        .collect();
    let (files, outside) = projects(sources, &documents);
    Resolved {
        projects: files
            .iter()
            .map(|files| Project::new(sources, files, threads))
            .collect(),
        outside,
    }
}
