//! Finds and reads the states that a run is about: a working tree, an index, a commit, a
//! folder or a saved report; and, for a comparison, chooses the two.
//!
//! Nothing is ever written, fetched or checked out, and no configured hook, filter or pager is
//! run. The flow: `selection` (with `ci`) says which states, or `missing` why they can't be had;
//! `inventory` finds where their files lie, from the index and trees (`repository`) or the disk
//! (`walk`, by way of `folder`); `contents` reads them.

use caplint_core::{collections, error, limits, parallel, report, source, units};

mod ancestry;
mod ci;
mod contents;
mod entries;
mod environment;
mod folder;
mod history;
mod hooks;
mod index_file;
mod inventory;
mod library;
mod merging;
mod missing;
mod names;
mod objects;
mod opening;
mod paths;
mod program;
mod reader;
mod repository;
mod selection;
mod sides;
mod successors;
mod trees;
mod untouched;
mod usage;
mod walk;
mod work;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::report::Report;
use crate::source::{FileId, Snapshot, SourceMap};

use caplint_core::usage::Committed;

pub use environment::{Environment, Surroundings};
pub use history::{Since, read_history};
use inventory::Inventory;
pub use paths::{CAPACITY_FILE, INDEX, WORK_TREE};
use reader::Reader;
use repository::Repository;
pub use sides::{Asked, Case, Which};
use sides::{Selection, Side};
pub use untouched::untouched;
pub use work::read_bounded;

/// Where in a repository or folder a run takes place.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The top of the working tree or folder, without links in its path; nothing in a bare
    /// repository.
    pub top: Option<PathBuf>,
    /// The folder of the run, from the top; empty at the top.
    pub prefix: String,
}

impl Place {
    /// Turns the paths of a command line into paths of a state: files or folders, without a
    /// final `/`; the top is the empty path. Fails for a path that leads out of the repository or
    /// folder, or that the state does not have.
    pub fn select(&self, state: &Snapshot, paths: &[OsString]) -> Result<Vec<String>, Error> {
        paths::select(state, self.top.as_deref(), &self.prefix, paths)
    }
}

/// One state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its files.
    pub head: Snapshot,
    /// Their texts.
    pub sources: SourceMap,
    /// Where the run takes place in it.
    pub place: Place,
    /// What is worth knowing about how it was read.
    pub notes: Vec<String>,
    /// The files with measured usage that its projects name.
    pub usage: Vec<Committed>,
}

/// A state, and those that it is compared with.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was before.
    pub base: Base,
    /// What else was before: where branches were merged crosswise what is new to any of them is
    /// new, in a merge that is in progress what is new to all of them.
    pub others: Vec<Base>,
    /// What is judged.
    pub head: Snapshot,
    /// The texts of both. A file that is the same on both sides has one id.
    pub sources: SourceMap,
    /// Where the run takes place in the head.
    pub place: Place,
    /// Which comparison it is.
    pub case: Case,
    /// Why it is not certain that this is the comparison that was meant, where it is not.
    pub reason: Option<String>,
    /// Whether no capacity file differs from what is compared with because nothing was changed
    /// that could be compared: nothing is staged, or HEAD is compared with itself.
    pub is_empty: bool,
    /// One sentence that says what is compared with what, and why.
    pub sentence: String,
    /// What is worth knowing about how they were chosen and read.
    pub notes: Vec<String>,
    /// The files with measured usage that the head's projects name.
    pub usage: Vec<Committed>,
    /// Those that the projects of what was before name, by state. Their maps are that state's.
    pub usage_before: Vec<(Vec<FileId>, Vec<Committed>)>,
}

/// What a head is compared with.
#[derive(Clone, Debug)]
pub enum Base {
    /// Another state.
    Snapshot(Snapshot),
    /// What caplint reported of another state.
    SavedReport(Box<Report>),
    /// There was nothing before: everything is new.
    Nothing,
}

/// The folder that a run on these paths takes place in, where `dir` is the current one: another
/// repository's, where the first path is in one; and the paths as seen from there.
pub fn around(dir: &Path, paths: &[OsString]) -> (PathBuf, Vec<OsString>) {
    let full = |path: &OsString| dir.join(path).canonicalize().ok();
    let first = paths.first().and_then(full);
    let repository = |path: &Path| {
        let mut around = path.ancestors();
        around
            .find(|it| it.join(".git").exists())
            .map(Path::to_owned)
    };
    let here = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let Some(first) = first.filter(|path| match repository(path) {
        None => !path.starts_with(&here),
        there => there != repository(&here),
    }) else {
        return (dir.to_owned(), paths.to_vec());
    };
    let folder = match first.parent() {
        Some(parent) if !first.is_dir() => parent.to_owned(),
        _ => first,
    };
    let seen = |path| full(path).map_or_else(|| path.clone(), Into::into);
    (folder, paths.iter().map(seen).collect())
}

/// Reads one state.
/// Fails with [`Error::Usage`] where there is no such state, or it can't be read.
pub fn read_state(surroundings: &Surroundings, which: &Which) -> Result<State, Error> {
    // Nothing is compared here: whatever fails, the state that was asked for can't be read.
    read_one(surroundings, which).map_err(|error| match error {
        Error::NoComparison { message, help } => Error::Usage { message, help },
        other => other,
    })
}

fn read_one(surroundings: &Surroundings, which: &Which) -> Result<State, Error> {
    let repository = open(surroundings)?;
    let side = selection::one(surroundings, repository.as_ref(), which)?;
    let mut reader = Reader::new(surroundings, repository.as_ref());
    let mut inventory = reader.inventory(&side)?;
    let mut sources = SourceMap::default();
    let files = contents::load(repository.as_ref(), &inventory, &mut sources)?;
    let place = place(surroundings, repository.as_ref(), &side);
    let read = (&files[..], &inventory.listing);
    let usage = usage::read(&reader, repository.as_ref(), &side, read, &sources)?;
    Ok(State {
        usage,
        notes: std::mem::take(&mut inventory.notes),
        head: snapshot(&side, inventory, files, &sources),
        sources,
        place,
    })
}

/// Chooses and reads two states.
/// Fails with [`Error::Usage`] where it was asked wrongly, with [`Error::NoComparison`] where it
/// was asked rightly and there is nothing to compare with.
pub fn read_comparison(surroundings: &Surroundings, asked: &Asked) -> Result<Comparison, Error> {
    let repository = open(surroundings)?;
    let repository = repository.as_ref();
    let Selection {
        bases,
        head,
        case,
        reason,
        sentence,
        mut notes,
    } = selection::two(surroundings, repository, asked)?;
    let mut reader = Reader::new(surroundings, repository);
    let mut head_inventory = reader.inventory(&head)?;
    notes.append(&mut head_inventory.notes);
    let place = place(surroundings, repository, &head);
    let mut inventories = Vec::new();
    for base in &bases {
        let mut inventory = reader.inventory(base)?;
        notes.append(&mut inventory.notes);
        inventories.push(inventory);
    }
    successors::add(&reader, &head, &mut head_inventory, &inventories);
    let mut sources = SourceMap::default();
    let (base_files, head_files) =
        contents::load_all(repository, &inventories, &head_inventory, &mut sources)?;
    let read = (&head_files[..], &head_inventory.listing);
    let usage = usage::read(&reader, repository, &head, read, &sources)?;
    let mut usage_before = Vec::new();
    for ((side, inventory), files) in bases.iter().zip(&inventories).zip(&base_files) {
        let read = (&files[..], &inventory.listing);
        let committed = usage::read(&reader, repository, side, read, &sources)?;
        if !committed.is_empty() {
            usage_before.push((files.clone(), committed));
        }
    }
    let is_itself = is_checked_out(repository, &bases, &head)?
        && base_files.iter().all(|files| *files == head_files);
    let has_same_paths = inventories
        .iter()
        .all(|inventory| inventory.listing == head_inventory.listing);
    let may_be_checked_out = matches!(head, Side::WorkTree | Side::Commit(_));
    if is_itself && may_be_checked_out && surroundings.environment.is_ci() {
        let error = Error::no_comparison("HEAD would be compared with itself");
        return Err(error.with_help(format!("{}, or run `caplint check`", missing::NAME_IT)));
    }
    let mut states = Vec::new();
    for ((side, inventory), files) in bases.into_iter().zip(inventories).zip(base_files) {
        states.push(match side {
            Side::Nothing => Base::Nothing,
            Side::Report { given, path } => {
                Base::SavedReport(Box::new(read_report(&given, &path)?))
            }
            side => Base::Snapshot(snapshot(&side, inventory, files, &sources)),
        });
    }
    let mut states = states.into_iter();
    Ok(Comparison {
        base: states.next().unwrap_or(Base::Nothing),
        others: states.collect(),
        head: snapshot(&head, head_inventory, head_files, &sources),
        sources,
        place,
        usage,
        usage_before,
        case,
        reason,
        is_empty: is_itself && has_same_paths,
        sentence,
        notes,
    })
}

/// Whether the commit that is checked out would be compared with itself. What a build leaves beside
/// the files does not change that.
fn is_checked_out(
    repository: Option<&Repository>,
    bases: &[Side],
    head: &Side,
) -> Result<bool, Error> {
    let (Some(repository), [Side::Commit(base)]) = (repository, bases) else {
        return Ok(false);
    };
    let tip = match head {
        Side::WorkTree | Side::Index => repository.head()?,
        Side::Commit(head) => Some(head.id),
        _ => None,
    };
    Ok(tip == Some(base.id))
}

fn open(surroundings: &Surroundings) -> Result<Option<Repository>, Error> {
    let dir = &surroundings.dir;
    if !dir.is_dir() {
        return Err(Error::usage(format!("no such folder: {}", dir.display())));
    }
    Repository::open(dir, &surroundings.environment)
}

fn snapshot(
    side: &Side,
    inventory: Inventory,
    files: Vec<FileId>,
    sources: &SourceMap,
) -> Snapshot {
    let (name, commit) = match side {
        Side::WorkTree => (WORK_TREE.to_owned(), None),
        Side::Index => (INDEX.to_owned(), None),
        Side::Commit(revision) => (revision.name.clone(), Some(revision.id.to_string())),
        Side::Folder { given, .. } | Side::Report { given, .. } => (given.clone(), None),
        Side::Nothing => (String::new(), None),
    };
    let path = |id: &FileId| &sources.file(*id).path;
    let is_named = |id: &FileId| paths::names_capacity_file(path(id).as_bytes());
    let (files, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_named);
    let is_like = |id: &FileId| paths::is_like_capacity_file(path(id).as_bytes());
    let (misnamed, successors) = others.into_iter().partition(is_like);
    Snapshot {
        name,
        commit,
        files,
        listing: inventory.listing.with_misnamed(misnamed, successors),
    }
}

fn place(surroundings: &Surroundings, repository: Option<&Repository>, head: &Side) -> Place {
    if let Side::Folder { path, .. } = head {
        return Place {
            top: path.canonicalize().ok(),
            ..Place::default()
        };
    }
    let dir = surroundings.dir.canonicalize().ok();
    let top = match repository {
        None => dir.clone(),
        Some(repository) => repository.work_tree.clone(),
    };
    let below = match (&dir, &top) {
        (Some(dir), Some(top)) => dir.strip_prefix(top).ok(),
        _ => None,
    };
    let prefix = below.map(|below| paths::display_os(below.as_os_str()));
    Place {
        prefix: prefix.unwrap_or_default(),
        top,
    }
}

fn read_report(given: &str, path: &Path) -> Result<Report, Error> {
    let fail = |reason: String| Error::usage(format!("cannot read {given}: {reason}"));
    let text = read_bounded(path, limits::REPORT_BYTES).map_err(fail)?;
    let report: Report = serde_json::from_slice(&text).map_err(|error| {
        Error::usage(format!(
            "{given} is neither a revision nor a folder nor a report: {error}"
        ))
        .with_help("a report is what `caplint check --format json` prints")
    })?;
    if report.format == report::FORMAT {
        Ok(report)
    } else {
        let error = Error::usage(format!("{given} has the format {:?}", report.format));
        Err(error.with_help(format!("this caplint reads {:?}", report::FORMAT)))
    }
}
