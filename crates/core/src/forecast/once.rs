//! What one occurrence of a line asks for, with all that follows it.
//!
//! The average member may use little, and still one occurrence alone may be too much for a limit
//! that each member has to itself.

use std::collections::BTreeMap;

use crate::forecast::flow::Flow;
use crate::meter::Family;
use crate::model::{Feature, Id, Model, Timing, UsageLimit, Value};
use crate::quantity::{Graph, Quantity, RunningSum};

/// What one occurrence counts against a limit that each member has to itself.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    pub(crate) family: Family,
    pub(crate) thing: Id,
    /// The limit's place.
    pub(crate) limit: u16,
    /// The number of the population that the line is counted per.
    pub(crate) population: usize,
    pub(crate) amount: Quantity,
}

/// Adds to the lines with a rate what one occurrence of them asks for, where that may be more than
/// a limit.
pub(super) fn add(model: &Model, feature: &Feature, flows: &mut [Flow], graph: &mut Graph) {
    let counts = |flow: &Flow| !flow.asked.members.is_empty();
    if !flows.iter().any(counts) || flows.len() != feature.lines.len() {
        return;
    }
    // How often each line occurs for one occurrence of the line at the beginning of its chain.
    let mut times: Vec<Quantity> = Vec::with_capacity(flows.len());
    let mut sums: BTreeMap<(usize, Family, Id, u16), (usize, RunningSum)> = BTreeMap::new();
    for (index, (line, flow)) in feature.lines.iter().zip(&*flows).enumerate() {
        let (origin, often) = match &line.timing {
            Timing::Rate { .. } => (index, Quantity::ONE),
            Timing::After {
                parent,
                origin,
                fanout,
            } => {
                let fanout = fanout.quantity(graph);
                let passes = flows[*parent].asked.passes;
                let passed = graph.mul(times[*parent], passes);
                (*origin, graph.mul(passed, fanout))
            }
        };
        times.push(often);
        let spread = match &feature.lines[origin].timing {
            // It never occurs.
            Timing::Rate { per_day, .. } if *per_day == Value::Certain(0.0) => continue,
            Timing::Rate { spread, .. } => *spread,
            Timing::After { .. } => None,
        };
        for of in &flow.asked.members {
            let mut amount = graph.mul(often, of.once);
            if let Some(spread) = spread {
                let share = graph.div(of.window, Quantity::certain(spread));
                let share = graph.min(share, Quantity::ONE);
                amount = graph.mul(amount, share);
            }
            let key = (origin, flow.kind.family(), flow.thing, of.limit);
            let entry = sums.entry(key);
            let (_, sum) = entry.or_insert_with(|| (of.population, RunningSum::default()));
            sum.add(amount);
        }
    }
    for ((origin, family, thing, limit), (population, sum)) in sums {
        let amount = graph.sum(&sum);
        let least = limit_of(model, family, thing, limit).map_or(0.0, UsageLimit::least);
        if graph.at_most(amount) > least {
            flows[origin].once.push(Once {
                family,
                thing,
                limit,
                population,
                amount,
            });
        }
    }
}

fn limit_of(model: &Model, family: Family, thing: Id, place: u16) -> Option<&UsageLimit> {
    let name = model.numbers[family].name(thing);
    let limits = match family {
        Family::Api => &model.apis.get(name)?.limits,
        Family::Model => &model.models.get(name)?.limits,
        _ => return None,
    };
    limits.get(usize::from(place))
}
