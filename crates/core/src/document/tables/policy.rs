//! `[scenarios.NAME]`, `[policy]`, `[rules]`, `[[waivers]]` and `[risk]`.

use std::collections::VecDeque;

use crate::document::tree::TomlValue;

use crate::collections::HashMap;
use crate::document::Lines;
use crate::document::declared::{Declared, Difference, DifferenceKind, Slot};
use crate::document::forms::{PerName, Raw, span_of};
use crate::document::map::{Map, Named};
use crate::document::reader::{At, Reader, Written};
use crate::document::values::{Confidence, Count, Days, Level, Require, SmallRatio, Text};
use crate::source::Spanned;
use crate::units::{Date, Money, Ratio, Size};

crate::table! {
    /// What may come: growth, or an event.
    Scenario {
        /// How many times as many tenants, or one factor a tier.
        tenants: PerName<Count>,
        /// What a misfit is: `fit` an error, `warn` a warning, `report` only shown. Default: `warn`.
        require: Require,
        /// Per feature: how many times as much.
        rates: Map<Count>,
        /// How many times as large messages, rows and units are. Default: 1.
        payload: Count,
        /// Any value of the model, by its path.
        set: Map<Raw>,
        /// An event's first day.
        on: Date,
        /// How long an event lasts.
        lasts: Days,
        /// What is bought on top of the event's increase.
        buffer: SmallRatio<1>,
    }
    together [on, lasts, buffer]
}

impl Named for Scenario {}

crate::table! {
    /// How limits and changes are judged.
    Policy {
        /// The percentile that limits are judged at. Default: `p80`.
        confidence: Confidence,
        /// Storage that fills sooner is an error, later a warning. Default: `90d`.
        runway: Days,
        /// A table larger than this at the horizon needs partitions. Default: `100GB`.
        partition_above: Size,
        /// The most partitions that may live at once. Default: 1000.
        max_partitions: Count,
        /// Shares of limits in use, in general and by kind of meter.
        limits: LimitPolicy,
        /// The two alerts on a month's credits.
        burn: Burn,
        /// The most that one change may add, by kind of meter.
        change: ChangePolicy,
        /// How old a measurement may be.
        calibration: CalibrationPolicy,
    }
}

crate::table! {
    /// Shares of limits in use, in general and by kind of meter.
    LimitPolicy {
        /// Of every meter, today and on days to come.
        today: Shares,
        /// Of every meter, in scenarios.
        scenario: Shares,
        /// Of credits.
        credits: SharesOf,
        /// Of rate limits and capacities.
        rate: SharesOf,
        /// Of what may run at the same time.
        concurrency: SharesOf,
        /// Of budgets.
        spend: SharesOf,
        /// Of disks.
        storage: SharesOf,
        /// Of writes.
        writes: SharesOf,
        /// Of reads.
        reads: SharesOf,
        /// Of partitions' throughput.
        throughput: SharesOf,
        /// Of what queues keep.
        retained: SharesOf,
        /// Of workers.
        workers: SharesOf,
        /// Of backlogs.
        depth: SharesOf,
        /// Of drain targets.
        drain: SharesOf,
    }
}

crate::table! {
    /// Shares of one kind of limit in use.
    SharesOf {
        /// Today and on days to come.
        today: Shares,
        /// In scenarios.
        scenario: Shares,
    }
}

crate::table! {
    /// From which share of a limit on it is tight, and from which it breaks.
    Shares {
        /// Above this it is tight.
        tight: Ratio,
        /// Above this it breaks.
        breaks: Ratio,
    }
}

crate::table! {
    /// The two alerts on a month's credits.
    Burn {
        /// The alert that asks for a review.
        soft: SoftAlert,
        /// The alert that asks for a decision, as a share of the plan. Default: 90%.
        hard: Ratio,
    }
}

crate::table! {
    /// The alert that asks for a review.
    SoftAlert {
        /// The share of the plan. Default: 75%.
        share: Ratio,
        /// The day of the month by which it counts. Default: 20.
        by_day: Count,
    }
}

crate::table! {
    /// The most that one change may add, by kind of meter.
    ChangePolicy {
        /// To credits.
        credits: Threshold,
        /// To calls and units in a window.
        rate: Threshold,
        /// To calls and runs at the same time.
        concurrency: Threshold,
        /// To spend.
        spend: Threshold,
        /// To storage.
        storage: Threshold,
        /// To writes.
        writes: Threshold,
        /// To reads.
        reads: Threshold,
        /// To throughput.
        throughput: Threshold,
        /// To what queues keep.
        retained: Threshold,
        /// To what workers have to do.
        workers: Threshold,
        /// To backlogs.
        depth: Threshold,
        /// To drain times.
        drain: Threshold,
        /// To one feature's credits per month.
        feature: Threshold,
    }
}

/// The most that one change may add to a meter: a percent, an absolute floor, or both, and then
/// both must be passed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Threshold {
    Percent(Ratio),
    Table(ThresholdTable),
}

crate::table! {
    /// The most that one change may add to a meter.
    ThresholdTable {
        /// As a ratio of what was before.
        percent: Ratio,
        /// In the meter's unit.
        above: Count,
    }
}

impl Declared for Threshold {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        if !matches!(value.get_ref(), TomlValue::Table(_)) {
            return Ratio::read(reader, at, value).map(Self::Percent);
        }
        let table = ThresholdTable::read(reader, at, value)?;
        if table.percent.is_none() && table.above.is_none() && table.broken.is_empty() {
            reader.missing_key(at, value, "percent", "write `percent`, `above`, or both");
            return None;
        }
        Some(Self::Table(table))
    }
}

impl Threshold {
    pub(crate) fn percent(&self) -> Option<f64> {
        match self {
            Self::Percent(ratio) => Some(ratio.0),
            Self::Table(table) => table.percent.as_ref().map(|ratio| ratio.value.0),
        }
    }

    pub(crate) fn above(&self) -> Option<f64> {
        match self {
            Self::Percent(_) => None,
            Self::Table(table) => table.above.as_ref().map(|count| count.value.0),
        }
    }
}

crate::table! {
    /// How old a measurement of a demand line or of an endpoint's cost may be.
    CalibrationPolicy {
        /// In general. Default: `31d`.
        max_age: Days,
        /// From 14 days before a feature's launch to 30 days after. Default: `7d`.
        launch_max_age: Days,
        /// Smaller differences are left alone. Default: 5%.
        tolerance: Ratio,
        /// A line that is off by more is a finding. Default: 12%.
        drift: Ratio,
    }
}

crate::table! {
    /// A finding that is accepted.
    Waiver {
        /// The rule.
        @required rule: Text,
        /// The finding's subject, exact or with `*` as a wildcard.
        @required subject: Text,
        /// Why.
        @required reason: Text,
        /// The responsible team.
        owner: Text,
        /// The last day on which it counts.
        until: Date,
        /// The figure above which it no longer counts.
        ceiling: Ceiling,
    }
}

/// A figure above which a waiver no longer counts: a number, a ratio or a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ceiling(pub(crate) f64);

impl Declared for Ceiling {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::String(text) if text.trim_end().ends_with('%') => {
                Ratio::read(reader, at, value).map(|ratio| Self(ratio.0))
            }
            _ => Size::read(reader, at, value).map(|size| Self(size.bytes)),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Waivers(pub(crate) Vec<Spanned<Waiver>>);

impl Declared for Waivers {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Lines::<Waiver>::read(reader, at, value).map(|waivers| Self(waivers.into_vec()))
    }

    /// Each waiver is a thing of its own, known by its rule and subject.
    fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        for (old, new) in self.paired(after) {
            let kind = match (old, new) {
                (Some(old), Some(new)) if old.value == new.value => continue,
                (Some(_), Some(_)) => DifferenceKind::Changed,
                (None, _) => DifferenceKind::Added,
                (_, None) => DifferenceKind::Removed,
            };
            if let Some(waiver) = new.or(old) {
                let (rule, subject) = waiver.value.names();
                let at = at.key(rule);
                let sides = (span_of(old), span_of(new));
                out.push(Difference::new(&at.key(subject), kind, sides));
            }
        }
        false
    }
}

/// A waiver before and after.
type Paired<'a> = (Option<&'a Spanned<Waiver>>, Option<&'a Spanned<Waiver>>);

impl Waivers {
    /// The waivers of two sides, those with the same rule and subject together; of several
    /// such, the first with the first.
    pub(crate) fn paired<'a>(&'a self, after: &'a Self) -> Vec<Paired<'a>> {
        let mut waiting: HashMap<(&str, &str), VecDeque<&Spanned<Waiver>>> = HashMap::default();
        for waiver in &after.0 {
            waiting
                .entry(waiver.value.names())
                .or_default()
                .push_back(waiver);
        }
        let mut pairs: Vec<Paired<'_>> = Vec::new();
        for waiver in &self.0 {
            let same = waiting.get_mut(&waiver.value.names());
            pairs.push((Some(waiver), same.and_then(VecDeque::pop_front)));
        }
        let mut left: Vec<&Spanned<Waiver>> = waiting.into_values().flatten().collect();
        left.sort_by_key(|waiver| (waiver.span.file, waiver.span.start));
        pairs.extend(left.into_iter().map(|waiver| (None, Some(waiver))));
        pairs
    }
}

impl Waiver {
    /// The rule and the subject, empty where they could not be read.
    pub(crate) fn names(&self) -> (&str, &str) {
        (
            self.rule.as_ref().map_or("", |rule| &rule.value.0),
            self.subject.as_ref().map_or("", |subject| &subject.value.0),
        )
    }
}

impl Named for Level {}

crate::table! {
    /// What an outage costs.
    Risk {
        /// Money per hour of downtime.
        downtime_cost_per_hour: Money,
    }
}
