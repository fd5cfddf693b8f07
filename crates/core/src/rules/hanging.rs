//! What hangs on a value that could not be read.
//!
//! A file's error names the key that is wrong. What is said of the same thing (a table, a queue,
//! an API, one line of a feature) is then not judged. Nor are the meters that it feeds, where
//! what is broken has a default that stands in for it, as no cache does for a broken `cache`: a
//! line that is left out altogether only makes them smaller, and what is over without it is over.

use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::tables::Root;
use crate::document::{Map, dotted};
use crate::meter::{Family, MeterKind};
use crate::model::{LineKind, Model};
use crate::rules::Context;
use crate::rules::causes::keys;
use crate::source::FileId;

/// Things that could not be read wholly, and what they feed.
#[derive(Debug, Default)]
pub(super) struct Hanging {
    /// Paths of things and of lines.
    things: HashSet<String>,
    /// Paths of things whose meters are not judged.
    meters: HashSet<String>,
}

/// Keys of a feature and of its lines whose absence can make demand larger.
const RAISING: &[&str] = &[
    "adoption", "active", "tenants", "cache", "spread", "fanout", "items", "rows", "count", "size",
    "units", "per", "after",
];

/// Keys that no meter reads.
const BESIDE_METERS: &[&str] = &[
    "allow",
    "cacheable",
    "decision",
    "engine",
    "lead_time",
    "measured",
    "owner",
    "price_as_of",
    "reason",
    "reversible",
    "scale_on",
    "spec",
    "launch",
    "tenant_quota",
    "eviction",
];

impl Hanging {
    /// Reads a project's errors. Nothing hangs where there are none.
    pub(super) fn new(context: &Context<'_>) -> Self {
        let project = context.project;
        let mut hanging = Self::default();
        if project.findings.is_empty() {
            return hanging;
        }
        for finding in &project.findings {
            hanging.broken(&project.model, &keys(&finding.subject));
        }
        let root = &project.declarations.root;
        hanging.broken_lines(root);
        if !project.declarations.incomplete.is_empty() {
            hanging.incomplete(root, &project.model, &project.declarations.incomplete);
        }
        hanging
    }

    pub(super) fn holds(&self, subject: &str) -> bool {
        if self.things.is_empty() && self.meters.is_empty() {
            return false;
        }
        let keys = keys(subject);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let Some(thing) = keys.get(..2) else {
            return false;
        };
        let thing = path(thing);
        match keys[..] {
            [_, _, kind, ..] if is_meter(kind) && self.meters.contains(&thing) => true,
            ["features", _, list, _, ..] if is_list(list) => {
                self.things.contains(&path(&keys[..4]))
            }
            [_, _, kind, ..] if is_meter(kind) => false,
            _ => self.things.contains(&thing),
        }
    }

    fn broken(&mut self, model: &Model, keys: &[String]) {
        let [family, name, rest @ ..] = keys else {
            return;
        };
        let thing = path(&[family, name]);
        let last = rest.last().map_or("", String::as_str);
        if family == "features" {
            let key = match rest.first() {
                Some(list) if is_list(list) => rest.get(2),
                key => key,
            };
            if key.is_some_and(|key| RAISING.contains(&key.as_str())) {
                self.feeds(model, name);
            }
        } else if !BESIDE_METERS.contains(&last) {
            self.meters.insert(thing.clone());
            if family == "tables" {
                self.feeds_database(model, name);
            }
        }
        self.things.insert(thing);
    }

    fn broken_lines(&mut self, root: &Root) {
        for (name, feature) in root.features.iter() {
            for (id, line) in feature.lines() {
                let keys = line.keys();
                let broken_cache = match keys.cache.map(|cache| &cache.value) {
                    Some(CacheChoice::On(cache)) => !cache.broken.is_empty(),
                    _ => false,
                };
                if !keys.broken.is_empty() || broken_cache {
                    let list = line.kind().list();
                    self.things.insert(path(&["features", name, list, id]));
                }
            }
        }
    }

    /// Files of which something may be missing: nothing in them is judged.
    fn incomplete(&mut self, root: &Root, model: &Model, files: &HashSet<FileId>) {
        let families = [
            ("tenants", declared_in(&root.tenants, files)),
            ("entities", declared_in(&root.entities, files)),
            ("apis", declared_in(&root.apis, files)),
            ("databases", declared_in(&root.databases, files)),
            ("tables", declared_in(&root.tables, files)),
            ("queues", declared_in(&root.queues, files)),
            ("models", declared_in(&root.models, files)),
        ];
        for (family, names) in families {
            for name in names {
                let thing = path(&[family, name]);
                self.things.insert(thing.clone());
                self.meters.insert(thing);
                if family == "tables" {
                    self.feeds_database(model, name);
                }
            }
        }
        for name in declared_in(&root.features, files) {
            self.things.insert(path(&["features", name]));
            let feature = model.features.get(name);
            let lines = feature.into_iter().flat_map(|feature| &feature.lines);
            self.things.extend(lines.map(|line| line.path(name)));
            self.feeds(model, name);
        }
    }

    fn feeds(&mut self, model: &Model, feature: &str) {
        let lines = model.features.get(feature).map(|feature| &feature.lines);
        for line in lines.into_iter().flatten() {
            let (family, name) = (line.kind.family(), &line.uses.thing);
            self.meters.insert(path(&[family.as_str(), name]));
            if family == Family::Table {
                self.feeds_database(model, name);
            }
        }
    }

    fn feeds_database(&mut self, model: &Model, table: &str) {
        let table = model.tables.get(table);
        if let Some(database) = table.and_then(|table| table.database.as_ref()) {
            self.meters.insert(path(&["databases", database]));
        }
    }
}

fn path(keys: &[&str]) -> String {
    dotted(keys.iter().copied())
}

fn declared_in<'a, T>(map: &'a Map<T>, files: &HashSet<FileId>) -> Vec<&'a str> {
    let declared = map.entries();
    let within = declared.filter(|(_, it)| files.contains(&it.name.file));
    within.map(|(name, _)| name).collect()
}

fn is_list(key: &str) -> bool {
    LineKind::of_list(key).is_some()
}

fn is_meter(key: &str) -> bool {
    MeterKind::of_key(key).is_some()
}
