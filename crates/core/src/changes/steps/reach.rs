//! What a declaration reaches: the features that it changes, and whatever they use.

use std::collections::BTreeSet;

use super::{Steps, parts};
use crate::document::Difference;
use crate::document::tables::Root;
use crate::meter::Family;

/// The names of what a step reaches, by family.
#[derive(Default)]
pub(super) struct Reached([BTreeSet<String>; Family::COUNT]);

impl Reached {
    fn of(&mut self, family: Family) -> &mut BTreeSet<String> {
        &mut self.0[family as usize]
    }

    pub(super) fn names(&self, family: Family) -> &BTreeSet<String> {
        &self.0[family as usize]
    }
}

/// Whether a declaration reaches everything: the calendar, or the tenants of a tier.
pub(super) fn reaches_all(difference: &Difference) -> bool {
    let (table, name, _) = parts(difference);
    name.is_empty() || matches!(table, "tenants" | "project")
}

/// The tables that a database's coming or going can place elsewhere: those that name it, and
/// those that name none and are in the only one.
pub(super) fn placed_by<'r>(root: &'r Root, database: &str) -> impl Iterator<Item = &'r str> {
    let tables = root.tables.iter().filter(move |(_, table)| {
        let named = table.database.as_ref();
        named.is_none_or(|named| named.value.0 == database)
    });
    tables.map(|(name, _)| name)
}

impl Steps<'_> {
    /// The features that a declaration reaches. An API that comes or goes can also decide which
    /// API a path means.
    pub(super) fn features_of(&self, difference: &Difference) -> BTreeSet<String> {
        let mut features = self.users.of(&difference.path.0);
        if let ("apis", name, []) = parts(difference) {
            let sides = [&self.root, &self.head.declarations.root];
            for api in sides.into_iter().filter_map(|root| root.apis.get(name)) {
                for path in api.endpoints.names() {
                    features.extend(self.users.of_bare(path).into_iter().map(str::to_owned));
                }
            }
        }
        features
    }

    /// Adds what declarations, and the features that they reach, are counted by.
    pub(super) fn reach(
        &self,
        differences: &[&Difference],
        features: &BTreeSet<String>,
        reached: &mut Reached,
    ) {
        if differences.iter().any(|difference| reaches_all(difference)) {
            return self.reach_everything(reached);
        }
        for difference in differences {
            self.reach_declared(difference, reached);
        }
        self.reach_features(features, reached);
    }

    fn reach_everything(&self, reached: &mut Reached) {
        let model = &self.model;
        let mut add =
            |family, names: Vec<&String>| reached.of(family).extend(names.into_iter().cloned());
        add(Family::Api, model.apis.keys().collect());
        add(Family::Budget, model.budgets.keys().collect());
        add(Family::Cost, model.costs.keys().collect());
        add(Family::Database, model.databases.keys().collect());
        add(Family::Model, model.models.keys().collect());
        add(Family::Queue, model.queues.keys().collect());
        add(Family::Table, model.tables.keys().collect());
    }

    fn reach_declared(&self, difference: &Difference, reached: &mut Reached) {
        let (table, name, rest) = parts(difference);
        if let Some(family) = Family::of_key(table) {
            self.reach_thing(family, name, reached);
            if family == Family::Database && rest.is_empty() {
                for table in placed_by(&self.root, name) {
                    self.reach_table(table, reached);
                }
            }
        } else if table == "entities" {
            for table in self.users.counted_per(name) {
                self.reach_table(table, reached);
            }
            for model in [&self.model, &self.head.model] {
                let queues = model.compacted_per(name).map(str::to_owned);
                reached.of(Family::Queue).extend(queues);
            }
        }
    }

    fn reach_thing(&self, family: Family, name: &str, reached: &mut Reached) {
        match family {
            Family::Table => self.reach_table(name, reached),
            _ => drop(reached.of(family).insert(name.to_owned())),
        }
    }

    fn reach_table(&self, name: &str, reached: &mut Reached) {
        for table in self.users.stack(name) {
            for model in [&self.model, &self.head.model] {
                let database = model.tables.get(&table).and_then(|it| it.database.clone());
                reached
                    .of(Family::Database)
                    .extend(database.map(|database| database.to_string()));
            }
            reached.of(Family::Table).insert(table);
        }
    }

    /// What features use, now and in the head: what one starts to use has to be known before.
    fn reach_features(&self, features: &BTreeSet<String>, reached: &mut Reached) {
        for name in features {
            let in_head = self.head.model.features.get(name);
            for line in in_head.iter().flat_map(|feature| &feature.lines) {
                self.reach_thing(line.kind.family(), &line.uses.thing, reached);
            }
            let now = self.forecast.flows.get(name);
            let now = now.or_else(|| self.untouched.get(name));
            for flow in now.into_iter().flatten() {
                let family = flow.kind.family();
                let name = self.model.numbers[family].name(flow.thing);
                self.reach_thing(family, name, reached);
            }
        }
    }
}
