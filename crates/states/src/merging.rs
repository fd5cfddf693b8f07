//! What a branch adds: comparisons with merge bases, and with a merge in progress.

use super::ancestry;
use super::entries::Id;
use super::environment::Surroundings;
use super::missing::{NAME_IT, bare, deepen, fetch_branch, shorthand};
use super::objects::Resolution;
use super::repository::Repository;
use super::sides::{Case, MERGE_BASE, Revision, Selection, Side};
use crate::error::Error;

/// Without arguments, where nothing around says what is compared: what this branch adds to the
/// default branch.
pub(super) fn local(
    repository: &Repository,
    surroundings: &Surroundings,
) -> Result<Selection, Error> {
    let head = work_tree(repository)?;
    let Some(tip) = repository.head()? else {
        let why = "there is no commit yet";
        return Ok(Selection::new(Case::Nothing, Side::Nothing, head, why));
    };
    if let Some(merge) = merge_in_progress(repository, &head)? {
        return Ok(merge);
    }
    let tip = Revision::new("HEAD", tip);
    if let Some(branch) = default_branch(repository, None)? {
        return merge_base(repository, surroundings, &branch, &tip, head, "");
    }
    // Comparing with HEAD would pass whatever the branch holds.
    if repository.is_shallow() {
        let error = Error::no_comparison("the default branch is not in this shallow clone");
        let command = format!("git fetch --unshallow && {}", fetch_branch("main"));
        return Err(error.with_help(deepen(&command, "0", surroundings)));
    }
    if surroundings.environment.is_ci() {
        let error = Error::no_comparison("no default branch is known to compare with");
        return Err(error.with_help(NAME_IT));
    }
    let why = "there is no default branch to compare with";
    let mut selection = Selection::new(Case::Nothing, Side::Commit(tip), head, why);
    selection.reason = Some(format!("{why}; {NAME_IT}"));
    Ok(selection)
}

/// While a merge is in progress: the default branch's tip, where the merge brings it in, as a
/// pull request will be compared with it; else all parents of the merge.
pub(super) fn merge_in_progress(
    repository: &Repository,
    head: &Side,
) -> Result<Option<Selection>, Error> {
    let merged = repository.merge_heads()?;
    let Some(tip) = repository.head()?.filter(|_| !merged.is_empty()) else {
        return Ok(None);
    };
    if let Some(branch) = default_branch(repository, None)? {
        for id in &merged {
            if ancestry::is_ancestor(repository, branch.id, *id)? {
                let why = "a merge of it is in progress";
                let base = Side::Commit(branch);
                let case = Case::MergeInProgress;
                return Ok(Some(Selection::new(case, base, head.clone(), why)));
            }
        }
    }
    let mut parents = vec![Side::Commit(Revision::new("HEAD", tip))];
    let merged = merged.into_iter().map(|id| Revision::new("MERGE_HEAD", id));
    parents.extend(merged.map(Side::Commit));
    let why = "a merge is in progress: what is new to all of its parents is new";
    let case = Case::MergeInProgress;
    Ok(Some(Selection::of(case, parents, head.clone(), why)))
}

/// The default branch as the clone knows it: the upstream's before the local one. `named` is
/// what the environment calls it.
pub(super) fn default_branch(
    repository: &Repository,
    named: Option<&str>,
) -> Result<Option<Revision>, Error> {
    let remote_head = repository.symbolic_target("refs/remotes/origin/HEAD");
    let mut names = Vec::new();
    if let Some(named) = named {
        names.push(format!("refs/remotes/origin/{named}"));
        names.push(format!("refs/heads/{named}"));
    } else {
        names.extend(remote_head);
        let known = ["main", "master"];
        names.extend(known.map(|name| format!("refs/remotes/origin/{name}")));
        names.extend(known.map(|name| format!("refs/heads/{name}")));
    }
    for name in names {
        if let Resolution::Commit(id) = repository.resolve(&name)? {
            return Ok(Some(Revision::new(shorthand(&name), id)));
        }
    }
    Ok(None)
}

/// The head against its merge bases with another commit; `tip` is the commit that the head is
/// based on.
pub(super) fn merge_base(
    repository: &Repository,
    surroundings: &Surroundings,
    with: &Revision,
    tip: &Revision,
    head: Side,
    why: &str,
) -> Result<Selection, Error> {
    let bases = repository.merge_bases(with.id, tip.id)?;
    let both = format!("{} and {}", with.describe(), tip.describe());
    let unshallow = || deepen("git fetch --unshallow", "0", surroundings);
    if bases.is_empty() {
        let message = format!("{both} have no common ancestor");
        return Err(if repository.is_shallow() {
            Error::no_comparison(format!("{message} in this shallow clone")).with_help(unshallow())
        } else {
            Error::no_comparison(message)
                .with_help("name what to compare with: `caplint diff BASE`")
        });
    }
    if !ancestry::is_certain(repository, &bases, &[with.id, tip.id])? {
        let message = format!("this shallow clone may lack the merge base of {both}");
        return Err(Error::no_comparison(message).with_help(unshallow()));
    }
    let described = format!("{MERGE_BASE} with {}", with.name);
    let [base] = bases[..] else {
        let side = |id: &Id| Side::Commit(Revision::new(&*described, *id));
        let bases = bases.iter().map(side).collect();
        return Ok(Selection::of(Case::MergeBase, bases, head, why));
    };
    let (name, why) = if base == with.id || base == tip.id {
        let name = if base == with.id { with } else { tip }.name.clone();
        let reasons = [format!("the {described}"), why.to_owned()];
        (name, reasons.join("; "))
    } else {
        (described, why.to_owned())
    };
    let base = Side::Commit(Revision::new(name, base));
    let why = why.trim_end_matches("; ");
    Ok(Selection::new(Case::MergeBase, base, head, why))
}

pub(super) fn work_tree(repository: &Repository) -> Result<Side, Error> {
    let there_is = repository.work_tree.is_some();
    there_is.then_some(Side::WorkTree).ok_or_else(bare)
}

pub(super) fn index(repository: &Repository) -> Result<Side, Error> {
    work_tree(repository).map(|_| Side::Index)
}
