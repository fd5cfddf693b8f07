//! Who uses what, in the base or in the head: which features a changed declaration reaches, and
//! what reaching them costs.

use std::collections::BTreeSet;

use crate::collections::HashMap;
use crate::model::{Line, Model, Per, Target, Timing};

/// Which features use what, in the base or in the head; and which tables stand on what.
#[derive(Default)]
pub(super) struct Users {
    apis: HashMap<String, BTreeSet<String>>,
    endpoints: HashMap<String, BTreeSet<String>>,
    tables: HashMap<String, BTreeSet<String>>,
    queues: HashMap<String, BTreeSet<String>>,
    models: HashMap<String, BTreeSet<String>>,
    entities: HashMap<String, BTreeSet<String>>,
    rollups: HashMap<String, BTreeSet<String>>,
    counted: HashMap<String, BTreeSet<String>>,
    costs: HashMap<String, usize>,
    all: usize,
}

impl Users {
    /// The users of both models.
    pub(super) fn new(base: &Model, head: &Model) -> Self {
        let mut users = Self::default();
        users.add(base);
        users.add(head);
        users.weigh(base);
        users.weigh(head);
        users
    }

    fn add(&mut self, model: &Model) {
        for (name, feature) in &model.features {
            for line in &feature.lines {
                let (map, target) = match &line.target {
                    Target::Call { api, endpoint, .. } => {
                        insert(&mut self.endpoints, endpoint, name);
                        (&mut self.apis, api)
                    }
                    Target::Write { table, .. } => (&mut self.tables, table),
                    Target::Message { queue, .. } => (&mut self.queues, queue),
                    Target::Inference { model, .. } => (&mut self.models, model),
                };
                insert(map, target, name);
                if let Some(entity) = entity_of(line) {
                    insert(&mut self.entities, entity, name);
                }
            }
        }
        for (name, table) in &model.tables {
            if let Some((from, _)) = &table.from {
                insert(&mut self.rollups, from, name);
            }
            if let Some((_, population)) = &table.rows
                && let Per::Entity(entity) = &population.per
            {
                insert(&mut self.counted, entity, name);
            }
        }
    }

    /// What evaluating each feature costs: its lines, and of a queue that batches are sent to
    /// all its batches, because how they add up depends on each other.
    fn weigh(&mut self, model: &Model) {
        let mut batches: HashMap<&str, usize> = HashMap::default();
        for feature in model.features.values() {
            for queue in batched(&feature.lines) {
                *batches.entry(queue).or_default() += 1;
            }
        }
        for (name, feature) in &model.features {
            let mut cost = 1 + feature.lines.len();
            let queues: BTreeSet<&str> = batched(&feature.lines).collect();
            cost += queues
                .iter()
                .filter_map(|queue| batches.get(queue))
                .sum::<usize>();
            *self.costs.entry(name.clone()).or_default() += cost;
            self.all += cost;
        }
        self.all += model.tables.len() + model.tiers.len() + model.entities.len();
    }

    /// The features that a declaration reaches.
    pub(super) fn of(&self, keys: &[String]) -> BTreeSet<String> {
        let (Some(table), Some(name)) = (keys.first(), keys.get(1)) else {
            return BTreeSet::new();
        };
        let map = match table.as_str() {
            "features" => return BTreeSet::from([name.clone()]),
            "apis" => match (keys.get(2).map(String::as_str), keys.get(3)) {
                (Some("endpoints"), Some(endpoint)) => {
                    return self.endpoints.get(endpoint).cloned().unwrap_or_default();
                }
                _ => &self.apis,
            },
            "tables" => &self.tables,
            "queues" => &self.queues,
            "models" => &self.models,
            "entities" => &self.entities,
            _ => return BTreeSet::new(),
        };
        map.get(name).cloned().unwrap_or_default()
    }

    /// The features that call a path of any API.
    pub(super) fn of_endpoint(&self, path: &str) -> impl Iterator<Item = &String> {
        self.endpoints.get(path).into_iter().flatten()
    }

    /// The features that write to a table.
    pub(super) fn writers(&self, table: &str) -> impl Iterator<Item = &String> {
        self.tables.get(table).into_iter().flatten()
    }

    /// The state tables that are counted per an entity.
    pub(super) fn counted_per(&self, entity: &str) -> impl Iterator<Item = &String> {
        self.counted.get(entity).into_iter().flatten()
    }

    /// A table and all that stands on it.
    pub(super) fn stack(&self, table: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([table.to_owned()]);
        let mut pending = vec![table.to_owned()];
        while let Some(next) = pending.pop() {
            for rollup in self.rollups.get(&next).into_iter().flatten() {
                if all.insert(rollup.clone()) {
                    pending.push(rollup.clone());
                }
            }
        }
        all
    }

    /// What applying a declaration costs, in evaluations of a line.
    pub(super) fn cost(&self, keys: &[String]) -> usize {
        let (Some(table), Some(name)) = (keys.first(), keys.get(1)) else {
            return self.all;
        };
        let features: usize = self
            .of(keys)
            .iter()
            .filter_map(|feature| self.costs.get(feature))
            .sum();
        match table.as_str() {
            "tenants" | "project" => self.all,
            "entities" => features + self.all_small(),
            "tables" => features + self.stack(name).len() * (1 + features),
            _ => 1 + features,
        }
    }

    fn all_small(&self) -> usize {
        self.entities.len() + self.counted.len()
    }
}

fn insert(map: &mut HashMap<String, BTreeSet<String>>, key: &str, value: &str) {
    match map.get_mut(key) {
        Some(set) => {
            if !set.contains(value) {
                set.insert(value.to_owned());
            }
        }
        None => {
            map.insert(key.to_owned(), BTreeSet::from([value.to_owned()]));
        }
    }
}

fn entity_of(line: &Line) -> Option<&str> {
    match &line.timing {
        Timing::Rate { population, .. } => match &population.per {
            Per::Entity(entity) => Some(entity),
            _ => None,
        },
        Timing::After { .. } => None,
    }
}

/// The queues that lines send batches to.
fn batched(lines: &[Line]) -> impl Iterator<Item = &str> {
    let mut batch: Vec<bool> = Vec::with_capacity(lines.len());
    for line in lines {
        batch.push(match &line.timing {
            Timing::Rate { batch, .. } => *batch,
            Timing::After { parent, .. } => batch.get(*parent).copied().unwrap_or_default(),
        });
    }
    lines
        .iter()
        .zip(batch)
        .filter_map(|(line, batch)| match &line.target {
            Target::Message { queue, .. } if batch => Some(&**queue),
            _ => None,
        })
}
