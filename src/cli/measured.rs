//! Files with measured usage that options name.

use std::fs::File;
use std::path::PathBuf;

use crate::analysis::Project;
use crate::cli::World;
use crate::error::Error;
use crate::source::{FileId, Snapshot, SourceMap};
use crate::usage::{Committed, Reading, Usage, declared};

/// Refuses to go on without any file: none is given, and the state names none.
pub(super) fn refuse_none(files: &[PathBuf], committed: &[Committed]) -> Result<(), Error> {
    if !files.is_empty() || !committed.is_empty() {
        return Ok(());
    }
    let error = Error::usage("there is no file with measured usage");
    Err(error.with_help("name files with `--usage`, or in `[usage] files` of the root file"))
}

/// What was measured, as a state says what rows of other formats are about.
pub(super) fn of_state(
    files: &[PathBuf],
    committed: &[Committed],
    head: &Snapshot,
    sources: &mut SourceMap,
    sum_files: bool,
    world: &mut World<'_>,
) -> Result<Usage, Error> {
    let declared = declared(sources, &head.files);
    let reading = Reading {
        maps: Some(&declared.maps),
        ..Reading::default()
    };
    let mut usage = Usage::default();
    for file in committed {
        usage.add_committed(file, sources, &reading);
    }
    read(&mut usage, files, &reading, world)?;
    if !sum_files {
        usage.refuse_twice()?;
    }
    Ok(usage)
}

/// What was measured as each of the states says that are compared with, in its own words, where
/// those are not the head's. What can't be read of it is absent.
pub(super) fn before(
    states: &[(Vec<FileId>, Vec<Committed>)],
    (head, own): (&Snapshot, &[Committed]),
    sources: &mut SourceMap,
) -> Vec<Usage> {
    let maps = declared(sources, &head.files).maps;
    let is_same = |(one, other): (&Committed, &Committed)| {
        one.path == other.path && one.content == other.content
    };
    let mut all = Vec::new();
    for (files, committed) in states {
        let declared = declared(sources, files);
        let mut pairs = committed.iter().zip(own);
        if declared.maps == maps && committed.len() == own.len() && pairs.all(is_same) {
            continue;
        }
        let reading = Reading {
            maps: Some(&declared.maps),
            ..Reading::default()
        };
        let mut usage = Usage::default();
        let readable = committed.iter().filter(|file| file.content.is_ok());
        readable.for_each(|file| usage.add_committed(file, sources, &reading));
        all.push(usage);
    }
    all
}

/// Refuses what can't count for projects: files of theirs that can't be read, what two files say,
/// other currencies.
pub(super) fn refuse(usage: &Usage, projects: &[Project], sum_files: bool) -> Result<(), Error> {
    usage.refuse_flawed(projects)?;
    let mut projects = projects.iter();
    projects.try_for_each(|project| usage.refuse(project, sum_files))
}

/// Says where rows count for several projects.
pub(super) fn tell_shared(usage: &Usage, projects: &[Project], world: &mut World<'_>) {
    if let Some(shared) = usage.shared(projects) {
        world.tell(format_args!("warning: {shared}"));
    }
}

const ALL_FILES: &str = "all that follows `--usage` is a file with usage: name paths and revisions \
    before it, or write `--usage=FILE`";

/// Adds what files say to what is known. Each is given once.
pub(super) fn read(
    usage: &mut Usage,
    files: &[PathBuf],
    reading: &Reading<'_>,
    world: &mut World<'_>,
) -> Result<(), Error> {
    let mut paths = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let refuse = |problem: String| Error::usage(format!("`{name}` {problem}"));
        let path = world.dir.join(file);
        let full = path.canonicalize().ok();
        if full.is_some() && paths.contains(&full) {
            return Err(refuse("is given twice".to_owned()));
        }
        paths.push(full);
        if path.is_dir() {
            return Err(refuse("is a folder".to_owned()).with_help(ALL_FILES));
        }
        let opened = File::open(path);
        let opened = opened.map_err(|error| refuse(format!("can't be read: {error}")));
        let opened = opened.map_err(|error| match files.len() {
            1 => error,
            _ => error.with_help(ALL_FILES),
        });
        usage.read(&name, opened?, reading)?;
    }
    for note in std::mem::take(&mut usage.notes) {
        world.tell(format_args!("{note}"));
    }
    Ok(())
}
