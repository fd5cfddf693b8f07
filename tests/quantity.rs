//! Arithmetic on uncertain quantities: what it equals, how exact it is, and that it never moves.

use caplint::quantity::{Graph, Limited, Outlook, Quantiles, Quantity, Sum};
use proptest::prelude::*;

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
    let mut sum = Sum::default();
    terms.iter().for_each(|&term| sum.add(term));
    graph.sum(&sum)
}

// --- Numbers ---

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

// --- What is unknown ---

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
    let mut sum = Sum::default();
    sum.add(Quantity::ONE);
    sum.add(Quantity::unknown());
    sum.add(Quantity::unknown());
    sum.remove(Quantity::unknown());
    assert!(graph.sum(&sum).is_unknown());
    sum.remove(Quantity::unknown());
    assert_eq!(graph.sum(&sum), Quantity::ONE);
}

// --- Variables ---

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
            assert!(close(*value, quantile * factor, 2e-6), "{value} {quantile}");
        }
    }
}

#[test]
fn a_ratio_is_clamped_at_one() {
    let mut graph = Graph::new();
    let declared = Quantiles {
        p10: 0.5,
        p50: 0.8,
        p90: 1.5,
    };
    let x = graph.variable("hit", declared, true);
    let row = &graph.percentiles(&[x], &[0.1, 0.5, 0.7, 0.9, 1.0], 1)[0];
    assert!(close(row[0], 0.5, 1e-6) && close(row[1], 0.8, 1e-5));
    assert_eq!(&row[2..], [1.0; 3]);
}

#[test]
fn one_declaration_is_one_variable() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(5.0, 2.0), false);
    assert_eq!(graph.variable("x", spread(5.0, 2.0), false), x);
    assert_ne!(graph.variable("y", spread(5.0, 2.0), false), x);
    assert_ne!(graph.variable("x", spread(5.0, 2.0), true), x);
    let doubled = graph.variable("x", spread(10.0, 2.0), false);
    assert_ne!(doubled, x);
    // The same path draws in the same order: the quotient of the two never varies.
    let ratio = graph.div(doubled, x);
    for value in &graph.percentiles(&[ratio], &[0.0, 0.5, 1.0], 1)[0] {
        assert!(close(*value, 2.0, 1e-12), "{value}");
    }
}

#[test]
fn quantiles_that_are_none_give_a_marked_number() {
    let mut graph = Graph::new();
    assert_eq!(
        graph.variable("x", spread(5.0, 1.0), false),
        Quantity::certain(5.0)
    );
    let bad = [
        (0.0, 1.0, 2.0),
        (2.0, 1.0, 3.0),
        (1.0, 3.0, 2.0),
        (1.0, 2.0, INFINITE),
    ];
    for (p10, p50, p90) in bad {
        let quantity = graph.variable("x", Quantiles { p10, p50, p90 }, false);
        assert_eq!(quantity, Quantity::certain(p50).mark_unknown(true));
    }
    let nothing = Quantiles {
        p10: f64::NAN,
        p50: f64::NAN,
        p90: 1.0,
    };
    assert_eq!(graph.variable("x", nothing, false), Quantity::unknown());
}

#[test]
fn at_points_all_is_certain() {
    let mut graph = Graph::at_points();
    let x = graph.variable("x", spread(5.0, 2.0), false);
    let clamped = graph.variable(
        "h",
        Quantiles {
            p10: 0.5,
            p50: 0.9,
            p90: 1.2,
        },
        true,
    );
    assert_eq!(x.as_certain(), Some(5.0));
    assert_eq!(clamped.as_certain(), Some(0.9));
    assert_eq!(graph.multiplier(), Quantity::ONE);
    let product = graph.mul(x, clamped);
    assert_eq!(product.as_certain(), Some(4.5));
    assert_eq!(graph.percentiles(&[product], &[0.1, 0.9], 2), [[4.5, 4.5]]);
}

// --- Expressions are simplified ---

#[test]
fn identities_leave_nothing_to_evaluate() {
    let graph = &mut Graph::new();
    let k = graph.multiplier();
    let x = graph.variable("x", spread(5.0, 2.0), false);
    let y = graph.variable("y", spread(3.0, 2.0), false);
    let share = graph.variable("h", spread(0.3, 2.0), true);
    let rest = graph.sub(Quantity::ONE, share);
    let before = graph.expressions();
    let same = [
        (graph.add(x, Quantity::ZERO), x),
        (graph.sub(x, x), Quantity::ZERO),
        (graph.add(x, x), x.times(2.0)),
        (graph.mul(x, Quantity::ONE), x),
        (graph.mul(x, Quantity::ZERO), Quantity::ZERO),
        (graph.div(x, x), Quantity::ONE),
        (
            graph.div(x.times(6.0), x.times(2.0)),
            Quantity::certain(3.0),
        ),
        (graph.div(x, Quantity::certain(4.0)), x.times(0.25)),
        (graph.div(x, Quantity::INFINITE), Quantity::ZERO),
        (graph.min(x, Quantity::INFINITE), x),
        (graph.min(x, Quantity::ZERO), Quantity::ZERO),
        (graph.min(x, x.times(2.0)), x),
        (graph.max(x, x.times(2.0)), x.times(2.0)),
        (graph.max(x, Quantity::INFINITE), Quantity::INFINITE),
        (graph.positive(x), x),
        (graph.positive(rest), rest),
        (graph.min(share, Quantity::ONE), share),
        (graph.min(rest, Quantity::ONE), rest),
        (graph.mul(x, Quantity::INFINITE), Quantity::INFINITE),
        (graph.mul(k, Quantity::INFINITE), Quantity::INFINITE),
        (x.times(0.0), Quantity::ZERO),
    ];
    for (i, (found, expected)) in same.into_iter().enumerate() {
        assert_eq!(found, expected, "{i}");
    }
    assert_eq!(graph.expressions(), before);
    // Whatever the order, one expression.
    let product = graph.mul(x, y);
    let before = graph.expressions();
    assert_eq!(graph.mul(y, x), product);
    assert_eq!(graph.mul(y.times(2.0), x.times(3.0)), product.times(6.0));
    assert_eq!(graph.expressions(), before);
}

#[test]
fn what_is_common_to_both_sides_of_a_division_cancels() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let tiers = [("a", 0.5), ("b", 0.25)].map(|(path, adoption)| {
        let tenants = graph.variable(path, spread(100.0, 1.5), false);
        graph.mul(k, tenants).times(adoption)
    });
    let population = sum(&mut graph, &tiers);
    let rate = graph.variable("rate", spread(4.0, 2.0), false);
    let requests = graph.mul(population, rate);
    assert_eq!(graph.div(requests, population), rate);
    let everyone = sum(&mut graph, &[tiers[0].times(2.0), tiers[1].times(4.0)]);
    let share = graph.div_or_one(population, everyone);
    // No multiplier is left in it.
    assert_eq!(graph.point_at(share, 1e3), graph.point(share));
    assert_eq!(graph.breaking_point(share, Quantity::ONE, 0.8), None);
}

#[test]
fn sums_in_proportion_are_one_expression() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let x = graph.variable("x", spread(100.0, 1.5), false);
    let y = graph.variable("y", spread(300.0, 1.5), false);
    let demand = |graph: &mut Graph, tenants: f64| {
        let x = graph.mul(k, x).times(0.1 * tenants);
        let y = graph.mul(k, y).times(0.7 * tenants);
        sum(graph, &[x, y])
    };
    let today = demand(&mut graph, 1.0);
    let before = graph.expressions();
    let tenfold = demand(&mut graph, 10.0);
    assert_eq!(graph.expressions(), before);
    let rows = graph.percentiles(&[today, tenfold], &[0.5, 0.9], 1);
    for (a, b) in rows[0].iter().zip(&rows[1]) {
        assert!(close(a * 10.0, *b, 1e-15));
    }
}

#[test]
fn long_chains_neither_overflow_nor_grow_out_of_proportion() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let (mut product, mut chain) = (k, k);
    let length = 50_000;
    for i in 0..length {
        let factor = graph.variable(&format!("v{i}"), spread(1.0, 1.000_01), false);
        product = graph.mul(product, factor);
        let next = graph.add(chain.times(0.5), Quantity::ONE);
        chain = graph.steady_hit_ratio(next);
    }
    assert!(graph.expressions() < 5 * length);
    assert_eq!(graph.point_at(product, 3.0), 3.0);
    let x = graph.point_at(chain, 3.0);
    assert!(close(x, (0.5 * x + 1.0) / (0.5 * x + 2.0), 1e-12));
}

// --- Sums ---

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
        let mut sum = Sum::default();
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
            let mut sum = Sum::default();
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
        let mut sum = Sum::default();
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

// --- Random expressions ---

#[derive(Clone, Debug)]
enum Expression {
    Number(f64),
    Variable(u8),
    K,
    Two(u8, Box<Expression>, Box<Expression>),
}

fn expressions() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        prop_oneof![Just(0.0), Just(1.0), Just(INFINITE), 0.01..100f64]
            .prop_map(Expression::Number),
        (0..5u8).prop_map(Expression::Variable),
        Just(Expression::K),
    ];
    leaf.prop_recursive(6, 60, 2, |inner| {
        (0..12u8, inner.clone(), inner)
            .prop_map(|(op, a, b)| Expression::Two(op, Box::new(a), Box::new(b)))
    })
}

impl Expression {
    fn build(&self, graph: &mut Graph) -> Quantity {
        match self {
            Expression::Number(value) => Quantity::certain(*value),
            Expression::Variable(i) => {
                let p50 = f64::from(i + 1) * 0.2;
                graph.variable(&format!("v{i}"), spread(p50, 1.3), *i == 1)
            }
            Expression::K => graph.multiplier(),
            Expression::Two(op, a, b) => {
                let (a, b) = (a.build(graph), b.build(graph));
                match op {
                    0 | 1 => graph.add(a, b),
                    2 | 3 => graph.mul(a, b),
                    4 => graph.div(a, b),
                    5 => graph.min(a, b),
                    6 => graph.max(a, b),
                    7 => graph.steady_hit_ratio(a),
                    8 => graph.steady_miss_ratio(a),
                    9 => graph.div_or_one(a, b),
                    10 => sum(graph, &[a, b, a.times(0.5)]),
                    _ => {
                        let difference = graph.sub(a, b);
                        graph.positive(difference)
                    }
                }
            }
        }
    }

    /// By the definitions, with a multiplier of `k`.
    fn value(&self, k: f64) -> f64 {
        let or = |value: f64, otherwise: f64| if value.is_nan() { otherwise } else { value };
        match self {
            Expression::Number(value) => *value,
            Expression::Variable(i) => f64::from(i + 1) * 0.2,
            Expression::K => k,
            Expression::Two(op, a, b) => {
                let (a, b) = (a.value(k), b.value(k));
                match op {
                    0 | 1 => a + b,
                    2 | 3 => or(a * b, 0.0),
                    4 => or(a / b, 0.0),
                    5 => a.min(b),
                    6 => a.max(b),
                    7 => or(a / (1.0 + a), 1.0),
                    8 => 1.0 / (1.0 + a),
                    9 if b == 0.0 => 1.0,
                    9 => or(a / b, 0.0),
                    10 => a + b + 0.5 * a,
                    _ => or(a - b, 0.0).max(0.0),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is folded, factored, cancelled or shared: the value stays. Differences of nearly
    /// equal numbers lose digits, and quotients of those anything, so these are left out.
    #[test]
    fn simplifying_changes_no_value(expression in expressions(), k in 0.1..10f64) {
        let mut graph = Graph::new();
        let quantity = expression.build(&mut graph);
        for k in [1.0, k] {
            let expected = expression.value(k);
            let found = graph.point_at(quantity, k);
            let delicate = (expression.value(k * (1.0 + 1e-9)) - expected).abs()
                > 1e-6 * expected.abs()
                || expected.abs() > 1e12
                || (expected.abs() < 1e-6 && found.abs() < 1e-6);
            prop_assert!(
                found == expected || delicate || close(found, expected, 1e-6),
                "{} is not {}", found, expected
            );
            prop_assert!(!found.is_nan());
        }
        prop_assert_eq!(graph.point(quantity), graph.point_at(quantity, 1.0));
        let mut points = Graph::at_points();
        let at_points = expression.build(&mut points).as_certain();
        let (point, at_point) = (graph.point(quantity), at_points.unwrap());
        prop_assert!(
            close(point, at_point, 1e-6) || point.abs().max(at_point.abs()) < 1e-6 || point.abs() > 1e12,
            "{} is not {}", point, at_point
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No draw passes the bound that is promised; and it is of use: that of a single variable is
    /// its largest draw, that of products and sums of such the product and the sum.
    #[test]
    fn no_draw_passes_the_bound(expression in expressions()) {
        let mut graph = Graph::new();
        let quantity = expression.build(&mut graph);
        let largest = graph.percentiles(&[quantity], &[1.0], 1)[0][0];
        prop_assert!(largest <= graph.at_most(quantity), "{} passes {}", largest, graph.at_most(quantity));
    }
}

#[test]
fn bounds_of_products_and_sums_are_near() {
    let mut graph = Graph::new();
    let a = graph.variable("a", spread(3.0, 2.0), false);
    let b = graph.variable("b", spread(0.9, 2.0), true);
    let largest = |graph: &Graph, quantity| graph.percentiles(&[quantity], &[1.0], 1)[0][0];
    let (of_a, of_b) = (largest(&graph, a), largest(&graph, b));
    assert_eq!(of_b, 1.0);
    let product = graph.mul(a, b);
    let scaled = product.times(7.0);
    let total = sum(&mut graph, &[scaled, a, Quantity::certain(4.0)]);
    for (quantity, most) in [
        (a, of_a),
        (b, of_b),
        (scaled, 7.0 * of_a * of_b),
        (total, 7.0 * of_a * of_b + of_a + 4.0),
    ] {
        let bound = graph.at_most(quantity);
        assert!(
            bound >= most && close(bound, most, 1e-6),
            "{bound} for {most}"
        );
    }
    let spent = graph.sub(Quantity::certain(4.0), a);
    assert!(close(graph.at_most(spent), 4.0, 1e-1));
    assert_eq!(graph.at_most(Quantity::certain(5.0)), 5.0);
}

// --- Percentiles ---

/// Features that share tiers, with a cache, a limit on workers and a total.
fn model(graph: &mut Graph, features: impl IntoIterator<Item = usize>) -> Vec<Quantity> {
    let k = graph.multiplier();
    let mut total = Sum::default();
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

#[test]
fn percentiles_are_in_order_and_the_same_for_any_number_of_threads() {
    let mut graph = Graph::new();
    let meters = model(&mut graph, 0..5);
    let probabilities = [0.95, 0.5, 0.0, 0.8, 1.0, 0.9, 0.5];
    let rows = graph.percentiles(&meters, &probabilities, 1);
    for row in &rows {
        let ordered = [row[2], row[1], row[3], row[5], row[0], row[4]];
        assert!(
            ordered.windows(2).all(|pair| pair[0] <= pair[1]),
            "{ordered:?}"
        );
        assert_eq!(row[1], row[6]);
        assert!(ordered[0] < ordered[5]);
    }
    for threads in [0, 2, 7] {
        assert_eq!(graph.percentiles(&meters, &probabilities, threads), rows);
    }
}

#[test]
fn an_added_feature_leaves_the_others_bit_for_bit() {
    let mut alone = Graph::new();
    let before = model(&mut alone, [0, 1, 2]);
    let mut graph = Graph::new();
    let with = model(&mut graph, [7, 2, 9, 0, 1]);
    let p = [0.5, 0.8, 0.9, 0.95];
    let before = alone.percentiles(&before, &p, 2);
    let with = graph.percentiles(&with, &p, 2);
    for (was, is) in [(0, 3), (1, 4), (2, 1)] {
        assert_eq!(before[3 * was..3 * was + 3], with[3 * is..3 * is + 3]);
    }
}

#[test]
fn the_order_of_declarations_does_not_matter_to_the_bit() {
    let (mut graph, mut other) = (Graph::new(), Graph::new());
    let meters = model(&mut graph, [0, 1, 2, 3]);
    let turned = model(&mut other, [3, 1, 2, 0]);
    let p = [0.5, 0.8, 0.95];
    let totals = graph.percentiles(&meters[12..], &p, 1);
    assert_eq!(totals, other.percentiles(&turned[12..], &p, 1));
    let limit = Quantity::certain(2e4);
    for (&meter, &turned) in meters[12..].iter().zip(&turned[12..]) {
        let point = graph.breaking_point(meter, limit, 0.8);
        assert!(point.is_some());
        assert_eq!(point, other.breaking_point(turned, limit, 0.8));
    }
}

#[test]
fn without_uncertainty_all_percentiles_are_the_point() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let hit = graph.steady_hit_ratio(k.times(3.0));
    let rows = graph.percentiles(&[Quantity::certain(5.0), k.times(2.0), hit], &[0.1, 0.9], 2);
    assert_eq!(rows, [[5.0; 2], [2.0; 2], [0.75; 2]]);
    let rows = graph.percentiles_at(&[k.times(2.0), hit], &[0.1, 0.9], 3.0, 2);
    assert_eq!(rows, [[6.0; 2], [0.9; 2]]);
}

#[test]
fn negative_multiples_have_their_percentiles_mirrored() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(10.0, 3.0), false);
    let rows = graph.percentiles(&[x, x.times(-2.0)], &[0.1, 0.3, 0.7, 0.9], 1);
    for (value, mirrored) in rows[0].iter().zip(rows[1].iter().rev()) {
        assert!(close(-2.0 * value, *mirrored, 1e-12));
    }
}

/// More rows than are held at a time, and values that brackets can't hold.
#[test]
fn many_rows_are_as_good_as_one() {
    let mut graph = Graph::new();
    let x = graph.variable("x", spread(10.0, 3.0), false);
    let many: Vec<Quantity> = (0..400)
        .map(|i| graph.min(x, Quantity::certain(5.0 + 0.05 * f64::from(i))))
        .collect();
    let rows = graph.percentiles(&many, &[0.0, 0.5, 0.8, 0.9, 0.95, 1.0], 2);
    let all = &graph.percentiles(&[x], &[0.0, 0.5, 0.8, 0.9, 0.95, 1.0], 2)[0];
    for (i, row) in rows.iter().enumerate() {
        let cap = 5.0 + 0.05 * i as f64;
        for (value, uncapped) in row.iter().zip(all) {
            assert!(
                close(*value, uncapped.min(cap), 1e-4),
                "{value} {uncapped} {cap}"
            );
        }
    }
}

/// Independent draws: splitmix64 and the Box–Muller transform.
struct Independent(u64);

impl Independent {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }

    fn normals(&mut self) -> [f64; 2] {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        let (sin, cos) = libm::sincos(2.0 * std::f64::consts::PI * self.uniform());
        [radius * cos, radius * sin]
    }
}

/// Sixty variables; meters whose p90 is up to three times their p50: a total, a product, the
/// largest of several, what is left of a capacity, and one of a few variables.
#[test]
fn percentiles_are_near_those_of_independent_draws() {
    const VARIABLES: usize = 60;
    let ratio = |i: usize| 1.15 + 0.2 * (i % 6) as f64;
    let scale = |i: usize| 1.0 + (i * 7 % 11) as f64;
    let mut graph = Graph::new();
    let v: Vec<Quantity> = (0..VARIABLES)
        .map(|i| graph.variable(&format!("features.f{i}.rate"), spread(1.0, ratio(i)), false))
        .collect();
    let pairs: Vec<Quantity> = (4..VARIABLES)
        .map(|i| graph.mul(v[i], v[i % 4]).times(scale(i)))
        .collect();
    let total = sum(&mut graph, &pairs);
    let product = v[6..9]
        .iter()
        .fold(Quantity::ONE, |all, &factor| graph.mul(all, factor));
    let largest = v[12..24]
        .iter()
        .fold(Quantity::ZERO, |all, &one| graph.max(all, one));
    let ratio_of = graph.div(total, v[59]);
    let some = sum(&mut graph, &[v[0], v[5], v[11]]);
    let left = graph.sub(some.times(2.0), v[17]);
    let left = graph.positive(left);
    let meters = [total, product, largest, ratio_of, some, left];
    let p = [0.5, 0.8, 0.9];
    let found = graph.percentiles(&meters, &p, 2);

    let mut random = Independent(42);
    let count = 400_000;
    let mut columns = vec![Vec::with_capacity(count); meters.len()];
    let mut x = [0.0; VARIABLES];
    let s: Vec<f64> = (0..VARIABLES)
        .map(|i| libm::log(ratio(i)) / 1.281_551_565_544_600_4)
        .collect();
    for _ in 0..count {
        for i in (0..VARIABLES).step_by(2) {
            let [a, b] = random.normals();
            x[i] = libm::exp(s[i] * a);
            x[i + 1] = libm::exp(s[i + 1] * b);
        }
        let total: f64 = (4..VARIABLES).map(|i| x[i] * x[i % 4] * scale(i)).sum();
        let some = x[0] + x[5] + x[11];
        let row = [
            total,
            x[6..9].iter().product(),
            x[12..24].iter().fold(0.0, |all: f64, one| all.max(*one)),
            total / x[59],
            some,
            (2.0 * some - x[17]).max(0.0),
        ];
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
    }
    for (i, (column, row)) in columns.iter_mut().zip(&found).enumerate() {
        column.sort_unstable_by(f64::total_cmp);
        assert!(
            row[2] <= 3.0 * row[0],
            "meter {i} is wider than is asked for"
        );
        for (value, p) in row.iter().zip(p) {
            let independent = column[(p * count as f64) as usize];
            let error = value / independent - 1.0;
            assert!(
                error.abs() < 0.015,
                "meter {i}, p{}: {error:+.4}",
                p * 100.0
            );
        }
    }
}

// --- Breaking points ---

fn utilization(graph: &Graph, (demand, limit): (Quantity, Quantity), k: f64, p: f64) -> f64 {
    // For limits that are certain.
    let limit = graph.point_at(limit, k);
    graph.percentiles_at(&[demand], &[p], k, 2)[0][0] / limit
}

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
        assert_eq!(graph.breaking_point(demand, limit, 0.8), expected, "{i}");
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
        let found = graph.breaking_point(demand, limit, 0.8);
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
        let all = [line, capped, cached, demand].map(|demand| (demand, Quantity::certain(limit)));
        for (point, (demand, _)) in graph.breaking_points(&all, 0.8, 1).into_iter().zip(all) {
            match point {
                None => prop_assert!(graph.point_at(demand, 1e6) <= limit * (1.0 + 1e-9)),
                Some(0.0) => prop_assert!(graph.point_at(demand, 1e-9) >= limit * (1.0 - 1e-6)),
                Some(k) => prop_assert!(close(graph.point_at(demand, k), limit, 1e-6)),
            }
        }
    }
}

/// Demands of every kind: in proportion, with something certain or uncertain beside, capped, cached,
/// squared, drained.
fn demands(graph: &mut Graph) -> Vec<Quantity> {
    let k = graph.multiplier();
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
    let demands = demands(&mut graph);
    for (confidence, limit) in [(0.8, 9_000.0), (0.95, 18_500.0), (0.5, 3_000.0)] {
        let limit = Quantity::certain(limit);
        let pairs: Vec<_> = demands.iter().map(|&demand| (demand, limit)).collect();
        let points = graph.breaking_points(&pairs, confidence, 2);
        for (i, (point, &pair)) in points.iter().zip(&pairs).enumerate() {
            let k = point.unwrap();
            assert!(k > 0.0);
            let at = utilization(&graph, pair, k, confidence);
            // A queue that stops draining jumps past any limit; all others pass it continuously.
            let past = utilization(&graph, pair, k * (1.0 + 3e-7), confidence);
            assert!(at <= 1.0 + 1e-12 || (at - 1.0).abs() < 1e-6, "{i}: {at}");
            assert!(past > 1.0, "{i}: {past}");
            assert!(i == 6 || at > 1.0 - 1e-6, "{i}: {at}");
        }
        assert_eq!(points, graph.breaking_points(&pairs, confidence, 1));
        assert_eq!(points, graph.breaking_points(&pairs, confidence, 7));
        assert_eq!(
            points[2],
            graph.breaking_point(pairs[2].0, limit, confidence)
        );
        assert_eq!(
            points[6],
            graph.breaking_point(pairs[6].0, limit, confidence)
        );
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
    let found = graph.breaking_point(demand, limit, 0.8).unwrap();
    assert!(close(found, 1.0 / at_1, 1e-12));
    // The limit in proportion to what is wanted of it.
    let line = graph.add(demand, x);
    assert!(close(
        graph.breaking_point(line, x.times(3.0), 0.9).unwrap(),
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
        assert_eq!(graph.breaking_point(demand, limit, 0.8), expected, "{i}");
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
    let found = graph.breaking_point(jump, Quantity::ONE, 0.8).unwrap();
    let p80 = graph.percentiles(&[x], &[0.8], 1)[0][0];
    assert!(close(found, 50.0 / p80, 1e-4), "{found}");
    // Exactly at the limit for nearly all draws.
    let capped = graph.min(demand, Quantity::certain(30.0));
    let plateau = graph.max(capped, y.times(1e-9));
    assert_eq!(
        graph.breaking_point(plateau, Quantity::certain(30.0), 0.8),
        None
    );
    let found = graph
        .breaking_point(plateau, Quantity::certain(29.999), 0.8)
        .unwrap();
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
            graph.breaking_point(one.demand, limit, one.confidence)
        );
    }
    assert!(breaking_points.iter().any(Option::is_some));
}

/// The same model with and without a multiplier is evaluated once, and gives the same bits.
#[test]
fn the_multiplier_changes_nothing_at_one() {
    let mut graph = Graph::new();
    let multiplied = model(&mut graph, 0..3);
    let today: Vec<Quantity> = (0..3)
        .map(|i| {
            let tenants = graph.variable(&format!("tiers.{i}"), spread(500.0, 1.4), false);
            let adoption = graph.variable(&format!("{i}.adoption"), spread(0.5, 1.6), true);
            let rate = graph.variable(&format!("{i}.rate"), spread(3.0 + i as f64, 2.0), false);
            let population = graph.mul(tenants, adoption);
            graph.mul(population, rate)
        })
        .collect();
    let p = [0.5, 0.8, 0.95];
    let apart = graph.percentiles(&today, &p, 1);
    let multiplied: Vec<Quantity> = multiplied.into_iter().step_by(3).take(3).collect();
    assert_eq!(graph.percentiles(&multiplied, &p, 1), apart);
    let doubled = graph.percentiles_at(&multiplied, &p, 2.0, 1);
    for (row, doubled) in apart.iter().zip(&doubled) {
        assert!(
            row.iter()
                .zip(doubled)
                .all(|(one, two)| close(2.0 * one, *two, 1e-12))
        );
    }
}
