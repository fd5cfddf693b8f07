//! Arithmetic: numbers at once, everything else as the simplest expression that equals it.

use std::sync::Arc;

use super::curves::{Curve, Tabled};
use super::graph::{
    Graph, MULTIPLIER, Op, Term, at_least, batch_hit, drain, evaluate, max, min, quotient_or_one,
    steady_hit,
};
use super::varying::{Varying, whole};
use super::{Quantity, RunningSum, overflows, quotient};

impl Graph {
    /// `a + b`. To add up many, use a [`RunningSum`].
    #[inline]
    pub fn add(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if a.is_certain() && b.is_certain() {
            let sum = a.scale + b.scale;
            let unknown = a.unknown || b.unknown || overflows(sum, a.scale, b.scale);
            let sum = if sum.is_nan() { 0.0 } else { sum };
            return Quantity::certain(sum).mark_unknown(unknown);
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
            let ratio = quotient(a.scale, b.scale);
            let overflows = b.scale != 0.0 && overflows(ratio, a.scale, b.scale);
            return Quantity::certain(ratio).mark_unknown(a.unknown || b.unknown || overflows);
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
        self.expression(Op::QuotientOrOne, &[part, Term::of(whole.node)], unknown)
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

    /// `a` where it is at least `bar`, else 0.
    pub fn at_least(&mut self, a: Quantity, bar: Quantity) -> Quantity {
        let unknown = a.unknown || bar.unknown;
        let (a, bar) = (self.settle(a), self.settle(bar));
        if a.is_certain() && bar.is_certain() {
            return Quantity::certain(at_least(a.scale, bar.scale)).mark_unknown(unknown);
        }
        self.expression(Op::AtLeast, &[a.term(), bar.term()], unknown)
    }

    /// The whole steps that `steps` of them take: a started one counts in full, but for the 10⁻⁹ of
    /// them that rounding may start. At least one of what is above 0.
    pub fn whole_steps(&mut self, steps: Quantity) -> Quantity {
        self.function(Op::Whole, steps, whole)
    }

    /// `E[max(X − t, 0)]` of an amount that varies from event to event; in whole steps, `E[max(⌈X⌉
    /// − t, 0)]`.
    pub fn mean_excess(&mut self, of: Varying, t: Quantity, in_steps: bool) -> Quantity {
        let unknown = t.unknown;
        let t = self.settle(t);
        let op = match in_steps {
            true => Op::WholeExcess,
            false => Op::Excess,
        };
        let [p50, lower, upper] = of.parts().map(Term::number);
        let operands = [t.term(), p50, lower, upper];
        if t.is_certain() {
            return Quantity::certain(evaluate(&[], op, 0.0, &operands, |_| 0.0))
                .mark_unknown(unknown);
        }
        self.expression(op, &operands, unknown)
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
    pub fn sum(&mut self, sum: &RunningSum) -> Quantity {
        let mut constant = sum.constant();
        // Where an exact sum stays when it passes the largest number.
        let overflows = constant.abs() == f64::MAX;
        let unknown = sum.unknown != 0 || overflows;
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
                let term = self.settle(Term { scale, node }.quantity());
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

    /// A curve of `x`. Equal keys stand for equal curves.
    pub fn curve(&mut self, key: &str, curve: &Arc<dyn Curve>, x: Quantity) -> Quantity {
        let x = self.settle(x);
        if let Some(number) = x.as_certain() {
            let value = curve.at(number.max(0.0));
            let unknown = x.is_unknown() || value.is_none();
            return Quantity::certain(value.unwrap_or(0.0)).mark_unknown(unknown);
        }
        let known = self.curves.iter().position(|known| *known.key == *key);
        let index = known.unwrap_or_else(|| {
            self.curves.push(Arc::new(Tabled::new(key, curve)));
            self.curves.len() - 1
        });
        let unsolved = curve.at(self.point(x).max(0.0)).is_none();
        let unknown = x.is_unknown() || unsolved;
        let node = self.intern(Op::Curve, index as f64, &[x.term()]);
        Term::of(node).quantity().mark_unknown(unknown)
    }

    fn function(&mut self, op: Op, x: Quantity, of_number: fn(f64) -> f64) -> Quantity {
        let unknown = x.unknown;
        let x = self.settle(x);
        if x.is_certain() {
            return Quantity::certain(of_number(x.scale)).mark_unknown(unknown);
        }
        self.expression(op, &[x.term()], unknown)
    }

    pub(super) fn expression(&mut self, op: Op, operands: &[Term], unknown: bool) -> Quantity {
        let node = self.intern(op, 0.0, operands);
        let quantity = Term::of(node).quantity();
        // A quotient by 0 and what is never worked off are infinite by right.
        let by_right = matches!(op, Op::Reciprocal | Op::QuotientOrOne | Op::Drain);
        let overflows = !by_right
            && self.point(quantity).is_infinite()
            && operands
                .iter()
                .all(|term| self.point(term.quantity()).is_finite());
        quantity.mark_unknown(unknown || overflows)
    }
}
