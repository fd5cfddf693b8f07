//! The draws of uncertain variables.

use super::interning::mix;
use super::normal::normal_quantiles;
use super::shapes::{Shapes, Spread};
use super::{DRAWS, Quantiles, Z90};

/// An uncertain variable: split lognormal, see [`Quantiles`].
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) quantiles: Quantiles,
    pub(super) at_most_one: bool,
    /// Of its path.
    key: u64,
    spread: Spread,
    /// The place of its shape.
    shape: usize,
}

impl Variable {
    /// The quantiles must be in order, positive and finite.
    pub(super) fn new(
        path: &str,
        quantiles: Quantiles,
        at_most_one: bool,
        shapes: &mut Shapes,
    ) -> Self {
        let Quantiles { p10, p50, p90 } = quantiles;
        let spread = Spread {
            up: log_ratio(p90, p50) / Z90,
            down: log_ratio(p50, p10) / Z90,
        };
        Variable {
            quantiles,
            at_most_one,
            key: hash(path),
            spread,
            shape: shapes.join(spread),
        }
    }

    pub(super) fn median(&self) -> f64 {
        self.quantiles.p50.min(self.most())
    }

    pub(super) fn hash(&self) -> u64 {
        let Quantiles { p10, p50, p90 } = self.quantiles;
        let of_quantiles = mix(mix(p10.to_bits(), p50.to_bits()), p90.to_bits());
        mix(self.key, of_quantiles ^ u64::from(self.at_most_one))
    }

    /// Its draws of some indices.
    pub(super) fn draw(&self, shapes: &Shapes, indices: &[u16], draws: &mut [f64]) {
        match shapes.factors(self.shape) {
            Some(factors) => {
                self.look_up(factors, indices, draws);
                for draw in draws {
                    *draw = self.scaled(*draw);
                }
            }
            None => {
                self.look_up(normal_quantiles(), indices, draws);
                for draw in draws {
                    *draw = self.at(*draw);
                }
            }
        }
    }

    /// What a table has for the strata of some draws.
    fn look_up(&self, table: &[f64; DRAWS], indices: &[u16], draws: &mut [f64]) {
        let permutation = Permutation::new(self.key);
        let mut strata = [0u16; BLOCK];
        for (draws, indices) in draws.chunks_mut(BLOCK).zip(indices.chunks(BLOCK)) {
            let strata = &mut strata[..indices.len()];
            permutation.apply(indices, strata);
            for (draw, &stratum) in draws.iter_mut().zip(&*strata) {
                *draw = table[usize::from(stratum)];
            }
        }
    }

    /// Its least and its largest draw, which lie as many standard deviations out as the outermost
    /// stratum.
    pub(super) fn outermost(&self, quantile: f64) -> (f64, f64) {
        (self.at(-quantile), self.at(quantile))
    }

    #[inline]
    fn at(&self, z: f64) -> f64 {
        self.scaled(self.spread.factor(z))
    }

    #[inline(always)]
    fn scaled(&self, factor: f64) -> f64 {
        let most = self.most();
        let value = self.quantiles.p50 * factor;
        if value < most { value } else { most }
    }

    fn most(&self) -> f64 {
        if self.at_most_one { 1.0 } else { f64::MAX }
    }
}

/// `ln(a/b)`, also where the quotient is too large a number.
fn log_ratio(a: f64, b: f64) -> f64 {
    let ratio = a / b;
    if ratio.is_finite() {
        libm::log(ratio)
    } else {
        libm::log(a) - libm::log(b)
    }
}

/// The FNV-1a hash of a path, of 64 bits, and mixed so that similar paths share nothing
/// (Fowler, Noll, Vo; draft-eastlake-fnv).
fn hash(path: &str) -> u64 {
    let fnv = path.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(fnv, path.len() as u64)
}

/// How many draws are permuted at a time.
const BLOCK: usize = 64;

/// How many rounds a permutation has.
const ROUNDS: usize = 6;

/// An order of the strata, decided by a key: rounds of a multiplication with an odd number, an
/// addition and a shift, each of which can be undone, on 16 bits.
struct Permutation {
    rounds: [(u16, u16); ROUNDS],
}

impl Permutation {
    fn new(key: u64) -> Self {
        let mut rounds = [(0, 0); ROUNDS];
        for (i, round) in rounds.iter_mut().enumerate() {
            let bits = mix(key, i as u64);
            *round = (bits as u16 | 1, (bits >> 32) as u16);
        }
        Permutation { rounds }
    }

    /// The strata of the draws of some indices.
    #[inline]
    fn apply(&self, indices: &[u16], strata: &mut [u16]) {
        const { assert!(DRAWS == 1 << 16) };
        for (stratum, &index) in strata.iter_mut().zip(indices) {
            let mut x = index;
            for (multiplier, addend) in self.rounds {
                x = x.wrapping_mul(multiplier).wrapping_add(addend);
                x ^= x >> 7;
            }
            *stratum = x;
        }
    }
}
