//! Credits on hand: which are used first, and which expire.

use rust_decimal::Decimal;

use super::{decimal, is_sold};
use crate::analysis::Project;
use crate::calibrate::Window;
use crate::document::TomlPath;
use crate::meter::Family;
use crate::packs::Pack;
use crate::units::Date;
use crate::usage::Usage;

/// Credits of one purchase.
struct Lot {
    credits: Decimal,
    /// What the credits cost that are left of it.
    price: Decimal,
    /// The last month in which it can be used.
    last: Option<u32>,
}

/// Credits on hand, in the order in which they are used: the oldest first.
pub(super) struct Stock(Vec<Lot>);

impl Stock {
    /// What was on hand before the first month, which does not expire, and whose price nobody knows.
    pub(super) fn new(balance: Decimal) -> Self {
        Self(vec![Lot {
            credits: balance,
            price: Decimal::ZERO,
            last: None,
        }])
    }

    pub(super) fn total(&self) -> Decimal {
        let credits = self.0.iter().map(|lot| lot.credits);
        credits.fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// Adds what is bought for a month: so many of each pack, each of which lasts so many months.
    /// What expires sooner is used first.
    pub(super) fn add(
        &mut self,
        month: u32,
        packs: &[Pack],
        counts: &[u64],
        lasts: &[Option<u32>],
    ) {
        let bought = packs.iter().zip(counts).zip(lasts);
        let bought = bought.filter(|((_, count), _)| **count > 0);
        let lots = bought.map(|((pack, count), lasts)| {
            let count = Decimal::from(*count);
            let credits = decimal(pack.credits).unwrap_or(Decimal::MAX);
            Lot {
                credits: credits.saturating_mul(count),
                price: pack.price.saturating_mul(count),
                last: lasts.map(|lasts| month.saturating_add(lasts) - 1),
            }
        });
        let mut lots: Vec<Lot> = lots.collect();
        lots.sort_by_key(|lot| lot.last.unwrap_or(u32::MAX));
        self.0.extend(lots);
    }

    /// Uses credits, as far as there are any, and says what they cost.
    pub(super) fn take(&mut self, credits: Decimal) -> Decimal {
        let (mut left, mut cost) = (credits, Decimal::ZERO);
        for lot in &mut self.0 {
            let part = lot.credits.min(left);
            let price = match part == lot.credits {
                true => lot.price,
                false => share(lot.price, part, lot.credits),
            };
            lot.credits -= part;
            lot.price -= price;
            left -= part;
            cost = cost.saturating_add(price);
        }
        cost
    }

    /// Lets expire what can't be used after a month.
    pub(super) fn end(&mut self, month: u32) {
        self.0
            .retain(|lot| lot.last.is_none_or(|last| last > month));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// `price · part / whole`
fn share(price: Decimal, part: Decimal, whole: Decimal) -> Decimal {
    let product = price.checked_mul(part);
    let quotient = product.and_then(|product| product.checked_div(whole));
    quotient.map_or(Decimal::ZERO, |quotient| quotient.round_dp(6))
}

/// Of each API whose newest balance is too old to count, or of a day to come.
pub(super) fn ignored(usage: &Usage, project: &Project, as_of: Date) -> Vec<String> {
    let (measured, window) = (usage.measured(project), Window::of_rules(as_of));
    let apis = project.model.apis.iter().filter(|(_, api)| is_sold(api));
    let notes = apis.filter_map(|(name, _)| {
        let path = TomlPath::new(&[Family::Api.as_str(), name]);
        let (newest, _) = measured.get(&path, "balance")?.samples().next_back()?;
        (!window.has(newest)).then(|| {
            format!(
                "The balance of `{path}` of {newest} does not count: balances of {} to {as_of} do.",
                window.from
            )
        })
    });
    notes.collect()
}
