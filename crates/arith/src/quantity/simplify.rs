//! The simplest expression that equals the result of an operation.

use super::graph::{Graph, MULTIPLIER, NONE, NodeId, Op, Term, max, min};
use super::{Quantity, quotient, reciprocal, times};
use crate::collections::{HashMap, IndexMap};

/// Products of products are flattened up to this many factors. Longer ones are nested, so that a
/// chain of `n` factors takes memory in proportion to `n`.
const FLAT: usize = 8;
/// So many terms of a sum that share a factor are put together.
const SHARING: usize = 64;

impl Graph {
    #[inline(never)]
    pub(super) fn add_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let unknown = a.unknown || b.unknown;
        let (a, b) = (self.settle(a), self.settle(b));
        let sum = match (a.is_certain(), b.is_certain()) {
            (true, true) => return self.add(a, b).mark_unknown(unknown),
            (true, false) => self.combine(a.scale, &mut [b.term()]),
            (false, true) => self.combine(b.scale, &mut [a.term()]),
            (false, false) if a.node == b.node => {
                let scale = a.scale + b.scale;
                let node = if scale == 0.0 { NONE } else { a.node };
                Quantity {
                    scale: scale + 0.0,
                    node,
                    unknown,
                }
            }
            (false, false) => self.combine(0.0, &mut [a.term(), b.term()]),
        };
        sum.mark_unknown(unknown)
    }

    /// `constant + Σ terms`, of different nodes and finite scales, those in `K` put together.
    pub(super) fn combine(&mut self, constant: f64, terms: &mut [Term]) -> Quantity {
        let is_in_k = |term: &&Term| self.is_multiple_of_k(term.node);
        let in_k = terms.iter().filter(is_in_k).count();
        if in_k < 2 {
            return self.intern_sum(constant, terms);
        }
        let mut constant_of_k = 0.0;
        let mut of_k = Vec::with_capacity(in_k);
        let mut others = Vec::with_capacity(terms.len() - in_k + 1);
        for &term in &*terms {
            if term.node == MULTIPLIER {
                constant_of_k += term.scale;
            } else if self.is_multiple_of_k(term.node) {
                of_k.push(Term {
                    scale: term.scale,
                    node: self.without_k(term.node),
                });
            } else {
                others.push(term);
            }
        }
        let of_k = self.intern_sum(constant_of_k, &mut of_k);
        let of_k = self.mul(of_k, Term::of(MULTIPLIER).quantity());
        if of_k.is_certain() {
            return self.intern_sum(constant + of_k.scale, &mut others);
        }
        others.push(of_k.term());
        self.intern_sum(constant, &mut others)
    }

    fn intern_sum(&mut self, constant: f64, terms: &mut [Term]) -> Quantity {
        if terms.is_empty() {
            return Quantity::certain(constant);
        }
        if terms.len() == 1 && constant == 0.0 {
            return terms[0].quantity();
        }
        if constant.is_infinite() && terms.iter().all(|&term| self.term_facts(term).finite) {
            return Quantity::certain(constant);
        }
        if let Some(mut factored) = self.factored(terms) {
            return self.intern_sum(constant, &mut factored);
        }
        self.sort(terms);
        let mut constant = constant;
        let mut scale = 1.0;
        if terms.iter().any(|&term| self.term_facts(term).uncertain) {
            let unit = terms[0].scale.abs();
            let usable = |value: f64| (1e-280..1e280).contains(&(value / unit).abs());
            if (constant == 0.0 || constant.is_infinite() || usable(constant))
                && terms.iter().all(|term| usable(term.scale))
            {
                scale = unit;
                constant = to_45_bits(constant / unit);
                for term in &mut *terms {
                    term.scale = to_45_bits(term.scale / unit);
                }
            }
        }
        Quantity {
            scale,
            node: self.intern(Op::Sum, constant, terms),
            unknown: false,
        }
    }

    /// The same with `x·(a + b + …)` in place of `x·a + x·b + …`, where there are many of them. The
    /// sum that remains is mostly one that other situations have too, and is drawn once.
    fn factored(&mut self, terms: &[Term]) -> Option<Vec<Term>> {
        if terms.len() < SHARING {
            return None;
        }
        let mut sharing: HashMap<NodeId, usize> = HashMap::default();
        for factor in terms.iter().flat_map(|term| self.finite_factors(term.node)) {
            *sharing.entry(factor).or_default() += 1;
        }
        let mut of: IndexMap<NodeId, Vec<Term>> = IndexMap::default();
        let mut factored = Vec::new();
        for &term in terms {
            let shared = |factor: &NodeId| {
                let hash = self.node(*factor).map(|node| node.hash);
                (sharing.get(factor).copied(), hash, *factor)
            };
            match self.finite_factors(term.node).max_by_key(shared) {
                Some(factor) => of.entry(factor).or_default().push(term),
                None => factored.push(term),
            }
        }
        let groups = of.into_iter();
        let (many, few): (Vec<_>, Vec<_>) = groups.partition(|(_, of)| of.len() >= SHARING);
        if many.is_empty() {
            return None;
        }
        factored.extend(few.into_iter().flat_map(|(_, terms)| terms));
        for (factor, mut terms) in many {
            for term in &mut terms {
                term.node = self.without(term.node, factor);
            }
            let rest = self.intern_sum(0.0, &mut terms);
            let product = self.mul(rest, Term::of(factor).quantity());
            factored.push(product.term());
        }
        Some(factored)
    }

    /// The factors, but for `K`, of a product that is uncertain, and finite in every draw.
    fn finite_factors(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let node = self.node(node).filter(|node| node.op == Op::Product);
        let node = node.filter(|node| node.facts.uncertain && node.facts.finite);
        let factors = node.map_or(&[][..], |node| self.operands(node));
        let factors = factors.iter().map(|factor| factor.node);
        factors.filter(|factor| *factor != MULTIPLIER)
    }

    /// What a product is without one of its factors.
    fn without(&mut self, product: NodeId, factor: NodeId) -> NodeId {
        let mut rest = self.operands(&self.nodes[product as usize]).to_vec();
        if let Some(at) = rest.iter().position(|term| term.node == factor) {
            rest.remove(at);
        }
        match rest.as_slice() {
            [one] => one.node,
            rest => self.intern(Op::Product, 0.0, rest),
        }
    }

    #[inline(never)]
    pub(super) fn mul_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let unknown = a.unknown || b.unknown;
        let (a, b) = (self.settle(a), self.settle(b));
        let scale = times(a.scale, b.scale) + 0.0;
        if scale == 0.0 || (a.is_certain() && b.is_certain()) {
            return Quantity::certain(scale).mark_unknown(unknown);
        }
        if a.is_certain() || b.is_certain() {
            let node = if a.is_certain() { b.node } else { a.node };
            return self.settle(Quantity {
                scale,
                node,
                unknown,
            });
        }
        let mut factors = Vec::with_capacity(2 * FLAT + 4);
        self.factors(a.node, b.node, &mut factors);
        let product = self.intern_product(&mut factors);
        self.settle(product.times(scale)).mark_unknown(unknown)
    }

    /// The factors of a product of two nodes: every `K`, and of the rest those of both if they are
    /// few, else the longer of them as one.
    fn factors(&mut self, a: NodeId, b: NodeId, factors: &mut Vec<Term>) {
        let (a_in_k, b_in_k) = (self.powers_of_k(a), self.powers_of_k(b));
        let length = |graph: &Graph, node: NodeId, in_k: usize| match graph.node(node) {
            Some(node) if node.op == Op::Product => node.len as usize - in_k,
            _ => 1 - in_k,
        };
        let (a_len, b_len) = (length(self, a, a_in_k), length(self, b, b_in_k));
        let flat = a_len + b_len <= FLAT;
        factors.extend(std::iter::repeat_n(Term::of(MULTIPLIER), a_in_k + b_in_k));
        for (node, in_k, len) in [(a, a_in_k, a_len), (b, b_in_k, b_len)] {
            if len == 0 {
                continue;
            }
            if len == 1 && in_k == 0 {
                factors.push(Term::of(node));
            } else if flat || len == 1 {
                let node = &self.nodes[node as usize];
                let first = node.first as usize;
                factors.extend_from_slice(&self.terms[first + in_k..first + node.len as usize]);
            } else {
                let node = self.without_k_to(node, in_k);
                factors.push(Term::of(node));
            }
        }
    }

    fn is_never_0_nor_infinite(&self, node: NodeId) -> bool {
        let facts = self.term_facts(Term::of(node));
        facts.positive && facts.finite
    }

    /// The product of factors of scale 1 and infinite ones. What is over what it is itself, neither
    /// 0 nor infinite, is 1.
    fn intern_product(&mut self, factors: &mut Vec<Term>) -> Quantity {
        let mut i = 0;
        while i < factors.len() {
            let inverse = self
                .node(factors[i].node)
                .filter(|node| node.op == Op::Reciprocal);
            let of = inverse
                .and_then(|node| self.operands(node).first())
                .copied();
            let cancels = of.and_then(|of| {
                let other = factors.iter().position(|factor| factor.node == of.node);
                other.filter(|_| self.is_never_0_nor_infinite(of.node))
            });
            match cancels {
                Some(other) => {
                    factors.remove(i.max(other));
                    factors.remove(i.min(other));
                    i = 0;
                }
                None => i += 1,
            }
        }
        self.sort(factors);
        match factors.as_slice() {
            [] => Quantity::ONE,
            [factor] => factor.quantity(),
            _ => Term::of(self.intern(Op::Product, 0.0, factors)).quantity(),
        }
    }

    #[inline(never)]
    pub(super) fn div_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let unknown = a.unknown || b.unknown;
        let (a, b) = (self.settle(a), self.settle(b));
        if b.is_certain() {
            let scale = quotient(a.scale, b.scale) + 0.0;
            let node = if scale == 0.0 { NONE } else { a.node };
            return self.settle(Quantity {
                scale,
                node,
                unknown,
            });
        }
        if a.node == b.node && self.is_never_0_nor_infinite(b.node) {
            return Quantity::certain(quotient(a.scale, b.scale)).mark_unknown(unknown);
        }
        let inverse = self.inverse(b);
        self.mul(a, inverse).mark_unknown(unknown)
    }

    /// `1 / a` of a node with a finite scale.
    fn inverse(&mut self, a: Quantity) -> Quantity {
        let scale = reciprocal(a.scale);
        let Some(node) = self.node(a.node).cloned() else {
            return Quantity::certain(scale);
        };
        let inverse = match node.op {
            // 1/(a·b) is (1/a)·(1/b) unless one is 0 and the other infinite.
            Op::Product if node.facts.finite => {
                let mut inverses = self.operands(&node).to_vec();
                for factor in &mut inverses {
                    factor.node = self.inverse_of_factor(factor.node);
                }
                self.intern_product(&mut inverses)
            }
            _ => Term::of(self.inverse_of_factor(a.node)).quantity(),
        };
        self.settle(inverse.times(scale))
    }

    fn inverse_of_factor(&mut self, factor: NodeId) -> NodeId {
        let node = &self.nodes[factor as usize];
        match (node.op, self.operands(node)) {
            (Op::Reciprocal, [of]) => of.node,
            _ => self.intern(Op::Reciprocal, 0.0, &[Term::of(factor)]),
        }
    }

    pub(super) fn extreme(&mut self, op: Op, a: Quantity, b: Quantity) -> Quantity {
        let unknown = a.unknown || b.unknown;
        let (a, b) = (self.settle(a), self.settle(b));
        if let Some(known) = self.known_extreme(op, a, b) {
            return known.mark_unknown(unknown);
        }
        if self.is_multiple_of_k(a.node) && self.is_multiple_of_k(b.node) {
            let (a, b) = (self.over_k(a), self.over_k(b));
            let inner = self.extreme(op, a, b);
            let k = Term::of(MULTIPLIER).quantity();
            return self.mul(k, inner).mark_unknown(unknown);
        }
        let mut terms = [a.term(), b.term()];
        self.sort(&mut terms);
        self.expression(op, &terms, unknown)
    }

    /// The smaller or larger of two, where what is known of them tells which.
    fn known_extreme(&self, op: Op, a: Quantity, b: Quantity) -> Option<Quantity> {
        if a.is_certain() && b.is_certain() {
            let extreme = if op == Op::Min { min } else { max };
            return Some(Quantity::certain(extreme(a.scale, b.scale)));
        }
        if a.node == b.node {
            let non_negative = self.term_facts(Term::of(a.node)).non_negative;
            let a_wins = (a.scale < b.scale) == (op == Op::Min);
            return non_negative.then_some(if a_wins { a } else { b });
        }
        let (number, other) = if a.is_certain() { (a, b) } else { (b, a) };
        if !number.is_certain() {
            return None;
        }
        let facts = self.facts(other);
        let below =
            number.scale == f64::NEG_INFINITY || (number.scale <= 0.0 && facts.non_negative);
        let above = number.scale == f64::INFINITY || (number.scale >= 1.0 && facts.unit);
        match op {
            _ if !(below || above) => None,
            Op::Min => Some(if below { number } else { other }),
            _ => Some(if below { other } else { number }),
        }
    }

    /// The same with a finite scale: infinitely much of what is above 0 is infinite, of anything
    /// else a product with infinity.
    pub(super) fn settle(&mut self, a: Quantity) -> Quantity {
        if a.scale.is_finite() || a.is_certain() {
            return a;
        }
        let node = Term::of(a.node);
        if self.term_facts(node).positive {
            return Quantity { node: NONE, ..a };
        }
        let mut factors = [node, Quantity::INFINITE.term()];
        self.sort(&mut factors);
        let product = self.expression(Op::Product, &factors, a.unknown);
        product.times(a.scale.signum())
    }

    /// How many of a node's factors are the multiplier: they come first.
    fn powers_of_k(&self, node: NodeId) -> usize {
        match self.node(node) {
            Some(node) if node.op == Op::Multiplier => 1,
            Some(node) if node.op == Op::Product => {
                let factors = self.operands(node).iter();
                factors.take_while(|term| term.node == MULTIPLIER).count()
            }
            _ => 0,
        }
    }

    pub(super) fn is_multiple_of_k(&self, node: NodeId) -> bool {
        self.powers_of_k(node) == 1
    }

    /// What a product is a multiple of `K` of.
    fn without_k(&mut self, node: NodeId) -> NodeId {
        self.without_k_to(node, 1)
    }

    fn without_k_to(&mut self, product: NodeId, powers: usize) -> NodeId {
        if powers == 0 {
            return product;
        }
        let node = &self.nodes[product as usize];
        let rest = self.operands(node).get(powers..).unwrap_or(&[]).to_vec();
        match rest.as_slice() {
            [one] if one.node != NONE => one.node,
            rest => self.intern(Op::Product, 0.0, rest),
        }
    }

    /// What a product is a multiple of a power of `K` of, and that power, where that is an
    /// expression too.
    pub(super) fn peel(&self, product: NodeId) -> Option<(NodeId, usize)> {
        let node = self.node(product).filter(|node| node.op == Op::Product)?;
        let powers = self.powers_of_k(product);
        let rest = match self.operands(node).get(powers..)? {
            _ if powers == 0 => None,
            [] => None,
            [one] => (one.node != NONE).then_some(one.node),
            rest => self.find(Op::Product, 0.0, rest),
        };
        Some((rest?, powers))
    }

    /// The same for a multiplier of `k`, as a multiple of what does not depend on it, if it can be.
    pub(super) fn peeled(&self, term: Term, k: f64) -> Term {
        let Some((node, powers)) = self.peel(term.node) else {
            return term;
        };
        let scale = (0..powers).fold(term.scale, |scale, _| times(scale, k));
        let node = if scale == 0.0 { NONE } else { node };
        Term { scale, node }
    }

    fn over_k(&mut self, a: Quantity) -> Quantity {
        let node = match a.node {
            MULTIPLIER => NONE,
            product => self.without_k(product),
        };
        Quantity { node, ..a }
    }

    /// Into an order that does not depend on when the nodes were made, `K` first.
    fn sort(&self, terms: &mut [Term]) {
        let key = |term: &Term| {
            let hash = self.node(term.node).map_or(u64::MAX, |node| node.hash);
            (term.node != MULTIPLIER, hash, term.node)
        };
        terms.sort_unstable_by_key(key);
    }
}

/// Rounded to 45 significant bits: 8 of the stored 52 are cleared.
fn to_45_bits(value: f64) -> f64 {
    if value.is_infinite() {
        value
    } else {
        f64::from_bits((value.to_bits() + 0x80) & !0xff)
    }
}
