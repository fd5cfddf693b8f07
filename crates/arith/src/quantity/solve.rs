//! Where a function that does not fall passes 1.

use super::ROUNDING;

/// A multiplier that does not break a limit is as good as none that does.
pub(super) const MOST: f64 = 1e6;
/// A limit in use up to the last of it, which fits.
pub(super) const FULL: f64 = 1.0 + ROUNDING;
/// Stands for multipliers that go to 0.
pub(super) const LEAST: f64 = 1e-12;

/// The largest `k` from [`LEAST`] to [`MOST`] with `utilization(k) ≤ 1` but for rounding, found from `start` to a
/// relative `tolerance`; nothing where all of them fit, 0 where none does. `utilization` must not
/// fall; it may jump, and be infinite.
///
/// Brackets by what a proportional function would ask for, then regula falsi in the Illinois
/// variant (Dowell and Jarratt 1971, *BIT* 11, 168–174), bisecting where that is slow.
pub(super) fn largest_fitting(
    start: f64,
    tolerance: f64,
    mut utilization: impl FnMut(f64) -> f64,
) -> Option<f64> {
    let first = End::new(start, utilization(start));
    match bracket(first, tolerance, &mut utilization) {
        Some(bracket) => Some(close(bracket, tolerance, utilization)),
        None => (!first.fits()).then_some(0.0),
    }
}

/// The same between a multiplier that fits and one that does not.
pub(super) fn narrow(
    low: f64,
    high: f64,
    tolerance: f64,
    mut utilization: impl FnMut(f64) -> f64,
) -> f64 {
    let low = End::new(low, utilization(low));
    let high = End::new(high, utilization(high));
    close((low, high), tolerance, utilization)
}

fn close(
    (mut low, mut high): (End, End),
    tolerance: f64,
    mut utilization: impl FnMut(f64) -> f64,
) -> f64 {
    let mut rounds = 0;
    let mut last_low = None;
    while high.k - low.k > tolerance * high.k && rounds < 200 {
        rounds += 1;
        let k = next(low, high, tolerance, rounds);
        if !(low.k < k && k < high.k) {
            break;
        }
        let end = End::new(k, utilization(k));
        let is_low = end.fits();
        // The end that stays twice in a row counts half, or the other would creep.
        let stays = last_low == Some(is_low);
        if is_low {
            low = end;
            high.over *= if stays { 0.5 } else { 1.0 };
        } else {
            high = end;
            low.over *= if stays { 0.5 } else { 1.0 };
        }
        last_low = Some(is_low);
    }
    low.k
}

/// An end of a bracket, and how far over 1 the function is there.
#[derive(Clone, Copy)]
struct End {
    k: f64,
    over: f64,
}

impl End {
    fn new(k: f64, utilization: f64) -> Self {
        End {
            k,
            over: utilization - 1.0,
        }
    }

    fn fits(self) -> bool {
        self.over <= ROUNDING
    }
}

/// A bracket whose lower end fits: upwards from an end that does, downwards from one that does not.
fn bracket(
    mut from: End,
    tolerance: f64,
    utilization: &mut impl FnMut(f64) -> f64,
) -> Option<(End, End)> {
    let fits = from.fits();
    let mut stretch = 8.0 * tolerance;
    while (!fits || from.k < MOST) && (fits || from.k > LEAST) {
        let proportional = from.k / (1.0 + from.over);
        let k = if fits {
            (proportional.min(16.0 * from.k) * (1.0 + stretch)).min(MOST)
        } else {
            (proportional.max(from.k / 16.0) / (1.0 + stretch)).max(LEAST)
        };
        let end = End::new(k, utilization(k));
        match (fits, end.fits()) {
            (true, false) => return Some((from, end)),
            (false, true) => return Some((end, from)),
            _ => from = end,
        }
        stretch = (stretch * 8.0).min(15.0);
    }
    None
}

/// Where to look next: where a straight line passes 1, but at least most of a tolerance away from
/// either end, so that the bracket closes around what is found.
fn next(low: End, high: End, tolerance: f64, rounds: usize) -> f64 {
    let width = high.k - low.k;
    let slope = high.over - low.over;
    let middle = if high.k > 4.0 * low.k {
        (low.k * high.k).sqrt()
    } else {
        low.k + 0.5 * width
    };
    if !slope.is_finite() || slope <= 0.0 || rounds.is_multiple_of(4) {
        return middle;
    }
    let step = (0.9 * tolerance * high.k).min(0.5 * width);
    (low.k - low.over / slope * width).clamp(low.k + step, high.k - step)
}
