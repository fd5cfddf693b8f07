//! From the forecast that was made to what was measured; and how far it was off by line.
//!
//! Between two commits what is declared stays the same, so that calibration leads from it to what
//! was measured, factor by factor. What a commit moves is what its lines ask for more than before,
//! on the days from its own on. What is left of the way is how many tenants were projected.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::calibrate::errors::Errors;
use crate::calibrate::graduated::MeanCosts;
use crate::calibrate::lines::{amounts, observed_units};
use crate::calibrate::report::Factor;
use crate::calibrate::{Measured, Window, meters, sum};
use crate::document::TomlPath;
use crate::meter::{Family, MeterKind};
use crate::model::{Line, LineKind};
use crate::units::Date;

use super::made::Days;
use super::report::{Bridge, Effect, Line as Row, Merged};
use super::{Own, Span};

/// A line's share of a meter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// What is billed: `apis.a`.
    thing: String,
    kind: MeterKind,
    line: String,
}

impl Part {
    /// Of a line that uses something that is billed.
    fn of(feature: &str, line: &Line) -> Option<Self> {
        let (family, kind) = match line.kind {
            LineKind::Call => (Family::Api, MeterKind::Credits),
            LineKind::Inference => (Family::Model, MeterKind::Spend),
            _ => return None,
        };
        Some(Self {
            thing: TomlPath::new(&[family.as_str(), &line.uses.thing]).to_string(),
            kind,
            line: line.path(feature),
        })
    }

    fn unit(&self) -> &'static str {
        match self.kind {
            MeterKind::Credits => "credits",
            _ => "cost",
        }
    }

    fn meter(&self) -> String {
        format!("{}.{}", self.thing, self.kind.as_str())
    }
}

/// The share of a bridge that rounding may leave.
const ROUNDING: f64 = 1e-13;

/// A bridge that is being built.
#[derive(Default)]
struct Sums {
    /// What was declared on each day comes to.
    declared: f64,
    made: f64,
    merged: Vec<Merged>,
    effects: BTreeMap<Factor, f64>,
    actual: f64,
    /// The days that count.
    dates: BTreeSet<Date>,
}

impl Own<'_> {
    /// What was forecast and measured of each line, by the first unit that was measured.
    pub(super) fn lines(&self, measured: &Measured) -> Vec<Row> {
        let (Some(made), window) = (self.made, self.inputs.window) else {
            return Vec::new();
        };
        let mut rows: Vec<Row> = Vec::new();
        let past = self.past();
        let past = past.iter().map(|(project, measured)| (*project, measured));
        let all = std::iter::once((self.then, measured)).chain(past);
        let lines = all.flat_map(|(project, measured)| {
            let features = project.model.features.iter();
            let lines =
                features.flat_map(|(name, body)| body.lines.iter().map(move |it| (name, it)));
            lines.map(move |(name, line)| (project, measured, name, line))
        });
        let mut told = BTreeSet::new();
        for (project, measured, feature, line) in lines {
            let since = made.since.get(feature).copied();
            let path = line.path(feature);
            if told.insert(path.clone()) {
                let units = observed_units(&project.model, line).into_iter();
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

    /// What the project was before the last day, each with what was measured until it changed: the
    /// last first.
    fn past(&self) -> Vec<(&Project, Measured)> {
        let from = self.inputs.window.from;
        let spans = self.spans.iter().zip(self.spans.iter().skip(1)).rev();
        let past = spans
            .filter(|(_, next)| next.from > from)
            .map(|(span, next)| {
                let to = next.from;
                let until = Window { from, to };
                let measured = Measured::new(self.inputs.usage, &span.project, until, false);
                (&span.project, measured)
            });
        past.collect()
    }

    /// The way from forecast to actual of every meter of which something was measured.
    pub(super) fn bridges(&self) -> (Vec<Bridge>, Vec<String>) {
        let (window, threads) = (self.inputs.window, self.inputs.threads);
        let mut bridges: BTreeMap<String, Sums> = BTreeMap::new();
        let mut days = Counted::default();
        let mut declared: Vec<BTreeMap<Part, f64>> = Vec::new();
        let ends = self.spans.iter().skip(1).map(|span| span.from);
        for (span, end) in self.spans.iter().zip(ends.chain([window.to])) {
            let project = &span.project;
            let [outlook] = outlooks_of([(project, &project.policy)], Figures::Moves, threads);
            declared.push(per_day(project, &outlook));
            let own = Window {
                from: span.from,
                to: end,
            };
            if own.from >= own.to {
                continue;
            }
            let measured = Measured::new(self.inputs.usage, project, own, false);
            days.add(project, &measured);
            for meter in meters(project, &outlook, &measured, own, threads) {
                let sums = bridges.entry(meter.meter).or_default();
                sums.declared += meter.forecast;
                sums.actual += meter.actual;
                sums.dates.extend(meter.dates);
                for effect in meter.effects {
                    *sums.effects.entry(effect.factor).or_default() += effect.effect;
                }
            }
        }
        days.finish();
        self.add_made(declared.first(), &days, &mut bridges);
        let mut before = &BTreeMap::new();
        for (span, now) in self.spans.iter().zip(&declared) {
            merge(span, (before, now), &days, &mut bridges);
            before = now;
        }
        let missing = bridges.iter();
        let missing = missing.filter_map(|(meter, sums)| missing_days(meter, &sums.dates, window));
        let notes = missing.collect();
        let bridges = bridges.into_iter();
        let bridges = bridges.map(|(meter, sums)| sums.bridge(meter)).collect();
        (bridges, notes)
    }

    /// Adds the forecast that was made, before any commit.
    fn add_made(
        &self,
        declared: Option<&BTreeMap<Part, f64>>,
        days: &Counted,
        bridges: &mut BTreeMap<String, Sums>,
    ) {
        let Some(made) = self.made.filter(|_| self.before().is_some()) else {
            return;
        };
        for part in declared.into_iter().flat_map(BTreeMap::keys) {
            let all = days.of(part);
            let forecast = made.of_line(&part.line, part.unit()).into_iter().flatten();
            let counted = forecast.filter(|(day, _)| all.is_some_and(|all| all.contains(day)));
            if let Some(sums) = bridges.get_mut(&part.meter()) {
                sums.made += counted.map(|(_, amount)| amount).sum::<f64>();
            }
        }
    }
}

impl Sums {
    fn bridge(mut self, meter: String) -> Bridge {
        let merged: f64 = self.merged.iter().map(|it| it.effect).sum();
        *self.effects.entry(Factor::Tenants).or_default() += self.declared - self.made - merged;
        // What is left of sums that cancel out is no effect.
        let least = ROUNDING * self.made.abs().max(self.actual.abs());
        let effects = self.effects.into_iter();
        let effects = effects.map(|(factor, it)| (factor, if it.abs() > least { it } else { 0.0 }));
        Bridge {
            meter,
            days: self.dates.len(),
            forecast: self.made,
            changes: self.merged,
            effects: effects
                .map(|(factor, effect)| Effect { factor, effect })
                .collect(),
            actual: self.actual,
        }
    }
}

/// What each line comes to on a day, with today's tenants.
fn per_day(project: &Project, outlook: &Outlook) -> BTreeMap<Part, f64> {
    let model = &project.model;
    let (graph, mut all) = (&outlook.graph, BTreeMap::new());
    let costs = MeanCosts::new(model, &outlook.forecast.flows, graph);
    for (name, flows) in &outlook.forecast.flows {
        let lines = model
            .features
            .get(name)
            .into_iter()
            .flat_map(|it| &it.lines);
        for (line, flow) in lines.zip(flows) {
            let Some(part) = Part::of(name, line) else {
                continue;
            };
            let amounts = amounts(model, line, flow).into_iter();
            let amount = amounts.filter(|(unit, _)| unit == part.unit());
            let amount = amount.filter_map(|(_, amount)| amount).next();
            let amount = amount.map(|amount| graph.point(amount));
            let amount = amount.or_else(|| costs.of(line, flow, graph));
            all.insert(part, amount.unwrap_or(0.0));
        }
    }
    all
}

/// The days on which something was measured of each thing.
type DaysOf = BTreeMap<String, BTreeSet<Date>>;

/// The days that count of each line: those on which what it uses was measured as a whole, else its
/// own.
#[derive(Default)]
struct Counted {
    lines: BTreeMap<Part, BTreeSet<Date>>,
    /// Of each span the lines, and the days that count of things.
    spans: Vec<(BTreeSet<Part>, DaysOf)>,
}

impl Counted {
    fn add(&mut self, project: &Project, measured: &Measured) {
        let (mut declared, mut any) = (BTreeSet::new(), BTreeMap::new());
        for (feature, body) in &project.model.features {
            for line in &body.lines {
                let Some(part) = Part::of(feature, line) else {
                    continue;
                };
                let days = |path: &str, unit: &str| {
                    let days = measured.get(path, unit).map(|it| it.days.keys().copied());
                    days.into_iter().flatten().collect::<BTreeSet<Date>>()
                };
                let mut own = days(&part.thing, part.unit());
                if own.is_empty() {
                    let units = observed_units(&project.model, line).into_iter();
                    own.extend(units.flat_map(|unit| days(&part.line, &unit)));
                }
                let of_any: &mut BTreeSet<Date> = any.entry(part.thing.clone()).or_default();
                of_any.extend(&own);
                self.lines.entry(part.clone()).or_default().extend(&own);
                declared.insert(part);
            }
        }
        self.spans.push((declared, any));
    }

    /// Counts the days on which a line was not declared, and others of its thing were measured: then
    /// it did not take place.
    fn finish(&mut self) {
        for (part, days) in &mut self.lines {
            let others = self
                .spans
                .iter()
                .filter(|(declared, _)| !declared.contains(part));
            days.extend(others.filter_map(|(_, any)| any.get(&part.thing)).flatten());
        }
    }

    fn of(&self, part: &Part) -> Option<&BTreeSet<Date>> {
        self.lines.get(part)
    }
}

/// Adds what a commit moves, on the days from its own on.
fn merge(
    span: &Span<'_>,
    (before, now): (&BTreeMap<Part, f64>, &BTreeMap<Part, f64>),
    days: &Counted,
    bridges: &mut BTreeMap<String, Sums>,
) {
    let Some(commit) = span.commit else {
        return;
    };
    let mut moved: BTreeMap<String, f64> = BTreeMap::new();
    let parts: BTreeSet<&Part> = before.keys().chain(now.keys()).collect();
    for part in parts {
        let amount = |of: &BTreeMap<Part, f64>| of.get(part).copied().unwrap_or(0.0);
        let more = amount(now) - amount(before);
        let count = days.of(part).map_or(0, |it| it.range(span.from..).count());
        if more != 0.0 && more.is_finite() && count > 0 {
            *moved.entry(part.meter()).or_default() += more * count as f64;
        }
    }
    for (meter, effect) in moved {
        if let Some(sums) = bridges.get_mut(&meter) {
            sums.merged.push(Merged {
                commit: commit.id.clone(),
                date: commit.day.to_string(),
                subject: commit.subject.clone(),
                pull_request: commit.pull_request(),
                effect,
            });
        }
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

/// The days of a window without rows of a meter.
fn missing_days(meter: &str, counted: &BTreeSet<Date>, window: Window) -> Option<String> {
    /// The most runs of days that are named.
    const NAMED: usize = 3;
    let mut runs: Vec<(Date, Date)> = Vec::new();
    let (mut missing, mut all, mut day) = (0, 0, window.from);
    while day < window.to {
        all += 1;
        if !counted.contains(&day) {
            missing += 1;
            match runs.last_mut() {
                Some((_, last)) if last.plus_days(1) == Some(day) => *last = day,
                _ => runs.push((day, day)),
            }
        }
        day = day.plus_days(1)?;
    }
    let mut named: Vec<String> = (runs.iter().take(NAMED))
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        })
        .collect();
    if runs.len() > NAMED {
        named.push(format!("{} more", runs.len() - NAMED));
    }
    let named = named.join(", ");
    (missing > 0).then(|| {
        format!(
            "No rows of `{meter}` on {missing} of {all} days ({named}): they count neither as \
             forecast nor as measured."
        )
    })
}
