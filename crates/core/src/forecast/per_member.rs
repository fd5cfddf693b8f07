//! What lines ask for, for each member of the population that they are counted by.
//!
//! In most situations only populations differ: on a day to come, with more tenants. What a line
//! asks for is then its population times what it asks for each of it, and the lines of one
//! population that use the same thing are one term. So a situation costs as much as there are
//! such terms, not lines.

use std::sync::{Arc, OnceLock};

use crate::collections::IndexMap;
use crate::forecast::demand::{Batches, ById, Forecast, Growing, OfMembers, Sinks, Step};
use crate::forecast::flow::{Context, Flow, feature_flows};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::meter::Family;
use crate::model::lines::events::Amount;
use crate::model::{Feature, Id, Model, Shared};
use crate::quantity::{Graph, Quantity};

/// What all lines of a model ask for, for each of the populations.
#[derive(Debug)]
pub(crate) struct PerMember {
    terms: Vec<Term>,
    growth: Arc<ById<Growing>>,
    /// The features, by index, of which some line does not grow with its population: behind a
    /// shared cache, or after workers that let only so much through.
    curved: Vec<usize>,
}

/// The same at point values, worked out when it is first asked for.
#[derive(Debug)]
pub(crate) struct AtPoints<'m> {
    model: &'m Model,
    per_member: OnceLock<PerMember>,
}

impl<'m> AtPoints<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        Self {
            model,
            per_member: OnceLock::new(),
        }
    }

    pub(crate) fn forecast(&self, situation: Situation<'_>) -> Forecast {
        let mut graph = Graph::at_points();
        let per_member = || PerMember::new(self.model, &mut Graph::at_points());
        let per_member = self.per_member.get_or_init(per_member);
        per_member.forecast(self.model, situation, &mut graph)
    }
}

/// What lines of one population ask of one thing, for each of the population.
#[derive(Debug)]
struct Term {
    family: Family,
    thing: Id,
    population: Option<Shared>,
    lines: usize,
    sums: Vec<(Amount, Quantity)>,
    batches: Batches,
    of_members: Option<Box<OfMembers>>,
}

/// By thing, and by the number of a population.
type ByPopulation<'m> = IndexMap<(Family, Id, Option<usize>), (Option<&'m Shared>, Sinks)>;

impl PerMember {
    /// What a model's lines ask for, for each of the populations.
    pub(crate) fn new(model: &Model, graph: &mut Graph) -> Self {
        let populations = Populations::of_one(model);
        let context = Context {
            model,
            situation: Situation::Today,
            populations: &populations,
        };
        let mut things = ByPopulation::default();
        let mut growth = ById::default();
        let mut curved = Vec::new();
        for (index, (name, feature)) in model.features.iter().enumerate() {
            let flows = feature_flows(&context, name, feature, graph);
            if flows.len() != feature.lines.len() || flows.iter().any(is_curved) {
                curved.push(index);
                continue;
            }
            collect(feature, &flows, &mut things, &mut growth);
        }
        let mut terms: Vec<Term> = things
            .into_iter()
            .map(|((family, thing, _), (population, sinks))| Term {
                family,
                thing,
                population: population.cloned(),
                lines: sinks.lines,
                sums: sinks.all(graph),
                batches: sinks.batches,
                of_members: sinks.of_members,
            })
            .collect();
        // Things of one family are kept beside each other.
        terms.sort_by_key(|term| term.family);
        Self {
            terms,
            growth: Arc::new(growth),
            curved,
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
        let Forecast {
            populations,
            demand,
            ..
        } = &mut forecast;
        for term in &self.terms {
            let members = match &term.population {
                Some(population) => populations.of(population, situation.day(), graph),
                None => Quantity::ONE,
            };
            let sinks = demand.entry(term.family, term.thing);
            sinks.lines += term.lines;
            sinks.reserve(term.sums.len());
            for (expected, (amount, each)) in term.sums.iter().enumerate() {
                let quantity = match amount.is_of_member() {
                    true => *each,
                    false => graph.mul(members, *each),
                };
                sinks.total(expected, *amount).add(quantity);
            }
            for (key, (size, spread)) in &term.batches {
                let size = graph.mul(members, *size);
                sinks.batches.insert(key.clone(), (size, *spread));
            }
            if let Some(own) = &term.of_members {
                let all = sinks.of_members.get_or_insert_default();
                for (key, of_one) in &**own {
                    let known = all.entry(key.clone()).or_default();
                    known.extend(of_one.iter().cloned());
                }
            }
        }
        demand.growth = self.growth.clone();
        let curved = self.curved.iter();
        let features = curved.filter_map(|index| model.features.get_index(*index));
        forecast.add(model, situation, features, |_, _| {}, graph);
        forecast
    }
}

/// Whether what a line asks for is not its population times what it asks for each of it.
fn is_curved(flow: &Flow) -> bool {
    flow.curved || flow.ceiling.is_some()
}

/// Adds the lines of a feature to what is asked for each of a population.
fn collect<'m>(
    feature: &'m Feature,
    flows: &[Flow],
    things: &mut ByPopulation<'m>,
    growth: &mut ById<Growing>,
) {
    for (index, (line, flow)) in feature.lines.iter().zip(flows).enumerate() {
        let population = feature.population_of(line);
        let number = population.map(|population| population.id);
        let key = (flow.kind.family(), flow.thing, number);
        let new = || (population, Sinks::default());
        let (_, sinks) = things.entry(key).or_insert_with(new);
        sinks.step(&feature.name, index, flow, Step::Add);
        for once in &flow.once {
            let key = (once.family, once.thing, number);
            let new = || (population, Sinks::default());
            let (_, sinks) = things.entry(key).or_insert_with(new);
            sinks.step_once(&feature.name, index, once, Step::Add);
        }
        if let Some(rows) = &flow.growth {
            let growing = growth.entry(flow.thing);
            growing.step(&feature.name, index, rows, Step::Add);
        }
    }
}
