//! The forecast that was made, day by day.

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::calibrate::Window;
use crate::calibrate::graduated::MeanCosts;
use crate::calibrate::lines::amounts;
use crate::collections::HashMap;
use crate::forecast::Situation;
use crate::forecast::demand::{Forecast, Keep};
use crate::quantity::Graph;
use crate::units::Date;

/// What was forecast of one thing, by day.
pub(super) type Days = BTreeMap<Date, f64>;

/// What was forecast of a project's lines.
#[derive(Default)]
pub(super) struct Made {
    /// By line and unit.
    pub(super) lines: HashMap<(String, String), Days>,
    /// The day on which each feature's forecast was made.
    pub(super) since: BTreeMap<String, Date>,
}

impl Made {
    /// Adds the features that are new on a day: what is known of others was forecast before.
    pub(super) fn add(&mut self, project: &Project, window: Window, made: Date) {
        let model = &project.model;
        let is_new = |name: &&String| !self.since.contains_key(*name);
        let new: Vec<String> = model.features.keys().filter(is_new).cloned().collect();
        if new.is_empty() {
            return;
        }
        let mut graph = Graph::new();
        let mut day = made.max(window.from);
        while day < window.to {
            let ahead = u32::try_from(day.days_since(made)).unwrap_or(0);
            let situation = Situation::Day(ahead);
            let forecast = Forecast::new(model, situation, Keep::Lines, &mut graph);
            let costs = MeanCosts::new(model, &forecast.flows, &graph);
            for name in &new {
                let feature = model.features.get(name).zip(forecast.flows.get(name));
                let Some((feature, flows)) = feature else {
                    continue;
                };
                for (line, flow) in feature.lines.iter().zip(flows) {
                    for (unit, amount) in amounts(model, line, flow) {
                        let amount = match amount {
                            Some(amount) => Some(graph.point(amount)),
                            None if unit == "cost" => costs.of(line, flow, &graph),
                            None => None,
                        };
                        let Some(amount) = amount.filter(|it| it.is_finite()) else {
                            continue;
                        };
                        let days = self.lines.entry((line.path(name), unit)).or_default();
                        days.insert(day, amount);
                    }
                }
            }
            match day.plus_days(1) {
                Some(next) => day = next,
                None => break,
            }
        }
        self.since.extend(new.into_iter().map(|name| (name, made)));
    }

    pub(super) fn of_line(&self, path: &str, unit: &str) -> Option<&Days> {
        self.lines.get(&(path.to_owned(), unit.to_owned()))
    }
}
