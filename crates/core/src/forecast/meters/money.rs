//! Money that no thing's own meter counts: fixed costs, and budgets for several things.

use super::{Metered, Metering};
use crate::document::dotted;
use crate::forecast::situation::Situation;
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterId, MeterKind, TOTAL};
use crate::model::{Budget, Model};
use crate::quantity::{Graph, Quantity, RunningSum};

/// What something costs in a month: the path of the thing, and the money.
type Spent = (String, Quantity);

/// The meters of fixed costs.
pub(super) fn costs(model: &Model, out: &mut Vec<Metered>) {
    out.extend(model.costs.iter().map(|(name, price)| {
        let price = Quantity::certain(*price);
        spend(Family::Cost, name, price, None)
    }));
}

fn spend(family: Family, name: &str, spent: Quantity, limit: Option<Quantity>) -> Metered {
    let id = MeterId::new(family, name, MeterKind::Spend, Vec::new());
    Metered::new(id, "money/month", spent, limit)
}

impl Metering<'_> {
    /// The meters of budgets, given all that they count. That of everything is there wherever
    /// there is spend.
    pub(super) fn add_budgets(&self, graph: &mut Graph, out: &mut Vec<Metered>) {
        let model = self.storage.model;
        let spends = out.iter().filter(|it| it.id.kind == MeterKind::Spend);
        let spends: Vec<&Metered> = spends.collect();
        // Of those without a limit no breaking point is asked for.
        let of_all = matches!(self.situation(), Situation::Multiplied);
        let is_needed = |budget: &Budget| budget.bound.is_some() || !of_all;
        let declared = model.budgets.iter().filter(|(_, it)| is_needed(it));
        let undeclared = Budget {
            bound: None,
            of: None,
        };
        let total = (!spends.is_empty() && !of_all && !model.budgets.contains_key(TOTAL))
            .then_some((TOTAL, &undeclared));
        let budgets: Vec<(&str, &Budget)> = declared
            .map(|(name, budget)| (name.as_str(), budget))
            .chain(total)
            .collect();
        if budgets.is_empty() {
            return;
        }
        let mut spent: Vec<Spent> = Vec::with_capacity(spends.len());
        for metered in spends {
            let path = dotted([metered.id.owner.as_str(), &metered.id.name].into_iter());
            spent.push((path, price(metered, graph)));
        }
        // What could not be read may cost anything.
        for (family, name) in model.gaps.unread_spend() {
            if !has(model, family, name) {
                let path = dotted([family.as_str(), name].into_iter());
                spent.push((path, Quantity::unknown()));
            }
        }
        spent.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, budget) in budgets {
            let together = together(budget, &spent, graph);
            let limit = self.situation().budget(budget.bound);
            let mut metered = spend(Family::Budget, name, together, limit);
            self.leave_gaps(&mut metered);
            out.push(metered);
        }
    }
}

/// Whether a thing was read that may cost something; only such things cost anything.
fn has(model: &Model, family: Family, name: &str) -> bool {
    match family {
        Family::Api => model.apis.contains_key(name),
        Family::Cost => model.costs.contains_key(name),
        Family::Database => model.databases.contains_key(name),
        Family::Model => model.models.contains_key(name),
        Family::Queue => model.queues.contains_key(name),
        Family::Budget | Family::Table => true,
    }
}

/// A meter's money: of credits what they cost.
fn price(metered: &Metered, graph: &mut Graph) -> Quantity {
    match &metered.tariff {
        None => metered.demand,
        Some(tariff) => Tariff::money(tariff, metered.demand, graph),
    }
}

/// What is spent on all that a budget is for.
fn together(budget: &Budget, spent: &[Spent], graph: &mut Graph) -> Quantity {
    let mut sum = RunningSum::default();
    for (_, money) in spent.iter().filter(|(path, _)| budget.is_for(path)) {
        sum.add(*money);
    }
    graph.sum(&sum)
}
