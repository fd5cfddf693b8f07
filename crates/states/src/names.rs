//! What the command line names: revisions, ranges of them, folders and saved reports.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::environment::Surroundings;
use super::merging::merge_base;
use super::missing::{ancestor, no_repository, unknown};
use super::objects::Resolution;
use super::repository::Repository;
use super::sides::{Case, Revision, Selection, Side};
use crate::error::Error;

/// `A..B` or `A...B`; a side that is left out is `HEAD`.
pub(super) struct Range<'a> {
    from: &'a str,
    to: &'a str,
    from_merge_base: bool,
}

impl<'a> Range<'a> {
    pub(super) fn of(argument: &'a OsStr) -> Option<Self> {
        let text = argument.to_str()?;
        if is_path(text) {
            return None;
        }
        let (from, to, from_merge_base) = match text.split_once("...") {
            Some((from, to)) => (from, to, true),
            None => text.split_once("..").map(|(from, to)| (from, to, false))?,
        };
        let or_head = |name: &'a str| if name.is_empty() { "HEAD" } else { name };
        Some(Self {
            from: or_head(from),
            to: or_head(to),
            from_merge_base,
        })
    }

    pub(super) fn select(
        &self,
        repository: &Repository,
        surroundings: &Surroundings,
    ) -> Result<Selection, Error> {
        let from = revision(repository, surroundings, self.from)?;
        let to = existing(revision(repository, surroundings, self.to)?)?;
        match (from, &to) {
            (Side::Commit(from), Side::Commit(head)) if self.from_merge_base => {
                merge_base(repository, surroundings, &from, head, to.clone(), "")
            }
            (from, _) => Ok(Selection::new(Case::Revisions, from, to, "")),
        }
    }
}

/// A side that the command line names: a path where it can only be one, else a revision. A file
/// that is named like a branch never stands in for it: a pull request may have committed it.
pub(super) fn side(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    argument: &OsStr,
    is_base: bool,
) -> Result<Side, Error> {
    let given = argument.to_string_lossy().into_owned();
    let path = surroundings.dir.join(argument);
    if given.starts_with('-') {
        let message = format!("{given} is not a revision: none begins with a dash");
        return Err(Error::usage(message));
    }
    let name = match argument.to_str() {
        Some(name) if !is_path(name) => name,
        Some(_) => return path_side(given, path, is_base),
        None => {
            let error = Error::usage(format!("{given} is not a revision: it is not UTF-8"));
            return Err(error.with_help("write `./` before a path"));
        }
    };
    let found = match repository {
        Some(repository) => revision(repository, surroundings, name),
        None => Err(no_repository(&format!("the revision {name}"))),
    };
    found.map_err(|error| {
        if path.exists() {
            error.with_help(format!(
                "`{name}` is also a path here: write `./{name}` for it"
            ))
        } else {
            error
        }
    })
}

fn path_side(given: String, path: PathBuf, is_base: bool) -> Result<Side, Error> {
    if path.is_dir() {
        return Ok(Side::Folder { given, path });
    }
    if !path.exists() {
        return Err(Error::usage(format!("no such folder: {given}")));
    }
    if is_base {
        return Ok(Side::Report { given, path });
    }
    let message = format!("{given} is a file; the side that is judged is a revision or a folder");
    let error = Error::usage(message);
    Err(error.with_help("a saved report may stand first: `caplint diff REPORT [HEAD]`"))
}

fn is_path(argument: &str) -> bool {
    Path::new(argument).is_absolute()
        || matches!(argument, "." | "..")
        || argument.starts_with("./")
        || argument.starts_with("../")
}

/// The commit of this name; nothing where it is the parent of a first commit, or `HEAD` before
/// one.
pub(super) fn revision(
    repository: &Repository,
    surroundings: &Surroundings,
    name: &str,
) -> Result<Side, Error> {
    let resolution = match repository.resolve(name)? {
        Resolution::Unknown if is_branch_name(name) => {
            let remote = format!("origin/{name}");
            if let Resolution::Commit(id) = repository.resolve(&remote)? {
                return Ok(Side::Commit(Revision::new(remote, id)));
            }
            Resolution::Unknown
        }
        resolution => resolution,
    };
    match resolution {
        Resolution::Commit(id) => Ok(Side::Commit(Revision::new(name, id))),
        Resolution::NotACommit => Err(Error::usage(format!("{name} is not a commit"))),
        Resolution::Ambiguous => Err(Error::usage(format!(
            "{name} is ambiguous: several objects begin so"
        ))),
        Resolution::Unknown => {
            if matches!(name, "HEAD" | "@") && repository.head()?.is_none() {
                return Ok(Side::Nothing);
            }
            match ancestor(repository, surroundings, name)? {
                Some(side) => Ok(side),
                None => Err(unknown(repository, surroundings, name)),
            }
        }
    }
}

/// Whether a name may be a branch's: it is not the syntax of a revision.
fn is_branch_name(name: &str) -> bool {
    !name.contains(['^', '~', ':', '@', '?', '*', '[', ' ']) && !name.starts_with("refs/")
}

pub(super) fn existing(head: Side) -> Result<Side, Error> {
    match head {
        Side::Nothing => Err(Error::no_comparison("there is no commit yet to compare")),
        head => Ok(head),
    }
}
