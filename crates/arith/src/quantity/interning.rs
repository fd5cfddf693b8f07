//! Finds the node of an expression that already exists, and derives what is known of a new one.

use super::graph::{Degree, Facts, Graph, Node, NodeId, Op, Term, evaluate};
use super::ranges::Range;
use super::times;

impl Graph {
    /// The node of `op` on `operands`, made if there is none yet.
    pub(super) fn intern(&mut self, op: Op, constant: f64, operands: &[Term]) -> NodeId {
        let hash = self.hash(op, constant, operands);
        match self.look_up(hash, op, constant, operands) {
            Ok(found) => found,
            Err(key) => {
                let id = self.nodes.len() as NodeId;
                self.interned.insert(key, id);
                self.push(op, constant, operands, hash);
                id
            }
        }
    }

    /// The node of `op` on `operands`, if there is one.
    pub(super) fn find(&self, op: Op, constant: f64, operands: &[Term]) -> Option<NodeId> {
        let hash = self.hash(op, constant, operands);
        self.look_up(hash, op, constant, operands).ok()
    }

    /// The node of an expression, or the key to intern it by: its hash, or the next number that no
    /// other expression has taken.
    fn look_up(&self, hash: u64, op: Op, constant: f64, operands: &[Term]) -> Result<NodeId, u64> {
        let mut key = hash;
        while let Some(&node) = self.interned.get(&key) {
            if self.is(node, op, constant, operands) {
                return Ok(node);
            }
            key = key.wrapping_add(1);
        }
        Err(key)
    }

    fn is(&self, node: NodeId, op: Op, constant: f64, operands: &[Term]) -> bool {
        let node = &self.nodes[node as usize];
        let same =
            |(a, b): (&Term, &Term)| a.node == b.node && a.scale.to_bits() == b.scale.to_bits();
        node.op == op
            && node.constant.to_bits() == constant.to_bits()
            && node.len as usize == operands.len()
            && self.operands(node).iter().zip(operands).all(same)
    }

    fn push(&mut self, op: Op, constant: f64, operands: &[Term], hash: u64) {
        let facts = self.derive(op, constant, operands);
        let (nodes, curves) = (&self.nodes, &self.curves);
        let point = evaluate(curves, op, constant, operands, |node| {
            nodes[node as usize].point
        });
        let base = match facts.degree {
            Degree::Free => point,
            _ => evaluate(curves, op, constant, operands, |node| {
                nodes[node as usize].base
            }),
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
            let term = operands.get(i).copied();
            self.term_facts(term.unwrap_or(Term::number(0.0)))
        };
        let all =
            |test: fn(&Facts) -> bool| operands.iter().all(|&term| test(&self.term_facts(term)));
        let free = all(|facts| facts.degree == Degree::Free);
        let uncertain = !all(|facts| !facts.uncertain);
        let mut facts = Facts {
            positive: false,
            uncertain,
            degree: if free { Degree::Free } else { Degree::Other },
            uncertain_base: uncertain,
            ..Facts::POSITIVE
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
            Op::AtLeast => {
                facts.non_negative = of(0).non_negative;
                facts.unit = of(0).unit;
                facts.finite = of(0).finite;
            }
            Op::Drain | Op::Curve => facts.finite = false,
            Op::Whole | Op::Excess | Op::WholeExcess => facts.finite = of(0).finite,
        }
        facts
    }

    fn derive_sum(&self, constant: f64, operands: &[Term], facts: &mut Facts) {
        let (mut low, mut high) = (constant, constant);
        let mut none_negative = constant >= 0.0;
        let mut some_positive = constant > 0.0;
        facts.finite = constant.is_finite();
        facts.uncertain_base = false;
        for &term in operands {
            let of = self.term_facts(term);
            let node = self.term_facts(Term::of(term.node));
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
            none_negative &= of.non_negative;
            some_positive |= of.positive;
            facts.finite &= of.finite;
            facts.degree = facts.degree.max(of.degree);
            facts.uncertain_base |= of.uncertain_base;
        }
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
