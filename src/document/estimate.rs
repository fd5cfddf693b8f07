//! Values of more than one form: estimates, limits, projections, and values that may be given
//! per tier or per unit.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::document::declared::{Declared, Difference, Kind, Map, Named, TomlPath};
use crate::document::reader::{At, Reader, Written, spanned};
use crate::document::values::{Count, Flow, Portion, Positive};
use crate::source::{Span, Spanned};
use crate::units::{Money, Rate, Ratio, Size};

/// A value that has a size, so that quantiles of it can be ordered.
pub trait Scalar: Declared {
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

impl Scalar for Rate {
    fn size(&self) -> f64 {
        // The order of quantiles does not hang on how long a month is, unless one is written in
        // months and another in days; 30 is then close enough.
        self.per_day(30.0)
    }

    fn alike(&self, other: &Self) -> bool {
        self.batch == other.batch
    }
}

/// A value that may be uncertain.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate<T> {
    /// It is this.
    Certain(T),
    /// It has these quantiles. Apart, since most values are certain and many.
    Uncertain(Box<Quantiles<T>>),
    /// Nobody knows yet.
    Unknown,
}

/// The quantiles of an uncertain value.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles<T> {
    /// The 10th percentile; where absent, as far below the median as p90 is above.
    pub p10: Option<T>,
    /// The median.
    pub p50: T,
    /// The 90th percentile.
    pub p90: T,
}

impl<T> Estimate<T> {
    /// The value, or the median; nothing where unknown.
    pub fn median(&self) -> Option<&T> {
        match self {
            Self::Certain(value) => Some(value),
            Self::Uncertain(quantiles) => Some(&quantiles.p50),
            Self::Unknown => None,
        }
    }
}

impl<T: Scalar> Estimate<T> {
    fn read_quantiles(
        reader: &mut Reader,
        at: &At<'_>,
        value: &Written<'_>,
        table: &DeTable<'_>,
    ) -> Option<Self> {
        let (mut p10, mut p50, mut p90) = (None, None, None);
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let slot = match key.get_ref().as_ref() {
                "p10" => &mut p10,
                "p50" => &mut p50,
                "p90" => &mut p90,
                _ => {
                    let span = reader.span(key.span());
                    reader.unknown_key(&at, span, &["p10", "p50", "p90"]);
                    sound = false;
                    continue;
                }
            };
            // The maximum is the median's alone: p10 and p90 of a share may pass it.
            *slot = if T::MAXIMUM < f64::INFINITY && key.get_ref() != "p50" {
                Ratio::read(reader, &at, value).and_then(T::from_ratio)
            } else {
                T::read(reader, &at, value)
            };
            sound &= slot.is_some();
        }
        let span = reader.span(value.span());
        let help = "an estimate is a value, `{ p50 = …, p90 = … }`, `{ p10 = …, p50 = …, p90 = … }` or `\"unknown\"`";
        for (key, slot) in [("p50", &p50), ("p90", &p90)] {
            // A key that does not exist was meant to be the one that is missing.
            if slot.is_none() && sound && !table.keys().any(|present| present.get_ref() == key) {
                reader.missing_key(at, span, key, help);
                sound = false;
            }
        }
        let (p50, p90) = (p50?, p90?);
        if !sound {
            return None;
        }
        let ordered = p50.size() > 0.0
            && p50.size() <= p90.size()
            && p10
                .as_ref()
                .is_none_or(|p10| p10.size() > 0.0 && p10.size() <= p50.size());
        if !ordered {
            reader.invalid(
                at,
                span,
                format!("the quantiles of `{}` are not in order", at.name()),
                "it must hold that 0 < p10 ≤ p50 ≤ p90; of a batch, the more often the larger",
            );
            return None;
        }
        if !p50.alike(&p90) || p10.as_ref().is_some_and(|p10| !p10.alike(&p50)) {
            reader.invalid(
                at,
                span,
                "one quantile arrives steadily and another in batches",
                "write all of them as `N/period`, or all as `every D`",
            );
            return None;
        }
        Some(Self::Uncertain(Box::new(Quantiles { p10, p50, p90 })))
    }
}

impl<T: Scalar> Declared for Estimate<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::String(text) if text == "unknown" => Some(Self::Unknown),
            DeValue::Table(table) => Self::read_quantiles(reader, at, value, table),
            _ => T::read(reader, at, value).map(Self::Certain),
        }
    }
}

/// Whether a table is an estimate and not a table of names.
fn is_estimate(table: &DeTable<'_>) -> bool {
    table
        .keys()
        .any(|key| matches!(key.get_ref().as_ref(), "p10" | "p50" | "p90"))
}

/// A limit: what holds now, and what it can be raised to without a redesign.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit<T> {
    /// What holds today.
    pub now: T,
    /// What holds in scenarios, where it differs.
    pub max: Option<T>,
}

impl<T> Limit<T> {
    /// What holds in scenarios.
    pub fn most(&self) -> &T {
        self.max.as_ref().unwrap_or(&self.now)
    }
}

/// What can be a limit.
pub trait Bounded: Declared {
    /// Whether two values may be the two sides of one limit.
    fn same_window(&self, _other: &Self) -> bool {
        true
    }
}

impl Bounded for Count {}
impl Bounded for Size {}
impl Bounded for Money {}
impl Bounded for Flow {
    fn same_window(&self, other: &Self) -> bool {
        self.period.same_length(&other.period)
    }
}

impl<T: Bounded> Declared for Limit<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            return T::read(reader, at, value).map(|now| Self { now, max: None });
        };
        let (mut now, mut max) = (None, None);
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let slot = match key.get_ref().as_ref() {
                "now" => &mut now,
                "max" => &mut max,
                _ => {
                    let span = reader.span(key.span());
                    reader.unknown_key(&at, span, &["now", "max"]);
                    sound = false;
                    continue;
                }
            };
            *slot = T::read(reader, &at, value);
            sound &= slot.is_some();
        }
        let span = reader.span(value.span());
        if now.is_none() && sound {
            reader.missing_key(
                at,
                span,
                "now",
                "a limit is a value or `{ now = …, max = … }`",
            );
        }
        let now = now?;
        if !sound {
            return None;
        }
        if max.as_ref().is_some_and(|max| !now.same_window(max)) {
            reader.invalid(
                at,
                span,
                format!("`now` and `max` of `{}` have different periods", at.name()),
                "write both over the same period",
            );
            return None;
        }
        Some(Self { now, max })
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let [key] = path else {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        };
        let (true, Some(limit)) = (matches!(key.as_str(), "now" | "max"), slot) else {
            return false;
        };
        let at = at.key(key);
        let Some(read) = T::read(reader, &at, value) else {
            return true;
        };
        let limit = &mut limit.value;
        let other = if key == "max" {
            Some(&limit.now)
        } else {
            limit.max.as_ref()
        };
        if other.is_some_and(|other| !read.same_window(other)) {
            reader.invalid(
                &at,
                reader.span(value.span()),
                "`now` and `max` of a limit have different periods",
                "write both over the same period",
            );
        } else if key == "max" {
            limit.max = Some(read);
        } else {
            limit.now = read;
        }
        true
    }
}

/// Rate limits: one, or one a window.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimits(pub Vec<Spanned<Limit<Flow>>>);

impl Declared for RateLimits {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Array(array) = value.get_ref() else {
            let limit = Limit::read(reader, at, value)?;
            return Some(Self(vec![spanned(reader, limit, value)]));
        };
        let mut limits: Vec<Spanned<Limit<Flow>>> = Vec::new();
        let mut sound = true;
        for value in array {
            let Some(limit) = Limit::<Flow>::read(reader, at, value) else {
                sound = false;
                continue;
            };
            let period = &limit.now.period;
            let name = period.name();
            // `60s` and `min` are one window.
            if let Some(first) = limits
                .iter()
                .find(|other| other.value.now.period.same_length(period))
            {
                let finding = crate::finding::Finding::new(
                    "invalid-value",
                    crate::finding::Severity::Error,
                    at.path().to_string(),
                    format!("the window `{name}` is limited twice"),
                )
                .at(reader.span(value.span()))
                .also(first.span, "first limited here")
                .help("keep one limit for each window");
                reader.push(finding);
                sound = false;
                continue;
            }
            let limit = spanned(reader, limit, value);
            limits.push(limit);
        }
        sound.then_some(Self(limits))
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        if path.is_empty() {
            if let Some(read) = Self::read(reader, at, value) {
                *slot = Some(spanned(reader, read, value));
            }
            return true;
        }
        // Of several, nothing says which.
        let Some([limit]) = slot.as_mut().map(|limits| &mut limits.value.0[..]) else {
            return false;
        };
        let mut only = Some(limit.clone());
        let found = Limit::set(&mut only, reader, at, path, value);
        if let Some(only) = only {
            *limit = only;
        }
        found
    }
}

/// A count today and on days to come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// By day; day 0 is `now`.
    pub points: BTreeMap<u32, Spanned<Estimate<Count>>>,
}

impl Named for Projection {}

impl Projection {
    /// The name of a day's key.
    #[must_use]
    pub fn key(day: u32) -> String {
        if day == 0 {
            "now".to_owned()
        } else {
            format!("{day}d")
        }
    }

    /// The day of a key.
    #[must_use]
    pub fn day(key: &str) -> Option<u32> {
        if key == "now" {
            return Some(0);
        }
        let digits = key.strip_suffix('d')?;
        // One day has one key: `030d` is none.
        let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .parse()
            .ok()
            .filter(|day| plain && (1..=crate::limits::MAX_DAYS).contains(day))
    }
}

impl Declared for Projection {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let mut points = BTreeMap::new();
        match value.get_ref() {
            DeValue::Table(table) if !is_estimate(table) => {
                let mut sound = true;
                for (key, value) in table {
                    let at = at.key(key.get_ref());
                    let Some(day) = Self::day(key.get_ref()) else {
                        let span = reader.span(key.span());
                        reader.invalid(
                            &at,
                            span,
                            format!(
                                "`{}` is not a day",
                                crate::document::reader::values_quote(at.name())
                            ),
                            "the keys are `now` and days such as `30d`, `60d` and `90d`",
                        );
                        sound = false;
                        continue;
                    };
                    match Estimate::read(reader, &at, value) {
                        Some(estimate) => {
                            let estimate = spanned(reader, estimate, value);
                            points.insert(day, estimate);
                        }
                        None => sound = false,
                    }
                }
                if sound && !points.contains_key(&0) {
                    let span = reader.span(value.span());
                    reader.missing_key(at, span, "now", "say how many there are today");
                }
                // Without today there is nothing to count; what else was read is kept.
                if !points.contains_key(&0) {
                    return None;
                }
            }
            _ => {
                let now = Estimate::read(reader, at, value)?;
                points.insert(0, spanned(reader, now, value));
            }
        }
        Some(Self { points })
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let [key] = path else {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        };
        let (Some(day), Some(projection)) = (Self::day(key), slot) else {
            return false;
        };
        if let Some(read) = Estimate::read(reader, &at.key(key), value) {
            let read = spanned(reader, read, value);
            projection.value.points.insert(day, read);
        }
        true
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        let days: std::collections::BTreeSet<u32> = before
            .value
            .points
            .keys()
            .chain(after.value.points.keys())
            .copied()
            .collect();
        for day in days {
            let (old, new) = (before.value.points.get(&day), after.value.points.get(&day));
            if old != new {
                out.push(Difference {
                    path: path.join(&Self::key(day)),
                    with: Vec::new(),
                    kind: Kind::Changed,
                    before: old.map(|old| old.span),
                    after: new.map(|new| new.span),
                });
            }
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let Some(key) = path.first() else {
            *slot = from.cloned();
            return;
        };
        let (Some(day), Some(projection)) = (Self::day(key), slot) else {
            return;
        };
        match from.and_then(|from| from.value.points.get(&day)) {
            Some(point) => {
                projection.value.points.insert(day, point.clone());
            }
            None => {
                projection.value.points.remove(&day);
            }
        }
    }
}

/// A value that is one for all, or one a name.
#[derive(Clone, Debug, PartialEq)]
pub enum PerName<T> {
    /// The same for all.
    Same(T),
    /// One for each of these.
    By(Map<T>),
}

impl<T> PerName<T> {
    /// The value for a name; nothing where the table leaves it out.
    pub fn get(&self, name: &str) -> Option<&T> {
        match self {
            Self::Same(value) => Some(value),
            Self::By(map) => map.get(name),
        }
    }
}

/// What may be given one a name: tells a table of names from a value that is a table.
pub trait PerNamed: Declared + Named {
    /// Whether a table is one value.
    fn is_value(table: &DeTable<'_>) -> bool;
}

impl<T> Named for Estimate<T> {}
impl<T: Scalar> PerNamed for Estimate<T> {
    fn is_value(table: &DeTable<'_>) -> bool {
        is_estimate(table)
    }
}

impl Named for Limit<Flow> {}
impl PerNamed for Limit<Flow> {
    fn is_value(table: &DeTable<'_>) -> bool {
        table.keys().any(|key| key.get_ref() == "now")
    }
}

impl Named for Flow {}
impl PerNamed for Flow {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl Named for Count {}
impl PerNamed for Count {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl Named for PerName<Flow> {}
impl PerNamed for PerName<Flow> {
    fn is_value(_table: &DeTable<'_>) -> bool {
        false
    }
}

impl<T: PerNamed> Declared for PerName<T> {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) if !T::is_value(table) => {
                Map::read(reader, at, value).map(Self::By)
            }
            _ => T::read(reader, at, value).map(Self::Same),
        }
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        if path.is_empty() {
            if let Some(read) = Self::read(reader, at, value) {
                *slot = Some(spanned(reader, read, value));
            }
            return true;
        }
        match slot {
            None => false,
            Some(Spanned {
                value: Self::By(map),
                span,
            }) => {
                let mut inner = Some(Spanned {
                    value: std::mem::take(map),
                    span: *span,
                });
                let found = Map::set(&mut inner, reader, at, path, value);
                if let Some(inner) = inner {
                    *map = inner.value;
                }
                found
            }
            Some(Spanned {
                value: Self::Same(one),
                span,
            }) => {
                let mut inner = Some(Spanned {
                    value: one.clone(),
                    span: *span,
                });
                let found = T::set(&mut inner, reader, at, path, value);
                if let Some(inner) = inner {
                    *one = inner.value;
                }
                found
            }
        }
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        let table = |side: &Spanned<Self>| match &side.value {
            Self::By(map) => Some(Spanned {
                value: map.clone(),
                span: side.span,
            }),
            Self::Same(_) => None,
        };
        if let (Some(old), Some(new)) = (table(before), table(after)) {
            return Map::differences(&old, &new, path, out);
        }
        if before.value != after.value {
            out.push(Difference {
                path: path.clone(),
                with: Vec::new(),
                kind: Kind::Changed,
                before: Some(before.span),
                after: Some(after.span),
            });
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let (Some(current), false) = (slot.as_mut(), path.is_empty()) else {
            *slot = from.cloned();
            return;
        };
        let source = from.and_then(|from| match &from.value {
            Self::By(map) => Some(Spanned {
                value: map.clone(),
                span: from.span,
            }),
            Self::Same(_) => None,
        });
        if let Self::By(map) = &mut current.value {
            let mut inner = Some(Spanned {
                value: std::mem::take(map),
                span: current.span,
            });
            Map::assign(&mut inner, source.as_ref(), path);
            if let Some(inner) = inner {
                *map = inner.value;
            }
        }
    }
}

impl Named for Money {}

/// What one unit of a model costs.
#[derive(Clone, Debug, PartialEq)]
pub enum Price {
    /// The price of the model's one unit.
    One(Money),
    /// The price of `per` units of each name.
    Units {
        /// How many units the prices are for.
        per: Option<Spanned<Positive>>,
        /// Prices by unit.
        units: Map<Money>,
    },
}

impl Declared for Price {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            return Money::read(reader, at, value).map(Self::One);
        };
        let mut per = None;
        let mut units = Map::default();
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let name = reader.span(key.span());
            if key.get_ref() == "per" {
                let read = Positive::read(reader, &at, value);
                sound &= read.is_some();
                per = read.map(|read| spanned(reader, read, value));
            } else if reader.accept_name(&at, name) {
                match Money::read(reader, &at, value) {
                    Some(money) => {
                        let body = Arc::new(spanned(reader, money, value));
                        let entry = crate::document::declared::Entry { name, body };
                        units.0.insert(key.get_ref().to_string(), entry);
                    }
                    None => sound = false,
                }
            } else {
                sound = false;
            }
        }
        if units.0.is_empty() && sound {
            let span = reader.span(value.span());
            reader.invalid(
                at,
                span,
                "the price names no unit",
                "write money per unit, or `{ per = 1_000_000, input = 3.00, output = 15.00 }`",
            );
            return None;
        }
        sound.then_some(Self::Units { per, units })
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let [key] = path else {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        };
        let Some(Spanned {
            value: Self::Units { per, units },
            ..
        }) = slot
        else {
            return false;
        };
        if key == "per" {
            if let Some(read) = Positive::read(reader, &at.key(key), value) {
                *per = Some(spanned(reader, read, value));
            }
            return true;
        }
        let Some(entry) = units.0.get_mut(key) else {
            return false;
        };
        if let Some(read) = Money::read(reader, &at.key(key), value) {
            entry.body = Arc::new(spanned(reader, read, value));
        }
        true
    }
}

/// A cache, or the decision against one.
#[derive(Clone, Debug, PartialEq)]
pub enum CacheChoice {
    /// Decided against.
    Off,
    /// A cache.
    On(Box<crate::document::tables::Cache>),
}

impl Declared for CacheChoice {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Boolean(false) => Some(Self::Off),
            DeValue::Table(_) => crate::document::tables::Cache::read(reader, at, value)
                .map(|cache| Self::On(Box::new(cache))),
            _ => {
                reader.wrong_type(at, value, "`false`, or a table such as `{ ttl = \"15m\" }`");
                None
            }
        }
    }

    fn set(
        slot: &mut Option<Spanned<Self>>,
        reader: &mut Reader,
        at: &At<'_>,
        path: &[String],
        value: &Written<'_>,
    ) -> bool {
        let mut cache = inner_cache(slot.as_ref());
        if path.is_empty() || cache.is_none() {
            if path.is_empty()
                && let Some(read) = Self::read(reader, at, value)
            {
                *slot = Some(spanned(reader, read, value));
            }
            return path.is_empty();
        }
        let found = crate::document::tables::Cache::set(&mut cache, reader, at, path, value);
        *slot = cache.map(outer_cache);
        found
    }

    fn differences(
        before: &Spanned<Self>,
        after: &Spanned<Self>,
        path: &TomlPath,
        out: &mut Vec<Difference>,
    ) {
        if let (Some(old), Some(new)) = (inner_cache(Some(before)), inner_cache(Some(after))) {
            crate::document::tables::Cache::differences(&old, &new, path, out);
        } else if before.value != after.value {
            out.push(Difference {
                path: path.clone(),
                with: Vec::new(),
                kind: Kind::Changed,
                before: Some(before.span),
                after: Some(after.span),
            });
        }
    }

    fn assign(slot: &mut Option<Spanned<Self>>, from: Option<&Spanned<Self>>, path: &[String]) {
        let mut cache = inner_cache(slot.as_ref());
        if path.is_empty() || cache.is_none() {
            *slot = from.cloned();
            return;
        }
        crate::document::tables::Cache::assign(&mut cache, inner_cache(from).as_ref(), path);
        *slot = cache.map(outer_cache);
    }
}

fn inner_cache(
    choice: Option<&Spanned<CacheChoice>>,
) -> Option<Spanned<crate::document::tables::Cache>> {
    match choice {
        Some(Spanned {
            value: CacheChoice::On(cache),
            span,
        }) => Some(Spanned {
            value: (**cache).clone(),
            span: *span,
        }),
        _ => None,
    }
}

fn outer_cache(cache: Spanned<crate::document::tables::Cache>) -> Spanned<CacheChoice> {
    Spanned {
        value: CacheChoice::On(Box::new(cache.value)),
        span: cache.span,
    }
}

/// A value kept as it is written until it is known what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(pub String);

impl Named for Raw {
    const ANY_NAME: bool = true;
}

impl Declared for Raw {
    fn read(reader: &mut Reader, _at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        Some(Self(reader.text(value).to_owned()))
    }
}

/// The span of a spanned value, if there is one.
#[must_use]
pub fn span_of<T>(value: Option<&Spanned<T>>) -> Option<Span> {
    value.map(|value| value.span)
}
