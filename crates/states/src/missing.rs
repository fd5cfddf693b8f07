//! Revisions that a clone does not have: why, and which command gets them.

use super::entries::Id;
use super::environment::{Surroundings, is_github};
use super::objects::Resolution;
use super::repository::Repository;
use super::sides::Side;
use crate::error::Error;

/// Why `X^`, `X^1`, `X~` or `X~N` does not resolve where `X` does: history ends, or it was cut
/// off. Nothing where it is neither.
pub(super) fn ancestor(
    repository: &Repository,
    surroundings: &Surroundings,
    name: &str,
) -> Result<Option<Side>, Error> {
    let (stem, steps) = if let Some(stem) = name.strip_suffix("^1").or(name.strip_suffix('^')) {
        (stem, 1)
    } else if let Some((stem, count)) = name.rsplit_once('~') {
        match count {
            "" => (stem, 1),
            count => match count.parse::<u32>() {
                Ok(count) => (stem, count),
                Err(_) => return Ok(None),
            },
        }
    } else {
        return Ok(None);
    };
    let Resolution::Commit(mut at) = repository.resolve(stem)? else {
        return Ok(None);
    };
    for step in 0..steps {
        let parents = repository
            .commit(at)?
            .ok_or_else(|| repository.missing(at))?
            .parents;
        let Some(parent) = parents.first() else {
            let is_first = step + 1 == steps;
            return Ok(is_first.then_some(Side::Nothing));
        };
        if repository.commit(*parent)?.is_none() {
            return Err(cut_off(name, steps - step, surroundings));
        }
        at = *parent;
    }
    Ok(None)
}

/// The error for an ancestor that a shallow clone lacks.
pub(super) fn cut_off(name: &str, missing: u32, surroundings: &Surroundings) -> Error {
    Error::no_comparison(format!("{name} is not in this shallow clone")).with_help(deepen(
        &format!("git fetch --deepen={missing}"),
        &(missing + 1).to_string(),
        surroundings,
    ))
}

/// The command that gets the missing history, and what to set where a workflow checks out.
pub(super) fn deepen(command: &str, depth: &str, surroundings: &Surroundings) -> String {
    let in_actions = is_github(&surroundings.environment);
    let mut help = format!("run `{command}`");
    if in_actions {
        help.push_str(&format!(
            ", or give actions/checkout `fetch-depth: {depth}`"
        ));
    }
    help
}

/// The command that gets one commit. In a full clone `--depth` would cut history off.
pub(super) fn fetch_commit(repository: &Repository, id: &str) -> String {
    if repository.is_shallow() {
        format!("git fetch --no-tags --depth=1 origin {id}")
    } else {
        format!("git fetch --no-tags origin {id}")
    }
}

/// The command that gets a branch.
pub(super) fn fetch_branch(branch: &str) -> String {
    format!("git fetch --no-tags origin +refs/heads/{branch}:refs/remotes/origin/{branch}")
}

pub(super) fn unknown(repository: &Repository, surroundings: &Surroundings, name: &str) -> Error {
    if Id::from_hex(name).is_some() {
        return Error::no_comparison(format!("commit {name} is not in this clone"))
            .with_help(deepen(&fetch_commit(repository, name), "0", surroundings));
    }
    let message = format!("unknown revision: {name}");
    let similar = similar_name(repository, name);
    if let Some(similar) = similar {
        return Error::no_comparison(message).with_help(format!("did you mean {similar}?"));
    }
    if let Some(branch) = name.strip_prefix("origin/") {
        return Error::no_comparison(message).with_help(format!("run `{}`", fetch_branch(branch)));
    }
    if repository.is_shallow() {
        return Error::no_comparison(format!("{message} in this shallow clone")).with_help(
            format!(
                "if it is a branch, run `{}` and name origin/{name}",
                fetch_branch(name)
            ),
        );
    }
    Error::no_comparison(message)
        .with_help("name a branch, a tag or a commit; a folder or a saved report begins with `./`")
}

/// The branch or tag whose name is nearest, if any is near.
fn similar_name(repository: &Repository, name: &str) -> Option<String> {
    let near = (name.chars().count() / 3).clamp(1, 3);
    repository
        .reference_names()
        .iter()
        .map(|full| shorthand(full).to_owned())
        .map(|short| (strsim::damerau_levenshtein(&short, name), short))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, short)| short)
}

/// A reference's name as people write it.
pub(super) fn shorthand(name: &str) -> &str {
    ["refs/heads/", "refs/tags/", "refs/remotes/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// What to do where no base is known.
pub(super) const NAME_IT: &str = "name the base: `caplint diff origin/BRANCH`";

pub(super) fn bare() -> Error {
    Error::usage("a bare repository has no working tree and no index")
        .with_help("name commits: `caplint check --rev HEAD`, `caplint diff main HEAD`")
}

pub(super) fn no_repository(option: &str) -> Error {
    Error::usage(format!("{option} needs a git repository"))
}
