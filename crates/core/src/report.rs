//! All that a renderer may read. The shape is that of the JSON report; what JSON leaves out
//! (spans, assumptions, text diffs) stands beside it in fields that are not serialized.
//!
//! Numbers are already computed and findings already judged here: renderers choose words and
//! layout, and compute nothing.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::finding::{Severity, Worse};
use crate::source::{SourceMap, Span};

/// The value of [`Report::format`].
pub const FORMAT: &str = "caplint.report/1";

/// A whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Always [`FORMAT`].
    pub format: String,
    /// The version of caplint that made it.
    pub caplint: String,
    /// The date as of which it judges, `YYYY-MM-DD`.
    pub as_of: String,
    /// What was compared with, or nothing in `check`.
    pub base: Option<Side>,
    /// What is known of the comparison, where one is made.
    #[serde(default)]
    pub comparison: Option<Compared>,
    /// What is judged.
    pub head: Side,
    /// One entry a project, sorted by root.
    pub projects: Vec<Project>,
    /// How many findings, and what the process exits with.
    pub summary: Summary,
    /// What is said of the whole run, such as how the base was chosen.
    #[serde(skip)]
    pub notes: Vec<String>,
    /// The text behind the spans.
    #[serde(skip)]
    pub sources: SourceMap,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// `worktree`, `index`, a revision as it was named, or a folder.
    pub name: String,
    /// The full id of the commit, where it is one.
    pub commit: Option<String>,
}

/// Which comparison was made, and how far it can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// `merge-base`, `revisions`, `parent`, `push`, `merge-group`, `merge-in-progress`, `staged`,
    /// `folders`, `report` or `nothing`.
    pub case: String,
    /// Whether it is surely the comparison that was meant.
    pub certain: bool,
    /// What was compared with: commits, or the names of folders and reports. Several where branches
    /// were merged crosswise or a merge is in progress.
    pub bases: Vec<String>,
    /// How many declarations could not be read, and so were not judged.
    pub unread: Unread,
    /// Why it is not certain, or why nothing differs.
    pub reason: Option<String>,
}

/// How many declarations could not be read on each side of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// In the base.
    pub base: usize,
    /// In the head.
    pub head: usize,
}

/// One project.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its folder in the repository; empty at the top.
    pub root: String,
    /// The ISO 4217 code of all its money.
    pub currency: String,
    /// The worst verdict of its meters today; storage by what is on disk.
    pub verdict: Verdict,
    /// Every demand line, sorted by path.
    pub lines: Vec<Line>,
    /// Every meter today, sorted by id.
    pub meters: Vec<Meter>,
    /// The meters on every declared day, sorted by day.
    pub horizons: Vec<Horizon>,
    /// The meters in every scenario, sorted by name.
    pub scenarios: Vec<Scenario>,
    /// The meters that the change moves, sorted by id; empty in `check`.
    pub changes: Vec<Change>,
    /// What to buy. Empty until there is a plan of purchases.
    pub purchases: Vec<serde_json::Value>,
    /// The findings, sorted by file, line and rule.
    pub findings: Vec<Finding>,
    /// What was assumed because nothing was declared, each in one sentence.
    #[serde(skip)]
    pub assumptions: Vec<String>,
    /// Every declaration that the change adds, changes or removes, with the text of it.
    #[serde(skip)]
    pub edits: Vec<Edit>,
    /// How many of the project's meters the change leaves as they were.
    #[serde(skip)]
    pub unchanged: usize,
    /// How many meters without a limit there are besides, which were not worked out.
    #[serde(skip)]
    pub left_out: usize,
}

/// A declaration that a change adds, changes or removes.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Its path in the model.
    pub path: String,
    /// What happened to it.
    pub kind: EditKind,
    /// Its text in the base, as written.
    pub before: Option<Excerpt>,
    /// Its text in the head, as written.
    pub after: Option<Excerpt>,
}

/// Lines of a file.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The file's path.
    pub file: String,
    /// The number of the first line.
    pub line: u32,
    /// The lines, each with its end.
    pub text: String,
}

/// What happened to a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
}

/// How a demand compares with its limit. Ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// There is no limit.
    Unlimited,
    /// It fits.
    Fits,
    /// It fits, with less room than the policy asks for.
    Tight,
    /// The demand includes something unknown, or the limit does.
    Unknown,
    /// It does not fit.
    Breaks,
}

impl Verdict {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unlimited => "unlimited",
            Self::Fits => "fits",
            Self::Tight => "tight",
            Self::Unknown => "unknown",
            Self::Breaks => "breaks",
        }
    }
}

/// One demand line at today's point values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Its path in the model.
    pub path: Arc<str>,
    /// The feature that it belongs to.
    pub feature: Arc<str>,
    /// `calls`, `writes`, `messages` or `inference`.
    pub list: Cow<'static, str>,
    /// What it uses: an endpoint with its API, a table, a queue, a model.
    pub target: Arc<str>,
    /// The file that declares it.
    pub file: Arc<str>,
    /// The line of that file.
    pub line: u32,
    /// How many tenants, entities or projects it is counted per.
    pub population: f64,
    /// What it comes to in a day.
    pub per_day: PerDay,
    /// Billed calls or runs, rows, or messages in the busiest second.
    pub peak_per_second: f64,
}

/// What a line comes to in a day; only the figures of its kind are there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerDay {
    /// Calls or runs asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested: Option<f64>,
    /// Those that the cache does not serve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reached: Option<f64>,
    /// Those and their retries.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billed: Option<f64>,
    /// Credits that the billed calls cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credits: Option<f64>,
    /// Rows written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<f64>,
    /// Messages sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub messages: Option<f64>,
    /// Bytes of those messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<f64>,
    /// Money that the billed runs cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub spend: Option<f64>,
    /// Units of the model that the billed runs use, by name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub units: Option<crate::collections::IndexMap<String, f64>>,
}

/// Something counted against a limit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meter {
    /// Such as `apis.tiklive.credits`.
    pub id: Arc<str>,
    /// The third part of the id.
    pub kind: Cow<'static, str>,
    /// Such as `credits/month`.
    pub unit: Cow<'static, str>,
    /// How much is asked for.
    pub demand: Percentiles,
    /// Whether the demand includes something unknown, so that it is at least this.
    pub lower_bound: bool,
    /// The limit's point value; nothing where there is none.
    pub limit: Option<f64>,
    /// The policy's percentile of demand over limit.
    pub utilization: Option<f64>,
    /// How the two compare.
    pub verdict: Verdict,
    /// The largest multiplier of all tenants at which the demand is within today's limit.
    pub breaking_point: Option<f64>,
    /// More that is known of this kind of meter.
    pub detail: Detail,
}

/// A demand's point value and percentiles; nothing where it is infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// With every estimate at its p50.
    pub point: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// The 80th percentile.
    pub p80: Option<f64>,
    /// The 90th percentile.
    pub p90: Option<f64>,
    /// The 95th percentile.
    pub p95: Option<f64>,
}

/// What is known of one kind of meter only. A field that is `None` is left out; the inner
/// option is null where the day does not come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Credits: the day on which the policy's soft share, 75 %, is used.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub soft_on_day: Option<Option<f64>>,
    /// Credits: the day on which the policy's hard share, 90 %, is used.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub hard_on_day: Option<Option<f64>>,
    /// Credits: the day on which the plan is used up.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub empties_on_day: Option<Option<f64>>,
    /// Storage: the first day on which the bytes pass what the policy calls full.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub full_on_day: Option<Option<u32>>,
    /// Throughput: how many partitions the demand takes.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub partitions_needed: Option<Option<f64>>,
    /// Workers: the depth above which to add workers.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "some"
    )]
    pub scale_up_at: Option<Option<f64>>,
}

/// Tells a null from an absent key when a report is read back.
fn some<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The meters on a day to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Horizon {
    /// Days from today.
    pub day: u32,
    /// The meters, sorted by id.
    pub meters: Vec<Meter>,
}

/// The meters in a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// `fit`, `warn` or `report`.
    pub require: String,
    /// The meters, sorted by id.
    pub meters: Vec<Meter>,
    /// Whether it was assumed because none was declared.
    #[serde(skip)]
    pub assumed: bool,
}

/// What a change does to one meter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The meter's id.
    pub meter: String,
    /// The demand before, at point values; nothing where it is infinite.
    pub before: Option<f64>,
    /// The demand after.
    pub after: Option<f64>,
    /// After less before; nothing where either is infinite.
    pub delta: Option<f64>,
    /// The delta over before, a ratio; nothing where before is 0.
    pub percent: Option<f64>,
    /// The limit.
    pub limit: BeforeAfter<f64>,
    /// The verdict; nothing on the side where the meter does not exist.
    pub verdict: BeforeAfter<Verdict>,
    /// The breaking point.
    pub breaking_point: BeforeAfter<f64>,
    /// The verdict in each scenario.
    pub scenarios: Vec<ScenarioChange>,
    /// The declarations that moved the demand, as applied.
    pub attribution: Vec<Attribution>,
}

/// A value before and after.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeforeAfter<T> {
    /// In the base.
    pub before: Option<T>,
    /// In the head.
    pub after: Option<T>,
}

/// A meter's verdict in one scenario, before and after.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioChange {
    /// The scenario.
    pub name: String,
    /// In the base.
    pub before: Option<Verdict>,
    /// In the head.
    pub after: Option<Verdict>,
}

/// How much one declaration moved a meter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribution {
    /// The declaration's path in the model.
    pub path: String,
    /// What happened to it.
    pub kind: EditKind,
    /// What it said.
    pub before: Option<String>,
    /// What it says.
    pub after: Option<String>,
    /// How much the demand moved when it was applied.
    pub delta: f64,
}

/// A finding, judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub subject: String,
    /// Whether it is new, when comparing.
    pub state: Option<State>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The rule's page.
    pub url: String,
    /// The same for the same finding in every run, wherever it stands in its file.
    pub fingerprint: String,
    /// The number that it is about.
    pub figure: Option<f64>,
    /// The file, or nothing where it stands in none.
    pub file: Option<String>,
    /// The first line, from 1.
    pub line: Option<u32>,
    /// The first column, from 1.
    pub column: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// One past the last column.
    pub end_column: Option<u32>,
    /// Other places.
    pub related: Vec<Related>,
    /// The waiver that covers it, if one does.
    pub waived: Option<Waived>,
    /// The words that are wrong.
    #[serde(skip)]
    pub span: Option<Span>,
    /// Which direction of the figure is worse.
    #[serde(skip)]
    pub worse: Worse,
}

/// Whether a finding stands in the base too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Only the head has it.
    New,
    /// Both have it, and the head's is worse.
    Worsened,
    /// Both have it.
    Existing,
    /// Only the base has it.
    Fixed,
}

/// Another place that a finding speaks of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Related {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What it has to do with the finding.
    pub message: String,
    /// The words.
    #[serde(skip)]
    pub span: Option<Span>,
}

/// The waiver or `allow` that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The day on which it ends.
    pub until: Option<String>,
}

/// How many findings fail, and the exit code. Fixed and waived findings are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What came of the run.
    #[serde(default)]
    pub verdict: Outcome,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that a waiver or an `allow` covers.
    pub waived: usize,
    /// What the process exits with.
    pub exit_code: u8,
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything was judged, and nothing fails.
    Passes,
    /// Some finding fails.
    Fails,
    /// Nothing fails, but some declarations could not be read.
    NotFullyChecked,
    /// There was nothing to judge, or nothing to compare with.
    #[default]
    NothingToCheck,
}
