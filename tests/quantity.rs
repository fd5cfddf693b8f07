//! Arithmetic on uncertain quantities: what it equals, how exact it is, and that it never moves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use caplint::quantity::{Graph, Quantiles, Quantity, Sum};

fn quantiles(p50: f64, ratio: f64) -> Quantiles {
    Quantiles {
        p10: p50 / ratio,
        p50,
        p90: p50 * ratio,
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

#[test]
fn a_variable_by_itself_has_its_declared_quantiles() {
    let mut graph = Graph::new();
    let declared = Quantiles {
        p10: 40.0,
        p50: 100.0,
        p90: 300.0,
    };
    let x = graph.variable("tiers.pro", declared, false);
    assert_eq!(graph.point(x), 100.0);
    let rows = graph.percentiles(&[x, x.times(7.0)], &[0.1, 0.5, 0.9], 1);
    for (row, factor) in rows.iter().zip([1.0, 7.0]) {
        for (value, quantile) in row.iter().zip([40.0, 100.0, 300.0]) {
            // The slope breaks at the median, so the two strata beside it do not average out.
            assert!(close(*value, quantile * factor, 1e-5), "{value} {quantile}");
        }
    }
}

#[test]
fn smoke_breaking() {
    let mut g = Graph::new();
    let k = g.multiplier();
    let tenants = g.variable("t", quantiles(1000.0, 1.5), false);
    let rate = g.variable("r", quantiles(4.0, 2.0), false);
    let kt = g.mul(k, tenants);
    let demand = g.mul(kt, rate);
    let fixed = g.variable("f", quantiles(500.0, 1.2), false);
    let line = g.add(demand, fixed);
    let cap = g.variable("c", quantiles(20000.0, 1.1), false);
    let capped = g.min(line, cap);
    let hit = {
        let x = demand.times(1e-4);
        g.steady_miss_ratio(x)
    };
    let missed = g.mul(demand, hit);
    for (d, l) in [
        (demand, 10_000.0),
        (line, 10_000.0),
        (capped, 10_000.0),
        (missed, 5_000.0),
        (capped, 30_000.0),
    ] {
        let b = g.breaking_point(d, Quantity::certain(l), 0.8);
        println!("{b:?}");
        if let Some(b) = b {
            let u = g.percentiles_at(&[d], &[0.8], b, 2)[0][0] / l;
            println!("  {}", u - 1.0);
        }
    }
    let mut s = Sum::default();
    s.add(demand);
    s.add(line);
    s.remove(demand);
    assert_eq!(g.sum(&s), line);
}
