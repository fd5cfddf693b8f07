//! Expressions are simplified, and keep their value and their bounds.

use caplint::quantity::{Graph, Quantity};
use proptest::prelude::*;

use super::{INFINITE, breaking_point, close, spread, sum};

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
    assert_eq!(breaking_point(&graph, share, Quantity::ONE, 0.8), None);
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

/// `x·a + x·b + …` is `x·(a + b + …)` where there are many of them, and comes to the same.
#[test]
fn what_many_terms_share_is_multiplied_once() {
    let mut graph = Graph::new();
    let k = graph.multiplier();
    let shared = graph.variable("shared", spread(50.0, 1.5), false);
    let scaled = graph.mul(k, shared);
    let mut alone = Quantity::ZERO;
    let (mut products, mut multiplied) = (Vec::new(), Vec::new());
    for i in 0..200 {
        let scale = 1.0 + f64::from(i);
        let own = graph.variable(&format!("own{i}"), spread(3.0, 1.2), false);
        alone = graph.add(alone, own.times(scale));
        products.push(graph.mul(shared, own).times(scale));
        multiplied.push(graph.mul(scaled, own).times(2.0 * scale));
    }
    let expected = graph.mul(shared, alone);
    let before = graph.expressions();
    let together = sum(&mut graph, &products);
    // The sum of what is not shared, and the product.
    assert_eq!(graph.expressions(), before + 2);
    let rows = graph.percentiles(&[together, expected], &[0.1, 0.5, 0.9], 1);
    for (a, b) in rows[0].iter().zip(&rows[1]) {
        assert!(close(*a, *b, 1e-12), "{a} {b}");
    }
    // A multiple of it takes no sum of its own.
    let twice = sum(&mut graph, &multiplied);
    assert_eq!(graph.expressions(), before + 3);
    assert!(close(
        graph.point_at(twice, 3.0),
        6.0 * graph.point(expected),
        1e-12
    ));
    // Few terms stay as they are: each is there already.
    let few = sum(&mut graph, &products[..20]);
    assert_eq!(graph.expressions(), before + 4);
    assert!(graph.is_uncertain(few));
}
