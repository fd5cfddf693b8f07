//! A sum of floating-point numbers without rounding, from which numbers can be taken away again.

/// How many partial sums are kept. Six span at least 318 bits: sums of magnitudes that differ by
/// less than 10⁸⁰ are exact; beyond that the smallest part is rounded away.
const PARTS: usize = 6;

/// The exact sum of what was added, as numbers that do not overlap, smallest first.
///
/// Shewchuk, J. R. (1997), "Adaptive precision floating-point arithmetic and fast robust geometric
/// predicates", *Discrete & Computational Geometry* 18, 305–363 (grow-expansion with zero
/// elimination). Being exact, it does not depend on the order of what is added, and taking away
/// all that was added leaves exactly nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exact {
    parts: [f64; PARTS],
    len: u8,
}

impl Exact {
    /// Adds a finite number. A sum past the largest number stays there: totals are finite.
    pub(super) fn add(&mut self, value: f64) {
        let mut carried = value;
        let mut kept = 0;
        for i in 0..usize::from(self.len) {
            let part = self.parts[i];
            let total = carried + part;
            if total.is_infinite() {
                self.parts = [0.0; PARTS];
                self.parts[0] = f64::MAX.copysign(total);
                self.len = 1;
                return;
            }
            let of_part = total - carried;
            let lost = (carried - (total - of_part)) + (part - of_part);
            carried = total;
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
        }
        if carried != 0.0 {
            if kept == PARTS {
                self.parts.copy_within(1.., 0);
                kept -= 1;
            }
            self.parts[kept] = carried;
            kept += 1;
        }
        self.len = kept as u8;
    }

    /// The sum, rounded once: to the nearest number but for rare ties of three parts.
    pub(super) fn total(&self) -> f64 {
        let parts = &self.parts[..usize::from(self.len)];
        parts.iter().fold(0.0, |sum, part| sum + part)
    }

    /// Whether the sum is exactly nothing.
    pub(super) fn is_zero(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounding_would_lose_is_kept() {
        let mut sum = Exact::default();
        for value in [1e16, 1.0, 1e-16, -1e16, 1e30, -1.0, -1e30] {
            sum.add(value);
        }
        assert_eq!(sum.total(), 1e-16);
        sum.add(-1e-16);
        assert!(sum.is_zero());
    }

    #[test]
    fn more_parts_than_fit_lose_only_the_smallest() {
        let mut sum = Exact::default();
        for exponent in [-300, -240, -180, -120, -60, 0, 60, 120] {
            sum.add(libm::pow(10.0, f64::from(exponent)));
        }
        assert_eq!(sum.total(), 1e120);
        sum.add(-1e120);
        assert_eq!(sum.total(), 1e60);
    }

    #[test]
    fn sums_past_the_largest_number_stay_finite() {
        let mut sum = Exact::default();
        sum.add(f64::MAX);
        sum.add(f64::MAX);
        assert_eq!(sum.total(), f64::MAX);
    }
}
