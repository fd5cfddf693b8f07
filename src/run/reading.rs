//! From files to resolved projects.

use std::collections::HashMap;

use crate::analysis::Project;
use crate::document::{self, Document};
use crate::finding::Finding;
use crate::model::projects::projects;
use crate::source::{FileId, SourceMap};

/// Every file that either side has, read once, on as many threads as are allowed.
pub(super) fn read_all(
    sources: &SourceMap,
    head: &[FileId],
    base: &[FileId],
    threads: usize,
) -> HashMap<FileId, Document> {
    let mut ids: Vec<FileId> = head.iter().chain(base).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let size = ids.len().div_ceil(threads.max(1)).max(1);
    let read = |ids: &[FileId]| -> Vec<Document> {
        ids.iter()
            .map(|id| document::read(*id, sources.file(*id)))
            .collect()
    };
    let chunks: Vec<Vec<Document>> = std::thread::scope(|scope| {
        let handles: Vec<_> = ids
            .chunks(size)
            .map(|chunk| scope.spawn(move || read(chunk)))
            .collect();
        handles
            .into_iter()
            .map(|handle| match handle.join() {
                Ok(documents) => documents,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    chunks
        .into_iter()
        .flatten()
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
    documents: &HashMap<FileId, Document>,
    files: &[FileId],
) -> Resolved {
    let documents: Vec<&Document> = files.iter().filter_map(|id| documents.get(id)).collect();
    let (files, outside) = projects(sources, &documents);
    Resolved {
        projects: files
            .iter()
            .map(|files| Project::new(sources, files))
            .collect(),
        outside,
    }
}
