//! What to buy of metered APIs: how much, in which packs, and when.
//!
//! Credits and money are decimals here, never binary floats: what finance pays is what this says.
//! Only what is expected over the model's draws is an average of floats.

mod advice;
mod cash;
pub(crate) mod cover;
mod months;
mod options;
mod stock;
mod unprojected;
mod vendor;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::analysis::{Demands, Project, demands};
use crate::calibrate::series::Measured;
use crate::document::dotted;
use crate::document::tables;
use crate::fit::Meters;
use crate::forecast::Situation;
use crate::forecast::meters::Metered;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{self, Policy, Scenario};
use crate::quantity::{Graph, Quantity};
use crate::report::purchases::{Amount, Choice, ProjectPurchases, Purchase};
use crate::report::{Percentiles, purchases as report};
use crate::units::Date;
use crate::usage::Usage;
use crate::words::number;

use cover::{Cover, Need, Offer};

/// The percentiles that are offered, with their names.
const PERCENTILES: [(f64, &str); 4] = [(0.5, "p50"), (0.8, "p80"), (0.9, "p90"), (0.95, "p95")];

/// The most months that are planned.
pub const MOST_MONTHS: u32 = 60;

/// How many months are planned where nobody says.
pub const MONTHS: u32 = 3;

/// The decimal that a float is written as; nothing beyond what a decimal holds.
pub(crate) fn decimal(number: f64) -> Option<Decimal> {
    format!("{number}").parse().ok()
}

fn float(decimal: Decimal) -> f64 {
    decimal.to_f64().unwrap_or(f64::INFINITY)
}

/// From when on, and for how long, purchases are planned.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The first month is the one after this date's.
    pub as_of: Date,
    /// How many months.
    pub months: u32,
    /// What was measured: balances, and credits a day.
    pub usage: &'a Usage,
    /// How much of a plan is worked out.
    pub extent: Extent,
}

/// How much of a plan is worked out. Draws are what takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What is bought.
    Bought,
    /// And what to expect at each percentile.
    Options,
    /// And all that is paid.
    All,
}

/// What a project buys.
pub fn purchases(
    project: &Project,
    policy: &Policy,
    asked: Asked<'_>,
    threads: usize,
) -> ProjectPurchases {
    let Asked { as_of, months, .. } = asked;
    let confidence = PERCENTILES
        .iter()
        .position(|(p, _)| *p == policy.confidence());
    let confidence = confidence.unwrap_or(1);
    let empty = ProjectPurchases {
        name: project.declarations.name.clone(),
        currency: project.currency().to_owned(),
        confidence: PERCENTILES[confidence].1.to_owned(),
        ..ProjectPurchases::default()
    };
    if months == 0 || !project.model.apis.values().any(is_sold) {
        return empty;
    }
    let days = (1..months).map(|month| {
        let day = f64::from(month) * project.model.calendar.days_per_month;
        Situation::Day(day.round() as u32)
    });
    let mut events: Vec<&Scenario> = events(project, as_of).collect();
    events.sort_by_key(|event| event.event.map(|event| event.on));
    let situations = std::iter::once(Situation::Today)
        .chain(days)
        .chain(events.iter().map(|event| Situation::Scenario(event)));
    let situations: Vec<Situation<'_>> = situations.collect();
    let only = (asked.extent < Extent::All).then_some(MeterKind::Credits);
    let demands = demands((project, policy), &situations, only, threads);
    let mut plan = Plan {
        project,
        as_of,
        confidence,
        months: Month::all(as_of, months),
        events,
        demands,
        measured: Measured::judged(asked.usage, project, as_of),
        threads,
    };
    let mut planned = plan.all(empty, asked.extent);
    planned
        .notes
        .extend(stock::ignored(asked.usage, project, as_of));
    planned
}

/// Whether something of an API's credits is for sale, or held.
fn is_sold(api: &model::Api) -> bool {
    api.plan.is_some() || !api.packs.is_empty() || api.overage.is_some()
}

/// Events that are not over.
fn events(project: &Project, as_of: Date) -> impl Iterator<Item = &Scenario> {
    let month = project.model.calendar.days_per_month;
    let scenarios = project.scenarios.iter().map(|(scenario, _)| scenario);
    scenarios.filter(move |scenario| {
        let ahead = |event: &model::Event| {
            (as_of.days_since(event.on) as f64) < event.days.unwrap_or(month)
        };
        scenario.event.as_ref().is_some_and(ahead)
    })
}

/// A calendar month.
#[derive(Clone, Copy)]
struct Month {
    first: Date,
}

impl Month {
    /// Those after the one of a date.
    fn all(as_of: Date, count: u32) -> Vec<Self> {
        let mut months = Vec::new();
        let (mut year, mut month) = (as_of.year(), as_of.month());
        for _ in 0..count {
            (year, month) = if month == 12 {
                (year + 1, 1)
            } else {
                (year, month + 1)
            };
            months.extend(Date::new(year, month, 1).map(|first| Self { first }));
        }
        months
    }

    fn name(self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }
}

/// All that purchases are made of.
struct Plan<'a> {
    project: &'a Project,
    as_of: Date,
    /// The place of the policy's percentile.
    confidence: usize,
    months: Vec<Month>,
    events: Vec<&'a Scenario>,
    /// Of the months, then of the events.
    demands: Demands,
    measured: Measured,
    threads: usize,
}

/// A purchase, and what its options are made of.
struct Draft {
    purchase: Purchase,
    /// The demand.
    quantity: Quantity,
    /// At each percentile.
    demand: [Decimal; 4],
    /// Credits that don't carry over.
    plan: Decimal,
    carried: Decimal,
}

/// An API, as it is declared and as it is reckoned with.
struct Sold<'a> {
    name: &'a str,
    declared: &'a tables::Api,
    api: &'a model::Api,
    offer: Offer,
    /// How many months each pack lasts; without end where none are said.
    lasts: Vec<Option<u32>>,
    /// Unused credits, as they were measured last.
    balance: Option<f64>,
    /// Credits a day, as they were measured on average.
    per_day: Option<f64>,
}

impl Sold<'_> {
    fn plan(&self) -> Decimal {
        let credits = self.api.plan.and_then(|plan| plan.credits);
        let credits = credits.map_or(0.0, |credits| credits.now);
        decimal(credits).unwrap_or(Decimal::MAX)
    }

    fn balance(&self) -> Decimal {
        let plan = self.declared.plan.as_ref();
        let balance = plan.and_then(|plan| plan.value.balance.as_ref());
        let declared = balance.map_or(0.0, |balance| balance.value.0);
        let balance = self.balance.unwrap_or(declared).max(0.0);
        decimal(balance).unwrap_or(Decimal::MAX)
    }

    /// Days from deciding to having credits.
    fn lead(&self) -> i64 {
        let lead = self.declared.lead_time.as_ref();
        lead.map_or(0, |lead| lead.value.days().ceil() as i64)
    }

    fn buy(&self, counts: &[u64]) -> Vec<report::Bought> {
        let bought = self.offer.packs.iter().zip(counts);
        let bought = bought.filter(|(_, count)| **count > 0);
        bought
            .map(|(pack, count)| report::Bought {
                pack: pack.name.clone(),
                count: *count,
            })
            .collect()
    }
}

impl<'a> Plan<'a> {
    fn all(&mut self, empty: ProjectPurchases, extent: Extent) -> ProjectPurchases {
        let mut out = empty;
        let sold = self.sold();
        let mut drafts = Vec::new();
        let mut offers = Vec::new();
        for (place, sold) in sold.iter().enumerate() {
            let months = self.months_of(sold);
            out.all_at_once.extend(self.all_at_once(sold, &months));
            let events = self.events_of(sold, &months);
            out.for_the_vendor.push(self.for_the_vendor(sold, &months));
            offers.resize(drafts.len() + months.len() + events.len(), place);
            drafts.extend(months);
            drafts.extend(events);
        }
        let options = match extent {
            Extent::Bought => vec![Vec::new(); drafts.len()],
            Extent::Options | Extent::All => self.options(&drafts, &sold, &offers),
        };
        let drafts = drafts.into_iter().zip(options);
        out.purchases = drafts
            .map(|(draft, options)| Purchase {
                cheaper: options::cheaper(&options),
                options,
                ..draft.purchase
            })
            .collect();
        out.cash = self.cash(&out.purchases);
        out.notes = self.unprojected();
        let elsewhere = out.purchases.iter().filter(|it| !self.is_paid_in_plan(it));
        let elsewhere = elsewhere.filter_map(|it| Some((it.event.as_ref()?, it)));
        out.notes.extend(elsewhere.map(|(event, it)| {
            let (month, price, currency) = (&it.month, number::exact(it.price), &out.currency);
            format!("Payments leave out `{event}` of {month}, {price} {currency}: it is in none of these months.")
        }));
        out
    }

    /// What to buy at each percentile, of drafts, each with the place of what is sold.
    fn options(&self, drafts: &[Draft], sold: &[Sold<'_>], offers: &[usize]) -> Vec<Vec<Choice>> {
        let quantities: Vec<Quantity> = drafts.iter().map(|draft| draft.quantity).collect();
        let graph = &self.demands.graph;
        graph.over_draws(&quantities, self.threads, |i, draws| {
            options::options(&drafts[i], &sold[offers[i]], self.confidence, draws)
        })
    }

    /// The APIs, by name.
    fn sold(&self) -> Vec<Sold<'a>> {
        let project = self.project;
        let month = project.model.calendar.days_per_month;
        let apis = project.model.apis.iter().filter(|(_, api)| is_sold(api));
        let sold = apis.filter_map(|(name, api)| {
            let declared = project.judged().apis.get(name)?;
            let offer = Offer::new(declared, api);
            let packs = declared.packs.as_ref();
            let lasts = offer.packs.iter().map(|pack| {
                let packs = &packs?.value.0;
                let named = |one: &&crate::source::Spanned<tables::Pack>| {
                    let name = one.value.name.as_ref();
                    name.is_some_and(|name| name.value.0 == pack.name)
                };
                let expires = packs.iter().find(named)?.value.expires.as_ref()?;
                // Equal lengths count as equal.
                let months = (expires.value.days() / month - 1e-9).ceil();
                Some(months.max(1.0) as u32)
            });
            Some(Sold {
                name,
                declared,
                api,
                lasts: lasts.collect(),
                balance: self.measured.last(&path(Family::Api, name), "balance"),
                per_day: self.per_day(name),
                offer,
            })
        });
        let mut sold: Vec<Sold<'_>> = sold.collect();
        sold.sort_by_key(|sold| sold.name);
        sold
    }

    /// Credits a day that were measured of an API: its own rows, else those of its lines.
    fn per_day(&self, api: &str) -> Option<f64> {
        let own = path(Family::Api, api);
        if let Some(series) = self.measured.get(&own, "credits") {
            return mean(series.days.values().copied(), series.days.len());
        }
        let mut days: BTreeMap<Date, f64> = BTreeMap::new();
        for (feature, of_feature) in &self.project.model.features {
            for line in &of_feature.lines {
                let called = line.called().filter(|(called, _)| *called == api);
                let Some((_, path)) = called else {
                    continue;
                };
                let line = dotted(["features", feature, line.kind.list(), &*line.id].into_iter());
                let endpoint = self.project.model.apis.get(api);
                let endpoint = endpoint.and_then(|api| api.endpoints.get(path));
                let each = endpoint.and_then(|endpoint| endpoint.credits.point());
                let credits = self.measured.get(&line, "credits").zip(Some(1.0));
                let calls = || self.measured.get(&line, "calls").zip(each);
                let Some((series, each)) = credits.or_else(calls) else {
                    continue;
                };
                for (day, amount) in &series.days {
                    *days.entry(*day).or_default() += amount * each;
                }
            }
        }
        mean(days.values().copied(), days.len())
    }

    /// The credits meter of an API in a situation, by its place: the quantity, and what it comes
    /// to at each percentile.
    fn demand(&self, api: &str, situation: usize) -> (Quantity, Percentiles, bool) {
        let id = MeterId::new(Family::Api, api, MeterKind::Credits, Vec::new());
        let metered: &[Metered] = &self.demands.metered[situation];
        let metered = metered.iter().find(|metered| metered.id == id);
        let Some(metered) = metered else {
            let none = Some(0.0);
            let nothing = Percentiles {
                point: none,
                p50: none,
                p80: none,
                p90: none,
                p95: none,
            };
            return (Quantity::ZERO, nothing, false);
        };
        let meters: &Meters = &self.demands.meters[situation];
        let fitted = meters.iter().find(|fitted| fitted.id == id);
        let fitted = match fitted {
            Some(fitted) => &fitted.meter,
            None => unreachable!("every meter is judged"),
        };
        (metered.demand, fitted.demand, fitted.lower_bound)
    }

    fn graph(&mut self) -> &mut Graph {
        &mut self.demands.graph
    }

    /// The owner of a thing, by its path's first two keys.
    fn owner(&self, own: Option<&str>) -> Option<String> {
        let project = self.project.judged().project.as_ref();
        let project = project.and_then(|project| project.value.owner.as_ref());
        let owner = own.or_else(|| project.map(|owner| owner.value.0.as_str()));
        owner.map(str::to_owned)
    }
}

fn mean(all: impl Iterator<Item = f64>, count: usize) -> Option<f64> {
    (count > 0).then(|| all.sum::<f64>() / count as f64)
}

/// What a demand comes to at each percentile, exactly as it is shown.
fn at_each(demand: &Percentiles) -> [Decimal; 4] {
    let each = [demand.p50, demand.p80, demand.p90, demand.p95];
    each.map(|demand| demand.and_then(decimal).unwrap_or(Decimal::MAX))
}

fn credits([p50, p80, p90, p95]: [Decimal; 4]) -> report::Credits {
    // Beyond all decimals is infinite.
    let shown = |credits: Decimal| (credits < Decimal::MAX).then(|| float(credits.round_dp(6)));
    report::Credits {
        p50: shown(p50),
        p80: shown(p80),
        p90: shown(p90),
        p95: shown(p95),
    }
}

fn path(family: Family, name: &str) -> String {
    dotted([family.as_str(), name].into_iter())
}

fn amount(money: f64) -> Option<Amount> {
    Some(Amount(decimal(money)?.round_dp(6)))
}
