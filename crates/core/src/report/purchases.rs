//! What to buy, as reports and `caplint purchases` say it.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::words::number;

/// Money: an exact decimal, written with at least two places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Decimal);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut money = self.0.normalize();
        if money.scale() < 2 {
            money.rescale(2);
        }
        write!(f, "{money}")
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$" })
    }
}

/// What to buy of one API for one month or one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Purchase {
    /// The API.
    pub api: String,
    /// The month that it is for, `YYYY-MM`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}$"))]
    pub month: String,
    /// The event that it is for, on top of the month's own purchase; null where it is the month's.
    pub event: Option<String>,
    /// Credits that are used; of an event, those that it adds.
    pub demand: Credits,
    /// Credits to buy: the demand past the plan and what is carried over.
    pub need: Credits,
    /// Whether something in the demand is unknown, so that it may be more.
    pub lower_bound: bool,
    /// Credits carried over from the month before.
    pub carried: f64,
    /// The packs to buy.
    pub buy: Vec<Bought>,
    /// Credits that are billed as they are used.
    pub overage: f64,
    /// What the packs and the overage cost.
    pub price: Amount,
    /// Where finding the cheapest packs takes too long: nothing is cheaper than this. Else null.
    pub at_least: Option<Amount>,
    /// Credits in the packs.
    pub credits: f64,
    /// Credits left at the month's end, with those that expire then.
    pub left_over: f64,
    /// What the credits cost that the month uses, at the price they were bought for.
    pub consumed_cost: Amount,
    /// The price over the credits that it buys; null where it buys none.
    pub per_credit: Option<Amount>,
    /// The last day to order, `YYYY-MM-DD`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub order_by: String,
    /// Whether the last day to order is over; null where there is time.
    pub urgency: Option<Urgency>,
    /// Whether the need is covered.
    pub verdict: Covered,
    /// Credits that are missing even with all that can be bought; null where none are, and where
    /// there is no end to them.
    pub short_by: Option<f64>,
    /// What the need costs if it is topped up as it shows; null in a short month, and where
    /// nothing is for sale.
    pub top_up: Option<TopUp>,
    /// What to buy at each percentile.
    pub options: Vec<Choice>,
    /// What the month's spare credits cost, and an hour of downtime.
    pub headroom: Headroom,
    /// What buying too little and buying too much cost; null where no packs are for sale.
    pub newsvendor: Option<Newsvendor>,
    /// The percentile with a lower expected total than the policy's; null where there is none.
    pub cheaper: Option<String>,
    /// Of an event, what is enough where it may use what its month has to spare; null where the
    /// month has nothing to spare, or that saves nothing.
    pub with_spare: Option<WithSpare>,
}

impl Purchase {
    /// By how much it runs short: ` by 95 credits`; empty where there is no end to it.
    #[must_use]
    pub fn short_in_words(&self) -> String {
        let bound = if self.lower_bound { "at least " } else { "" };
        let missing = self.short_by.map(number::pieces);
        missing.map_or_else(String::new, |it| format!(" by {bound}{it} credits"))
    }
}

/// What an event takes that uses its month's spare credits first. The months after it then have as
/// many fewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WithSpare {
    /// Credits of the month's plan, and of those on hand, that it does not use.
    pub spare: f64,
    /// The packs to buy.
    pub buy: Vec<Bought>,
    /// Credits that are billed as they are used.
    pub overage: f64,
    /// What both cost.
    pub price: Amount,
}

/// Credits at each percentile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credits {
    /// The median.
    pub p50: Option<f64>,
    /// Four months in five stay below.
    pub p80: Option<f64>,
    /// Nine months in ten stay below.
    pub p90: Option<f64>,
    /// Nineteen months in twenty stay below.
    pub p95: Option<f64>,
}

/// Some packs of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bought {
    /// The pack's name.
    pub pack: String,
    /// How many of it.
    pub count: u64,
}

/// Why to hurry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// The month's last day to order is over.
    OrderNow,
    /// The event's last day to order is over.
    Overdue,
}

/// Whether a need is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covered {
    /// By what is bought.
    Covered,
    /// By nothing on offer.
    Short,
    /// There is none.
    NotNeeded,
}

impl Covered {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Short => "short",
            Self::NotNeeded => "not-needed",
        }
    }
}

/// Topping up instead of buying ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopUp {
    /// What it costs.
    pub price: Amount,
}

/// What to buy at one percentile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The percentile, such as `p80`.
    pub percentile: String,
    /// Whether it is the policy's.
    pub policy: bool,
    /// The packs to buy ahead.
    pub buy: Vec<Bought>,
    /// What they cost.
    pub price: Amount,
    /// The chance that they run short, as a ratio.
    pub chance_short: f64,
    /// What topping up is expected to cost; null where nothing can be topped up.
    pub expected_top_up: Option<Amount>,
    /// Credits that are expected to be left at the month's end.
    pub expected_left_over: f64,
    /// The price and the expected top-up.
    pub expected_total: Option<Amount>,
}

/// Spare credits against downtime.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Headroom {
    /// What a month of credits past the median costs; null where credits have no price.
    pub price: Option<Amount>,
    /// What an hour of downtime costs; null where it is not declared.
    pub downtime: Option<Amount>,
    /// Which of them is dearer; null where credits can't run out, or one of them has no price.
    pub verdict: Option<Advice>,
}

/// What to do about headroom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Advice {
    /// It costs no more than an hour of downtime.
    #[serde(rename = "buy the headroom")]
    Buy,
    /// It costs more than an hour of downtime.
    #[serde(rename = "run hot")]
    RunHot,
}

impl Advice {
    /// The words, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy the headroom",
            Self::RunHot => "run hot",
        }
    }
}

/// What one credit too few costs, and one too many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Newsvendor {
    /// How many times what a spare credit costs the policy's percentile takes a missing one to
    /// cost: `p/(1−p)`.
    pub ratio: f64,
    /// What a missing credit costs: topping it up, less having bought it ahead.
    pub missing: Amount,
    /// What a spare credit costs: nothing where it does not expire.
    pub spare: Amount,
    /// What that says.
    pub advice: Ahead,
}

/// How much to buy ahead, by what credits cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Ahead {
    /// At least as much as the policy's percentile.
    #[serde(rename = "buy ahead")]
    Buy,
    /// Less than the policy's percentile.
    #[serde(rename = "buy less ahead")]
    Less,
    /// Topping up costs no more.
    #[serde(rename = "top up")]
    TopUp,
}

impl Ahead {
    /// The words, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy ahead",
            Self::Less => "buy less ahead",
            Self::TopUp => "top up",
        }
    }
}

/// What `caplint purchases` prints as JSON. Money is a string with its exact decimals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "caplint purchases", extend("$id" = SCHEMA))]
pub struct Purchases {
    /// The format and its version.
    #[schemars(extend("enum" = [FORMAT]))]
    pub format: String,
    /// The date as of which it is said, `YYYY-MM-DD`.
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub as_of: String,
    /// The projects.
    pub projects: Vec<ProjectPurchases>,
}

/// The value of [`Purchases::format`].
pub const FORMAT: &str = "caplint.purchases/1";

/// Where the schema is published.
const SCHEMA: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/purchases.schema.json";

/// What one project buys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectPurchases {
    /// The project's name.
    pub name: String,
    /// The ISO 4217 code of its currency.
    pub currency: String,
    /// The percentile that months are planned at, such as `p80`.
    pub confidence: String,
    /// By API, each with its months and then its events.
    pub purchases: Vec<Purchase>,
    /// All months bought at once, by API.
    pub all_at_once: Vec<AllAtOnce>,
    /// What is paid in each month, and for what.
    pub cash: Vec<CashLine>,
    /// What to tell each API's vendor.
    pub for_the_vendor: Vec<ForTheVendor>,
    /// From which month on as many tenants are planned with as before, because none are projected.
    pub notes: Vec<String>,
}

/// All months of an API bought at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AllAtOnce {
    /// The API.
    pub api: String,
    /// Credits that all months need together.
    pub need: f64,
    /// The packs to buy.
    pub buy: Vec<Bought>,
    /// Credits that are billed as they are used.
    pub overage: f64,
    /// What it costs.
    pub price: Amount,
    /// How much less that is than buying month by month; null where either is short.
    pub saving: Option<Amount>,
    /// What is paid earlier than month by month.
    pub earlier: Amount,
    /// Whether the need is covered.
    pub verdict: Covered,
    /// Credits that are missing even with all that can be bought; null where none are, and where
    /// there is no end to them.
    pub short_by: Option<f64>,
    /// Whether the credits last until they are used.
    pub lasts: bool,
}

/// What is paid for one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CashLine {
    /// Its path, such as `apis.tiklive` or `databases.main`.
    pub path: String,
    /// The API, where it is one. Else null.
    pub api: Option<String>,
    /// Of an API: what of it, `packs`, `plan` or the name of an event; `in all` is their sum, which
    /// is held against its budget. Else null.
    pub part: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its budget per month.
    pub budget: Option<Amount>,
    /// By month.
    pub months: Vec<Cash>,
}

/// What is paid in one month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cash {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// The amount; null if infinite.
    pub cash: Option<Amount>,
    /// Whether something in it is unknown, so that it may be more.
    pub lower_bound: bool,
    /// Whether it is more than the budget.
    pub over_budget: bool,
}

/// Sentences for a sales request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForTheVendor {
    /// The API.
    pub api: String,
    /// Credits a day that are planned with today's tenants; null if infinite.
    pub planned_per_day: Option<f64>,
    /// Credits a day that were measured lately; null where none were.
    pub used_per_day: Option<f64>,
    /// The sentences.
    pub text: String,
}
