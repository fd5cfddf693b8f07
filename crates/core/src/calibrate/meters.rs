//! What moved credits and spend from their forecast to what was measured.

use crate::analysis::{Outlook, Project};
use std::collections::{BTreeMap, BTreeSet};

use crate::calibrate::bridge::{Bridge, Factor, Forecast, Measured as OfLine};
use crate::calibrate::graduated::MeanCosts;
use crate::calibrate::lines::{Observed, OfUnit, amounts, billed_unit};
use crate::calibrate::rates::Rates;
use crate::calibrate::report::{Effect, Meter};
use crate::calibrate::series::{Measured, sum};
use crate::calibrate::values::{path_of, retries_of_all};
use crate::collections::HashMap;
use crate::document::tables::LineKind;
use crate::forecast::Flow;
use crate::meter::MeterKind;
use crate::model::{Adoption, Feature, Line, Model, Per, Value};
use crate::units::Date;

pub(crate) struct Meters<'a, 'r> {
    pub(crate) project: &'a Project,
    pub(crate) outlook: &'a Outlook,
    pub(crate) measured: &'a Measured,
    pub(crate) lines: &'r [Observed<'a>],
    /// Of the model with what was measured.
    pub(crate) rates: &'r mut Rates<'a>,
}

/// A thing whose use is paid for.
struct Thing<'t> {
    name: &'t str,
    kind: LineKind,
    /// What its meter counts, as a unit that is measured.
    unit: &'static str,
    meter: MeterKind,
    /// `1 + retry`, as declared and as measured.
    retry: (f64, Option<f64>),
    /// What one that is billed costs, where that depends on all of them.
    cost: Option<f64>,
}

/// One line of a thing.
struct Part<'p> {
    feature: &'p Feature,
    index: usize,
    line: &'p Line,
    flow: &'p Flow,
}

/// The lines that were measured, by feature and place.
type Known<'k, 'a> = HashMap<(&'k str, usize), &'k Observed<'a>>;

impl<'a> Meters<'a, '_> {
    /// Credits of every API and spend of every model of which something was measured.
    pub(crate) fn all(&mut self) -> Vec<Meter> {
        let model = &self.project.model;
        let mut of: HashMap<(LineKind, &str), Vec<Part<'a>>> = HashMap::default();
        for (name, flows) in &self.outlook.forecast.flows {
            let Some(feature) = model.features.get(name) else {
                continue;
            };
            for (index, (line, flow)) in feature.lines.iter().zip(flows).enumerate() {
                let part = Part {
                    feature,
                    index,
                    line,
                    flow,
                };
                of.entry((line.kind, &line.uses.thing))
                    .or_default()
                    .push(part);
            }
        }
        let costs = MeanCosts::new(model, &self.outlook.forecast.flows, &self.outlook.graph);
        let mut things = Vec::new();
        for (name, api) in &model.apis {
            things.push(Thing {
                name,
                kind: LineKind::Call,
                unit: "credits",
                meter: MeterKind::Credits,
                retry: (
                    1.0 + api.retry_ratio.point().unwrap_or(0.0),
                    retries_of_all(self.measured, name).map(|ratio| 1.0 + ratio),
                ),
                cost: None,
            });
        }
        for (name, compute) in &model.models {
            things.push(Thing {
                name,
                kind: LineKind::Inference,
                unit: "cost",
                meter: MeterKind::Spend,
                retry: (1.0 + compute.retry_ratio.point().unwrap_or(0.0), None),
                cost: costs.each(name),
            });
        }
        let lines = self.lines.iter();
        let known: Known<'_, '_> = lines
            .map(|line| ((&*line.feature.name, line.index), line))
            .collect();
        let mut meters = Vec::new();
        for thing in &things {
            let parts = of.remove(&(thing.kind, thing.name)).unwrap_or_default();
            meters.extend(self.meter(thing, &parts, &known));
        }
        meters
    }

    fn meter(
        &mut self,
        thing: &Thing<'_>,
        parts: &[Part<'a>],
        known: &Known<'_, '_>,
    ) -> Option<Meter> {
        let family = thing.kind.family().as_str();
        let path = path_of(&[family, thing.name]);
        let whole = self.measured.get(&path, thing.unit).map(|it| &it.days);
        let whole = whole.filter(|days| !days.is_empty());
        let mut meter = Meter {
            project: None,
            meter: path_of(&[family, thing.name, thing.meter.as_str()]),
            actual: 0.0,
            forecast: 0.0,
            effects: Vec::new(),
            dates: whole.iter().flat_map(|days| days.keys().copied()).collect(),
        };
        let mut any = whole.is_some();
        for part in parts {
            let observed = known.get(&(&*part.feature.name, part.index)).copied();
            let days = match (whole, observed) {
                (Some(_), _) => meter.dates.clone(),
                (None, Some(line)) => line.dates(),
                (None, None) => continue,
            };
            any = true;
            let (forecast, same) = self.factors(thing, part);
            let mut effects = Factor::OF_LINES.map(|factor| (factor, 0.0));
            for (units, dates) in alike(observed, &days) {
                let of_days = measured_on(&units, &dates, (thing, same));
                let (bridge, days) = (Bridge::new(forecast, of_days), dates.len() as f64);
                meter.forecast += bridge.forecast * days;
                meter.actual += bridge.actual * days;
                for (sum, (_, effect)) in effects.iter_mut().zip(bridge.effects) {
                    sum.1 += effect * days;
                }
            }
            meter.dates.extend(days);
            let path = part.line.path(&part.feature.name);
            let counted = self.is_counted(part);
            let effects = effects.iter().map(|(factor, effect)| Effect {
                factor: *factor,
                path: path.clone(),
                effect: *effect,
                tenants_counted: *factor != Factor::Rate || counted,
            });
            meter.effects.extend(effects);
        }
        if let Some(days) = whole {
            let actual = sum(days);
            meter.effects.push(Effect {
                factor: Factor::Undeclared,
                path,
                effect: actual - meter.actual,
                tenants_counted: true,
            });
            meter.actual = actual;
        }
        any.then_some(meter)
    }

    /// A line's factors as forecast, and what of them was measured whatever the day.
    fn factors(&mut self, thing: &Thing<'_>, part: &Part<'a>) -> (Forecast, OfLine) {
        let graph = &self.outlook.graph;
        let point = |quantity| graph.point(quantity);
        let flow = part.flow;
        let amount = |flow: &Flow, unit: &str, model: &Model| {
            let all = amounts(model, part.line, flow);
            let (_, amount) = all.into_iter().find(|(known, _)| known == unit)?;
            amount
        };
        let billed = billed_unit(thing.kind);
        let model = &self.project.model;
        let cost = [thing.unit, billed].map(|unit| amount(flow, unit, model).map(point));
        let [paid, times] = cost.map(|amount| amount.unwrap_or(0.0));
        let measured_flow = self.rates.flow(&part.feature.name, part.index, 1.0);
        let measured_cost = measured_flow.as_ref().and_then(|flow| {
            let [paid, times] = [thing.unit, billed]
                .map(|unit| amount(flow, unit, model).map(|it| self.rates.point(it)));
            Some(paid? / times?).filter(|cost| cost.is_finite())
        });
        let cost = thing.cost.or_else(|| (times > 0.0).then(|| paid / times));
        // Of what never occurs as declared.
        let cost = cost.or(measured_cost);
        let population = measured_flow.map(|flow| self.rates.point(flow.population));
        (
            Forecast {
                population: point(flow.population),
                rate: point(flow.per_member),
                miss: point(flow.asked.passes),
                retry: thing.retry.0,
                cost: cost.unwrap_or(0.0),
                cached: part.line.cache.is_some(),
            },
            OfLine {
                population,
                retry: thing.retry.1,
                // Where prices fall with what is used, a run of other units has no price by itself.
                cost: measured_cost.filter(|_| thing.cost.is_none()),
                ..OfLine::default()
            },
        )
    }

    /// Whether it was measured how many those are whom a line is counted per.
    fn is_counted(&self, part: &Part<'_>) -> bool {
        let Some(population) = part.feature.population_of(part.line) else {
            return true;
        };
        let tiers = &self.project.model.tiers;
        let is_sampled =
            |subject: &[&str]| self.measured.last(&path_of(subject), "count").is_some();
        match &population.per {
            Per::Project => true,
            Per::Entity(name) if is_sampled(&["entities", name]) => true,
            _ => population.tiers.iter().all(|(tier, adoption)| {
                let known = matches!(adoption, Adoption::Share(Value::Certain(0.0)));
                let tier = tiers.get_index(*tier);
                known || tier.is_some_and(|(name, _)| is_sampled(&["tenants", name]))
            }),
        }
    }
}

/// Days on which the same units of a line were measured. A day without a row is not a day of
/// nothing: what was not measured on it stays as forecast.
fn alike<'o>(
    observed: Option<&'o Observed<'_>>,
    days: &BTreeSet<Date>,
) -> Vec<(Vec<&'o OfUnit<'o>>, Vec<Date>)> {
    let units = observed.map_or(&[][..], |line| &line.units);
    let mut groups: BTreeMap<Vec<usize>, Vec<Date>> = BTreeMap::new();
    for day in days {
        let known = units.iter().enumerate();
        let known = known.filter(|(_, of)| of.days.contains_key(day));
        let known = known.map(|(at, _)| at).collect();
        groups.entry(known).or_default().push(*day);
    }
    let named = |known: Vec<usize>| known.into_iter().filter_map(|at| units.get(at)).collect();
    let groups = groups.into_iter();
    groups.map(|(known, dates)| (named(known), dates)).collect()
}

/// What was measured of a line on a mean day of some.
fn measured_on(
    units: &[&OfUnit<'_>],
    dates: &[Date],
    (thing, same): (&Thing<'_>, OfLine),
) -> OfLine {
    let mean = |unit: &str| {
        let of = units.iter().find(|of| of.unit == unit)?;
        // Where corrections take away more than there was, there was nothing on any day.
        let is_any = sum(of.days) > 0.0;
        let sum: f64 = dates.iter().filter_map(|day| of.days.get(day)).sum();
        Some(if is_any {
            sum / dates.len() as f64
        } else {
            0.0
        })
    };
    OfLine {
        occurrences: mean("occurrences"),
        reached: mean("reached"),
        billed: mean(billed_unit(thing.kind)),
        amount: mean(thing.unit),
        cost: same.cost.filter(|_| !units.is_empty()),
        ..same
    }
}
