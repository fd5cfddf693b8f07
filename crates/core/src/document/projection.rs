//! Counts today and on days to come.

use crate::document::declared::{Declared, Difference, DifferenceKind, Optional, Sides, Slot};
use crate::document::edit::{Edit, Way};
use crate::document::estimate::{Estimate, is_estimate};
use crate::document::forms::span_of;
use crate::document::map::Named;
use crate::document::reader::{At, Reader, Written, quotable, spanned};
use crate::document::tree::{TomlTable, TomlValue};
use crate::document::values::Count;
use crate::finding::{Finding, Severity, file_errors};
use crate::source::{Span, Spanned};
use crate::units::Growth;
use std::collections::{BTreeMap, BTreeSet};

/// A count today and on days to come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// By day; day 0 is `now`.
    pub(crate) points: BTreeMap<u32, Spanned<Estimate<Count>>>,
    /// Instead of days to come.
    pub(crate) growth: Optional<Growth>,
}

impl Named for Projection {}

const GROWTH: &str = "growth";

/// Whether a key stands beside `now`.
fn is_of_days(key: &str) -> bool {
    key == GROWTH || Projection::day(key).is_some()
}

impl Projection {
    fn of(now: Spanned<Estimate<Count>>) -> Self {
        Self {
            points: BTreeMap::from([(0, now)]),
            growth: None,
        }
    }

    /// How many there are today, at the median.
    pub(crate) fn now(&self) -> Option<f64> {
        match &self.points.get(&0)?.value {
            Estimate::Certain(count) => Some(count.0),
            Estimate::Uncertain(quantiles) => Some(quantiles.p50.0),
            Estimate::Unknown => None,
        }
    }

    /// What it says of days to come.
    fn days(&self) -> impl Iterator<Item = &Spanned<Estimate<Count>>> {
        self.points.range(1..).map(|(_, count)| count)
    }

    /// The name of a day's key.
    pub fn key(day: u32) -> String {
        if day == 0 {
            "now".to_owned()
        } else {
            format!("{day}d")
        }
    }

    pub(crate) fn day(key: &str) -> Option<u32> {
        if key == "now" {
            return Some(0);
        }
        let digits = key.strip_suffix('d')?;
        // One day has one key: `030d` is none.
        let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let day = digits.parse().ok().filter(|_| plain)?;
        (1..=crate::limits::MAX_DAYS).contains(&day).then_some(day)
    }

    fn read_days(
        reader: &mut Reader,
        at: &At<'_>,
        value: &Written<'_>,
        table: &TomlTable<'_>,
    ) -> Option<Self> {
        let mut points = BTreeMap::new();
        let mut growth = None;
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            if at.name() == GROWTH {
                let read = Slot::read(reader, &at, value);
                sound &= read.is_some();
                growth = read.unwrap_or_default();
                continue;
            }
            let Some(day) = Self::day(at.name()) else {
                let span = reader.span(key.span());
                let message = format!("`{}` is not a day", quotable(at.name()));
                let help =
                    "the keys are `now`, and `growth` or days such as `30d`, `60d` and `90d`";
                reader.invalid::<()>(&at, span, message, help);
                sound = false;
                continue;
            };
            let read = Estimate::read(reader, &at, value);
            sound &= read.is_some();
            let estimate = read.unwrap_or(Estimate::Unknown);
            points.insert(day, spanned(reader, estimate, value));
        }
        let projection = Self { points, growth };
        if let (Some(growth), Some(day)) = (&projection.growth, projection.days().next()) {
            let message = "`growth` does not go with counts of days to come";
            let finding = Finding::new(
                file_errors::INVALID_VALUE,
                Severity::Error,
                at.key(GROWTH).dotted(),
                message,
            )
            .at(growth.span)
            .also(day.span, "a day to come is declared here")
            .help("keep `growth` for steady growth, or the days for planned counts");
            reader.push(finding);
        }
        if projection.points.contains_key(&0) {
            return Some(projection);
        }
        // Without today there is nothing to count.
        if sound {
            reader.missing_key(at, value, "now", "add `now`, how many there are today");
        }
        None
    }
}

impl Declared for Projection {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            TomlValue::Table(table) if !is_estimate(table) => {
                Self::read_days(reader, at, value, table)
            }
            TomlValue::Table(table)
                if let Some(key) = table.keys().find(|key| is_of_days(key.get_ref())) =>
            {
                let at = at.key(key.get_ref());
                let message = format!("`{}` is among the quantiles of today", at.name());
                let help = "write `{ now = { p50 = …, p90 = … }, growth = … }`, or with days";
                reader.invalid(&at, reader.span(key.span()), message, help)
            }
            _ => {
                let now = Estimate::read(reader, at, value)?;
                Some(Self::of(spanned(reader, now, value)))
            }
        }
    }

    fn unknown(span: Span) -> Option<Self> {
        let value = Estimate::Unknown;
        Some(Self::of(Spanned { value, span }))
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let Some(at) = way.last() else { return false };
        if at.name() == GROWTH {
            let own = span_of(self.growth.as_deref());
            let other = other.and_then(|other| other.growth.as_deref());
            if let Some(growth) = edit.value(&at, own, other) {
                self.growth = growth.map(Box::new);
            }
            return true;
        }
        let Some(day) = Self::day(at.name()) else {
            return false;
        };
        let other = other.and_then(|other| other.points.get(&day));
        match edit.value(&at, span_of(self.points.get(&day)), other) {
            Some(Some(point)) => drop(self.points.insert(day, point)),
            Some(None) => drop(self.points.remove(&day)),
            None => {}
        }
        true
    }

    fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        let days: BTreeSet<&u32> = self.points.keys().chain(after.points.keys()).collect();
        let changed =
            |key: &str, sides: Sides| Difference::new(&at.key(key), DifferenceKind::Changed, sides);
        // Growth and days to come exclude each other.
        let mut as_one = (self.growth != after.growth).then(|| {
            let [old, new] = [self, after].map(|side| span_of(side.growth.as_deref()));
            changed(GROWTH, (old, new))
        });
        let toggled = self.growth.is_some() != after.growth.is_some();
        for &day in days {
            let (old, new) = (self.points.get(&day), after.points.get(&day));
            if old == new {
                continue;
            }
            match &mut as_one {
                Some(growth) if toggled && day > 0 => growth.with.push(Self::key(day).into()),
                _ => out.push(changed(&Self::key(day), (span_of(old), span_of(new)))),
            }
        }
        out.extend(as_one);
        false
    }
}
