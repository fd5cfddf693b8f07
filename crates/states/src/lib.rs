//! Finds and reads the states that a run is about: a working tree, an index, a commit, a
//! folder or a saved report; and, for a comparison, chooses the two.
//!
//! Nothing is ever written, fetched or checked out, and no configured hook, filter or pager is
//! run. The flow: `selection` (with `ci`) says which states, or `missing` why they can't be had;
//! `inventory` finds where their files lie, from the index and trees (`repository`) or the disk
//! (`walk`, by way of `folder`); `contents` reads them.

use caplint_core::{collections, error, limits, parallel, report, source};

mod ci;
mod contents;
mod entries;
mod environment;
mod folder;
mod index_file;
mod inventory;
mod library;
mod missing;
mod paths;
mod program;
mod repository;
mod selection;
mod walk;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::error::Error;
use crate::report::Report;
use crate::source::{Snapshot, SourceMap};

use entries::{Entries, Folders};
pub use environment::Environment;
use inventory::Inventory;
use repository::Repository;
use selection::{Revision, Selection, Side};

/// The name of capacity files.
pub const CAPACITY_FILE: &str = "capacity.toml";

/// The name of the working tree as a [`Snapshot`].
pub const WORK_TREE: &str = "worktree";

/// The name of the index as a [`Snapshot`].
pub const INDEX: &str = "index";

/// Where a run takes place.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The folder: the current one, or that of `-C`.
    pub dir: PathBuf,
    /// The environment variables.
    pub environment: Environment,
}

/// Which state `check` and the like read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The working tree; outside a repository, the folder.
    WorkTree,
    /// The index, as `--staged` asks for.
    Index,
    /// A commit, as `--rev` asks for.
    Revision(String),
}

/// What `diff` was asked to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Up to two sides: revisions, folders, a saved report as the base; or one range.
    pub sides: Vec<OsString>,
    /// Whether the head is the index.
    pub staged: bool,
}

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
    /// final `/`; the top is the empty path.
    ///
    /// # Errors
    ///
    /// A path that leads out of the repository or folder, or that the state does not have.
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
}

/// Two states.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was before.
    pub base: Base,
    /// What is judged.
    pub head: Snapshot,
    /// The texts of both. A file that is the same on both sides has one id.
    pub sources: SourceMap,
    /// Where the run takes place in the head.
    pub place: Place,
    /// One sentence that says what is compared with what, and why.
    pub case: String,
    /// What is worth knowing about how they were chosen and read.
    pub notes: Vec<String>,
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

/// Reads one state.
///
/// # Errors
///
/// [`Error::Usage`] where there is no such state, or it can't be read.
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
    Ok(State {
        notes: std::mem::take(&mut inventory.notes),
        head: snapshot(&side, inventory, files),
        sources,
        place,
    })
}

/// Chooses and reads two states.
///
/// # Errors
///
/// [`Error::Usage`] where it was asked wrongly, [`Error::NoComparison`] where it was asked
/// rightly and there is nothing to compare with.
pub fn read_comparison(surroundings: &Surroundings, asked: &Asked) -> Result<Comparison, Error> {
    let repository = open(surroundings)?;
    let repository = repository.as_ref();
    let Selection {
        base,
        head,
        case,
        mut notes,
    } = selection::two(surroundings, repository, asked)?;
    let mut reader = Reader::new(surroundings, repository);
    let mut head_inventory = reader.inventory(&head)?;
    notes.append(&mut head_inventory.notes);
    let mut sources = SourceMap::default();
    let place = place(surroundings, repository, &head);
    let (base, head_files) = match base {
        Side::Nothing => (
            Base::Nothing,
            contents::load(repository, &head_inventory, &mut sources)?,
        ),
        Side::Report { given, path } => (
            Base::SavedReport(Box::new(read_report(&given, &path)?)),
            contents::load(repository, &head_inventory, &mut sources)?,
        ),
        side => {
            let mut inventory = reader.inventory(&side)?;
            notes.append(&mut inventory.notes);
            let (base_files, head_files) =
                contents::load_both(repository, &inventory, &head_inventory, &mut sources)?;
            (
                Base::Snapshot(snapshot(&side, inventory, base_files)),
                head_files,
            )
        }
    };
    Ok(Comparison {
        base,
        head: snapshot(&head, head_inventory, head_files),
        sources,
        place,
        case,
        notes,
    })
}

fn open(surroundings: &Surroundings) -> Result<Option<Repository>, Error> {
    let dir = &surroundings.dir;
    if !dir.is_dir() {
        return Err(Error::usage(
            format!("no such folder: {}", dir.display()),
            None,
        ));
    }
    Repository::open(dir, &surroundings.environment)
}

/// Reads inventories, keeping what one of them can take from another.
struct Reader<'a> {
    surroundings: &'a Surroundings,
    repository: Option<&'a Repository>,
    index: Option<index_file::Index>,
    index_folders: Option<Folders>,
    head: Option<(Entries, Folders)>,
}

impl<'a> Reader<'a> {
    fn new(surroundings: &'a Surroundings, repository: Option<&'a Repository>) -> Self {
        Self {
            surroundings,
            repository,
            index: None,
            index_folders: None,
            head: None,
        }
    }

    /// The inventory of a side. The head's is read first.
    fn inventory(&mut self, side: &Side) -> Result<Inventory, Error> {
        let needed = |repository: Option<&'a Repository>| {
            repository.ok_or_else(|| Error::no_comparison("there is no git repository here", None))
        };
        match side {
            Side::Folder { path, .. } => Inventory::of_folder(path),
            Side::Commit(revision) => self.commit(needed(self.repository)?, revision),
            Side::Index => {
                let repository = needed(self.repository)?;
                Inventory::of_index(repository, self.index(repository)?)
            }
            Side::WorkTree => match self.repository {
                Some(repository) => {
                    let top = repository.work_tree.as_deref().ok_or_else(bare)?;
                    Inventory::of_work_tree(repository, top, self.index(repository)?)
                }
                None => Inventory::of_folder(&self.surroundings.dir),
            },
            Side::Report { .. } | Side::Nothing => Ok(Inventory::default()),
        }
    }

    fn index(&mut self, repository: &Repository) -> Result<&index_file::Index, Error> {
        let index = match self.index.take() {
            Some(index) => index,
            None => repository.index()?,
        };
        Ok(self.index.insert(index))
    }

    fn commit(&mut self, repository: &Repository, revision: &Revision) -> Result<Inventory, Error> {
        let commit = repository
            .commit(revision.id)?
            .ok_or_else(|| repository.missing(revision.id))?;
        // Most folders of most commits are those that the index has: it knows their trees.
        if repository.work_tree.is_some() && self.index_folders.is_none() {
            self.index = self.index.take().or_else(|| repository.index_at_hand());
            self.index_folders = self.index.as_ref().map(index_file::Index::folders);
        }
        let mut known = Vec::new();
        if let Some((entries, folders)) = &self.head {
            known.push((entries, folders));
        }
        if let (Some(index), Some(folders)) = (&self.index, &self.index_folders) {
            known.push((&index.entries, folders));
        }
        let (entries, folders) = repository.tree(commit.tree, &known)?;
        let inventory = Inventory::of_entries(repository, &entries)?;
        self.head.get_or_insert((entries, folders));
        Ok(inventory)
    }
}

fn snapshot(side: &Side, inventory: Inventory, files: Vec<crate::source::FileId>) -> Snapshot {
    let (name, commit) = match side {
        Side::WorkTree => (WORK_TREE.to_owned(), None),
        Side::Index => (INDEX.to_owned(), None),
        Side::Commit(revision) => (revision.name.clone(), Some(revision.id.to_string())),
        Side::Folder { given, .. } | Side::Report { given, .. } => (given.clone(), None),
        Side::Nothing => (String::new(), None),
    };
    Snapshot {
        name,
        commit,
        files,
        listing: inventory.listing,
    }
}

fn place(surroundings: &Surroundings, repository: Option<&Repository>, head: &Side) -> Place {
    if let Side::Folder { path, .. } = head {
        return Place {
            top: path.canonicalize().ok(),
            prefix: String::new(),
        };
    }
    let dir = surroundings.dir.canonicalize().ok();
    match repository {
        None => Place {
            top: dir,
            prefix: String::new(),
        },
        Some(repository) => {
            let top = repository.work_tree.clone();
            let below = match (&dir, &top) {
                (Some(dir), Some(top)) => dir.strip_prefix(top).ok(),
                _ => None,
            };
            Place {
                prefix: below
                    .map(|below| paths::display_os(below.as_os_str()))
                    .unwrap_or_default(),
                top,
            }
        }
    }
}

fn read_report(given: &str, path: &Path) -> Result<Report, Error> {
    let fail = |reason: String| Error::usage(format!("cannot read {given}: {reason}"), None);
    let text = read_bounded(path, limits::REPORT_BYTES).map_err(fail)?;
    let report: Report = serde_json::from_slice(&text).map_err(|error| {
        Error::usage(
            format!("{given} is neither a revision nor a folder nor a report: {error}"),
            "a report is what `caplint check --format json` prints".to_owned(),
        )
    })?;
    if report.format == report::FORMAT {
        Ok(report)
    } else {
        Err(Error::usage(
            format!("{given} has the format {:?}", report.format),
            format!("this caplint reads {:?}", report::FORMAT),
        ))
    }
}

/// Reads a file that others wrote.
fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    Ok(bytes)
}

/// Whether a path is that of a capacity file.
fn names_capacity_file(path: &[u8]) -> bool {
    path.strip_suffix(CAPACITY_FILE.as_bytes())
        .is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

fn bare() -> Error {
    Error::usage(
        "a bare repository has no working tree and no index",
        "name commits: `caplint check --rev HEAD`, `caplint diff main HEAD`".to_owned(),
    )
}

/// Works through items on all cores, in parts of at least `share`, every core with a buffer of
/// its own; the results stand in the order of the parts, whoever was first.
fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    share: usize,
    work: impl Fn(Vec<T>, &mut Vec<u8>) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = parallel::share(items.len(), threads).max(share);
    if items.len() <= size {
        return Ok(vec![work(items, &mut Vec::new())?]);
    }
    let count = items.len().div_ceil(size);
    let mut items = items.into_iter();
    let parts: Vec<Mutex<Vec<T>>> = (0..count)
        .map(|_| Mutex::new(items.by_ref().take(size).collect()))
        .collect();
    let done = parallel::map(count, threads, Vec::new, |buffer, part| {
        let part = parts[part]
            .lock()
            .map(|mut part| std::mem::take(&mut *part));
        work(part.unwrap_or_default(), buffer)
    });
    done.into_iter().collect()
}
