//! What a run of a model costs on average, where that depends on how many units all runs use.

use crate::collections::{HashMap, IndexMap};
use crate::forecast::{Flow, Flows};
use crate::model::lines::events::Amount;
use crate::model::{Line, Model};
use crate::quantity::Graph;

/// Money of a run, by model: of those whose prices are graduated, and that run at all.
pub(crate) struct MeanCosts<'m>(HashMap<&'m str, f64>);

impl<'m> MeanCosts<'m> {
    pub(crate) fn new(model: &'m Model, flows: &IndexMap<String, Flows>, graph: &Graph) -> Self {
        let days = model.calendar.days_per_month;
        let graduated = model.models.iter().filter(|(_, it)| it.is_graduated());
        let costs = graduated.map(|(name, compute)| {
            let all = flows.iter().filter_map(|(feature, flows)| {
                let lines = &model.features.get(feature)?.lines;
                let own = lines.iter().zip(flows);
                Some(own.filter(|(line, _)| *line.uses.thing == **name))
            });
            let own: Vec<&Flow> = all.flatten().map(|(_, flow)| flow).collect();
            let sum = |amount| {
                let amounts = own.iter().filter_map(|flow| flow.amount(amount));
                amounts.map(|it| graph.point(it)).sum::<f64>()
            };
            let priced = compute.prices.iter().enumerate();
            let paid = priced.map(|(at, (_, price))| price.price(sum(Amount::priced(at)) * days));
            let runs = sum(Amount::Billed);
            let each = paid.sum::<f64>() / days / runs;
            (&**name, if runs > 0.0 { each } else { 0.0 })
        });
        Self(costs.collect())
    }

    /// What one run of a model costs.
    pub(crate) fn each(&self, model: &str) -> Option<f64> {
        self.0.get(model).copied()
    }

    /// What a line's runs cost in a day.
    pub(crate) fn of(&self, line: &Line, flow: &Flow, graph: &Graph) -> Option<f64> {
        let each = self.each(&line.uses.thing)?;
        Some(each * graph.point(flow.amount(Amount::Billed)?))
    }
}
