//! From the forecast that was made to what was measured; and how far it was off by line.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibrate::errors::Errors;
use crate::calibrate::lines::observed_units;
use crate::calibrate::report::{Calibration, Factor, Meter};
use crate::calibrate::{Measured, sum};
use crate::document::TomlPath;
use crate::model::{Line, LineKind};
use crate::units::Date;

use super::Own;
use super::made::Days;
use super::report::{Bridge, Effect, Line as Row, Merged};

impl Own<'_> {
    /// What was forecast and measured of each line, by the first unit that was measured.
    pub(super) fn lines(&self, measured: &Measured) -> Vec<Row> {
        let (Some(made), window) = (self.made, self.inputs.window) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for (feature, body) in &self.then.model.features {
            let since = made.since.get(feature).copied();
            for line in &body.lines {
                let path = line.path(feature);
                let units = observed_units(&self.then.model, line).into_iter();
                let mut known = units.filter_map(|unit| {
                    let days = &measured.get(&path, &unit)?.days;
                    let forecast = made.of_line(&path, &unit)?;
                    (!days.is_empty()).then_some((unit, days, forecast))
                });
                let Some((unit, actual, forecast)) = known.next() else {
                    continue;
                };
                let (actual, forecast) = on_both(actual, forecast);
                let errors = Errors::between(&actual, &forecast, (window.from, window.to));
                rows.push(Row {
                    feature: feature.clone(),
                    path,
                    unit,
                    days: actual.len(),
                    forecast: forecast.values().sum(),
                    actual: sum(&actual),
                    bias: errors.bias,
                    wape: errors.wape,
                    since: since
                        .filter(|day| *day > window.from)
                        .map(|it| it.to_string()),
                });
            }
        }
        rows
    }

    /// The way from forecast to actual of every meter of which something was measured. What the
    /// forecast that was made, with the changes since, differs by from what is declared with
    /// today's tenants is how many tenants were projected.
    pub(super) fn bridges(&self, calibration: &Calibration, measured: &Measured) -> Vec<Bridge> {
        let bridges = calibration.meters.iter();
        bridges.map(|meter| self.bridge(meter, measured)).collect()
    }

    fn bridge(&self, meter: &Meter, measured: &Measured) -> Bridge {
        let keys = TomlPath::parse(&meter.meter).unwrap_or_default().0;
        let name = keys.get(1).map_or("", String::as_str);
        let is_api = keys.first().is_some_and(|family| family == "apis");
        let (kind, unit) = match is_api {
            true => (LineKind::Call, "credits"),
            false => (LineKind::Inference, "cost"),
        };
        let thing = TomlPath::new(&[if is_api { "apis" } else { "models" }, name]).to_string();
        let whole = measured.get(&thing, unit).map(|it| &it.days);
        let whole = whole.filter(|days| !days.is_empty());
        let mut forecast = 0.0;
        let mut all: BTreeSet<Date> = BTreeSet::new();
        let features = self.then.model.features.iter();
        let lines =
            features.flat_map(|(feature, body)| body.lines.iter().map(move |it| (feature, it)));
        for (feature, line) in lines.filter(|(_, it)| it.kind == kind && *it.uses.thing == *name) {
            let path = line.path(feature);
            let days: BTreeSet<Date> = match whole {
                Some(whole) => whole.keys().copied().collect(),
                None => self.days_of(&path, line, measured),
            };
            let made = self.made.and_then(|made| made.of_line(&path, unit));
            let made = made.into_iter().flatten();
            forecast += made
                .filter(|(day, _)| days.contains(day))
                .map(|(_, it)| it)
                .sum::<f64>();
            all.extend(days);
        }
        let (changes, early) = self.changes(&meter.meter, &all);
        let moved: f64 = changes.iter().map(|it| it.effect).sum();
        let mut effects: BTreeMap<Factor, f64> = BTreeMap::new();
        *effects.entry(Factor::Tenants).or_default() += meter.forecast - forecast - moved - early;
        *effects.entry(Factor::Rate).or_default() += early;
        for effect in &meter.effects {
            *effects.entry(effect.factor).or_default() += effect.effect;
        }
        Bridge {
            meter: meter.meter.clone(),
            forecast,
            changes,
            effects: effects
                .into_iter()
                .map(|(factor, effect)| Effect { factor, effect })
                .collect(),
            actual: meter.actual,
        }
    }

    fn days_of(&self, path: &str, line: &Line, measured: &Measured) -> BTreeSet<Date> {
        let units = observed_units(&self.then.model, line).into_iter();
        let days = units.filter_map(|unit| Some(&measured.get(path, &unit)?.days));
        days.flat_map(|days| days.keys().copied()).collect()
    }

    /// What merged changes move on the days that count from their own on; and what they would have
    /// moved on those before, which calibration takes for the rate's.
    fn changes(&self, meter: &str, days: &BTreeSet<Date>) -> (Vec<Merged>, f64) {
        let month = self.then.model.calendar.days_per_month;
        let name = &self.then.declarations.name;
        let (mut changes, mut early) = (Vec::new(), 0.0);
        for step in self.steps {
            let own = step.moved.iter();
            let mut own = own.filter(|it| it.name == *name && it.meter == meter);
            let Some(delta) = own.next().and_then(|it| it.delta).filter(|it| *it != 0.0) else {
                continue;
            };
            let commit = step.commit;
            early += delta / month * days.range(..commit.day).count() as f64;
            let days = days.range(commit.day..).count() as f64;
            changes.push(Merged {
                commit: commit.id.clone(),
                date: commit.day.to_string(),
                subject: commit.subject.clone(),
                pull_request: commit.pull_request(),
                effect: delta / month * days,
            });
        }
        (changes, early)
    }
}

/// The days that both have.
fn on_both(actual: &Days, forecast: &Days) -> (Days, Days) {
    let both = |of: &Days, other: &Days| {
        let days = of.iter().filter(|(day, _)| other.contains_key(*day));
        days.map(|(day, amount)| (*day, *amount)).collect()
    };
    (both(actual, forecast), both(forecast, actual))
}
