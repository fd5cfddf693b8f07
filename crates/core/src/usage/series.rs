//! One thing that was measured, over time.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::collections::HashMap;
use crate::units::Date;

use super::time::{DAY, When};

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(super) file: u32,
    pub(super) line: u32,
}

/// What was measured of one thing in one unit. It holds what rows of a day come to, and not the
/// rows: but for samples, each of which counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Where its first row stands.
    pub(super) first: Place,
    pub(super) days: BTreeMap<Date, Day>,
    /// Rows of more than a day, by their first and last.
    pub(super) periods: BTreeMap<(Date, Date), usize>,
    /// What was counted in each hour, of rows with times.
    pub(super) hours: BTreeMap<(Date, u8), f64>,
    pub(super) by_tenant: HashMap<(u32, Date), OfTenant>,
    /// What each tenant used in each hour, of rows with times.
    pub(super) hours_by_tenant: HashMap<(u32, Date, u8), f64>,
    /// What was sampled, by the second of Unix time. Nothing of what is counted.
    pub(super) samples: Vec<(i64, f64)>,
}

/// What was counted on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Day {
    pub(super) sum: Decimal,
    /// How many rows are of this day alone.
    pub(super) rows: usize,
    /// The first row that names no tenant.
    pub(super) place: Option<Place>,
    /// Whether something was counted, and not only sampled or said.
    pub(super) is_counted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct OfTenant {
    pub(super) sum: Decimal,
    pub(super) place: Place,
}

/// A decimal as the number next to it.
pub(super) fn number(decimal: Decimal) -> f64 {
    // The conversion of the library is off in the last digit.
    decimal.to_string().parse().unwrap_or_default()
}

impl Series {
    pub(super) fn new(first: Place) -> Self {
        Self {
            first,
            days: BTreeMap::new(),
            periods: BTreeMap::new(),
            hours: BTreeMap::new(),
            by_tenant: HashMap::default(),
            hours_by_tenant: HashMap::default(),
            samples: Vec::new(),
        }
    }

    /// What was counted on each day that has rows.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = (Date, f64)> {
        let days = self.days.iter().filter(|(_, it)| it.is_counted);
        days.map(|(day, of_day)| (*day, number(of_day.sum)))
    }

    /// What was counted from a day to another, which count both.
    pub fn sum(&self, from: Date, to: Date) -> f64 {
        number(self.days.range(from..=to).map(|(_, it)| it.sum).sum())
    }

    /// Whether something was counted from a day to another, which count both.
    pub fn is_counted(&self, from: Date, to: Date) -> bool {
        from <= to && self.days.range(from..=to).any(|(_, it)| it.is_counted)
    }

    /// What was counted in each hour of the days whose rows have times.
    pub fn hours(&self) -> impl Iterator<Item = (Date, u8, f64)> {
        let hours = self.hours.iter();
        hours.map(|((day, hour), sum)| (*day, *hour, *sum))
    }

    /// What was sampled, in the order of time: those of one time are added up.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = (Date, f64)> {
        let samples = self.samples.iter();
        samples.filter_map(|(at, value)| Some((When::of_seconds(*at)?.day, *value)))
    }

    /// The same with the second of Unix time of each.
    pub(crate) fn samples_at(&self) -> impl Iterator<Item = (i64, f64)> {
        self.samples.iter().copied()
    }

    /// What each tenant used on each day, in the order of the tenants' numbers and of days.
    pub fn by_tenant(&self) -> impl Iterator<Item = (u32, Date, f64)> {
        let cells = self.by_tenant.iter();
        let cells = cells.map(|((tenant, day), it)| (*tenant, *day, number(it.sum)));
        // Sums of them are the same in every run.
        let mut cells: Vec<(u32, Date, f64)> = cells.collect();
        cells.sort_unstable_by_key(|(tenant, day, _)| (*tenant, *day));
        cells.into_iter()
    }

    /// What each tenant used in each hour, by the tenant's number, where rows have times.
    pub fn hours_by_tenant(&self) -> impl Iterator<Item = (u32, Date, u8, f64)> {
        let cells = self.hours_by_tenant.iter();
        cells.map(|((tenant, day, hour), used)| (*tenant, *day, *hour, *used))
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        let days = self.days.values().map(|it| it.rows);
        days.sum::<usize>() + self.periods.values().sum::<usize>()
    }

    /// How many rows it has of the days of any of these windows, whose ends count.
    pub(super) fn rows_in(&self, windows: &[(Date, Date)]) -> usize {
        let days = windows
            .iter()
            .flat_map(|(from, to)| self.days.range(from..=to));
        let days = days.map(|(_, it)| it.rows);
        let periods = self.periods.iter().filter(|((first, last), _)| {
            let mut windows = windows.iter();
            windows.any(|(from, to)| first <= to && last >= from)
        });
        days.sum::<usize>() + periods.map(|(_, rows)| rows).sum::<usize>()
    }

    /// Where the first row of a window stands that is of a day outside of some others, and names no
    /// tenant.
    pub(super) fn place_outside(
        &self,
        (from, to): (Date, Date),
        others: &[(Date, Date)],
    ) -> Option<Place> {
        let is_other = |day: &Date| others.iter().any(|(from, to)| (from..=to).contains(&day));
        let days = self.days.range(from..=to);
        let days = days.filter(|(day, _)| !is_other(day));
        days.filter_map(|(_, it)| it.place).min()
    }

    /// The first and the last day that it says something of.
    pub(super) fn ends(&self) -> Option<(Date, Date)> {
        let (first, last) = (self.days.first_key_value()?, self.days.last_key_value()?);
        Some((*first.0, *last.0))
    }

    /// The days between the first and the last of which it says nothing.
    pub(super) fn gaps(&self) -> usize {
        let ends = self.ends();
        let days = ends.map_or(0, |(first, last)| last.days_since(first) + 1);
        usize::try_from(days)
            .unwrap_or(0)
            .saturating_sub(self.days.len())
    }

    /// The sum of what was counted, or the last sample: of all, or from a day to another, which
    /// count both.
    pub(super) fn quantity(&self, within: Option<(Date, Date)>) -> f64 {
        let last = match within {
            None => self.samples().next_back(),
            Some((from, to)) => self.samples().rfind(|(day, _)| (from..=to).contains(day)),
        };
        match (last, within) {
            (Some((_, last)), _) => last,
            (None, Some((from, to))) => self.sum(from, to),
            (None, None) => number(self.days.values().map(|it| it.sum).sum()),
        }
    }

    /// Puts samples in the order of time, and adds up those of one time.
    pub(super) fn settle(&mut self) {
        if !self.samples.is_sorted_by(|a, b| a.0 < b.0) {
            self.samples.sort_by_key(|(at, _)| *at);
            self.samples.dedup_by(|next, before| {
                let is_same = next.0 == before.0;
                if is_same {
                    before.1 += next.1;
                }
                is_same
            });
        }
    }

    pub(super) fn sample(&mut self, when: When, value: Decimal) {
        let at = when.day.days_since(Date::EPOCH) * DAY + i64::from(when.second.unwrap_or(0));
        self.samples.push((at, number(value)));
    }

    /// Adds what was said of the same thing under another name.
    pub(super) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        for (day, it) in &other.days {
            let own = self.days.entry(*day).or_default();
            own.sum += it.sum;
            own.rows += it.rows;
            own.is_counted |= it.is_counted;
            own.place = own.place.or(it.place);
        }
        for (hour, sum) in &other.hours {
            *self.hours.entry(*hour).or_default() += sum;
        }
        for (cell, used) in &other.hours_by_tenant {
            *self.hours_by_tenant.entry(*cell).or_default() += used;
        }
        for (period, rows) in &other.periods {
            *self.periods.entry(*period).or_default() += rows;
        }
        for (key, it) in &other.by_tenant {
            let own = self.by_tenant.entry(*key);
            let own = own.or_insert_with(|| OfTenant {
                sum: Decimal::ZERO,
                place: it.place,
            });
            own.sum += it.sum;
        }
        self.samples.extend(&other.samples);
        self.settle();
    }

    /// Where both say something of the same day and tenant, in two files.
    pub(super) fn twice(&self, other: &Self) -> Option<(Place, Place)> {
        let both = |a: Option<Place>, b: Option<Place>| Some((a?, b?));
        let days = other.days.iter();
        let mut days = days.filter_map(|(day, it)| both(self.days.get(day)?.place, it.place));
        let cells = other.by_tenant.iter();
        let cells = cells.filter_map(|(key, it)| Some((self.by_tenant.get(key)?.place, it.place)));
        let is_two = |places: &(Place, Place)| places.0.file != places.1.file;
        days.find(is_two).or_else(|| cells.filter(is_two).min())
    }
}
