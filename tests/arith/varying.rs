//! The mean of what differs from event to event, as it is and as it is billed.

use std::time::Duration;

use caplint::quantity::{Graph, Quantiles, Quantity};
use caplint::varying::Varying;

use super::{certain, close, spread};
use crate::support::clock::Clock;

fn quantiles(p10: f64, p50: f64, p90: f64) -> Quantiles {
    Quantiles { p10, p50, p90 }
}

/// `E[f(X)]` by the midpoints of many equally wide strata of the normal distribution.
fn mean_of(quantiles: Quantiles, f: impl Fn(f64) -> f64) -> f64 {
    const STRATA: i32 = 400_000;
    let Quantiles { p10, p50, p90 } = quantiles;
    let (lower, upper) = ((p50 / p10).ln() / Z90, (p90 / p50).ln() / Z90);
    let width = 24.0 / f64::from(STRATA);
    let of = |stratum: i32| {
        let z = -12.0 + (f64::from(stratum) + 0.5) * width;
        let x = p50 * (if z < 0.0 { lower } else { upper } * z).exp();
        f(x) * (-z * z / 2.0).exp()
    };
    let sum: f64 = (0..STRATA).map(of).sum();
    sum * width / (2.0 * std::f64::consts::PI).sqrt()
}

const Z90: f64 = caplint::quantity::Z90;

#[test]
fn the_mean_is_above_the_median_of_what_is_skewed() {
    let table = [
        // p50·e^(s²/2) with s = ln 2 / z90, of a lognormal.
        (spread(1.5, 2.0), 1.736_259_205_339_851_8),
        (quantiles(3.0, 3.0, 3.0), 3.0),
    ];
    for (quantiles, expected) in table {
        let mean = Varying::new(quantiles).mean();
        assert!(close(mean, expected, 1e-12), "{mean} is not {expected}");
    }
    for quantiles in [quantiles(1.0, 5.0, 6.0), quantiles(4.9, 5.0, 60.0)] {
        let (mean, expected) = (Varying::new(quantiles).mean(), mean_of(quantiles, |x| x));
        assert!(close(mean, expected, 1e-9), "{mean} is not {expected}");
    }
}

#[test]
fn an_excess_is_the_mean_of_what_is_past_a_threshold() {
    for quantiles in [
        spread(10.0, 3.0),
        quantiles(1.0, 5.0, 6.0),
        quantiles(4.9, 5.0, 60.0),
    ] {
        for t in [-3.0, 0.0, 0.5, 4.0, 5.0, 10.0, 30.0] {
            let excess = Varying::new(quantiles).excess(t);
            let expected = mean_of(quantiles, |x| (x - t).max(0.0));
            assert!(
                close(1.0 + excess, 1.0 + expected, 1e-7),
                "{t}: {excess} is not {expected}"
            );
        }
    }
}

/// `Σ_{k ≥ 0} P(X > k)`, term by term, and where it no longer bends as an integral.
fn steps_by_hand(of: Varying) -> f64 {
    let tail = |k: f64| {
        // The slope of the mean excess is the probability to be past it.
        let step = 1e-6 * k;
        (of.excess(k - step) - of.excess(k + step)) / (2.0 * step)
    };
    let terms = (1..3_000).map(|k| tail(f64::from(k)));
    1.0 + terms.sum::<f64>() + of.excess(3_000.0 - 0.5)
}

#[test]
fn whole_steps_are_summed_without_an_end() {
    for quantiles in [
        spread(1.5, 2.0),
        spread(0.01, 50.0),
        spread(100.0, 1.5),
        spread(0.5, 1_000.0),
        quantiles(200.0, 220.0, 900.0),
        quantiles(3.0, 220.0, 230.0),
    ] {
        let of = Varying::new(quantiles);
        let (steps, expected) = (of.whole_excess(0.0), steps_by_hand(of));
        assert!(
            close(steps, expected, 1e-6),
            "{quantiles:?}: {steps} is not {expected}"
        );
    }
}

/// What does not differ takes as many steps as a plain number.
#[test]
fn steps_of_one_value_are_those_of_a_number() {
    let graph = &mut Graph::new();
    for (amount, expected) in [
        (0.0, 0.0),
        (1e-12, 1.0),
        (1.0, 1.0),
        (1.000_000_000_5, 1.0),
        (1.000_001, 2.0),
        (3.0 * 0.1 / 0.1, 3.0),
        (1e6 + 1e-4, 1e6),
        (1e6 + 1.0, 1e6 + 1.0),
    ] {
        let steps = graph.whole_steps(Quantity::certain(amount));
        assert!(close(certain(graph, steps), expected, 0.0), "{amount}");
        if amount > 0.0 && amount < 1e4 {
            let varying = Varying::new(quantiles(amount, amount, amount));
            let steps = varying.whole_excess(0.0);
            assert!(close(steps, expected, 1e-12), "{amount}: {steps}");
        }
    }
}

/// Between whole numbers, what is past a threshold is a line.
#[test]
fn what_is_past_a_threshold_of_steps_bends_at_whole_numbers() {
    let of = Varying::new(spread(2.0, 3.0));
    let [two, half, three] = [2.0, 2.5, 3.0].map(|t| of.whole_excess(t));
    assert!(close(half, (two + three) / 2.0, 1e-14));
    assert!(close(
        of.whole_excess(-1.0),
        of.whole_excess(0.0) + 1.0,
        1e-14
    ));
    assert!(close(
        of.whole_excess(0.0),
        of.whole_excess(1.0) + 1.0,
        1e-14
    ));
    assert!(of.whole_excess(f64::INFINITY) == 0.0);
}

/// However many steps there are, and however wide they are spread, the sum ends.
#[test]
fn sums_end_soon() {
    let begin = Clock::start();
    for ratio in [1.0, 1.000_000_001, 1.001, 1.1, 3.0, 1_000.0] {
        for p50 in [1e-300, 1e-9, 0.4, 1.0, 30.0, 9_999.0, 1e9, 1e300] {
            let of = Varying::new(spread(p50, ratio));
            for t in [0.0, 1.0, 7.5, p50, 1e12] {
                let excess = of.whole_excess(t);
                assert!(excess >= 0.0, "{p50} {ratio} {t}: {excess}");
            }
        }
    }
    assert!(begin.elapsed() < Duration::from_secs(1));
}

/// An uncertain threshold is drawn; its bounds hold whatever is drawn.
#[test]
fn an_uncertain_threshold_is_evaluated_over_draws() {
    let graph = &mut Graph::new();
    let t = graph.variable("t", spread(3.0, 2.0), false);
    for in_steps in [false, true] {
        let of = Varying::new(spread(4.0, 3.0));
        let past = graph.mean_excess(of, t, in_steps);
        let excess = |t: f64| {
            if in_steps {
                of.whole_excess(t)
            } else {
                of.excess(t)
            }
        };
        assert!(close(graph.point(past), excess(3.0), 1e-15));
        let percentiles = graph.outlook(&[past], &[0.1, 0.5, 0.9], &[], 1).percentiles;
        // It falls as the threshold rises.
        for (found, expected) in percentiles[0].iter().zip([6.0, 3.0, 1.5].map(excess)) {
            assert!(close(*found, expected, 1e-3), "{found} is not {expected}");
        }
        assert!(graph.at_most(past) >= percentiles[0][2]);
    }
}
