//! `exp` written so that a compiler can vectorize it and every machine rounds it alike.

/// `e^x`, for `x` clamped to ±708; relative error below 1e-15 in that range.
///
/// `x = n·ln 2 + r` with `|r| ≤ ln 2 / 2`; `e^r` by its Taylor polynomial of degree 13, whose
/// first omitted term is below 5e-18; `2^n` assembled from bits. Only additions, multiplications
/// and bit operations, without branches or fused steps: the same bits on every machine.
#[inline(always)]
pub(super) fn exponential(x: f64) -> f64 {
    /// 1.5·2⁵²: adding it leaves the nearest integer in the low bits of the sum.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, the first with 21 trailing zero bits, so that `n·LN2_HIGH` is exact
    /// (the constants of fdlibm's e_exp.c).
    const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;

    let x = if x < 708.0 { x } else { 708.0 };
    let x = if x > -708.0 { x } else { -708.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut sum = 1.0 / 6_227_020_800.0;
    sum = sum * r + 1.0 / 479_001_600.0;
    sum = sum * r + 1.0 / 39_916_800.0;
    sum = sum * r + 1.0 / 3_628_800.0;
    sum = sum * r + 1.0 / 362_880.0;
    sum = sum * r + 1.0 / 40_320.0;
    sum = sum * r + 1.0 / 5_040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    sum = sum * r * r + r + 1.0;
    sum * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm() {
        let mut worst: f64 = 0.0;
        for i in -700_000..=700_000 {
            let x = f64::from(i) * 1.000_37e-3;
            worst = worst.max((exponential(x) / libm::exp(x) - 1.0).abs());
        }
        assert!(worst < 1e-15, "{worst}");
    }

    #[test]
    fn is_exact_at_zero_and_finite_everywhere() {
        assert_eq!(exponential(0.0), 1.0);
        for x in [f64::INFINITY, 1e300, -1e300, f64::NEG_INFINITY] {
            let value = exponential(x);
            assert!(value.is_finite() && value > 0.0, "{x}: {value}");
        }
    }
}
