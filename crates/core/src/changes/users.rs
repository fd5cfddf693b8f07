//! Who uses what, in the base or in the head: which features a changed declaration reaches, and
//! what reaching them costs.

use std::collections::BTreeSet;

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::document::Difference;
use crate::document::tables::Root;
use crate::meter::Family;
use crate::model::names::split_endpoint;
use crate::model::{Line, Model, Per, Timing};

/// Which features use what, in the base or in the head; and which rollups sum up which tables.
#[derive(Default)]
pub(super) struct Users<'m> {
    things: [UsersOf<'m>; Family::COUNT],
    /// Those that call an API and its path.
    endpoints: UsersOf<'m, (&'m str, &'m str)>,
    /// Those that leave out the API before a path: what others declare decides whose it is.
    bare: UsersOf<'m>,
    entities: UsersOf<'m>,
    rollups: UsersOf<'m>,
    counted: UsersOf<'m>,
    costs: HashMap<&'m str, usize>,
    all: usize,
    /// How many entities are counted by.
    entities_used: usize,
}

/// Names with those that use them, sorted once all are there. Most names have one user, and come
/// nearly in order.
struct UsersOf<'m, N = &'m str>(Vec<(N, &'m str)>);

impl<N> Default for UsersOf<'_, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'m, N: Copy + Ord> UsersOf<'m, N> {
    fn insert(&mut self, name: N, user: &'m str) {
        self.0.push((name, user));
    }

    fn sort(&mut self) {
        self.0.sort();
        self.0.dedup();
    }

    /// The users of a name.
    fn of(&self, name: N) -> Vec<&'m str> {
        let from = self.0.partition_point(|(known, _)| *known < name);
        let rest = &self.0[from..];
        let count = rest.partition_point(|(known, _)| *known == name);
        rest[..count].iter().map(|(_, user)| *user).collect()
    }

    /// How many names have users.
    fn names(&self) -> usize {
        self.0.chunk_by(|one, other| one.0 == other.0).count()
    }
}

impl<'m> Users<'m> {
    /// The users of both models, as far as these declarations reach: who calls an API is only
    /// asked where an API changes.
    pub(super) fn new(base: &'m Project, head: &'m Project, differences: &[Difference]) -> Self {
        let tables: HashSet<&str> = differences
            .iter()
            .filter_map(|difference| Some(difference.path.0.first()?.as_str()))
            .collect();
        let mut users = Self::default();
        for project in [base, head] {
            users.add(&project.model, &tables);
            if tables.contains(Family::Api.as_str()) {
                users.add_bare(&project.declarations.root);
            }
        }
        users.endpoints.sort();
        let others = [
            &mut users.bare,
            &mut users.entities,
            &mut users.rollups,
            &mut users.counted,
        ];
        for all in users.things.iter_mut().chain(others) {
            all.sort();
        }
        users.entities_used = users.entities.names() + users.counted.names();
        users.add_costs(&base.model);
        users.add_costs(&head.model);
        users
    }

    fn add(&mut self, model: &'m Model, changed: &HashSet<&str>) {
        let entities = changed.contains("entities");
        for (name, feature) in &model.features {
            for line in &feature.lines {
                let family = line.kind.family();
                if changed.contains(family.as_str()) {
                    self.things[family as usize].insert(&line.uses.thing, name);
                    if let Some(called) = line.called() {
                        self.endpoints.insert(called, name);
                    }
                }
                if entities {
                    let counted = entity_of(line).into_iter().chain(limited_per(model, line));
                    counted.for_each(|entity| self.entities.insert(entity, name));
                }
            }
        }
        for (name, table) in &model.tables {
            if let Some((from, _)) = &table.from {
                self.rollups.insert(from, name);
            }
            if let Some((_, population)) = table.rows.as_deref()
                && let Per::Entity(entity) = &population.per
            {
                self.counted.insert(entity, name);
            }
        }
    }

    fn add_bare(&mut self, root: &'m Root) {
        for (name, feature) in root.features.iter() {
            let endpoints = feature.calls.all().iter();
            for written in endpoints.filter_map(|call| call.value.endpoint.as_ref()) {
                if let (None, path) = split_endpoint(&root.apis, &written.value.0) {
                    self.bare.insert(path, name);
                }
            }
        }
    }

    /// What evaluating each feature costs: its lines, and of a queue that batches are sent to
    /// all its batches, because how they add up depends on each other.
    fn add_costs(&mut self, model: &'m Model) {
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
            *self.costs.entry(name.as_str()).or_default() += cost;
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
            "entities" => &self.entities,
            table => match (Family::of_key(table), &keys[2..]) {
                (Some(Family::Api), [endpoints, path, ..]) if endpoints == "endpoints" => {
                    let users = [self.endpoints.of((name, path)), self.bare.of(path)];
                    return users.concat().into_iter().map(str::to_owned).collect();
                }
                (Some(family), _) => &self.things[family as usize],
                (None, _) => return BTreeSet::new(),
            },
        };
        named(map, name)
    }

    /// The features that call a path without its API.
    pub(super) fn of_bare(&self, path: &str) -> Vec<&'m str> {
        self.bare.of(path)
    }

    /// The state tables that are counted per an entity.
    pub(super) fn counted_per(&self, entity: &str) -> Vec<&'m str> {
        self.counted.of(entity)
    }

    /// A table and all rollups that sum it up, on however many levels.
    pub(super) fn stack(&self, table: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([table.to_owned()]);
        let mut pending = vec![table.to_owned()];
        while let Some(next) = pending.pop() {
            for rollup in self.rollups.of(&next) {
                if all.insert(rollup.to_owned()) {
                    pending.push(rollup.to_owned());
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
            .filter_map(|feature| self.costs.get(feature.as_str()))
            .sum();
        match table.as_str() {
            "tenants" | "project" => self.all,
            "entities" => features + self.entities_used,
            "tables" => features + self.stack(name).len() * (1 + features),
            _ => 1 + features,
        }
    }
}

fn named(users: &UsersOf<'_>, name: &str) -> BTreeSet<String> {
    users.of(name).into_iter().map(str::to_owned).collect()
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

/// The entities that have limits of their own on what a line uses.
fn limited_per<'m>(model: &'m Model, line: &Line) -> impl Iterator<Item = &'m str> {
    let thing = &line.uses.thing;
    let limits = match line.kind.family() {
        Family::Api => model.api(thing).map(|api| &api.limits),
        Family::Model => model.compute_model(thing).map(|model| &model.limits),
        _ => None,
    };
    let members = limits
        .into_iter()
        .flatten()
        .filter_map(|limit| limit.members());
    members.filter_map(|members| match &members.per {
        Per::Entity(entity) => Some(entity.as_str()),
        Per::Tenant | Per::Project => None,
    })
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
        .filter(|(_, batch)| *batch)
        .filter_map(|(line, _)| line.uses_any(Family::Queue))
}
