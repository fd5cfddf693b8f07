//! What need not be resolved again: features and tables that another project has too, where all that
//! they refer to is the same there.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::{IndexMap, IndexSet};
use crate::document::Map;
use crate::document::tables::Root;
use crate::meter::Family;
use crate::model::lines::{Feature, Population};
use crate::model::merge::Exchange;
use crate::model::names::{Id, Numbers};
use crate::model::scenarios::sets;
use crate::model::things::{Model, Table};

/// What is known of a project, given one without errors that has most in common with it.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    /// The numbers of all names, none of which is gone.
    pub(crate) numbers: Numbers,
    /// What the other one has.
    pub(crate) made: Made,
    pub(crate) others: Others<'a>,
}

/// The features and tables of a project, and whom lines are counted per.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) features: IndexMap<String, Arc<Feature>>,
    pub(crate) tables: IndexMap<String, Table>,
    pub(crate) populations: IndexSet<Arc<Population>>,
}

/// The names of what has to be resolved.
#[derive(Debug)]
pub(crate) struct Others<'a> {
    /// The features that are others, or that use a table that is.
    pub(crate) features: BTreeSet<&'a str>,
    /// The tables that are others, or rollups of such.
    pub(crate) tables: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    /// What is known of a project, given one without errors; nothing where anything differs that
    /// features and tables may refer to. Declarations are the same where they are one: those that
    /// the same words of the same file make.
    pub(crate) fn new((before, model): (&'a Root, &'a Model), root: &'a Root) -> Option<Self> {
        let is_same = !model.uncertain
            // The models of scenarios have numbers of their own, which have to be the same.
            && !sets(before)
            && !sets(root)
            && before.project == root.project
            && before.tenants == root.tenants
            && before.entities == root.entities
            && before.apis == root.apis
            && before.databases == root.databases
            && before.queues == root.queues
            && before.models == root.models;
        let numbers = Numbers::after(root, &model.numbers).filter(|_| is_same)?;
        let mut others = Others {
            features: others(&before.features, &root.features),
            tables: others(&before.tables, &root.tables),
        };
        others.add_users(model, root);
        Some(Self {
            numbers,
            others,
            made: Made {
                features: model.features.clone(),
                tables: model.tables.clone(),
                populations: model.populations.clone(),
            },
        })
    }

    /// What is known of a project in which files were exchanged since a certain model was made of
    /// it without errors. The model is taken apart for that.
    pub(crate) fn changed(model: &mut Model, root: &'a Root, files: Exchange<'a>) -> Self {
        let mut others = Others {
            features: files.others(|root| &root.features),
            tables: files.others(|root| &root.tables),
        };
        others.add_users(model, root);
        let mut numbers = std::mem::take(&mut model.numbers);
        let tables = &mut numbers[Family::Table];
        others.tables.iter().for_each(|name| tables.add(name));
        Self {
            numbers,
            others,
            made: Made {
                features: std::mem::take(&mut model.features),
                tables: std::mem::take(&mut model.tables),
                populations: std::mem::take(&mut model.populations),
            },
        }
    }
}

impl<'a> Others<'a> {
    /// Adds the features that use one of the tables, and rollups of them.
    fn add_users(&mut self, model: &Model, root: &'a Root) {
        let numbers = &model.numbers[Family::Table];
        let ids = self.tables.iter().filter_map(|name| numbers.id(name));
        let ids: BTreeSet<Id> = ids.collect();
        if ids.is_empty() {
            return;
        }
        let uses = |feature: &Feature| {
            let mut lines = feature.lines.iter();
            lines.any(|line| {
                line.kind.family() == Family::Table && ids.contains(&line.uses.thing.id)
            })
        };
        let users = model.features.iter().filter(|(_, feature)| uses(feature));
        let users = users.filter_map(|(name, _)| root.features.named(name));
        self.features.extend(users.map(|(name, _)| name));
        let is_rollup = |from: &str| self.tables.contains(from);
        let rollups = model.tables.iter().filter(|(_, table)| {
            let from = table.from.as_ref();
            from.is_some_and(|(from, _)| is_rollup(from))
        });
        let rollups: Vec<&str> = rollups
            .filter_map(|(name, _)| Some(root.tables.named(name)?.0))
            .collect();
        self.tables.extend(rollups);
    }
}

/// The names that only one of two tables has, or that stand for something else.
fn others<'a, T>(before: &'a Map<T>, after: &'a Map<T>) -> BTreeSet<&'a str> {
    let mut others = BTreeSet::new();
    for (name, entry) in after.entries() {
        let known = before.entry(name);
        if known.is_none_or(|known| !Arc::ptr_eq(&known.body, &entry.body)) {
            others.insert(name);
        }
    }
    let gone = before.names().filter(|name| after.entry(name).is_none());
    others.extend(gone);
    others
}
