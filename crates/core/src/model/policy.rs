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
pub(crate) struct Bar {
    pub(crate) tight: f64,
    pub(crate) breaks: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Today and on days to come.
    Today,
    Scenario,
}

/// The most that one change may add: each that is declared must be passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChangeLimit {
    /// As a ratio of what was before.
    pub(crate) percent: Option<f64>,
    pub(crate) above: Option<f64>,
}

/// What rules read of a policy, where a change may loosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKey {
    Confidence,
    Runway,
    PartitionAbove,
    MaxPartitions,
    Burn,
    Calibration,
    Limits(Side),
    /// `change`, by kind of meter
    Change,
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

// The two alerts are the source article's: 75% by day 20, and 90%.
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

const DRIFT: Setting = Setting {
    path: "policy.calibration.drift",
    key: PolicyKey::Calibration,
    default: 0.12,
    unit: Unit::Share,
    looser: Looser::Higher,
    declared: |policy| number(&policy.calibration.as_ref()?.value.drift, |share| share.0),
};

/// Judges nothing: it says what is written.
const TOLERANCE: Setting = Setting {
    path: "policy.calibration.tolerance",
    default: 0.05,
    declared: |policy| {
        let calibration = policy.calibration.as_ref()?;
        number(&calibration.value.tolerance, |share| share.0)
    },
    ..DRIFT
};

/// All numbers of the policy but those of each kind of meter, and of what judges nothing.
pub const SETTINGS: [Setting; 10] = [
    CONFIDENCE,
    RUNWAY,
    PARTITION_ABOVE,
    MAX_PARTITIONS,
    SOFT_SHARE,
    SOFT_BY_DAY,
    HARD_SHARE,
    MAX_AGE,
    LAUNCH_MAX_AGE,
    DRIFT,
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
    pub(crate) fn new(declarations: &Declarations) -> Self {
        let policy = declarations.root.policy.as_ref();
        let declared = policy.map(|policy| policy.value.clone());
        Self {
            declared: declared.unwrap_or_default(),
        }
    }

    pub(crate) fn declared(&self) -> &tables::Policy {
        &self.declared
    }

    fn number(&self, setting: &Setting) -> f64 {
        setting
            .declared(&self.declared)
            .map_or(setting.default, |(number, _)| number)
    }

    /// The probability at which limits are judged.
    pub(crate) fn confidence(&self) -> f64 {
        self.number(&CONFIDENCE)
    }

    /// Days: storage that fills sooner is an error.
    pub(crate) fn runway_days(&self) -> f64 {
        self.number(&RUNWAY)
    }

    /// Bytes above which a table needs partitions.
    pub(crate) fn partition_above(&self) -> f64 {
        self.number(&PARTITION_ABOVE)
    }

    pub(crate) fn max_partitions(&self) -> f64 {
        self.number(&MAX_PARTITIONS)
    }

    /// The share of a plan that the soft alert is for, and the day by which it counts.
    pub(crate) fn soft_alert(&self) -> (f64, f64) {
        (self.number(&SOFT_SHARE), self.number(&SOFT_BY_DAY))
    }

    /// The share of a plan that the hard alert is for.
    pub(crate) fn hard_alert(&self) -> f64 {
        self.number(&HARD_SHARE)
    }

    /// Days for which a measurement counts, in general and around a launch.
    pub(crate) fn calibration_days(&self) -> (f64, f64) {
        (self.number(&MAX_AGE), self.number(&LAUNCH_MAX_AGE))
    }

    /// How far a line may be off what was measured, as a share of what is declared.
    pub(crate) fn drift(&self) -> f64 {
        self.number(&DRIFT)
    }

    /// How far a value may be off what was measured without being written anew.
    pub(crate) fn tolerance(&self) -> f64 {
        self.number(&TOLERANCE)
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
    pub(crate) fn bar(&self, kind: MeterKind, side: Side) -> Bar {
        let shares = self.shares(kind, side);
        let (tight, breaks) = self.default_bar(kind, side);
        let pick = |share: fn(&Shares) -> &Optional<Ratio>, default: f64| {
            let mut declared = shares.iter().flatten();
            let declared = declared.find_map(|shares| share(shares).as_ref());
            declared.map_or(default, |share| share.value.0)
        };
        Bar {
            tight: pick(|shares| &shares.tight, tight),
            breaks: pick(|shares| &shares.breaks, breaks),
        }
    }

    fn default_bar(&self, kind: MeterKind, side: Side) -> (f64, f64) {
        match (side, kind) {
            (Side::Scenario, _) => (0.9, 1.0),
            (Side::Today, MeterKind::Storage) => (0.75, 0.9),
            (Side::Today, MeterKind::Credits) => (self.hard_alert(), 1.0),
            (Side::Today, MeterKind::Spend) => (0.9, 1.0),
            (Side::Today, _) => (0.75, 1.0),
        }
    }

    pub(crate) fn change_limit(&self, kind: MeterKind) -> Option<ChangeLimit> {
        let change = &self.declared.change.as_ref()?.value;
        change_limit(change.of(kind))
    }

    /// The most that one change may add to one feature's credits per month.
    pub(crate) fn feature_limit(&self) -> Option<ChangeLimit> {
        change_limit(self.declared.change.as_deref()?.value.feature.as_deref())
    }
}

macro_rules! by_kind {
    ($($(#[doc = $doc:literal])* $kind:ident $key:ident,)*) => {
        impl tables::LimitPolicy {
            pub(crate) fn of(&self, kind: MeterKind) -> Option<&Spanned<SharesOf>> {
                match kind {
                    $(MeterKind::$kind => self.$key.as_deref(),)*
                }
            }
        }

        impl tables::ChangePolicy {
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
    pub(crate) fn is_passed(&self, before: f64, after: f64) -> bool {
        let delta = after - before;
        if delta.is_nan() || delta <= 0.0 {
            return false;
        }
        let over_floor = self.above.is_none_or(|above| delta > above);
        let over_percent = match self.percent {
            Some(percent) if before != 0.0 => delta / before > percent,
            _ => self.above.is_some(),
        };
        over_floor && over_percent
    }

    /// How much a change may add to what was before.
    pub(crate) fn most(&self, before: f64) -> f64 {
        let share = self.percent.map_or(0.0, |percent| percent * before);
        share.max(self.above.unwrap_or(0.0))
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
