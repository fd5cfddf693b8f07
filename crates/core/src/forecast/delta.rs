//! What of a model is not as in a model before it, where that is only some features and tables.

use std::sync::Arc;

use crate::collections::{HashSet, IndexMap};
use crate::forecast::storage::Sources;
use crate::meter::Family;
use crate::model::{Feature, Id, Model};

/// The features and tables that differ between two models that have all else in common. What the
/// forecast comes to for another feature or table is then the same in both: it depends on nothing
/// that differs.
#[derive(Debug)]
pub(crate) struct Delta<'m> {
    features: Vec<(&'m String, [Option<&'m Arc<Feature>>; 2])>,
    tables: HashSet<Id>,
    /// The one before, and this one.
    pub(crate) models: [&'m Model; 2],
}

impl<'m> Delta<'m> {
    /// What differs; nothing where that is more than certain features and tables. Features are the
    /// same where they are one: nothing of them is compared.
    pub(crate) fn between(base: &'m Model, head: &'m Model) -> Option<Self> {
        let Model {
            uncertain,
            calendar,
            numbers,
            gaps,
            populations,
            tiers,
            entities,
            apis,
            features: _,
            databases,
            tables: _,
            queues,
            models,
            costs,
            budgets,
        } = base;
        let is_same = !uncertain
            && !head.uncertain
            && *calendar == head.calendar
            && head.numbers.continues(numbers)
            && *gaps == head.gaps
            && populations.len() <= head.populations.len()
            && (populations.iter().zip(&head.populations)).all(|(one, other)| one == other)
            && *tiers == head.tiers
            && *entities == head.entities
            && *apis == head.apis
            && *databases == head.databases
            && *queues == head.queues
            && *models == head.models
            && *costs == head.costs
            && *budgets == head.budgets;
        let features = differing(&base.features, &head.features, Arc::ptr_eq);
        // Else evaluating all of them anew is less work than taking away what was.
        let are_few = features.len() * 4 <= head.features.len();
        (is_same && are_few).then(|| Self {
            features,
            tables: differing(&base.tables, &head.tables, |one, other| one == other)
                .into_iter()
                .flat_map(|(_, sides)| sides.into_iter().flatten().map(|table| table.id))
                .collect(),
            models: [base, head],
        })
    }

    /// The features that differ as they were.
    pub(crate) fn before(&self) -> impl Iterator<Item = (&'m String, &'m Arc<Feature>)> {
        self.side(0)
    }

    /// The features that differ as they are.
    pub(crate) fn after(&self) -> impl Iterator<Item = (&'m String, &'m Arc<Feature>)> {
        self.side(1)
    }

    fn side(&self, side: usize) -> impl Iterator<Item = (&'m String, &'m Arc<Feature>)> {
        let features = self.features.iter();
        features.filter_map(move |(name, sides)| Some((*name, sides[side]?)))
    }

    /// The tables of which anything may differ: that are other tables, or to which other rows come.
    pub(crate) fn reached(&self, [base, head]: [&Sources; 2]) -> HashSet<Id> {
        let lines = self.before().chain(self.after());
        let lines = lines.flat_map(|(_, feature)| &feature.lines);
        let used = lines.filter(|line| line.kind.family() == Family::Table);
        let mut written = self.tables.clone();
        written.extend(used.map(|line| line.uses.thing.id));
        let is_reached = |id: &Id| {
            let source = head.get(*id);
            written.contains(id)
                || source != base.get(*id)
                || source.is_some_and(|(source, _)| written.contains(&source))
        };
        let [_, model] = self.models;
        let tables = model.tables.values().map(|table| table.id);
        let mut reached: HashSet<Id> = tables.filter(is_reached).collect();
        reached.extend(&self.tables);
        reached
    }
}

/// The names that stand for something else in two tables of names, with what for.
fn differing<'m, T>(
    base: &'m IndexMap<String, T>,
    head: &'m IndexMap<String, T>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Vec<(&'m String, [Option<&'m T>; 2])> {
    let mut all = Vec::new();
    let mut kept = 0;
    for (name, after) in head {
        let before = base.get(name);
        kept += usize::from(before.is_some());
        if before.is_none_or(|before| !is_same(before, after)) {
            all.push((name, [before, Some(after)]));
        }
    }
    if kept < base.len() {
        let gone = base.iter().filter(|(name, _)| !head.contains_key(*name));
        all.extend(gone.map(|(name, before)| (name, [Some(before), None])));
    }
    all
}
