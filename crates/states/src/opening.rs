//! Which repository and which working tree a folder is in, and which of them are refused.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::library::{self, Library};
use super::program::{self, Program};
use crate::error::Error;

/// Where files are checked out. Git takes the current folder where `GIT_DIR` is all it is told.
pub(super) fn choose_work_tree(
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
        Err(error) => {
            let top = top.display();
            let message = format!("cannot open the working tree {top}: {error}");
            Err(Error::usage(message))
        }
    }
}

/// Files of a checkout may be laid out as a bare repository, with a history in which nothing is
/// wrong: whoever runs in that folder would judge it instead. Git's `safe.bareRepository=explicit`
/// refuses all that are not named; this one, those that stand in another's working tree.
pub(super) fn refuse_posing(
    dir: &Path,
    git_dir: &Path,
    environment: &Environment,
) -> Result<(), Error> {
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
        let error = Error::usage(format!(
            "{} is laid out as a bare repository, in the working tree of another one",
            git_dir.display()
        ));
        return Err(error.with_help(
            "run caplint elsewhere; or set GIT_DIR to it, if it is the repository you mean",
        ));
    }
    Ok(())
}

pub(super) fn open_with_program(
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
        let error =
            Error::no_comparison(format!("the repository at {path} belongs to another user"));
        return Err(error.with_help(format!(
            "if you trust it: `git config --global --add safe.directory {path}`"
        )));
    }
    let path = top_of(dir);
    let message = format!("cannot open the repository at {}: {reason}", path.display());
    Err(match complaint {
        None => Error::no_comparison(message)
            .with_help("the `git` program may be able to read it: install git"),
        Some(complaint) => Error::no_comparison(format!("{message}; git: {}", complaint.trim())),
    })
}

fn top_of(dir: &Path) -> PathBuf {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let found = dir.ancestors().find(|folder| folder.join(".git").exists());
    found.unwrap_or(&dir).to_owned()
}
