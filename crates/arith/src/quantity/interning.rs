//! Finds the node of an expression that already exists.

use super::graph::{Degree, Facts, Graph, NONE, Node, NodeId, Op, Term, evaluate};
use super::ranges::Range;
use super::times;

/// An open-addressing table of the nodes that have operands, by their hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Interner {
    slots: Vec<NodeId>,
    len: usize,
}

impl Interner {
    /// Makes room for one more, keeping at least half of the slots free.
    fn reserve(&mut self, nodes: &[Node]) {
        if self.len * 2 < self.slots.len() {
            return;
        }
        let size = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![NONE; size]);
        for node in old.into_iter().filter(|&node| node != NONE) {
            let mut slot = self.start(nodes[node as usize].hash);
            while self.slots[slot] != NONE {
                slot = self.next(slot);
            }
            self.slots[slot] = node;
        }
    }

    fn start(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn next(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

impl Graph {
    /// The node of `op` on `operands`, made if there is none yet.
    pub(super) fn intern(&mut self, op: Op, constant: f64, operands: &[Term]) -> NodeId {
        let hash = self.hash(op, constant, operands);
        self.interner.reserve(&self.nodes);
        let (slot, found) = self.look_up(hash, op, constant, operands);
        if found != NONE {
            return found;
        }
        let id = self.nodes.len() as NodeId;
        self.interner.slots[slot] = id;
        self.interner.len += 1;
        self.push(op, constant, operands, hash);
        id
    }

    /// The node of `op` on `operands`, if there is one.
    pub(super) fn find(&self, op: Op, constant: f64, operands: &[Term]) -> Option<NodeId> {
        if self.interner.slots.is_empty() {
            return None;
        }
        let hash = self.hash(op, constant, operands);
        let (_, found) = self.look_up(hash, op, constant, operands);
        (found != NONE).then_some(found)
    }

    /// The slot of an expression, and its node if there is one.
    fn look_up(&self, hash: u64, op: Op, constant: f64, operands: &[Term]) -> (usize, NodeId) {
        let mut slot = self.interner.start(hash);
        loop {
            let node = self.interner.slots[slot];
            if node == NONE || self.is(node, hash, op, constant, operands) {
                return (slot, node);
            }
            slot = self.interner.next(slot);
        }
    }

    fn is(&self, node: NodeId, hash: u64, op: Op, constant: f64, operands: &[Term]) -> bool {
        let node = &self.nodes[node as usize];
        let same = |a: &Term, b: &Term| a.node == b.node && a.scale.to_bits() == b.scale.to_bits();
        node.hash == hash
            && node.op == op
            && node.constant.to_bits() == constant.to_bits()
            && node.len as usize == operands.len()
            && self
                .operands(node)
                .iter()
                .zip(operands)
                .all(|(a, b)| same(a, b))
    }

    fn push(&mut self, op: Op, constant: f64, operands: &[Term], hash: u64) {
        let facts = self.derive(op, constant, operands);
        let nodes = &self.nodes;
        let point = evaluate(op, constant, operands, |node| nodes[node as usize].point);
        let base = match facts.degree {
            Degree::Free => point,
            _ => evaluate(op, constant, operands, |node| nodes[node as usize].base),
        };
        let ranges = &self.ranges;
        let range = Range::of(op, constant, operands, |node| ranges[node as usize]);
        self.ranges.push(range);
        let first = self.terms.len() as u32;
        self.terms.extend_from_slice(operands);
        let len = operands.len() as u32;
        self.nodes.push(Node {
            op,
            facts,
            constant,
            first,
            len,
            hash,
            point,
            base,
        });
    }

    fn hash(&self, op: Op, constant: f64, operands: &[Term]) -> u64 {
        let mut hash = mix(op as u64 + 1, constant.to_bits());
        for term in operands {
            let node = self
                .node(term.node)
                .map_or(0x9e37_79b9_7f4a_7c15, |node| node.hash);
            hash = mix(hash ^ term.scale.to_bits(), node ^ 0xd6e8_feb8_6659_fd93);
        }
        hash
    }

    fn derive(&self, op: Op, constant: f64, operands: &[Term]) -> Facts {
        let of = |i: usize| {
            self.term_facts(operands.get(i).copied().unwrap_or(Term {
                scale: 0.0,
                node: NONE,
            }))
        };
        let all =
            |test: fn(&Facts) -> bool| operands.iter().all(|&term| test(&self.term_facts(term)));
        let free = all(|facts| facts.degree == Degree::Free);
        let mut facts = Facts {
            non_negative: true,
            positive: false,
            unit: false,
            finite: true,
            uncertain: !all(|facts| !facts.uncertain),
            degree: if free { Degree::Free } else { Degree::Other },
            uncertain_base: !all(|facts| !facts.uncertain),
        };
        match op {
            Op::Multiplier | Op::Variable => {}
            Op::Sum => {
                facts.degree = Degree::Free;
                self.derive_sum(constant, operands, &mut facts);
            }
            Op::Product => {
                facts.non_negative = all(|facts| facts.non_negative);
                facts.positive = all(|facts| facts.positive);
                facts.unit = facts.non_negative && all(|facts| facts.unit);
                facts.finite = all(|facts| facts.finite);
                facts.degree = self.degree_of_product(operands);
                facts.uncertain_base &=
                    facts.degree != Degree::Affine || !self.is_nothing_at_0(operands);
            }
            Op::Reciprocal => {
                facts.non_negative = of(0).non_negative;
                facts.positive = of(0).positive && of(0).finite;
                facts.finite = of(0).positive;
            }
            Op::QuotientOrOne => {
                facts.non_negative = of(0).non_negative && of(1).non_negative;
                facts.finite = of(0).finite && of(1).positive;
            }
            Op::Min => {
                facts.non_negative = all(|facts| facts.non_negative);
                facts.positive = all(|facts| facts.positive);
                facts.unit = of(0).unit || of(1).unit;
                facts.finite = all(|facts| facts.finite)
                    || facts.non_negative && (of(0).finite || of(1).finite);
            }
            Op::Max => {
                facts.non_negative = of(0).non_negative || of(1).non_negative;
                facts.positive = of(0).positive || of(1).positive;
                facts.unit = all(|facts| facts.unit);
                facts.finite = all(|facts| facts.finite);
            }
            Op::SteadyHit | Op::BatchHit => {
                facts.positive = op == Op::SteadyHit && of(0).positive;
                facts.unit = true;
            }
            Op::SteadyMiss => {
                facts.positive = of(0).finite;
                facts.unit = true;
            }
            Op::Drain => facts.finite = false,
        }
        facts
    }

    fn derive_sum(&self, constant: f64, operands: &[Term], facts: &mut Facts) {
        let (mut low, mut high) = (constant, constant);
        let mut some_positive = constant > 0.0;
        facts.finite = constant.is_finite();
        facts.uncertain_base = false;
        for &term in operands {
            let of = self.term_facts(term);
            let node = self.term_facts(Term { scale: 1.0, ..term });
            // A node's values lie in 0..=1, or from 0 on, or anywhere.
            let (from, to) = match (node.non_negative, node.unit) {
                (true, true) => (0.0, 1.0),
                (true, false) => (0.0, f64::INFINITY),
                _ => (f64::NEG_INFINITY, f64::INFINITY),
            };
            let (from, to) = if term.scale > 0.0 {
                (from, to)
            } else {
                (to, from)
            };
            low += times(term.scale, from);
            high += times(term.scale, to);
            some_positive |= of.positive;
            facts.finite &= of.finite;
            facts.degree = facts.degree.max(of.degree);
            facts.uncertain_base |= of.uncertain_base;
        }
        let none_negative = constant >= 0.0
            && operands
                .iter()
                .all(|&term| self.term_facts(term).non_negative);
        facts.non_negative = none_negative || low >= 0.0;
        facts.positive = none_negative && some_positive || low > 0.0;
        facts.unit = high <= 1.0;
    }

    /// Whether a product of degree one is 0 with a multiplier of 0, whatever the draw.
    fn is_nothing_at_0(&self, operands: &[Term]) -> bool {
        let nodes = operands.iter().filter_map(|term| self.node(term.node));
        let mut affine = nodes.filter(|node| node.facts.degree == Degree::Affine);
        affine.any(|node| node.base == 0.0 && !node.facts.uncertain_base)
    }

    fn degree_of_product(&self, operands: &[Term]) -> Degree {
        let mut degree = Degree::Free;
        for &term in operands {
            degree = match (degree, self.term_facts(term).degree) {
                (degree, Degree::Free) | (Degree::Free, degree) => degree,
                _ => Degree::Other,
            };
        }
        degree
    }
}

/// Mixes two words into one: the halves of their product folded together, so that every bit of
/// both counts.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xa076_1d64_78bd_642f) * u128::from(b ^ 0xe703_7ed1_a0b4_28db);
    (product as u64) ^ ((product >> 64) as u64)
}
