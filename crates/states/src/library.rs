//! Repositories through libgit2. Nothing else in the crate uses `git2`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};

use git2::{ErrorCode, ObjectType, RepositoryOpenFlags};

use super::entries::Id;
use super::environment::Environment;
use super::objects::{Blob, Object, ObjectKind, Resolution};
use crate::error::Error;
use crate::limits;
use crate::parallel;

pub(super) struct Library {
    repository: git2::Repository,
    /// Where else objects lie, as git says to a hook that runs before they are accepted.
    object_folders: Vec<PathBuf>,
}

/// Why libgit2 could not open a repository.
pub(super) enum Unopened {
    NotFound,
    /// There is one, which it can't or won't read.
    Refused {
        /// Whether because another user owns it.
        owner: bool,
        /// In libgit2's words.
        message: String,
    },
}

static SETTINGS: Once = Once::new();

impl Library {
    pub(super) fn open(dir: &Path, environment: &Environment) -> Result<Self, Unopened> {
        // Objects are read to be judged, not kept: git checked them when they came in.
        SETTINGS.call_once(|| git2::opts::strict_hash_verification(false));
        let mut flags = RepositoryOpenFlags::empty();
        let path = match environment.path("GIT_DIR") {
            Some(git_dir) => {
                flags |= RepositoryOpenFlags::NO_SEARCH;
                dir.join(git_dir)
            }
            None => dir.to_owned(),
        };
        if environment
            .get("GIT_DISCOVERY_ACROSS_FILESYSTEM")
            .is_some_and(|value| !matches!(value, "0" | "false" | "no" | "off"))
        {
            flags |= RepositoryOpenFlags::CROSS_FS;
        }
        let ceilings = environment.paths("GIT_CEILING_DIRECTORIES");
        let repository = git2::Repository::open_ext(&path, flags, &ceilings)
            .map_err(|error| unopened(&error))?;
        let mut object_folders = environment.paths("GIT_ALTERNATE_OBJECT_DIRECTORIES");
        object_folders.extend(environment.path("GIT_OBJECT_DIRECTORY"));
        for folder in &mut object_folders {
            *folder = dir.join(&folder);
        }
        let library = Self {
            repository,
            object_folders,
        };
        library.add_object_folders(&library.repository);
        Ok(library)
    }

    /// Another handle on the same repository, for another thread.
    fn open_again(&self) -> Result<git2::Repository, git2::Error> {
        let none: [&str; 0] = [];
        let repository = git2::Repository::open_ext(
            self.repository.path(),
            RepositoryOpenFlags::NO_SEARCH,
            none,
        )?;
        self.add_object_folders(&repository);
        Ok(repository)
    }

    fn add_object_folders(&self, repository: &git2::Repository) {
        for folder in &self.object_folders {
            if let (Ok(odb), Some(path)) = (repository.odb(), folder.to_str()) {
                // A folder that is missing holds nothing; git ignores it as well.
                let _ = odb.add_disk_alternate(path);
            }
        }
    }

    pub(super) fn git_dir(&self) -> &Path {
        self.repository.path()
    }

    pub(super) fn common_dir(&self) -> &Path {
        self.repository.commondir()
    }

    pub(super) fn work_tree(&self) -> Option<&Path> {
        self.repository.workdir()
    }

    pub(super) fn is_bare(&self) -> bool {
        self.repository.is_bare()
    }

    pub(super) fn is_shallow(&self) -> bool {
        self.repository.is_shallow()
    }

    /// The user's ignore file, where the configuration names one.
    pub(super) fn excludes_file(&self) -> Option<PathBuf> {
        self.repository
            .config()
            .and_then(|config| config.get_path("core.excludesfile"))
            .ok()
    }

    /// A setting that is true or false; nothing where it is not set.
    pub(super) fn setting(&self, name: &str) -> Option<bool> {
        self.repository.config().ok()?.get_bool(name).ok()
    }

    /// Whether references or a file of grafts put other objects or parents in place of some.
    pub(super) fn has_rewritten_history(&self) -> bool {
        let replaced = self.repository.references_glob("refs/replace/*");
        replaced.is_ok_and(|mut names| names.next().is_some())
            || self.common_dir().join("info").join("grafts").exists()
    }

    /// Whether a remote has promised objects that the clone left out.
    pub(super) fn is_partial(&self) -> bool {
        let Ok(config) = self.repository.config() else {
            return false;
        };
        config
            .entries(Some(r"^remote\..*\.promisor$"))
            .is_ok_and(|mut entries| entries.next().is_some_and(|entry| entry.is_ok()))
    }

    pub(super) fn resolve(&self, revision: &str) -> Result<Resolution, Error> {
        let object = match self.repository.revparse_single(revision) {
            Ok(object) => object,
            Err(error) if error.code() == ErrorCode::Ambiguous => return Ok(Resolution::Ambiguous),
            Err(_) => return Ok(Resolution::Unknown),
        };
        match object.peel(ObjectType::Commit) {
            Ok(commit) => Ok(Resolution::Commit(id(commit.id())?)),
            Err(_) => Ok(Resolution::NotACommit),
        }
    }

    /// The commit that is checked out, or nothing on a branch without commits.
    pub(super) fn head(&self) -> Result<Option<Id>, Error> {
        match self.repository.head() {
            Ok(head) => match head.peel(ObjectType::Commit) {
                Ok(commit) => id(commit.id()).map(Some),
                Err(error) => Err(failed("HEAD cannot be read", &error)),
            },
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(failed("HEAD cannot be read", &error)),
        }
    }

    pub(super) fn merge_bases(&self, one: Id, two: Id) -> Result<Vec<Id>, Error> {
        match self.repository.merge_bases(oid(one)?, oid(two)?) {
            Ok(bases) => bases.iter().map(|base| id(*base)).collect(),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(failed("the merge base cannot be found", &error)),
        }
    }

    /// The full name of the reference that a symbolic one stands for.
    pub(super) fn symbolic_target(&self, name: &str) -> Option<String> {
        let reference = self.repository.find_reference(name).ok()?;
        reference
            .symbolic_target()
            .ok()
            .flatten()
            .map(str::to_owned)
    }

    pub(super) fn reference_names(&self) -> Vec<String> {
        let Ok(references) = self.repository.references() else {
            return Vec::new();
        };
        references
            .flatten()
            .filter_map(|reference| reference.name().ok().map(str::to_owned))
            .collect()
    }

    pub(super) fn object(&self, wanted: Id) -> Result<Option<Object>, Error> {
        let odb = self
            .repository
            .odb()
            .map_err(|error| failed("objects cannot be read", &error))?;
        match odb.read(oid(wanted)?) {
            Ok(object) => Ok(Some(Object {
                kind: match object.kind() {
                    ObjectType::Commit => ObjectKind::Commit,
                    ObjectType::Tree => ObjectKind::Tree,
                    ObjectType::Blob => ObjectKind::Blob,
                    _ => ObjectKind::Other,
                },
                data: object.data().to_vec(),
            })),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(&format!("object {wanted} cannot be read"), &error)),
        }
    }

    /// Reads blobs, on all cores: libgit2's handles lock, so every thread has its own.
    pub(super) fn blobs(&self, ids: &[Id]) -> Result<Vec<Blob>, Error> {
        const WORTH_A_THREAD: usize = 64;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        if ids.len() <= WORTH_A_THREAD {
            return read_blobs(&self.repository, ids);
        }
        let threads = threads.min(ids.len().div_ceil(WORTH_A_THREAD));
        let mut handles = Vec::with_capacity(threads);
        for _ in 0..threads {
            let handle = self.open_again();
            handles
                .push(handle.map_err(|error| failed("the repository cannot be opened", &error))?);
        }
        let handles = Mutex::new(handles);
        let take = || handles.lock().ok()?.pop();
        let parts: Vec<&[Id]> = ids.chunks(parallel::share(ids.len(), threads)).collect();
        let read = parallel::map(parts.len(), threads, take, |handle, part| match handle {
            Some(repository) => read_blobs(repository, parts[part]),
            None => Err(Error::no_comparison("no handle on the repository is left")),
        });
        let mut blobs = Vec::with_capacity(ids.len());
        for part in read {
            blobs.extend(part?);
        }
        Ok(blobs)
    }
}

/// The id that git would give a file of this content.
pub(super) fn hash_blob(content: &[u8]) -> Option<Id> {
    let hash = git2::Oid::hash_object(ObjectType::Blob, content).ok()?;
    Id::from_bytes(hash.as_bytes())
}

fn read_blobs(repository: &git2::Repository, ids: &[Id]) -> Result<Vec<Blob>, Error> {
    let odb = repository
        .odb()
        .map_err(|error| failed("objects cannot be read", &error))?;
    ids.iter().map(|wanted| read_blob(&odb, *wanted)).collect()
}

fn read_blob(odb: &git2::Odb<'_>, wanted: Id) -> Result<Blob, Error> {
    let fail = |error: &git2::Error| failed(&format!("object {wanted} cannot be read"), error);
    let oid = oid(wanted)?;
    // The size first: a small pack can hold a blob that fills the memory.
    match odb.read_header(oid) {
        Ok((size, _)) if size as u64 > limits::FILE_BYTES => {
            return Ok(Blob::TooLarge(size as u64));
        }
        Ok(_) => {}
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(Blob::Missing),
        Err(error) => return Err(fail(&error)),
    }
    match odb.read(oid) {
        Ok(object) => Ok(Blob::Content(object.data().to_vec())),
        Err(error) => Err(fail(&error)),
    }
}

fn unopened(error: &git2::Error) -> Unopened {
    if error.code() == ErrorCode::NotFound {
        Unopened::NotFound
    } else {
        Unopened::Refused {
            owner: error.code() == ErrorCode::Owner,
            message: error.message().to_owned(),
        }
    }
}

fn failed(what: &str, error: &git2::Error) -> Error {
    Error::no_comparison(format!("{what}: {}", error.message()))
        .with_help("run `git fsck` to see whether the repository is damaged")
}

fn oid(id: Id) -> Result<git2::Oid, Error> {
    git2::Oid::from_bytes(id.as_bytes()).map_err(|error| failed("an object's id is broken", &error))
}

fn id(oid: git2::Oid) -> Result<Id, Error> {
    Id::from_bytes(oid.as_bytes()).ok_or_else(|| Error::no_comparison("an object's id is broken"))
}
