//! What moved credits and spend from their forecast to what was measured.

use crate::analysis::{Outlook, Project};
use crate::calibrate::bridge::{Bridge, Factor, Forecast, Measured as OfLine};
use crate::calibrate::graduated::MeanCosts;
use crate::calibrate::lines::{Observed, amounts, billed_unit};
use crate::calibrate::rates::Rates;
use crate::calibrate::report::{Effect, Meter};
use crate::calibrate::series::{Measured, sum};
use crate::calibrate::values::{path_of, retries_of_all};
use crate::collections::HashMap;
use crate::document::tables::LineKind;
use crate::forecast::Flow;
use crate::meter::MeterKind;
use crate::model::{Adoption, Feature, Line, Model, Per, Value};

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
        };
        let mut any = whole.is_some();
        for part in parts {
            let observed = known.get(&(&*part.feature.name, part.index)).copied();
            let days = match (whole, observed) {
                (Some(days), _) => days.len(),
                (None, Some(line)) => line.days(),
                (None, None) => continue,
            };
            any = true;
            let bridge = self.bridge(thing, part, observed, days as f64);
            let days = days as f64;
            meter.forecast += bridge.forecast * days;
            meter.actual += bridge.actual * days;
            let path = part.line.path(&part.feature.name);
            let counted = self.is_counted(part);
            let effects = bridge.effects.iter().map(|(factor, effect)| Effect {
                factor: *factor,
                path: path.clone(),
                effect: effect * days,
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

    fn bridge(
        &mut self,
        thing: &Thing<'_>,
        part: &Part<'a>,
        observed: Option<&Observed<'_>>,
        days: f64,
    ) -> Bridge {
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
        let total = |unit: &str| {
            let of = observed?.unit(unit)?;
            Some(sum(of.days) / days)
        };
        let population = measured_flow.map(|flow| self.rates.point(flow.population));
        Bridge::new(
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
                occurrences: total("occurrences"),
                reached: total("reached"),
                billed: total(billed),
                retry: thing.retry.1,
                amount: total(thing.unit),
                // Where prices fall with what is used, a run of other units has no price by itself.
                cost: measured_cost.filter(|_| thing.cost.is_none() && observed.is_some()),
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
