//! Arithmetic on uncertain quantities: what it equals, how exact it is, and that it never moves; and
//! the cheapest packs.

mod breaking_points;
mod draws;
mod evaluation;
mod expressions;
mod numbers;
mod packs;
mod percentiles;
mod sums;
mod variables;
mod varying;

use caplint::quantity::{Graph, Limited, Quantiles, Quantity, RunningSum};

const INFINITE: f64 = f64::INFINITY;

fn spread(p50: f64, ratio: f64) -> Quantiles {
    Quantiles {
        p10: p50 / ratio,
        p50,
        p90: p50 * ratio,
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

fn certain(graph: &Graph, quantity: Quantity) -> f64 {
    assert!(!graph.is_uncertain(quantity));
    quantity.as_certain().unwrap()
}

fn sum(graph: &mut Graph, terms: &[Quantity]) -> Quantity {
    let mut sum = RunningSum::default();
    terms.iter().for_each(|&term| sum.add(term));
    graph.sum(&sum)
}

fn breaking_points(graph: &Graph, limited: &[Limited], threads: usize) -> Vec<Option<f64>> {
    graph.outlook(&[], &[], limited, threads).breaking_points
}

fn breaking_point(
    graph: &Graph,
    demand: Quantity,
    limit: Quantity,
    confidence: f64,
) -> Option<f64> {
    let limited = Limited {
        demand,
        limit,
        confidence,
    };
    breaking_points(graph, &[limited], 1)[0]
}

/// Features that share tiers, with a cache, a limit on workers and a total.
fn model(graph: &mut Graph, features: impl IntoIterator<Item = usize>) -> Vec<Quantity> {
    let k = graph.multiplier();
    let mut total = RunningSum::default();
    let mut meters = Vec::new();
    for i in features {
        let tenants = graph.variable(&format!("tiers.{}", i % 3), spread(500.0, 1.4), false);
        let adoption = graph.variable(&format!("{i}.adoption"), spread(0.5, 1.6), true);
        let rate = graph.variable(&format!("{i}.rate"), spread(3.0 + i as f64, 2.0), false);
        let scaled = graph.mul(k, tenants);
        let population = graph.mul(scaled, adoption);
        let requests = graph.mul(population, rate);
        let miss = graph.steady_miss_ratio(rate.times(0.05));
        let reached = graph.mul(requests, miss);
        let capped = graph.min(reached, Quantity::certain(900.0 * (1.0 + i as f64)));
        total.add(reached);
        meters.extend([requests, reached, capped]);
    }
    let total = graph.sum(&total);
    meters.extend([total, graph.add(total, Quantity::certain(4_000.0))]);
    meters
}
