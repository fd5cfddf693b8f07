//! Functions that a graph only knows by their values: what a month's credits cost in packs.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

/// How many values of a dear function are worked out of each octave.
const VALUES: usize = 512;
/// After how many values that could not be found a table takes what it has.
const UNSOLVED: usize = 4;
/// The octaves that have tables, from `2^LOWEST` on. Outside nobody counts much.
const LOWEST: i32 = -32;
const OCTAVES: usize = 128;

/// A function that is 0 or more and does not fall.
pub trait Curve: Debug + Send + Sync {
    /// Its value from 0 on; nothing where it takes too long to find.
    fn at(&self, x: f64) -> Option<f64>;

    /// Whether values take so long that draws are read from a table: exact where a step function
    /// has few steps, and a straight line between two values that are closer than 1% elsewhere.
    fn is_dear(&self) -> bool;
}

/// A curve with its tables, one an octave, each made when first asked for. A table hangs on its
/// octave alone, so that it is the same whoever asks first.
#[derive(Debug)]
pub(super) struct Tabled {
    pub(super) key: Box<str>,
    curve: Arc<dyn Curve>,
    octaves: Vec<OnceLock<Vec<(f64, f64)>>>,
}

impl Tabled {
    pub(super) fn new(key: &str, curve: &Arc<dyn Curve>) -> Self {
        let octaves = if curve.is_dear() { OCTAVES } else { 0 };
        Self {
            key: key.into(),
            curve: curve.clone(),
            octaves: (0..octaves).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The value, where it can be found, else 0.
    pub(super) fn exact(&self, x: f64) -> f64 {
        self.curve.at(x.max(0.0)).unwrap_or(0.0)
    }

    /// The values of draws.
    pub(super) fn draws(&self, xs: &[f64], out: &mut [f64]) {
        for (x, out) in xs.iter().zip(out) {
            *out = self.of_draw(x.max(0.0));
        }
    }

    fn of_draw(&self, x: f64) -> f64 {
        // The exponent of a number is its octave.
        let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
        let octave = usize::try_from(exponent - LOWEST).unwrap_or(usize::MAX);
        match self.octaves.get(octave) {
            Some(table) => between(table.get_or_init(|| self.table(exponent)), x),
            None => self.exact(x),
        }
    }

    /// Values from `2^exponent` to twice that: where the function changes, halves are halved
    /// again until the table is full.
    fn table(&self, exponent: i32) -> Vec<(f64, f64)> {
        let mut unsolved = 0;
        let mut value = |x: f64| {
            let value = self.curve.at(x);
            unsolved += usize::from(value.is_none());
            ((x, value.unwrap_or(0.0)), unsolved < UNSOLVED)
        };
        let low = libm::exp2(f64::from(exponent));
        let (low, high) = (value(low).0, value(2.0 * low).0);
        let mut values = vec![low, high];
        let mut open = VecDeque::from([(low, high)]);
        while let Some((low, high)) = open.pop_front() {
            let middle = low.0 + 0.5 * (high.0 - low.0);
            let is_flat = low.1 == high.1;
            if values.len() >= VALUES || is_flat || middle <= low.0 || middle >= high.0 {
                continue;
            }
            let (middle, goes_on) = value(middle);
            values.push(middle);
            if !goes_on {
                break;
            }
            open.extend([(low, middle), (middle, high)]);
        }
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        values
    }
}

/// What a table has at `x`, on a straight line between its neighbours.
fn between(table: &[(f64, f64)], x: f64) -> f64 {
    let at = table.partition_point(|(known, _)| *known < x);
    let above = table.get(at).copied().unwrap_or_default();
    let below = at.checked_sub(1).and_then(|at| table.get(at)).copied();
    match below {
        Some(below) if above.0 > x && below.1 != above.1 => {
            let share = (x - below.0) / (above.0 - below.0);
            below.1 + share * (above.1 - below.1)
        }
        _ => above.1,
    }
}
