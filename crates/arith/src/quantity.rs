//! Arithmetic on quantities of which some are certain and some depend on uncertain variables.
//!
//! A [`Quantity`] is a number, or a number times a node of a [`Graph`]. Arithmetic on numbers is
//! done at once; arithmetic on anything else grows the graph, in which every expression exists
//! once, like terms are collected and constants folded. Only what depends on a variable is ever
//! evaluated over draws, and only when percentiles are asked for.
//!
//! **Undefined forms.** Demands can be infinite, so these rules hold everywhere and no operation
//! makes a NaN: `0·∞ = 0`, `∞ − ∞ = 0` (a sum in which infinities of both signs meet is 0),
//! `0/0 = 0`, `∞/∞ = 0`, `x/0 = ∞` with the sign of `x`. A number that is no number is unknown, and
//! so is what is infinite only because it is too large to be written: by the rules above it could
//! become 0, and a demand that nobody can write would fit.
//!
//! **Draws.** There are [`DRAWS`] of them, always the same. A variable's draws are a Latin
//! hypercube sample: each of as many equally likely strata of its distribution occurs once, by its
//! midpoint, in an order which only the variable's path decides (McKay, Beckman and Conover 1979,
//! "A comparison of three methods for selecting values of input variables", *Technometrics* 21(2),
//! 239–245). Everything is computed by correctly rounded operations and by code of this crate or
//! of `libm`: the same bits on every machine and for every number of threads.
//!
//! **Percentiles.** The `p` percentile of `n` ordered draws interpolates linearly at the rank
//! `h = n·p + ½` (Hazen's rule), clamped to the first and the last. The `j`-th stratum's midpoint
//! is at `(j − ½)/n`, so a variable by itself has the percentiles that were declared.

mod brackets;
mod breaking;
mod curves;
mod draws;
mod exact;
mod exponential;
mod graph;
mod interning;
mod normal;
mod operations;
mod percentiles;
mod program;
mod ranges;
mod ranks;
mod search;
mod shapes;
mod simplify;
mod solve;
mod sum;
mod tape;
pub mod varying;

pub use breaking::Limited;
pub use curves::Curve;
pub use graph::Graph;
pub use percentiles::Outlook;
pub use sum::{RunningSum, ShortSum};

use graph::{NONE, NodeId};

/// How many draws percentiles are taken from.
pub const DRAWS: usize = 65_536;

/// The 90% quantile of the standard normal distribution.
pub const Z90: f64 = 1.281_551_565_544_600_4;

/// How much of a number multiplying and adding may round off. Who designs something to fill its
/// limit exactly, and has checked that by hand, must not be failed by the order of a product.
pub const ROUNDING: f64 = 1e-12;

/// The quantiles that declare an uncertain variable: `0 < p10 ≤ p50 ≤ p90`.
///
/// The variable is split lognormal: for a standard normal `z` it is `p50·exp(s·z)`, with
/// `s = ln(p90/p50)/z90` for `z ≥ 0` and `s = ln(p50/p10)/z90` for `z < 0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// One draw in ten is below it.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// One draw in ten is above it.
    pub p90: f64,
}

/// A number, or a number times a node of a [`Graph`]; and whether something that nobody knows,
/// counted as 0, is in it.
///
/// It belongs to the graph that made it: used with another, it means something else or nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    scale: f64,
    node: NodeId,
    unknown: bool,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity::number(0.0);
    /// One.
    pub const ONE: Quantity = Quantity::number(1.0);
    /// More than any number.
    pub const INFINITE: Quantity = Quantity::number(f64::INFINITY);

    const fn number(scale: f64) -> Self {
        Quantity {
            scale,
            node: NONE,
            unknown: false,
        }
    }

    /// A number, which may be infinite. What is no number is unknown.
    #[inline]
    pub fn certain(value: f64) -> Self {
        if value.is_nan() {
            Quantity::unknown()
        } else {
            Quantity::number(value + 0.0)
        }
    }

    /// What nobody knows: counts as 0 and marks all that it reaches.
    #[inline]
    pub fn unknown() -> Self {
        Quantity {
            scale: 0.0,
            node: NONE,
            unknown: true,
        }
    }

    /// Whether it is a number: it depends on no variable and not on the multiplier.
    #[inline]
    pub fn is_certain(&self) -> bool {
        self.node == NONE
    }

    /// Whether something that nobody knows is in it.
    #[inline]
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// The same, marked as unknown where `unknown` says so. Never takes a mark away.
    #[inline]
    pub fn mark_unknown(self, unknown: bool) -> Self {
        Quantity {
            unknown: self.unknown || unknown,
            ..self
        }
    }

    /// Its value, where it is a number.
    #[inline]
    pub fn as_certain(&self) -> Option<f64> {
        self.is_certain().then_some(self.scale)
    }

    /// `self · factor`. A factor that is no number marks the product unknown and counts as 0.
    #[inline]
    pub fn times(self, factor: f64) -> Self {
        let scale = times(self.scale, factor) + 0.0;
        let unknown = self.unknown || factor.is_nan() || overflows(scale, self.scale, factor);
        let node = if scale == 0.0 { NONE } else { self.node };
        Quantity {
            scale,
            node,
            unknown,
        }
    }
}

/// Whether a result is infinite where what it is made of is not.
#[inline(always)]
fn overflows(result: f64, a: f64, b: f64) -> bool {
    result.is_infinite() && a.is_finite() && b.is_finite()
}

/// `a·b`, with `0·∞ = 0`.
#[inline(always)]
fn times(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product.is_nan() { 0.0 } else { product }
}

/// `1/x`, infinite for either zero.
#[inline(always)]
fn reciprocal(x: f64) -> f64 {
    1.0 / (x + 0.0)
}

/// `a/b`, with `0/0 = 0`, `∞/∞ = 0`, and `x/0` infinite.
#[inline(always)]
fn quotient(a: f64, b: f64) -> f64 {
    let quotient = a / (b + 0.0);
    if quotient.is_nan() { 0.0 } else { quotient }
}
