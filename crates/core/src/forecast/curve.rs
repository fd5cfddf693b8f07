//! How many there are of something, by day.

use crate::model::{Projected, Value};
use crate::quantity::{Graph, Quantity, RunningSum};

/// A count by day: linear between its points, flat after the last; or growing from today on.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub(super) points: Vec<(u32, Quantity)>,
    /// The logarithm of what there is after a day over what there was.
    pub(super) log_growth: Option<f64>,
}

impl Curve {
    pub(super) fn new(
        projected: &Projected,
        grows: bool,
        times: Quantity,
        graph: &mut Graph,
    ) -> Self {
        let read = if grows { projected.points.len() } else { 1 };
        let points = projected.points.iter().take(read);
        let point = |(day, value): &(u32, Value)| {
            let value = value.quantity(graph);
            (*day, graph.mul(times, value))
        };
        Self {
            points: points.map(point).collect(),
            log_growth: projected.log_growth.filter(|_| grows),
        }
    }

    pub(super) fn now(&self) -> Quantity {
        self.points.first().map_or(Quantity::ZERO, |(_, now)| *now)
    }

    pub(super) fn last_day(&self) -> u32 {
        self.points.last().map_or(0, |(day, _)| *day)
    }

    /// Whether there are fewer on a later day, at point values.
    pub(super) fn shrinks(&self, graph: &Graph) -> bool {
        let mut pairs = self.points.windows(2);
        pairs.any(|pair| graph.point(pair[1].1) < graph.point(pair[0].1))
            || self.log_growth.is_some_and(|log| log < 0.0)
    }

    /// `∫` of the count over `from..to` days, each day having the count of its beginning.
    pub(super) fn over(&self, from: f64, to: f64, graph: &mut Graph) -> Quantity {
        if let Some(log) = self.log_growth {
            return self.now().times(compound(log, from.max(0.0), to));
        }
        let mut sum = RunningSum::default();
        for (index, (day, value)) in self.points.iter().enumerate() {
            let start = f64::from(*day);
            match self.points.get(index + 1) {
                None if to > start => sum.add(value.times(to - from.max(start))),
                None => {}
                Some((next_day, next)) => {
                    let length = f64::from(*next_day) - start;
                    let low = (from.max(start) - start).clamp(0.0, length);
                    let high = (to.min(start + length) - start).clamp(0.0, length);
                    let towards = (ramp(high) - ramp(low)) / length;
                    // A point without weight is not read: it must not mark what it leaves alone.
                    for (point, weight) in [(value, high - low - towards), (next, towards)] {
                        if weight > 0.0 {
                            sum.add(point.times(weight));
                        }
                    }
                }
            }
        }
        graph.sum(&sum)
    }

    pub(super) fn at(&self, day: u32, graph: &mut Graph) -> Quantity {
        let day = f64::from(day);
        self.over(day, day + 1.0, graph)
    }
}

/// `∫` of `(1 + g)^⌊u⌋` over `from..to`, with `log = ln(1 + g)`.
fn compound(log: f64, from: f64, to: f64) -> f64 {
    let on = |day: f64| match day > 0.0 {
        true => libm::exp(log * day),
        false => 1.0,
    };
    let (first, last) = (from.floor(), to.floor());
    if to <= from || first == last {
        return ((to - from).max(0.0) * on(first)).min(f64::MAX);
    }
    // Whole days between: a geometric series.
    let (next, days) = (first + 1.0, last - first - 1.0);
    let whole = match (days, log) {
        (0.0, _) => 0.0,
        (_, 0.0) => days,
        (_, f64::NEG_INFINITY) => on(next),
        _ => on(next) * (libm::expm1(log * days) / libm::expm1(log)),
    };
    let after = to - last;
    let after = if after > 0.0 { after * on(last) } else { 0.0 };
    // What is infinite by rounding alone is marked where it is multiplied.
    ((next - from) * on(first) + whole + after).min(f64::MAX)
}

/// `∫` of `⌊u⌋` over `0..x`.
fn ramp(x: f64) -> f64 {
    let whole = x.floor();
    whole * (whole - 1.0) / 2.0 + (x - whole) * whole
}
