//! Prices that change with how much is used.

use crate::quantity::{Graph, Quantity, RunningSum};

/// Money per unit, by how many are used: each step has a price of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Graduated {
    /// Where each step ends, rising, with what a unit in it costs; the last has no end.
    steps: Vec<(f64, f64)>,
}

impl Graduated {
    /// The same price for every unit.
    pub(crate) fn flat(price: f64) -> Self {
        Self::new([(None, price)])
    }

    pub(crate) fn new(steps: impl IntoIterator<Item = (Option<f64>, f64)>) -> Self {
        let steps = steps.into_iter();
        let steps = steps.map(|(end, price)| (end.unwrap_or(f64::INFINITY), price));
        Self {
            steps: steps.collect(),
        }
    }

    /// The price of every unit, where all have one.
    pub(crate) fn as_flat(&self) -> Option<f64> {
        match self.steps[..] {
            [(_, price)] => Some(price),
            _ => None,
        }
    }

    pub(crate) fn is_free(&self) -> bool {
        self.steps.iter().all(|(_, price)| *price == 0.0)
    }

    /// Each step: where it begins and ends, and its price.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let mut begin = 0.0;
        let spans = self.steps.iter();
        spans.map(move |(end, price)| (std::mem::replace(&mut begin, *end), *end, *price))
    }

    /// `Σᵢ priceᵢ · max(0, min(u, endᵢ) − endᵢ₋₁)`
    pub(crate) fn price(&self, units: f64) -> f64 {
        let of = |(begin, end, price): (f64, f64, f64)| match price {
            // However many there are.
            0.0 => 0.0,
            price => (units.min(end) - begin).max(0.0) * price,
        };
        self.spans().map(of).sum()
    }

    /// The same of a quantity.
    pub(crate) fn of(&self, units: Quantity, graph: &mut Graph) -> Quantity {
        if let Some(price) = self.as_flat() {
            return units.times(price);
        }
        let mut sum = RunningSum::default();
        for (begin, end, price) in self.spans() {
            let below = graph.min(units, Quantity::certain(end));
            let within = graph.sub(below, Quantity::certain(begin));
            sum.add(graph.positive(within).times(price));
        }
        graph.sum(&sum)
    }

    /// The most units that cost no more than some money; infinite where they cost nothing.
    pub(crate) fn most_within(&self, money: f64) -> f64 {
        let mut left = money;
        for (begin, end, price) in self.spans() {
            let cost = if price > 0.0 {
                (end - begin) * price
            } else {
                0.0
            };
            if cost > left {
                return begin + left / price;
            }
            left -= cost;
        }
        f64::INFINITY
    }
}
