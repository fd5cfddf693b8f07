//! Sums from which terms can be taken away again.

use caplint::quantity::{Graph, Quantity, RunningSum};
use proptest::prelude::*;

use super::spread;

/// A number, possibly infinite or unknown, or something of two variables and the multiplier.
fn term(graph: &mut Graph, kind: u8, scale: f64) -> Quantity {
    let k = graph.multiplier();
    let x = graph.variable("x", spread(5.0, 2.0), false);
    let y = graph.variable("y", spread(7.0, 2.0), false);
    let base = match kind {
        0 | 1 => Quantity::ONE,
        2 => k,
        3 => x,
        4 => y,
        5 => graph.mul(k, x),
        6 => graph.mul(k, y),
        7 => graph.mul(x, y),
        8 => Quantity::unknown(),
        _ => return Quantity::INFINITE,
    };
    base.times(scale)
}

fn terms() -> impl Strategy<Value = Vec<(u8, f64)>> {
    let scale = (-1e3..1e3f64, -6..12i32).prop_map(|(a, e)| a * 10f64.powi(e));
    prop::collection::vec((0..10u8, scale), 0..30)
}

proptest! {
    #[test]
    fn taking_all_away_leaves_exactly_what_was_there(first in terms(), more in terms()) {
        let mut graph = Graph::new();
        let mut sum = RunningSum::default();
        for &(kind, scale) in &first {
            sum.add(term(&mut graph, kind, scale));
        }
        let before = graph.sum(&sum);
        for &(kind, scale) in &more {
            sum.add(term(&mut graph, kind, scale));
        }
        for &(kind, scale) in more.iter().rev().step_by(2).chain(more.iter().rev().skip(1).step_by(2)) {
            sum.remove(term(&mut graph, kind, scale));
        }
        prop_assert_eq!(graph.sum(&sum), before);
        for &(kind, scale) in &first {
            sum.remove(term(&mut graph, kind, scale));
        }
        prop_assert!(sum.is_empty());
        prop_assert_eq!(graph.sum(&sum), Quantity::ZERO);
    }

    #[test]
    fn the_order_of_a_sum_does_not_matter(terms in terms(), by in 0..30usize) {
        let mut graph = Graph::new();
        let mut turned = terms.clone();
        let len = terms.len().max(1);
        turned.rotate_left(by % len);
        turned.reverse();
        let mut add_up = |terms: &[(u8, f64)]| {
            let mut sum = RunningSum::default();
            for &(kind, scale) in terms {
                sum.add(term(&mut graph, kind, scale));
            }
            graph.sum(&sum)
        };
        prop_assert_eq!(add_up(&terms), add_up(&turned));
    }

    #[test]
    fn a_sum_is_what_adding_gives(terms in terms(), k in 0.01..100f64) {
        let mut graph = Graph::new();
        let mut sum = RunningSum::default();
        let (mut one_by_one, mut size) = (Quantity::ZERO, 0.0);
        for &(kind, scale) in terms.iter().filter(|(kind, _)| *kind < 9) {
            let term = term(&mut graph, kind, scale);
            sum.add(term);
            one_by_one = graph.add(one_by_one, term);
            size += graph.point_at(term, k).abs();
        }
        let together = graph.sum(&sum);
        let (a, b) = (graph.point_at(together, k), graph.point_at(one_by_one, k));
        prop_assert!((a - b).abs() <= 1e-12 * size, "{} {}", a, b);
        prop_assert_eq!(together.is_unknown(), one_by_one.is_unknown());
    }
}

// --- Without rounding ---

/// The sum of some numbers after others were taken away, and whether nothing is left.
fn total(add: &[f64], remove: &[f64]) -> (f64, bool) {
    let mut sum = RunningSum::default();
    add.iter()
        .for_each(|&value| sum.add(Quantity::certain(value)));
    remove
        .iter()
        .for_each(|&value| sum.remove(Quantity::certain(value)));
    let total = Graph::new().sum(&sum).as_certain().unwrap();
    (total, sum.is_empty())
}

#[test]
fn what_rounding_would_lose_is_kept() {
    let values = [1e16, 1.0, 1e-16, -1e16, 1e30, -1.0, -1e30];
    assert_eq!(total(&values, &[]), (1e-16, false));
    assert_eq!(total(&values, &[1e-16]), (0.0, true));
}

#[test]
fn more_parts_than_fit_lose_only_the_smallest() {
    let values = [1e-300, 1e-240, 1e-180, 1e-120, 1e-60, 1.0, 1e60, 1e120];
    assert_eq!(total(&values, &[]).0, 1e120);
    assert_eq!(total(&values, &[1e120]).0, 1e60);
}

#[test]
fn parts_of_few_bits_are_packed() {
    let mut values = vec![];
    for i in 0..60 {
        let sign = if i % 3 == 0 { -1.0 } else { 1.0 };
        let size = libm::pow(10.0, f64::from(i % 31) - 12.0);
        values.push(sign * (1.0 + f64::from(i) / 7.0) * size);
    }
    let reversed: Vec<f64> = values.iter().rev().copied().collect();
    assert_eq!(total(&values, &[]), total(&reversed, &[]));
    assert_eq!(total(&values, &values), (0.0, true));
}

#[test]
fn totals_are_rounded_to_the_nearest() {
    let tie = f64::EPSILON / 2.0;
    for (parts, expected) in [
        ([1.0, tie, 0.0], 1.0),
        ([1.0, tie, 1e-30], 1.0 + f64::EPSILON),
        ([1.0, tie, -1e-30], 1.0),
        ([1.0 + f64::EPSILON, tie, -1e-30], 1.0 + f64::EPSILON),
        ([1.0 + f64::EPSILON, tie, 0.0], 1.0 + 2.0 * f64::EPSILON),
        ([1.0, -tie / 2.0, -1e-30], 1.0 - tie),
    ] {
        assert_eq!(total(&parts, &[]).0, expected, "{parts:?}");
    }
}

#[test]
fn sums_past_the_largest_number_stay_finite() {
    assert_eq!(total(&[f64::MAX, f64::MAX], &[]).0, f64::MAX);
}
