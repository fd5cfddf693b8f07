//! Repositories through the `git` program: for those that libgit2 can't open (SHA-256,
//! reftable, extensions that are newer than it) or reads differently (replace refs, grafts), and
//! for indexes that only git understands.
//!
//! The program is run without a shell, without locks, hooks, pagers, prompts or the network;
//! nothing that it is asked to do writes. (To read a split index, git itself renews the time of
//! the part that is shared, lest it expire.)

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::entries::{Id, Kind};
use super::environment::Environment;
use super::index_file::{Index, Mark};
use super::objects::{Blob, Object, ObjectKind, Resolution};
use super::paths::path_from_bytes;
use crate::error::Error;
use crate::limits;

/// A repository that the `git` program opened.
pub(super) struct Program {
    dir: PathBuf,
    environment: Environment,
    objects: RefCell<Option<Objects>>,
    pub(super) git_dir: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) work_tree: Option<PathBuf>,
    pub(super) is_bare: bool,
    pub(super) is_shallow: bool,
    pub(super) id_length: usize,
}

/// Why the program could not open a repository.
pub(super) enum Unopened {
    /// There is no such program.
    NotInstalled,
    /// It refused, in these words.
    Refused(String),
}

/// `git cat-file --batch`, running.
struct Objects {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It holds nothing and owes nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub(super) fn open(dir: &Path, environment: &Environment) -> Result<Self, Unopened> {
        let mut program = Self {
            dir: dir.to_owned(),
            environment: environment.clone(),
            objects: RefCell::new(None),
            git_dir: PathBuf::new(),
            common_dir: PathBuf::new(),
            work_tree: None,
            is_bare: false,
            is_shallow: false,
            id_length: 20,
        };
        let asked = [
            "rev-parse",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--show-object-format",
            "--is-inside-work-tree",
        ];
        let output = program
            .command(&asked)
            .output()
            .map_err(|_| Unopened::NotInstalled)?;
        if !output.status.success() {
            return Err(Unopened::Refused(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        program.is_bare = lines.next() == Some("true");
        program.is_shallow = lines.next() == Some("true");
        program.id_length = if lines.next() == Some("sha256") {
            32
        } else {
            20
        };
        // One path at a time: a path may hold a line feed.
        let path = |option: &str| {
            let output = program.run(&["rev-parse", option]).ok()?;
            let bytes = output.strip_suffix(b"\n").unwrap_or(&output);
            Some(dir.join(path_from_bytes(bytes)))
        };
        let git_dir = path("--absolute-git-dir");
        let common_dir = path("--git-common-dir");
        let work_tree = path("--show-toplevel");
        program.git_dir = git_dir.unwrap_or_else(|| dir.join(".git"));
        program.common_dir = common_dir.unwrap_or_else(|| program.git_dir.clone());
        program.work_tree = work_tree;
        Ok(program)
    }

    /// A command that writes nothing and asks nobody.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .env_clear()
            .envs(self.environment.all())
            .envs([
                ("LC_ALL", "C"),
                ("GIT_OPTIONAL_LOCKS", "0"),
                ("GIT_NO_LAZY_FETCH", "1"),
                ("GIT_TERMINAL_PROMPT", "0"),
            ])
            .current_dir(&self.dir)
            .args(["--no-optional-locks", "--no-pager"])
            .args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What a command prints, or what it complains about.
    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let what = arguments.first().copied().unwrap_or_default();
        let output = self
            .command(arguments)
            .output()
            .map_err(|error| failed(what, &error.to_string()))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(what, &String::from_utf8_lossy(&output.stderr)))
        }
    }

    fn line(&self, arguments: &[&str]) -> Option<String> {
        let output = self.run(arguments).ok()?;
        let text = String::from_utf8(output).ok()?;
        Some(text.trim_end().to_owned()).filter(|line| !line.is_empty())
    }

    pub(super) fn excludes_file(&self) -> Option<PathBuf> {
        self.line(&["config", "--type=path", "--get", "core.excludesFile"])
            .map(PathBuf::from)
    }

    pub(super) fn setting(&self, name: &str) -> Option<bool> {
        let value = self.line(&["config", "--type=bool", "--get", name])?;
        Some(value == "true")
    }

    pub(super) fn is_partial(&self) -> bool {
        self.line(&["config", "--get-regexp", r"^remote\..*\.promisor$"])
            .is_some()
    }

    pub(super) fn resolve(&self, revision: &str) -> Result<Resolution, Error> {
        let verify = |name: &str| {
            let options = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
            self.line(&options)
        };
        if let Some(commit) = verify(&format!("{revision}^{{commit}}")) {
            return Id::from_hex(&commit)
                .map(Resolution::Commit)
                .ok_or_else(|| failed("rev-parse", &commit));
        }
        Ok(match verify(revision) {
            Some(_) => Resolution::NotACommit,
            None => Resolution::Unknown,
        })
    }

    pub(super) fn head(&self) -> Result<Option<Id>, Error> {
        match self.resolve("HEAD")? {
            Resolution::Commit(id) => Ok(Some(id)),
            _ if self.line(&["symbolic-ref", "--quiet", "HEAD"]).is_some() => Ok(None),
            _ => Err(Error::no_comparison("HEAD cannot be read")),
        }
    }

    pub(super) fn merge_bases(&self, one: Id, two: Id) -> Result<Vec<Id>, Error> {
        let (one, two) = (one.to_string(), two.to_string());
        // It fails where there is none.
        let bases = self
            .run(&["merge-base", "--all", &one, &two])
            .unwrap_or_default();
        let text = String::from_utf8_lossy(&bases).into_owned();
        let ids = text.lines().map(Id::from_hex);
        ids.collect::<Option<_>>()
            .ok_or_else(|| failed("merge-base", &text))
    }

    pub(super) fn symbolic_target(&self, name: &str) -> Option<String> {
        self.line(&["symbolic-ref", "--quiet", name])
    }

    pub(super) fn reference_names(&self) -> Vec<String> {
        self.run(&["for-each-ref", "--format=%(refname)"])
            .map(|output| {
                String::from_utf8_lossy(&output)
                    .lines()
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The index, of any version and kind.
    pub(super) fn index(&self, index_file: &Path) -> Result<Index, Error> {
        let mut command =
            self.command(&["ls-files", "-z", "--stage", "-t", "--full-name", "--sparse"]);
        if let Some(work_tree) = &self.work_tree {
            // From the top, or only this folder's part would be listed.
            command.current_dir(work_tree);
        }
        let output = command
            .env("GIT_INDEX_FILE", index_file)
            .output()
            .map_err(|error| failed("ls-files", &error.to_string()))?;
        if !output.status.success() {
            return Err(failed("ls-files", &String::from_utf8_lossy(&output.stderr)));
        }
        let mut index = Index::default();
        for record in output.stdout.split(|byte| *byte == 0) {
            if !record.is_empty() {
                read_listed(record, &mut index)?;
            }
        }
        Ok(index)
    }

    pub(super) fn object(&self, wanted: Id) -> Result<Option<Object>, Error> {
        match self.request(wanted, u64::MAX)? {
            (_, Blob::Missing) => Ok(None),
            (kind, Blob::Content(data)) => Ok(Some(Object { kind, data })),
            (_, Blob::TooLarge(_)) => Err(failed("cat-file", "an object is too large")),
        }
    }

    pub(super) fn blobs(&self, ids: &[Id]) -> Result<Vec<Blob>, Error> {
        ids.iter()
            .map(|id| self.request(*id, limits::FILE_BYTES).map(|(_, blob)| blob))
            .collect()
    }

    fn request(&self, wanted: Id, limit: u64) -> Result<(ObjectKind, Blob), Error> {
        let mut slot = self.objects.borrow_mut();
        let objects = match &mut *slot {
            Some(objects) => objects,
            empty => empty.insert(self.start_objects()?),
        };
        objects
            .request(wanted, limit)
            .map_err(|error| failed("cat-file", &error.to_string()))
    }

    fn start_objects(&self) -> Result<Objects, Error> {
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed("cat-file", &error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Objects {
                child,
                requests,
                answers: BufReader::with_capacity(1 << 16, answers),
            }),
            _ => Err(failed("cat-file", "it has no pipes")),
        }
    }
}

impl Objects {
    fn request(&mut self, wanted: Id, limit: u64) -> std::io::Result<(ObjectKind, Blob)> {
        self.requests.write_all(format!("{wanted}\n").as_bytes())?;
        self.requests.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let broken = || std::io::Error::other(format!("unexpected answer {header:?}"));
        let mut words = header.split_whitespace().skip(1);
        let kind = match words.next().ok_or_else(broken)? {
            "missing" => return Ok((ObjectKind::Other, Blob::Missing)),
            "commit" => ObjectKind::Commit,
            "tree" => ObjectKind::Tree,
            "blob" => ObjectKind::Blob,
            _ => ObjectKind::Other,
        };
        let size: u64 = words
            .next()
            .and_then(|size| size.parse().ok())
            .ok_or_else(broken)?;
        let mut body = (&mut self.answers).take(size + 1);
        if size > limit {
            std::io::copy(&mut body, &mut std::io::sink())?;
            return Ok((kind, Blob::TooLarge(size)));
        }
        let mut content = Vec::new();
        body.read_to_end(&mut content)?;
        content.pop();
        Ok((kind, Blob::Content(content)))
    }
}

/// Reads a record of `ls-files -s -t -z`: `H 100644 <id> 0\tpath`.
fn read_listed(record: &[u8], index: &mut Index) -> Result<(), Error> {
    let broken = || failed("ls-files", &String::from_utf8_lossy(record));
    let tab = record
        .iter()
        .position(|byte| *byte == b'\t')
        .ok_or_else(broken)?;
    let (head, path) = (&record[..tab], &record[tab + 1..]);
    let head = std::str::from_utf8(head).map_err(|_| broken())?;
    let words: Vec<&str> = head.split(' ').collect();
    let [tag, mode, id, stage] = words[..] else {
        return Err(broken());
    };
    let mode = u32::from_str_radix(mode, 8).map_err(|_| broken())?;
    let kind = Kind::from_mode(mode).ok_or_else(broken)?;
    let mark = Mark {
        skip_worktree: tag.eq_ignore_ascii_case("S"),
        intent_to_add: false,
        unmerged: stage != "0",
    };
    let last = index.entries.len().checked_sub(1);
    if mark.unmerged && last.is_some_and(|last| index.entries.path(last) == path) {
        return Ok(());
    }
    index
        .entries
        .push(path, kind, Id::from_hex(id).ok_or_else(broken)?)?;
    index.marks.push(mark);
    Ok(())
}

fn failed(command: &str, complaint: &str) -> Error {
    Error::no_comparison(format!("`git {command}` failed: {}", complaint.trim()))
}
