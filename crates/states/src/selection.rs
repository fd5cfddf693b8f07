//! Which two states are compared: from the arguments, else from the environment, else from the
//! branch that is checked out.

use std::ffi::OsStr;

use super::environment::Surroundings;
use super::merging::{index, local, merge_in_progress, work_tree};
use super::missing::no_repository;
use super::names::{Range, existing, revision, side};
use super::repository::Repository;
use super::sides::{Asked, Case, Revision, Selection, Side, Which};
use super::{ci, hooks};
use crate::error::Error;

pub(super) fn one(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    which: &Which,
) -> Result<Side, Error> {
    match (which, repository) {
        (Which::WorkTree, None) => Ok(Side::Folder {
            given: surroundings.dir.display().to_string(),
            path: surroundings.dir.clone(),
        }),
        (Which::WorkTree, Some(repository)) => work_tree(repository),
        (Which::Index, Some(repository)) => index(repository),
        (Which::Revision(name), Some(repository)) => {
            match revision(repository, surroundings, name)? {
                Side::Nothing => Err(Error::usage(format!("{name} has no commit yet"))),
                side => Ok(side),
            }
        }
        (Which::Index, None) => Err(no_repository("--staged")),
        (Which::Revision(_), None) => Err(no_repository("--rev")),
    }
}

pub(super) fn two(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    asked: &Asked,
) -> Result<Selection, Error> {
    match (asked.sides.as_slice(), asked.staged) {
        ([], false) => {
            let repository = repository.ok_or_else(|| {
                Error::usage("this is not a git repository")
                    .with_help("name two folders: `caplint diff ./BEFORE ./AFTER`")
            })?;
            if let Some(selection) = hooks::selection(repository, surroundings)? {
                return Ok(selection);
            }
            match ci::selection(repository, surroundings)? {
                Some(selection) => Ok(selection),
                None => local(repository, surroundings),
            }
        }
        ([], true) => {
            let repository = repository.ok_or_else(|| no_repository("--staged"))?;
            if let Some(selection) = hooks::selection(repository, surroundings)? {
                return Ok(selection);
            }
            let head = index(repository)?;
            if let Some(merge) = merge_in_progress(repository, &head)? {
                return Ok(merge);
            }
            let base = match repository.head()? {
                Some(id) => Side::Commit(Revision::new("HEAD", id)),
                None => Side::Nothing,
            };
            Ok(Selection::new(Case::Staged, base, head, ""))
        }
        ([base], staged) => one_argument(surroundings, repository, base, staged),
        ([base, head], false) => {
            let base = side(surroundings, repository, base, true)?;
            let head = existing(side(surroundings, repository, head, false)?)?;
            Ok(Selection::new(case_of(&base), base, head, ""))
        }
        _ => Err(Error::usage("--staged compares the index with one commit")
            .with_help("`caplint diff --staged [BASE]`")),
    }
}

fn one_argument(
    surroundings: &Surroundings,
    repository: Option<&Repository>,
    argument: &OsStr,
    staged: bool,
) -> Result<Selection, Error> {
    if let (Some(repository), Some(range)) = (repository, Range::of(argument)) {
        if staged {
            let error =
                Error::usage("--staged compares the index with one commit, not with a range");
            return Err(error.with_help("`caplint diff --staged [BASE]`"));
        }
        return range.select(repository, surroundings);
    }
    let base = side(surroundings, repository, argument, true)?;
    let head = match repository {
        Some(repository) if staged => index(repository)?,
        Some(repository) => work_tree(repository)?,
        None if staged => return Err(no_repository("--staged")),
        // A folder that is no repository is its own working tree.
        None => Side::Folder {
            given: surroundings.dir.display().to_string(),
            path: surroundings.dir.clone(),
        },
    };
    let case = match head {
        Side::Index => Case::Staged,
        _ => case_of(&base),
    };
    Ok(Selection::new(case, base, head, ""))
}

/// What two sides that the command line names make of a comparison.
fn case_of(base: &Side) -> Case {
    match base {
        Side::Report { .. } => Case::Report,
        Side::Folder { .. } => Case::Folders,
        _ => Case::Revisions,
    }
}
