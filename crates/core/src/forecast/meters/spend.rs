//! `spend`: money per month, against a budget.

use std::sync::Arc;

use super::{Metered, Metering, Of, Thing};
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterKind};
use crate::model::ComputeModel;
use crate::model::lines::events::Amount;
use crate::quantity::{Graph, Quantity, RunningSum};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let metering = of.metering;
    let may_be_priced = |family| metering.may_have(family, of.name, MeterKind::Spend);
    let (demand, budget, tariff) = match of.thing {
        Thing::Api(api) => {
            let is_priced = api.plan.is_some() || !api.packs.is_empty() || api.overage.is_some();
            if !is_priced && api.budget.is_none() && !may_be_priced(Family::Api) {
                return;
            }
            let credits = metering.per_day(Amount::Credits, Family::Api, api.id, graph);
            let credits = credits.times(metering.days_per_month());
            (credits, api.budget, Some(Arc::new(Tariff::new(api))))
        }
        Thing::Model(model) => {
            let is_free = model.prices.is_empty() && model.budget.is_none();
            if is_free && !may_be_priced(Family::Model) {
                return;
            }
            (model_spend(metering, model, graph), model.budget, None)
        }
        Thing::Database(..) | Thing::Queue(_) => return,
    };
    let id = of.id(MeterKind::Spend, &[]);
    let limit = of.situation().budget(budget);
    out.push(Metered {
        tariff,
        ..Metered::new(id, "money/month", demand, limit)
    });
}

/// What a month of a model costs.
fn model_spend(metering: &Metering<'_>, model: &ComputeModel, graph: &mut Graph) -> Quantity {
    let per_day = |amount, graph: &mut Graph| {
        let per_day = metering.per_day(amount, Family::Model, model.id, graph);
        per_day.times(metering.days_per_month())
    };
    if !model.is_graduated() {
        return per_day(Amount::Spend, graph);
    }
    let mut spend = RunningSum::default();
    for (index, (_, price)) in model.prices.iter().enumerate() {
        let units = per_day(Amount::priced(index), graph);
        spend.add(price.of(units, graph));
    }
    graph.sum(&spend)
}
