//! Demand lines and meters, today, on future days and in scenarios.

use crate::document::tables::LineKind;
use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::collections::IndexMap;

/// How a demand compares with its limit. Ordered from best to worst.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The meter has no limit.
    #[default]
    Unlimited,
    /// The demand fits.
    Fits,
    /// The demand fits, with less room than the policy asks for.
    Tight,
    /// The demand or the limit includes something unknown.
    Unknown,
    /// The demand does not fit.
    Breaks,
}

impl Verdict {
    /// The verdict's name in JSON.
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

/// A demand line at today's point values.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// The line's path in the model.
    pub path: Arc<str>,
    /// The feature that declares it.
    pub feature: Arc<str>,
    /// The list in the feature that declares it.
    #[schemars(extend("enum" = LineKind::ALL.map(LineKind::list)))]
    pub list: Cow<'static, str>,
    /// What it uses: an endpoint with its API, a table, a queue or a model.
    pub target: Arc<str>,
    /// The file that declares it.
    pub file: Arc<str>,
    /// The line in that file, from 1.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The number of tenants, entities or projects that it is counted for; null if infinite.
    #[serde(deserialize_with = "or_infinite")]
    #[schemars(with = "Option<f64>")]
    pub population: f64,
    /// Its demand in a day.
    pub per_day: PerDay,
    /// Billed calls or runs, rows, or messages in the busiest second; null if infinite.
    #[serde(deserialize_with = "or_infinite")]
    #[schemars(with = "Option<f64>")]
    pub peak_per_second: f64,
}

/// A line's demand in a day; only the figures of its kind are present, null if infinite.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerDay {
    /// Calls or runs requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub requested: Option<f64>,
    /// Requested calls or runs that the cache does not serve.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub reached: Option<f64>,
    /// Reached calls or runs and their retries.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub billed: Option<f64>,
    /// Credits that the billed calls cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub credits: Option<f64>,
    /// Rows written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub rows: Option<f64>,
    /// Messages sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub messages: Option<f64>,
    /// Bytes of the messages sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub bytes: Option<f64>,
    /// Money that the billed runs cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<f64>")]
    pub spend: Option<f64>,
    /// Units of the model that the billed runs use, by the unit's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "each_or_infinite")]
    #[schemars(with = "std::collections::BTreeMap<String, Option<f64>>")]
    pub units: Option<IndexMap<String, f64>>,
    /// Those units as they are billed, by the unit's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "each_or_infinite")]
    #[schemars(with = "std::collections::BTreeMap<String, Option<f64>>")]
    pub billed_units: Option<IndexMap<String, f64>>,
}

/// A demand counted against a limit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Meter {
    /// The meter's id, such as `apis.tiklive.credits`.
    pub id: Arc<str>,
    /// The third part of the id.
    pub kind: Cow<'static, str>,
    /// The unit of demand and limit, such as `credits/month`.
    pub unit: Cow<'static, str>,
    /// The demand in that unit.
    pub demand: Percentiles,
    /// Whether the demand includes something unknown, so that it may be larger.
    pub lower_bound: bool,
    /// The limit's point value; null if there is no limit.
    pub limit: Option<f64>,
    /// The policy's percentile of demand over limit.
    pub utilization: Option<f64>,
    /// How the demand compares with the limit.
    pub verdict: Verdict,
    /// The largest multiplier of all tenants at which the demand is within today's limit; null
    /// in horizons and scenarios.
    pub breaking_point: Option<f64>,
    /// Figures that only this kind of meter has.
    pub detail: Detail,
    /// The day that the demand is of, from today, where that is not the day of its situation:
    /// storage and what it costs look ahead.
    #[serde(skip)]
    pub day: Option<u32>,
    /// Storage today: how what is on disk compares with the limit.
    #[serde(skip)]
    pub on_disk: Option<Verdict>,
}

impl Meter {
    /// The percentile of the demand that a policy's confidence judges.
    #[must_use]
    pub fn judged(&self, confidence: f64) -> Option<f64> {
        let demand = &self.demand;
        if confidence <= 0.5 {
            demand.p50
        } else if confidence <= 0.8 {
            demand.p80
        } else if confidence <= 0.9 {
            demand.p90
        } else {
            demand.p95
        }
    }

    /// How it compares with its limit today: storage by what is on disk.
    #[must_use]
    pub fn today(&self) -> Verdict {
        self.on_disk.unwrap_or(self.verdict)
    }
}

/// A demand's point value and percentiles; null if infinite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// Figures that only one kind of meter has. The others are absent; a day that does not come is
/// null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detail {
    /// Credits: the day on which the policy's soft share is used; null if past the month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub soft_on_day: Option<Option<f64>>,
    /// Credits: the day on which the policy's hard share is used; null if past the month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub hard_on_day: Option<Option<f64>>,
    /// Credits: the day on which the plan is used up; null if past the month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub empties_on_day: Option<Option<f64>>,
    /// Storage: the first day on which the bytes pass what the policy calls full.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub full_on_day: Option<Option<u32>>,
    /// Storage: the bytes that are on disk today; null where they are too many to count.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub now: Option<Option<f64>>,
    /// Storage: those over the limit; null without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub now_utilization: Option<Option<f64>>,
    /// Storage: the day that the demand is of, from today.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub day: Option<u32>,
    /// Retained, kafka: the seconds after which messages go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub kept_for: Option<Option<f64>>,
    /// Of a limit that each tenant or entity has to itself: the tier that is closest to its limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tier: Option<String>,
    /// Throughput: the number of partitions that the demand takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
    pub partitions_needed: Option<Option<f64>>,
    /// Workers: the depth above which to add workers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[serde(deserialize_with = "some")]
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

/// A number that is null where it is infinite, when a report is read back.
pub(super) fn or_infinite<'de, D>(deserializer: D) -> Result<f64, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let number = Option::<f64>::deserialize(deserializer)?;
    Ok(number.unwrap_or(f64::INFINITY))
}

fn each_or_infinite<'de, D>(deserializer: D) -> Result<Option<IndexMap<String, f64>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let numbers = IndexMap::<String, Option<f64>>::deserialize(deserializer)?;
    let infinite = |(name, number): (_, Option<f64>)| (name, number.unwrap_or(f64::INFINITY));
    Ok(Some(numbers.into_iter().map(infinite).collect()))
}

/// The meters on a future day.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(extend("oneOf" = [{ "required": ["meters"] }, { "required": ["same_as_today"] }]))]
pub struct Horizon {
    /// Days from today.
    #[schemars(range(min = 1))]
    pub day: u32,
    /// Whether every meter that has a limit is the same as today. Then none is listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_as_today: bool,
    /// The meters that have a limit, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<Meter>,
}

impl Horizon {
    /// Meters on a day, beside those of today.
    #[must_use]
    pub fn new(day: u32, meters: Vec<Meter>, today: &[Meter]) -> Self {
        let same_as_today = limited(&meters).count() == limited(today).count()
            && limited(&meters)
                .zip(limited(today))
                .all(|(meter, today)| meter.is_as(today));
        Self {
            day,
            same_as_today,
            meters,
        }
    }
}

impl Meter {
    /// Whether it says the same as another, but for rounding and for the breaking point, which a
    /// day to come does not have.
    fn is_as(&self, other: &Self) -> bool {
        let figures = |it: &Self| {
            let Percentiles {
                point,
                p50,
                p80,
                p90,
                p95,
            } = it.demand;
            [point, p50, p80, p90, p95, it.limit, it.utilization]
        };
        // The day is that of the horizon.
        let details = |it: &Self| Detail {
            day: None,
            ..it.detail.clone()
        };
        let is_near = |(one, other): (Option<f64>, Option<f64>)| match one.zip(other) {
            Some((one, other)) => one == other || (one - other).abs() <= 1e-12 * other.abs(),
            None => one == other,
        };
        self.id == other.id
            && (self.verdict, self.lower_bound) == (other.verdict, other.lower_bound)
            && details(self) == details(other)
            && figures(self).into_iter().zip(figures(other)).all(is_near)
    }
}

/// What has no limit fits on every day and in every scenario.
fn limited(meters: &[Meter]) -> impl Iterator<Item = &Meter> {
    let meters = meters.iter();
    meters.filter(|meter| meter.verdict != Verdict::Unlimited)
}

/// Writes the meters that have a limit.
struct Limited<'a>(&'a [Meter]);

impl Serialize for Limited<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(limited(self.0))
    }
}

fn write_limited<S: Serializer>(meters: &[Meter], serializer: S) -> Result<S::Ok, S::Error> {
    Limited(meters).serialize(serializer)
}

impl Serialize for Horizon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("day", &self.day)?;
        if self.same_as_today {
            map.serialize_entry("same_as_today", &true)?;
        } else {
            map.serialize_entry("meters", &Limited(&self.meters))?;
        }
        map.end()
    }
}

/// The meters in a scenario.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// The scenario's name.
    pub name: String,
    /// Whether meters must fit in it, are warned about, or are only reported.
    #[schemars(extend("enum" = ["fit", "warn", "report"]))]
    pub require: String,
    /// The meters that have a limit, sorted by id.
    #[serde(serialize_with = "write_limited")]
    pub meters: Vec<Meter>,
    /// Whether it is assumed because none is declared.
    #[serde(skip)]
    pub assumed: bool,
}
