//! What was called otherwise in the base.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::given::{asked, asked_each, given, thing_of};
use super::pairing::{Known, Pairing, TELLING, nameless, pair};
use crate::analysis::Project;
use crate::collections::{HashMap, IndexMap};
use crate::meter::Family;
use crate::model::{Api, ComputeModel, Feature, Id, Line, Model, Queue, Table};

/// The lines of a feature, sorted: the list, the id and what it uses of each.
pub(crate) type Lines<'l> = Vec<(&'static str, &'l str, Arc<str>)>;

/// The lines of a feature that has any.
pub(crate) fn lines_of(feature: &Feature) -> Option<Lines<'_>> {
    let mut lines: Lines<'_> = feature
        .lines
        .iter()
        .map(|line| (line.kind.list(), &*line.id, line.target_name()))
        .collect();
    lines.sort_unstable();
    (!lines.is_empty()).then_some(lines)
}

/// What features of the base those are that are new.
pub(crate) fn features<'a>(base: &'a Project, head: &'a Project) -> Pairing<'a> {
    let only = |here: &'a Project, there: &Project| -> Vec<(&'a str, &'a Feature)> {
        let features = here.model.features.iter();
        let only = features.filter(|(name, _)| !there.model.features.contains_key(*name));
        only.map(|(name, feature)| (name.as_str(), &**feature))
            .collect()
    };
    let sides = [(base, only(base, head)), (head, only(head, base))];
    if sides.iter().any(|(_, only)| only.is_empty()) {
        return Pairing::default();
    }
    let [gone, come] = sides.map(|(side, only)| {
        let mut declared = HashMap::default();
        let known = only.into_iter().map(|(name, feature)| {
            let mut uses = Vec::new();
            for line in &feature.lines {
                let key = (line.kind.family(), &*line.uses.thing.name);
                let declared = declared
                    .entry(key)
                    .or_insert_with(|| declaration(&side.model, key.0, key.1));
                uses.push(declared.clone());
            }
            uses.sort_unstable();
            let asked = format!("{:?}{}", asked(&side.model, feature), uses.concat());
            Known {
                name,
                declared: asked.clone(),
                asked,
                marks: marks(feature).map(|mark| format!("{mark:?}")).collect(),
            }
        });
        known.collect::<Vec<_>>()
    });
    pair(&gone, &come)
}

/// What lines of a feature are called and what they use.
fn marks(feature: &Feature) -> impl Iterator<Item = Mark> {
    feature.lines.iter().flat_map(|line| {
        let list = line.kind.list();
        let id = (list, false, (*line.id).into());
        [id, (list, true, line.target_name())]
    })
}

/// The list, whether it is what a line uses, and that or its id.
type Mark = (&'static str, bool, Arc<str>);

/// Of which feature each new one may be: of one that is gone, else of one that stays and asks for
/// less of what it uses, else of the only one that goes.
pub(crate) fn heirs<'a>(base: &'a Project, head: &'a Project) -> BTreeMap<&'a str, &'a str> {
    let mut heirs = features(base, head).was;
    let [old, new] = [base, head].map(|side| &side.model.features);
    let come = || new.iter().filter(|(name, _)| !old.contains_key(*name));
    if come().next().is_none() {
        return heirs;
    }
    let mut by_part: HashMap<Mark, BTreeSet<&str>> = HashMap::default();
    let is_known = come().all(|(name, _)| heirs.contains_key(name.as_str()));
    for (name, line) in given(base, head).into_iter().filter(|_| !is_known) {
        let list = line.kind.list();
        let id = (list, false, (*line.id).into());
        for mark in [id, (list, true, line.target_name())] {
            by_part.entry(mark).or_default().insert(name);
        }
    }
    let by_part: HashMap<_, Vec<&str>> = (by_part.into_iter())
        .map(|(mark, names)| (mark, names.into_iter().collect()))
        .collect();
    for (name, feature) in come() {
        if !heirs.contains_key(name.as_str()) {
            let marks: BTreeSet<Mark> = marks(feature).collect();
            let parts = marks.iter().filter_map(|mark| by_part.get(mark));
            heirs.extend(most_common(parts).map(|old| (name.as_str(), old)));
        }
    }
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    last(
        gone.map(String::as_str),
        come().map(|(name, _)| (name.as_str(), name.as_str())),
        &mut heirs,
    );
    heirs
}

/// Lets the only thing that comes stand for the only one that goes, of those of which nothing tells
/// what they are.
fn last<'a, K: Copy + Ord>(
    gone: impl Iterator<Item = &'a str>,
    come: impl Iterator<Item = (K, &'a str)>,
    known: &mut BTreeMap<K, &'a str>,
) {
    let taken: BTreeSet<&str> = known.values().copied().collect();
    let mut gone = gone.filter(|name| !taken.contains(name));
    let come: Vec<K> = (come.map(|(key, _)| key))
        .filter(|key| !known.contains_key(key))
        .take(2)
        .collect();
    if let (Some(old), None, [new]) = (gone.next(), gone.next(), &come[..]) {
        known.insert(*new, old);
    }
}

/// The name that most lists have; of equals the first.
pub(super) fn most_common<'a, 'l>(lists: impl Iterator<Item = &'l Vec<&'a str>>) -> Option<&'a str>
where
    'a: 'l,
{
    let mut shared: HashMap<&str, usize> = HashMap::default();
    for name in lists.filter(|names| names.len() <= TELLING).flatten() {
        *shared.entry(name).or_default() += 1;
    }
    let best = shared.into_iter();
    let best = best.max_by_key(|(name, count)| (*count, Reverse(*name)));
    best.map(|(name, _)| name)
}

/// What things of the base those are that are new, by family.
pub(crate) fn pairings<'a>(base: &'a Project, head: &'a Project) -> Vec<(Family, Pairing<'a>)> {
    let features = OnceCell::new();
    let mut all = Vec::new();
    for family in Family::ALL {
        let [gone, new] = only(base, head, family);
        if gone.is_empty() || new.is_empty() {
            continue;
        }
        let features = features.get_or_init(|| self::features(base, head).was);
        let gone = known(base, family, &gone, &BTreeMap::new());
        let new = known(head, family, &new, features);
        all.push((family, pair(&gone, &new)));
    }
    all
}

/// What things were called in the base.
pub(crate) fn things<'a>(
    base: &'a Project,
    head: &'a Project,
) -> BTreeMap<(Family, &'a str), &'a str> {
    let pairings = pairings(base, head).into_iter();
    let things = pairings.flat_map(|(family, pairing)| {
        let was = pairing.was.into_iter();
        was.map(move |(new, old)| ((family, new), old))
    });
    things.collect()
}

/// What tells what things of a family are; features by what they were called.
fn known<'p>(
    project: &'p Project,
    family: Family,
    of: &BTreeSet<&'p str>,
    features: &BTreeMap<&str, &str>,
) -> Vec<Known<'p>> {
    let mut users = users(project, family, of, features);
    let mut asked: HashMap<&str, Vec<_>> = HashMap::default();
    for feature in project.model.features.values() {
        let mut uses = feature.lines.iter();
        let thing = |line| thing_of(&project.model, family, line).filter(|it| of.contains(it));
        if uses.any(|line| thing(line).is_some()) {
            for (line, own) in feature
                .lines
                .iter()
                .zip(asked_each(&project.model, feature))
            {
                if let Some(thing) = thing(line) {
                    asked.entry(thing).or_default().push(own);
                }
            }
        }
    }
    let known = of.iter().map(|name| {
        let mut asked = asked.remove(name).unwrap_or_default();
        asked.sort_unstable();
        Known {
            name,
            declared: declaration(&project.model, family, name),
            asked: format!("{asked:?}"),
            marks: users.remove(name).unwrap_or_default(),
        }
    });
    known.collect()
}

/// What is declared of a thing, without names and what only follows from its place.
fn declaration(model: &Model, family: Family, name: &str) -> String {
    let text = match family {
        Family::Api => model.apis.get(name).map(|api| {
            let endpoints = api.endpoints.values().map(|it| format!("{it:?}"));
            let mut endpoints: Vec<String> = endpoints.collect();
            endpoints.sort_unstable();
            let api = Api {
                id: Id::default(),
                endpoints: IndexMap::default(),
                ..api.clone()
            };
            format!("{api:?}{}", endpoints.concat())
        }),
        Family::Budget => (model.budgets.get(name)).map(|budget| format!("{:?}", budget.bound)),
        Family::Cost => model.costs.get(name).map(f64::to_string),
        Family::Database => model.databases.get(name).map(|it| format!("{it:?}")),
        Family::Model => model.models.get(name).map(|it| {
            let id = Id::default();
            format!("{:?}", ComputeModel { id, ..it.clone() })
        }),
        Family::Queue => model.queues.get(name).map(|it| {
            let id = Id::default();
            format!("{:?}", Queue { id, ..it.clone() })
        }),
        Family::Table => model.tables.get(name).map(|it| {
            let id = Id::default();
            format!("{:?}", Table { id, ..it.clone() })
        }),
    };
    nameless(&text.unwrap_or_default())
}

/// What of the base each thing stands for that is new: what it was called, else that from which it
/// takes over what lines ask for, whether that stays or not, else the only one that goes where it is
/// the only one that comes.
pub(crate) fn successors<'a>(
    base: &'a Project,
    head: &'a Project,
) -> BTreeMap<(Family, &'a str), &'a str> {
    let mut all = things(base, head);
    let given = OnceCell::new();
    for family in Family::ALL {
        let [gone, mut come] = only(base, head, family);
        come.retain(|name| !all.contains_key(&(family, *name)));
        if come.is_empty() {
            continue;
        }
        let given = given.get_or_init(|| Given::new(base, head));
        let givers = given.by_user(family);
        for (name, users) in users(head, family, &come, &BTreeMap::new()) {
            let known = users.iter().filter_map(|user| givers.get(user));
            all.extend(most_common(known).map(|old| ((family, name), old)));
        }
        if let Some(cheaper) = cheaper([base, head]).filter(|_| family == Family::Cost) {
            let come = come.iter().map(|name| ((family, *name), cheaper));
            let unknown = come.filter(|(key, _)| !all.contains_key(key));
            all.extend(unknown.collect::<Vec<_>>());
        }
        let of_family = all.iter().filter(|((of, _), _)| *of == family);
        let mut known = of_family.map(|((_, new), old)| (*new, *old)).collect();
        last(
            gone.into_iter(),
            come.iter().map(|name| (*name, *name)),
            &mut known,
        );
        all.extend(known.into_iter().map(|(new, old)| ((family, new), old)));
    }
    all
}

/// The cost that stays and falls most.
fn cheaper(sides: [&Project; 2]) -> Option<&str> {
    let [before, after] = sides.map(|side| &side.model.costs);
    let falls = before.iter().filter_map(|(name, was)| {
        let fall = was - after.get(name)?;
        (fall > 0.0).then_some((name.as_str(), fall))
    });
    let most = falls.max_by(|(_, one), (_, other)| one.total_cmp(other));
    most.map(|(name, _)| name)
}

/// What lines ask less for, and which features may ask for it now.
struct Given<'a> {
    base: &'a Project,
    head: &'a Project,
    lines: Vec<(&'a str, &'a Line)>,
    heirs: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Given<'a> {
    fn new(base: &'a Project, head: &'a Project) -> Self {
        let mut by_old: HashMap<&str, Vec<&str>> = HashMap::default();
        for (new, old) in heirs(base, head) {
            by_old.entry(old).or_default().push(new);
        }
        Self {
            base,
            head,
            lines: given(base, head),
            heirs: by_old,
        }
    }

    /// The things of a family from which something goes, by who may use it now, as [`users`] says
    /// it.
    fn by_user(&self, family: Family) -> HashMap<String, Vec<&'a str>> {
        let mut givers: HashMap<String, BTreeSet<&'a str>> = HashMap::default();
        let model = &self.base.model;
        for (feature, line) in &self.lines {
            let Some(thing) = thing_of(model, family, line) else {
                continue;
            };
            let list = line.kind.list();
            let heirs = self.heirs.get(feature).into_iter().flatten();
            let features = std::iter::once(feature).chain(heirs);
            let endpoint = line.uses.endpoint.as_ref();
            let users = features
                .map(|feature| format!("feature {feature} {list}"))
                .chain([format!("line {list} {}", line.id)])
                .chain(endpoint.map(|endpoint| format!("endpoint {}", endpoint.name)));
            for user in users {
                givers.entry(user).or_default().insert(thing);
            }
        }
        if family == Family::Database {
            for (name, table) in &model.tables {
                let after = self.head.model.tables.get(name);
                let moves = after.is_some_and(|after| after.database != table.database);
                if let Some(database) = table.database.as_deref().filter(|_| moves) {
                    let givers = givers.entry(format!("table {name}")).or_default();
                    givers.insert(database);
                }
            }
        }
        let givers = givers.into_iter();
        givers
            .map(|(user, things)| (user, things.into_iter().collect()))
            .collect()
    }
}

/// The names of a family.
pub(super) fn names(model: &Model, family: Family) -> Box<dyn Iterator<Item = &str> + '_> {
    match family {
        Family::Api => Box::new(model.apis.keys().map(String::as_str)),
        Family::Budget => Box::new(model.budgets.keys().map(String::as_str)),
        Family::Cost => Box::new(model.costs.keys().map(String::as_str)),
        Family::Database => Box::new(model.databases.keys().map(String::as_str)),
        Family::Model => Box::new(model.models.keys().map(String::as_str)),
        Family::Queue => Box::new(model.queues.keys().map(String::as_str)),
        Family::Table => Box::new(model.tables.keys().map(String::as_str)),
    }
}

/// The names of a family that only the base has, and those that only the head has.
fn only<'a>(base: &'a Project, head: &'a Project, family: Family) -> [BTreeSet<&'a str>; 2] {
    let names = |side: &'a Project| names(&side.model, family);
    // As in nearly all changes.
    if names(base).eq(names(head)) {
        return Default::default();
    }
    let [old, new] = [base, head].map(|side| names(side).collect::<BTreeSet<_>>());
    [&old - &new, &new - &old]
}

/// Who uses some things of a family: the features, by list, and the ids of their lines; of an API
/// also its endpoints, and of a database its tables. Of a budget what it is for, and of a cost what
/// it comes to.
fn users<'p>(
    project: &'p Project,
    family: Family,
    of: &BTreeSet<&'p str>,
    features: &BTreeMap<&str, &str>,
) -> HashMap<&'p str, BTreeSet<String>> {
    let (root, model) = (&project.declarations.root, &project.model);
    let mut users: HashMap<&str, BTreeSet<String>> = HashMap::default();
    let mut add = |thing: Option<&str>, user: String| {
        if let Some(thing) = thing.and_then(|thing| of.get(thing)) {
            users.entry(thing).or_default().insert(user);
        }
    };
    if family == Family::Api {
        for (name, api) in root.apis.iter() {
            let endpoints = api.endpoints.names();
            endpoints.for_each(|path| add(Some(name), format!("endpoint {path}")));
        }
    }
    if family == Family::Cost {
        for (name, price) in &model.costs {
            add(Some(name), format!("price {price}"));
        }
    }
    if family == Family::Budget {
        for (name, budget) in root.budgets.iter() {
            let patterns = budget.of.iter().flat_map(|of| &of.value.0);
            patterns.for_each(|pattern| add(Some(name), format!("of {}", pattern.value)));
        }
    }
    if family == Family::Database {
        for (name, table) in &model.tables {
            add(table.database.as_deref(), format!("table {name}"));
        }
    }
    for (feature, line) in lines(model) {
        let thing = thing_of(model, family, line);
        let list = line.kind.list();
        let feature = features.get(feature).copied().unwrap_or(feature);
        add(thing, format!("feature {feature} {list}"));
        add(thing, format!("line {list} {}", line.id));
    }
    users
}

fn lines(model: &Model) -> impl Iterator<Item = (&str, &Line)> {
    let features = model.features.iter();
    features.flat_map(|(name, feature)| feature.lines.iter().map(move |line| (name.as_str(), line)))
}
