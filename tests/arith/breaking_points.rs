//! How far tenants can multiply before a demand passes its limit.

use caplint::quantity::{Graph, Limited, Outlook, Quantity};
use proptest::prelude::*;

use super::{INFINITE, breaking_point, breaking_points, close, model, spread, sum};

#[test]
fn certain_lines_are_solved() {
    let graph = &mut Graph::new();
    let k = graph.multiplier();
    let line = graph.add(k.times(30.0), Quantity::certain(40.0));
    let table = [
        (k.times(4.0), 10.0, Some(2.5)),
        (line, 100.0, Some(2.0)),
        (line, 40.0, Some(0.0)),
        (line, 39.0, Some(0.0)),
        (line, INFINITE, None),
        (k.times(2.0), 2e6, None),
        (k.times(2.0), 1.999e6, Some(999_500.0)),
        (k.times(2.0), 0.0, Some(0.0)),
        (Quantity::certain(3.0), 4.0, None),
        (Quantity::certain(3.0), 3.0, None),
        (Quantity::certain(3.0), 2.0, Some(0.0)),
        (Quantity::ZERO, 0.0, None),
        (Quantity::INFINITE, 5.0, Some(0.0)),
        (Quantity::certain(3.0), 0.0, Some(0.0)),
    ];
    for (i, (demand, limit, expected)) in table.into_iter().enumerate() {
        let limit = Quantity::certain(limit);
        assert_eq!(breaking_point(graph, demand, limit, 0.8), expected, "{i}");
    }
}

#[test]
fn certain_curves_are_searched() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let two = Quantity::certain(2.0);
    // 1,000 k / (1 + k/2): never reaches 2,000, reaches 1,000 at 2.
    let miss = graph.steady_miss_ratio(k.times(0.5));
    let cached = graph.mul(k.times(1_000.0), miss);
    // Drains in 600/(10 − 4 k), and never from 2.5 on.
    let drain = graph.drain(
        Quantity::certain(600.0),
        two.times(5.0),
        k.times(4.0),
        k.times(4.0),
    );
    // 3 k up to 6.
    let capped = graph.min(k.times(3.0), Quantity::certain(6.0));
    let squared = graph.mul(k, k);
    // A limit that shrinks.
    let shrinking = graph.sub(Quantity::certain(10.0), k);
    let shrinking = graph.positive(shrinking);
    let table = [
        (cached, Quantity::certain(1_000.0), Some(2.0)),
        (cached, Quantity::certain(2_000.0), None),
        (drain, Quantity::certain(100.0), Some(1.0)),
        (drain, Quantity::certain(1e12), Some(2.5)),
        (capped, Quantity::certain(6.0), None),
        (capped, Quantity::certain(4.5), Some(1.5)),
        (squared, Quantity::certain(1e-10), Some(1e-5)),
        (squared, Quantity::certain(1e10), Some(1e5)),
        (squared, Quantity::certain(1e12), None),
        (squared, Quantity::ZERO, Some(0.0)),
        (k.times(4.0), shrinking, Some(2.0)),
    ];
    for (i, (demand, limit, expected)) in table.into_iter().enumerate() {
        let found = breaking_point(&graph, demand, limit, 0.8);
        let same = match (found, expected) {
            (Some(found), Some(expected)) => close(found, expected, 1e-9),
            (found, expected) => found == expected,
        };
        assert!(same, "{i}: {found:?}, not {expected:?}");
    }
}

proptest! {
    #[test]
    fn a_certain_demand_at_its_breaking_point_is_its_limit(
        fixed in 0.0..100f64,
        slope in 0.001..100f64,
        keys in 0.001..10f64,
        cap in 10.0..1000f64,
        limit in 1.0..1000f64,
    ) {
        let mut graph = Graph::new();
        let k = graph.multiplier();
        let line = graph.add(k.times(slope), Quantity::certain(fixed));
        let capped = graph.min(k.times(slope), Quantity::certain(cap));
        let miss = graph.steady_miss_ratio(k.times(keys));
        let cached = graph.mul(k.times(slope), miss);
        let demand = sum(&mut graph, &[line, capped, cached]);
        for demand in [line, capped, cached, demand] {
            match breaking_point(&graph, demand, Quantity::certain(limit), 0.8) {
                None => prop_assert!(graph.point_at(demand, 1e6) <= limit * (1.0 + 1e-9)),
                Some(0.0) => prop_assert!(graph.point_at(demand, 1e-9) >= limit * (1.0 - 1e-6)),
                Some(k) => prop_assert!(close(graph.point_at(demand, k), limit, 1e-6)),
            }
        }
    }
}

/// Demands of every kind: in proportion, with something certain or uncertain beside, capped, cached,
/// squared, drained.
fn demands(graph: &mut Graph, k: Quantity) -> Vec<Quantity> {
    let tenants = graph.variable("tenants", spread(1_000.0, 1.5), false);
    let rate = graph.variable("rate", spread(4.0, 2.0), false);
    let fixed = graph.variable("fixed", spread(500.0, 3.0), false);
    let cap = graph.variable("cap", spread(20_000.0, 1.2), false);
    let tenants = graph.mul(k, tenants);
    let demand = graph.mul(tenants, rate);
    let with_certain = graph.add(demand, Quantity::certain(800.0));
    let with_uncertain = graph.add(demand, fixed);
    let capped = graph.min(with_uncertain, cap);
    let miss = graph.steady_miss_ratio(demand.times(1e-5));
    let cached = graph.mul(demand, miss);
    let squared = graph.mul(demand, tenants).times(1e-3);
    let mean = demand.times(1e-3);
    let drain = graph.drain(tenants, Quantity::certain(14.0), mean, mean);
    vec![
        demand,
        with_certain,
        with_uncertain,
        capped,
        cached,
        squared,
        drain,
    ]
}

#[test]
fn an_uncertain_demand_at_its_breaking_point_is_its_limit() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let demands_of_k = demands(&mut graph, k);
    for (confidence, limit) in [(0.8, 9_000.0), (0.95, 18_500.0), (0.5, 3_000.0)] {
        let limited = |&demand: &Quantity| Limited {
            demand,
            limit: Quantity::certain(limit),
            confidence,
        };
        let all: Vec<Limited> = demands_of_k.iter().map(limited).collect();
        let points = breaking_points(&graph, &all, 2);
        for (i, point) in points.iter().enumerate() {
            let k = point.unwrap();
            assert!(k > 0.0);
            let mut utilization = |k: f64| {
                let demand = demands(&mut graph, Quantity::certain(k))[i];
                graph.percentiles(&[demand], &[confidence], 2)[0][0] / limit
            };
            let at = utilization(k);
            // A queue that stops draining jumps past any limit; all others pass it continuously.
            let past = utilization(k * (1.0 + 3e-7));
            assert!(at <= 1.0 + 1e-12 || (at - 1.0).abs() < 1e-6, "{i}: {at}");
            assert!(past > 1.0, "{i}: {past}");
            assert!(i == 6 || at > 1.0 - 1e-6, "{i}: {at}");
        }
        assert_eq!(points, breaking_points(&graph, &all, 1));
        assert_eq!(points, breaking_points(&graph, &all, 7));
        for i in [2, 6] {
            assert_eq!(points[i], breaking_points(&graph, &all[i..=i], 1)[0]);
        }
    }
}

#[test]
fn uncertain_limits_and_extremes() {
    let graph = &mut Graph::new();
    let k = graph.multiplier();
    let x = graph.variable("x", spread(10.0, 2.0), false);
    let limit = graph.variable("limit", spread(50.0, 1.5), false);
    let demand = graph.mul(k, x);
    let capped = graph.min(demand, Quantity::certain(20.0));
    let quotient = graph.div(demand, limit);
    let at_1 = graph.percentiles(&[quotient], &[0.8], 1)[0][0];
    let found = breaking_point(graph, demand, limit, 0.8).unwrap();
    assert!(close(found, 1.0 / at_1, 1e-12));
    // The limit in proportion to what is wanted of it.
    let line = graph.add(demand, x);
    assert!(close(
        breaking_point(graph, line, x.times(3.0), 0.9).unwrap(),
        2.0,
        1e-9
    ));
    let table = [
        (x, limit, None),
        (x.times(5.0), limit, Some(0.0)),
        (capped, Quantity::certain(20.0), None),
        (capped, Quantity::ZERO, Some(0.0)),
        (demand, Quantity::ZERO, Some(0.0)),
        (demand, Quantity::INFINITE, None),
        (demand, Quantity::certain(1e9), None),
        (line, x, Some(0.0)),
        (line, x.times(0.5), Some(0.0)),
        (graph.add(line, Quantity::INFINITE), limit, Some(0.0)),
        (graph.mul(demand, Quantity::INFINITE), limit, Some(0.0)),
    ];
    for (i, (demand, limit, expected)) in table.into_iter().enumerate() {
        assert_eq!(breaking_point(graph, demand, limit, 0.8), expected, "{i}");
    }
}

/// Where most draws jump or do not depend on the multiplier at all, what the first few draws say
/// must not mislead.
#[test]
fn jumps_and_plateaus_are_found() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let x = graph.variable("x", spread(10.0, 2.0), false);
    let y = graph.variable("y", spread(10.0, 2.0), false);
    let demand = graph.mul(k, x);
    // 1 up to a multiplier of 50/x, infinite from there.
    let jump = graph.drain(
        Quantity::ONE,
        Quantity::certain(50.0),
        demand,
        Quantity::certain(49.0),
    );
    let found = breaking_point(&graph, jump, Quantity::ONE, 0.8).unwrap();
    let p80 = graph.percentiles(&[x], &[0.8], 1)[0][0];
    assert!(close(found, 50.0 / p80, 1e-4), "{found}");
    // Exactly at the limit for nearly all draws.
    let capped = graph.min(demand, Quantity::certain(30.0));
    let plateau = graph.max(capped, y.times(1e-9));
    assert_eq!(
        breaking_point(&graph, plateau, Quantity::certain(30.0), 0.8),
        None
    );
    let found = breaking_point(&graph, plateau, Quantity::certain(29.999), 0.8).unwrap();
    assert!(close(found, 29.999 / p80, 1e-6), "{found}");
}

#[test]
fn an_outlook_is_both_at_once() {
    let mut graph = Graph::new();
    let meters = model(&mut graph, 0..4);
    let limit = Quantity::certain(5_000.0);
    let limited: Vec<Limited> = meters
        .iter()
        .enumerate()
        .map(|(i, &demand)| {
            let confidence = if i % 2 == 0 { 0.85 } else { 0.6 };
            Limited {
                demand,
                limit,
                confidence,
            }
        })
        .collect();
    let p = [0.5, 0.9, 0.8];
    let Outlook {
        percentiles,
        breaking_points,
    } = graph.outlook(&meters, &p, &limited, 2);
    assert_eq!(percentiles, graph.percentiles(&meters, &p, 1));
    for (point, one) in breaking_points.iter().zip(&limited) {
        assert_eq!(
            *point,
            breaking_point(&graph, one.demand, limit, one.confidence)
        );
    }
    assert!(breaking_points.iter().any(Option::is_some));
}
