//! Ratios: `0.75`, `75%`.

use std::fmt;

use super::number::{Quantity, count, malformed, shown};
use crate::decimal::decimal_parts;

const ACCEPTED: &str = "`0.75` or `\"75%\"`";

/// A share or a factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ratio(
    /// Its value, 1 being the whole: finite and at least 0.
    pub f64,
);

impl Ratio {
    /// A ratio from a bare number.
    pub fn from_number(value: f64) -> Result<Self, String> {
        count(value).map(Self)
    }

    /// Reads a percentage; a string needs its `%`, so that `"75"` is no question.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let number = Quantity::split(text, "a ratio", "`75%`")?;
        match number.rest.trim_start() {
            "%" => number.times_ten_to(-2).map(Self),
            "" => {
                let text = shown(text);
                Err(format!(
                    "{text} in quotes has no `%`: write a ratio as {ACCEPTED}"
                ))
            }
            _ => Err(malformed(text, "a ratio", ACCEPTED)),
        }
    }
}

impl fmt::Display for Ratio {
    /// A percentage. The decimal point is moved in the text, so that nothing is rounded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, exponent) = decimal_parts(self.0);
        if mantissa == 0 {
            return f.write_str("0%");
        }
        let exponent = exponent + 2;
        let digits = mantissa.to_string();
        let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
        if exponent >= 0 {
            return write!(f, "{digits}{}%", "0".repeat(places));
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{whole}.{fraction}%")
    }
}
