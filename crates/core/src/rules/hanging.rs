//! What hangs on a value that could not be read.
//!
//! A file's error names the key that is wrong. What is said of the same thing (a table, a queue,
//! an API, one line of a feature) is then not judged. Nor are the meters that it feeds, where
//! what is broken has a default that stands in for it, as no cache does for a broken `cache`: a
//! line that is left out altogether only makes them smaller, and what is over without it is over.

use crate::collections::HashSet;
use crate::document::forms::CacheChoice;
use crate::document::tables::Root;
use crate::document::{Entry, Map, TomlPath};
use crate::meter::{Family, MeterKind};
use crate::model::{LineKind, Model};
use crate::rules::Context;
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
    /// Looks at a project's errors. Nothing hangs where there are none.
    pub(super) fn new(context: &Context<'_>) -> Self {
        let project = context.project;
        let mut hanging = Self::default();
        if project.findings.is_empty() {
            return hanging;
        }
        for finding in &project.findings {
            let keys = TomlPath::parse(&finding.subject).map_or(Vec::new(), |path| path.0);
            hanging.broken(&project.model, &keys);
        }
        let root = &project.declarations.root;
        hanging.broken_lines(root);
        if !project.declarations.incomplete.is_empty() {
            hanging.incomplete(root, &project.model, &project.declarations.incomplete);
        }
        hanging
    }

    /// Whether what is said of a subject hangs on something broken.
    pub(super) fn holds(&self, subject: &str) -> bool {
        if self.things.is_empty() && self.meters.is_empty() {
            return false;
        }
        let Ok(path) = TomlPath::parse(subject) else {
            return false;
        };
        let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
        let Some(thing) = keys.get(..2) else {
            return false;
        };
        let thing = TomlPath::new(thing).to_string();
        match keys[..] {
            [_, _, kind, ..] if is_meter(kind) && self.meters.contains(&thing) => true,
            ["features", _, list, _, ..] if is_list(list) => {
                self.things.contains(&TomlPath::new(&keys[..4]).to_string())
            }
            [_, _, kind, ..] if is_meter(kind) => false,
            _ => self.things.contains(&thing),
        }
    }

    /// Something is wrong at a path.
    fn broken(&mut self, model: &Model, keys: &[String]) {
        let [family, name, rest @ ..] = keys else {
            return;
        };
        let thing = TomlPath::new(&[family, name]).to_string();
        let last = rest.last().map_or("", String::as_str);
        let read_by_meters = !BESIDE_METERS.contains(&last);
        match family.as_str() {
            "features" => {
                self.things.insert(thing);
                let key = match rest.first() {
                    Some(list) if is_list(list) => rest.get(2),
                    key => key,
                };
                if key.is_some_and(|key| RAISING.contains(&key.as_str())) {
                    self.feeds(model, name);
                }
            }
            "tables" => {
                self.things.insert(thing.clone());
                if read_by_meters {
                    self.meters.insert(thing);
                    self.feeds_database(model, name);
                }
            }
            _ => {
                self.things.insert(thing.clone());
                if read_by_meters {
                    self.meters.insert(thing);
                }
            }
        }
    }

    /// Lines with keys that could not be read.
    fn broken_lines(&mut self, root: &Root) {
        for (name, feature) in root.features.iter() {
            for (id, line) in feature.lines() {
                let keys = line.keys();
                let broken_cache = match keys.cache.map(|cache| &cache.value) {
                    Some(CacheChoice::On(cache)) => !cache.broken.is_empty(),
                    _ => false,
                };
                if !keys.broken.is_empty() || broken_cache {
                    let path = TomlPath::new(&["features", name, line.kind().list(), id]);
                    self.things.insert(path.to_string());
                }
            }
        }
    }

    /// Files of which something may be missing: nothing in them is judged.
    fn incomplete(&mut self, root: &Root, model: &Model, files: &HashSet<FileId>) {
        fn of<T>(map: &Map<T>, files: &HashSet<FileId>, mut each: impl FnMut(&str, &Entry<T>)) {
            for (name, entry) in map.entries() {
                if files.contains(&entry.name.file) {
                    each(name, entry);
                }
            }
        }
        macro_rules! things {
            ($($family:ident)*) => {
                $(of(&root.$family, files, |name, _| {
                    let thing = TomlPath::new(&[stringify!($family), name]).to_string();
                    self.things.insert(thing.clone());
                    self.meters.insert(thing);
                });)*
            };
        }
        things!(tenants entities apis databases tables queues models);
        of(&root.tables, files, |name, _| {
            self.feeds_database(model, name)
        });
        of(&root.features, files, |name, _| {
            self.things
                .insert(TomlPath::new(&["features", name]).to_string());
            for line in model
                .features
                .get(name)
                .iter()
                .flat_map(|feature| &feature.lines)
            {
                self.things.insert(line.path(name));
            }
            self.feeds(model, name);
        });
    }

    /// All that a feature's lines use.
    fn feeds(&mut self, model: &Model, feature: &str) {
        let lines = model.features.get(feature).map(|feature| &feature.lines);
        for line in lines.into_iter().flatten() {
            let (family, name) = (line.kind.family(), &line.uses.thing);
            self.meters
                .insert(TomlPath::new(&[family.as_str(), name]).to_string());
            if family == Family::Table {
                self.feeds_database(model, name);
            }
        }
    }

    fn feeds_database(&mut self, model: &Model, table: &str) {
        let database = model
            .tables
            .get(table)
            .and_then(|table| table.database.as_ref());
        if let Some(database) = database {
            self.meters
                .insert(TomlPath::new(&["databases", database]).to_string());
        }
    }
}

fn is_list(key: &str) -> bool {
    LineKind::of_list(key).is_some()
}

fn is_meter(key: &str) -> bool {
    MeterKind::of_key(key).is_some()
}
