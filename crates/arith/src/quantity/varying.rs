//! Amounts that differ from one event to the next: their mean, and that of what is billed in whole
//! steps or at least as so much.
//!
//! Totals over many events follow the mean of what each event is billed, which is not what the
//! mean event is billed. Everything is derived from the mean excess `E[max(X − t, 0)]`:
//! `max(m, a + b·X) = m + b·max(X − (m − a)/b, 0)`.

use super::{Quantiles, Z90};

/// The mean steps from which on rounding up adds half a step.
const MANY: f64 = 10_000.0;

/// How far out, in standard deviations of the logarithm, what lies beyond no longer counts.
const FAR: f64 = 9.0;

/// A probability that no longer counts, beside the first step.
const NEGLIGIBLE: f64 = 1e-18;

/// An amount with a split lognormal distribution (see [`Quantiles`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Varying {
    p50: f64,
    /// The standard deviation of its logarithm below the median.
    lower: f64,
    /// That above it.
    upper: f64,
}

impl Varying {
    /// An amount with these quantiles.
    pub fn new(quantiles: Quantiles) -> Self {
        let Quantiles { p10, p50, p90 } = quantiles;
        Self::from_parts([p50, libm::log(p50 / p10) / Z90, libm::log(p90 / p50) / Z90])
    }

    /// The median, and the standard deviations of the logarithm below and above it.
    pub(crate) fn parts(self) -> [f64; 3] {
        [self.p50, self.lower, self.upper]
    }

    pub(crate) fn from_parts([p50, lower, upper]: [f64; 3]) -> Self {
        Self { p50, lower, upper }
    }

    /// So many times the amount.
    pub fn times(self, factor: f64) -> Self {
        Self {
            p50: self.p50 * factor,
            ..self
        }
    }

    /// `E[X]`
    pub fn mean(self) -> f64 {
        let half = |s: f64, share: f64| libm::exp(s * s / 2.0) * share;
        self.p50 * (half(self.upper, below(self.upper)) + half(self.lower, below(-self.lower)))
    }

    /// `E[max(X − t, 0)]`
    pub fn excess(self, t: f64) -> f64 {
        if t <= 0.0 {
            return self.mean() - t;
        }
        let z = self.z(t);
        if t >= self.p50 {
            let part = self.p50 * libm::exp(self.upper * self.upper / 2.0);
            return (part * below(self.upper - z) - t * below(-z)).max(0.0);
        }
        let part = self.p50 * libm::exp(self.lower * self.lower / 2.0);
        self.mean() - t + (t * below(z) - part * below(z - self.lower)).max(0.0)
    }

    /// `E[max(⌈X⌉ − t, 0)]`, where every amount above 0 is at least 1; of amounts of more than
    /// 10,000 on average, rounding up adds one half.
    pub fn whole_excess(self, t: f64) -> f64 {
        if self.mean() > MANY {
            return self.excess(t - 0.5);
        }
        if t < 0.0 {
            return self.tails_from(0.0) - t;
        }
        if t == f64::INFINITY {
            return 0.0;
        }
        // A line between whole numbers.
        let whole = t.floor();
        (self.tails_from(whole) - (t - whole) * self.tail(whole)).max(0.0)
    }

    /// How many standard deviations an amount lies above the median.
    fn z(self, x: f64) -> f64 {
        let (distance, s) = match x < self.p50 {
            true => (libm::log(x / self.p50), self.lower),
            false => (libm::log(x / self.p50), self.upper),
        };
        match s > 0.0 {
            true => distance / s,
            false if x < self.p50 => f64::NEG_INFINITY,
            false => f64::INFINITY,
        }
    }

    /// `P(X > x)`
    fn tail(self, x: f64) -> f64 {
        if x <= 0.0 { 1.0 } else { below(-self.z(x)) }
    }

    /// `Σ_{k ≥ from} P(X > k)`, of a whole number.
    fn tails_from(self, from: f64) -> f64 {
        let middle = whole(self.p50);
        let lower = match from < middle {
            true => self.tails(from, middle - 1.0, self.lower),
            false => 0.0,
        };
        lower + self.tails(from.max(middle), f64::INFINITY, self.upper)
    }

    /// `Σ P(X > k)` for whole `k` from `from` to `to`, all of them on one side of the median.
    ///
    /// What is certain is counted, what bends is added up, and the rest is an integral with the
    /// corrections of Euler and Maclaurin at its ends: as the logarithm's density is smooth, two
    /// of them are enough from 16 standard deviations on (the next is below 10⁻¹⁰). What is added
    /// up is then at most some 300 terms, whatever the amounts are.
    fn tails(self, from: f64, to: f64, s: f64) -> f64 {
        if from > to {
            return 0.0;
        }
        if s <= 0.0 {
            return if to.is_finite() { to - from + 1.0 } else { 0.0 };
        }
        let certain = (self.p50 * libm::exp(-FAR * s)).floor().min(to);
        let counted = (certain - from + 1.0).max(0.0);
        let mut k = from + counted;
        let mut sum = counted;
        let smooth = (16.0 / s).max(16.0);
        while k <= to && k < smooth {
            let tail = self.tail(k);
            sum += tail;
            if tail < NEGLIGIBLE {
                return sum;
            }
            k += 1.0;
        }
        if k > to {
            return sum;
        }
        let start = self.end(k, s);
        if to == f64::INFINITY {
            return sum + self.excess(k) + start.tail / 2.0 - start.bend;
        }
        let end = self.end(to, s);
        sum + end.integral - start.integral + (start.tail + end.tail) / 2.0 + end.bend - start.bend
    }

    /// What the sum of tails needs of an end of its smooth part.
    fn end(self, k: f64, s: f64) -> End {
        let mean = self.p50 * libm::exp(s * s / 2.0);
        let z = libm::log(k / self.p50) / s;
        let tail = below(-z);
        let density = libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        // The first and the third derivative of `Φ(−ln(k/p50)/s)`.
        let first = -density / (s * k);
        let third =
            -density / (k * k * k) * (2.0 / s + 3.0 * z / (s * s) + (z * z - 1.0) / (s * s * s));
        End {
            integral: k * tail + mean * below(z - s),
            tail,
            bend: first / 12.0 - third / 720.0,
        }
    }
}

struct End {
    /// `∫ P(X > x) dx` up to it, but for a constant.
    integral: f64,
    tail: f64,
    bend: f64,
}

/// The whole steps that an amount of so many takes: a started one counts in full, and what only
/// rounding starts does not. At least one of what is above 0.
#[inline(always)]
pub(crate) fn whole(steps: f64) -> f64 {
    if steps > 0.0 {
        (steps - 1e-9 * steps.max(1.0)).ceil().max(1.0)
    } else {
        0.0
    }
}

/// `Φ(z)`, the standard normal distribution.
fn below(z: f64) -> f64 {
    libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}
