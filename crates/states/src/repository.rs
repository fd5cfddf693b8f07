//! One repository, however it was opened: its commits, trees, index and blobs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::entries::{Entries, Folders, Id, too_many};
use super::environment::Environment;
use super::index_file::{self, Index, Unread};
use super::library::{self, Library};
use super::objects::{Blob, Commit, Described, ObjectKind, Resolution};
use super::opening::{choose_work_tree, open_with_program, refuse_posing};
use super::paths::names_capacity_file;
use super::program::{self, Program};
use super::trees::{TreeChange, TreeWalk, Trees, differences};
use super::work::read_bounded;
use crate::error::Error;
use crate::limits;

/// A repository.
pub(super) struct Repository {
    backend: Backend,
    environment: Environment,
    dir: PathBuf,
    /// The top of the working tree, without links in its path; nothing where it is bare.
    pub(super) work_tree: Option<PathBuf>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    index_file: PathBuf,
    id_length: usize,
    is_shallow: bool,
}

enum Backend {
    Library(Library),
    Program(Program),
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
            // Git reads other objects, and other parents, than those that are named; libgit2 doesn't.
            Ok(library) if library.has_rewritten_history() => {
                let reason = "its history is rewritten by refs/replace or info/grafts";
                let program = open_with_program(dir, environment, false, reason)?;
                let work_tree = program.work_tree.clone();
                (Backend::Program(program), work_tree)
            }
            Ok(library) => {
                let work_tree = library.work_tree().map(Path::to_owned);
                (Backend::Library(library), work_tree)
            }
            Err(library::Unopened::NotFound) => {
                return match environment.get("GIT_DIR") {
                    None => Ok(None),
                    Some(git_dir) => Err(Error::usage(format!(
                        "GIT_DIR names {git_dir}, which is not a git repository"
                    ))),
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
            git_dir,
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
        self.setting("core.ignoreCase").unwrap_or(false)
    }

    /// Whether links are checked out as links, and not as files that hold where they lead.
    pub(super) fn has_links(&self) -> bool {
        self.setting("core.symlinks").unwrap_or(true)
    }

    fn setting(&self, name: &str) -> Option<bool> {
        ask!(self, it => it.setting(name))
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

    /// The best common ancestors: several where branches were merged crosswise.
    pub(super) fn merge_bases(&self, one: Id, two: Id) -> Result<Vec<Id>, Error> {
        ask!(self, it => it.merge_bases(one, two))
    }

    /// The commits whose parents a shallow clone left out.
    pub(super) fn shallow_boundary(&self) -> Result<HashSet<Id>, Error> {
        ids_in(&self.common_dir.join("shallow"))
    }

    /// The commits that a merge in progress brings in; none where there is no merge.
    pub(super) fn merge_heads(&self) -> Result<Vec<Id>, Error> {
        let mut ids: Vec<Id> = ids_in(&self.git_dir.join("MERGE_HEAD"))?
            .into_iter()
            .collect();
        ids.sort_unstable();
        Ok(ids)
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
        let Some(text) = self.commit_text(id)? else {
            return Ok(None);
        };
        self.parsed(id, &text).map(Some)
    }

    /// The same, with who made it when and what for.
    pub(super) fn described(&self, id: Id) -> Result<Option<Described>, Error> {
        let Some(text) = self.commit_text(id)? else {
            return Ok(None);
        };
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        // The name, and what follows its address: seconds, and a time zone.
        let signed = |key: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(key))?;
            let (name, rest) = line.rsplit_once('>').unwrap_or((line, ""));
            let name = name.split_once('<').map_or(name, |(name, _)| name);
            Some((name.trim(), rest.split_whitespace().next()?.parse().ok()?))
        };
        let lines = message.trim_start().lines();
        let subject = lines.map(str::trim).take_while(|line| !line.is_empty());
        Ok(Some(Described {
            commit: self.parsed(id, &text)?,
            author: signed("author ")
                .map_or("", |it: (&str, i64)| it.0)
                .to_owned(),
            committed: signed("committer ").map_or(0, |it| it.1),
            subject: subject.collect::<Vec<_>>().join(" "),
        }))
    }

    fn commit_text(&self, id: Id) -> Result<Option<String>, Error> {
        let object = ask!(self, it => it.object(id))?;
        let commit = object.filter(|object| object.kind == ObjectKind::Commit);
        Ok(commit.map(|it| String::from_utf8_lossy(&it.data).into_owned()))
    }

    fn parsed(&self, id: Id, text: &str) -> Result<Commit, Error> {
        let broken = || Error::no_comparison(format!("commit {id} is broken"));
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
        let parents = self.grafted_parents(id)?.unwrap_or(parents);
        Ok(Commit { tree, parents })
    }

    /// The parents that `info/grafts` gives a commit: the ids that follow its own on a line.
    fn grafted_parents(&self, id: Id) -> Result<Option<Vec<Id>>, Error> {
        let file = self.common_dir.join("info").join("grafts");
        let Some(text) = text_of(&file)? else {
            return Ok(None);
        };
        for line in text.lines() {
            let mut ids = line.split_whitespace().map(Id::from_hex);
            if ids.next().flatten() == Some(id) {
                let parents = ids.collect::<Option<_>>();
                return parents.map(Some).ok_or_else(|| broken(&file));
            }
        }
        Ok(None)
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
            return Err(too_many().into());
        }
        match std::fs::read(&self.index_file) {
            Ok(bytes) => index_file::parse(&bytes, self.id_length, names_capacity_file),
            // As git has it: no index is an empty one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Index::default()),
            Err(error) => Err(Unread::Failed(Error::no_comparison(format!(
                "cannot read {}: {error}",
                self.index_file.display()
            )))),
        }
    }

    fn index_by_program(&self, reason: &str) -> Result<Index, Error> {
        if let Backend::Program(program) = &self.backend {
            return program.index(&self.index_file);
        }
        let what = format!("the index cannot be read ({reason})");
        match Program::open(&self.dir, &self.environment) {
            Ok(program) => program.index(&self.index_file),
            Err(program::Unopened::NotInstalled) => Err(Error::no_comparison(what)
                .with_help("only the `git` program can read it: install git")),
            Err(program::Unopened::Refused(complaint)) => Err(Error::no_comparison(format!(
                "{what}: {}",
                complaint.trim()
            ))),
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
            read: |tree| self.tree_object(tree),
            id_length: self.id_length,
            known,
            entries: Entries::default(),
            folders: Folders::default(),
        };
        let mut path = Vec::new();
        walk.folder(tree, &mut path, 0)?;
        Ok((walk.entries, walk.folders))
    }

    /// The bytes of one tree.
    fn tree_object(&self, tree: Id) -> Result<Vec<u8>, Error> {
        let object = ask!(self, it => it.object(tree))?;
        let object = object.filter(|object| object.kind == ObjectKind::Tree);
        Ok(object.ok_or_else(|| self.missing(tree))?.data)
    }

    /// What capacity files differ between two trees.
    pub(super) fn capacity_between(
        &self,
        before: Option<Id>,
        after: Option<Id>,
        read: &mut Trees,
    ) -> Result<Vec<TreeChange>, Error> {
        let object = |tree| self.tree_object(tree);
        differences(read, &object, self.id_length, [before, after])
    }
}

impl Repository {
    /// The error for an object that the clone does not have.
    pub(super) fn missing(&self, id: Id) -> Error {
        if self.is_partial() {
            Error::no_comparison(format!("the clone is partial and lacks object {id}"))
                .with_help("fetch what it left out: `git fetch --refetch --no-filter`")
        } else {
            Error::no_comparison(format!("object {id} is missing"))
                .with_help("run `git fsck` to see whether the repository is damaged")
        }
    }
}

/// The ids in a file of git's that holds one a line; none where there is no such file.
fn ids_in(file: &Path) -> Result<HashSet<Id>, Error> {
    let text = text_of(file)?.unwrap_or_default();
    let ids = text.split_whitespace().map(Id::from_hex);
    ids.collect::<Option<_>>().ok_or_else(|| broken(file))
}

/// The text of a file of git's; nothing where there is no such file.
fn text_of(file: &Path) -> Result<Option<String>, Error> {
    match read_bounded(file, limits::EVENT_BYTES) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(_) if !file.exists() => Ok(None),
        Err(error) => {
            let message = format!("cannot read {}: {error}", file.display());
            Err(Error::no_comparison(message))
        }
    }
}

fn broken(file: &Path) -> Error {
    Error::no_comparison(format!("{} is broken", file.display()))
}
