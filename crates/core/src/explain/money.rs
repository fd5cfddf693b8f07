//! Spend: plans, packs, overage, prices by step, budgets.

use crate::document::dotted;
use crate::forecast::Situation;
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterKind};
use crate::model::{Budget, Graduated};
use crate::words::number;

use super::factors::Factors;
use super::lines::{Over, What};
use super::meters::{Calculation, Demand};
use super::{Input, Sum, Term};

/// The bytes that prices are written for.
const GB: f64 = 1e9;

impl Calculation<'_, '_> {
    fn money(&self, value: f64) -> String {
        number::money(value, self.project.currency())
    }

    fn price(&self, value: f64) -> String {
        number::price(value, self.project.currency())
    }

    /// A month's plan, and what is bought past it.
    pub(super) fn api_spend(&mut self, name: &str) -> Demand {
        let Some(api) = self.view.model.apis.get(name) else {
            return Demand::default();
        };
        let id = api.id;
        let credits = self.month(|view| view.each(Family::Api, id, What::Credits, Over::Day));
        let credits = Sum::new(
            &dotted(["apis", name, "credits"].into_iter()),
            "credits/month",
            credits,
        );
        let used = credits.point();
        let tariff = Tariff::new(api);
        let mut terms = Vec::new();
        if let Some(plan) = api.plan {
            let inputs = self.view.inputs([&["apis", name, "plan", "price"]]);
            let text = format!("{} of the plan", self.money(plan.price));
            let path = format!("apis.{name}.plan");
            let place = self.view.place_of(&path);
            terms.push(Factors::of(plan.price, text, inputs).term(path, place));
        }
        let past = tariff.past_plan(used);
        match (&api.overage, tariff.packs_for(used)) {
            (Some(prices), _) => {
                let inputs = self.view.inputs([&["apis", name, "overage"]]);
                let path = format!("apis.{name}.overage");
                terms.extend(self.graduated(&path, prices, past, "credits past the plan", &inputs));
            }
            (None, Ok(Some(bought))) if past > 0.0 => {
                let counts = bought.counts.iter().zip(&api.packs);
                for (count, pack) in counts.filter(|(count, _)| **count > 0) {
                    terms.push(self.pack(name, *count, pack));
                }
            }
            (None, Ok(None)) if past > 0.0 && !api.packs.is_empty() => {
                let text = "∞: no packs cover the credits past the plan";
                let place = self.view.place_of(&format!("apis.{name}.packs"));
                let infinite = Factors::of(f64::INFINITY, text, Vec::new());
                terms.push(infinite.term(format!("apis.{name}.packs"), place));
            }
            _ => {}
        }
        (terms, vec![credits])
    }

    fn pack(&mut self, api: &str, count: u64, pack: &crate::packs::Pack) -> Term {
        use rust_decimal::prelude::ToPrimitive;
        let price = pack.price.to_f64().unwrap_or(f64::INFINITY);
        let inputs = self.view.inputs([&["apis", api, "packs", &pack.name]]);
        let text = format!("{count} `{}` packs", pack.name);
        let each = format!("{} each", self.money(price));
        let path = dotted(["apis", api, "packs", &pack.name].into_iter());
        let place = inputs.first().map(|input: &Input| input.place.clone());
        let packs = Factors::of(count as f64, text, inputs);
        packs.times(price, each, Vec::new()).term(path, place)
    }

    /// Units at a price that may change with how many there are: a term for each step.
    fn graduated(
        &mut self,
        path: &str,
        prices: &Graduated,
        units: f64,
        what: &str,
        inputs: &[Input],
    ) -> Vec<Term> {
        let place = self.view.place_of(path);
        let mut terms = Vec::new();
        for (begin, end, price) in prices.spans() {
            let within = (units.min(end) - begin).max(0.0);
            if within == 0.0 && begin > 0.0 {
                continue;
            }
            let mut text = format!("{} {what}", number::count(within));
            if begin > 0.0 {
                text.push_str(&format!(" above {}", number::count(begin)));
            }
            let (per, size) = per(price);
            let each = format!("{} {}", self.price(price * per), size.unwrap_or("each"));
            let factors = Factors::of(within, text, Vec::new());
            let factors = factors.times(price * per, each, inputs.to_vec());
            let factors = match per == 1.0 {
                true => factors,
                false => factors.over(per, format!("{} units", number::count(per)), Vec::new()),
            };
            terms.push(factors.term(path, place.clone()));
        }
        terms
    }

    /// What a month of a model costs: of each unit.
    pub(super) fn model_spend(&mut self, name: &str) -> Demand {
        let Some(model) = self.view.model.models.get(name) else {
            return Demand::default();
        };
        let id = model.id;
        let (mut terms, mut parts) = (Vec::new(), Vec::new());
        for (unit, price) in &model.prices {
            let counted = self.month(|view| {
                let users = view.users(Family::Model, id).into_iter();
                let billed = users.filter(|(feature, index)| {
                    let mut units = view.line((feature, *index)).uses.units.iter();
                    unit == "requests" || units.any(|(used, _)| used == unit)
                });
                let billed: Vec<_> = billed.collect();
                let what = match unit.as_str() {
                    "requests" => What::Events,
                    unit => What::Billed(unit),
                };
                let billed = billed.into_iter().map(|(feature, index)| {
                    let factors = view.asked_by((&feature, index), what, Over::Day);
                    ((feature, index), factors)
                });
                billed.collect()
            });
            let of_unit = ["models", name, "price", unit];
            let inputs = self.view.first([&of_unit, &of_unit[..3]]);
            match price.as_flat() {
                Some(flat) if !model.is_graduated() => {
                    let (per, size) = per(flat);
                    let text = format!("{} {}", self.price(flat * per), size.unwrap_or("each"));
                    let mut tail = Factors::of(flat * per, text, inputs);
                    if per != 1.0 {
                        tail = tail.over(per, format!("{} {unit}", number::count(per)), Vec::new());
                    }
                    terms.extend(counted.into_iter().map(|term| term.with(&tail)));
                }
                _ => {
                    let sum = Sum::new(unit, &format!("{unit}/month"), counted);
                    let path = format!("models.{name}.price");
                    terms.extend(self.graduated(&path, price, sum.point(), unit, &inputs));
                    parts.push(sum);
                }
            }
        }
        (terms, parts)
    }

    /// Of the bytes on disk today, on a day to come of those then, in a scenario of those at the
    /// horizon.
    pub(super) fn database_spend(&mut self, name: &str) -> Vec<Term> {
        let is_lasting = self
            .view
            .situation
            .event()
            .is_some_and(|it| it.days.is_some());
        let on_disk = matches!(self.view.situation, Situation::Today) || is_lasting;
        let stored = self.stored();
        let price = stored.model.databases.get(name).and_then(|it| it.price);
        let Some(price) = price else {
            return Vec::new();
        };
        let horizon = stored.horizon();
        let bytes = match on_disk {
            true => self.today.disk_today(name),
            false => self.view.disk(name, horizon),
        };
        let inputs = self.view.inputs([&["databases", name, "price"]]);
        let tail = self.of_bytes(price, inputs);
        bytes.into_iter().map(|term| term.with(&tail)).collect()
    }

    /// The price of a byte, as one of a GB.
    pub(super) fn of_bytes(&self, price: f64, inputs: Vec<Input>) -> Factors {
        let text = format!("{} per GB and month", self.price(price * GB));
        Factors::of(price * GB, text, inputs).over(GB, "1 GB", Vec::new())
    }

    pub(super) fn cost(&mut self, name: &str) -> Vec<Term> {
        let Some(price) = self.view.model.costs.get(name) else {
            return Vec::new();
        };
        let inputs = self.view.inputs([&["costs", name, "price"]]);
        let text = format!("{} a month", self.money(*price));
        let path = dotted(["costs", name].into_iter());
        let place = self.view.place_of(&path);
        vec![Factors::of(*price, text, inputs).term(path, place)]
    }

    /// All that a budget is for.
    pub(super) fn budget(&mut self, name: &str) -> Vec<Term> {
        let everything = Budget {
            bound: None,
            of: None,
        };
        let budget = self.view.model.budgets.get(name).unwrap_or(&everything);
        let spent = self.view.meters.judged.iter().filter(|fitted| {
            let path = dotted([fitted.id.owner.as_str(), &fitted.id.name].into_iter());
            fitted.id.kind == MeterKind::Spend
                && fitted.id.owner != Family::Budget
                && budget.is_for(&path)
        });
        let spent: Vec<_> = spent.collect();
        let mut terms = Vec::new();
        for fitted in spent {
            let money = fitted.meter.demand.point.unwrap_or(f64::INFINITY);
            let text = format!("{} a month", self.money(money));
            let thing = dotted([fitted.id.owner.as_str(), &fitted.id.name].into_iter());
            let place = self.view.place_of(&thing);
            terms.push(Factors::of(money, text, Vec::new()).term(&*fitted.meter.id, place));
        }
        terms
    }
}

/// For how many a price is readable, and their name: prices of single tokens are tiny.
fn per(price: f64) -> (f64, Option<&'static str>) {
    match price > 0.0 && price < 0.01 {
        true => (1e6, Some("per million")),
        false => (1.0, None),
    }
}
