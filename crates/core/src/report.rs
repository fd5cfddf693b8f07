//! The report: everything a renderer may read. Its shape is that of the JSON report; what JSON
//! leaves out (spans, assumptions, text diffs) is in fields that are not serialized.
//!
//! Numbers are computed and findings judged before they get here: renderers choose words and
//! layout, and compute nothing.
//!
//! The JSON Schema of reports is derived from these types: the doc comments of what is serialized
//! are its descriptions.

mod edits;
mod meters;
pub mod named;
pub mod purchases;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::advice::Way;
use crate::edit;
use crate::finding::{Severity, When, Worse};
use crate::source::{SourceMap, Span};

pub use edits::{Edit, Excerpt};
pub use meters::{Detail, Horizon, Line, Meter, PerDay, Percentiles, Scenario, Verdict};
pub use purchases::Purchase;

/// The value of [`Report::format`].
pub const FORMAT: &str = "caplint.report/1";

/// Where the schema of reports is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/report.schema.json";

/// A report of caplint. Numbers are in full precision; an infinite demand is null. Lists are
/// sorted by path or id, horizons by day, findings by file, line and rule.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "caplint report", extend("$id" = SCHEMA))]
pub struct Report {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The version of caplint that wrote the report.
    pub caplint: String,
    /// The date as of which findings are judged, `YYYY-MM-DD`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub as_of: String,
    /// What the head is compared with; null in `check`.
    pub base: Option<Side>,
    /// What is known of the comparison; null in `check`.
    pub comparison: Option<Compared>,
    /// What is checked.
    pub head: Side,
    /// The projects, sorted by root.
    pub projects: Vec<Project>,
    /// What became of the rows of measured usage, where there is some.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub usage: Option<UsageRows>,
    /// The number of findings and the exit code.
    pub summary: Summary,
    /// Notes on the whole run, such as how the base was chosen.
    #[serde(skip)]
    pub notes: Vec<String>,
    /// The text behind the spans.
    #[serde(skip)]
    pub sources: SourceMap,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// `worktree`, `index`, a revision as it was named, or a folder.
    pub name: String,
    /// The full id of the commit, if the side is a commit.
    pub commit: Option<String>,
}

/// Which comparison was made, and how far it can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unread {
    /// In the base.
    pub base: usize,
    /// In the head.
    pub head: usize,
}

/// What became of the rows of measured usage. Each is counted once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsageRows {
    /// All of them.
    pub rows: usize,
    /// Those that say something about what is declared.
    pub matched: usize,
    /// Those of days that do not count.
    pub outside: usize,
    /// What the others name, sorted.
    pub unmatched: Vec<Unmatched>,
}

/// Rows of measured usage that match nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unmatched {
    /// What they name, as a path.
    pub subject: String,
    /// Their unit.
    pub unit: String,
    /// The number of rows.
    pub rows: usize,
    /// The sum of their quantities.
    pub quantity: f64,
    /// The file of the first of them.
    pub file: String,
    /// The line of the first of them.
    pub line: usize,
}

/// A project.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The project's name.
    pub name: String,
    /// Its folder in the repository; empty at the top.
    pub root: String,
    /// The ISO 4217 code of the currency of all its amounts.
    pub currency: String,
    /// The worst verdict of its meters today; for storage, by what is on disk.
    pub verdict: Verdict,
    /// All demand lines, sorted by path.
    pub lines: Vec<Line>,
    /// All meters today, sorted by id.
    pub meters: Vec<Meter>,
    /// The meters on every declared day, sorted by day.
    pub horizons: Vec<Horizon>,
    /// The meters in every scenario, sorted by name.
    pub scenarios: Vec<Scenario>,
    /// The meters that the change moves, sorted by id; empty in `check`.
    pub changes: Vec<Change>,
    /// What to buy in the next three months, and for events: by API, months before events.
    pub purchases: Vec<Purchase>,
    /// The findings, sorted by file, line and rule.
    pub findings: Vec<Finding>,
    /// What one tenant of each tier costs in a month, where something costs money.
    #[serde(skip)]
    pub tenants: Vec<TenantCost>,
    /// What is gone of which the saved report that it is compared with does not tell what has come in
    /// its place.
    #[serde(skip)]
    pub untold: Option<String>,
    /// What was to be bought before the change.
    #[serde(skip)]
    pub bought_before: Vec<Purchase>,
    /// The percentile of demands that is judged, such as 0.8.
    #[serde(skip)]
    pub confidence: f64,
    /// What is assumed because nothing is declared, one sentence each.
    #[serde(skip)]
    pub assumptions: Vec<String>,
    /// The declarations that the change adds, changes or removes, with their text.
    #[serde(skip)]
    pub edits: Vec<Edit>,
    /// How many of the project's meters the change does not move.
    #[serde(skip)]
    pub unchanged: usize,
    /// How many more meters have no limit and were not computed.
    #[serde(skip)]
    pub left_out: usize,
}

/// What a change does to a declaration.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// Only the head has it.
    Added,
    /// The head and the base differ.
    Changed,
    /// Only the base has it.
    Removed,
}

impl EditKind {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// What the change does to one meter, at point values.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The meter's id.
    pub meter: String,
    /// The demand in the base; null if infinite.
    pub before: Option<f64>,
    /// The demand in the head; null if infinite.
    pub after: Option<f64>,
    /// After minus before; null if either is infinite.
    pub delta: Option<f64>,
    /// The delta over before, as a ratio; null if before is 0.
    pub percent: Option<f64>,
    /// The limit.
    pub limit: BeforeAfter<f64>,
    /// The verdict; null on the side where the meter does not exist.
    pub verdict: BeforeAfter<Verdict>,
    /// The breaking point.
    pub breaking_point: BeforeAfter<f64>,
    /// The verdict in each scenario.
    pub scenarios: Vec<ScenarioChange>,
    /// The declarations that moved the demand, in the order in which they were applied.
    pub attribution: Vec<Attribution>,
    /// The meter in the base.
    #[serde(skip)]
    pub was: Option<Box<Meter>>,
}

/// A value in the base and in the head; null on a side that has none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BeforeAfter_{T}")]
pub struct BeforeAfter<T> {
    /// The value in the base.
    pub before: Option<T>,
    /// The value in the head.
    pub after: Option<T>,
}

/// A meter's verdict in one scenario, in the base and in the head.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioChange {
    /// The scenario's name.
    pub name: String,
    /// The verdict in the base.
    pub before: Option<Verdict>,
    /// The verdict in the head.
    pub after: Option<Verdict>,
}

/// How much one declaration moved a meter.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Attribution {
    /// The declaration's path in the model.
    pub path: String,
    /// Whether it is added, changed or removed.
    pub kind: EditKind,
    /// What it declares in the base.
    pub before: Option<String>,
    /// What it declares in the head.
    pub after: Option<String>,
    /// How much the demand moved when it was applied; null if infinite.
    #[serde(deserialize_with = "meters::or_infinite")]
    #[schemars(with = "Option<f64>")]
    pub delta: f64,
}

/// A finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    /// The severity, after `[rules]` and the command line.
    pub severity: Severity,
    /// The path in the model that it is about.
    pub subject: String,
    /// Whether the base has it too; null in `check`.
    pub state: Option<State>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The address of the rule's page.
    pub url: String,
    /// The same in every run, wherever the finding is in its file.
    pub fingerprint: String,
    /// The number that it is about.
    pub figure: Option<f64>,
    /// The file; null if it is in none.
    pub file: Option<String>,
    /// The first line, from 1.
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
    /// The first column, from 1.
    #[schemars(range(min = 1))]
    pub column: Option<u32>,
    /// The last line.
    #[schemars(range(min = 1))]
    pub end_line: Option<u32>,
    /// One past the last column.
    #[schemars(range(min = 1))]
    pub end_column: Option<u32>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// The waiver or `allow` that covers it.
    pub waived: Option<Waived>,
    /// The words that are wrong.
    #[serde(skip)]
    pub span: Option<Span>,
    /// Whether a higher or a lower figure is worse.
    #[serde(skip)]
    pub worse: Worse,
    /// Where it is about several things: what each comes to.
    #[serde(skip)]
    pub parts: Vec<(String, f64)>,
    /// The situation that its figures are of.
    #[serde(skip)]
    pub when: When,
    /// The declaration of the change that is behind it.
    #[serde(skip)]
    pub cause: Option<Attribution>,
    /// Whether another finding speaks for it, so that it is not shown.
    #[serde(skip)]
    pub silenced: bool,
    /// What help ends in, whatever it advises: that a waiver no longer covers it, and what it
    /// costs to live with.
    #[serde(skip)]
    pub tail: String,
    /// What it costs to live with: the last line of help.
    #[serde(skip)]
    pub cost: Option<String>,
    /// The end of its message, which says what change is behind it.
    #[serde(skip)]
    pub blame: Option<String>,
    /// What ends it, where that can be written into a file.
    #[serde(skip)]
    pub fix: Option<Fix>,
    /// What else may end it, where that was not tried yet.
    #[serde(skip)]
    pub ways: Vec<Way>,
}

/// Edits that end a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether they have one meaning, or decide something.
    pub applicability: Applicability,
    /// Whether they raise a limit.
    pub raises: bool,
    /// What is left to do by hand once they are made.
    pub reminder: Option<String>,
    /// All of them are made, or none.
    pub edits: Vec<edit::Edit>,
    /// What they add, as TOML with the headers of its tables, where that is all they do.
    pub snippet: Option<String>,
}

/// What a fix takes upon itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// It has one meaning: a spelling, a name that is not ambiguous.
    Safe,
    /// It decides something: how long rows are kept, how far a limit is raised.
    Unsafe,
}

/// Whether the base has a finding too.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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

/// Another place that matters to a finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Related {
    /// The file.
    pub file: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The column, from 1.
    #[schemars(range(min = 1))]
    pub column: u32,
    /// What it has to do with the finding.
    pub message: String,
    /// The words.
    #[serde(skip)]
    pub span: Option<Span>,
}

impl Related {
    /// The place of a finding, which another one takes up.
    pub(crate) fn of(finding: &Finding) -> Option<Self> {
        Some(Self {
            file: finding.file.clone()?,
            line: finding.line?,
            column: finding.column?,
            message: finding.message.clone(),
            span: finding.span,
        })
    }
}

/// The waiver or `allow` that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waived {
    /// The reason given.
    pub reason: Option<String>,
    /// Who owns the waiver.
    pub owner: Option<String>,
    /// The last day on which it applies, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// What one tenant of a tier costs in a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TenantCost {
    /// The tier.
    pub tier: String,
    /// What one cost in the base, where there is one.
    pub before: Option<f64>,
    /// What one costs.
    pub after: f64,
    /// Whether something unknown adds to what one cost, and to what one costs.
    pub at_least: [bool; 2],
}

impl TenantCost {
    /// Whether it changed by as much as is shown.
    pub fn has_changed(&self) -> bool {
        let cents = |money: f64| (money * 1e4).round();
        self.before
            .is_some_and(|before| cents(before) != cents(self.after))
            || self.before.is_some() && self.at_least[0] != self.at_least[1]
    }
}

/// The number of findings and the exit code. Waived findings are counted apart, fixed ones not
/// at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// What came of the run.
    pub verdict: Outcome,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that a waiver or an `allow` covers.
    pub waived: usize,
    /// The exit code of the process.
    #[schemars(extend("enum" = [0, 1]))]
    pub exit_code: u8,
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
