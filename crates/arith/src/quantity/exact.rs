//! A sum of floating-point numbers without rounding, from which numbers can be taken away again.

/// How many partial sums are kept. Packed, six hold at least 313 bits: sums of numbers whose
/// magnitudes differ by less than 10⁷⁸ are exact; beyond that the smallest part is rounded away.
const PARTS: usize = 6;

/// The exact sum of what was added, as numbers that do not overlap, smallest first, none of them 0.
///
/// Shewchuk, J. R. (1997), "Adaptive precision floating-point arithmetic and fast robust geometric
/// predicates", *Discrete & Computational Geometry* 18, 305–363: grow-expansion with zero
/// elimination, and compression. Being exact, it does not depend on the order of what is added, and
/// taking away all that was added leaves exactly nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ExactSum {
    parts: [f64; PARTS],
    len: u8,
}

impl ExactSum {
    /// Adds a finite number. A sum past the largest number stays there: totals are finite.
    pub(super) fn add(&mut self, value: f64) {
        let mut carried = value;
        let mut kept = 0;
        for i in 0..usize::from(self.len) {
            let (total, lost) = two_sum(carried, self.parts[i]);
            if total.is_infinite() {
                self.parts[0] = f64::MAX.copysign(total);
                self.len = 1;
                return;
            }
            carried = total;
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
        }
        if carried != 0.0 && kept == PARTS {
            kept = self.pack(carried);
        } else if carried != 0.0 {
            self.parts[kept] = carried;
            kept += 1;
        }
        self.len = kept as u8;
    }

    /// Makes room for one part more, the largest, and returns how many there are then.
    #[cold]
    fn pack(&mut self, largest: f64) -> usize {
        let mut parts = [0.0; PARTS + 1];
        parts[..PARTS].copy_from_slice(&self.parts);
        parts[PARTS] = largest;
        let packed = compress(&mut parts);
        let len = packed.min(PARTS);
        self.parts[..len].copy_from_slice(&parts[packed - len..packed]);
        len
    }

    /// The sum, rounded once to the nearest number.
    pub(super) fn total(&self) -> f64 {
        let mut parts = self.parts().iter().rev();
        let mut total = 0.0;
        for &part in parts.by_ref() {
            let (sum, lost) = two_sum(total, part);
            total = sum;
            if lost != 0.0 {
                // Half-way between two numbers the parts that follow decide.
                let next = parts.next().copied().unwrap_or(0.0);
                let (up, error) = two_sum(total, 2.0 * lost);
                return if lost * next > 0.0 && error == 0.0 {
                    up
                } else {
                    total
                };
            }
        }
        total
    }

    /// Whether the sum is exactly nothing.
    pub(super) fn is_zero(&self) -> bool {
        self.len == 0
    }

    fn parts(&self) -> &[f64] {
        &self.parts[..usize::from(self.len)]
    }
}

/// The sum of two numbers, and what it lost to rounding (Knuth's TwoSum).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    let of_b = total - a;
    (total, (a - (total - of_b)) + (b - of_b))
}

/// Packs parts into as few as hold them, and returns how many these are.
fn compress<const N: usize>(parts: &mut [f64; N]) -> usize {
    let mut packed = [0.0; N];
    let mut bottom = N - 1;
    let mut carried = parts[N - 1];
    for &part in parts[..N - 1].iter().rev() {
        let (total, lost) = two_sum(carried, part);
        carried = total;
        if lost != 0.0 {
            packed[bottom] = total;
            bottom -= 1;
            carried = lost;
        }
    }
    let mut len = 0;
    for &part in &packed[bottom + 1..] {
        let (total, lost) = two_sum(part, carried);
        carried = total;
        if lost != 0.0 {
            parts[len] = lost;
            len += 1;
        }
    }
    parts[len] = carried;
    len + 1
}
