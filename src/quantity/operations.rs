//! Arithmetic: numbers at once, everything else as the simplest expression that equals it.

use super::graph::{
    Graph, MULTIPLIER, NONE, NodeId, Op, Term, batch_hit, drain, max, min, quotient_or_one,
    steady_hit,
};
use super::{Quantity, Sum, quotient, reciprocal, times};

/// Products of products are flattened up to this many factors. Longer ones are nested, so that a
/// chain of `n` factors takes memory in proportion to `n`.
const FLAT: usize = 8;

impl Graph {
    /// `a + b`. To add up many, use a [`Sum`].
    #[inline]
    pub fn add(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if a.is_certain() && b.is_certain() {
            let sum = a.scale + b.scale;
            let sum = if sum.is_nan() { 0.0 } else { sum };
            return Quantity::certain(sum).mark_unknown(a.unknown || b.unknown);
        }
        self.add_nodes(a, b)
    }

    /// `a − b`.
    #[inline]
    pub fn sub(&mut self, a: Quantity, b: Quantity) -> Quantity {
        self.add(a, b.times(-1.0))
    }

    /// `a · b`, with `0·∞ = 0`.
    #[inline]
    pub fn mul(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if b.is_certain() && b.scale.is_finite() {
            return a.times(b.scale).mark_unknown(b.unknown);
        }
        if a.is_certain() && a.scale.is_finite() {
            return b.times(a.scale).mark_unknown(a.unknown);
        }
        self.mul_nodes(a, b)
    }

    /// `a / b`, with `0/0 = 0`, `∞/∞ = 0`, and `a/0` infinite otherwise.
    #[inline]
    pub fn div(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if a.is_certain() && b.is_certain() {
            let unknown = a.unknown || b.unknown;
            return Quantity::certain(quotient(a.scale, b.scale)).mark_unknown(unknown);
        }
        self.div_nodes(a, b)
    }

    /// `part / whole`, and 1 where `whole` is 0.
    pub fn div_or_one(&mut self, part: Quantity, whole: Quantity) -> Quantity {
        let unknown = part.unknown || whole.unknown;
        let (part, whole) = (self.settle(part), self.settle(whole));
        if part.is_certain() && whole.is_certain() {
            return Quantity::certain(quotient_or_one(part.scale, whole.scale))
                .mark_unknown(unknown);
        }
        if self.facts(whole).positive {
            return self.div(part, whole);
        }
        if whole.is_certain() {
            let ratio = if whole.scale == 0.0 {
                Quantity::ONE
            } else {
                self.div(part, whole)
            };
            return ratio.mark_unknown(unknown);
        }
        let part = Term {
            scale: quotient(part.scale, whole.scale),
            node: part.node,
        };
        let whole = Term {
            scale: 1.0,
            node: whole.node,
        };
        self.expression(Op::QuotientOrOne, &[part, whole], unknown)
    }

    /// The smaller of the two.
    #[inline]
    pub fn min(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if a.is_certain() && b.is_certain() {
            let unknown = a.unknown || b.unknown;
            return Quantity::certain(min(a.scale, b.scale)).mark_unknown(unknown);
        }
        self.extreme(Op::Min, a, b)
    }

    /// The larger of the two.
    #[inline]
    pub fn max(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if a.is_certain() && b.is_certain() {
            let unknown = a.unknown || b.unknown;
            return Quantity::certain(max(a.scale, b.scale)).mark_unknown(unknown);
        }
        self.extreme(Op::Max, a, b)
    }

    /// `max(a, 0)`.
    #[inline]
    pub fn positive(&mut self, a: Quantity) -> Quantity {
        self.max(a, Quantity::ZERO)
    }

    /// `x / (1 + x)` for `x ≥ 0`: the share of requests that a cache answers when each key is asked
    /// for at random times, `x` of them on average while an entry lives.
    ///
    /// Of Poisson arrivals each miss is followed by `x` hits on average; see Jung, Berger and
    /// Balakrishnan (2003), "Modeling TTL-based Internet caches", *IEEE INFOCOM*.
    pub fn steady_hit_ratio(&mut self, x: Quantity) -> Quantity {
        self.function(Op::SteadyHit, x, steady_hit)
    }

    /// `1 / (1 + x)` for `x ≥ 0`: what [`steady_hit_ratio`](Graph::steady_hit_ratio) leaves to be
    /// fetched, without the cancellation that `1 − x/(1 + x)` suffers where nearly all hit.
    pub fn steady_miss_ratio(&mut self, x: Quantity) -> Quantity {
        self.function(Op::SteadyMiss, x, |x| 1.0 / (1.0 + x))
    }

    /// `1 − 1/⌈q − 10⁻⁹⌉`, and 0 for `q ≤ 1`: the share that a cache answers of requests that come
    /// every period, `q` being the time an entry lives over that period. The 10⁻⁹ makes equal
    /// durations count as equal.
    pub fn batch_hit_ratio(&mut self, q: Quantity) -> Quantity {
        self.function(Op::BatchHit, q, batch_hit)
    }

    /// How long it takes to work off a backlog: `backlog / (capacity − minus)`. Infinite where
    /// `capacity ≤ mean_all` and anything arrives or waits (`mean_all > 0` or `backlog > 0`);
    /// otherwise 0 where nothing waits.
    pub fn drain(
        &mut self,
        backlog: Quantity,
        capacity: Quantity,
        mean_all: Quantity,
        minus: Quantity,
    ) -> Quantity {
        let all = [backlog, capacity, mean_all, minus];
        let unknown = all.iter().any(Quantity::is_unknown);
        let all = all.map(|quantity| self.settle(quantity));
        if all.iter().all(Quantity::is_certain) {
            let [backlog, capacity, mean_all, minus] = all.map(|quantity| quantity.scale);
            let time = drain(backlog, capacity, mean_all, minus);
            return Quantity::certain(time).mark_unknown(unknown);
        }
        self.expression(Op::Drain, &all.map(Quantity::term), unknown)
    }

    /// The sum of what is in `sum` now.
    ///
    /// Terms that are multiples of the multiplier come out as one: `K·a + K·b` as `K·(a + b)`. Sums
    /// that depend on variables come out as multiples of a sum whose coefficients are rounded to 45
    /// significant bits (relative 2·10⁻¹⁴), so that sums in proportion, such as those of a scenario
    /// with ten times the tenants, are one expression.
    pub fn sum(&mut self, sum: &Sum) -> Quantity {
        let unknown = sum.unknown != 0;
        let mut constant = sum.constant();
        let mut terms = Vec::with_capacity(sum.terms.len() + 1);
        if !sum.linear.is_zero() {
            terms.push(Term {
                scale: sum.linear.total(),
                node: MULTIPLIER,
            });
        }
        for (&(node, infinite), coefficient) in &sum.terms {
            let scale = coefficient.total();
            if infinite {
                let scale = f64::INFINITY.copysign(scale);
                let term = self.settle(Quantity {
                    scale,
                    node,
                    unknown: false,
                });
                if term.is_certain() {
                    constant += term.scale;
                } else {
                    terms.push(term.term());
                }
            } else {
                terms.push(Term { scale, node });
            }
        }
        let constant = if constant.is_nan() { 0.0 } else { constant };
        self.combine(constant, &mut terms).mark_unknown(unknown)
    }

    #[inline(never)]
    fn add_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
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
    fn combine(&mut self, constant: f64, terms: &mut [Term]) -> Quantity {
        let in_k = terms
            .iter()
            .filter(|term| self.is_multiple_of_k(term.node))
            .count();
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
        let of_k = self.mul(
            of_k,
            Term {
                scale: 1.0,
                node: MULTIPLIER,
            }
            .quantity(),
        );
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

    #[inline(never)]
    fn mul_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
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
        let k = Term {
            scale: 1.0,
            node: MULTIPLIER,
        };
        factors.extend(std::iter::repeat_n(k, a_in_k + b_in_k));
        for (node, in_k, len) in [(a, a_in_k, a_len), (b, b_in_k, b_len)] {
            if len == 0 {
                continue;
            }
            if len == 1 && in_k == 0 {
                factors.push(Term { scale: 1.0, node });
            } else if flat || len == 1 {
                let node = &self.nodes[node as usize];
                let first = node.first as usize;
                factors.extend_from_slice(&self.terms[first + in_k..first + node.len as usize]);
            } else {
                let node = self.without_k_to(node, in_k);
                factors.push(Term { scale: 1.0, node });
            }
        }
    }

    fn is_never_0_nor_infinite(&self, node: NodeId) -> bool {
        self.node(node)
            .is_some_and(|node| node.facts.positive && node.facts.finite)
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
            _ => Term {
                scale: 1.0,
                node: self.intern(Op::Product, 0.0, factors),
            }
            .quantity(),
        }
    }

    #[inline(never)]
    fn div_nodes(&mut self, a: Quantity, b: Quantity) -> Quantity {
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
            _ => Term {
                scale: 1.0,
                node: self.inverse_of_factor(a.node),
            }
            .quantity(),
        };
        self.settle(inverse.times(scale))
    }

    fn inverse_of_factor(&mut self, factor: NodeId) -> NodeId {
        let node = &self.nodes[factor as usize];
        match (node.op, self.operands(node)) {
            (Op::Reciprocal, [of]) => of.node,
            _ => self.intern(
                Op::Reciprocal,
                0.0,
                &[Term {
                    scale: 1.0,
                    node: factor,
                }],
            ),
        }
    }

    fn extreme(&mut self, op: Op, a: Quantity, b: Quantity) -> Quantity {
        let unknown = a.unknown || b.unknown;
        let (a, b) = (self.settle(a), self.settle(b));
        if let Some(known) = self.known_extreme(op, a, b) {
            return known.mark_unknown(unknown);
        }
        if self.is_multiple_of_k(a.node) && self.is_multiple_of_k(b.node) {
            let a = self.over_k(a);
            let b = self.over_k(b);
            let inner = match op {
                Op::Min => self.min(a, b),
                _ => self.max(a, b),
            };
            let k = Term {
                scale: 1.0,
                node: MULTIPLIER,
            }
            .quantity();
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
            let non_negative = self
                .node(a.node)
                .is_some_and(|node| node.facts.non_negative);
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

    fn function(&mut self, op: Op, x: Quantity, of_number: fn(f64) -> f64) -> Quantity {
        let unknown = x.unknown;
        let x = self.settle(x);
        if x.is_certain() {
            return Quantity::certain(of_number(x.scale)).mark_unknown(unknown);
        }
        self.expression(op, &[x.term()], unknown)
    }

    fn expression(&mut self, op: Op, operands: &[Term], unknown: bool) -> Quantity {
        Quantity {
            scale: 1.0,
            node: self.intern(op, 0.0, operands),
            unknown,
        }
    }

    /// The same with a finite scale: infinitely much of what is above 0 is infinite, of anything
    /// else a product with infinity.
    fn settle(&mut self, a: Quantity) -> Quantity {
        if a.scale.is_finite() || a.is_certain() {
            return a;
        }
        let node = Term {
            scale: 1.0,
            node: a.node,
        };
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
            Some(node) if node.op == Op::Product => self
                .operands(node)
                .iter()
                .take_while(|term| term.node == MULTIPLIER)
                .count(),
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

    fn over_k(&mut self, a: Quantity) -> Quantity {
        if a.node == MULTIPLIER {
            return Quantity { node: NONE, ..a };
        }
        Quantity {
            node: self.without_k(a.node),
            ..a
        }
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

impl Term {
    pub(super) fn quantity(self) -> Quantity {
        Quantity {
            scale: self.scale,
            node: self.node,
            unknown: false,
        }
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
