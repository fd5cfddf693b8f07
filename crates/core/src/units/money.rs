//! Money, exactly.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::number::{Literal, shown};

/// The most digits that a decimal holds.
const MOST_DIGITS: usize = 29;

/// An amount in the project's currency: an exact decimal, at least 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub Decimal);

impl Money {
    /// Reads the source text of a TOML number, so that `1499.50` is exactly that.
    /// Fails where it is no number, negative, or has more digits than a decimal holds (28 places,
    /// or about 7.9 · 10^28).
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let beyond = || {
            format!(
                "{} is too large or too precise for an amount of money: write at most 28 digits",
                shown(text)
            )
        };
        let Literal { digits, exponent } = Literal::parse(text)?;
        let significant = digits.trim_start_matches('0');
        let stripped = significant.trim_end_matches('0');
        if stripped.is_empty() {
            return Ok(Self(Decimal::ZERO));
        }
        let zeros = i64::try_from(significant.len() - stripped.len()).map_err(|_| beyond())?;
        let exponent = exponent.saturating_add(zeros);
        if stripped.len() > MOST_DIGITS || exponent.unsigned_abs() > 28 {
            return Err(beyond());
        }
        let mut coefficient: i128 = stripped.parse().map_err(|_| beyond())?;
        let mut scale = 0;
        if exponent < 0 {
            scale = u32::try_from(-exponent).map_err(|_| beyond())?;
        } else {
            for _ in 0..exponent {
                coefficient = coefficient.checked_mul(10).ok_or_else(beyond)?;
            }
        }
        Decimal::try_from_i128_with_scale(coefficient, scale)
            .map(Self)
            .map_err(|_| beyond())
    }

    /// The nearest binary number: for quotients and for drawing, never for sums of money.
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(f64::INFINITY)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
