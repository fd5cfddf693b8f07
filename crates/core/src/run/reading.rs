//! From files to resolved projects.

use std::sync::Arc;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::{self, Document, Lost};
use crate::finding::Finding;
use crate::model::projects::{folder, innermost, projects};
use crate::parallel;
use crate::rules::governance::file_misnamed;
use crate::rules::{self};
use crate::source::{FileId, SourceMap};

/// The documents of states, each in its order. What several of them have is read once; on as many
/// threads as are allowed.
pub(super) fn read_all<const N: usize>(
    sources: &SourceMap,
    states: [&[FileId]; N],
    threads: usize,
) -> [Vec<Arc<Document>>; N] {
    let mut ids: Vec<FileId> = states.concat();
    ids.sort_unstable();
    ids.dedup();
    let read = |id: &FileId| Arc::new(document::read(*id, sources.file(*id)));
    let documents = parallel::each(&ids, threads, read);
    let of = |id: &FileId| documents[ids.partition_point(|other| other < id)].clone();
    states.map(|files| files.iter().map(of).collect())
}

/// The projects of a state, and the findings of files outside all of them.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) projects: Vec<Project>,
    pub(super) outside: Vec<Finding>,
    /// What could not be read of every file.
    pub(super) lost: HashMap<FileId, Arc<Lost>>,
}

pub(super) fn resolve_all(
    sources: &SourceMap,
    documents: Vec<Arc<Document>>,
    misnamed: &[FileId],
    threads: usize,
) -> Resolved {
    let lost = documents.iter();
    let lost = lost.filter_map(|it| Some((it.file, it.lost.clone()?)));
    let lost = lost.collect();
    let (files, mut outside) = projects(sources, documents);
    let (beside, threads) = parallel::shared_out(files.len(), threads);
    let mut projects = parallel::each(&files, beside, |files| {
        let mut project = Project::new(files.clone(), threads);
        let names = rules::names::check(&project.declarations);
        project.findings.extend(names);
        project
    });
    // Sorted by folder.
    let folders: Vec<&str> = super::folders(&projects).collect();
    let owner = |id: &FileId| innermost(&folders, folder(&sources.file(*id).path));
    let owners: Vec<Option<usize>> = misnamed.iter().map(owner).collect();
    for (id, owner) in misnamed.iter().zip(owners) {
        match owner {
            Some(index) => projects[index].declarations.misnamed.push(*id),
            None => outside.extend(file_misnamed::finding(sources, *id)),
        }
    }
    Resolved {
        projects,
        outside,
        lost,
    }
}
