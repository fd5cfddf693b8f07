//! The cheapest packs that cover a need, exactly.
//!
//! A covering integer knapsack: minimise `Σ count · price` subject to `Σ count · credits ≥ need`
//! and `count ≤ max`; ties are broken by the fewest packs, then the least left over, then by the
//! packs' order (more of the earlier). Money is decimal and credits are taken as the decimals
//! they are written as, both scaled to whole numbers, so nothing is rounded on the way.
//!
//! The search is depth first with bounds (see `search`), so its work hangs on how much the
//! packs' prices per credit differ, hardly on how large the numbers are. The problem is NP-hard:
//! many packs of nearly one price per credit whose credits have no common divisor can ask for
//! more work than [`WORK`], and then the answer is [`Unsolved::TooIntricate`], with the best
//! purchase found and a bound from below. Packs with a volume discount, or of round numbers, of
//! which there are a few dozen, stay far below. Work is counted, not timed: the answer is the
//! same on every machine.

mod scale;
mod search;

use rust_decimal::Decimal;

use scale::Scale;
use search::{Item, Outcome};

/// The most packs that a catalogue takes.
pub const MOST_PACKS: usize = 256;

/// The most steps of one query: some tens of milliseconds in an optimised build.
pub const WORK: u64 = 300_000;

/// Something that can be bought ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// What it is called.
    pub name: String,
    /// The credits in it.
    pub credits: f64,
    /// What it costs.
    pub price: Decimal,
    /// How many of it can be bought; any number where absent.
    pub max: Option<u64>,
}

/// What to buy.
#[derive(Clone, Debug, PartialEq)]
pub struct Purchase {
    /// How many of each pack, in the packs' order.
    pub counts: Vec<u64>,
    /// What they cost together.
    pub price: Decimal,
    /// The credits in them.
    pub credits: f64,
    /// The credits past the need.
    pub left_over: f64,
}

/// Why there is no exact answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unsolved {
    /// The numbers don't fit exact arithmetic: a negative or non-finite one; credits or prices
    /// that span more than some 18 digits between them; a price beyond a decimal; more than 2^64 of a pack.
    #[error("the packs' numbers are too large or too far apart for exact arithmetic")]
    OutOfRange,
    /// There are more than [`MOST_PACKS`] packs.
    #[error("there are more than {MOST_PACKS} packs")]
    TooMany,
    /// [`WORK`] steps did not settle which purchase is the cheapest.
    #[error("which packs are the cheapest takes too long to find out")]
    TooIntricate {
        /// The cheapest purchase that was found; it covers the need.
        best: Option<Box<Purchase>>,
        /// No purchase that covers the need is cheaper than this.
        at_least: Decimal,
    },
}

/// Packs prepared for many queries.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// How many packs there are, with those that no purchase needs.
    len: usize,
    scale: Scale,
    /// The packs that a purchase can need, cheapest per credit first.
    items: Vec<Item>,
}

impl Catalogue {
    /// Prepares packs. Those without credits, or of which none can be bought, are never bought.
    /// Fails with [`Unsolved::TooMany`], or [`Unsolved::OutOfRange`].
    pub fn new(packs: &[Pack]) -> Result<Self, Unsolved> {
        if packs.len() > MOST_PACKS {
            return Err(Unsolved::TooMany);
        }
        let (scale, items) = Scale::of(packs).ok_or(Unsolved::OutOfRange)?;
        Ok(Self {
            len: packs.len(),
            scale,
            items: search::prepare(items),
        })
    }

    /// The cheapest purchase whose credits are at least `need`; nothing where the packs can't
    /// cover it. A need of 0 or less is an empty purchase.
    /// Fails with [`Unsolved::TooIntricate`], or [`Unsolved::OutOfRange`] for a need that is not a
    /// number or a purchase beyond exact arithmetic.
    pub fn cheapest(&self, need: f64) -> Result<Option<Purchase>, Unsolved> {
        if need.is_nan() {
            return Err(Unsolved::OutOfRange);
        }
        let need = need.max(0.0);
        if need.is_infinite() {
            return Ok(None);
        }
        let Some(units) = self.scale.units(need) else {
            return self.beyond();
        };
        let purchase = |counts: Vec<u64>| {
            let purchase = self.purchase(&counts, need);
            purchase.ok_or(Unsolved::OutOfRange)
        };
        match search::cover(&self.items, units, WORK) {
            Outcome::Found(counts) => purchase(counts).map(Some),
            Outcome::Impossible => self.beyond(),
            Outcome::Exhausted { best, at_least } => {
                let best = best.map(purchase).transpose()?.map(Box::new);
                let at_least = self.scale.price(at_least).ok_or(Unsolved::OutOfRange)?;
                Err(Unsolved::TooIntricate { best, at_least })
            }
        }
    }

    /// The price of [`Catalogue::cheapest`].
    pub fn cheapest_price(&self, need: f64) -> Result<Option<Decimal>, Unsolved> {
        Ok(self.cheapest(need)?.map(|purchase| purchase.price))
    }

    /// The most credits that can be had for at most `budget`, which is the largest need whose
    /// [`Catalogue::cheapest_price`] is within it; infinite where a pack of any number is free.
    /// Rounded towards 0 where binary numbers can't hold it.
    /// Fails with [`Unsolved::TooIntricate`] (with no purchase), or [`Unsolved::OutOfRange`].
    pub fn most_credits_within(&self, budget: Decimal) -> Result<f64, Unsolved> {
        let is_free = |item: &Item| item.price == 0 && item.is_unlimited();
        if self.items.iter().any(is_free) {
            return Ok(f64::INFINITY);
        }
        let Some(budget) = self.scale.budget(budget) else {
            return Err(Unsolved::OutOfRange);
        };
        match search::fill(&self.items, budget, WORK) {
            Some(units) => Ok(self.scale.credits_below(units)),
            None => Err(Unsolved::TooIntricate {
                best: None,
                at_least: Decimal::ZERO,
            }),
        }
    }

    /// The answer where the packs, at up to 2^64 of each, don't reach a need: no purchase does,
    /// unless that bound alone stands in the way.
    fn beyond(&self) -> Result<Option<Purchase>, Unsolved> {
        if self.items.iter().any(Item::is_unlimited) {
            Err(Unsolved::OutOfRange)
        } else {
            Ok(None)
        }
    }

    /// Nothing beyond exact arithmetic.
    fn purchase(&self, counts: &[u64], need: f64) -> Option<Purchase> {
        let mut all = vec![0; self.len];
        let mut price = 0_u128;
        let mut units = 0_u128;
        for (item, count) in self.items.iter().zip(counts) {
            all[item.index] = *count;
            let count = u128::from(*count);
            price = price.checked_add(item.price * count)?;
            units = units.checked_add(item.units * count)?;
        }
        Some(Purchase {
            counts: all,
            price: self.scale.price(price)?,
            credits: self.scale.credits(units),
            left_over: self.scale.left_over(units, need),
        })
    }
}

/// The cheapest purchase of `packs` for one need: [`Catalogue::new`] and [`Catalogue::cheapest`].
pub fn cheapest(packs: &[Pack], need: f64) -> Result<Option<Purchase>, Unsolved> {
    Catalogue::new(packs)?.cheapest(need)
}
