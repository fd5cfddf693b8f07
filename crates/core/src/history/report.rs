//! A history, as reports have it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::analysis::Project;
use crate::report::Change;

/// The value of [`History::format`].
pub const FORMAT: &str = "caplint.history/1";

/// Where its schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/history.schema.json";

/// The commits that change capacity files, oldest first, and what each of them moved.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "caplint history", extend("$id" = SCHEMA))]
pub struct History {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The commits; with `--top` those that move most of a limit, most first.
    pub commits: Vec<Commit>,
    /// What is missing, and why.
    pub notes: Vec<String>,
}

/// A commit that changes a capacity file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Commit {
    /// Its id, in full.
    pub commit: String,
    /// The day on which it was committed, in UTC, `YYYY-MM-DD`.
    pub date: String,
    /// Its author's name.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// The number of the pull request that it merges, where its subject names one.
    pub pull_request: Option<u64>,
    /// Why it can't be told what it moves, where a file can't be read. The next commit that can be
    /// read is compared with the last that could.
    pub error: Option<String>,
    /// The meters that it moves, by id.
    pub meters: Vec<Moved>,
}

/// A meter that a commit moves. Figures are point values of the commit's own day.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Moved {
    /// The project's name, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The meter's id.
    pub meter: String,
    /// The demand before; null where it was infinite.
    pub before: Option<f64>,
    /// The demand after; null where it is infinite.
    pub after: Option<f64>,
    /// By how much it moves; 0 where only its limit or verdict does.
    pub delta: Option<f64>,
    /// The unit of all of them.
    pub unit: String,
    /// The limit, where there is one: of a meter that is gone what it was.
    pub limit: Option<f64>,
    /// What changes where the demand stays.
    #[serde(skip)]
    pub what: &'static str,
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) folder: String,
    /// The ISO 4217 code of the project's money.
    #[serde(skip)]
    pub currency: String,
}

impl Moved {
    pub(super) fn new(project: &Project, change: &Change, unit: &str) -> Self {
        Self {
            project: None,
            meter: change.meter.clone(),
            before: change.before,
            after: change.after,
            delta: change.delta,
            unit: unit.to_owned(),
            limit: change.limit.after.or(change.limit.before),
            what: if change.limit.before != change.limit.after {
                "only its limit"
            } else if change.verdict.before != change.verdict.after {
                "only its verdict"
            } else {
                "only in a scenario"
            },
            name: project.declarations.name.clone(),
            folder: project.declarations.folder.clone(),
            currency: project.currency().to_owned(),
        }
    }

    /// How much of its limit it moves by.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let limit = self.limit.filter(|limit| *limit > 0.0)?;
        Some(self.delta? / limit)
    }
}

impl Commit {
    pub(super) fn new(commit: &super::Commit, meters: Vec<Moved>, error: Option<String>) -> Self {
        Self {
            commit: commit.id.clone(),
            date: commit.day.to_string(),
            author: commit.author.clone(),
            subject: commit.subject.clone(),
            pull_request: commit.pull_request(),
            error,
            meters,
        }
    }

    /// The most of a limit that it moves.
    pub(super) fn share(&self) -> f64 {
        let shares = self.meters.iter().filter_map(Moved::share);
        shares.map(f64::abs).fold(0.0, f64::max)
    }
}

/// The pull request that a subject names: `Add posts (#12)`, `Merge pull request #12 from …`.
pub(super) fn pull_request(subject: &str) -> Option<u64> {
    let number = match subject.strip_prefix("Merge pull request #") {
        Some(rest) => rest.split(' ').next(),
        None => subject.trim_end().strip_suffix(')')?.rsplit("(#").next(),
    };
    // Nothing but digits: a sign is none of a pull request's number.
    let digits = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok()
}
