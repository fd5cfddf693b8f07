//! Between which bounds a quantity stays, whatever is drawn: by interval arithmetic (Moore, *Interval
//! Analysis*, 1966), so that what can't come near a threshold need not be drawn to be sure of it.

use super::draws::Variable;
use super::graph::{Graph, NodeId, Op, Term};
use super::normal::highest_quantile;
use super::varying::{Varying, whole};
use super::{Quantity, reciprocal, times};

/// How much of a sum or a bound rounding may lose, with much to spare.
const SLACK: f64 = 1e-9;

/// The least and the most that a value can be with a multiplier of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    least: f64,
    most: f64,
}

impl Range {
    const ALL: Self = Self {
        least: f64::NEG_INFINITY,
        most: f64::INFINITY,
    };
    const UNIT: Self = Self {
        least: 0.0,
        most: 1.0,
    };

    pub(super) const fn number(value: f64) -> Self {
        Self {
            least: value,
            most: value,
        }
    }

    /// Of a variable's draws: the outermost ones lie at the outermost strata.
    pub(super) fn of_variable(variable: &Variable) -> Self {
        let (least, most) = variable.outermost(highest_quantile());
        Self { least, most }.widened(0.0)
    }

    /// Of what a node computes, given the ranges of the nodes it is made of.
    pub(super) fn of(
        op: Op,
        constant: f64,
        operands: &[Term],
        range: impl Fn(NodeId) -> Self,
    ) -> Self {
        let of_term = |term: &Term| match term.is_number() {
            true => Self::number(term.scale),
            false => range(term.node).scaled(term.scale),
        };
        let at = |index: usize| operands.get(index).map_or(Self::number(0.0), of_term);
        match op {
            Op::Multiplier => Self::number(1.0),
            Op::Variable => Self::ALL,
            Op::Sum => Self::sum(constant, operands.iter().map(of_term)),
            Op::Product => {
                let factors = operands.iter().map(of_term);
                factors.fold(Self::number(1.0), Self::product).widened(0.0)
            }
            Op::Reciprocal => at(0).reciprocal().widened(0.0),
            Op::QuotientOrOne => match at(1) {
                whole if whole.least > 0.0 => at(0).product(whole.reciprocal()).widened(0.0),
                _ => Self::ALL,
            },
            Op::Min => at(0).with(at(1), f64::min),
            Op::Max => at(0).with(at(1), f64::max),
            Op::SteadyHit | Op::SteadyMiss | Op::BatchHit => Self::UNIT,
            Op::AtLeast => Self {
                least: at(0).least.min(0.0),
                most: at(0).most.max(0.0),
            },
            Op::Whole => at(0).map(whole),
            Op::Excess | Op::WholeExcess => {
                let [p50, lower, upper] = [1, 2, 3].map(|index| at(index).least);
                let of = Varying::from_parts([p50, lower, upper]);
                let excess = |t| match op {
                    Op::Excess => of.excess(t),
                    _ => of.whole_excess(t),
                };
                // The further out, the less is past it.
                let Self { least, most } = at(0).map(excess);
                Self {
                    least: most,
                    most: least,
                }
                .widened(0.0)
            }
            Op::Drain | Op::Curve => Self {
                least: 0.0,
                most: f64::INFINITY,
            },
        }
    }

    fn sum(constant: f64, terms: impl Iterator<Item = Self>) -> Self {
        let (mut sum, mut size) = (Self::number(constant), constant.abs());
        for term in terms {
            sum = sum.with(term, |a, b| a + b);
            size += term.least.abs().max(term.most.abs());
        }
        // Infinities of both signs.
        if sum.least.is_nan() || sum.most.is_nan() {
            return Self::ALL;
        }
        sum.widened(size)
    }

    fn product(self, other: Self) -> Self {
        let corners = [
            times(self.least, other.least),
            times(self.least, other.most),
            times(self.most, other.least),
            times(self.most, other.most),
        ];
        Self {
            least: corners.into_iter().fold(f64::INFINITY, f64::min),
            most: corners.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    fn reciprocal(self) -> Self {
        if self.least < 0.0 {
            return Self::ALL;
        }
        Self {
            least: reciprocal(self.most),
            most: reciprocal(self.least),
        }
    }

    fn scaled(self, factor: f64) -> Self {
        self.product(Self::number(factor))
    }

    fn map(self, each: impl Fn(f64) -> f64) -> Self {
        Self {
            least: each(self.least),
            most: each(self.most),
        }
    }

    fn with(self, other: Self, each: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            least: each(self.least, other.least),
            most: each(self.most, other.most),
        }
    }

    /// With room for what rounding may lose of numbers as large as its bounds, and as `size`.
    fn widened(self, size: f64) -> Self {
        let room = |bound: f64| {
            let room = bound.abs().max(size) * SLACK;
            if room.is_finite() { room } else { 0.0 }
        };
        Self {
            least: self.least - room(self.least),
            most: self.most + room(self.most),
        }
    }
}

impl Graph {
    /// A bound that no draw of a quantity passes with a multiplier of 1; infinite where none is
    /// known. It may lie far above the largest draw.
    pub fn at_most(&self, quantity: Quantity) -> f64 {
        let term = quantity.term();
        if term.is_number() {
            return term.scale;
        }
        match self.ranges.get(term.node as usize) {
            Some(range) => range.scaled(term.scale).widened(0.0).most,
            None => f64::INFINITY,
        }
    }
}
