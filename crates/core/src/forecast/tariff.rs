//! What an API costs in a month, as a function of the credits that are used.

use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::model::{Api, Graduated};
use crate::packs::{Catalogue, Purchase, Unsolved};
use crate::quantity::{Curve, Graph, Quantity};

/// The price of a month's credits: the plan's price, and what comes on top of the plan.
///
/// It never falls as credits rise, so a percentile of the spend is the spend of that percentile
/// of the credits.
#[derive(Clone, Debug)]
pub(crate) struct Tariff {
    plan_price: f64,
    plan_credits: f64,
    beyond: Beyond,
}

#[derive(Clone, Debug)]
enum Beyond {
    /// Nothing on top can be bought.
    Nothing,
    /// They are billed as they are used.
    Overage(Graduated),
    /// The cheapest packs.
    Packs(Box<Catalogue>),
    /// The packs' numbers are beyond exact arithmetic.
    Unsolved,
}

impl Tariff {
    pub(crate) fn new(api: &Api) -> Self {
        let plan_credits = api.plan.and_then(|plan| plan.credits);
        let beyond = match (&api.overage, Catalogue::new(&api.packs)) {
            (Some(prices), _) => Beyond::Overage(prices.clone()),
            (None, _) if api.packs.is_empty() => Beyond::Nothing,
            (None, Ok(catalogue)) => Beyond::Packs(Box::new(catalogue)),
            (None, Err(_)) => Beyond::Unsolved,
        };
        Self {
            plan_price: api.plan.map_or(0.0, |plan| plan.price),
            plan_credits: plan_credits.map_or(0.0, |credits| credits.now),
            beyond,
        }
    }

    /// What a month's credits cost: infinite where the packs can't cover them, nothing where
    /// the cheapest packs can't be found.
    pub(crate) fn price(&self, credits: f64) -> Option<f64> {
        let past = self.past_plan(credits);
        let beyond = match &self.beyond {
            _ if past == 0.0 => 0.0,
            Beyond::Nothing => 0.0,
            Beyond::Overage(prices) => prices.price(past),
            Beyond::Packs(_) if past.is_infinite() => f64::INFINITY,
            Beyond::Packs(_) | Beyond::Unsolved => match self.packs_for(credits) {
                Ok(Some(bought)) => bought.price.to_f64().unwrap_or(f64::INFINITY),
                Ok(None) => f64::INFINITY,
                Err(_) => return None,
            },
        };
        Some(self.plan_price + beyond)
    }

    /// The cheapest packs that cover a month's credits past the plan; nothing where they can't,
    /// or where there are none.
    pub(crate) fn packs_for(&self, credits: f64) -> Result<Option<Purchase>, Unsolved> {
        match &self.beyond {
            Beyond::Nothing | Beyond::Overage(_) => Ok(None),
            Beyond::Packs(catalogue) => catalogue.cheapest(unrounded(credits) - self.plan_credits),
            Beyond::Unsolved => Err(Unsolved::OutOfRange),
        }
    }

    /// A month's credits past the plan.
    pub(crate) fn past_plan(&self, credits: f64) -> f64 {
        (credits - self.plan_credits).max(0.0)
    }

    /// What a month's credits that may be uncertain cost.
    pub(crate) fn money(tariff: &Arc<Self>, credits: Quantity, graph: &mut Graph) -> Quantity {
        let curve: Arc<dyn Curve> = tariff.clone();
        graph.curve(&format!("{tariff:?}"), &curve, credits)
    }

    /// The most credits that a month's budget pays for: infinite where credits cost nothing,
    /// nothing where even none are too dear.
    pub(crate) fn credits_within(&self, budget: f64) -> Option<f64> {
        if self.plan_price > budget {
            return None;
        }
        Some(match &self.beyond {
            Beyond::Nothing | Beyond::Unsolved => f64::INFINITY,
            Beyond::Overage(prices) => {
                self.plan_credits + prices.most_within(budget - self.plan_price)
            }
            Beyond::Packs(catalogue) => {
                let left = decimal(budget)? - decimal(self.plan_price)?;
                let most = catalogue.most_credits_within(left).ok()?;
                rounded(self.plan_credits + most)
            }
        })
    }
}

/// Credits without what multiplying rates and tenants may round up: what is used is compared so
/// with what is bought, or the last credit of a pack would buy one more.
pub(crate) fn unrounded(credits: f64) -> f64 {
    credits - ROUNDED * credits.max(1.0)
}

/// The most credits that are so many without what rounding may have added.
fn rounded(credits: f64) -> f64 {
    (credits / (1.0 - ROUNDED)).max(credits + ROUNDED)
}

/// How far rounding may have moved a demand, of a demand and of one credit.
const ROUNDED: f64 = 1e-9;

impl Curve for Tariff {
    fn at(&self, credits: f64) -> Option<f64> {
        self.price(credits)
    }

    fn is_dear(&self) -> bool {
        matches!(self.beyond, Beyond::Packs(_))
    }
}

/// The decimal that a float was written as.
fn decimal(number: f64) -> Option<Decimal> {
    format!("{number}").parse().ok()
}
