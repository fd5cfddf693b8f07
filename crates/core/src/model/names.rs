//! What a name in one place stands for in another: endpoints, and the things that lines use.

use std::sync::Arc;

use crate::collections::{HashMap, IndexSet};
use crate::document::Map;
use crate::document::tables::{Api, Root};
use crate::meter::Family;

/// Splits a call's endpoint into an API, where it names one, and a path. What is
/// before the first `:` is an API only if one has that name.
pub(crate) fn split_endpoint<'a>(apis: &Map<Api>, endpoint: &'a str) -> (Option<&'a str>, &'a str) {
    match endpoint.split_once(':') {
        Some((api, path)) if apis.get(api).is_some() => (Some(api), path),
        _ => (None, endpoint),
    }
}

/// Which APIs declare a path, so that a call may leave the API out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoints(HashMap<String, Vec<String>>);

impl Endpoints {
    pub(crate) fn new(apis: &Map<Api>) -> Self {
        let mut owners: HashMap<String, Vec<String>> = HashMap::default();
        for (name, api) in apis.iter() {
            for path in api.endpoints.names() {
                let owners: &mut Vec<_> = owners.entry(path.to_owned()).or_default();
                owners.push(name.to_owned());
            }
        }
        Self(owners)
    }

    pub(crate) fn declare(&mut self, api: &str, path: &str, declared: bool) {
        let owners = self.0.entry(path.to_owned()).or_default();
        match (owners.iter().position(|owner| owner == api), declared) {
            (None, true) => owners.push(api.to_owned()),
            (Some(index), false) => drop(owners.swap_remove(index)),
            _ => {}
        }
    }

    pub(crate) fn owners(&self, path: &str) -> &[String] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }

    /// The API and the path that a call means: the API that it names, or the only one that
    /// declares the path.
    pub(crate) fn find<'a>(
        &'a self,
        apis: &Map<Api>,
        endpoint: &'a str,
    ) -> Option<(&'a str, &'a str)> {
        let (api, path) = split_endpoint(apis, endpoint);
        let owners = self.owners(path);
        match (api, owners) {
            (Some(api), owners) if owners.iter().any(|owner| owner == api) => Some((api, path)),
            (None, [only]) => Some((only, path)),
            _ => None,
        }
    }
}

/// The number of a thing that lines use, among things of its kind. It stays the thing's own while
/// a model is changed, so that what is counted for it can be kept in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(u32);

impl Id {
    pub(crate) fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The numbers of names of one kind. A name that goes keeps its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbering(IndexSet<Arc<str>>);

impl Numbering {
    fn of<T>(map: &Map<T>) -> Self {
        let mut names: Vec<&str> = map.names().collect();
        names.sort_unstable();
        Self(names.into_iter().map(Arc::from).collect())
    }

    pub(crate) fn id(&self, name: &str) -> Option<Id> {
        self.0.get_index_of(name).map(Id::at)
    }

    pub(crate) fn name(&self, id: Id) -> &str {
        self.0.get_index(id.index()).map_or("", |name| name)
    }

    pub(crate) fn reference(&self, name: &str) -> Option<Reference> {
        let (index, name) = self.0.get_full(name)?;
        Some(Reference {
            name: name.clone(),
            id: Id::at(index),
        })
    }

    /// A name, shared where it has a number.
    pub(crate) fn shared(&self, name: &str) -> Arc<str> {
        self.0.get(name).map_or_else(|| name.into(), Arc::clone)
    }

    pub(crate) fn add(&mut self, name: &str) {
        if !self.0.contains(name) {
            self.0.insert(name.into());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives numbers to names that have none. Whether no other name has one.
    fn after<T>(&mut self, map: &Map<T>) -> bool {
        map.names().for_each(|name| self.add(name));
        self.len() == map.len()
    }

    /// Whether all that have a number in another have the same here.
    fn continues(&self, other: &Self) -> bool {
        other.len() <= self.len() && other.0.iter().zip(&self.0).all(|(one, other)| one == other)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbers([Numbering; Family::COUNT]);

impl Numbers {
    pub(crate) fn of(root: &Root) -> Self {
        Self(Family::ALL.map(|family| match family {
            Family::Api => Numbering::of(&root.apis),
            Family::Budget => Numbering::of(&root.budgets),
            Family::Cost => Numbering::of(&root.costs),
            Family::Database => Numbering::of(&root.databases),
            Family::Model => Numbering::of(&root.models),
            Family::Queue => Numbering::of(&root.queues),
            Family::Table => Numbering::of(&root.tables),
        }))
    }

    /// The same where others have numbers already, which they keep; nothing where one of those is
    /// gone.
    pub(crate) fn after(root: &Root, known: &Self) -> Option<Self> {
        let mut numbers = known.clone();
        let after: [bool; Family::COUNT] = [
            numbers[Family::Api].after(&root.apis),
            numbers[Family::Budget].after(&root.budgets),
            numbers[Family::Cost].after(&root.costs),
            numbers[Family::Database].after(&root.databases),
            numbers[Family::Model].after(&root.models),
            numbers[Family::Queue].after(&root.queues),
            numbers[Family::Table].after(&root.tables),
        ];
        (!after.contains(&false)).then_some(numbers)
    }

    pub(crate) fn continues(&self, other: &Self) -> bool {
        let all = self.0.iter().zip(&other.0);
        all.into_iter().all(|(one, other)| one.continues(other))
    }
}

impl std::ops::Index<Family> for Numbers {
    type Output = Numbering;

    fn index(&self, family: Family) -> &Numbering {
        &self.0[family as usize]
    }
}

impl std::ops::IndexMut<Family> for Numbers {
    fn index_mut(&mut self, family: Family) -> &mut Numbering {
        &mut self.0[family as usize]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) name: Arc<str>,
    pub(crate) id: Id,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl std::ops::Deref for Reference {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}
