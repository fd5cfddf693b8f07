//! The rate at which a model gives what was measured.

use std::sync::Arc;

use crate::calibrate::lines::{Observed, amounts};
use crate::collections::HashMap;
use crate::forecast::flow::{Context, Flow, feature_flows};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::model::{Feature, Line, Model, Timing, Value};
use crate::quantity::{Graph, Quantity};

/// How close a rate that is searched for has to come, as a share of it.
const CLOSE: f64 = 1e-9;

/// What a cache lets pass of twice as much, where nearly all of it is served.
const SATURATED: f64 = 1.0 + 1e-6;

/// How often a line occurs, by what was measured of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Occurring {
    /// For each of its population, in a day.
    pub(crate) per_member: f64,
    /// For each time that the line which it follows took place, where it follows one that was
    /// measured too.
    pub(crate) fanout: Option<f64>,
}

/// Evaluates single lines of a model as if each had a rate of its own.
pub(crate) struct Rates<'m> {
    model: &'m Model,
    populations: Populations,
    graph: Graph,
}

impl<'m> Rates<'m> {
    /// Of a model with the measured populations, caches, retries and costs.
    pub(crate) fn new(model: &'m Model) -> Self {
        let mut graph = Graph::at_points();
        Self {
            model,
            populations: Populations::new(model, Situation::Today, &mut graph),
            graph,
        }
    }

    pub(crate) fn point(&self, quantity: Quantity) -> f64 {
        self.graph.point(quantity)
    }

    /// A line of the model that occurs so often for each of its population.
    pub(crate) fn flow(&mut self, feature: &str, index: usize, per_member: f64) -> Option<Flow> {
        let feature = self.model.features.get(feature)?;
        let line = feature.lines.get(index)?;
        let population = feature.population_of(line)?.clone();
        let timing = Timing::Rate {
            per_day: Value::Certain(per_member),
            batch: false,
            population,
            peak: 1.0,
            peak_day: 1.0,
            spread: None,
        };
        let line = Line {
            timing,
            ..line.clone()
        };
        let alone = Feature {
            name: Arc::clone(&feature.name),
            lines: vec![line],
        };
        self.flows(&alone).into_iter().next()
    }

    fn flows(&mut self, feature: &Feature) -> Vec<Flow> {
        let context = Context {
            model: self.model,
            situation: Situation::Today,
            populations: &self.populations,
        };
        feature_flows(&context, &feature.name, feature, &mut self.graph)
    }

    fn amount(&mut self, line: &Observed<'_>, unit: &str, per_member: f64) -> Option<f64> {
        let flow = self.flow(&line.feature.name, line.index, per_member)?;
        self.of(line, unit, &flow)
    }

    fn of(&self, line: &Observed<'_>, unit: &str, flow: &Flow) -> Option<f64> {
        let amounts = amounts(self.model, line.line, flow);
        let (_, amount) = amounts.into_iter().find(|(known, _)| known == unit)?;
        Some(self.point(amount?))
    }

    /// How often all lines occur. Parents stand before those that follow them.
    pub(crate) fn all(&mut self, lines: &[Observed<'_>]) -> Vec<Option<Occurring>> {
        let mut passed: HashMap<(&str, usize), f64> = HashMap::default();
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            let of = self.occurring(line, &passed);
            let times = self.passed(line, of.map(|of| of.per_member));
            passed.extend(times.map(|times| ((&*line.feature.name, line.index), times)));
            all.push(of);
        }
        all
    }

    fn occurring(
        &mut self,
        line: &Observed<'_>,
        passed: &HashMap<(&str, usize), f64>,
    ) -> Option<Occurring> {
        let (unit, measured) = measured_by(line)?;
        let per_member = self.per_member(line, unit, measured)?;
        let fanout = match line.line.timing {
            Timing::Rate { .. } => None,
            Timing::After { parent, .. } => {
                let flow = self.flow(&line.feature.name, line.index, 1.0)?;
                let population = self.point(flow.population);
                let times = passed.get(&(&*line.feature.name, parent));
                let times = times.filter(|times| **times > 0.0);
                times.map(|times| per_member * population / times)
            }
        };
        Some(Occurring { per_member, fanout })
    }

    /// Occurrences for each of the population with which so much comes of a unit.
    fn per_member(&mut self, line: &Observed<'_>, unit: &str, measured: f64) -> Option<f64> {
        if measured == 0.0 {
            return Some(0.0);
        }
        if !is_derived(line) || unit == "occurrences" {
            return quotient(measured, self.amount(line, unit, 1.0)?);
        }
        let model = self.model;
        let feature = model.features.get(&*line.feature.name)?;
        if is_batch(feature, line.index) {
            // How much a cache holds back of a batch jumps: it is taken as declared.
            let flow = self.flows(feature).into_iter().nth(line.index)?;
            let (rate, declared) = (flow.per_member, self.of(line, unit, &flow)?);
            return quotient(measured * self.point(rate), declared);
        }
        self.searched(line, unit, measured)
    }

    /// What reaches a cache's other side only grows with what is asked for, and has a most.
    fn searched(&mut self, line: &Observed<'_>, unit: &str, measured: f64) -> Option<f64> {
        let (mut low, mut high) = (0.0, 1.0);
        let mut reached = self.amount(line, unit, high)?;
        while reached < measured {
            (low, high) = (high, high * 2.0);
            let more = self.amount(line, unit, high)?;
            if more <= reached * SATURATED {
                return None;
            }
            reached = more;
        }
        while high - low > CLOSE * high {
            let middle = low + (high - low) / 2.0;
            match self.amount(line, unit, middle)? < measured {
                true => low = middle,
                false => high = middle,
            }
        }
        Some(low + (high - low) / 2.0)
    }

    /// How often a line took place in a day, for those that follow it.
    fn passed(&mut self, line: &Observed<'_>, per_member: Option<f64>) -> Option<f64> {
        let unit = match line.line.kind.is_followed() {
            false => return None,
            true if line.mean("reached").is_some() => "reached",
            true => "messages",
        };
        line.mean(unit).or_else(|| {
            let flow = self.flow(&line.feature.name, line.index, per_member?)?;
            let passes = self.graph.mul(flow.occurrences, flow.asked.passes);
            Some(self.graph.point(passes))
        })
    }
}

/// The unit that tells how often a line occurs: what depends on the least besides.
pub(crate) fn measured_by<'l>(line: &'l Observed<'_>) -> Option<(&'l str, f64)> {
    let first = ["occurrences", "reached", line.billed_unit()];
    let others = line.units.iter().map(|of| of.unit.as_str());
    let mut units = first.into_iter().chain(others);
    units.find_map(|unit| {
        let of = line.unit(unit).filter(|of| of.forecast.is_some())?;
        Some((of.unit.as_str(), of.mean()?))
    })
}

pub(crate) fn is_batch(feature: &Feature, index: usize) -> bool {
    match feature.lines.get(index).map(|line| &line.timing) {
        Some(Timing::Rate { batch, .. }) => *batch,
        Some(Timing::After { origin, .. }) if *origin != index => is_batch(feature, *origin),
        _ => false,
    }
}

/// Whether what a cache lets pass follows from how often it is asked.
pub(crate) fn is_derived(line: &Observed<'_>) -> bool {
    let cache = line.line.cache.as_deref();
    cache.is_some_and(|cache| cache.hit_ratio.is_none())
}

fn quotient(part: f64, whole: f64) -> Option<f64> {
    let quotient = part / whole;
    (whole > 0.0 && quotient.is_finite()).then_some(quotient)
}
