//! What lines ask for, for each member of the population that they are counted by.
//!
//! In most situations only populations differ: on a day to come, with more tenants. What a line
//! asks for is then its population times what it asks for each of it, and the lines of one
//! population that use the same thing are one term. So a situation costs as much as there are
//! such terms, not lines.

use std::sync::{Arc, OnceLock};

use crate::collections::IndexMap;
use crate::forecast::flow::{Context, Flow, feature_flows};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::forecast::totals::{
    ApiTotals, Batches, ById, Forecast, Growing, ModelTotals, Places, QueueTotals, Step,
    TableTotals, Totals,
};
use crate::model::{Feature, Id, Model, Shared, Timing};
use crate::quantity::{Graph, Quantity, Sum};

/// What all lines of a model ask for, for each of the populations.
#[derive(Debug)]
pub struct PerMember {
    apis: Vec<Term<OfApi>>,
    tables: Vec<Term<OfTable>>,
    queues: Vec<Term<OfQueue>>,
    models: Vec<Term<OfModel>>,
    growth: Arc<ById<Growing>>,
    /// The features, by index, of which some line does not grow with its population: behind a
    /// shared cache, or after workers that let only so much through.
    curved: Vec<usize>,
}

/// The same at point values, worked out when it is first asked for.
#[derive(Debug)]
pub struct AtPoints<'m> {
    model: &'m Model,
    per_member: OnceLock<PerMember>,
}

impl<'m> AtPoints<'m> {
    /// That of a model.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        Self {
            model,
            per_member: OnceLock::new(),
        }
    }

    /// The model in a situation, at point values.
    #[must_use]
    pub fn forecast(&self, situation: Situation<'_>) -> Forecast {
        let mut graph = Graph::at_points();
        let per_member = || PerMember::new(self.model, &mut Graph::at_points());
        let per_member = self.per_member.get_or_init(per_member);
        per_member.forecast(self.model, situation, &mut graph)
    }
}

/// What lines of one population ask of one thing, for each of the population.
#[derive(Debug)]
struct Term<T> {
    thing: Id,
    population: Option<Shared>,
    of: T,
}

#[derive(Debug)]
struct OfApi {
    lines: usize,
    credits: Quantity,
    windows: Vec<Quantity>,
}

#[derive(Debug)]
struct OfTable {
    rows: Quantity,
    peak: Quantity,
}

#[derive(Debug)]
struct OfQueue {
    mean: Quantity,
    steady: Quantity,
    bytes: Quantity,
    peak_bytes: Quantity,
    work: Quantity,
    batches: Batches,
}

#[derive(Debug)]
struct OfModel {
    lines: usize,
    spend: Quantity,
    windows: Vec<Quantity>,
}

/// By thing, and by the number of a population.
type ByPopulation<T> = IndexMap<(Id, Option<usize>), (Option<Shared>, T)>;

/// Totals under construction, of each population apart.
#[derive(Default)]
struct Collected {
    apis: ByPopulation<ApiTotals>,
    tables: ByPopulation<TableTotals>,
    queues: ByPopulation<QueueTotals>,
    models: ByPopulation<ModelTotals>,
    growth: ById<Growing>,
    /// None: rows that have to be told day by day are of curved lines.
    daily: usize,
}

/// The totals of lines that one population counts.
struct CountedBy<'a> {
    population: Option<&'a Shared>,
    collected: &'a mut Collected,
}

impl CountedBy<'_> {
    fn entry<'t, T: Default>(
        population: Option<&Shared>,
        thing: Id,
        totals: &'t mut ByPopulation<T>,
    ) -> &'t mut T {
        let key = (thing, population.map(|population| population.id));
        let new = || (population.cloned(), T::default());
        &mut totals.entry(key).or_insert_with(new).1
    }
}

impl Places for CountedBy<'_> {
    fn api(&mut self, id: Id) -> &mut ApiTotals {
        Self::entry(self.population, id, &mut self.collected.apis)
    }

    fn table(&mut self, id: Id) -> &mut TableTotals {
        Self::entry(self.population, id, &mut self.collected.tables)
    }

    fn growth(&mut self, id: Id) -> &mut Growing {
        self.collected.growth.entry(id)
    }

    fn queue(&mut self, id: Id) -> &mut QueueTotals {
        Self::entry(self.population, id, &mut self.collected.queues)
    }

    fn model(&mut self, id: Id) -> &mut ModelTotals {
        Self::entry(self.population, id, &mut self.collected.models)
    }

    fn daily(&mut self) -> &mut usize {
        &mut self.collected.daily
    }
}

impl PerMember {
    /// What a model's lines ask for, for each of the populations.
    #[must_use]
    pub fn new(model: &Model, graph: &mut Graph) -> Self {
        let populations = Populations::of_one(model);
        let context = Context {
            model,
            situation: Situation::Today,
            populations: &populations,
        };
        let mut collected = Collected::default();
        let mut curved = Vec::new();
        for (index, (name, feature)) in model.features.iter().enumerate() {
            let flows = feature_flows(&context, name, feature, graph);
            if flows.len() != feature.lines.len() || flows.iter().any(is_curved) {
                curved.push(index);
                continue;
            }
            collected.add(feature, &flows);
        }
        collected.finish(curved, graph)
    }

    /// A model in a situation: the same as evaluating every line of it.
    #[must_use]
    pub fn forecast(&self, model: &Model, situation: Situation<'_>, graph: &mut Graph) -> Forecast {
        let mut forecast = Forecast::of_nothing(Populations::new(model, situation, graph));
        let Forecast {
            populations,
            totals,
            ..
        } = &mut forecast;
        let mut times = Times {
            populations,
            day: situation.day(),
        };
        self.add_calls_and_runs(model, &mut times, totals, graph);
        self.add_rows(&mut times, totals, graph);
        self.add_messages(&mut times, totals, graph);
        let features = self
            .curved
            .iter()
            .filter_map(|index| model.features.get_index(*index));
        forecast.add(model, situation, features, |_, _| {}, graph);
        forecast
    }

    fn add_calls_and_runs(
        &self,
        model: &Model,
        times: &mut Times<'_>,
        totals: &mut Totals,
        graph: &mut Graph,
    ) {
        // What has no price costs nothing, however many there are.
        let is_priced = |id: Id| match model.models.get_index(id.index()) {
            Some((_, priced)) if priced.id == id => !priced.prices.is_empty(),
            _ => true,
        };
        for term in &self.apis {
            let members = times.members(term.population.as_ref(), graph);
            let to = totals.apis.entry(term.thing);
            to.lines += term.of.lines;
            to.credits.add(graph.mul(members, term.of.credits));
            add_windows(&mut to.windows, &term.of.windows, members, graph);
        }
        for term in &self.models {
            let members = times.members(term.population.as_ref(), graph);
            let to = totals.models.entry(term.thing);
            to.lines += term.of.lines;
            if is_priced(term.thing) {
                to.spend.add(graph.mul(members, term.of.spend));
            }
            add_windows(&mut to.windows, &term.of.windows, members, graph);
        }
    }

    fn add_rows(&self, times: &mut Times<'_>, totals: &mut Totals, graph: &mut Graph) {
        for term in &self.tables {
            let members = times.members(term.population.as_ref(), graph);
            let to = totals.tables.entry(term.thing);
            to.rows.add(graph.mul(members, term.of.rows));
            to.peak.add(graph.mul(members, term.of.peak));
        }
        totals.growth = self.growth.clone();
    }

    fn add_messages(&self, times: &mut Times<'_>, totals: &mut Totals, graph: &mut Graph) {
        for term in &self.queues {
            let members = times.members(term.population.as_ref(), graph);
            let to = totals.queues.entry(term.thing);
            let sums = [
                (&mut to.mean, term.of.mean),
                (&mut to.steady, term.of.steady),
                (&mut to.bytes, term.of.bytes),
                (&mut to.peak_bytes, term.of.peak_bytes),
                (&mut to.work, term.of.work),
            ];
            for (sum, each) in sums {
                sum.add(graph.mul(members, each));
            }
            for (key, (size, spread)) in &term.of.batches {
                let size = graph.mul(members, *size);
                to.batches.insert(key.clone(), (size, *spread));
            }
        }
    }
}

fn add_windows(sums: &mut Vec<Sum>, windows: &[Quantity], members: Quantity, graph: &mut Graph) {
    if sums.len() < windows.len() {
        sums.resize_with(windows.len(), Sum::default);
    }
    for (sum, each) in sums.iter_mut().zip(windows) {
        sum.add(graph.mul(members, *each));
    }
}

/// The populations of a situation.
struct Times<'a> {
    populations: &'a Populations,
    day: u32,
}

impl Times<'_> {
    /// How many there are of a population; the project once, where there is none.
    fn members(&mut self, population: Option<&Shared>, graph: &mut Graph) -> Quantity {
        match population {
            Some(population) => self.populations.of(population, self.day, graph),
            None => Quantity::ONE,
        }
    }
}

/// Whether what a line asks for is not its population times what it asks for each of it.
fn is_curved(flow: &Flow) -> bool {
    flow.curved || flow.ceiling.is_some()
}

impl Collected {
    fn add(&mut self, feature: &Feature, flows: &[Flow]) {
        let mut origins: Vec<Option<&Shared>> = Vec::with_capacity(flows.len());
        for (index, (line, flow)) in feature.lines.iter().zip(flows).enumerate() {
            let population = match &line.timing {
                Timing::Rate { population, .. } => Some(population),
                Timing::After { parent, .. } => origins.get(*parent).copied().flatten(),
            };
            origins.push(population);
            let mut counted = CountedBy {
                population,
                collected: self,
            };
            counted.line(&feature.name, index, &flow.effect, Step::Add);
        }
    }

    fn finish(self, curved: Vec<usize>, graph: &mut Graph) -> PerMember {
        PerMember {
            apis: terms(self.apis, graph, |totals, graph| OfApi {
                lines: totals.lines,
                credits: graph.sum(&totals.credits),
                windows: totals.windows.iter().map(|sum| graph.sum(sum)).collect(),
            }),
            tables: terms(self.tables, graph, |totals, graph| OfTable {
                rows: totals.rows.sum(graph),
                peak: totals.peak.sum(graph),
            }),
            queues: terms(self.queues, graph, |totals, graph| OfQueue {
                mean: graph.sum(&totals.mean),
                steady: graph.sum(&totals.steady),
                bytes: graph.sum(&totals.bytes),
                peak_bytes: graph.sum(&totals.peak_bytes),
                work: graph.sum(&totals.work),
                batches: totals.batches,
            }),
            models: terms(self.models, graph, |totals, graph| OfModel {
                lines: totals.lines,
                spend: graph.sum(&totals.spend),
                windows: totals.windows.iter().map(|sum| graph.sum(sum)).collect(),
            }),
            growth: Arc::new(self.growth),
            curved,
        }
    }
}

fn terms<T, U>(
    totals: ByPopulation<T>,
    graph: &mut Graph,
    of: impl Fn(T, &mut Graph) -> U,
) -> Vec<Term<U>> {
    totals
        .into_iter()
        .map(|((thing, _), (population, totals))| Term {
            thing,
            population,
            of: of(totals, graph),
        })
        .collect()
}
