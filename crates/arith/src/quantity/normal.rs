//! The quantiles of the standard normal distribution at the midpoints of equally likely strata.

// The constants stand as they are published.
#![allow(clippy::excessive_precision)]

use std::sync::OnceLock;

use super::DRAWS;

/// `Φ⁻¹(p)`, the standard normal quantile, for `1e-11 < p < 1 − 1e-11`.
///
/// Wichura, M. J. (1988), "Algorithm AS 241: The percentage points of the normal distribution",
/// *Applied Statistics* 37(3), 477–484, routine PPND16: relative error about 1e-16. The third of
/// its rational functions, for tails beyond e⁻²⁵, is left out: no stratum lies there.
fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&CENTRE_TOP, r) / polynomial(&CENTRE_BOTTOM, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt() - 1.6;
    let z = polynomial(&TAIL_TOP, r) / polynomial(&TAIL_BOTTOM, r);
    if q < 0.0 { -z } else { z }
}

/// `coefficients[0] + coefficients[1]·x + …`, by Horner's rule.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

const CENTRE_TOP: [f64; 8] = [
    3.387_132_872_796_366_608,
    1.331_416_678_917_843_774_5e2,
    1.971_590_950_306_551_442_7e3,
    1.373_169_376_550_946_112_5e4,
    4.592_195_393_154_987_145_7e4,
    6.726_577_092_700_870_085_3e4,
    3.343_057_558_358_812_810_5e4,
    2.509_080_928_730_122_672_7e3,
];
const CENTRE_BOTTOM: [f64; 8] = [
    1.0,
    4.231_333_070_160_091_125_2e1,
    6.871_870_074_920_579_083e2,
    5.394_196_021_424_751_107_7e3,
    2.121_379_430_158_659_586_7e4,
    3.930_789_580_009_271_061e4,
    2.872_908_573_572_194_267_4e4,
    5.226_495_278_852_854_561e3,
];
const TAIL_TOP: [f64; 8] = [
    1.423_437_110_749_683_577_34,
    4.630_337_846_156_545_295_9,
    5.769_497_221_460_691_405_5,
    3.647_848_324_763_204_605_04,
    1.270_458_252_452_368_382_58,
    2.417_807_251_774_506_117_7e-1,
    2.272_384_498_926_918_458_33e-2,
    7.745_450_142_783_414_076_4e-4,
];
const TAIL_BOTTOM: [f64; 8] = [
    1.0,
    2.053_191_626_637_758_821_87,
    1.676_384_830_183_803_849_4,
    6.897_673_349_851_000_045_5e-1,
    1.481_039_764_274_800_745_9e-1,
    1.519_866_656_361_645_719_66e-2,
    5.475_938_084_995_344_946e-4,
    1.050_750_071_644_416_843_24e-9,
];

/// `Φ⁻¹((j + 0.5) / DRAWS)` for every `j`: computed once in a process, on first use, so that a
/// model without uncertainty never pays for it. Exactly antisymmetric.
pub(super) fn normal_quantiles() -> &'static [f64; DRAWS] {
    static TABLE: OnceLock<Box<[f64; DRAWS]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Box::new([0.0; DRAWS]);
        for j in 0..DRAWS / 2 {
            let z = normal_quantile((j as f64 + 0.5) / DRAWS as f64);
            table[j] = z;
            table[DRAWS - 1 - j] = -z;
        }
        table
    })
}

/// The last of [`normal_quantiles`]: how far out the outermost draw lies.
pub(super) fn highest_quantile() -> f64 {
    -normal_quantile(0.5 / DRAWS as f64)
}
