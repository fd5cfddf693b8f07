//! `spend`: money per month, against a budget.

use std::sync::Arc;

use super::retained::retained;
use super::{Metered, Metering, Of, OfTables, Thing};
use crate::forecast::situation::Situation;
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterKind};
use crate::model::lines::events::Amount;
use crate::model::{Bound, ComputeModel, Database, Queue};
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
        Thing::Database(database, tables) => {
            let stored = metering.stored_database(of.name, database);
            let Some(price) = stored.price else { return };
            let per_byte = price * (1.0 + stored.overhead);
            return out.push(of_database(of, database, tables, per_byte, graph));
        }
        Thing::Queue(queue) => {
            let Some(price) = queue.price else { return };
            return out.push(of_queue(of, queue, price, graph));
        }
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

/// Of the bytes of tables that are on disk today, on a day to come of those then, in a scenario of those at
/// the horizon.
fn of_database(
    of: &Of<'_>,
    database: &Database,
    tables: &OfTables,
    per_byte: f64,
    graph: &mut Graph,
) -> Metered {
    let is_lasting = of
        .situation()
        .event()
        .is_some_and(|event| event.days.is_some());
    let bytes = match of.situation() {
        Situation::Today | Situation::Multiplied => &tables.existing,
        Situation::Scenario(_) if is_lasting => &tables.existing,
        Situation::Day(_) | Situation::Scenario(_) => &tables.bytes,
    };
    kept(of, bytes.sum(graph).times(per_byte), database.budget)
}

/// Of what a queue keeps.
fn of_queue(of: &Of<'_>, queue: &Queue, price: f64, graph: &mut Graph) -> Metered {
    let metering = of.metering;
    let now = retained(of, queue, graph).times(price);
    let today = |graph: &mut Graph| {
        let today = metering.retained_today(of.name, graph);
        today.map_or(Quantity::ZERO, |(bytes, price)| bytes.times(price))
    };
    let spent = metering.blended(now, today, graph);
    kept(of, spent, queue.budget)
}

fn kept(of: &Of<'_>, spent: Quantity, budget: Option<Bound>) -> Metered {
    let limit = of.situation().budget(budget);
    Metered::new(of.id(MeterKind::Spend, &[]), "money/month", spent, limit)
}
