//! The policy, with all its defaults: how limits and changes are judged.

use crate::document::Optional;
use crate::document::tables::{self, Shares, SharesOf, Threshold};
use crate::document::values::Confidence;
use crate::meter::{MeterKind, meter_kinds};
use crate::model::merge::Declarations;
use crate::source::{Span, Spanned};
use crate::units::Ratio;

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

/// What rules read of a policy, where a change may loosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKey {
    /// `confidence`
    Confidence,
    /// `runway`
    Runway,
    /// `partition_above`
    PartitionAbove,
    /// `max_partitions`
    MaxPartitions,
    /// `burn`
    Burn,
    /// `calibration`
    Calibration,
    /// `limits`
    Limits(Side),
    /// `change`, by kind of meter
    Change,
    /// `change.feature`
    FeatureChange,
}

/// A number of the policy.
pub struct Setting {
    /// Its path.
    pub path: &'static str,
    pub(crate) key: PolicyKey,
    default: f64,
    unit: Unit,
    looser: Looser,
    declared: fn(&tables::Policy) -> Option<(f64, Span)>,
}

/// How a setting is written.
enum Unit {
    Percentile,
    Days,
    Share,
    Gigabytes,
    Count,
}

/// Which way a setting lets more through.
#[derive(PartialEq)]
enum Looser {
    Lower,
    Higher,
}

const CONFIDENCE: Setting = Setting {
    path: "policy.confidence",
    key: PolicyKey::Confidence,
    default: 0.8,
    unit: Unit::Percentile,
    looser: Looser::Lower,
    declared: |policy| number(&policy.confidence, |confidence| probability(*confidence)),
};

const RUNWAY: Setting = Setting {
    path: "policy.runway",
    key: PolicyKey::Runway,
    default: 90.0,
    unit: Unit::Days,
    looser: Looser::Lower,
    declared: |policy| number(&policy.runway, |duration| duration.days()),
};

const PARTITION_ABOVE: Setting = Setting {
    path: "policy.partition_above",
    key: PolicyKey::PartitionAbove,
    default: 100e9,
    unit: Unit::Gigabytes,
    looser: Looser::Higher,
    declared: |policy| number(&policy.partition_above, |size| size.bytes),
};

const MAX_PARTITIONS: Setting = Setting {
    path: "policy.max_partitions",
    key: PolicyKey::MaxPartitions,
    default: 1000.0,
    unit: Unit::Count,
    looser: Looser::Higher,
    declared: |policy| number(&policy.max_partitions, |count| count.0),
};

// The two alerts are the source article's: 75 % by day 20, and 90 %.
const SOFT_SHARE: Setting = Setting {
    path: "policy.burn.soft.share",
    key: PolicyKey::Burn,
    default: 0.75,
    unit: Unit::Share,
    looser: Looser::Higher,
    declared: |policy| number(&soft(policy)?.share, |share| share.0),
};

const SOFT_BY_DAY: Setting = Setting {
    path: "policy.burn.soft.by_day",
    key: PolicyKey::Burn,
    default: 20.0,
    unit: Unit::Count,
    looser: Looser::Higher,
    declared: |policy| number(&soft(policy)?.by_day, |day| day.0),
};

const HARD_SHARE: Setting = Setting {
    path: "policy.burn.hard",
    key: PolicyKey::Burn,
    default: 0.9,
    unit: Unit::Share,
    looser: Looser::Higher,
    declared: |policy| number(&policy.burn.as_ref()?.value.hard, |share| share.0),
};

// "Monthly at minimum, weekly during a product launch", says the source article.
const MAX_AGE: Setting = Setting {
    path: "policy.calibration.max_age",
    key: PolicyKey::Calibration,
    default: 31.0,
    unit: Unit::Days,
    looser: Looser::Higher,
    declared: |policy| {
        number(&policy.calibration.as_ref()?.value.max_age, |duration| {
            duration.days()
        })
    },
};

const LAUNCH_MAX_AGE: Setting = Setting {
    path: "policy.calibration.launch_max_age",
    key: PolicyKey::Calibration,
    default: 7.0,
    unit: Unit::Days,
    looser: Looser::Higher,
    declared: |policy| {
        let calibration = policy.calibration.as_ref()?;
        number(&calibration.value.launch_max_age, |duration| {
            duration.days()
        })
    },
};

/// All numbers of the policy but those of each kind of meter.
pub const SETTINGS: [Setting; 9] = [
    CONFIDENCE,
    RUNWAY,
    PARTITION_ABOVE,
    MAX_PARTITIONS,
    SOFT_SHARE,
    SOFT_BY_DAY,
    HARD_SHARE,
    MAX_AGE,
    LAUNCH_MAX_AGE,
];

impl Setting {
    /// What a policy declares, and where.
    pub(crate) fn declared(&self, policy: &tables::Policy) -> Option<(f64, Span)> {
        (self.declared)(policy)
    }

    /// Whether the new policy lets more through than the old one.
    pub(crate) fn is_loosened(&self, old: &Policy, new: &Policy) -> bool {
        let (old, new) = (old.number(self), new.number(self));
        match self.looser {
            Looser::Lower => new < old,
            Looser::Higher => new > old,
        }
    }

    /// The default, as it would be written.
    #[must_use]
    pub fn default_text(&self) -> String {
        let default = self.default;
        match self.unit {
            Unit::Percentile => format!("p{}", default * 100.0),
            Unit::Days => format!("{default}d"),
            Unit::Share => format!("{}%", default * 100.0),
            Unit::Gigabytes => format!("{}GB", default / 1e9),
            Unit::Count => default.to_string(),
        }
    }
}

fn number<T>(slot: &Optional<T>, number: impl Fn(&T) -> f64) -> Option<(f64, Span)> {
    slot.as_ref().map(|slot| (number(&slot.value), slot.span))
}

fn soft(policy: &tables::Policy) -> Option<&tables::SoftAlert> {
    Some(&policy.burn.as_ref()?.value.soft.as_ref()?.value)
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
    pub(crate) fn declared(&self) -> &tables::Policy {
        &self.declared
    }

    /// A number of the policy.
    fn number(&self, setting: &Setting) -> f64 {
        setting
            .declared(&self.declared)
            .map_or(setting.default, |(number, _)| number)
    }

    /// The probability at which limits are judged.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.number(&CONFIDENCE)
    }

    /// Days: storage that fills sooner is an error.
    #[must_use]
    pub fn runway_days(&self) -> f64 {
        self.number(&RUNWAY)
    }

    /// Bytes above which a table needs partitions.
    #[must_use]
    pub fn partition_above(&self) -> f64 {
        self.number(&PARTITION_ABOVE)
    }

    /// The most partitions that may live at once.
    #[must_use]
    pub fn max_partitions(&self) -> f64 {
        self.number(&MAX_PARTITIONS)
    }

    /// The share of a plan that the soft alert is for, and the day by which it counts.
    #[must_use]
    pub fn soft_alert(&self) -> (f64, f64) {
        (self.number(&SOFT_SHARE), self.number(&SOFT_BY_DAY))
    }

    /// The share of a plan that the hard alert is for.
    #[must_use]
    pub fn hard_alert(&self) -> f64 {
        self.number(&HARD_SHARE)
    }

    /// Days for which a measurement counts, in general and around a launch.
    #[must_use]
    pub fn calibration_days(&self) -> (f64, f64) {
        (self.number(&MAX_AGE), self.number(&LAUNCH_MAX_AGE))
    }

    /// The shares that are declared for a kind of meter: its own, and the general ones.
    pub(crate) fn shares(&self, kind: MeterKind, side: Side) -> [Option<&Shares>; 2] {
        let limits = self.declared.limits.as_ref().map(|limits| &limits.value);
        let own = limits
            .and_then(|limits| limits.of(kind))
            .map(|own| &own.value);
        let [own, general] = match side {
            Side::Today => [
                own.and_then(|own| own.today.as_ref()),
                limits.and_then(|limits| limits.today.as_ref()),
            ],
            Side::Scenario => [
                own.and_then(|own| own.scenario.as_ref()),
                limits.and_then(|limits| limits.scenario.as_ref()),
            ],
        };
        [own, general].map(|shares| shares.map(|shares| &shares.value))
    }

    /// The shares of a kind of meter: its own where declared, else the general ones where
    /// declared, else the kind's defaults.
    #[must_use]
    pub fn bar(&self, kind: MeterKind, side: Side) -> Bar {
        let shares = self.shares(kind, side);
        let default = self.default_bar(kind, side);
        let pick = |share: fn(&Shares) -> &Optional<Ratio>, default: f64| {
            let mut declared = shares.iter().flatten();
            let declared = declared.find_map(|shares| share(shares).as_ref());
            declared.map_or(default, |share| share.value.0)
        };
        Bar {
            tight: pick(|shares| &shares.tight, default.tight),
            breaks: pick(|shares| &shares.breaks, default.breaks),
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
            pub(crate) fn of(&self, kind: MeterKind) -> Option<&Spanned<SharesOf>> {
                match kind {
                    $(MeterKind::$kind => self.$key.as_deref(),)*
                }
            }
        }

        impl tables::ChangePolicy {
            /// The most that one change may add to one kind of meter.
            #[must_use]
            pub(crate) fn of(&self, kind: MeterKind) -> Option<&Spanned<Threshold>> {
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

/// The probability that a confidence names.
fn probability(confidence: Confidence) -> f64 {
    match confidence {
        Confidence::P50 => 0.5,
        Confidence::P80 => 0.8,
        Confidence::P90 => 0.9,
        Confidence::P95 => 0.95,
    }
}
