//! From files to resolved projects.

use std::sync::{Arc, Mutex, PoisonError};

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::{self, Document, Lost};
use crate::finding::Finding;
use crate::model::Declarations;
use crate::model::merge::merge;
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

/// A state, its files merged into projects.
pub(super) struct Merged {
    projects: Vec<(Declarations, Vec<Finding>)>,
    outside: Vec<Finding>,
    lost: HashMap<FileId, Arc<Lost>>,
}

pub(super) fn merge_all(
    sources: &SourceMap,
    documents: Vec<Arc<Document>>,
    threads: usize,
) -> Merged {
    let lost = documents.iter();
    let lost = lost.filter_map(|it| Some((it.file, it.lost.clone()?)));
    let lost = lost.collect();
    let (files, outside) = projects(sources, documents);
    let (beside, threads) = parallel::shared_out(files.len(), threads);
    Merged {
        projects: parallel::each(&files, beside, |files| merge(files.clone(), threads)),
        outside,
        lost,
    }
}

/// The projects of a state; what the same projects of another have too is taken over from those.
pub(super) fn resolve_all(
    sources: &SourceMap,
    merged: Merged,
    misnamed: &[FileId],
    known: &[Project],
    threads: usize,
) -> Resolved {
    let Merged {
        projects,
        mut outside,
        lost,
    } = merged;
    let (beside, threads) = parallel::shared_out(projects.len(), threads);
    let projects: Vec<_> = projects
        .into_iter()
        .map(|it| Mutex::new(Some(it)))
        .collect();
    let mut projects = parallel::each(&projects, beside, |merged| {
        let merged = merged.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((declarations, findings)) = merged else {
            unreachable!("each project is taken once");
        };
        let of = |project: &Project| project.declarations.folder.cmp(&declarations.folder);
        let base = known.binary_search_by(of).ok();
        let base = base.and_then(|index| known.get(index));
        let mut project = Project::after(base, declarations, findings, threads);
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
