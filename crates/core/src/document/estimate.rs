//! Values that may be uncertain.

use crate::document::tree::{TomlTable, TomlValue};

use crate::document::declared::Declared;
use crate::document::reader::{At, Reader, Written, read_keys};
use crate::document::values::{Count, Portion, SmallRatio};
use crate::source::Span;
use crate::units::{Duration, Rate, Ratio, Size};

/// A value that has a size, so that quantiles of it can be ordered.
pub(crate) trait Scalar: Declared {
    /// Its size; of a batch rate, its frequency.
    fn size(&self) -> f64;

    /// Whether two values can be quantiles of one estimate.
    fn alike(&self, _other: &Self) -> bool {
        true
    }

    /// The largest p50, where there is one.
    const MAXIMUM: f64 = f64::INFINITY;

    /// A value of a ratio that may pass [`Self::MAXIMUM`], where ratios are what it is.
    fn from_ratio(_ratio: Ratio) -> Option<Self> {
        None
    }
}

impl Scalar for Count {
    fn size(&self) -> f64 {
        self.0
    }
}

impl Scalar for Ratio {
    fn size(&self) -> f64 {
        self.0
    }
}

impl<const MOST: u32> Scalar for SmallRatio<MOST> {
    fn size(&self) -> f64 {
        self.0
    }
}

impl Scalar for Portion {
    fn size(&self) -> f64 {
        self.0
    }

    const MAXIMUM: f64 = 1.0;

    fn from_ratio(ratio: Ratio) -> Option<Self> {
        Some(Self(ratio.0))
    }
}

impl Scalar for Size {
    fn size(&self) -> f64 {
        self.bytes
    }
}

impl Scalar for Duration {
    fn size(&self) -> f64 {
        self.seconds
    }
}

impl Scalar for Rate {
    fn size(&self) -> f64 {
        // The order of quantiles does not depend on how long a month is, unless one is written in
        // months and another in days; 30 is then close enough.
        self.per_day(30.0)
    }

    fn alike(&self, other: &Self) -> bool {
        self.batch == other.batch
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Estimate<T> {
    Certain(T),
    /// It has these quantiles. Apart, since most values are certain and many.
    Uncertain(Box<Quantiles<T>>),
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantiles<T> {
    /// The 10th percentile; where absent, as far below the median as p90 is above.
    pub(crate) p10: Option<T>,
    pub(crate) p50: T,
    pub(crate) p90: T,
}

impl<T> Estimate<T> {
    /// The value, or the median; nothing where unknown.
    pub(crate) fn median(&self) -> Option<&T> {
        match self {
            Self::Certain(value) => Some(value),
            Self::Uncertain(quantiles) => Some(&quantiles.p50),
            Self::Unknown => None,
        }
    }
}

impl<T: Scalar> Quantiles<T> {
    fn read(
        reader: &mut Reader,
        at: &At<'_>,
        value: &Written<'_>,
        table: &TomlTable<'_>,
    ) -> Option<Self> {
        let keys = ["p10", "p50", "p90"];
        let read = |reader: &mut Reader, at: &At<'_>, value: &Written<'_>| {
            // The maximum is the median's alone: p10 and p90 of a share may pass it.
            if T::MAXIMUM < f64::INFINITY && at.name() != "p50" {
                Ratio::read(reader, at, value).and_then(T::from_ratio)
            } else {
                T::read(reader, at, value)
            }
        };
        let ([p10, p50, p90], mut sound) = read_keys(reader, at, table, keys, read);
        let help = "an estimate is a value, `{ p50 = …, p90 = … }`, `{ p10 = …, p50 = …, p90 = … }` or `\"unknown\"`";
        for (key, slot) in [("p50", &p50), ("p90", &p90)] {
            // A key that does not exist was meant to be the one that is missing.
            if slot.is_none() && sound && !table.keys().any(|present| present.get_ref() == key) {
                reader.missing_key(at, value, key, help);
                sound = false;
            }
        }
        let (p50, p90) = (p50?, p90?);
        if !sound {
            return None;
        }
        let least = p10.as_ref().unwrap_or(&p50);
        let ordered = least.size() > 0.0 && least.size() <= p50.size() && p50.size() <= p90.size();
        if !ordered {
            let message = format!("the quantiles of `{}` are not in order", at.name());
            let help =
                "it must hold that 0 < p10 ≤ p50 ≤ p90; of a batch, the more often the larger";
            return reader.refuse(at, value, message, help);
        }
        if !p50.alike(&p90) || !least.alike(&p50) {
            let message = "one quantile arrives steadily and another in batches";
            let help = "write all of them as `N/period`, or all as `every D`";
            return reader.refuse(at, value, message, help);
        }
        Some(Self { p10, p50, p90 })
    }
}

impl<T: Scalar> Declared for Estimate<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::String(text) if text == "unknown" => Some(Self::Unknown),
            TomlValue::Table(table) if table.contains_key(EACH) => {
                let message = format!("{} does not differ from event to event", at.words());
                let help = "write its quantiles without `each`: `{ p50 = …, p90 = … }`";
                reader.refuse(at, value, message, help)
            }
            TomlValue::Table(table) => {
                let quantiles = Quantiles::read(reader, at, value, table)?;
                Some(Self::Uncertain(Box::new(quantiles)))
            }
            _ => T::read(reader, at, value).map(Self::Certain),
        }
    }

    fn unknown(_: Span) -> Option<Self> {
        Some(Self::Unknown)
    }
}

/// A value of each event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PerEvent<T> {
    /// All events have the same.
    Same(Estimate<T>),
    /// It differs from event to event, with these quantiles.
    Each(Box<Quantiles<T>>),
}

/// The most that one quantile of what differs may be of the next: past it, a mean says nothing.
const MOST_SPREAD: f64 = 1000.0;

impl<T: Scalar> Declared for PerEvent<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let TomlValue::Table(table) = value.get_ref() else {
            return Estimate::read(reader, at, value).map(Self::Same);
        };
        if !table.contains_key(EACH) {
            return Estimate::read(reader, at, value).map(Self::Same);
        }
        let read = |reader: &mut Reader, at: &At<'_>, value: &Written<'_>| {
            let TomlValue::Table(table) = value.get_ref() else {
                let expected = "the quantiles of events, `{ p50 = …, p90 = … }`";
                return reader.wrong_type(at, value, expected);
            };
            let quantiles = Quantiles::<T>::read(reader, at, value, table)?;
            let Quantiles { p10, p50, p90 } = &quantiles;
            let p10 = p10.as_ref().map_or(0.0, |p10| p50.size() / p10.size());
            if p10 <= MOST_SPREAD && p90.size() / p50.size() <= MOST_SPREAD {
                return Some(quantiles);
            }
            let message = format!(
                "the quantiles of `{}` are more than 1,000 times apart",
                at.name()
            );
            let help = "check the values: the mean would depend on the largest few alone";
            reader.refuse(at, value, message, help)
        };
        let ([each], sound) = read_keys(reader, at, table, [EACH], read);
        each.filter(|_| sound)
            .map(|each| Self::Each(Box::new(each)))
    }

    fn unknown(span: Span) -> Option<Self> {
        Estimate::unknown(span).map(Self::Same)
    }
}

/// How a value is known.
pub(crate) enum Knowledge<'a, T> {
    Certain(&'a T),
    /// It is one number, of which nobody is sure.
    Uncertain(&'a Quantiles<T>),
    /// It differs from event to event.
    Each(&'a Quantiles<T>),
    Unknown,
}

/// A value that may be uncertain.
pub(crate) trait Estimated: Declared {
    type Of: Scalar;

    fn known(&self) -> Knowledge<'_, Self::Of>;
}

impl<T: Scalar> Estimated for Estimate<T> {
    type Of = T;

    fn known(&self) -> Knowledge<'_, T> {
        match self {
            Self::Certain(value) => Knowledge::Certain(value),
            Self::Uncertain(quantiles) => Knowledge::Uncertain(quantiles),
            Self::Unknown => Knowledge::Unknown,
        }
    }
}

impl<T: Scalar> Estimated for PerEvent<T> {
    type Of = T;

    fn known(&self) -> Knowledge<'_, T> {
        match self {
            Self::Same(estimate) => estimate.known(),
            Self::Each(quantiles) => Knowledge::Each(quantiles),
        }
    }
}

/// The key of a value that differs from event to event.
const EACH: &str = "each";

/// Whether a table is an estimate and not a table of names.
pub(super) fn is_estimate(table: &TomlTable<'_>) -> bool {
    table
        .keys()
        .any(|key| matches!(key.get_ref(), "p10" | "p50" | "p90" | EACH))
}
