//! Demand lines that something was measured of.

use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::calibrate::ENOUGH_DAYS;
use crate::calibrate::errors::Days;
use crate::calibrate::series::{Measured, sum};
use crate::document::tables::{AnyLine, LineKind};
use crate::forecast::Flow;
use crate::model::lines::events::Amount;
use crate::model::{Feature, Line, Model};
use crate::quantity::Quantity;
use crate::units::Date;

/// A line with what was measured of it.
pub(crate) struct Observed<'a> {
    pub(crate) feature: &'a Feature,
    /// Its place in the feature.
    pub(crate) index: usize,
    pub(crate) line: &'a Line,
    pub(crate) written: AnyLine<'a>,
    pub(crate) path: String,
    /// By unit, the one first that it is judged by.
    pub(crate) units: Vec<OfUnit<'a>>,
}

pub(crate) struct OfUnit<'a> {
    pub(crate) unit: String,
    /// As declared, on a day; nothing where a line's share is nobody's to say.
    pub(crate) forecast: Option<Quantity>,
    pub(crate) days: &'a Days,
}

impl OfUnit<'_> {
    /// On a mean day, where there are enough of them.
    pub(crate) fn mean(&self) -> Option<f64> {
        let days = self.days.len();
        (days >= ENOUGH_DAYS).then(|| sum(self.days) / days as f64)
    }
}

impl Observed<'_> {
    pub(crate) fn unit(&self, unit: &str) -> Option<&OfUnit<'_>> {
        self.units.iter().find(|of| of.unit == unit)
    }

    pub(crate) fn mean(&self, unit: &str) -> Option<f64> {
        self.unit(unit)?.mean()
    }

    /// What was measured in one unit over what was measured in another, on the days on which both
    /// were, where there are enough.
    pub(crate) fn quotient(&self, part: &str, whole: &str) -> Option<f64> {
        let (part, whole) = (self.unit(part)?.days, self.unit(whole)?.days);
        let both = part
            .iter()
            .filter_map(|(day, part)| Some((*part, *whole.get(day)?)));
        let both: Vec<(f64, f64)> = both.collect();
        let part: f64 = both.iter().map(|(part, _)| part).sum();
        let whole: f64 = both.iter().map(|(_, whole)| whole).sum();
        (both.len() >= ENOUGH_DAYS && whole > 0.0).then(|| (part / whole).max(0.0))
    }

    /// The unit of what the line does once for each time that it reaches what it uses.
    pub(crate) fn billed_unit(&self) -> &'static str {
        billed_unit(self.line.kind)
    }
}

pub(crate) fn billed_unit(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Call => "calls",
        LineKind::Inference => "requests",
        LineKind::Read | LineKind::Write => "rows",
        LineKind::Message => "messages",
    }
}

/// All lines of which something was measured, parents before those that follow them.
pub(crate) fn observed<'a>(
    project: &'a Project,
    outlook: &'a Outlook,
    measured: &'a Measured,
) -> Vec<Observed<'a>> {
    let declared = &project.declarations.root.features;
    let mut all = Vec::new();
    for (name, flows) in &outlook.forecast.flows {
        let (Some(feature), Some(body)) = (project.model.features.get(name), declared.get(name))
        else {
            continue;
        };
        for (index, (line, flow)) in feature.lines.iter().zip(flows).enumerate() {
            let Some(written) = body.line(line.kind, &line.id) else {
                continue;
            };
            let path = line.path(name);
            let units = amounts(&project.model, line, flow);
            let units = units.into_iter().filter_map(|(unit, forecast)| {
                let days = &measured.get(&path, &unit)?.days;
                let of = OfUnit {
                    unit,
                    forecast,
                    days,
                };
                (!days.is_empty()).then_some(of)
            });
            let units: Vec<OfUnit<'_>> = units.collect();
            if !units.is_empty() {
                all.push(Observed {
                    feature,
                    index,
                    line,
                    written,
                    path,
                    units,
                });
            }
        }
    }
    all
}

/// The units that a line is measured in: first those that it is judged by.
pub(crate) fn observed_units(model: &Model, line: &Line) -> Vec<String> {
    let mut all: Vec<String> = units_of(line.kind)
        .iter()
        .map(|unit| (*unit).to_owned())
        .collect();
    if line.kind == LineKind::Inference
        && let Some(model) = model.compute_model(&line.uses.thing)
    {
        all.extend(model.units.iter().cloned());
    }
    all
}

fn units_of(kind: LineKind) -> &'static [&'static str] {
    match kind {
        LineKind::Call => &["calls", "occurrences", "credits", "reached", "cost"],
        LineKind::Inference => &["requests", "occurrences", "reached", "cost"],
        LineKind::Read => &["rows", "occurrences", "reached"],
        LineKind::Write => &["rows", "occurrences"],
        LineKind::Message => &["messages", "occurrences", "bytes"],
    }
}

/// What a line comes to in a day, by the unit that it is measured in: first those that it is
/// judged by.
pub(crate) fn amounts(model: &Model, line: &Line, flow: &Flow) -> Vec<(String, Option<Quantity>)> {
    let amount = |amount| flow.amount(amount);
    let occurrences = ("occurrences", Some(flow.occurrences));
    let reached = ("reached", amount(Amount::Reached));
    let billed = |unit| (unit, amount(Amount::Billed));
    let cost = ("cost", amount(Amount::Spend));
    let listed = match line.kind {
        LineKind::Call => vec![
            billed("calls"),
            occurrences,
            ("credits", amount(Amount::Credits)),
            reached,
            ("cost", None),
        ],
        LineKind::Inference => vec![billed("requests"), occurrences, reached, cost],
        LineKind::Read => vec![("rows", amount(Amount::RowsRead)), occurrences, reached],
        LineKind::Write => vec![("rows", amount(Amount::Rows)), occurrences],
        LineKind::Message => vec![
            ("messages", amount(Amount::Messages)),
            occurrences,
            ("bytes", amount(Amount::Bytes)),
        ],
    };
    let named = |(unit, amount): (&str, _)| (unit.to_owned(), amount);
    let mut all: Vec<_> = listed.into_iter().map(named).collect();
    if line.kind == LineKind::Inference
        && let Some(model) = model.compute_model(&line.uses.thing)
    {
        let units = model.units.iter().enumerate();
        all.extend(units.map(|(at, unit)| (unit.clone(), amount(Amount::unit(at)))));
    }
    all
}

impl Observed<'_> {
    /// Whether enough was measured of what it is judged by.
    pub(crate) fn is_measured(&self) -> bool {
        let judged = self.units.first();
        judged.is_some_and(|of| of.days.len() >= ENOUGH_DAYS)
    }

    /// The days that count: those on which anything was measured.
    pub(crate) fn dates(&self) -> BTreeSet<Date> {
        let days = self.units.iter().flat_map(|of| of.days.keys());
        days.copied().collect()
    }

    /// How many there are.
    pub(crate) fn days(&self) -> usize {
        self.dates().len()
    }
}
