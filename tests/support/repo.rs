//! Makes real repositories for tests, with the `git` program, the same on every machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A repository in a folder of its own, which goes away with it.
pub struct Repo {
    _home: TempDir,
    /// The top of the working tree, or the repository where it is bare.
    pub path: PathBuf,
}

/// The exit code of the program, what it printed, and what it said on standard error.
pub fn told(output: Output) -> (i32, String, String) {
    (
        output.status.code().expect("an exit code"),
        String::from_utf8(output.stdout).expect("text"),
        String::from_utf8(output.stderr).expect("text"),
    )
}

/// What every git command of the tests runs with: no configuration but the repository's, fixed
/// names and dates.
pub fn git_environment(home: &Path) -> Vec<(String, String)> {
    [
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", home.display().to_string()),
        ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
        ("GIT_CONFIG_NOSYSTEM", "1".into()),
        ("GIT_AUTHOR_NAME", "Ada".into()),
        ("GIT_AUTHOR_EMAIL", "ada@example.org".into()),
        ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z".into()),
        ("GIT_COMMITTER_NAME", "Ada".into()),
        ("GIT_COMMITTER_EMAIL", "ada@example.org".into()),
        ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z".into()),
        ("GIT_CEILING_DIRECTORIES", home.display().to_string()),
        ("LC_ALL", "C".into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    /// An empty repository on the branch `main`.
    pub fn new() -> Self {
        Self::init(&[])
    }

    /// An empty repository that `git init` makes with these options as well.
    pub fn init(options: &[&str]) -> Self {
        let repo = Self::folder();
        let mut arguments = vec!["init", "--quiet", "--initial-branch=main"];
        arguments.extend(options);
        arguments.push(".");
        repo.git(&arguments);
        repo
    }

    /// A folder that is no repository.
    pub fn folder() -> Self {
        let home = tempfile::tempdir().expect("a folder for the test");
        let top = home.path().canonicalize().expect("its real path");
        let path = top.join("repo");
        std::fs::create_dir(&path).expect("a folder in it");
        Self { _home: home, path }
    }

    /// A clone of this one, by the options.
    pub fn clone_with(&self, options: &[&str]) -> Self {
        let clone = Self::folder();
        let url = format!("file://{}", self.path.display());
        let mut arguments = vec!["clone", "--quiet"];
        arguments.extend(options);
        arguments.extend([url.as_str(), "."]);
        clone.git(&arguments);
        clone
    }

    /// A folder beside the repository, which goes away with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.parent().expect("a folder around it").join(name)
    }

    /// What the environment of caplint is in a test: nothing of the machine's own.
    pub fn environment(&self) -> Vec<(String, String)> {
        git_environment(self.path.parent().expect("a folder around it"))
    }

    /// The program, at the top of the working tree and with nothing of the caller's environment.
    pub fn caplint(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caplint"));
        command
            .env_clear()
            .envs(self.environment())
            .current_dir(&self.path);
        command
    }

    /// Runs git, which must succeed, and gives what it prints.
    pub fn git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let output = self.try_git(&self.path, arguments);
        assert!(
            output.status.success(),
            "git {:?}: {}",
            arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Runs git in some folder, whether it succeeds or not.
    pub fn try_git<S: AsRef<OsStr>>(&self, dir: &Path, arguments: &[S]) -> Output {
        Command::new("git")
            .env_clear()
            .envs(self.environment())
            .args([
                "-c",
                "protocol.file.allow=always",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .current_dir(dir)
            .output()
            .expect("git is installed")
    }

    /// Writes a file, with the folders that it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        std::fs::write(path, content).expect("the file");
        self
    }

    /// The text of a file, by its path.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).expect("the file")
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> &Self {
        std::fs::remove_file(self.path.join(path)).expect("the file");
        self
    }

    /// Commits all that is there, and gives the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.id("HEAD")
    }

    /// The id of a revision.
    pub fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", revision])
    }
}
