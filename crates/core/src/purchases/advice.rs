//! Whether to buy ahead, and how much room to pay for.

use rust_decimal::Decimal;

use super::cover::PLACES;
use super::{Cover, Need, PERCENTILES, Plan, Sold, decimal};
use crate::packs::Pack;
use crate::report::purchases::{Advice, Ahead, Amount, Headroom, Newsvendor};

impl Plan<'_> {
    /// What a credit costs: of those that are bought; else where credits are the cheapest.
    pub(super) fn price_per_credit(&self, sold: &Sold<'_>, cover: &Cover) -> Option<Decimal> {
        let cheapest = || sold.offer.packs.iter().filter_map(per_credit).min();
        let overage = || sold.offer.overage(Decimal::ONE);
        let plan = || {
            let plan = sold.declared.plan.as_ref()?;
            let price = plan.value.price.as_ref()?.value.0;
            Some(price.checked_div(sold.plan())?.round_dp(PLACES))
        };
        let bought = cover.per_credit().or_else(cheapest);
        bought.or_else(overage).or_else(plan)
    }

    /// What buying too little and too much cost, where packs are for sale.
    pub(super) fn newsvendor(
        &self,
        sold: &Sold<'_>,
        need: Need,
        cover: &Cover,
    ) -> Option<Newsvendor> {
        let packs = &sold.offer.packs;
        let mut bought = cover.counts.clone();
        if bought.iter().all(|count| *count == 0) {
            let all = packs.iter().enumerate();
            let each = all.filter_map(|(place, pack)| Some((per_credit(pack)?, place)));
            let (_, place) = each.min()?;
            bought[place] = 1;
        }
        let of = |number: fn(&Pack) -> Option<Decimal>| {
            let each = packs.iter().zip(&bought);
            let each = each.map(|(pack, count)| number(pack)?.checked_mul(Decimal::from(*count)));
            each.sum::<Option<Decimal>>()
        };
        let (price, credits) = (
            of(|pack| Some(pack.price))?,
            of(|pack| decimal(pack.credits))?,
        );
        let ahead = price.checked_div(credits)?;
        let topped_up = if sold.offer.has_overage() {
            let credits = need.credits.max(Decimal::ONE);
            sold.offer.overage(credits)?.checked_div(credits)?
        } else {
            per_credit(sold.offer.smallest()?)?
        };
        let missing = topped_up.checked_sub(ahead)?.max(Decimal::ZERO);
        let expires = bought.iter().zip(&sold.lasts);
        let expires = expires.fold(false, |any, (count, lasts)| {
            any || (*count > 0 && lasts.is_some())
        });
        let spare = if expires { ahead } else { Decimal::ZERO };
        let (p, _) = PERCENTILES[self.confidence];
        // The percentiles are hundredths: their odds are quotients of those.
        let hundredths = (p * 100.0).round();
        let ratio = hundredths / (100.0 - hundredths);
        let enough = spare.checked_mul(decimal(ratio)?)?;
        Some(Newsvendor {
            ratio,
            missing: Amount(missing.round_dp(PLACES)),
            spare: Amount(spare.round_dp(PLACES)),
            advice: if missing.is_zero() {
                Ahead::TopUp
            } else if missing >= enough {
                Ahead::Buy
            } else {
                Ahead::Less
            },
        })
    }
}

/// What a credit of a pack costs that can be bought.
fn per_credit(pack: &Pack) -> Option<Decimal> {
    let credits = decimal(pack.credits).filter(|_| pack.credits > 0.0 && pack.max != Some(0))?;
    Some(pack.price.checked_div(credits)?.round_dp(PLACES))
}

pub(super) fn headroom(
    price: Option<Amount>,
    downtime: Option<Amount>,
    runs_out: bool,
) -> Headroom {
    let both = price.zip(downtime).filter(|_| runs_out);
    Headroom {
        price,
        downtime,
        verdict: both.map(|(price, downtime)| match price <= downtime {
            true => Advice::Buy,
            false => Advice::RunHot,
        }),
    }
}
