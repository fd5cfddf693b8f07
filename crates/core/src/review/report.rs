//! A review, as it is printed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calibrate::report::Factor;
use crate::report::purchases::{CashLine, Purchase};
use crate::report::{UsageRows, Verdict};

/// The value of [`Review::format`].
pub const FORMAT: &str = "caplint.review/1";

/// Where its schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/review.schema.json";

/// What was forecast and what was measured, and what is to be decided.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "caplint review", extend("$id" = SCHEMA))]
pub struct Review {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// The date as of which it looks ahead, `YYYY-MM-DD`.
    pub as_of: String,
    /// The commit whose forecast is judged; null where there is none from before the first day.
    pub forecast_made: Option<String>,
    /// Three sentences.
    pub summary: Vec<String>,
    /// What is to be decided, by kind and id.
    pub decisions: Vec<Decision>,
    /// What has become of the decisions of the review before.
    pub previous: Vec<Previous>,
    /// The projects, by folder.
    pub projects: Vec<Project>,
    /// What became of the rows of measured usage.
    pub usage: UsageRows,
    /// What is missing, and why.
    pub notes: Vec<String>,
}

/// Something that is to be decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The same in every review: a rule and what it is about.
    pub id: String,
    /// What kind of decision it is.
    pub kind: Kind,
    /// `new`, or for how many quarters it has been open.
    pub status: String,
    /// The first day of the first review that asked for it, `YYYY-MM-DD`.
    #[serde(default)]
    pub since: Option<String>,
    /// Why.
    pub evidence: String,
    /// The share of its limit that it comes to, or what else the next review compares with; null
    /// where there is none.
    #[serde(default)]
    pub figure: Option<f64>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The day by which it is due, `YYYY-MM-DD`.
    pub due: Option<String>,
}

/// A kind of decision.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Buy or raise something ahead.
    PrePurchase,
    /// Build something otherwise: no purchase helps.
    Rearchitect,
    /// Keep an eye on something.
    Watch,
}

impl Kind {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrePurchase => "pre-purchase",
            Self::Rearchitect => "rearchitect",
            Self::Watch => "watch",
        }
    }
}

/// What has become of an earlier decision.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Previous {
    /// Its id.
    pub id: String,
    /// `done`, `moot`, or `open (2nd quarter)`.
    pub status: String,
    /// What it comes to now, or why it is no longer asked for.
    pub evidence: String,
}

/// A project's part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The ISO 4217 code of its money.
    pub currency: String,
    /// From the forecast that was made to what was measured, by meter.
    pub bridges: Vec<Bridge>,
    /// What was forecast and measured of each line, by feature.
    pub features: Vec<Line>,
    /// Databases of which bytes were measured.
    pub databases: Vec<Database>,
    /// What rows of tables take, declared and measured.
    pub row_sizes: Vec<RowSize>,
    /// Queues of which the depth was sampled.
    pub queues: Vec<Queue>,
    /// What models cost.
    pub spend: Vec<Spend>,
    /// The tenants that cost most.
    pub tenants: Vec<Spender>,
    /// Tenants that used more of a model than a tenant may, by how much.
    pub over_quota: Vec<OverQuota>,
    /// Tenants whose use at least tripled in 30 days.
    pub tripling: Vec<Tripling>,
    /// How many tenants there are, today and in each scenario.
    pub populations: Vec<Population>,
    /// Limits that are tight or break in a scenario, with today's tenants multiplied; and whatever
    /// is to be bought or paid in it.
    pub scenarios: Vec<Scenario>,
    /// What to buy, by API and month.
    pub purchases: Vec<Purchase>,
    /// What is paid by month, to the end of the year.
    pub cash: Vec<CashLine>,
    /// What is assumed because nothing is declared.
    pub assumptions: Vec<String>,
    /// Waivers that end within 90 days.
    pub waivers: Vec<Waiver>,
}

/// The way from a forecast to what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Bridge {
    /// The meter's id.
    pub meter: String,
    /// How many days count: those with rows.
    pub days: usize,
    /// What the days come to that were measured, by the forecast that was made.
    pub forecast: f64,
    /// What changes moved that were merged since.
    pub changes: Vec<Merged>,
    /// What each factor moved.
    pub effects: Vec<Effect>,
    /// What was measured: the sum of all.
    pub actual: f64,
}

/// What a change moved of a meter.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Merged {
    /// The commit.
    pub commit: String,
    /// Its day.
    pub date: String,
    /// The first line of its message.
    pub subject: String,
    /// The pull request, where the message names one.
    pub pull_request: Option<u64>,
    /// How much it moved on the days that were measured.
    pub effect: f64,
}

/// What a factor moved.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Effect {
    /// The factor.
    pub factor: Factor,
    /// How much it moved.
    pub effect: f64,
}

/// A line, forecast and measured. Errors are those of whole blocks of 7 days.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Line {
    /// Its feature.
    pub feature: String,
    /// Its path.
    pub path: String,
    /// What was measured.
    pub unit: String,
    /// How many days count.
    pub days: usize,
    /// What was forecast for them.
    pub forecast: f64,
    /// What was measured.
    pub actual: f64,
    /// Forecast less measured, over measured.
    pub bias: Option<f64>,
    /// The same, with each block's error counted whatever its sign.
    pub wape: Option<f64>,
    /// The day on which its forecast was made, where that is in the window.
    pub since: Option<String>,
}

/// A database.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Bytes at the first sample.
    pub first: f64,
    /// Bytes at the last sample.
    pub last: f64,
    /// Bytes that were projected for the last day; null where it was not declared.
    pub projected: Option<f64>,
    /// What it holds; null where that is not declared.
    pub limit: Option<f64>,
    /// In how many days it is full, as declared; null where that is not in sight.
    pub full_on_day: Option<f64>,
}

/// What a row takes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RowSize {
    /// The path.
    pub path: String,
    /// As declared.
    pub declared: Option<f64>,
    /// As measured.
    pub measured: f64,
}

/// A queue's depth.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How many samples there are.
    pub samples: usize,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The most.
    pub max: f64,
    /// The depth that is forecast.
    pub declared: Option<f64>,
    /// The most that is allowed.
    pub max_depth: Option<f64>,
    /// The depth above which the declared workers take longer than the drain target to empty it.
    pub scale_up_at: Option<f64>,
    /// For how many minutes it was deeper than that; null where there is no target.
    pub minutes_over: Option<f64>,
}

/// What a model costs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spend {
    /// The model.
    pub model: String,
    /// How many days have a cost.
    pub days: usize,
    /// What it cost.
    pub cost: f64,
    /// What it cost in the dearest calendar month.
    pub most: f64,
    /// That month, `YYYY-MM`.
    pub month: String,
    /// Its budget per month; null where there is none.
    pub budget: Option<f64>,
}

/// A tenant that used more than it may, in the period in which it used the most.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OverQuota {
    /// The tenant.
    pub tenant: String,
    /// Its tier, where that is known.
    pub tier: Option<String>,
    /// The model.
    pub model: String,
    /// What is counted.
    pub unit: String,
    /// How much it used.
    pub used: f64,
    /// How much it may use.
    pub quota: f64,
    /// In which time, such as `month`.
    pub per: String,
    /// When that was, such as `in 2026-09`.
    pub when: String,
}

/// What a tenant costs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Spender {
    /// The tenant.
    pub tenant: String,
    /// Its tier, where that is known.
    pub tier: Option<String>,
    /// What it cost.
    pub cost: f64,
    /// Its share of all cost, whether rows say whose that is or not.
    pub share: f64,
}

/// A tenant whose use grows fast.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Tripling {
    /// The tenant.
    pub tenant: String,
    /// What it uses.
    pub path: String,
    /// What was measured.
    pub unit: String,
    /// In the 30 days before the last 30.
    pub before: f64,
    /// In the last 30 days.
    pub last: f64,
    /// Its share of what all use of it.
    pub share: f64,
}

/// How many tenants of a tier there are.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Population {
    /// `today`, or the scenario.
    pub situation: String,
    /// The tier.
    pub tier: String,
    /// How many.
    pub tenants: f64,
}

/// A limit in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Scenario {
    /// The scenario.
    pub scenario: String,
    /// The meter's id.
    pub meter: String,
    /// The unit of demand and limit.
    pub unit: String,
    /// The demand at the policy's percentile; null if infinite.
    pub demand: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// Demand over limit.
    pub utilization: Option<f64>,
    /// How they compare.
    pub verdict: Verdict,
}

/// A waiver that ends.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Waiver {
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub subject: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its last day.
    pub until: String,
}

/// What a review needs of the one before.
#[derive(Clone, Debug, Deserialize)]
pub struct Before {
    /// The format and its version.
    pub format: String,
    /// Its first day.
    pub from: String,
    /// The decisions.
    pub decisions: Vec<Decision>,
}
