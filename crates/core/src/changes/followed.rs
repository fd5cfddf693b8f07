//! What the base names in its scenarios, under the names that the head has for it: a rename takes
//! nothing out of what judges.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::document::projection::Projection;
use crate::document::tables::{LineKind, Root, Scenario};
use crate::document::{Map, TomlPath};
use crate::exceptions::name_span;
use crate::meter::Family;

use super::moved::{Moved, moved};
use super::pairing::TELLING;
use super::renamed;

/// What the head calls what the base has.
pub(crate) struct Names<'a> {
    base: &'a Root,
    head: &'a Root,
    /// By table and name of what is gone, what has come in its place.
    heirs: HashMap<(&'static str, &'a str), Vec<&'a str>>,
    /// What lines have taken over.
    pub(crate) moved: Vec<Moved<'a>>,
    /// By table, what the base does not have.
    come: HashMap<&'static str, BTreeSet<&'a str>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(base: &'a Project, head: &'a Project) -> Self {
        let mut heirs: HashMap<_, Vec<&str>> = HashMap::default();
        for ((family, new), old) in renamed::successors(base, head) {
            let table = family.as_str();
            let heirs = heirs.entry((table, old)).or_default();
            if heirs.is_empty() && name_span(&head.declarations.root, table, old).is_some() {
                heirs.push(old);
            }
            heirs.push(new);
        }
        for (new, old) in renamed::heirs(base, head) {
            heirs.entry(("features", old)).or_default().push(new);
        }
        let moved = moved(base, head);
        for moved in moved.iter().filter(|it| it.is_new) {
            let is_gone = |old: &&str| !head.model.features.contains_key(*old);
            for old in moved.from.iter().map(|it| it.feature).filter(is_gone) {
                let heirs = heirs.entry(("features", old)).or_default();
                if !heirs.contains(&moved.feature) {
                    heirs.push(moved.feature);
                }
            }
        }
        let [base, head] = [base, head].map(|project| &project.declarations.root);
        let come = TABLES.map(|table| {
            let names = names(head, table).into_iter();
            let come = names.filter(|name| name_span(base, table, name).is_none());
            (table, come.collect())
        });
        let mut all = Self {
            base,
            head,
            heirs,
            moved,
            come: come.into_iter().collect(),
        };
        for (table, heirs) in [
            ("tenants", members(base, head)),
            ("entities", entities(base, head)),
        ] {
            let heirs = heirs.into_iter();
            all.heirs
                .extend(heirs.map(|(old, heirs)| ((table, old), heirs)));
        }
        all.heirs
            .values_mut()
            .for_each(|names| names.sort_unstable());
        all
    }

    /// The names in the head of what a table of the base has under a name: that name, or those of
    /// what has come in its place.
    pub(crate) fn of(&self, table: &'static str, name: &'a str) -> Vec<&'a str> {
        let stays = name_span(self.head, table, name).is_some();
        match self.heirs.get(&(table, name)) {
            Some(heirs) if !stays || Family::of_key(table).is_some() => heirs.clone(),
            _ if stays => vec![name],
            _ => Vec::new(),
        }
    }

    /// All that stands for what a table of the base has under a name.
    pub(crate) fn heirs(&self, table: &'static str, name: &'a str) -> &[&'a str] {
        let heirs = self.heirs.get(&(table, name));
        heirs.map_or(&[], Vec::as_slice)
    }

    /// Whether something of a table has come, or a part of something that may be what was one.
    pub(crate) fn has_come(&self, table: &str) -> bool {
        let is_new = |name: &str, keys: &[&str]| {
            let before = part(self.base, (table, name), keys);
            let after = part(self.head, (table, name), keys).unwrap_or_default();
            after
                .iter()
                .any(|id| before.as_ref().is_some_and(|before| !before.contains(id)))
        };
        let mut lines = self.head.features.names().filter(|_| table == "features");
        let mut endpoints = self.head.apis.names().filter(|_| table == "apis");
        !self.come(table).is_empty()
            || lines.any(|name| {
                LineKind::ALL
                    .iter()
                    .any(|kind| is_new(name, &[kind.list()]))
            })
            || endpoints.any(|name| is_new(name, &["endpoints"]))
    }

    /// What a table of the head has that the base does not have.
    fn come(&self, table: &str) -> &BTreeSet<&'a str> {
        static NOTHING: BTreeSet<&str> = BTreeSet::new();
        self.come.get(table).unwrap_or(&NOTHING)
    }

    /// The paths in the head of what the base has at a path; none where that is gone.
    pub(crate) fn paths(&self, path: &TomlPath) -> Vec<TomlPath> {
        let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
        let known = keys
            .first()
            .and_then(|key| TABLES.iter().find(|table| *table == key));
        let (Some(table), [_, name, rest @ ..]) = (known.copied(), &keys[..]) else {
            return vec![path.clone()];
        };
        // What the base does not have either is no matter of names.
        let Some(name) = names(self.base, table).get(name).copied() else {
            return vec![path.clone()];
        };
        let mut names = self.of(table, name);
        let is_retargeted = table == "features" && self.is_retargeted(name, rest);
        if is_retargeted {
            names.extend(self.heirs(table, name).iter().filter(|heir| **heir != name));
        }
        let mut paths = Vec::new();
        for new in names {
            let thing = TomlPath::new(&[table, new]);
            let of = |root: &'a Root, name| part(root, (table, name), rest);
            let parts = (of(self.base, name), of(self.head, new), rest);
            let (Some(before), Some(after), [list, id, rest @ ..]) = parts else {
                paths.push(rest.iter().fold(thing, |path, key| path.join(key)));
                continue;
            };
            let come = after.difference(&before).copied();
            let ids: Vec<&str> = match after.contains(id) {
                true if is_retargeted => come.chain([*id]).collect(),
                true => vec![id],
                false => come.collect(),
            };
            paths.extend(ids.into_iter().map(|id| {
                let part = thing.join(list).join(id);
                rest.iter().fold(part, |path, key| path.join(key))
            }));
        }
        match (table, rest) {
            ("features", [list, id, rest @ ..]) if paths.is_empty() => {
                let moved = self.moved_from(name, list, id).into_iter();
                let paths = moved.map(|line| rest.iter().fold(line, |path, key| path.join(key)));
                paths.collect()
            }
            _ => paths,
        }
    }

    /// The lines of other features that are what a line was.
    fn moved_from(&self, feature: &str, list: &str, id: &str) -> Vec<TomlPath> {
        let kind = LineKind::of_list(list);
        let line = kind.and_then(|kind| self.base.features.get(feature)?.line(kind, id));
        let Some((used, _)) = line.and_then(|line| line.keys().uses) else {
            return Vec::new();
        };
        let moved = self.moved.iter().filter(|it| {
            let line = it.line;
            let called = line.called().map(|(_, path)| path);
            it.is_new
                && Some(line.kind) == kind
                && used.ends_with(called.unwrap_or(&line.uses.thing))
                && it
                    .from
                    .iter()
                    .any(|giver| giver.most && giver.feature == feature)
        });
        let path = |it: &Moved<'_>| TomlPath::new(&["features", it.feature, list, &it.line.id]);
        moved.map(path).collect()
    }

    /// Whether a line stays but uses something else, so that what is new may be what it was.
    fn is_retargeted(&self, feature: &str, keys: &[&str]) -> bool {
        let uses = |root: &'a Root| {
            let [list, id, ..] = keys else { return None };
            let line = root
                .features
                .get(feature)?
                .line(LineKind::of_list(list)?, id)?;
            line.keys().uses.map(|(uses, _)| uses)
        };
        let sides = [self.base, self.head].map(uses);
        matches!(sides, [Some(before), Some(after)] if before != after)
    }

    /// The scenarios of the base as they judge the head, which may set what is gone under other
    /// paths: then what the head sets counts too.
    pub(crate) fn scenarios(&self) -> Map<Scenario> {
        let mut scenarios = self.base.scenarios.clone();
        for (name, entry) in scenarios.entries_mut() {
            let scenario = &entry.body.value;
            let mut set = Map::default();
            let mut is_lost = false;
            for (path, value) in scenario.set.entries() {
                let paths = TomlPath::parse(path).map(|path| self.paths(&path));
                let paths = paths.unwrap_or_default();
                is_lost |= paths.is_empty();
                for path in paths {
                    set.insert(path.to_string(), value.clone());
                }
            }
            if let Some(own) = self.head.scenarios.get(name).filter(|_| is_lost) {
                for (path, value) in own.set.entries() {
                    if set.get(path).is_none() {
                        set.insert(path.to_owned(), value.clone());
                    }
                }
            }
            if set != scenario.set {
                Arc::make_mut(&mut entry.body).value.set = set;
            }
        }
        scenarios
    }

    /// What a scenario of the base sets that the head does not have, and that may be there under
    /// another name.
    pub(crate) fn lost(&self, scenario: &str) -> Vec<&'a str> {
        let set = self.base.scenarios.get(scenario).map(|it| &it.set);
        let paths = set.into_iter().flat_map(|set| set.names());
        let is_lost = |path: &&str| {
            TomlPath::parse(path).is_ok_and(|path| {
                let table = path.0.first().map_or("", String::as_str);
                self.paths(&path).is_empty() && self.has_come(table)
            })
        };
        paths.filter(is_lost).collect()
    }
}

/// What is gone, each with what has come in its place.
pub(crate) type Heirs<'a> = Vec<(&'a str, Vec<&'a str>)>;

/// The tiers that are gone, each with the new ones that stand for it.
pub(crate) fn tiers<'a>(base: &'a Root, head: &'a Root) -> Heirs<'a> {
    heirs(&base.tenants, &head.tenants, |tier| {
        tier.now().unwrap_or(f64::INFINITY)
    })
}

/// The same, with the tiers that stay with less than half of their tenants: they, and all that come,
/// stand for what they were. With half or more they may be split: what comes and has no more than
/// twice what has gone stands for it too.
pub(crate) fn members<'a>(base: &'a Root, head: &'a Root) -> Heirs<'a> {
    let mut all = tiers(base, head);
    let come = head.tenants.names();
    let mut come: Vec<&str> = come
        .filter(|name| base.tenants.get(name).is_none())
        .collect();
    let size_of = |name: &str| head.tenants.get(name).and_then(Projection::now);
    come.sort_by(|one, other| {
        f64::total_cmp(
            &size_of(other).unwrap_or(f64::INFINITY),
            &size_of(one).unwrap_or(f64::INFINITY),
        )
    });
    come.truncate(TELLING);
    if come.is_empty() {
        return all;
    }
    for (name, before) in base.tenants.iter() {
        let after = head.tenants.entry(name).map(|entry| &entry.body.value);
        let now = [Some(before), after].map(|it| it.and_then(Projection::now));
        let [Some(was), Some(now)] = now else {
            continue;
        };
        let is_part = |new: &&&str| {
            let size = size_of(new).unwrap_or(f64::INFINITY);
            now < was / 2.0 || size <= (was - now) * 2.0
        };
        let parts: Vec<&str> = come.iter().filter(is_part).copied().collect();
        if now < was && !parts.is_empty() {
            all.push((name, [&[name], &parts[..]].concat()));
        }
    }
    all
}

/// The entities that are gone, each with the new ones that stand for it.
pub(crate) fn entities<'a>(base: &'a Root, head: &'a Root) -> Heirs<'a> {
    heirs(&base.entities, &head.entities, |_| 0.0)
}

/// What is gone with what stands for it: what is declared the same, else all that no other one
/// is: of many the largest.
fn heirs<'a, T: PartialEq>(
    base: &'a Map<T>,
    head: &'a Map<T>,
    size: impl Fn(&T) -> f64,
) -> Heirs<'a> {
    let only = |here: &'a Map<T>, there: &Map<T>| -> Vec<&'a str> {
        let names = here.names();
        names.filter(|name| there.get(name).is_none()).collect()
    };
    let (gone, mut come) = (only(base, head), only(head, base));
    let size_of = |name: &str| head.get(name).map_or(0.0, &size);
    come.sort_by(|one, other| size_of(other).total_cmp(&size_of(one)));
    come.truncate(TELLING);
    come.sort_unstable();
    let same = |old: &str, new: &str| base.get(old) == head.get(new);
    let of = |old: &&'a str| -> Vec<&'a str> {
        let candidates = || come.iter().copied();
        let heirs: Vec<&str> = candidates().filter(|new| same(old, new)).collect();
        let is_known = |new: &&str| gone.iter().any(|old| same(old, new));
        match heirs.is_empty() {
            true => candidates().filter(|new| !is_known(new)).collect(),
            false => heirs,
        }
    };
    gone.iter().map(|old| (*old, of(old))).collect()
}

/// The tables of what may be called otherwise.
const TABLES: [&str; 8] = [
    "tenants",
    "entities",
    "apis",
    "features",
    "databases",
    "tables",
    "queues",
    "models",
];

/// The names of the parts of a thing that keys lead into: the endpoints of an API, or the lines
/// of a feature's list.
fn part<'r>(
    root: &'r Root,
    (table, name): (&str, &str),
    keys: &[&str],
) -> Option<BTreeSet<&'r str>> {
    match (table, keys) {
        ("apis", ["endpoints", ..]) => Some(root.apis.get(name)?.endpoints.names().collect()),
        ("features", [list, ..]) => {
            let kind = LineKind::of_list(list)?;
            let lines = root.features.get(name)?.lines();
            let lines = lines.filter(|(_, line)| line.kind() == kind);
            Some(lines.map(|(id, _)| &**id).collect())
        }
        _ => None,
    }
}

/// The names that a table has.
fn names<'r>(root: &'r Root, table: &str) -> BTreeSet<&'r str> {
    macro_rules! names {
        ($($field:ident),*) => {
            match table {
                $(stringify!($field) => root.$field.names().collect(),)*
                _ => BTreeSet::new(),
            }
        };
    }
    names!(
        tenants, entities, apis, features, databases, tables, queues, models
    )
}
