//! From files to resolved projects.

use std::sync::Arc;

use crate::analysis::Project;
use crate::document::{self, Document};
use crate::finding::Finding;
use crate::model::projects::projects;
use crate::parallel;
use crate::rules;
use crate::source::{FileId, SourceMap};

/// The documents of states, each in its order. What several of them have is read once; on as many
/// threads as are allowed.
pub(super) fn read_all(
    sources: &SourceMap,
    states: &[&[FileId]],
    threads: usize,
) -> Vec<Vec<Arc<Document>>> {
    let mut ids: Vec<FileId> = states.concat();
    ids.sort_unstable();
    ids.dedup();
    let read = |id: &FileId| Some(Arc::new(document::read(*id, sources.file(*id))));
    let mut documents = parallel::each(&ids, threads, read);
    // Mostly they are numbered from 0 without a gap.
    let at = |id: &FileId| match ids.get(id.0 as usize) {
        Some(same) if same == id => Some(id.0 as usize),
        _ => ids.binary_search(id).ok(),
    };
    let Some((last, others)) = states.split_last() else {
        return Vec::new();
    };
    let mut of_states: Vec<Vec<Arc<Document>>> = others
        .iter()
        .map(|files| {
            let documents = files.iter().filter_map(|id| documents.get(at(id)?));
            documents.flatten().cloned().collect()
        })
        .collect();
    // The last state keeps them: what it alone has can be taken apart and need not be copied.
    let kept = last
        .iter()
        .filter_map(|id| documents.get_mut(at(id)?)?.take());
    of_states.push(kept.collect());
    of_states
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
            .map(|files| {
                let mut project = Project::new(files, threads);
                let names = rules::names::check(&project.declarations);
                project.findings.extend(names);
                project
            })
            .collect(),
        outside,
    }
}
