//! How often demand lines occur, and what they ask for.

use std::sync::Arc;

use crate::forecast::once::{self, Once};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::model::lines::events::{Amount, Arrival, Asked, Events};
use crate::model::{Cache, Feature, Id, Line, LineKind, Model, Shared, Timing};
use crate::quantity::{Graph, Quantity};
use crate::units::DAY;

/// What evaluating a line needs to know.
pub(crate) struct Context<'a> {
    pub(crate) model: &'a Model,
    pub(crate) situation: Situation<'a>,
    pub(crate) populations: &'a Populations,
}

#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) kind: LineKind,
    /// The number of what it uses, among things of its kind's family.
    pub(crate) thing: Id,
    /// `P`
    pub(crate) population: Quantity,
    /// Occurrences a day, `O = P · per_member`.
    pub(crate) occurrences: Quantity,
    /// Occurrences a day for each of the population.
    pub(crate) per_member: Quantity,
    pub(crate) arrival: Arrival,
    /// `L`: the most occurrences per second, where workers limit them.
    pub(crate) ceiling: Option<Quantity>,
    /// Whether what happens per member depends on how many there are: a shared cache.
    pub(crate) curved: bool,
    pub(crate) asked: Asked,
    /// Of a line with a rate, what one occurrence of it counts against limits that each member has
    /// to itself.
    pub(crate) once: Vec<Once>,
    pub(crate) growth: Option<Growth>,
}

/// The lines of a feature, evaluated. Shared: what two models have in common is evaluated once.
#[derive(Clone, Debug)]
pub(crate) struct Flows(Arc<[Flow]>);

impl From<Vec<Flow>> for Flows {
    fn from(flows: Vec<Flow>) -> Self {
        Self(flows.into())
    }
}

impl std::ops::Deref for Flows {
    type Target = [Flow];

    fn deref(&self) -> &[Flow] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a Flows {
    type Item = &'a Flow;
    type IntoIter = std::slice::Iter<'a, Flow>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// How rows come over the days.
#[derive(Clone, Debug)]
pub(crate) enum Growth {
    /// So many a day for each of a population.
    Proportional {
        /// Whom they are counted per.
        population: Option<Shared>,
        /// Rows a day for each.
        per_member: Quantity,
    },
    /// So many on each day, flat after the last.
    Daily(Vec<Quantity>),
}

impl Flow {
    pub(crate) fn amount(&self, amount: Amount) -> Option<Quantity> {
        self.asked.amount(amount)
    }
}

/// Evaluates the lines of a feature on the situation's day.
pub(crate) fn feature_flows(
    context: &Context<'_>,
    name: &str,
    feature: &Feature,
    graph: &mut Graph,
) -> Vec<Flow> {
    let day = context.situation.day();
    let mut flows = flows_on(context, name, feature, day, graph);
    for (index, flow) in flows.iter_mut().enumerate() {
        if let (true, Some(growth)) = (flow.curved, &mut flow.growth) {
            let rows_on = |day| {
                let flows = flows_on(context, name, feature, day, graph);
                let rows = flows.get(index).and_then(|flow| flow.amount(Amount::Rows));
                rows.unwrap_or(Quantity::ZERO)
            };
            let days = 0..=context.populations.last_day();
            *growth = Growth::Daily(days.map(rows_on).collect());
        }
    }
    flows
}

/// The same on a day, but for how rows come over the days.
pub(crate) fn flows_on(
    context: &Context<'_>,
    name: &str,
    feature: &Feature,
    day: u32,
    graph: &mut Graph,
) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::with_capacity(feature.lines.len());
    for line in &feature.lines {
        let occurrence = match &line.timing {
            Timing::Rate {
                per_day,
                batch,
                population,
                peak,
                peak_day,
                spread,
            } => {
                let members = context.populations.of(population, day, graph);
                let frequency = per_day.quantity(graph);
                let arrival = if *batch {
                    let period = graph.div(Quantity::certain(DAY), frequency);
                    Arrival::Batch {
                        period,
                        spread: *spread,
                    }
                } else {
                    Arrival::Steady {
                        peak: *peak,
                        peak_day: *peak_day,
                    }
                };
                Occurrence {
                    population: members,
                    per_member: frequency.times(context.situation.rates(name, line)),
                    arrival,
                    ceiling: None,
                    curved: false,
                }
            }
            Timing::After { parent, fanout, .. } => {
                let Some(parent_flow) = flows.get(*parent) else {
                    continue;
                };
                let fanout = fanout.quantity(graph);
                let parent = &feature.lines[*parent];
                let ceiling = ceiling_after(context.model, parent, parent_flow, fanout, graph);
                let passed = graph.mul(parent_flow.per_member, parent_flow.asked.passes);
                Occurrence {
                    population: parent_flow.population,
                    per_member: graph.mul(passed, fanout),
                    arrival: parent_flow.arrival,
                    ceiling,
                    curved: parent_flow.curved,
                }
            }
        };
        let origin = feature.population_of(line);
        flows.push(flow(context, line, &occurrence, origin, graph));
    }
    once::add(context.model, feature, &mut flows, graph);
    flows
}

/// When a line occurs, before what it does.
struct Occurrence {
    population: Quantity,
    per_member: Quantity,
    arrival: Arrival,
    ceiling: Option<Quantity>,
    curved: bool,
}

/// `L` of a line that follows another: what the parent's workers do, and the parent's own `L`
/// times what passes; the smaller of both.
fn ceiling_after(
    model: &Model,
    parent: &Line,
    flow: &Flow,
    fanout: Quantity,
    graph: &mut Graph,
) -> Option<Quantity> {
    let by_workers = parent.ceiling(model, graph);
    let by_workers = by_workers.map(|rate| graph.mul(rate, fanout));
    let inherited = flow.ceiling.map(|ceiling| {
        let passed = graph.mul(ceiling, flow.asked.passes);
        graph.mul(passed, fanout)
    });
    let ceiling = match (by_workers, inherited) {
        (Some(workers), Some(inherited)) => Some(graph.min(workers, inherited)),
        (ceiling, None) | (None, ceiling) => ceiling,
    };
    // What nobody knows limits nothing.
    ceiling.filter(|ceiling| !ceiling.is_unknown())
}

fn flow(
    context: &Context<'_>,
    line: &Line,
    occurrence: &Occurrence,
    origin: Option<&Shared>,
    graph: &mut Graph,
) -> Flow {
    let events = Events {
        model: context.model,
        payload: context.situation.payload(),
        whom: origin,
        population: occurrence.population,
        per_member: occurrence.per_member,
        occurrences: graph.mul(occurrence.population, occurrence.per_member),
        arrival: occurrence.arrival,
        ceiling: occurrence.ceiling,
    };
    let asked = line.asked(&events, graph);
    let growth = asked
        .rows_per_member
        .map(|per_member| Growth::Proportional {
            population: origin.cloned(),
            per_member,
        });
    Flow {
        kind: line.kind,
        thing: line.uses.thing.id,
        population: events.population,
        occurrences: events.occurrences,
        per_member: events.per_member,
        arrival: events.arrival,
        ceiling: events.ceiling,
        curved: occurrence.curved || depends_on_population(line.cache.as_deref()),
        asked,
        once: Vec::new(),
        growth,
    }
}

fn depends_on_population(cache: Option<&Cache>) -> bool {
    cache.is_some_and(|cache| cache.hit_ratio.is_none() && cache.ttl.is_some() && cache.shared)
}
