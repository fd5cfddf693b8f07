//! What need not be resolved again: features and tables that another project has too, where all that
//! they refer to is the same there.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::Map;
use crate::document::tables::Root;
use crate::meter::Family;
use crate::model::lines::Feature;
use crate::model::names::{Id, Numbers};
use crate::model::scenarios::sets;
use crate::model::things::Model;

/// A project without errors, and what of another has to be resolved that has most in common with
/// it.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) model: &'a Model,
    /// The numbers of all names, none of which is gone.
    pub(crate) numbers: Numbers,
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
        let mut features = others(&before.features, &root.features);
        let mut tables = others(&before.tables, &root.tables);
        if !tables.is_empty() {
            let ids = tables
                .iter()
                .filter_map(|name| numbers[Family::Table].id(name));
            let ids: HashSet<Id> = ids.collect();
            let uses = |feature: &Feature| {
                let mut lines = feature.lines.iter();
                lines.any(|line| {
                    line.kind.family() == Family::Table && ids.contains(&line.uses.thing.id)
                })
            };
            let users = model.features.iter().filter(|(_, feature)| uses(feature));
            features.extend(users.map(|(name, _)| name.as_str()));
            let rollups: Vec<&str> = root
                .tables
                .iter()
                .filter(|(_, table)| {
                    let from = table.from.as_ref();
                    from.is_some_and(|from| tables.contains(&*from.value.0))
                })
                .map(|(name, _)| name)
                .collect();
            tables.extend(rollups);
        }
        Some(Self {
            model,
            numbers,
            features,
            tables,
        })
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
