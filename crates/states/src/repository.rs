//! One repository, however it was opened: its commits, trees, index and blobs.

use std::path::{Path, PathBuf};

use super::entries::{Entries, Folders, Id, Kind};
use super::environment::Environment;
use super::index_file::{self, Index, Unread};
use super::library::{self, Library};
use super::program::{self, Program};
use crate::error::Error;
use crate::limits;

/// A repository.
pub(super) struct Repository {
    backend: Backend,
    environment: Environment,
    dir: PathBuf,
    /// The top of the working tree, without links in its path; nothing where it is bare.
    pub(super) work_tree: Option<PathBuf>,
    common_dir: PathBuf,
    index_file: PathBuf,
    id_length: usize,
    is_shallow: bool,
}

enum Backend {
    Library(Library),
    Program(Program),
}

/// What a revision turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Commit(Id),
    /// A tree or a blob.
    NotACommit,
    /// An abbreviation of several objects.
    Ambiguous,
    Unknown,
}

/// An object as it is stored.
pub(super) struct Object {
    pub(super) kind: ObjectKind,
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Other,
}

/// What came of reading a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blob {
    Content(Vec<u8>),
    /// It is larger than what is read; its size in bytes.
    TooLarge(u64),
    /// The clone does not have it.
    Missing,
}

/// What a commit says of itself.
pub(super) struct Commit {
    pub(super) tree: Id,
    /// Its parents as the commit names them: in a shallow clone they need not be there.
    pub(super) parents: Vec<Id>,
}

macro_rules! ask {
    ($self:ident, $backend:ident => $answer:expr) => {
        match &$self.backend {
            Backend::Library($backend) => $answer,
            Backend::Program($backend) => $answer,
        }
    };
}

impl Repository {
    /// Opens the repository that git would use in `dir`; nothing where there is none.
    pub(super) fn open(dir: &Path, environment: &Environment) -> Result<Option<Self>, Error> {
        let (backend, work_tree) = match Library::open(dir, environment) {
            Ok(library) => {
                let work_tree = library.work_tree().map(Path::to_owned);
                (Backend::Library(library), work_tree)
            }
            Err(library::Unopened::NotFound) => {
                return match environment.get("GIT_DIR") {
                    None => Ok(None),
                    Some(git_dir) => Err(Error::usage(
                        format!("GIT_DIR names {git_dir}, which is not a git repository"),
                        None,
                    )),
                };
            }
            Err(library::Unopened::Refused { owner, message }) => {
                let program = open_with_program(dir, environment, owner, &message)?;
                let work_tree = program.work_tree.clone();
                (Backend::Program(program), work_tree)
            }
        };
        Self::new(backend, work_tree, dir, environment).map(Some)
    }

    fn new(
        backend: Backend,
        work_tree: Option<PathBuf>,
        dir: &Path,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let (git_dir, common_dir, is_bare, is_shallow, id_length) = match &backend {
            Backend::Library(it) => (
                it.git_dir(),
                it.common_dir(),
                it.is_bare(),
                it.is_shallow(),
                20,
            ),
            Backend::Program(it) => (
                it.git_dir.as_path(),
                it.common_dir.as_path(),
                it.is_bare,
                it.is_shallow,
                it.id_length,
            ),
        };
        let (git_dir, common_dir) = (git_dir.to_owned(), common_dir.to_owned());
        refuse_posing(dir, &git_dir, environment)?;
        let work_tree = choose_work_tree(dir, work_tree, is_bare, environment)?;
        let index_file = match environment.path("GIT_INDEX_FILE") {
            None => git_dir.join("index"),
            Some(file) => {
                let here = dir.join(&file);
                match &work_tree {
                    // git counts from the top of the working tree, where it starts hooks.
                    Some(top) if !here.exists() => top.join(&file),
                    _ => here,
                }
            }
        };
        Ok(Self {
            backend,
            environment: environment.clone(),
            dir: dir.to_owned(),
            work_tree,
            common_dir,
            index_file,
            id_length,
            is_shallow,
        })
    }

    /// Whether history was cut off when it was cloned.
    pub(super) fn is_shallow(&self) -> bool {
        self.is_shallow
    }

    /// Whether objects were left behind when it was cloned.
    pub(super) fn is_partial(&self) -> bool {
        ask!(self, it => it.is_partial())
    }

    /// Whether ignore rules leave aside whether letters are large or small.
    pub(super) fn ignores_case(&self) -> bool {
        ask!(self, it => it.ignores_case())
    }

    /// Whether ids are SHA-1, so that they can be computed.
    pub(super) fn hash_blob(&self, content: &[u8]) -> Option<Id> {
        (self.id_length == 20)
            .then(|| library::hash_blob(content))
            .flatten()
    }

    /// The ignore files that hold for the whole working tree, the weightiest first.
    pub(super) fn shared_ignore_files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.common_dir.join("info").join("exclude")];
        let configured = ask!(self, it => it.excludes_file());
        let home = |folder: &str| {
            let home = self.environment.path("HOME")?;
            Some(home.join(folder))
        };
        files.extend(configured.or_else(|| {
            self.environment
                .path("XDG_CONFIG_HOME")
                .or_else(|| home(".config"))
                .map(|folder| folder.join("git").join("ignore"))
        }));
        files
    }

    /// The commit, tree or blob that a revision names.
    pub(super) fn resolve(&self, revision: &str) -> Result<Resolution, Error> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains('\0') {
            return Ok(Resolution::Unknown);
        }
        ask!(self, it => it.resolve(revision))
    }

    /// The commit that is checked out, or nothing on a branch without commits.
    pub(super) fn head(&self) -> Result<Option<Id>, Error> {
        ask!(self, it => it.head())
    }

    /// The best common ancestor.
    pub(super) fn merge_base(&self, one: Id, two: Id) -> Result<Option<Id>, Error> {
        ask!(self, it => it.merge_base(one, two))
    }

    /// The full name of the reference that a symbolic one stands for.
    pub(super) fn symbolic_target(&self, name: &str) -> Option<String> {
        ask!(self, it => it.symbolic_target(name))
    }

    /// The full names of all references.
    pub(super) fn reference_names(&self) -> Vec<String> {
        ask!(self, it => it.reference_names())
    }

    /// What a commit says of itself, or nothing where the clone does not have it.
    pub(super) fn commit(&self, id: Id) -> Result<Option<Commit>, Error> {
        let Some(object) = ask!(self, it => it.object(id))? else {
            return Ok(None);
        };
        if object.kind != ObjectKind::Commit {
            return Ok(None);
        }
        let broken = || Error::no_comparison(format!("commit {id} is broken"), None);
        let text = String::from_utf8_lossy(&object.data);
        let mut tree = None;
        let mut parents = Vec::new();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            match line.split_once(' ') {
                Some(("tree", hex)) => tree = Id::from_hex(hex),
                Some(("parent", hex)) => parents.push(Id::from_hex(hex).ok_or_else(broken)?),
                _ => {}
            }
        }
        let tree = tree.ok_or_else(broken)?;
        Ok(Some(Commit { tree, parents }))
    }

    /// The content of blobs, in the order of their ids.
    pub(super) fn blobs(&self, ids: &[Id]) -> Result<Vec<Blob>, Error> {
        ask!(self, it => it.blobs(ids))
    }

    /// The index that git's environment names, else the repository's own.
    pub(super) fn index(&self) -> Result<Index, Error> {
        let index = match self.parse_index() {
            Ok(index) => index,
            Err(Unread::Failed(error)) => return Err(error),
            Err(Unread::Unknown(reason)) => self.index_by_program(&reason)?,
        };
        index.expand(|tree| self.tree(tree, &[]).map(|(entries, _)| entries))
    }

    /// The index, where it can be had fast; one that can't is no reason not to read commits.
    pub(super) fn index_at_hand(&self) -> Option<Index> {
        let index = self.parse_index().ok()?;
        index
            .expand(|tree| self.tree(tree, &[]).map(|(entries, _)| entries))
            .ok()
    }

    fn parse_index(&self) -> Result<Index, Unread> {
        let too_large = std::fs::metadata(&self.index_file)
            .is_ok_and(|metadata| metadata.len() > limits::INDEX_BYTES);
        if too_large {
            return Err(super::entries::too_many().into());
        }
        match std::fs::read(&self.index_file) {
            Ok(bytes) => index_file::parse(&bytes, self.id_length, super::names_capacity_file),
            // As git has it: no index is an empty one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Index::default()),
            Err(error) => Err(Unread::Failed(Error::no_comparison(
                format!("cannot read {}: {error}", self.index_file.display()),
                None,
            ))),
        }
    }

    fn index_by_program(&self, reason: &str) -> Result<Index, Error> {
        if let Backend::Program(program) = &self.backend {
            return program.index(&self.index_file);
        }
        let what = format!("the index cannot be read ({reason})");
        match Program::open(&self.dir, &self.environment) {
            Ok(program) => program.index(&self.index_file),
            Err(program::Unopened::NotInstalled) => Err(Error::no_comparison(
                what,
                "only the `git` program can read it: install git".to_owned(),
            )),
            Err(program::Unopened::Refused(complaint)) => Err(Error::no_comparison(
                format!("{what}: {}", complaint.trim()),
                None,
            )),
        }
    }

    /// When the index was last written, in seconds and nanoseconds.
    pub(super) fn index_time(&self) -> Option<std::time::SystemTime> {
        std::fs::metadata(&self.index_file)
            .and_then(|metadata| metadata.modified())
            .ok()
    }

    /// All paths of a tree. Folders that `known` holds are copied from there instead of read;
    /// those that are read are added to `read`.
    pub(super) fn tree(
        &self,
        tree: Id,
        known: &[(&Entries, &Folders)],
    ) -> Result<(Entries, Folders), Error> {
        let mut walk = TreeWalk {
            repository: self,
            known,
            entries: Entries::default(),
            folders: Folders::default(),
        };
        let mut path = Vec::new();
        walk.folder(tree, &mut path, 0)?;
        Ok((walk.entries, walk.folders))
    }
}

struct TreeWalk<'a> {
    repository: &'a Repository,
    known: &'a [(&'a Entries, &'a Folders)],
    entries: Entries,
    folders: Folders,
}

impl TreeWalk<'_> {
    fn folder(&mut self, tree: Id, path: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        if depth > limits::FOLDER_DEPTH || path.len() > limits::PATH_BYTES {
            return Err(Error::no_comparison(
                format!("folders nest deeper than {} levels", limits::FOLDER_DEPTH),
                None,
            ));
        }
        let start = self.entries.len();
        let known = self.known.iter().find_map(|(entries, folders)| {
            let range = folders.find(path, tree)?;
            Some((*entries, range))
        });
        if let Some((entries, range)) = known {
            self.entries.extend(entries, range)?;
        } else {
            self.read(tree, path, depth)?;
            self.folders.insert(path, tree, start..self.entries.len());
        }
        Ok(())
    }

    fn read(&mut self, tree: Id, path: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        let repository = self.repository;
        let object = ask!(repository, it => it.object(tree))?
            .filter(|object| object.kind == ObjectKind::Tree)
            .ok_or_else(|| repository.missing(tree))?;
        let mut rest = object.data.as_slice();
        while !rest.is_empty() {
            let (kind, name, id, after) = next_item(rest, repository.id_length)
                .ok_or_else(|| Error::no_comparison(format!("tree {tree} is broken"), None))?;
            rest = after;
            match kind {
                Some(Kind::Folder) => {
                    let parent = path.len();
                    path.extend_from_slice(name);
                    path.push(b'/');
                    self.folder(id, path, depth + 1)?;
                    path.truncate(parent);
                }
                Some(kind) => self.entries.push_parts(path, name, kind, id)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Splits the first item off a tree: its kind, name and id, and the rest.
type TreeItem<'a> = (Option<Kind>, &'a [u8], Id, &'a [u8]);

fn next_item(data: &[u8], id_length: usize) -> Option<TreeItem<'_>> {
    let space = data.iter().position(|byte| *byte == b' ')?;
    let mode = std::str::from_utf8(&data[..space]).ok()?;
    let mode = u32::from_str_radix(mode, 8).ok()?;
    let rest = &data[space + 1..];
    let nul = rest.iter().position(|byte| *byte == 0)?;
    let (name, rest) = (&rest[..nul], &rest[nul + 1..]);
    let id = Id::from_bytes(rest.get(..id_length)?)?;
    Some((Kind::from_mode(mode), name, id, &rest[id_length..]))
}

impl Repository {
    /// The error for an object that the clone does not have.
    pub(super) fn missing(&self, id: Id) -> Error {
        if self.is_partial() {
            Error::no_comparison(
                format!("the clone is partial and lacks object {id}"),
                "fetch what it left out: `git fetch --refetch --no-filter`".to_owned(),
            )
        } else {
            Error::no_comparison(
                format!("object {id} is missing"),
                "run `git fsck` to see whether the repository is damaged".to_owned(),
            )
        }
    }
}

/// Where files are checked out. Git takes the current folder where `GIT_DIR` is all it is told.
fn choose_work_tree(
    dir: &Path,
    found: Option<PathBuf>,
    is_bare: bool,
    environment: &Environment,
) -> Result<Option<PathBuf>, Error> {
    let top = match (environment.path("GIT_WORK_TREE"), found) {
        (Some(given), _) => dir.join(given),
        (None, Some(found)) if environment.path("GIT_DIR").is_none() => found,
        (None, found) => {
            let holds_dir = |top: &PathBuf| {
                let both = (top.canonicalize(), dir.canonicalize());
                matches!(both, (Ok(top), Ok(dir)) if dir.starts_with(&top))
            };
            match found {
                Some(found) if holds_dir(&found) => found,
                _ if is_bare => return Ok(None),
                _ => dir.to_owned(),
            }
        }
    };
    match top.canonicalize() {
        Ok(top) => Ok(Some(top)),
        Err(error) => Err(Error::usage(
            format!("cannot open the working tree {}: {error}", top.display()),
            None,
        )),
    }
}

/// Files of a checkout may be laid out as a bare repository, with a history in which nothing is
/// wrong: whoever runs in that folder would judge it instead. Git's `safe.bareRepository=explicit`
/// refuses all that are not named; this one, those that stand in another's working tree.
fn refuse_posing(dir: &Path, git_dir: &Path, environment: &Environment) -> Result<(), Error> {
    if environment.path("GIT_DIR").is_some() {
        return Ok(());
    }
    let (Ok(dir), Ok(git_dir)) = (dir.canonicalize(), git_dir.canonicalize()) else {
        return Ok(());
    };
    let Some(around) = git_dir.parent().filter(|_| dir.starts_with(&git_dir)) else {
        return Ok(());
    };
    let is_inside_another = match Library::open(around, environment) {
        // What lies in a `.git` was put there by git: no commit can bring it.
        Ok(outer) => {
            let outer = outer.git_dir().canonicalize();
            outer.is_ok_and(|outer| !git_dir.starts_with(&outer))
        }
        Err(library::Unopened::NotFound) => false,
        Err(library::Unopened::Refused { .. }) => true,
    };
    if is_inside_another {
        return Err(Error::usage(
            format!(
                "{} is laid out as a bare repository, in the working tree of another one",
                git_dir.display()
            ),
            "run caplint elsewhere; or set GIT_DIR to it, if it is the repository you mean"
                .to_owned(),
        ));
    }
    Ok(())
}

fn open_with_program(
    dir: &Path,
    environment: &Environment,
    owner: bool,
    reason: &str,
) -> Result<Program, Error> {
    let complaint = match Program::open(dir, environment) {
        Ok(program) => return Ok(program),
        Err(program::Unopened::NotInstalled) => None,
        Err(program::Unopened::Refused(complaint)) => Some(complaint),
    };
    let safe_directory = complaint
        .as_deref()
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.split_once("safe.directory "))
        })
        .map(|(_, path)| path.trim().to_owned());
    if owner || safe_directory.is_some() {
        let path = safe_directory.unwrap_or_else(|| top_of(dir).display().to_string());
        return Err(Error::no_comparison(
            format!("the repository at {path} belongs to another user"),
            format!("if you trust it: `git config --global --add safe.directory {path}`"),
        ));
    }
    let path = top_of(dir);
    let message = format!("cannot open the repository at {}: {reason}", path.display());
    Err(match complaint {
        None => Error::no_comparison(
            message,
            "the `git` program may be able to read it: install git".to_owned(),
        ),
        Some(complaint) => {
            Error::no_comparison(format!("{message}; git: {}", complaint.trim()), None)
        }
    })
}

/// The folder at or above `dir` that holds `.git`.
fn top_of(dir: &Path) -> PathBuf {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    dir.ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(&dir)
        .to_owned()
}
