//! Numbers, undefined forms, and what is unknown.

use caplint::quantity::{Graph, Quantity, RunningSum};
use proptest::prelude::*;

use super::{INFINITE, certain, spread, sum};

#[test]
fn undefined_forms_have_one_answer_each() {
    let graph = &mut Graph::new();
    let [zero, one, infinite] = [Quantity::ZERO, Quantity::ONE, Quantity::INFINITE];
    let value = |quantity: Quantity| quantity.as_certain().unwrap();
    assert_eq!(value(graph.mul(zero, infinite)), 0.0);
    assert_eq!(value(infinite.times(0.0)), 0.0);
    assert_eq!(value(zero.times(INFINITE)), 0.0);
    assert_eq!(value(graph.sub(infinite, infinite)), 0.0);
    assert_eq!(value(graph.div(zero, zero)), 0.0);
    assert_eq!(value(graph.div(one, zero)), INFINITE);
    assert_eq!(value(graph.div(infinite, zero)), INFINITE);
    assert_eq!(value(graph.div(infinite, infinite)), 0.0);
    assert_eq!(value(graph.div(one, infinite)), 0.0);
    assert_eq!(value(graph.div_or_one(zero, zero)), 1.0);
    assert_eq!(value(graph.div_or_one(one, zero)), 1.0);
    assert_eq!(value(graph.div_or_one(one, Quantity::certain(4.0))), 0.25);
    assert_eq!(value(graph.min(one, infinite)), 1.0);
    assert_eq!(value(graph.max(one, infinite)), INFINITE);
    assert_eq!(value(graph.steady_hit_ratio(infinite)), 1.0);
    assert_eq!(value(graph.steady_miss_ratio(infinite)), 0.0);
    assert_eq!(value(graph.batch_hit_ratio(infinite)), 1.0);
    assert!(Quantity::certain(f64::NAN).is_unknown());
    assert!(Quantity::ONE.times(f64::NAN).is_unknown());
    assert_eq!(value(Quantity::certain(f64::NAN)), 0.0);
}

/// The same forms where they only come up among the draws.
#[test]
fn undefined_forms_among_draws_have_the_same_answers() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(10.0, 2.0), false);
    let excess = graph.sub(x, Quantity::certain(12.0));
    // 0 in more than half of the draws.
    let zero = graph.positive(excess);
    let infinite = graph.div(x, zero);
    let capped = graph.min(infinite, Quantity::certain(1e3));
    let rows = [
        (infinite, [INFINITE, INFINITE]),
        (capped, [1e3, 1e3]),
        (graph.mul(zero, infinite), [0.0, 0.0]),
        (graph.div(zero, zero), [0.0, 0.0]),
        (graph.sub(infinite, infinite), [0.0, 0.0]),
        (graph.div(infinite, infinite), [0.0, 0.0]),
        (graph.mul(zero, Quantity::INFINITE), [0.0, 0.0]),
        (zero.times(INFINITE), [0.0, 0.0]),
        (graph.div_or_one(x, zero), [1.0, 1.0]),
        (graph.steady_hit_ratio(infinite), [1.0, 1.0]),
        (graph.mul(x, Quantity::INFINITE), [INFINITE, INFINITE]),
        (graph.drain(x, zero, zero, zero), [INFINITE, INFINITE]),
    ];
    let other = graph.div(Quantity::ONE, zero);
    let both = graph.sub(infinite, other);
    for (i, (quantity, expected)) in rows.into_iter().chain([(both, [0.0, 0.0])]).enumerate() {
        assert_eq!(graph.point(quantity), expected[0], "{i}");
        assert_eq!(
            graph.percentiles(&[quantity], &[0.45, 0.5], 1)[0],
            expected,
            "{i}"
        );
    }
}

#[test]
fn a_batch_misses_once_in_every_lifetime() {
    let graph = &mut Graph::new();
    let ratios = [
        (0.0, 0.0),
        (0.5, 0.0),
        (1.0, 0.0),
        (1.5, 0.5),
        (2.0, 0.5),
        (4.0, 0.75),
    ];
    for (q, expected) in ratios {
        let ratio = graph.batch_hit_ratio(Quantity::certain(q));
        assert_eq!(certain(graph, ratio), expected, "{q}");
    }
    // Durations that are equal but for rounding.
    let ratio = graph.batch_hit_ratio(Quantity::certain(3.0 + 1e-12));
    assert_eq!(certain(graph, ratio), 1.0 - 1.0 / 3.0);
}

#[test]
fn drains_as_the_arithmetic_says() {
    let graph = &mut Graph::new();
    // Backlog, capacity, mean of all, mean of what is taken from the capacity.
    let table = [
        ([3_000.0, 10.0, 0.0, 0.0], 300.0),
        ([3_000.0, 10.0, 8.0, 8.0], 1_500.0),
        ([3_000.0, 10.0, 8.0, 5.0], 600.0),
        ([3_000.0, 10.0, 10.0, 5.0], INFINITE),
        ([0.0, 10.0, 11.0, 5.0], INFINITE),
        ([0.0, 0.0, 0.0, 0.0], 0.0),
        ([1.0, 0.0, 0.0, 0.0], INFINITE),
        ([0.0, 10.0, 8.0, 8.0], 0.0),
        ([5.0, INFINITE, 8.0, 8.0], 0.0),
    ];
    for (operands, expected) in table {
        let [backlog, capacity, mean, minus] = operands.map(Quantity::certain);
        let time = graph.drain(backlog, capacity, mean, minus);
        assert_eq!(certain(graph, time), expected, "{operands:?}");
    }
}

proptest! {
    #[test]
    fn numbers_are_computed_as_numbers(a in 0.0..1e9f64, b in 1e-9..1e9f64) {
        let graph = &mut Graph::new();
        let (x, y) = (Quantity::certain(a), Quantity::certain(b));
        let results = [
            (graph.add(x, y), a + b),
            (graph.sub(x, y), a - b),
            (graph.mul(x, y), a * b),
            (graph.div(x, y), a / b),
            (graph.div_or_one(x, y), a / b),
            (graph.min(x, y), a.min(b)),
            (graph.max(x, y), a.max(b)),
            (graph.steady_hit_ratio(x), a / (1.0 + a)),
            (graph.steady_miss_ratio(x), 1.0 / (1.0 + a)),
            (x.times(b), a * b),
        ];
        for (quantity, expected) in results {
            prop_assert_eq!(quantity.as_certain(), Some(expected));
        }
        let difference = graph.sub(x, y);
        prop_assert_eq!(graph.positive(difference).as_certain(), Some((a - b).max(0.0)));
        prop_assert_eq!(graph.expressions(), 1);
    }
}

#[test]
fn what_nobody_knows_marks_all_that_it_reaches() {
    let graph = &mut Graph::new();
    let x = graph.variable("x", spread(2.0, 2.0), false);
    for other in [Quantity::ONE, Quantity::ZERO, x] {
        for (a, b) in [(Quantity::unknown(), other), (other, Quantity::unknown())] {
            let results = [
                graph.add(a, b),
                graph.sub(a, b),
                graph.mul(a, b),
                graph.div(a, b),
                graph.div_or_one(a, b),
                graph.min(a, b),
                graph.max(a, b),
                graph.drain(a, b, other, other),
                graph.drain(other, other, a, b),
                sum(graph, &[a, b]),
            ];
            for (i, result) in results.into_iter().enumerate() {
                assert!(result.is_unknown(), "{i}");
            }
        }
    }
    let marked = x.mark_unknown(true);
    let results = [
        marked.times(2.0),
        marked.mark_unknown(false),
        graph.positive(marked),
        graph.steady_hit_ratio(marked),
        graph.steady_miss_ratio(marked),
        graph.batch_hit_ratio(marked),
        graph.sub(marked, marked),
    ];
    for (i, result) in results.into_iter().enumerate() {
        assert!(result.is_unknown(), "{i}");
    }
    assert!(!x.is_unknown() && !graph.sub(x, x).is_unknown());
    assert_eq!(graph.point(marked), graph.point(x));
}

#[test]
fn taking_the_unknown_away_takes_the_mark_away() {
    let mut graph = Graph::new();
    let mut sum = RunningSum::default();
    sum.add(Quantity::ONE);
    sum.add(Quantity::unknown());
    sum.add(Quantity::unknown());
    sum.remove(Quantity::unknown());
    assert!(graph.sum(&sum).is_unknown());
    sum.remove(Quantity::unknown());
    assert_eq!(graph.sum(&sum), Quantity::ONE);
}
