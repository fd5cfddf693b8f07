//! From files to resolved projects.

use std::sync::Arc;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::{self, Document};
use crate::finding::Finding;
use crate::model::projects::projects;
use crate::parallel;
use crate::source::{FileId, SourceMap};

/// Every file that either side has, read once, on as many threads as are allowed; by its id.
pub(super) fn read_all(
    sources: &SourceMap,
    head: &[FileId],
    base: &[FileId],
    threads: usize,
) -> HashMap<FileId, Arc<Document>> {
    let mut ids: Vec<FileId> = head.iter().chain(base).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let read = |id: &FileId| Arc::new(document::read(*id, sources.file(*id)));
    parallel::each(&ids, threads, read)
        .into_iter()
        .map(|document| (document.file, document))
        .collect()
}

/// Of all documents those of one state, in its order.
pub(super) fn of_state(
    documents: &HashMap<FileId, Arc<Document>>,
    files: &[FileId],
) -> Vec<Arc<Document>> {
    files
        .iter()
        .filter_map(|id| documents.get(id).cloned())
        .collect()
}

/// The projects of a state, and the findings of files outside all of them.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) projects: Vec<Project>,
    pub(super) outside: Vec<Finding>,
}

pub(super) fn resolve_all(
    sources: &SourceMap,
    documents: Vec<Arc<Document>>,
    threads: usize,
) -> Resolved {
    let (files, outside) = projects(sources, documents);
    Resolved {
        projects: files
            .into_iter()
            .map(|files| Project::new(sources, files, threads))
            .collect(),
        outside,
    }
}
