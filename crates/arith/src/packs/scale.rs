//! Credits and prices as whole numbers, and back.

use rust_decimal::Decimal;

use super::Pack;
use super::search::Item;
use crate::decimal::decimal_parts;

/// Whole numbers of packs stay below this, so that a product of two fits 128 bits.
const LARGEST: u128 = 1 << 63;

/// What one whole unit of credits and of price stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// One unit of credits is `credits_step · 10^-credits_places`.
    credits_step: u128,
    credits_places: i32,
    /// One unit of price is `price_step · 10^-price_places`.
    price_step: u128,
    price_places: u32,
}

impl Scale {
    /// The scale in which the packs' credits and prices are whole and without a common divisor,
    /// and the packs that can be bought in it. Nothing where they don't fit.
    pub(super) fn of(packs: &[Pack]) -> Option<(Self, Vec<Item>)> {
        let mut kept = Vec::new();
        for (index, pack) in packs.iter().enumerate() {
            let valid = pack.credits.is_finite() && pack.credits >= 0.0;
            if !valid || pack.price < Decimal::ZERO {
                return None;
            }
            let max = pack.max.unwrap_or(u64::MAX);
            if pack.credits > 0.0 && max > 0 {
                kept.push((
                    index,
                    decimal_parts(pack.credits),
                    pack.price.normalize(),
                    max,
                ));
            }
        }
        let credits_places = kept
            .iter()
            .map(|(_, (_, exponent), ..)| -exponent)
            .max()
            .unwrap_or(0);
        let price_places = kept
            .iter()
            .map(|(_, _, price, _)| price.scale())
            .max()
            .unwrap_or(0);
        let mut whole = Vec::with_capacity(kept.len());
        for (index, (mantissa, exponent), price, max) in kept {
            let units = times_ten_to(u128::from(mantissa), exponent + credits_places)?;
            let price_whole = u128::try_from(price.mantissa()).ok()?;
            let minor = times_ten_to(
                price_whole,
                i32::try_from(price_places - price.scale()).ok()?,
            )?;
            whole.push((index, units, minor, max));
        }
        let credits_step = whole
            .iter()
            .fold(0, |step, (_, units, ..)| gcd(step, *units))
            .max(1);
        let price_step = whole
            .iter()
            .fold(0, |step, (_, _, minor, _)| gcd(step, *minor))
            .max(1);
        let mut items = Vec::with_capacity(whole.len());
        for (index, units, minor, max) in whole {
            let (units, price) = (units / credits_step, minor / price_step);
            if units >= LARGEST || price >= LARGEST {
                return None;
            }
            let (units, price) = (u64::try_from(units).ok()?, u64::try_from(price).ok()?);
            items.push(Item {
                index,
                units,
                price,
                max,
            });
        }
        Some((
            Self {
                credits_step,
                credits_places,
                price_step,
                price_places,
            },
            items,
        ))
    }

    /// The fewest units that hold so many credits; nothing beyond 128 bits.
    pub(super) fn units(&self, credits: f64) -> Option<u128> {
        let (mantissa, exponent) = decimal_parts(credits);
        let mantissa = u128::from(mantissa);
        let power = exponent.saturating_add(self.credits_places);
        let whole = if power >= 0 {
            times_ten_to(mantissa, power)?
        } else {
            // Rounding up twice is rounding up once, the second divisor being whole.
            match times_ten_to(1, power.saturating_neg()) {
                Some(divisor) => mantissa.div_ceil(divisor),
                None => u128::from(mantissa > 0),
            }
        };
        Some(whole.div_ceil(self.credits_step))
    }

    /// So many units as credits, correctly rounded.
    pub(super) fn credits(&self, units: u128) -> f64 {
        units
            .checked_mul(self.credits_step)
            .map_or(f64::INFINITY, |whole| read(whole, self.credits_places))
    }

    /// So many units as credits, rounded towards 0.
    pub(super) fn credits_below(&self, units: u128) -> f64 {
        let credits = self.credits(units);
        let too_many = self.units(credits).is_none_or(|rounded| rounded > units);
        if too_many && credits > 0.0 {
            credits.next_down()
        } else {
            credits
        }
    }

    /// The credits past a need that units hold, correctly rounded.
    pub(super) fn left_over(&self, units: u128, need: f64) -> f64 {
        let (mantissa, exponent) = decimal_parts(need);
        let places = self.credits_places.max(-exponent);
        let exact = || {
            let have = units.checked_mul(self.credits_step)?;
            let have = times_ten_to(have, places - self.credits_places)?;
            let need = times_ten_to(u128::from(mantissa), exponent.checked_add(places)?)?;
            have.checked_sub(need)
        };
        exact().map_or_else(
            || (self.credits(units) - need).max(0.0),
            |whole| read(whole, places),
        )
    }

    /// So many units of price as money; nothing beyond a decimal.
    pub(super) fn price(&self, units: u128) -> Option<Decimal> {
        let whole = i128::try_from(units.checked_mul(self.price_step)?).ok()?;
        let mut places = self.price_places;
        let mut whole = whole;
        while places > 0 && whole % 10 == 0 {
            whole /= 10;
            places -= 1;
        }
        Decimal::try_from_i128_with_scale(whole, places).ok()
    }

    /// The most units of price within a budget.
    pub(super) fn budget(&self, budget: Decimal) -> Option<u128> {
        if budget <= Decimal::ZERO {
            return Some(0);
        }
        let budget = budget.normalize();
        let whole = u128::try_from(budget.mantissa()).ok()?;
        let power = i32::try_from(self.price_places).ok()? - i32::try_from(budget.scale()).ok()?;
        let whole = if power >= 0 {
            times_ten_to(whole, power)?
        } else {
            whole / times_ten_to(1, -power)?
        };
        Some(whole / self.price_step)
    }
}

/// `whole · 10^power` for a power of at least 0, where it fits.
fn times_ten_to(whole: u128, power: i32) -> Option<u128> {
    if whole == 0 {
        return Some(0);
    }
    whole.checked_mul(10_u128.checked_pow(u32::try_from(power).ok()?)?)
}

/// `whole · 10^-places`, correctly rounded.
fn read(whole: u128, places: i32) -> f64 {
    format!("{whole}e{}", -places)
        .parse()
        .unwrap_or(f64::INFINITY)
}

/// The greatest common divisor; of 0 and a number the number.
pub(super) fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
