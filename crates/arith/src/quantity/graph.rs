//! The graph: its nodes, what is known of each, and how each is computed from its operands.

use std::sync::Arc;

use super::curves::Tabled;
use super::draws::Variable;
use super::exact::ExactSum;
use super::ranges::Range;
use super::shapes::Shapes;
use super::varying::{Varying, whole};
use super::{Quantiles, Quantity, quotient, reciprocal, times};
use crate::collections::HashMap;

/// A node, by its place. Operands are always older than what is made of them.
pub(super) type NodeId = u32;
/// No node: a number.
pub(super) const NONE: NodeId = u32::MAX;
/// The multiplier of all tenants, the first node of every graph.
pub(super) const MULTIPLIER: NodeId = 0;

/// What a node computes from its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// The multiplier `K`.
    Multiplier,
    /// An uncertain variable, the one at `Node::first`.
    Variable,
    /// `constant + Σ operands`.
    Sum,
    Product,
    Reciprocal,
    /// First over second, 1 where the second is 0.
    QuotientOrOne,
    Min,
    Max,
    /// `x / (1 + x)`.
    SteadyHit,
    /// `1 / (1 + x)`.
    SteadyMiss,
    /// `1 − 1/⌈q − 1e-9⌉`.
    BatchHit,
    /// The first where it is at least the second, else 0.
    AtLeast,
    /// Of backlog, capacity, mean of all and what is taken from the capacity.
    Drain,
    /// One of the graph's curves, the one with the node's constant for an index.
    Curve,
    /// Started steps in full.
    Whole,
    /// The mean of what varies past a threshold: of the threshold, and what varies in parts.
    Excess,
    /// The same in whole steps.
    WholeExcess,
}

/// A number, or a number times a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) scale: f64,
    pub(super) node: NodeId,
}

/// How a node depends on the multiplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Degree {
    Free,
    /// As `a + b·K`.
    Affine,
    /// Otherwise.
    Other,
}

/// What is known of a node's values, whatever the draw and for every multiplier above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) non_negative: bool,
    pub(super) positive: bool,
    pub(super) unit: bool,
    pub(super) finite: bool,
    /// Depends on a variable.
    pub(super) uncertain: bool,
    /// How it depends on the multiplier.
    pub(super) degree: Degree,
    /// Depends on a variable with a multiplier of 0. Only meaningful where the degree is not
    /// `Other`.
    pub(super) uncertain_base: bool,
}

impl Facts {
    /// Of a finite number above 0, which may be above 1.
    pub(super) const POSITIVE: Self = Self {
        non_negative: true,
        positive: true,
        unit: false,
        finite: true,
        uncertain: false,
        degree: Degree::Free,
        uncertain_base: false,
    };
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) facts: Facts,
    /// Of a sum; of a curve which one it is.
    pub(super) constant: f64,
    /// Where its operands begin; of a variable, which one it is.
    pub(super) first: u32,
    pub(super) len: u32,
    /// A hash of the expression that does not depend on when it was made. It orders operands, so
    /// that the same model gives the same bits in whatever order it was built.
    pub(super) hash: u64,
    /// Its value with every variable at its median and a multiplier of 1.
    pub(super) point: f64,
    /// That with a multiplier of 0. Only meaningful where the degree is not `Other`.
    pub(super) base: f64,
}

/// All expressions of a model, each once.
///
/// A base and a head, their scenarios and horizons belong in one graph: what they have in common
/// is then evaluated once.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) at_points: bool,
    pub(super) nodes: Vec<Node>,
    /// Between which bounds each node stays.
    pub(super) ranges: Vec<Range>,
    pub(super) terms: Vec<Term>,
    /// The nodes that have operands, by their hash (see `look_up`).
    pub(super) interned: HashMap<u64, NodeId>,
    pub(super) variables: Vec<Variable>,
    pub(super) shapes: Shapes,
    pub(super) curves: Vec<Arc<Tabled>>,
    paths: HashMap<Box<str>, Vec<Quantity>>,
}

impl Default for Graph {
    fn default() -> Self {
        Graph::new()
    }
}

impl Graph {
    /// A graph in which uncertain variables and the multiplier are nodes.
    pub fn new() -> Self {
        let mut graph = Graph {
            at_points: false,
            nodes: Vec::new(),
            ranges: vec![Range::number(1.0)],
            terms: Vec::new(),
            interned: HashMap::default(),
            variables: Vec::new(),
            shapes: Shapes::default(),
            curves: Vec::new(),
            paths: HashMap::default(),
        };
        graph.nodes.push(Node {
            op: Op::Multiplier,
            facts: Facts {
                degree: Degree::Affine,
                ..Facts::POSITIVE
            },
            constant: 0.0,
            first: 0,
            len: 0,
            hash: 0,
            point: 1.0,
            base: 0.0,
        });
        graph
    }

    /// A graph in which every variable is its median and the multiplier is 1: all quantities come
    /// out certain.
    pub fn at_points() -> Self {
        Graph {
            at_points: true,
            ..Graph::new()
        }
    }

    /// The uncertain variable of a declaration, by its path in the model. `at_most_one` clamps its
    /// draws at 1.
    ///
    /// The same path, quantiles and clamp give the same quantity. The path alone decides the order
    /// of the draws: the same path with other quantiles gives a variable that moves with it, and a
    /// variable more leaves all others as they were. Equal quantiles give a number. Quantiles that
    /// are out of order, not positive or infinite give the median, or 0, marked as unknown.
    pub fn variable(&mut self, path: &str, quantiles: Quantiles, at_most_one: bool) -> Quantity {
        let Quantiles { p10, p50, p90 } = quantiles;
        let median = if at_most_one { p50.min(1.0) } else { p50 };
        if !(0.0 < p10 && p10 <= p50 && p50 <= p90 && p90.is_finite()) {
            let usable = median.is_finite() && median > 0.0;
            let median = if usable { median } else { 0.0 };
            return Quantity::certain(median).mark_unknown(true);
        }
        if self.at_points || (p10 == p50 && p50 == p90) {
            return Quantity::certain(median);
        }
        let known = self.paths.get(path).map_or(&[][..], Vec::as_slice);
        for &quantity in known {
            let variable = &self.variables[self.nodes[quantity.node as usize].first as usize];
            if variable.quantiles == quantiles && variable.at_most_one == at_most_one {
                return quantity;
            }
        }
        let variable = Variable::new(path, quantiles, at_most_one, &mut self.shapes);
        let quantity = self.new_variable(variable);
        self.paths.entry(path.into()).or_default().push(quantity);
        quantity
    }

    /// The multiplier `K` of all tenants and unfixed counts: 1 but in
    /// [`point_at`](Graph::point_at) and where breaking points are found. It counts as more than 0.
    pub fn multiplier(&mut self) -> Quantity {
        if self.at_points {
            return Quantity::ONE;
        }
        Term::of(MULTIPLIER).quantity()
    }

    /// Its value with every variable at its median and a multiplier of 1.
    #[inline]
    pub fn point(&self, quantity: Quantity) -> f64 {
        self.value(quantity, |node| self.nodes[node as usize].point)
    }

    /// Whether it depends on an uncertain variable, so that its percentiles may differ.
    pub fn is_uncertain(&self, quantity: Quantity) -> bool {
        self.node(quantity.node)
            .is_some_and(|node| node.facts.uncertain)
    }

    /// How many expressions there are.
    pub fn expressions(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn facts(&self, quantity: Quantity) -> Facts {
        self.term_facts(quantity.term())
    }

    pub(super) fn term_facts(&self, term: Term) -> Facts {
        let scale = term.scale;
        let Some(node) = self.node(term.node) else {
            return Facts {
                non_negative: scale >= 0.0,
                positive: scale > 0.0,
                unit: scale <= 1.0,
                finite: scale.is_finite(),
                ..Facts::POSITIVE
            };
        };
        let up = scale > 0.0;
        Facts {
            non_negative: node.facts.non_negative && up,
            positive: node.facts.positive && up,
            unit: if up {
                node.facts.unit && scale <= 1.0
            } else {
                node.facts.non_negative
            },
            finite: node.facts.finite && scale.is_finite(),
            ..node.facts
        }
    }

    pub(super) fn operands(&self, node: &Node) -> &[Term] {
        let first = node.first as usize;
        self.terms
            .get(first..first + node.len as usize)
            .unwrap_or(&[])
    }

    pub(super) fn value(&self, quantity: Quantity, value: impl Fn(NodeId) -> f64) -> f64 {
        quantity.term().value(value)
    }

    fn new_variable(&mut self, variable: Variable) -> Quantity {
        let node = self.nodes.len() as NodeId;
        self.nodes.push(Node {
            op: Op::Variable,
            facts: Facts {
                unit: variable.at_most_one,
                uncertain: true,
                uncertain_base: true,
                ..Facts::POSITIVE
            },
            constant: 0.0,
            first: self.variables.len() as u32,
            len: 0,
            hash: variable.hash(),
            point: variable.median(),
            base: variable.median(),
        });
        self.ranges.push(Range::of_variable(&variable));
        self.variables.push(variable);
        Term::of(node).quantity()
    }
}

impl Quantity {
    #[inline]
    pub(super) fn term(self) -> Term {
        Term {
            scale: self.scale,
            node: self.node,
        }
    }
}

impl Term {
    /// A node as it is.
    pub(super) const fn of(node: NodeId) -> Self {
        Term { scale: 1.0, node }
    }

    pub(super) const fn number(scale: f64) -> Self {
        Term { scale, node: NONE }
    }

    #[inline]
    pub(super) fn quantity(self) -> Quantity {
        Quantity {
            scale: self.scale,
            node: self.node,
            unknown: false,
        }
    }

    #[inline]
    pub(super) fn is_number(&self) -> bool {
        self.node == NONE
    }

    /// Its value, given those of nodes.
    #[inline]
    pub(super) fn value(self, value: impl Fn(NodeId) -> f64) -> f64 {
        if self.is_number() {
            self.scale
        } else {
            times(self.scale, value(self.node))
        }
    }
}

/// The value of an expression, given those of the nodes it is made of. What
/// [`program`](super::program) does for many draws at a time, this does for one set of values.
pub(super) fn evaluate(
    curves: &[Arc<Tabled>],
    op: Op,
    constant: f64,
    operands: &[Term],
    value: impl Fn(NodeId) -> f64,
) -> f64 {
    let at = |i: usize| operands.get(i).map_or(0.0, |term| term.value(&value));
    match op {
        Op::Multiplier | Op::Variable => constant,
        Op::Sum => sum(constant, operands.iter().map(|term| term.value(&value))),
        Op::Product => {
            let factors = operands.iter().map(|term| term.value(&value));
            let product = factors.fold(1.0, |product, factor| product * factor);
            if product.is_nan() { 0.0 } else { product }
        }
        Op::Reciprocal => reciprocal(at(0)),
        Op::QuotientOrOne => quotient_or_one(at(0), at(1)),
        Op::Min => min(at(0), at(1)),
        Op::Max => max(at(0), at(1)),
        Op::SteadyHit => steady_hit(at(0)),
        Op::SteadyMiss => 1.0 / (1.0 + at(0)),
        Op::BatchHit => batch_hit(at(0)),
        Op::AtLeast => at_least(at(0), at(1)),
        Op::Drain => drain(at(0), at(1), at(2), at(3)),
        Op::Curve => curves[constant as usize].exact(at(0)),
        Op::Whole => whole(at(0)),
        Op::Excess => Varying::from_parts([at(1), at(2), at(3)]).excess(at(0)),
        Op::WholeExcess => Varying::from_parts([at(1), at(2), at(3)]).whole_excess(at(0)),
    }
}

/// The sum rounded once; 0 where infinities of both signs meet.
fn sum(constant: f64, terms: impl Iterator<Item = f64>) -> f64 {
    let mut exact = ExactSum::default();
    let mut infinite = 0.0;
    for term in std::iter::once(constant).chain(terms) {
        if term.is_finite() {
            exact.add(term);
        } else {
            infinite += term;
        }
    }
    if infinite == 0.0 {
        exact.total()
    } else if infinite.is_nan() {
        0.0
    } else {
        infinite
    }
}

#[inline(always)]
pub(super) fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
pub(super) fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
pub(super) fn quotient_or_one(part: f64, whole: f64) -> f64 {
    if whole == 0.0 {
        1.0
    } else {
        quotient(part, whole)
    }
}

#[inline(always)]
pub(super) fn steady_hit(x: f64) -> f64 {
    let ratio = x / (1.0 + x);
    if ratio.is_nan() { 1.0 } else { ratio }
}

#[inline(always)]
pub(super) fn batch_hit(periods: f64) -> f64 {
    let misses = (periods - 1e-9).ceil();
    if misses > 1.0 {
        1.0 - 1.0 / misses
    } else {
        0.0
    }
}

#[inline(always)]
pub(super) fn at_least(x: f64, bar: f64) -> f64 {
    if x >= bar { x } else { 0.0 }
}

#[inline(always)]
pub(super) fn drain(backlog: f64, capacity: f64, mean: f64, minus: f64) -> f64 {
    let free = capacity - minus;
    if capacity <= mean && (mean > 0.0 || backlog > 0.0) {
        f64::INFINITY
    } else if backlog <= 0.0 {
        0.0
    } else if free.is_nan() || free <= 0.0 {
        f64::INFINITY
    } else {
        quotient(backlog, free)
    }
}
