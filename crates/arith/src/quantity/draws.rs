//! The draws of uncertain variables.

use super::exponential::exponential;
use super::interning::mix;
use super::normal::normal_quantiles;
use super::{DRAWS, Quantiles, Z90};

/// An uncertain variable: split lognormal, see [`Quantiles`].
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) quantiles: Quantiles,
    pub(super) at_most_one: bool,
    /// Of its path.
    key: u64,
    /// `s` where `z ≥ 0`.
    up: f64,
    /// `s` where `z < 0`.
    down: f64,
}

impl Variable {
    /// The quantiles must be in order, positive and finite.
    pub(super) fn new(path: &str, quantiles: Quantiles, at_most_one: bool) -> Self {
        let Quantiles { p10, p50, p90 } = quantiles;
        let up = log_ratio(p90, p50) / Z90;
        let down = log_ratio(p50, p10) / Z90;
        Variable {
            quantiles,
            at_most_one,
            key: hash(path),
            up,
            down,
        }
    }

    /// Its value where every variable is at its median.
    pub(super) fn median(&self) -> f64 {
        self.quantiles.p50.min(self.most())
    }

    /// A hash that tells it from other variables.
    pub(super) fn hash(&self) -> u64 {
        let Quantiles { p10, p50, p90 } = self.quantiles;
        let of_quantiles = mix(mix(p10.to_bits(), p50.to_bits()), p90.to_bits());
        mix(self.key, of_quantiles ^ u64::from(self.at_most_one))
    }

    /// Its draws of some indices.
    pub(super) fn draw(&self, indices: &[u16], draws: &mut [f64]) {
        let table = normal_quantiles();
        let permutation = Permutation::new(self.key);
        let mut strata = [0u16; BLOCK];
        for (draws, indices) in draws.chunks_mut(BLOCK).zip(indices.chunks(BLOCK)) {
            let strata = &mut strata[..indices.len()];
            permutation.apply(indices, strata);
            for (draw, &stratum) in draws.iter_mut().zip(&*strata) {
                *draw = table[usize::from(stratum)];
            }
        }
        for draw in draws {
            *draw = self.at(*draw);
        }
    }

    /// Its least and its largest draw, which lie as many standard deviations out as the outermost
    /// stratum.
    pub(super) fn outermost(&self, quantile: f64) -> (f64, f64) {
        (self.at(-quantile), self.at(quantile))
    }

    #[inline]
    fn at(&self, z: f64) -> f64 {
        let most = self.most();
        let s = if z < 0.0 { self.down } else { self.up };
        let value = self.quantiles.p50 * exponential(s * z);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(path: &str) -> Vec<u16> {
        let indices: Vec<u16> = (0..=u16::MAX).collect();
        let mut strata = vec![0; DRAWS];
        Permutation::new(hash(path)).apply(&indices, &mut strata);
        strata
    }

    /// Uniform on −1 to 1 with variance 1/3.
    fn centred(stratum: u16) -> f64 {
        (f64::from(stratum) + 0.5) / 32_768.0 - 1.0
    }

    #[test]
    fn every_stratum_occurs_once() {
        for path in ["", "a", "features.chat.calls.openai.rate", "é"] {
            let mut seen = strata(path);
            seen.sort_unstable();
            assert!(
                seen.iter()
                    .enumerate()
                    .all(|(i, &stratum)| i == usize::from(stratum))
            );
        }
    }

    /// Of independent orders the correlation of two is about normal with a standard deviation of
    /// 1/256; so is that of products of three, scaled.
    #[test]
    fn orders_are_as_good_as_independent() {
        let all: Vec<Vec<f64>> = (0..48)
            .map(|i| {
                strata(&format!("features.f{i}.rate"))
                    .into_iter()
                    .map(centred)
                    .collect()
            })
            .collect();
        let mut squares = Vec::new();
        let mut worst: f64 = 0.0;
        let mut see = |moment: f64| {
            let errors = moment * 256.0;
            squares.push(errors * errors);
            worst = worst.max(errors.abs());
        };
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all[..i].iter().enumerate() {
                let two: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                see(two * 3.0 / DRAWS as f64);
                let c = &all[(i * 7 + j * 3 + 1) % all.len()];
                if (i * 7 + j * 3 + 1) % all.len() != i && (i * 7 + j * 3 + 1) % all.len() != j {
                    let three: f64 = a.iter().zip(b).zip(c).map(|((a, b), c)| a * b * c).sum();
                    see(three * 27f64.sqrt() / DRAWS as f64);
                }
            }
        }
        let mean_square = squares.iter().sum::<f64>() / squares.len() as f64;
        assert!((0.9..1.1).contains(&mean_square), "{mean_square}");
        assert!(worst < 5.0, "{worst} standard errors");
    }

    /// Cells of a 16 × 16 grid hold about as many pairs of two variables each.
    #[test]
    fn pairs_fill_the_plane_evenly() {
        let orders: Vec<Vec<u16>> = (0..24).map(|i| strata(&format!("tiers.t{i}"))).collect();
        for (a, b) in orders.iter().zip(&orders[1..]) {
            let mut cells = [0.0f64; 256];
            for (a, b) in a.iter().zip(b) {
                cells[usize::from(a >> 12 << 4 | b >> 12)] += 1.0;
            }
            let chi_square: f64 = cells
                .iter()
                .map(|n| (n - 256.0) * (n - 256.0) / 256.0)
                .sum();
            // With 225 degrees of freedom: mean 225, standard deviation 21.
            assert!((120.0..340.0).contains(&chi_square), "{chi_square}");
        }
    }

    #[test]
    fn draws_are_clamped_and_positive() {
        let quantiles = Quantiles {
            p10: 1e-300,
            p50: 0.9,
            p90: 1e300,
        };
        let indices: Vec<u16> = (0..=u16::MAX).collect();
        let mut draws = vec![0.0; DRAWS];
        Variable::new("a", quantiles, true).draw(&indices, &mut draws);
        assert!(draws.iter().all(|&draw| 0.0 < draw && draw <= 1.0));
        assert_eq!(draws.iter().filter(|&&draw| draw > 0.9).count(), DRAWS / 2);
        Variable::new("a", quantiles, false).draw(&indices, &mut draws);
        assert!(draws.iter().all(|&draw| 0.0 < draw && draw < f64::INFINITY));
    }

    /// So that a change of the generator, which would move every report, does not go unnoticed.
    #[test]
    fn draws_are_these() {
        let quantiles = Quantiles {
            p10: 50.0,
            p50: 100.0,
            p90: 300.0,
        };
        let variable = Variable::new("tiers.pro.tenants", quantiles, false);
        let mut draws = [0.0; 3];
        variable.draw(&[0, 1, 65_535], &mut draws);
        assert_eq!(
            draws,
            [
                76.630_845_867_444_98,
                81.815_934_099_958_55,
                144.657_652_705_749_2
            ]
        );
    }
}
