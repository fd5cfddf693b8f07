//! Counts today and on days to come.

use crate::document::declared::{Declared, Difference, DifferenceKind};
use crate::document::edit::{Edit, Way};
use crate::document::estimate::{Estimate, is_estimate};
use crate::document::forms::span_of;
use crate::document::map::Named;
use crate::document::reader::{At, Reader, Written, quotable, spanned};
use crate::document::values::Count;
use crate::source::{Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};
use toml::de::{DeTable, DeValue};

/// A count today and on days to come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// By day; day 0 is `now`.
    pub(crate) points: BTreeMap<u32, Spanned<Estimate<Count>>>,
}

impl Named for Projection {}

impl Projection {
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
        table: &DeTable<'_>,
    ) -> Option<Self> {
        let mut points = BTreeMap::new();
        let mut sound = true;
        for (key, value) in table {
            let at = at.key(key.get_ref());
            let Some(day) = Self::day(at.name()) else {
                let span = reader.span(key.span());
                let message = format!("`{}` is not a day", quotable(at.name()));
                let help = "the keys are `now` and days such as `30d`, `60d` and `90d`";
                reader.invalid::<()>(&at, span, message, help);
                sound = false;
                continue;
            };
            let read = Estimate::read(reader, &at, value);
            sound &= read.is_some();
            let estimate = read.unwrap_or(Estimate::Unknown);
            points.insert(day, spanned(reader, estimate, value));
        }
        if points.contains_key(&0) {
            return Some(Self { points });
        }
        // Without today there is nothing to count.
        if sound {
            reader.missing_key(at, value, "now", "say how many there are today");
        }
        None
    }
}

impl Declared for Projection {
    fn read(reader: &mut Reader, at: &At<'_>, value: &Written<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) if !is_estimate(table) => {
                Self::read_days(reader, at, value, table)
            }
            _ => {
                let now = Estimate::read(reader, at, value)?;
                let points = BTreeMap::from([(0, spanned(reader, now, value))]);
                Some(Self { points })
            }
        }
    }

    fn unknown(span: Span) -> Option<Self> {
        let value = Estimate::Unknown;
        let points = BTreeMap::from([(0, Spanned { value, span })]);
        Some(Self { points })
    }

    fn edit(&mut self, other: Option<&Self>, way: &Way<'_>, edit: &mut Edit<'_>) -> bool {
        let Some(at) = way.last() else { return false };
        let Some(day) = Self::day(at.name()) else {
            return false;
        };
        let other = other.and_then(|other| other.points.get(&day));
        match edit.value(&at, other) {
            Some(Some(point)) => drop(self.points.insert(day, point)),
            Some(None) => drop(self.points.remove(&day)),
            None => {}
        }
        true
    }

    fn differs(&self, after: &Self, at: &At<'_>, out: &mut Vec<Difference>) -> bool {
        let days: BTreeSet<&u32> = self.points.keys().chain(after.points.keys()).collect();
        for &day in days {
            let (old, new) = (self.points.get(&day), after.points.get(&day));
            if old != new {
                let (key, kind) = (Self::key(day), DifferenceKind::Changed);
                let sides = (span_of(old), span_of(new));
                out.push(Difference::new(&at.key(&key), kind, sides));
            }
        }
        false
    }
}
