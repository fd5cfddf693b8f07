//! The environment variables of the process, handed in: the library reads none itself.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The environment variables that a run sees. These are read:
///
/// - git's own, as it sets them for hooks: `GIT_DIR`, `GIT_WORK_TREE`, `GIT_INDEX_FILE`,
///   `GIT_OBJECT_DIRECTORY`, `GIT_ALTERNATE_OBJECT_DIRECTORIES`, `GIT_CEILING_DIRECTORIES`,
///   `GIT_DISCOVERY_ACROSS_FILESYSTEM`;
/// - GitHub's: `GITHUB_ACTIONS`, `GITHUB_EVENT_NAME`, `GITHUB_EVENT_PATH`, `GITHUB_REF`,
///   `GITHUB_SHA`, `GITHUB_BASE_REF`;
/// - GitLab's: `CI_MERGE_REQUEST_DIFF_BASE_SHA`, `CI_MERGE_REQUEST_EVENT_TYPE`,
///   `CI_COMMIT_BEFORE_SHA`, `CI_COMMIT_BRANCH`, `CI_DEFAULT_BRANCH`;
/// - `HOME` and `XDG_CONFIG_HOME`, for the user's ignore file.
///
/// All of them are passed on where the `git` program has to be run. libgit2 finds the user's
/// own configuration by the process's real `HOME`.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// An environment of these variables; `std::env::vars_os()` has those of the process.
    pub fn new<K: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        Self {
            variables: variables.collect(),
        }
    }

    /// The text of a variable that is set, not empty and UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.os(name).and_then(OsStr::to_str)
    }

    /// The path in a variable that is set and not empty.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.os(name).map(PathBuf::from)
    }

    /// The paths in a variable that holds a list of them.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        let paths = self.os(name).into_iter().flat_map(std::env::split_paths);
        paths.filter(|path| !path.as_os_str().is_empty()).collect()
    }

    /// Whether this runs in continuous integration.
    #[must_use]
    pub fn is_ci(&self) -> bool {
        let set = self.get("CI");
        is_github(self) || set.is_some_and(|value| !matches!(value, "false" | "0"))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    fn os(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }
}

/// Where a run takes place.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The folder: the current one, or that of `-C`.
    pub dir: PathBuf,
    /// The environment variables.
    pub environment: Environment,
}

pub(super) fn is_github(environment: &Environment) -> bool {
    environment.get("GITHUB_ACTIONS") == Some("true")
        || environment.get("GITHUB_EVENT_NAME").is_some()
}
