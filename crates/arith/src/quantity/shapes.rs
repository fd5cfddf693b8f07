//! What variables share whose quantiles lie equally far apart, in proportion.
//!
//! Their draws are the same factors times each one's median, in orders of their own. Where many
//! variables have one shape, the exponentials behind the factors are computed once for all of
//! them. Every draw has the same bits either way.

use std::sync::{Arc, OnceLock};

use super::DRAWS;
use super::exponential::exponential;
use super::normal::normal_quantiles;
use crate::collections::IndexMap;

/// So many variables of one shape have their factors kept.
const MANY: usize = 4;
/// The most shapes whose factors are kept: 16 MiB of them.
const KEPT: usize = 32;

/// How far draws lie from the median.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    /// `s` where `z ≥ 0`.
    pub(super) up: f64,
    /// `s` where `z < 0`.
    pub(super) down: f64,
}

impl Spread {
    /// A draw over the median.
    #[inline(always)]
    pub(super) fn factor(self, z: f64) -> f64 {
        let s = if z < 0.0 { self.down } else { self.up };
        exponential(s * z)
    }
}

/// The shapes of a graph's variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    all: IndexMap<(u64, u64), Shape>,
    kept: usize,
}

#[derive(Clone, Debug)]
struct Shape {
    spread: Spread,
    variables: usize,
    is_kept: bool,
    /// By stratum.
    factors: OnceLock<Arc<[f64; DRAWS]>>,
}

impl Shapes {
    /// Adds a variable, and returns the place of its shape.
    pub(super) fn join(&mut self, spread: Spread) -> usize {
        let key = (spread.up.to_bits(), spread.down.to_bits());
        let entry = self.all.entry(key);
        let place = entry.index();
        let shape = entry.or_insert_with(|| Shape {
            spread,
            variables: 0,
            is_kept: false,
            factors: OnceLock::new(),
        });
        shape.variables += 1;
        if !shape.is_kept && shape.variables >= MANY && self.kept < KEPT {
            shape.is_kept = true;
            self.kept += 1;
        }
        place
    }

    /// The factors of a shape's strata, where many variables have it.
    pub(super) fn factors(&self, place: usize) -> Option<&[f64; DRAWS]> {
        let shape = &self.all[place];
        let compute = || {
            let mut factors = Box::new(*normal_quantiles());
            for factor in factors.iter_mut() {
                *factor = shape.spread.factor(*factor);
            }
            Arc::from(factors)
        };
        let factors = || &**shape.factors.get_or_init(compute);
        shape.is_kept.then(factors)
    }
}
