//! What is compared in a hook that pre-commit runs.

use super::environment::Surroundings;
use super::merging::merge_base;
use super::missing::fetch_commit;
use super::names::revision;
use super::repository::Repository;
use super::sides::{Selection, Side};
use crate::error::Error;

/// What pre-commit says is compared: with `--from-ref` and `--to-ref`, and before a push, the
/// merge base of the two against the latter. Nothing where it does not say.
/// Fails in continuous integration, where pre-commit does not say: nothing is staged there, so
/// that the index would be compared with itself.
pub(super) fn selection(
    repository: &Repository,
    surroundings: &Surroundings,
) -> Result<Option<Selection>, Error> {
    let environment = &surroundings.environment;
    let (from, to) = (
        environment.get("PRE_COMMIT_FROM_REF"),
        environment.get("PRE_COMMIT_TO_REF"),
    );
    let (Some(from), Some(to)) = (from, to) else {
        return if environment.get("PRE_COMMIT").is_some() && environment.is_ci() {
            let error = Error::no_comparison(
                "pre-commit does not say what is compared, and nothing is staged in CI",
            );
            Err(error.with_help("run `pre-commit run --from-ref origin/BRANCH --to-ref HEAD`"))
        } else {
            Ok(None)
        };
    };
    let commit = |name: &str| match revision(repository, surroundings, name)? {
        Side::Commit(revision) => Ok(revision),
        _ => Err(Error::no_comparison(format!("{name} is not in this clone"))
            .with_help(format!("run `{}`", fetch_commit(repository, name)))),
    };
    let (from, to) = (commit(from)?, commit(to)?);
    let head = Side::Commit(to.clone());
    let why = "as pre-commit says";
    merge_base(repository, surroundings, &from, &to, head, why).map(Some)
}
