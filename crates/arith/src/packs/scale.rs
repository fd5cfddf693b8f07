//! Credits and prices as whole numbers, and back.

use rust_decimal::Decimal;

use super::Pack;
use super::search::Item;
use crate::decimal::decimal_parts;

/// Whole numbers of packs stay below this, so that a product of two fits 128 bits.
const LARGEST: u128 = 1 << 63;

/// What one whole unit stands for: `step · 10^-places`.
#[derive(Clone, Copy, Debug)]
struct Unit {
    step: u128,
    places: i32,
}

impl Unit {
    /// Decimals, each a mantissa and an exponent, as whole numbers without a common divisor.
    /// Nothing where they don't fit.
    fn of(decimals: &[(u128, i32)]) -> Option<(Self, Vec<u128>)> {
        let places = decimals.iter().map(|(_, exponent)| -exponent).max();
        let places = places.unwrap_or(0);
        let whole = |(mantissa, exponent): &_| times_ten_to(*mantissa, exponent + places);
        let whole: Vec<u128> = decimals.iter().map(whole).collect::<Option<_>>()?;
        let step = whole.iter().fold(0, |step, one| gcd(step, *one)).max(1);
        let units: Vec<u128> = whole.iter().map(|one| one / step).collect();
        let fit = units.iter().all(|units| *units < LARGEST);
        fit.then_some((Self { step, places }, units))
    }
}

/// What one whole unit of credits and of price stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    credits: Unit,
    price: Unit,
}

impl Scale {
    /// The scale in which the packs' credits and prices are whole and without a common divisor,
    /// and the packs that can be bought in it. Nothing where they don't fit.
    pub(super) fn of(packs: &[Pack]) -> Option<(Self, Vec<Item>)> {
        let is_valid = |pack: &Pack| {
            pack.credits.is_finite() && pack.credits >= 0.0 && pack.price >= Decimal::ZERO
        };
        if !packs.iter().all(is_valid) {
            return None;
        }
        let sold = |pack: &Pack| pack.credits > 0.0 && pack.max != Some(0);
        let kept = packs.iter().enumerate().filter(|(_, pack)| sold(pack));
        let (mut credits, mut prices) = (Vec::new(), Vec::new());
        for (_, pack) in kept.clone() {
            let (mantissa, exponent) = decimal_parts(pack.credits);
            credits.push((mantissa.into(), exponent));
            let price = pack.price.normalize();
            let exponent = -i32::try_from(price.scale()).ok()?;
            prices.push((price.mantissa().unsigned_abs(), exponent));
        }
        let (credits, units) = Unit::of(&credits)?;
        let (price, prices) = Unit::of(&prices)?;
        let items = kept
            .zip(units.into_iter().zip(prices))
            .map(|((index, pack), (units, price))| Item {
                index,
                units,
                price,
                max: pack.max.unwrap_or(u64::MAX),
            })
            .collect();
        Some((Self { credits, price }, items))
    }

    /// The fewest units that hold so many credits; nothing beyond 128 bits.
    pub(super) fn units(&self, credits: f64) -> Option<u128> {
        let (mantissa, exponent) = decimal_parts(credits);
        let mantissa = u128::from(mantissa);
        let power = exponent.saturating_add(self.credits.places);
        let whole = if power >= 0 {
            times_ten_to(mantissa, power)?
        } else {
            // Rounding up twice is rounding up once, the second divisor being whole.
            match times_ten_to(1, power.saturating_neg()) {
                Some(divisor) => mantissa.div_ceil(divisor),
                None => u128::from(mantissa > 0),
            }
        };
        Some(whole.div_ceil(self.credits.step))
    }

    /// So many units as credits, correctly rounded.
    pub(super) fn credits(&self, units: u128) -> f64 {
        let whole = units.checked_mul(self.credits.step);
        whole.map_or(f64::INFINITY, |whole| read(whole, self.credits.places))
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
        let places = self.credits.places.max(-exponent);
        let exact = || {
            let have = units.checked_mul(self.credits.step)?;
            let have = times_ten_to(have, places - self.credits.places)?;
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
        let mut whole = i128::try_from(units.checked_mul(self.price.step)?).ok()?;
        let mut places = u32::try_from(self.price.places).ok()?;
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
        let power = self.price.places - i32::try_from(budget.scale()).ok()?;
        let whole = if power >= 0 {
            times_ten_to(whole, power)?
        } else {
            whole / times_ten_to(1, -power)?
        };
        Some(whole / self.price.step)
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

pub(super) fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
