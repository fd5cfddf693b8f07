//! What is compared in continuous integration, as its environment says.

use serde_json::Value;

use super::entries::Id;
use super::environment::{Surroundings, is_github};
use super::merging::{default_branch, merge_base};
use super::missing::{cut_off, deepen, fetch_branch, fetch_commit};
use super::objects::Resolution;
use super::repository::Repository;
use super::sides::{Case, Revision, Selection, Side};
use super::work::read_bounded;
use crate::error::Error;
use crate::limits;

/// What the environment says, or nothing outside of continuous integration.
pub(super) fn selection(
    repository: &Repository,
    surroundings: &Surroundings,
) -> Result<Option<Selection>, Error> {
    let environment = &surroundings.environment;
    let gitlab_base = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA");
    let gitlab_before = environment.get("CI_COMMIT_BEFORE_SHA");
    if !is_github(environment) && gitlab_base.or(gitlab_before).is_none() {
        return Ok(None);
    }
    let Some(head) = repository.head()? else {
        return Ok(None);
    };
    let job = Job {
        repository,
        surroundings,
        head: Revision::new("HEAD", head),
    };
    if is_github(environment) {
        job.github()
    } else if let Some(base) = gitlab_base {
        job.gitlab(base).map(Some)
    } else if let Some(before) = gitlab_before {
        let push = Push {
            host: "GitLab",
            before,
            branch: environment.get("CI_COMMIT_BRANCH"),
            default: environment.get("CI_DEFAULT_BRANCH"),
        };
        job.push(&push).map(Some)
    } else {
        Ok(None)
    }
}

/// A push, as its host tells of it.
struct Push<'a> {
    host: &'a str,
    /// The commit that the branch was at; all zeros where it is new.
    before: &'a str,
    branch: Option<&'a str>,
    default: Option<&'a str>,
}

struct Job<'a> {
    repository: &'a Repository,
    surroundings: &'a Surroundings,
    head: Revision,
}

impl Job<'_> {
    fn github(&self) -> Result<Option<Selection>, Error> {
        let environment = &self.surroundings.environment;
        let event = self.event()?;
        let name = environment.get("GITHUB_EVENT_NAME").unwrap_or_default();
        let reference = environment.get("GITHUB_REF").unwrap_or_default();
        let is_request = name.starts_with("pull_request") || !event["pull_request"].is_null();
        let request = reference.strip_prefix("refs/pull/");
        let is_merge_ref = request.is_some_and(|rest| rest.ends_with("/merge"));
        if is_merge_ref && environment.get("GITHUB_SHA") == Some(&self.head.id.to_string()) {
            let why = "GitHub pull request, its merge commit checked out";
            return self.first_parent(why).map(Some);
        }
        if is_request || is_merge_ref {
            return self.request(&event).map(Some);
        }
        match name {
            "merge_group" => {
                let base = text(&event, "/merge_group/base_sha")
                    .ok_or_else(|| self.unsaid("the merge group's base_sha"))?;
                self.against(Case::MergeGroup, base, "GitHub merge group")
                    .map(Some)
            }
            "push" => {
                let before =
                    text(&event, "/before").ok_or_else(|| self.unsaid("the push's before"))?;
                let reference = text(&event, "/ref");
                let push = Push {
                    host: "GitHub",
                    before,
                    branch: reference.and_then(|name| name.strip_prefix("refs/heads/")),
                    default: text(&event, "/repository/default_branch"),
                };
                self.push(&push).map(Some)
            }
            // Started by hand or by the clock: there is no change to judge but the branch's own.
            _ => Ok(None),
        }
    }

    fn event(&self) -> Result<Value, Error> {
        let Some(path) = self.surroundings.environment.path("GITHUB_EVENT_PATH") else {
            return Ok(Value::Null);
        };
        read_bounded(&path, limits::EVENT_BYTES)
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
            .map_err(|error| {
                let message =
                    format!("cannot read the event that GITHUB_EVENT_PATH names: {error}");
                Error::no_comparison(message)
            })
    }

    /// A request whose own head, or some other commit, is checked out.
    fn request(&self, event: &Value) -> Result<Selection, Error> {
        let environment = &self.surroundings.environment;
        let branch = text(event, "/pull_request/base/ref").or(environment.get("GITHUB_BASE_REF"));
        let sha = text(event, "/pull_request/base/sha");
        let is_base = sha == Some(&*self.head.id.to_string());
        let head_sha = text(event, "/pull_request/head/sha");
        if is_base && head_sha.is_some_and(|head| head != self.head.id.to_string()) {
            let error = Error::no_comparison("the request's base is checked out, not its head");
            return Err(error.with_help(
                "give actions/checkout `ref: ${{ github.event.pull_request.head.sha }}`",
            ));
        }
        // The branch moves on after the event's base was noted; a request that was rebased
        // since then is judged by what it was rebased on.
        let known = match branch {
            Some(branch) => {
                let name = format!("refs/remotes/origin/{branch}");
                match self.repository.resolve(&name)? {
                    Resolution::Commit(id) => Some(Revision::new(format!("origin/{branch}"), id)),
                    _ => None,
                }
            }
            None => None,
        };
        let base = match (known, sha, branch) {
            (Some(base), _, _) => base,
            (None, Some(sha), _) => self.commit(sha).map_err(|error| match error {
                // The base alone would not do: the way to it is needed as well.
                Error::NoComparison { message, .. } if self.repository.is_shallow() => {
                    let help = deepen("git fetch --unshallow", "0", self.surroundings);
                    Error::no_comparison(message).with_help(help)
                }
                error => error,
            })?,
            (None, None, Some(branch)) => {
                let message = format!("the request's base, {branch}, is not in this clone");
                let error = Error::no_comparison(message);
                return Err(error.with_help(format!("run `{}`", fetch_branch(branch))));
            }
            (None, None, None) => return Err(self.unsaid("the request's base")),
        };
        self.merge_base(&base, "GitHub pull request")
    }

    /// A push to the default branch is what it adds to what was there before. One to another
    /// branch is all that the branch adds to the default one: a second push has to answer for what
    /// the first one brought.
    fn push(&self, push: &Push<'_>) -> Result<Selection, Error> {
        let host = push.host;
        let origin = "refs/remotes/origin/";
        let remote_head = self.repository.symbolic_target("refs/remotes/origin/HEAD");
        let known = remote_head
            .as_deref()
            .and_then(|it| it.strip_prefix(origin));
        let default = push.default.or(known);
        if push.branch.is_some() && push.branch == default {
            if push.before.chars().all(|digit| digit == '0') {
                return Ok(self.all_new(&format!("{host} push, the first")));
            }
            let why = format!("{host} push, what was there before");
            return self.against(Case::Push, push.before, &why);
        }
        let why = format!("{host} push to a branch");
        match default_branch(self.repository, default)? {
            Some(branch) => self.merge_base(&branch, &why),
            None => {
                let branch = default.unwrap_or("main");
                let fetch = fetch_branch(branch);
                let command = if self.repository.is_shallow() {
                    format!("git fetch --unshallow && {fetch}")
                } else {
                    fetch
                };
                let message = format!("the default branch, {branch}, is not in this clone");
                let error = Error::no_comparison(message);
                Err(error.with_help(deepen(&command, "0", self.surroundings)))
            }
        }
    }

    fn gitlab(&self, base: &str) -> Result<Selection, Error> {
        let environment = &self.surroundings.environment;
        let is_merged = matches!(
            environment.get("CI_MERGE_REQUEST_EVENT_TYPE"),
            Some("merged_result" | "merge_train")
        );
        if is_merged && self.parents()?.len() > 1 {
            return self.first_parent("GitLab merge request, its merged result checked out");
        }
        self.against(Case::MergeBase, base, "GitLab merge request")
    }

    /// What a merge commit brings to its first parent.
    fn first_parent(&self, why: &str) -> Result<Selection, Error> {
        let parents = self.parents()?;
        let Some(parent) = parents.first() else {
            return Ok(self.all_new(why));
        };
        if self.repository.commit(*parent)?.is_none() {
            return Err(cut_off("HEAD^1", 1, self.surroundings));
        }
        Ok(self.compare(Case::Parent, Revision::new("HEAD^1", *parent), why))
    }

    fn parents(&self) -> Result<Vec<Id>, Error> {
        let id = self.head.id;
        let commit = self.repository.commit(id)?;
        Ok(commit.ok_or_else(|| self.repository.missing(id))?.parents)
    }

    fn against(&self, case: Case, sha: &str, why: &str) -> Result<Selection, Error> {
        Ok(self.compare(case, self.commit(sha)?, why))
    }

    /// A commit that the environment names in full.
    fn commit(&self, sha: &str) -> Result<Revision, Error> {
        let missing = || {
            let shown: String = sha.chars().take(64).collect();
            match Id::from_hex(sha) {
                Some(_) => {
                    Error::no_comparison(format!("the base, commit {shown}, is not in this clone"))
                        .with_help(deepen(
                            &fetch_commit(self.repository, sha),
                            "0",
                            self.surroundings,
                        ))
                }
                None => Error::no_comparison(format!(
                    "the environment names {shown:?} as the base, which is not a commit id"
                )),
            }
        };
        let id = Id::from_hex(sha).ok_or_else(missing)?;
        match self.repository.commit(id)? {
            Some(_) => Ok(Revision::new(sha, id)),
            None => Err(missing()),
        }
    }

    fn compare(&self, case: Case, base: Revision, why: &str) -> Selection {
        let head = Side::Commit(self.head.clone());
        Selection::new(case, Side::Commit(base), head, why)
    }

    fn all_new(&self, why: &str) -> Selection {
        let head = Side::Commit(self.head.clone());
        Selection::new(Case::Nothing, Side::Nothing, head, why)
    }

    fn merge_base(&self, with: &Revision, why: &str) -> Result<Selection, Error> {
        let head = Side::Commit(self.head.clone());
        merge_base(
            self.repository,
            self.surroundings,
            with,
            &self.head,
            head,
            why,
        )
    }

    fn unsaid(&self, what: &str) -> Error {
        Error::no_comparison(format!("the environment does not say {what}"))
            .with_help("name what to compare with: `caplint diff BASE HEAD`")
    }
}

fn text<'a>(event: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = event.pointer(pointer)?.as_str();
    text.filter(|text| !text.is_empty())
}
