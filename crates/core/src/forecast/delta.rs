//! What of a model is not as in a model before it, where that is only some features and tables.

use std::sync::Arc;

use crate::collections::{HashSet, IndexMap};
use crate::forecast::storage::Sources;
use crate::meter::Family;
use crate::model::{Feature, Id, Model, Table};
use crate::quantity::Graph;

/// What a name stands for, before and after.
pub(crate) type Sides<T> = [Option<T>; 2];

/// The features and tables that differ between two models that have all else in common. What the
/// forecast comes to for another feature or table is then the same in both: it depends on nothing
/// that differs.
#[derive(Debug)]
pub(crate) struct Delta {
    features: Vec<(String, Sides<Arc<Feature>>)>,
    tables: HashSet<Id>,
}

impl Delta {
    /// What differs, of all that may.
    pub(crate) fn new(
        features: Vec<(String, Sides<Arc<Feature>>)>,
        tables: impl IntoIterator<Item = Sides<Table>>,
    ) -> Self {
        let differing = tables.into_iter().filter(|[one, other]| one != other);
        Self {
            features,
            tables: differing
                .flat_map(|sides| sides.into_iter().flatten().map(|table| table.id))
                .collect(),
        }
    }

    /// What differs; nothing where that is more than certain features and tables. Features are the
    /// same where they are one: nothing of them is compared.
    pub(crate) fn between(base: &Model, head: &Model) -> Option<Self> {
        let is_same = is_same(base, head)
            && head.numbers.continues(&base.numbers)
            && base.populations.len() <= head.populations.len()
            && (base.populations.iter().zip(&head.populations)).all(|(one, other)| one == other);
        if !is_same {
            return None;
        }
        let features = differing(&base.features, &head.features, Arc::ptr_eq);
        are_few(features.len(), &head.features).then(|| {
            let tables = differing(&base.tables, &head.tables, |one, other| one == other);
            Self::new(features, tables.into_iter().map(|(_, sides)| sides))
        })
    }

    /// The features that differ as they were.
    pub(crate) fn before(&self) -> impl Iterator<Item = (&String, &Arc<Feature>)> {
        self.side(0)
    }

    /// The features that differ as they are.
    pub(crate) fn after(&self) -> impl Iterator<Item = (&String, &Arc<Feature>)> {
        self.side(1)
    }

    fn side(&self, side: usize) -> impl Iterator<Item = (&String, &Arc<Feature>)> {
        let features = self.features.iter();
        features.filter_map(move |(name, sides)| Some((name, sides[side].as_ref()?)))
    }

    /// The tables that are others, or to which other lines write or from which they read.
    fn written(&self) -> HashSet<Id> {
        let lines = self.before().chain(self.after());
        let lines = lines.flat_map(|(_, feature)| &feature.lines);
        let used = lines.filter(|line| line.kind.family() == Family::Table);
        let mut written = self.tables.clone();
        written.extend(used.map(|line| line.uses.thing.id));
        written
    }

    /// Makes sources those of a model, and returns the tables of which anything may differ: that
    /// are other tables, or to which other rows come.
    pub(crate) fn reach(
        &self,
        model: &Model,
        sources: &mut Sources,
        graph: &mut Graph,
    ) -> HashSet<Id> {
        let written = self.written();
        let mut reached = written.clone();
        if !self.tables.is_empty() {
            let before = std::mem::replace(sources, Sources::new(model, graph));
            let tables = model.tables.values().map(|table| table.id);
            reached.extend(tables.filter(|id| sources.get(*id) != before.get(*id)));
        }
        let follows = sources.rollups();
        let follows = follows.filter(|(_, source)| written.contains(source));
        reached.extend(follows.map(|(rollup, _)| rollup));
        reached
    }
}

/// Whether two models are certain and the same, but for features and tables, and what goes on as
/// those do: numbers and populations.
pub(crate) fn is_same(base: &Model, head: &Model) -> bool {
    let Model {
        uncertain,
        calendar,
        numbers: _,
        gaps,
        populations: _,
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
    !uncertain
        && !head.uncertain
        && *calendar == head.calendar
        && *gaps == head.gaps
        && *tiers == head.tiers
        && *entities == head.entities
        && *apis == head.apis
        && *databases == head.databases
        && *queues == head.queues
        && *models == head.models
        && *costs == head.costs
        && *budgets == head.budgets
}

/// Whether so many features are few of all: else evaluating all of them anew is less work than
/// taking away what was.
pub(crate) fn are_few<T>(features: usize, all: &IndexMap<String, T>) -> bool {
    features * 4 <= all.len()
}

/// The names that stand for something else in two tables of names, with what for.
fn differing<T: Clone>(
    base: &IndexMap<String, T>,
    head: &IndexMap<String, T>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Vec<(String, Sides<T>)> {
    let mut all = Vec::new();
    let mut kept = 0;
    for (name, after) in head {
        let before = base.get(name);
        kept += usize::from(before.is_some());
        if before.is_none_or(|before| !is_same(before, after)) {
            all.push((name.clone(), [before.cloned(), Some(after.clone())]));
        }
    }
    if kept < base.len() {
        let gone = base.iter().filter(|(name, _)| !head.contains_key(*name));
        all.extend(gone.map(|(name, before)| (name.clone(), [Some(before.clone()), None])));
    }
    all
}
