//! Limits that each tenant or entity has to itself: what one member asks for, of the tier that is
//! closest to its limit.

use super::Of;
use crate::forecast::demand::{Asks, Sinks};
use crate::model::lines::events::Amount;
use crate::model::{Members, Per, UsageLimit};
use crate::quantity::{Graph, Quantity, RunningSum};

/// What one member asks for and may have.
pub(super) struct Closest {
    /// Its tier, where there is a member that has one.
    pub(super) tier: Option<String>,
    pub(super) demand: Quantity,
    pub(super) limit: Option<Quantity>,
}

/// A tier, or all members where they are counted by themselves.
struct Candidate {
    tier: Option<usize>,
    limit: Quantity,
    sum: RunningSum,
    /// What single occurrences ask for that are more than the limit.
    once: Quantity,
}

/// How much above a limit is more than rounding.
const ROUNDING: f64 = 1e-12;

/// `largest · Σ` of what lines ask for of the average member, or one occurrence where that alone
/// is more than the limit; of the candidate with the largest utilization at point values.
pub(super) fn closest(
    of: &Of<'_>,
    sinks: &Sinks,
    (place, limit, members): (usize, &UsageLimit, &Members),
    graph: &mut Graph,
) -> Closest {
    let (mut candidates, unknown) = candidates(of, limit, members, graph);
    let model = of.metering.storage.model;
    let place = Amount::place(place);
    for (population, each) in sinks.for_each(place, graph) {
        for (index, times) in shares(of, population, members, &candidates, graph) {
            let asked = graph.mul(each, times);
            candidates[index].sum.add(asked);
        }
    }
    let of_members = sinks
        .of_members
        .iter()
        .flat_map(|all| all.values().flatten());
    for one in of_members.filter(|one| one.limit == place) {
        for (index, times) in shares(of, one.population, members, &candidates, graph) {
            let candidate = &mut candidates[index];
            match one.asks {
                Asks::UpTo(each, most) => {
                    let asked = graph.mul(each, times);
                    let asked = graph.min(asked, most);
                    candidate.sum.add(asked);
                }
                Asks::Once(amount) => {
                    let bar = candidate.limit.times(1.0 + ROUNDING);
                    let amount = graph.at_least(amount, bar);
                    candidate.once = graph.max(candidate.once, amount);
                }
            }
        }
    }
    let mut closest = Closest {
        tier: None,
        demand: Quantity::ZERO,
        limit: None,
    };
    let mut most = f64::NEG_INFINITY;
    for candidate in &candidates {
        let sum = graph.sum(&candidate.sum).times(members.largest);
        let demand = graph.max(sum, candidate.once);
        let quotient = graph.div(demand, candidate.limit);
        let utilization = graph.point(quotient);
        if utilization > most {
            most = utilization;
            let tier = candidate.tier.and_then(|tier| model.tiers.get_index(tier));
            closest = Closest {
                tier: tier.map(|(name, _)| name.clone()),
                demand,
                limit: Some(candidate.limit),
            };
        }
    }
    if unknown {
        closest.demand = closest.demand.mark_unknown(true);
        closest.limit = closest.limit.or(Some(Quantity::unknown()));
    }
    closest
}

/// The tiers that have members and a limit, in the order of their names; and whether it is unknown
/// of some tier.
fn candidates(
    of: &Of<'_>,
    limit: &UsageLimit,
    members: &Members,
    graph: &mut Graph,
) -> (Vec<Candidate>, bool) {
    let (situation, storage) = (of.situation(), &of.metering.storage);
    let (populations, day) = (&storage.forecast.populations, situation.day());
    let mut candidates = Vec::new();
    let mut unknown = false;
    let mut add = |tier: Option<usize>, [tenants, own]: [Quantity; 2], graph: &Graph| {
        let Some(limit) = situation.bound(limit.bound_of(tier)) else {
            return;
        };
        unknown |= tenants.is_unknown() || own.is_unknown();
        if graph.point(tenants) > 0.0 && graph.point(own) > 0.0 {
            candidates.push(Candidate {
                tier,
                limit,
                sum: RunningSum::default(),
                once: Quantity::ZERO,
            });
        }
    };
    if let Per::Entity(name) = &members.per
        && let Some(count) = populations.counted(name, day, graph)
    {
        add(None, [count, Quantity::ONE], graph);
        return (candidates, unknown);
    }
    for tier in 0..storage.model.tiers.len() {
        let tenants = populations.tenants(tier, day, graph);
        let own = populations.of_one_tenant(&members.per, tier);
        add(Some(tier), [tenants, own], graph);
    }
    (candidates, unknown)
}

/// How many of a population one member of each candidate is, by the candidate's place.
fn shares(
    of: &Of<'_>,
    population: usize,
    members: &Members,
    candidates: &[Candidate],
    graph: &mut Graph,
) -> Vec<(usize, Quantity)> {
    let storage = &of.metering.storage;
    let Some(population) = storage.model.populations.get_index(population) else {
        return Vec::new();
    };
    if let [Candidate { tier: None, .. }] = candidates {
        return vec![(0, Quantity::ONE)];
    }
    let mut shares = Vec::with_capacity(candidates.len());
    for (tier, _) in &population.tiers {
        let found = candidates.binary_search_by_key(&Some(*tier), |candidate| candidate.tier);
        let Ok(index) = found else { continue };
        let populations = &storage.forecast.populations;
        let share = populations.of_one_member(&population.per, &members.per, *tier, graph);
        shares.push((index, share));
    }
    shares
}
