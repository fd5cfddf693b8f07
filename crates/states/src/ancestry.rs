//! What of a history a clone can tell: merge bases, and whether they are certain.

use std::collections::HashSet;

use super::entries::Id;
use super::repository::Repository;
use crate::error::Error;

/// Whether `bases` are surely the merge bases of `tips`.
///
/// A shallow clone lacks the parents of the commits at its boundary. A common ancestor that lies
/// in what is missing may be newer than those that are found, unless it is an ancestor of one of
/// them. So every boundary commit that a tip reaches must be an ancestor of a base.
pub(super) fn is_certain(
    repository: &Repository,
    bases: &[Id],
    tips: &[Id],
) -> Result<bool, Error> {
    if !repository.is_shallow() {
        return Ok(true);
    }
    let boundary = repository.shallow_boundary()?;
    let mut seen = HashSet::new();
    // What the bases reach may end anywhere.
    reach(repository, bases, &boundary, &mut seen)?;
    Ok(!reach(repository, tips, &boundary, &mut seen)?)
}

/// Whether one commit is an ancestor of another, or is it, as far as the clone can tell.
pub(super) fn is_ancestor(repository: &Repository, one: Id, of: Id) -> Result<bool, Error> {
    Ok(repository.merge_bases(one, of)?.contains(&one))
}

/// Adds all that `from` reaches to `seen`. Says whether that met the end of the clone's history:
/// a boundary commit, or one that is not there.
fn reach(
    repository: &Repository,
    from: &[Id],
    boundary: &HashSet<Id>,
    seen: &mut HashSet<Id>,
) -> Result<bool, Error> {
    let mut met = false;
    let mut pending = from.to_vec();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        if boundary.contains(&id) {
            met = true;
            continue;
        }
        match repository.commit(id)? {
            Some(commit) => pending.extend(commit.parents),
            None => met = true,
        }
    }
    Ok(met)
}
