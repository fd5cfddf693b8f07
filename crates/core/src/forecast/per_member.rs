//! What lines ask for, for each member of the population that they are counted by.
//!
//! In most situations only populations differ: on a day to come, with more tenants. What a line
//! asks for is then its population times what it asks for each of it, and the lines of one
//! population that use the same thing are one term. So a situation costs as much as there are
//! such terms, not lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::forecast::delta::Delta;
use crate::forecast::demand::{ById, Forecast, Growing, Sinks, Step};
use crate::forecast::flow::{Context, Flow, feature_flows};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::meter::Family;
use crate::model::lines::events::Amount;
use crate::model::{Feature, Id, Model, Shared};
use crate::quantity::{Graph, Quantity};

/// What all lines of a model ask for, for each of the populations.
#[derive(Clone, Debug, Default)]
pub(crate) struct PerMember {
    terms: BTreeMap<Key, Term>,
    growth: Arc<ById<Growing>>,
    /// The features of which some line does not grow with its population: behind a shared cache,
    /// or after workers that let only so much through.
    curved: BTreeSet<String>,
}

/// The same at point values, worked out when it is first asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtPoints(OnceLock<PerMember>);

impl AtPoints {
    pub(crate) fn forecast(&self, model: &Model, situation: Situation<'_>) -> Forecast {
        let mut graph = Graph::at_points();
        let per_member = || PerMember::new(model, &mut Graph::at_points());
        let per_member = self.0.get_or_init(per_member);
        per_member.forecast(model, situation, &mut graph)
    }
}

/// A thing, and the number of a population.
type Key = (Family, Id, Option<usize>);

/// The things of which a change reaches what lines ask for.
pub(crate) type Things = BTreeSet<(Family, Id)>;

/// What lines of one population ask of one thing, for each of the population.
#[derive(Clone, Debug)]
struct Term {
    population: Option<Shared>,
    sinks: Sinks,
    /// What `sinks` come to.
    sums: Vec<(Amount, Quantity)>,
}

impl PerMember {
    /// What a model's lines ask for, for each of the populations.
    pub(crate) fn new(model: &Model, graph: &mut Graph) -> Self {
        let mut per_member = Self::default();
        let features = model.features.iter();
        per_member.step(model, features, Step::Add, |_| {}, graph);
        for term in per_member.terms.values_mut() {
            term.sums = term.sinks.all(graph);
        }
        per_member
    }

    /// The same of a model in which some features are others, given those that were. Returns what
    /// this reaches.
    pub(crate) fn change(&mut self, model: &Model, delta: &Delta, graph: &mut Graph) -> Things {
        let mut keys = BTreeSet::new();
        let mut touch = |key| {
            keys.insert(key);
        };
        self.step(model, delta.before(), Step::Remove, &mut touch, graph);
        self.step(model, delta.after(), Step::Add, &mut touch, graph);
        for key in &keys {
            let Some(term) = self.terms.get_mut(key) else {
                continue;
            };
            term.sums = term.sinks.all(graph);
            if term.sinks.is_empty() {
                self.terms.remove(key);
            }
        }
        keys.into_iter()
            .map(|(family, thing, _)| (family, thing))
            .collect()
    }

    /// Whether every line grows with its population.
    pub(crate) fn is_straight(&self) -> bool {
        self.curved.is_empty()
    }

    /// Adds features, or takes them away, and says which terms are others then.
    fn step<'m>(
        &mut self,
        model: &Model,
        features: impl Iterator<Item = (&'m String, &'m Arc<Feature>)>,
        step: Step,
        mut touch: impl FnMut(Key),
        graph: &mut Graph,
    ) {
        let populations = Populations::of_one(model);
        let context = Context {
            model,
            situation: Situation::Today,
            populations: &populations,
        };
        let growth = Arc::make_mut(&mut self.growth);
        for (name, feature) in features {
            let flows = feature_flows(&context, name, feature, graph);
            if flows.len() != feature.lines.len() || flows.iter().any(is_curved) {
                match step {
                    Step::Add => drop(self.curved.insert(name.clone())),
                    Step::Remove => drop(self.curved.remove(name)),
                }
                continue;
            }
            for (index, (line, flow)) in feature.lines.iter().zip(&flows).enumerate() {
                let population = feature.population_of(line);
                let number = population.map(|population| population.id);
                let term = |sinks| Term {
                    population: population.cloned(),
                    sinks,
                    sums: Vec::new(),
                };
                let new = || term(Sinks::default());
                let key = (flow.kind.family(), flow.thing, number);
                let of_thing = self.terms.entry(key).or_insert_with(new);
                of_thing.sinks.step(&feature.name, index, flow, step);
                touch(key);
                for once in &flow.once {
                    let key = (once.family, once.thing, number);
                    let of_thing = self.terms.entry(key).or_insert_with(new);
                    of_thing.sinks.step_once(&feature.name, index, once, step);
                    touch(key);
                }
                if let Some(rows) = &flow.growth {
                    let growing = growth.entry(flow.thing);
                    growing.step(&feature.name, index, rows, step);
                }
            }
        }
    }

    /// A model in a situation: the same as evaluating every line of it.
    pub(crate) fn forecast(
        &self,
        model: &Model,
        situation: Situation<'_>,
        graph: &mut Graph,
    ) -> Forecast {
        let mut forecast = Forecast::of_nothing(Populations::new(model, situation, graph));
        add(&mut forecast, self.terms.iter(), situation, graph);
        forecast.demand.growth = self.growth.clone();
        let curved = self.curved.iter();
        let features = curved.filter_map(|name| model.features.get_key_value(name));
        forecast.add(model, situation, features, |_, _| {}, graph);
        forecast
    }

    /// The same where every line grows with its population, given what it came to before a change
    /// that reaches some things.
    pub(crate) fn changed(
        &self,
        mut forecast: Forecast,
        things: &Things,
        (model, situation): (&Model, Situation<'_>),
        graph: &mut Graph,
    ) -> Forecast {
        forecast.populations = Populations::new(model, situation, graph);
        for &(family, thing) in things {
            *forecast.demand.entry(family, thing) = Sinks::default();
            let of_thing = (family, thing, None)..=(family, thing, Some(usize::MAX));
            add(&mut forecast, self.terms.range(of_thing), situation, graph);
        }
        forecast.demand.growth = self.growth.clone();
        forecast
    }
}

/// Adds what terms come to in a situation.
fn add<'t>(
    forecast: &mut Forecast,
    terms: impl Iterator<Item = (&'t Key, &'t Term)>,
    situation: Situation<'_>,
    graph: &mut Graph,
) {
    let Forecast {
        populations,
        demand,
        ..
    } = forecast;
    for ((family, thing, _), term) in terms {
        let members = match &term.population {
            Some(population) => populations.of(population, situation.day(), graph),
            None => Quantity::ONE,
        };
        let sinks = demand.entry(*family, *thing);
        sinks.lines += term.sinks.lines;
        sinks.reserve(term.sums.len());
        for (expected, (amount, each)) in term.sums.iter().enumerate() {
            let quantity = match amount.is_of_member() {
                true => *each,
                false => graph.mul(members, *each),
            };
            sinks.total(expected, *amount).step(quantity, Step::Add);
        }
        for (key, (size, spread)) in &term.sinks.batches {
            let size = graph.mul(members, *size);
            sinks.batches.insert(key.clone(), (size, *spread));
        }
        if let Some(own) = &term.sinks.of_members {
            let all = sinks.of_members.get_or_insert_default();
            for (key, of_one) in &**own {
                let known = all.entry(key.clone()).or_default();
                known.extend(of_one.iter().cloned());
            }
        }
    }
}

/// Whether what a line asks for is not its population times what it asks for each of it.
fn is_curved(flow: &Flow) -> bool {
    flow.curved || flow.ceiling.is_some()
}
