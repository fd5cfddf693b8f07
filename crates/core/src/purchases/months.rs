//! Month by month with what is carried over, all at once, and events by themselves.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::stock::Stock;
use super::{Cover, Draft, Need, Plan, Sold, at_each, credits, float};
use crate::model::Event;
use crate::quantity::Quantity;
use crate::report::purchases::{
    AllAtOnce, Amount, Covered, Headroom, Purchase, TopUp, Urgency, WithSpare,
};
use crate::units::Date;

/// What a purchase is for.
struct For {
    month: String,
    event: Option<String>,
    order_by: Date,
    urgency: Option<Urgency>,
}

impl Plan<'_> {
    pub(super) fn months_of(&self, sold: &Sold<'_>) -> Vec<Draft> {
        let mut stock = Stock::new(sold.balance());
        let plan = sold.plan();
        let mut drafts = Vec::new();
        for (place, month) in (0_u32..).zip(&self.months) {
            let (quantity, demand, lower_bound) = self.demand(sold.name, place as usize);
            let demand = at_each(&demand);
            let carried = stock.total();
            let held = plan.saturating_add(carried);
            let need = Need::of(demand[self.confidence], held);
            let cover = sold.offer.cover(need);
            stock.add(place, &sold.offer.packs, &cover.counts, &sold.lasts);
            let used = demand[self.confidence].saturating_sub(plan);
            let used = used.max(Decimal::ZERO).saturating_sub(cover.overage);
            let of_stock = stock.take(used.round_dp(6));
            if cover.is_short {
                stock.clear();
            }
            let order_by = month.first.plus_days(-sold.lead()).unwrap_or(self.as_of);
            let is_late = order_by < self.as_of;
            let why = For {
                month: month.name(),
                event: None,
                order_by: order_by.max(self.as_of),
                urgency: is_late.then_some(Urgency::OrderNow),
            };
            let overage = sold.offer.overage(cover.overage).unwrap_or_default();
            let mut purchase = self.purchase(sold, why, (demand, held), &cover);
            purchase.lower_bound = lower_bound;
            purchase.carried = float(carried.round_dp(6));
            purchase.left_over = float(stock.total().round_dp(6));
            purchase.consumed_cost = Amount(of_stock.saturating_add(overage));
            drafts.push(Draft {
                purchase,
                quantity,
                demand,
                plan,
                carried,
            });
            stock.end(place);
        }
        drafts
    }

    /// What each event adds to today, by itself.
    pub(super) fn events_of(&mut self, sold: &Sold<'_>, months: &[Draft]) -> Vec<Draft> {
        let mut drafts = Vec::new();
        if sold.offer.packs.is_empty() && !sold.offer.has_overage() {
            return drafts;
        }
        let (today, of_today, _) = self.demand(sold.name, 0);
        let of_today = at_each(&of_today);
        // What events of a month have used of its spare credits.
        let mut used_up: BTreeMap<String, Decimal> = BTreeMap::new();
        for place in 0..self.events.len() {
            let scenario = self.events[place];
            let Some(event) = scenario.event else {
                continue;
            };
            let (then, of_event, lower_bound) = self.demand(sold.name, self.months.len() + place);
            let buffer = 1.0 + event.buffer.unwrap_or(0.0);
            let times = super::decimal(buffer).unwrap_or(Decimal::ONE);
            let mut demand = at_each(&of_event);
            for (demand, today) in demand.iter_mut().zip(of_today) {
                let more = demand.saturating_sub(today).max(Decimal::ZERO);
                *demand = more.saturating_mul(times);
            }
            let need = Need::of(demand[self.confidence], Decimal::ZERO);
            if need.is_none() && !lower_bound {
                continue;
            }
            let graph = self.graph();
            let more = graph.sub(then, today);
            let quantity: Quantity = graph.positive(more).times(buffer);
            let cover = sold.offer.cover(need);
            let why = self.for_event(&scenario.name, event, sold.lead());
            let used = used_up.entry(why.month.clone()).or_default();
            let spare = self.spare(&why.month, months).saturating_sub(*used);
            *used += spare.min(need.credits);
            let with_spare = with_spare(sold, (need, spare), &cover);
            let mut purchase = self.purchase(sold, why, (demand, Decimal::ZERO), &cover);
            purchase.with_spare = with_spare;
            purchase.lower_bound = lower_bound;
            purchase.left_over = float(cover.left_over);
            let spare = cover.left_over;
            let mut stock = Stock::new(Decimal::ZERO);
            stock.add(0, &sold.offer.packs, &cover.counts, &sold.lasts);
            let used = stock.take(stock.total().saturating_sub(spare));
            let overage = sold.offer.overage(cover.overage).unwrap_or_default();
            purchase.consumed_cost = Amount(used.saturating_add(overage));
            drafts.push(Draft {
                purchase,
                quantity,
                demand,
                plan: Decimal::ZERO,
                carried: Decimal::ZERO,
            });
        }
        drafts
    }

    /// Credits that a month has and does not use; none of a month that is not planned.
    fn spare(&self, month: &str, months: &[Draft]) -> Decimal {
        let planned = months.iter().find(|draft| draft.purchase.month == month);
        planned.map_or(Decimal::ZERO, |draft| {
            let bought = super::decimal(draft.purchase.credits).unwrap_or_default();
            let held = draft.plan.saturating_add(draft.carried);
            let spare = held.saturating_add(bought);
            let spare = spare.saturating_sub(draft.demand[self.confidence]);
            spare.max(Decimal::ZERO).round_dp(6)
        })
    }

    fn for_event(&self, name: &str, event: Event, lead: i64) -> For {
        let order_by = event.on.plus_days(-lead).unwrap_or(self.as_of);
        For {
            month: super::Month { first: event.on }.name(),
            event: Some(name.to_owned()),
            order_by,
            urgency: (order_by < self.as_of).then_some(Urgency::Overdue),
        }
    }

    /// What is bought, without what is carried from one month to the next.
    fn purchase(
        &self,
        sold: &Sold<'_>,
        why: For,
        (demand, held): ([Decimal; 4], Decimal),
        cover: &Cover,
    ) -> Purchase {
        let need = demand.map(|demand| Need::of(demand, held));
        let judged = need[self.confidence];
        let top_up = sold.offer.top_up(judged);
        let per_credit = cover.per_credit();
        Purchase {
            api: sold.name.to_owned(),
            month: why.month,
            event: why.event,
            demand: credits(demand),
            need: credits(need.map(|need| need.credits)),
            lower_bound: false,
            carried: 0.0,
            buy: sold.buy(&cover.counts),
            overage: float(cover.overage),
            price: Amount(cover.price),
            at_least: cover.at_least.map(Amount),
            credits: float(cover.credits),
            left_over: 0.0,
            consumed_cost: Amount::default(),
            per_credit: per_credit.map(Amount),
            order_by: why.order_by.to_string(),
            urgency: why.urgency,
            verdict: verdict(judged, cover),
            short_by: cover.short_by(judged),
            top_up: top_up.filter(|_| !cover.is_short).map(|price| TopUp {
                price: Amount(price),
            }),
            options: Vec::new(),
            headroom: self.headroom(sold, demand[0], held, cover),
            newsvendor: self.newsvendor(sold, judged, cover),
            cheaper: None,
            with_spare: None,
        }
    }

    /// The same months bought at once.
    pub(super) fn all_at_once(&self, sold: &Sold<'_>, months: &[Draft]) -> Option<AllAtOnce> {
        let (first, _) = months.split_first()?;
        let of_month = |draft: &Draft| Need::of(draft.demand[self.confidence], draft.plan);
        let need = months.iter().map(of_month).fold(Need::NONE, Need::and);
        let need = need.less(sold.balance());
        let cover = sold.offer.cover(need);
        let is_short = |draft: &Draft| draft.purchase.verdict == Covered::Short;
        let by_month = months.iter().map(|draft| draft.purchase.price.0);
        let by_month = by_month.fold(Decimal::ZERO, Decimal::saturating_add);
        let saving = by_month.saturating_sub(cover.price);
        let comparable = !cover.is_short && !months.iter().any(is_short);
        let earlier = cover.price.saturating_sub(first.purchase.price.0);
        Some(AllAtOnce {
            api: sold.name.to_owned(),
            need: float(need.credits),
            buy: sold.buy(&cover.counts),
            overage: float(cover.overage),
            price: Amount(cover.price),
            saving: comparable.then_some(Amount(saving)),
            earlier: Amount(earlier.max(Decimal::ZERO)),
            verdict: verdict(need, &cover),
            short_by: cover.short_by(need),
            lasts: self.lasts(sold, months, &cover),
        })
    }

    /// Whether credits that are bought for the first month are there when they are used.
    fn lasts(&self, sold: &Sold<'_>, months: &[Draft], cover: &Cover) -> bool {
        let mut stock = Stock::new(sold.balance());
        stock.add(0, &sold.offer.packs, &cover.counts, &sold.lasts);
        let mut missing = Decimal::ZERO;
        for (place, month) in (0_u32..).zip(months) {
            let need = Need::of(month.demand[self.confidence], month.plan);
            let there = stock.total();
            missing = missing.saturating_add(need.less(there).compared());
            stock.take(need.credits);
            stock.end(place);
        }
        let bought = cover.counts.iter().zip(&sold.lasts);
        let expires = bought.filter(|(count, lasts)| **count > 0 && lasts.is_some());
        expires.count() == 0 || missing <= cover.overage || cover.is_short
    }

    /// What the credits past the median cost, against an hour of downtime.
    fn headroom(&self, sold: &Sold<'_>, median: Decimal, held: Decimal, cover: &Cover) -> Headroom {
        let spare = held.saturating_add(cover.credits).saturating_sub(median);
        let per_credit = self.price_per_credit(sold, cover);
        let price = per_credit.and_then(|each| spare.max(Decimal::ZERO).checked_mul(each));
        let price = price.map(|price| Amount(price.round_dp(6)));
        let risk = self.project.judged().risk.as_ref();
        let downtime = risk.and_then(|risk| risk.value.downtime_cost_per_hour.as_ref());
        let downtime = downtime.map(|cost| Amount(cost.value.0));
        let runs_out = !sold.offer.has_overage() && !sold.offer.packs.is_empty();
        super::advice::headroom(price, downtime, runs_out)
    }
}

/// What an event takes that uses spare credits first, where that costs less than buying all of it.
fn with_spare(sold: &Sold<'_>, (need, spare): (Need, Decimal), alone: &Cover) -> Option<WithSpare> {
    let cover = sold.offer.cover(need.less(spare));
    let is_less = cover.price < alone.price && !cover.is_short && !alone.is_short;
    is_less.then(|| WithSpare {
        spare: float(spare),
        buy: sold.buy(&cover.counts),
        overage: float(cover.overage),
        price: Amount(cover.price),
    })
}

fn verdict(need: Need, cover: &Cover) -> Covered {
    match need.is_none() {
        true => Covered::NotNeeded,
        false if cover.is_short => Covered::Short,
        false => Covered::Covered,
    }
}
