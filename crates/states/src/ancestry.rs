//! What of a history a clone can tell: merge bases, and whether they are certain.

use std::collections::HashSet;

use super::entries::Id;
use super::repository::Repository;
use crate::error::Error;

/// Whether `bases` are surely the merge bases of `tips`.
///
/// A shallow clone lacks the parents of the commits at its boundary. A common ancestor that lies
/// in what is missing may be newer than a base that is found, unless it is an ancestor of it: and
/// where several are found, what is missing may make one the ancestor of another. So every boundary
/// commit that a tip reaches must be an ancestor of every base.
pub(super) fn is_certain(
    repository: &Repository,
    bases: &[Id],
    tips: &[Id],
) -> Result<bool, Error> {
    if !repository.is_shallow() {
        return Ok(true);
    }
    let boundary = repository.shallow_boundary()?;
    for base in bases {
        let mut seen = HashSet::new();
        // What the base reaches may end anywhere.
        reach(repository, &[*base], &boundary, &mut seen)?;
        if reach(repository, tips, &boundary, &mut seen)? {
            return Ok(false);
        }
    }
    Ok(true)
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
