//! How much to buy: what to expect at each percentile, over the model's draws.

use rust_decimal::Decimal;

use super::{Draft, Need, PERCENTILES, Sold, amount, decimal, float};
use crate::report::purchases::{Amount, Choice};

/// What to buy at each percentile of a demand.
pub(super) fn options(draft: &Draft, sold: &Sold<'_>, policy: usize, draws: &[f64]) -> Vec<Choice> {
    let held = draft.plan.saturating_add(draft.carried);
    // Several percentiles often come to the same packs: what to expect of those is found once.
    let mut last: Option<(Decimal, Expected)> = None;
    let is_certain = draft.demand.windows(2).all(|pair| pair[0] == pair[1]);
    let choice = |(place, (p, percentile)): (usize, (f64, &str))| {
        let cover = sold.offer.cover(Need::of(draft.demand[place], held));
        let packs = cover.price - sold.offer.overage(cover.overage).unwrap_or_default();
        let expected = match last {
            Some((credits, expected)) if credits == cover.credits => expected,
            _ => Expected::over(draws, draft, sold, float(cover.credits)),
        };
        last = Some((cover.credits, expected));
        let top_up = expected.top_up.filter(|_| !cover.is_short);
        let top_up = top_up.and_then(amount);
        Choice {
            percentile: percentile.to_owned(),
            policy: place == policy,
            buy: sold.buy(&cover.counts),
            price: Amount(packs),
            chance_short: match is_certain && !cover.is_short {
                true => 0.0,
                false => (100.0 - (p * 100.0).round()) / 100.0,
            },
            expected_top_up: top_up,
            expected_left_over: rounded(expected.left_over),
            expected_total: top_up.map(|top_up| Amount(packs.saturating_add(top_up.0))),
        }
    };
    PERCENTILES.into_iter().enumerate().map(choice).collect()
}

/// The percentile with a lower expected total than the policy's.
pub(super) fn cheaper(options: &[Choice]) -> Option<String> {
    let policy = options.iter().find(|choice| choice.policy)?;
    let totals = options
        .iter()
        .filter(|choice| choice.expected_total.is_some());
    let best = totals.min_by_key(|choice| choice.expected_total)?;
    let is_cheaper = best.expected_total < policy.expected_total;
    is_cheaper.then(|| best.percentile.clone())
}

fn rounded(credits: f64) -> f64 {
    decimal(credits).map_or(f64::MAX, |credits| float(credits.round_dp(6)))
}

/// Averages over draws.
#[derive(Clone, Copy)]
struct Expected {
    /// Nothing where nothing can be topped up, though it may have to be.
    top_up: Option<f64>,
    left_over: f64,
}

impl Expected {
    fn over(draws: &[f64], draft: &Draft, sold: &Sold<'_>, bought: f64) -> Self {
        let (plan, carried) = (float(draft.plan), float(draft.carried));
        let smallest = sold.offer.smallest();
        let smallest = smallest.map(|pack| (pack.credits, float(pack.price)));
        let price = |demand: f64| match &sold.api.overage {
            Some(overage) => {
                let short = demand - plan - carried - bought;
                Some(overage.price(short.max(0.0)))
            }
            None => {
                // As everywhere: what rounding may have added buys no pack.
                let short = demand - 1e-9 * demand.max(1.0) - plan - carried - bought;
                match smallest {
                    _ if short <= 0.0 => Some(0.0),
                    Some((credits, price)) => Some((short / credits).ceil() * price),
                    None => None,
                }
            }
        };
        let (mut top_up, mut left_over) = (Some(0.0), 0.0);
        for demand in draws {
            top_up = top_up.zip(price(*demand)).map(|(sum, one)| sum + one);
            let past_plan = (demand - plan).max(0.0);
            left_over += (carried + bought - past_plan).max(0.0);
        }
        let count = draws.len().max(1) as f64;
        Self {
            top_up: top_up.map(|sum| sum / count),
            left_over: left_over / count,
        }
    }
}
