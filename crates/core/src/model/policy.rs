//! The policy, with all its defaults: how limits and changes are judged.

use crate::document::tables::{self, Shares, SharesOf, Threshold};
use crate::document::values::Confidence;
use crate::meter::{MeterKind, meter_kinds};
use crate::model::merge::Declarations;
use crate::source::Spanned;

/// How limits and changes are judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    declared: tables::Policy,
}

/// From which share of a limit on a meter is tight, and from which it breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Above this it is tight.
    pub tight: f64,
    /// Above this it breaks.
    pub breaks: f64,
}

/// Which of the two pairs of shares holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Today and on days to come.
    Today,
    /// In scenarios.
    Scenario,
}

/// The most that one change may add: each that is declared must be passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangeLimit {
    /// As a ratio of what was before.
    pub percent: Option<f64>,
    /// In the meter's unit.
    pub above: Option<f64>,
}

impl Policy {
    /// The policy of a project.
    #[must_use]
    pub fn new(declarations: &Declarations) -> Self {
        let policy = declarations.root.policy.as_ref();
        Self {
            declared: policy
                .map(|policy| policy.value.clone())
                .unwrap_or_default(),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn declared(&self) -> &tables::Policy {
        &self.declared
    }

    /// The probability at which limits are judged. Default: 0.8.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.declared
            .confidence
            .as_ref()
            .map_or(0.8, |confidence| probability(confidence.value))
    }

    /// Days: storage that fills sooner is an error. Default: 90.
    #[must_use]
    pub fn runway_days(&self) -> f64 {
        days(self.declared.runway.as_deref(), 90.0)
    }

    /// Bytes above which a table needs partitions. Default: 100 GB.
    #[must_use]
    pub fn partition_above(&self) -> f64 {
        self.declared
            .partition_above
            .as_ref()
            .map_or(100e9, |size| size.value.bytes)
    }

    /// The most partitions that may live at once. Default: 1000.
    #[must_use]
    pub fn max_partitions(&self) -> f64 {
        self.declared
            .max_partitions
            .as_ref()
            .map_or(1000.0, |count| count.value.0)
    }

    /// The share of a plan that the soft alert is for, and the day by which it counts. Defaults:
    /// 75 % by day 20, as the source article has it.
    #[must_use]
    pub fn soft_alert(&self) -> (f64, f64) {
        let soft = self
            .declared
            .burn
            .as_ref()
            .and_then(|burn| burn.value.soft.as_ref());
        let share = soft
            .and_then(|soft| soft.value.share.as_ref())
            .map_or(0.75, |share| share.value.0);
        let by_day = soft
            .and_then(|soft| soft.value.by_day.as_ref())
            .map_or(20.0, |day| day.value.0);
        (share, by_day)
    }

    /// The share of a plan that the hard alert is for. Default: 90 %, as the source article has
    /// it.
    #[must_use]
    pub fn hard_alert(&self) -> f64 {
        self.declared
            .burn
            .as_ref()
            .and_then(|burn| burn.value.hard.as_ref())
            .map_or(0.9, |share| share.value.0)
    }

    /// Days for which a measurement counts, in general and around a launch. Defaults: 31 and 7:
    /// "monthly at minimum, weekly during a product launch".
    #[must_use]
    pub fn calibration_days(&self) -> (f64, f64) {
        let calibration = self.declared.calibration.as_ref().map(|table| &table.value);
        (
            days(calibration.and_then(|table| table.max_age.as_deref()), 31.0),
            days(
                calibration.and_then(|table| table.launch_max_age.as_deref()),
                7.0,
            ),
        )
    }

    /// The shares of a kind of meter: its own where declared, else the general ones where
    /// declared, else the kind's defaults.
    #[must_use]
    pub fn bar(&self, kind: MeterKind, side: Side) -> Bar {
        let limits = self.declared.limits.as_ref().map(|limits| &limits.value);
        let own = limits
            .and_then(|limits| limits.of(kind))
            .and_then(|shares| of_side(&shares.value, side));
        let general = limits.and_then(|limits| match side {
            Side::Today => limits.today.as_ref(),
            Side::Scenario => limits.scenario.as_ref(),
        });
        let default = self.default_bar(kind, side);
        let pick = |share: fn(&Shares) -> Option<f64>, default: f64| {
            own.and_then(|own| share(&own.value))
                .or_else(|| general.and_then(|general| share(&general.value)))
                .unwrap_or(default)
        };
        Bar {
            tight: pick(
                |shares| shares.tight.as_ref().map(|share| share.value.0),
                default.tight,
            ),
            breaks: pick(
                |shares| shares.breaks.as_ref().map(|share| share.value.0),
                default.breaks,
            ),
        }
    }

    fn default_bar(&self, kind: MeterKind, side: Side) -> Bar {
        match (side, kind) {
            (Side::Scenario, _) => Bar {
                tight: 0.9,
                breaks: 1.0,
            },
            (Side::Today, MeterKind::Storage) => Bar {
                tight: 0.75,
                breaks: 0.9,
            },
            (Side::Today, MeterKind::Credits) => Bar {
                tight: self.hard_alert(),
                breaks: 1.0,
            },
            (Side::Today, _) => Bar {
                tight: 0.75,
                breaks: 1.0,
            },
        }
    }

    /// The most that one change may add to a kind of meter.
    #[must_use]
    pub fn change_limit(&self, kind: MeterKind) -> Option<ChangeLimit> {
        let change = &self.declared.change.as_ref()?.value;
        change_limit(change.of(kind))
    }

    /// The most that one change may add to one feature's credits per month.
    #[must_use]
    pub fn feature_limit(&self) -> Option<ChangeLimit> {
        change_limit(self.declared.change.as_deref()?.value.feature.as_deref())
    }
}

macro_rules! by_kind {
    ($($(#[doc = $doc:literal])* $kind:ident $key:ident,)*) => {
        impl tables::LimitPolicy {
            /// The shares of one kind of meter.
            #[must_use]
            pub fn of(&self, kind: MeterKind) -> Option<&Spanned<SharesOf>> {
                match kind {
                    $(MeterKind::$kind => self.$key.as_deref(),)*
                }
            }
        }

        impl tables::ChangePolicy {
            /// The most that one change may add to one kind of meter.
            #[must_use]
            pub fn of(&self, kind: MeterKind) -> Option<&Spanned<Threshold>> {
                match kind {
                    $(MeterKind::$kind => self.$key.as_deref(),)*
                }
            }
        }
    };
}
meter_kinds!(by_kind);

impl ChangeLimit {
    /// Whether a change passes it. Where before is 0, a percent counts as passed only together
    /// with a declared floor.
    #[must_use]
    pub fn is_passed(&self, before: f64, after: f64) -> bool {
        let delta = after - before;
        if delta.is_nan() || delta <= 0.0 {
            return false;
        }
        let over_floor = self.above.is_none_or(|above| delta > above);
        let over_percent = match self.percent {
            None => self.above.is_some(),
            Some(_) if before == 0.0 => self.above.is_some(),
            Some(percent) => delta / before > percent,
        };
        over_floor && over_percent
    }
}

fn change_limit(threshold: Option<&Spanned<Threshold>>) -> Option<ChangeLimit> {
    let threshold = &threshold?.value;
    Some(ChangeLimit {
        percent: threshold.percent(),
        above: threshold.above(),
    })
}

fn days(duration: Option<&Spanned<crate::units::Duration>>, default: f64) -> f64 {
    duration.map_or(default, |duration| duration.value.days())
}

fn of_side(shares: &SharesOf, side: Side) -> Option<&Spanned<Shares>> {
    match side {
        Side::Today => shares.today.as_deref(),
        Side::Scenario => shares.scenario.as_deref(),
    }
}

/// The probability that a confidence names.
fn probability(confidence: Confidence) -> f64 {
    match confidence {
        Confidence::P50 => 0.5,
        Confidence::P80 => 0.8,
        Confidence::P90 => 0.9,
        Confidence::P95 => 0.95,
    }
}
