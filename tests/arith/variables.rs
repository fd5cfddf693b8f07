//! Uncertain variables as they are declared.

use caplint::quantity::{Graph, Quantiles, Quantity};

use super::{INFINITE, close, spread};

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
