//! `exp` written so that a compiler can vectorize it and every machine rounds it alike.

/// `e^x`, for `x` clamped to ±708; relative error below 4e-16 in that range.
///
/// The method and constants of fdlibm's `e_exp.c` (Sun Microsystems, 1993): `x = n·ln 2 + r` with
/// `|r| ≤ ln 2 / 2`, `e^r = 1 + r + r·c/(2 − c)` with `c = r − r²·P(r²)`, `P` minimax. Only
/// correctly rounded operations, without branches or fused steps: the same bits on every machine.
#[inline(always)]
pub(super) fn exponential(x: f64) -> f64 {
    /// 1.5·2⁵²: adding it leaves the nearest integer in the low bits of the sum.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, the first with so many trailing zero bits that `n·LN2_HIGH` is exact.
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const P1: f64 = 1.666_666_666_666_660_2e-1;
    const P2: f64 = -2.777_777_777_701_559_3e-3;
    const P3: f64 = 6.613_756_321_437_934e-5;
    const P4: f64 = -1.653_390_220_546_525_2e-6;
    const P5: f64 = 4.138_136_797_057_238_5e-8;

    let x = if x < 708.0 { x } else { 708.0 };
    let x = if x > -708.0 { x } else { -708.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let high = x - n * LN2_HIGH;
    let low = n * LN2_LOW;
    let r = high - low;
    let t = r * r;
    let c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
    let of_r = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
    of_r * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}
