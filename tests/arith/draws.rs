//! The draws of variables: that each stratum occurs once, where the normal distribution has it, in
//! orders that are as good as independent.

use caplint::quantity::{DRAWS, Graph, Quantiles, Quantity, Z90};

use super::spread;

/// The probabilities of the ranks of every 64th draw, and of the last.
fn some_ranks() -> Vec<f64> {
    let ranks = (0..DRAWS).step_by(64).chain([DRAWS - 1]);
    ranks.map(|j| (j as f64 + 0.5) / DRAWS as f64).collect()
}

/// Each draw is `p50·exp(s·z)` for the normal quantile `z` of its stratum, and every stratum occurs
/// once.
#[test]
fn a_variable_has_every_quantile_of_its_distribution() {
    let ranks = some_ranks();
    for (path, p50, ratio) in [("", 1.0, 2.0), ("a", 5.0, 1.3), ("é", 0.1, 1e30)] {
        let mut graph = Graph::new();
        let x = graph.variable(path, spread(p50, ratio), false);
        let draws = graph.percentiles(&[x], &ranks, 1).remove(0);
        for (&p, draw) in ranks.iter().zip(draws) {
            let z = libm::log(draw / p50) / (libm::log(ratio) / Z90);
            let back = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
            assert!(
                (back - p).abs() <= 1e-14 + 1e-13 * p,
                "{p}: {z} gives {back}"
            );
        }
    }
}

#[test]
fn draws_are_clamped_and_positive() {
    let quantiles = Quantiles {
        p10: 1e-300,
        p50: 0.9,
        p90: 1e300,
    };
    let mut graph = Graph::new();
    let clamped = graph.variable("a", quantiles, true);
    let p = [0.0, 0.499_9, 0.500_1, 1.0];
    let draws = graph.percentiles(&[clamped], &p, 1).remove(0);
    assert!(0.0 < draws[0] && draws[1] < 0.9);
    assert_eq!(draws[2..], [1.0, 1.0]);
    let free = graph.variable("a", quantiles, false);
    let draws = graph.percentiles(&[free], &[0.0, 1.0], 1).remove(0);
    assert!(draws.iter().all(|&draw| 0.0 < draw && draw < f64::INFINITY));
}

/// What many of one shape share changes no bit of a draw, nor the order of any: medians of powers of
/// two have quantiles that lie equally far apart, bit for bit.
#[test]
fn variables_of_one_shape_draw_what_they_draw_alone() {
    let ranks = some_ranks();
    let variables = |graph: &mut Graph, at: i32| {
        let quantiles = spread(2f64.powi(at - 6), 1.7);
        let [free, clamped] = [false, true].map(|at_most_one| {
            graph.variable(&format!("{at} {at_most_one}"), quantiles, at_most_one)
        });
        [free, clamped, graph.mul(free, clamped)]
    };
    let mut together = Graph::new();
    let all: Vec<Quantity> = (0..6).flat_map(|at| variables(&mut together, at)).collect();
    let shared = together.percentiles(&all, &ranks, 2);
    for at in 0..6 {
        let mut alone = Graph::new();
        let own = variables(&mut alone, at);
        let place = at as usize * 3;
        assert_eq!(alone.percentiles(&own, &ranks, 1), shared[place..place + 3]);
    }
}

/// Of independent orders, the share of draws in which two or three variables' product is below a
/// quantile of its distribution has a standard error of `√(p(1 − p)/n)`; that of stratified ones is
/// smaller.
#[test]
fn orders_are_as_good_as_independent() {
    let mut graph = Graph::new();
    let ratio = 2.0;
    let s = libm::log(ratio) / Z90;
    let x: Vec<Quantity> = (0..40)
        .map(|i| graph.variable(&format!("features.f{i}.rate"), spread(1.0, ratio), false))
        .collect();
    let mut products = Vec::new();
    for i in 0..x.len() {
        for j in 0..i {
            let two = graph.mul(x[i], x[j]);
            products.push((two, 2.0f64));
            let k = (i * 7 + j * 3 + 1) % x.len();
            if k != i && k != j {
                products.push((graph.mul(two, x[k]), 3.0));
            }
        }
    }
    let quantities: Vec<Quantity> = products.iter().map(|(product, _)| *product).collect();
    let probabilities = [0.1, 0.5, 0.9];
    let rows = graph.percentiles(&quantities, &probabilities, 2);
    let (mut squares, mut worst) = (0.0, 0.0f64);
    for (row, (_, factors)) in rows.iter().zip(&products) {
        for (value, p) in row.iter().zip(probabilities) {
            let z = libm::log(*value) / (s * factors.sqrt());
            let share = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
            let error = (share - p) / (p * (1.0 - p) / DRAWS as f64).sqrt();
            squares += error * error;
            worst = worst.max(error.abs());
        }
    }
    let mean_square = squares / (3 * products.len()) as f64;
    assert!((0.3..1.1).contains(&mean_square), "{mean_square}");
    assert!(worst < 5.0, "{worst} standard errors");
}

/// So that a change of the generator, which would move every report, does not go unnoticed.
#[test]
fn draws_are_these() {
    let mut graph = Graph::new();
    let quantiles = Quantiles {
        p10: 50.0,
        p50: 100.0,
        p90: 300.0,
    };
    let tenants = graph.variable("tiers.pro.tenants", quantiles, false);
    let rate = graph.variable("features.chat.rate", spread(3.0, 2.0), false);
    let product = graph.mul(tenants, rate);
    let row = graph.percentiles(&[product], &[0.1, 0.5, 0.9], 1).remove(0);
    let expected = [
        113.881_236_590_599_68,
        323.730_643_365_212_13,
        1_104.390_714_094_588_2,
    ];
    assert_eq!(row, expected);
}
