//! The head under the limits of the base.

use super::opened;
use crate::document::tables::{self, Root};
use crate::document::{Items as _, TomlPath};
use crate::source::Span;

/// The keys that declare limits, by table.
const KEYS: [(&str, &[&[&str]]); 5] = [
    (
        "apis",
        &[
            &["plan", "credits"],
            &["budget"],
            &["rate_limit"],
            &["limits"],
        ],
    ),
    (
        "databases",
        &[&["storage"], &["writes"], &["reads"], &["budget"]],
    ),
    ("tables", &[&["max_size"]]),
    (
        "queues",
        &[
            &["partitions"],
            &["partition_throughput"],
            &["throughput"],
            &["storage"],
            &["max_message"],
            &["max_depth"],
            &["drain"],
            &["workers", "max"],
            &["budget"],
        ],
    ),
    (
        "models",
        &[&["capacity"], &["limits"], &["tenant_quota"], &["budget"]],
    ),
];

/// The keys without which limits count nothing, by table. The head's hold where it has them.
const MEASURES: [(&str, &[&[&str]]); 2] = [
    ("models", &[&["duration"]]),
    (
        "queues",
        &[
            &["workers", "rate"],
            &["workers", "api"],
            &["retention"],
            &["retention_bytes"],
            &["compact"],
            &["replication"],
        ],
    ),
];

/// A value that a limit needs, and where the base has it.
pub(super) type Lent = (TomlPath, Span);

/// Whether a thing has the table that keys lead into: lending makes none.
fn holds(root: &Root, (list, name): (&str, &str), keys: &[&str]) -> bool {
    match (list, keys) {
        ("apis", ["plan", _]) => root.apis.get(name).is_some_and(|it| it.plan.is_some()),
        ("queues", ["workers", _]) => {
            let queue = root.queues.get(name);
            queue.is_some_and(|it| it.workers.is_some())
        }
        _ => true,
    }
}

/// Gives a thing of the head what limits need and the base has, where it has none itself.
fn lend_measures(under: &mut Root, lent: &mut Vec<Lent>, old: &Root, (list, name): (&str, &str)) {
    let thing = TomlPath::new(&[list, name]);
    let keys = MEASURES.iter().filter(|(table, _)| *table == list);
    let keys = keys.flat_map(|(_, keys)| *keys);
    let keys = keys.filter(|keys| holds(old, (list, name), keys));
    let mut paths: Vec<TomlPath> = keys
        .map(|keys| keys.iter().fold(thing.clone(), |path, key| path.join(key)))
        .collect();
    if let (Some(before), Some(after)) = (old.apis.get(name), under.apis.get(name))
        && list == "apis"
    {
        for (path, endpoint) in after.endpoints.iter() {
            let Some(known) = before.endpoints.get(path) else {
                continue;
            };
            let endpoint_path = thing.join("endpoints").join(path);
            if !endpoint.has_cost() && known.has_cost() {
                let costs = COSTS.iter().map(|key| endpoint_path.join(key));
                paths.extend(costs);
            }
            paths.push(endpoint_path.join("duration"));
        }
    }
    for path in paths {
        if under.place(&path).is_none() {
            under.copy(old, &path);
            lent.extend(under.place(&path).map(|span| (path, span)));
        }
    }
}

/// The keys that say what a call costs.
const COSTS: [&str; 5] = [
    "credits",
    "credits_per_item",
    "step",
    "credits_per_step",
    "min_credits",
];

/// Gives things of the head the limits that they have in the base, and what those need; the tables
/// and names of those that have others.
pub(super) fn lend<'r>(
    under: &mut Root,
    lent: &mut Vec<Lent>,
    old: &'r Root,
    new: &'r Root,
) -> Vec<(&'static str, &'r str)> {
    let mut differing = Vec::new();
    macro_rules! lend {
        ($($list:ident)*) => {$(
            let list = stringify!($list);
            let keys = KEYS.iter().find(|(table, _)| *table == list);
            for (name, after) in new.$list.iter() {
                if old.$list.get(name).is_none_or(|before| before == after) {
                    continue;
                }
                for keys in keys.iter().flat_map(|(_, keys)| *keys) {
                    if !holds(old, (list, name), keys) && !holds(new, (list, name), keys) {
                        continue;
                    }
                    let thing = TomlPath::new(&[list, name]);
                    under.copy(old, &keys.iter().fold(thing, |path, key| path.join(key)));
                }
                lend_measures(under, lent, old, (list, name));
                if under.$list.get(name) != Some(after) {
                    differing.push((list, name));
                }
            }
        )*};
    }
    lend!(apis databases tables queues models);
    for (name, after) in new.queues.iter() {
        // It says what the limits count.
        let is_other = |before: &tables::Queue| before.broker != after.broker;
        if old.queues.get(name).is_some_and(is_other) {
            under.copy(old, &TomlPath::new(&["queues", name, "broker"]));
        }
    }
    for (name, after) in new.apis.iter() {
        let is_open = old
            .apis
            .get(name)
            .is_some_and(|before| opened(before, after).is_some());
        if is_open && !differing.contains(&("apis", name)) {
            differing.push(("apis", name));
        }
    }
    let is_renamed = |name: &str| {
        new.budgets.get(name).is_none() && {
            let before = old.budgets.get(name);
            let mut others = new
                .budgets
                .names()
                .filter(|other| old.budgets.get(other) == before);
            others.next().is_some()
        }
    };
    if old.budgets != new.budgets {
        for name in old.budgets.names().filter(|name| !is_renamed(name)) {
            under.copy(old, &TomlPath::new(&["budgets", name]));
            differing.push(("budgets", name));
        }
    }
    differing
}

/// Declares a thing that is gone as what has come in its place, with the limits that it had; what an
/// API has come with is added to one that is there.
pub(super) fn clone_with_limits(
    (under, lent): (&mut Root, &mut Vec<Lent>),
    old: &Root,
    (list, new): (&str, &str),
    was: &str,
) {
    macro_rules! also {
        ($($table:ident)*) => {
            match list {
                $(stringify!($table) if under.$table.get(was).is_none() => {
                    under.$table.also(new, was);
                    true
                })*
                _ => false,
            }
        };
    }
    if also!(apis databases tables queues models) {
        let keys = KEYS.iter().filter(|(table, _)| *table == list);
        for keys in keys.flat_map(|(_, keys)| *keys) {
            if holds(old, (list, was), keys) || holds(under, (list, was), keys) {
                let thing = TomlPath::new(&[list, was]);
                under.copy(old, &keys.iter().fold(thing, |path, key| path.join(key)));
            }
        }
        lend_measures(under, lent, old, (list, was));
    } else if list == "apis"
        && let Some(come) = under.apis.get(new).cloned()
        && let Some(api) = under.apis.item_mut(was)
    {
        for (path, entry) in come.endpoints.entries() {
            api.value.endpoints.insert(path.to_owned(), entry.clone());
        }
    }
}
