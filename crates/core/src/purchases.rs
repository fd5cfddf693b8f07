//! What to buy of metered APIs: how much, in which packs, and when.
//!
//! Credits and money are decimals here, never binary floats: what finance pays is what this says.

pub(crate) mod cover;

use rust_decimal::Decimal;

/// The decimal that a float is written as; nothing beyond what a decimal holds.
pub(crate) fn decimal(number: f64) -> Option<Decimal> {
    format!("{number}").parse().ok()
}
