//! Sums under construction.

use std::collections::BTreeMap;

use super::Quantity;
use super::exact::ExactSum;
use super::graph::{Graph, MULTIPLIER, NodeId};

/// A sum under construction: terms can be added and taken away in any order. See
/// [`Graph::sum`].
///
/// Like terms are collected as they come. Their coefficients are summed without rounding, so the
/// sum depends on what is in it, not on the order of adding, and taking away what was added leaves
/// exactly what was there before. Infinite and unknown terms are counted, so they too can be
/// taken away. Where infinities of both signs meet, the sum is 0.
#[derive(Clone, Debug, Default)]
pub struct RunningSum {
    pub(super) constant: ExactSum,
    /// The coefficient of the multiplier: most terms of a model without uncertainty end here.
    pub(super) linear: ExactSum,
    pub(super) terms: BTreeMap<TermKey, ExactSum>,
    pub(super) infinite: i64,
    pub(super) negative_infinite: i64,
    pub(super) unknown: i64,
}

/// A node, and whether its coefficients are infinite: then their signs are summed.
pub(super) type TermKey = (NodeId, bool);

impl RunningSum {
    /// Adds a term.
    pub fn add(&mut self, term: Quantity) {
        self.change(term, 1.0);
    }

    /// Takes away a term that was added, or will be.
    pub fn remove(&mut self, term: Quantity) {
        self.change(term, -1.0);
    }

    /// Whether nothing is in it: not even something unknown.
    pub fn is_empty(&self) -> bool {
        self.constant.is_zero()
            && self.linear.is_zero()
            && self.terms.is_empty()
            && self.infinite == 0
            && self.negative_infinite == 0
            && self.unknown == 0
    }

    /// What of it is a number.
    pub(super) fn constant(&self) -> f64 {
        let up = self.infinite > 0 || self.negative_infinite < 0;
        let down = self.infinite < 0 || self.negative_infinite > 0;
        match (up, down) {
            (false, false) => self.constant.total(),
            (true, false) => f64::INFINITY,
            (false, true) => f64::NEG_INFINITY,
            (true, true) => 0.0,
        }
    }

    fn change(&mut self, term: Quantity, sign: f64) {
        self.unknown += if term.unknown { sign as i64 } else { 0 };
        if term.is_certain() {
            self.change_constant(term.scale, sign);
        } else if term.node == MULTIPLIER && term.scale.is_finite() {
            self.linear.add(sign * term.scale);
        } else {
            let infinite = term.scale.is_infinite();
            let scale = if infinite {
                term.scale.signum()
            } else {
                term.scale
            };
            let key = (term.node, infinite);
            let coefficient = self.terms.entry(key).or_default();
            coefficient.add(sign * scale);
            if coefficient.is_zero() {
                self.terms.remove(&key);
            }
        }
    }

    fn change_constant(&mut self, value: f64, sign: f64) {
        if value.is_finite() {
            self.constant.add(sign * value);
        } else if value > 0.0 {
            self.infinite += sign as i64;
        } else {
            self.negative_infinite += sign as i64;
        }
    }
}

/// A [`RunningSum`] of mostly one term, which is then all that is kept.
#[derive(Clone, Debug, Default)]
pub enum ShortSum {
    /// Nothing was added.
    #[default]
    Nothing,
    /// One term was.
    One(Quantity),
    /// More were, or some were taken away.
    Many(Box<RunningSum>),
}

impl ShortSum {
    /// Adds a term.
    pub fn add(&mut self, term: Quantity) {
        match self {
            Self::Nothing => *self = Self::One(term),
            _ => self.many().add(term),
        }
    }

    /// Takes away a term that was added, or will be.
    pub fn remove(&mut self, term: Quantity) {
        self.many().remove(term);
    }

    /// The sum.
    pub fn sum(&self, graph: &mut Graph) -> Quantity {
        match self {
            Self::Nothing => Quantity::ZERO,
            Self::One(term) => *term,
            Self::Many(sum) => graph.sum(sum),
        }
    }

    fn many(&mut self) -> &mut RunningSum {
        if !matches!(self, Self::Many(_)) {
            let mut sum = Box::<RunningSum>::default();
            if let Self::One(term) = self {
                sum.add(*term);
            }
            *self = Self::Many(sum);
        }
        match self {
            Self::Many(sum) => sum,
            Self::Nothing | Self::One(_) => unreachable!("it was just made many"),
        }
    }
}
