//! What covering credits past the plan costs: the cheapest packs, overage, or both.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::decimal;
use crate::document::tables::{self, Overage};
use crate::model;
use crate::packs::{Catalogue, Pack, Purchase, Unsolved};

/// How far rounding may have moved a demand, of a demand and of one credit.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

/// How many decimals a quotient of money keeps.
pub(super) const PLACES: u32 = 12;

/// Credits that are asked for past those that are held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Need {
    /// What is used, and shown.
    pub(crate) credits: Decimal,
    /// What is compared with packs: less by what multiplying rates and tenants may have rounded
    /// up, or the last credit of a pack would buy one more.
    compared: Decimal,
}

impl Need {
    /// What a demand takes past what is held; at least 0.
    pub(crate) fn of(demand: Decimal, held: Decimal) -> Self {
        // What has no end has none past what is held either.
        let held = if demand == Decimal::MAX {
            Decimal::ZERO
        } else {
            held
        };
        let past = |demand: Decimal| demand.saturating_sub(held).max(Decimal::ZERO);
        let rounding = ROUNDING.saturating_mul(demand.max(Decimal::ONE));
        Self {
            credits: past(demand).round_dp(6),
            compared: past(demand.saturating_sub(rounding)),
        }
    }

    /// Nothing.
    pub(crate) const NONE: Self = Self {
        credits: Decimal::ZERO,
        compared: Decimal::ZERO,
    };

    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            credits: self.credits.saturating_add(other.credits),
            compared: self.compared.saturating_add(other.compared),
        }
    }

    /// Less some credits that are held.
    pub(crate) fn less(self, held: Decimal) -> Self {
        let less = |credits: Decimal| credits.saturating_sub(held).max(Decimal::ZERO);
        Self {
            credits: less(self.credits),
            compared: less(self.compared),
        }
    }

    /// What packs have to hold.
    pub(super) fn compared(self) -> Decimal {
        self.compared
    }

    pub(crate) fn is_none(self) -> bool {
        self.compared.is_zero()
    }
}

/// How a need is met.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cover {
    /// How many of each pack, in the packs' order.
    pub(crate) counts: Vec<u64>,
    /// The credits in the packs.
    pub(crate) credits: Decimal,
    /// Credits that are billed as they are used.
    pub(crate) overage: Decimal,
    /// What both cost.
    pub(crate) price: Decimal,
    /// Credits in the packs past the need.
    pub(crate) left_over: Decimal,
    /// Whether nothing on offer covers the need: then these are all that can be bought.
    pub(crate) is_short: bool,
    /// Where which packs are the cheapest takes too long to find out: nothing is cheaper than this.
    pub(crate) at_least: Option<Decimal>,
}

impl Cover {
    /// Credits of a need that are missing even with all that can be bought; nothing where none
    /// are, or where there is no end to them.
    pub(super) fn short_by(&self, need: Need) -> Option<f64> {
        let missing = need.credits.saturating_sub(self.credits);
        let is_told = self.is_short && need.credits < Decimal::MAX;
        is_told.then(|| super::float(missing.round_dp(6)))
    }

    /// The price over the credits; nothing where there are none.
    pub(super) fn per_credit(&self) -> Option<Decimal> {
        let credits = self.credits.checked_add(self.overage)?;
        Some(
            self.price
                .checked_div(credits)?
                .round_dp(PLACES)
                .normalize(),
        )
    }
}

/// What can be bought of an API's credits.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) packs: Vec<Pack>,
    catalogue: Option<Catalogue>,
    /// Where each step of the overage ends, what it costs, and how many credits that is for;
    /// none where there is no overage.
    steps: Vec<(Option<Decimal>, Decimal, Decimal)>,
}

impl Offer {
    /// Of an API as it is declared, where it could be read.
    pub(crate) fn new(declared: &tables::Api, api: &model::Api) -> Self {
        let overage = declared.overage.as_ref();
        let steps = overage.filter(|_| api.overage.is_some());
        Self {
            packs: api.packs.clone(),
            catalogue: Catalogue::new(&api.packs).ok(),
            steps: steps
                .and_then(|overage| steps_of(&overage.value))
                .unwrap_or_default(),
        }
    }

    pub(crate) fn has_overage(&self) -> bool {
        !self.steps.is_empty()
    }

    /// What can be bought as often as it takes: the pack with the fewest credits, of those the
    /// cheapest.
    pub(crate) fn smallest(&self) -> Option<&Pack> {
        let sold = |pack: &&Pack| pack.credits > 0.0 && pack.max != Some(0);
        self.packs.iter().filter(sold).min_by(|a, b| {
            let credits = a.credits.total_cmp(&b.credits);
            credits.then_with(|| a.price.cmp(&b.price))
        })
    }

    /// What credits cost that are billed as they are used.
    pub(crate) fn overage(&self, credits: Decimal) -> Option<Decimal> {
        let (mut sum, mut begin) = (Decimal::ZERO, Decimal::ZERO);
        for (end, price, per) in &self.steps {
            let end = end.unwrap_or(Decimal::MAX).min(credits);
            let within = end.checked_sub(begin)?.max(Decimal::ZERO);
            let money = price.checked_mul(within)?.checked_div(*per)?;
            sum = sum.checked_add(money.round_dp(PLACES))?;
            begin = begin.max(end);
        }
        self.has_overage().then(|| sum.normalize())
    }

    /// What a need costs that is topped up when it shows: the smallest pack as often as it takes,
    /// or overage.
    pub(crate) fn top_up(&self, need: Need) -> Option<Decimal> {
        if self.has_overage() {
            return self.overage(need.credits);
        }
        if need.is_none() {
            return Some(Decimal::ZERO);
        }
        let pack = self.smallest()?;
        let times = need.compared.checked_div(decimal(pack.credits)?)?.ceil();
        times.checked_mul(pack.price)
    }

    /// The cheapest way to meet a need: packs where they cost less than its overage. Packs that
    /// can't cover it are bought where their credits are cheaper than overage, which takes the rest.
    pub(crate) fn cover(&self, need: Need) -> Cover {
        if need.is_none() {
            return self.bought(&vec![0; self.packs.len()], need);
        }
        let (packs, at_least) = match self.cheapest(need) {
            Ok(purchase) => (purchase, None),
            Err(Unsolved::TooIntricate { best, at_least }) => {
                (best.map(|best| *best), Some(at_least))
            }
            Err(_) => (None, None),
        };
        let packs = packs.map(|packs| self.bought(&packs.counts, need));
        if !self.has_overage() {
            let all = || Cover {
                is_short: true,
                left_over: Decimal::ZERO,
                ..self.bought(&self.all(), need)
            };
            return packs.map_or_else(all, |packs| Cover { at_least, ..packs });
        }
        let mixed = packs.unwrap_or_else(|| self.mixed(need));
        let overage = self.overage(need.credits);
        match overage {
            Some(price) if price <= mixed.price => Cover {
                overage: need.credits,
                price,
                at_least: at_least.map(|at_least| at_least.min(price)),
                ..self.bought(&vec![0; self.packs.len()], Need::NONE)
            },
            _ => Cover { at_least, ..mixed },
        }
    }

    fn cheapest(&self, need: Need) -> Result<Option<Purchase>, Unsolved> {
        let catalogue = self.catalogue.as_ref().ok_or(Unsolved::OutOfRange)?;
        let compared = need.compared.to_f64().unwrap_or(f64::INFINITY);
        catalogue.cheapest(compared)
    }

    /// All packs of which there are only so many.
    fn all(&self) -> Vec<u64> {
        let packs = self.packs.iter();
        packs
            .map(|pack| match pack.credits > 0.0 {
                true => pack.max.unwrap_or(0),
                false => 0,
            })
            .collect()
    }

    /// Each pack, from the cheapest credits on, as often as it can be bought where that is cheaper
    /// than overage; overage for the rest.
    fn mixed(&self, need: Need) -> Cover {
        let mut counts = vec![0; self.packs.len()];
        let mut order: Vec<usize> = (0..counts.len()).collect();
        let per_credit = |place: &usize| {
            let pack = &self.packs[*place];
            let credits = decimal(pack.credits).filter(|credits| !credits.is_zero());
            credits.and_then(|credits| pack.price.checked_div(credits))
        };
        order.retain(|place| per_credit(place).is_some());
        order.sort_by_key(per_credit);
        let most = self.all();
        let mut rest = need.credits;
        for place in order {
            let (pack, count) = (&self.packs[place], most[place]);
            let saves = || {
                let count = Decimal::from(count);
                let credits = decimal(pack.credits)?.checked_mul(count)?;
                let left = rest.checked_sub(credits)?.max(Decimal::ZERO);
                let saved = self.overage(rest)?.checked_sub(self.overage(left)?)?;
                (pack.price.checked_mul(count)? < saved).then_some(left)
            };
            if let Some(left) = saves() {
                (counts[place], rest) = (count, left);
            }
        }
        let packs = self.bought(&counts, need);
        Cover {
            price: packs
                .price
                .saturating_add(self.overage(rest).unwrap_or(Decimal::MAX)),
            overage: rest,
            ..packs
        }
    }

    /// So many of each pack.
    fn bought(&self, counts: &[u64], need: Need) -> Cover {
        let (mut credits, mut price) = (Decimal::ZERO, Decimal::ZERO);
        for (pack, count) in self.packs.iter().zip(counts) {
            let count = Decimal::from(*count);
            let each = decimal(pack.credits).unwrap_or(Decimal::MAX);
            credits = credits.saturating_add(each.saturating_mul(count));
            price = price.saturating_add(pack.price.saturating_mul(count));
        }
        Cover {
            counts: counts.to_vec(),
            credits: credits.normalize(),
            overage: Decimal::ZERO,
            price,
            left_over: credits.saturating_sub(need.credits).max(Decimal::ZERO),
            is_short: false,
            at_least: None,
        }
    }
}

/// `2 × 500k and 1 × 100k`
pub(crate) fn words(packs: &[Pack], counts: &[u64]) -> String {
    let counted = packs.iter().zip(counts);
    let bought = counted.filter(|(_, count)| **count > 0);
    let words = bought.map(|(pack, count)| format!("{count} × {}", pack.name));
    let words: Vec<String> = words.collect();
    words.join(" and ")
}

fn steps_of(overage: &Overage) -> Option<Vec<(Option<Decimal>, Decimal, Decimal)>> {
    let of = |end: Option<f64>, price: Option<Decimal>, per: Option<f64>| {
        let end = match end {
            Some(end) => Some(decimal(end)?),
            None => None,
        };
        Some((end, price?, decimal(per?)?))
    };
    match overage {
        Overage::Flat(flat) => {
            let price = flat.price.as_ref().map(|price| price.value.0);
            let per = flat.per.as_ref().map(|per| per.value.0);
            Some(vec![of(None, price, per)?])
        }
        Overage::Graduated(steps) => {
            let steps = steps.0.iter().map(|step| {
                let step = &step.value;
                let end = step.up_to.as_ref().map(|end| end.value.0);
                let price = step.price.as_ref().map(|price| price.value.0);
                let per = step.per.as_ref().map(|per| per.value.0);
                of(end, price, per)
            });
            steps.collect()
        }
    }
}

/// What covering a shortfall of an API's credits takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Covering {
    /// The packs, such as `2 × 500k and 1 × 100k`; empty where none are bought.
    pub(crate) packs: String,
    /// Credits that are billed as they are used.
    pub(crate) overage: f64,
    /// What both cost.
    pub(crate) price: Decimal,
}

/// The cheapest way to cover so many credits of an API past those that are held; nothing where
/// nothing on offer covers them, or it can't be told.
pub(crate) fn covering(
    declared: &tables::Api,
    api: &model::Api,
    shortfall: f64,
) -> Option<Covering> {
    let offer = Offer::new(declared, api);
    let need = Need::of(decimal(shortfall)?, Decimal::ZERO);
    let cover = offer.cover(need);
    if cover.is_short || cover.at_least.is_some() || need.is_none() {
        return None;
    }
    Some(Covering {
        packs: words(&offer.packs, &cover.counts),
        overage: cover.overage.to_f64()?,
        price: cover.price,
    })
}
