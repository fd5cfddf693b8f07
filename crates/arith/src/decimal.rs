//! Numbers as decimals.

/// A finite number that is at least 0 as the shortest decimal that reads back as it:
/// `mantissa · 10^exponent`, the mantissa below 10^17.
pub fn decimal_parts(value: f64) -> (u64, i32) {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}").parse().unwrap_or(0);
    let places = i32::try_from(fraction.len()).unwrap_or(0);
    (digits, exponent.parse::<i32>().unwrap_or(0) - places)
}
