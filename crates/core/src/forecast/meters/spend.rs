//! `spend`: money per month, against a budget.

use std::sync::Arc;

use super::{KindOfMeter, Metered, OfApi, OfModel};
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::Amount;
use crate::quantity::Graph;

pub(super) struct Spend;

const UNIT: &str = "money/month";

impl KindOfMeter for Spend {
    fn of_api(&self, of: &OfApi<'_>, _: &mut Graph, out: &mut Vec<Metered>) {
        let api = of.api;
        let is_priced = api.plan.is_some() || !api.packs.is_empty() || api.overage.is_some();
        if !is_priced && api.budget.is_none() {
            return;
        }
        let id = MeterId::new(Family::Api, of.name, MeterKind::Spend, Vec::new());
        let credits = of.credits.times(of.metering.days_per_month());
        let limit = of.metering.situation().budget(api.budget);
        out.push(Metered {
            tariff: Some(Arc::new(Tariff::new(api))),
            ..Metered::new(id, UNIT, credits, limit)
        });
    }

    fn of_model(&self, of: &OfModel<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
        if of.model.prices.is_empty() && of.model.budget.is_none() {
            return;
        }
        let [now, today] = of.metering.asked_of(Family::Model, of.model.id);
        let [now, today] = [now, today].map(|sinks| sinks.sum(Amount::Spend, graph));
        let per_day = of.metering.blended(today, now, graph);
        let spend = per_day.times(of.metering.days_per_month());
        let id = MeterId::new(Family::Model, of.name, MeterKind::Spend, Vec::new());
        let limit = of.metering.situation().budget(of.model.budget);
        out.push(Metered::new(id, UNIT, spend, limit));
    }
}
