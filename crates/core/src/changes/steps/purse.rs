//! What everything costs, and what that comes to in budgets.

use std::collections::BTreeSet;

use super::reach::Reached;
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::fit::Fitted;
use crate::meter::{Family, MeterId, MeterKind, TOTAL};
use crate::model::{Budget, Model};
use crate::quantity::{Graph, Quantity, RunningSum};

/// The money of each thing, by its path, and that of each budget.
#[derive(Default)]
pub(super) struct Purse {
    spends: HashMap<String, f64>,
    budgets: HashMap<String, RunningSum>,
}

impl Purse {
    pub(super) fn new(model: &Model, today: &[Fitted]) -> Self {
        let mut purse = Self::default();
        for fitted in today.iter().filter(|it| is_counted(&it.id)) {
            let path = TomlPath::new(&[fitted.id.owner.as_str(), &fitted.id.name]);
            let spend = fitted.meter.demand.point.unwrap_or(f64::INFINITY);
            purse.spends.insert(path.to_string(), spend);
        }
        purse.count(model, names(model).map(str::to_owned).collect());
        purse
    }

    /// Adds budgets up anew.
    fn count(&mut self, model: &Model, names: BTreeSet<String>) {
        for name in names {
            let Some(budget) = of(model, &name) else {
                self.budgets.remove(&name);
                continue;
            };
            let mut sum = RunningSum::default();
            for (path, spend) in &self.spends {
                if budget.is_for(path) {
                    sum.add(Quantity::certain(*spend));
                }
            }
            self.budgets.insert(name, sum);
        }
    }

    /// Takes over what things cost now, those before and those after a step, and the budgets
    /// that the step declares. Returns the budgets that may have moved, with their money before
    /// and after.
    pub(super) fn update(
        &mut self,
        model: &Model,
        reached: &Reached,
        (before, after): (&BTreeSet<String>, &HashMap<String, f64>),
        graph: &mut Graph,
    ) -> Vec<(String, [Option<f64>; 2])> {
        let ids = before
            .iter()
            .chain(after.keys().filter(|id| !before.contains(*id)));
        let mut spends = Vec::new();
        for id in ids {
            let mut path = TomlPath::parse(id).unwrap_or_default();
            if path.0.len() == 3 && path.0.pop().as_deref() == Some(MeterKind::Spend.as_str()) {
                let path = path.to_string();
                let (old, new) = (self.spends.get(&path).copied(), after.get(id).copied());
                spends.push((path, old, new));
            }
        }
        let declared = reached.names(Family::Budget);
        let mut moved: BTreeSet<String> = declared.iter().cloned().collect();
        if spends.iter().any(|(_, old, new)| old != new) {
            moved.extend(names(model).map(str::to_owned));
        }
        let money = |purse: &Self, name: &str, graph: &mut Graph| {
            let sum = purse.budgets.get(name).map(|sum| graph.sum(sum));
            sum.map(|sum| graph.point(sum))
        };
        let old: Vec<Option<f64>> = moved.iter().map(|name| money(self, name, graph)).collect();
        for (path, old, new) in spends {
            for (name, sum) in &mut self.budgets {
                if of(model, name).is_some_and(|budget| budget.is_for(&path)) {
                    old.into_iter()
                        .for_each(|old| sum.remove(Quantity::certain(old)));
                    new.into_iter()
                        .for_each(|new| sum.add(Quantity::certain(new)));
                }
            }
            match new {
                Some(new) => drop(self.spends.insert(path, new)),
                None => drop(self.spends.remove(&path)),
            }
        }
        self.count(model, declared.clone());
        let moved = moved.into_iter().zip(old).map(|(name, old)| {
            let new = money(self, &name, graph);
            (name, [old, new])
        });
        moved.collect()
    }
}

fn is_counted(id: &MeterId) -> bool {
    id.kind == MeterKind::Spend && id.owner != Family::Budget
}

/// The budgets of a model; that of everything always.
fn names(model: &Model) -> impl Iterator<Item = &str> {
    let declared = model.budgets.keys().map(String::as_str);
    declared.filter(|name| *name != TOTAL).chain([TOTAL])
}

fn of<'m>(model: &'m Model, name: &str) -> Option<&'m Budget> {
    static EVERYTHING: Budget = Budget {
        bound: None,
        of: None,
    };
    let undeclared = (name == TOTAL).then_some(&EVERYTHING);
    model.budgets.get(name).or(undeclared)
}
