//! What the base declares, in the head's names.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::members::Members;
use crate::analysis::Project;
use crate::changes::followed::members;
use crate::changes::given::given;
use crate::changes::renamed;
use crate::collections::HashMap;
use crate::document::forms::{PerName, Price};
use crate::document::tables::{self, Api, LimitSlots, Root};
use crate::document::values::Texts;
use crate::document::{Declared, Items as _, Lines, Map, Named, dotted};
use crate::meter::Family;
use crate::model::{ComputeModel, Line, Model, Value};
use crate::source::Spanned;
use crate::wildcard::wildcard;

/// What the base declares, with what the head renames also under its new name, and with that
/// name wherever a limit says what counts and for whom.
pub(crate) fn named_as<'p>(base: &'p Project, head: &'p Project) -> Cow<'p, Root> {
    let mut root = Cow::Borrowed(&base.declarations.root);
    let things = renamed::successors(base, head);
    for ((family, new), old) in &things {
        let root = root.to_mut();
        match family {
            Family::Api => root.apis.also(old, new),
            Family::Budget => root.budgets.also(old, new),
            Family::Cost => root.costs.also(old, new),
            Family::Database => root.databases.also(old, new),
            Family::Model => root.models.also(old, new),
            Family::Queue => root.queues.also(old, new),
            Family::Table => root.tables.also(old, new),
        }
    }
    if !things.is_empty() {
        let path = |family: Family, name| dotted([family.as_str(), name].into_iter());
        let pairs = things.iter();
        let pairs = pairs.map(|((family, new), old)| Renamed {
            old: vec![path(*family, old)],
            new: vec![path(*family, new)],
        });
        let pairs: Vec<Renamed> = pairs.collect();
        for (_, entry) in root.to_mut().budgets.entries_mut() {
            if let Some(of) = &mut Arc::make_mut(&mut entry.body).value.of {
                follow(&mut of.value, &pairs);
            }
        }
    }
    let (old, new) = (&base.declarations.root, &head.declarations.root);
    let tiers = members(old, new);
    let entities = Members::new(base, head).map_or(Vec::new(), |members| members.heirs());
    if !tiers.is_empty() || !entities.is_empty() {
        rename_members(root.to_mut(), &tiers, &entities);
    }
    for name in new.models.names() {
        let was = things.get(&(Family::Model, name)).copied().unwrap_or(name);
        let pairs = units((base, was), (head, name));
        if !pairs.is_empty()
            && let Some(model) = root.to_mut().models.item_mut(name)
        {
            rename_units(&mut model.value, &pairs);
        }
    }
    let calls = OnceCell::new();
    for (name, api) in new.apis.iter() {
        let was = things.get(&(Family::Api, name)).copied().unwrap_or(name);
        let Some(before) = old.apis.get(was) else {
            continue;
        };
        if !api.endpoints.names().any(|path| !is_held(before, path)) {
            continue;
        }
        let calls = calls.get_or_init(|| Calls::new(base, head));
        let renamed = calls.renamed((was, before), (name, api));
        let Some(api) = root.to_mut().apis.item_mut(name) else {
            continue;
        };
        let ids: Vec<Arc<str>> = api.value.limits.ids().cloned().collect();
        for id in ids {
            let limit = api.value.limits.item_mut(&id);
            if let Some(patterns) = limit.and_then(|limit| limit.value.endpoints.as_mut()) {
                follow(&mut patterns.value, &renamed);
            }
        }
    }
    root
}

/// Names that are gone, and those that have come in their place.
struct Renamed {
    old: Vec<String>,
    new: Vec<String>,
}

/// Lets patterns match the new names of what they matched under the old ones.
fn follow(patterns: &mut Texts, renamed: &[Renamed]) {
    let (globs, names): (Vec<_>, Vec<_>) =
        (patterns.0.iter().cloned()).partition(|it| it.value.contains('*'));
    let names = names.into_iter().map(|name| (name.value.clone(), name));
    let mut names: HashMap<String, Spanned<String>> = names.collect();
    let matching = |names: &HashMap<String, Spanned<String>>, name: &String| {
        let named = names.get(name).cloned();
        named.or_else(|| globs.iter().find(|it| wildcard(&it.value, name)).cloned())
    };
    for Renamed { old, new } in renamed {
        let Some(before) = old.iter().find_map(|old| matching(&names, old)) else {
            continue;
        };
        for name in new {
            if matching(&names, name).is_none() {
                let value = name.clone();
                let added = Spanned {
                    value,
                    ..before.clone()
                };
                names.insert(name.clone(), added.clone());
                patterns.0.push(added);
            }
        }
    }
}

/// The endpoints that each feature calls, by API.
type Called<'m> = HashMap<&'m str, BTreeMap<&'m str, BTreeSet<&'m str>>>;

/// Who calls what on both sides, and what is called less.
struct Calls<'p> {
    before: Called<'p>,
    after: Called<'p>,
    less: HashMap<&'p str, BTreeSet<&'p str>>,
    /// What features were.
    features: BTreeMap<&'p str, &'p str>,
}

impl<'p> Calls<'p> {
    fn new(base: &'p Project, head: &'p Project) -> Self {
        let mut less: HashMap<&str, BTreeSet<&str>> = HashMap::default();
        for (_, line) in given(base, head) {
            if let Some((api, path)) = line.called() {
                less.entry(api).or_default().insert(path);
            }
        }
        Self {
            before: called(&base.model),
            after: called(&head.model),
            less,
            features: renamed::heirs(base, head),
        }
    }

    /// The endpoints of an API that are gone or called less, each with what has come in its place:
    /// what a feature calls where it called them.
    fn renamed(&self, (was, before): (&str, &Api), (name, after): (&str, &Api)) -> Vec<Renamed> {
        let is_in = |api: &Api, path: &str| api.endpoints.get(path).is_some();
        let less = self.less.get(was);
        let is_left =
            |path: &str| !is_in(after, path) || less.is_some_and(|less| less.contains(path));
        let mut all = Vec::new();
        for (feature, paths) in self.after.get(name).into_iter().flatten() {
            let old = self.features.get(feature).copied().unwrap_or(feature);
            let called = self.before.get(was).and_then(|called| called.get(old));
            let is_called = |path: &str| called.is_some_and(|called| called.contains(path));
            let old = called.into_iter().flatten().filter(|path| is_left(path));
            let new = paths
                .iter()
                .filter(|path| !is_held(before, path) && !is_called(path));
            all.push(Renamed {
                old: old.map(|path| (*path).to_owned()).collect(),
                new: new.map(|path| (*path).to_owned()).collect(),
            });
        }
        all.retain(|it| !it.old.is_empty() && !it.new.is_empty());
        all
    }
}

/// Whether an API has an endpoint, and any limit on calls that counts it.
fn is_held(api: &Api, path: &str) -> bool {
    let counts = |limit: &Spanned<tables::ApiLimit>| {
        let patterns = limit.value.endpoints.as_ref();
        patterns.is_none_or(|it| it.value.0.iter().any(|it| wildcard(&it.value, path)))
    };
    let is_limited = api.rate_limit.is_some() || api.limits.all().iter().any(counts);
    api.endpoints.get(path).is_some() && (is_limited || api.limits.all().is_empty())
}

/// The endpoints that each feature calls.
fn called(model: &Model) -> Called<'_> {
    let mut called: Called<'_> = HashMap::default();
    for (name, feature) in &model.features {
        for (api, path) in feature.lines.iter().filter_map(Line::called) {
            let by_feature = called.entry(api).or_default();
            by_feature.entry(name).or_default().insert(path);
        }
    }
    called
}

/// The units of a model that are gone, each with what has come in its place: what a line uses as
/// much of, else what comes first.
pub(super) fn units(
    (base, was): (&Project, &str),
    (head, name): (&Project, &str),
) -> Vec<(String, String)> {
    let sides = [(base, was), (head, name)].map(|(side, name)| side.model.models.get(name));
    let [Some(before), Some(after)] = sides else {
        return Vec::new();
    };
    let only = |here: &ComputeModel, there: &ComputeModel| -> BTreeSet<String> {
        let units = here.units.iter().filter(|unit| !there.units.contains(unit));
        units.cloned().collect()
    };
    let (gone, mut come) = (only(before, after), only(after, before));
    if gone.is_empty() || come.is_empty() {
        return Vec::new();
    }
    let mut used: HashMap<(&str, &str), &[(String, Value)]> = HashMap::default();
    for (feature, line) in lines_of(base, was) {
        used.insert((feature, &line.id), &line.uses.units);
    }
    let mut same: Vec<(&str, &str)> = Vec::new();
    for (feature, line) in lines_of(head, name) {
        for (old, amount) in used.get(&(feature, &*line.id)).copied().unwrap_or_default() {
            let now = line.uses.units.iter().filter(|(_, now)| now == amount);
            same.extend(now.map(|(new, _)| (old.as_str(), new.as_str())));
        }
    }
    let mut pairs = Vec::new();
    for old in gone {
        let mut of_old = same.iter().filter(|(unit, _)| *unit == old);
        let new = of_old.find_map(|(_, new)| come.take(*new));
        if let Some(new) = new.or_else(|| come.pop_first()) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// The lines that use a model, by feature.
fn lines_of<'p>(project: &'p Project, model: &str) -> impl Iterator<Item = (&'p str, &'p Line)> {
    let features = project.model.features.iter();
    let lines = features.flat_map(|(name, feature)| {
        let lines = feature.lines.iter();
        lines.map(move |line| (name.as_str(), line))
    });
    lines.filter(move |(_, line)| line.uses_any(Family::Model) == Some(model))
}

/// Calls a model's units otherwise, wherever its limits and prices name them.
fn rename_units(model: &mut tables::Model, pairs: &[(String, String)]) {
    fn rename<T: Declared + Named>(map: &mut Map<T>, (old, new): &(String, String)) {
        map.also(old, new);
        map.remove(old);
    }
    let ids: Vec<Arc<str>> = model.limits.ids().cloned().collect();
    for pair in pairs {
        let (old, new) = pair;
        if let Some(unit) = model.unit.as_mut().filter(|unit| unit.value.0 == *old) {
            unit.value.0.clone_from(new);
        }
        if let Some(Price::Units(prices)) = model.price.as_mut().map(|price| &mut price.value) {
            rename(&mut prices.units, pair);
        }
        if let Some(PerName::By(map)) = model.capacity.as_mut().map(|it| &mut it.value) {
            rename(map, pair);
        }
        if let Some(quota) = &mut model.tenant_quota {
            match &mut quota.value {
                PerName::Same(PerName::By(map)) => rename(map, pair),
                PerName::By(tiers) => {
                    for (_, entry) in tiers.entries_mut() {
                        if let PerName::By(map) = &mut Arc::make_mut(&mut entry.body).value {
                            rename(map, pair);
                        }
                    }
                }
                PerName::Same(_) => {}
            }
        }
        for id in &ids {
            let limit = model.limits.item_mut(id);
            let counts = limit.and_then(|limit| limit.value.counts.as_mut());
            let units = counts.into_iter().flat_map(|counts| &mut counts.value.0);
            units
                .filter(|unit| unit.value == *old)
                .for_each(|unit| unit.value.clone_from(new));
        }
    }
}

/// Lets what is for tiers and entities that are gone be for those that have come in their place.
fn rename_members(root: &mut Root, tiers: &[(&str, Vec<&str>)], entities: &[(&str, &str)]) {
    for (_, entry) in root.models.entries_mut() {
        let model = &mut Arc::make_mut(&mut entry.body).value;
        if let Some(quota) = &mut model.tenant_quota {
            rename_tiers(&mut quota.value, tiers);
        }
        rename_limits(&mut model.limits, tiers, entities);
    }
    for (_, entry) in root.apis.entries_mut() {
        let api = &mut Arc::make_mut(&mut entry.body).value;
        rename_limits(&mut api.limits, tiers, entities);
    }
}

fn rename_limits<T: Declared + LimitSlots>(
    limits: &mut Lines<T>,
    tiers: &[(&str, Vec<&str>)],
    entities: &[(&str, &str)],
) {
    let ids: Vec<Arc<str>> = limits.ids().cloned().collect();
    for id in ids {
        let Some(limit) = limits.item_mut(&id) else {
            continue;
        };
        let (rate, concurrent, per) = limit.value.members();
        if let Some(rate) = rate {
            rename_tiers(&mut rate.value, tiers);
        }
        if let Some(concurrent) = concurrent {
            rename_tiers(&mut concurrent.value, tiers);
        }
        let Some(per) = per else { continue };
        if let Some((_, heir)) = entities.iter().find(|(old, _)| *old == per.value.0) {
            (*heir).clone_into(&mut per.value.0);
        }
    }
}

fn rename_tiers<T: Declared + Named>(values: &mut PerName<T>, tiers: &[(&str, Vec<&str>)]) {
    let PerName::By(by_tier) = values else { return };
    for (old, heirs) in tiers {
        if by_tier.get(old).is_some() && !heirs.is_empty() {
            heirs.iter().for_each(|heir| by_tier.also(old, heir));
            if !heirs.contains(old) {
                by_tier.remove(old);
            }
        }
    }
}
