//! Entries of `limits` that have another id, or count otherwise, than before; and limits that
//! count less since another one takes endpoints for itself.

use crate::document::tables::{Api, ApiLimit, ModelLimit, Root};
use crate::document::{Lines, TomlPath};

/// What has become of an entry of `limits`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It says the same under another id.
    Renamed,
    /// What counts against it, or for whom, is something else.
    Recounted,
}

/// What has become of the entry that a path leads into, where it is one.
pub(super) fn fate(path: &TomlPath, old: &Root, new: &Root) -> Option<Fate> {
    let [list, name, limits, id, ..] = &path.0[..] else {
        return None;
    };
    match (list.as_str(), limits.as_str()) {
        ("apis", "limits") => {
            let [old, new] = [old, new].map(|root| root.apis.get(name));
            of(id, &old?.limits, &new?.limits, ApiLimit::compared)
        }
        ("models", "limits") => {
            let [old, new] = [old, new].map(|root| root.models.get(name));
            of(id, &old?.limits, &new?.limits, ModelLimit::compared)
        }
        _ => None,
    }
}

/// `compared` says whether two entries are the same but for their ids, and whether they count the
/// same.
fn of<T>(
    id: &str,
    old: &Lines<T>,
    new: &Lines<T>,
    compared: fn(&T, &T) -> [bool; 2],
) -> Option<Fate> {
    let before = &old.get(id)?.value;
    if let Some(after) = new.get(id) {
        let [_, counts_the_same] = compared(before, &after.value);
        return (!counts_the_same).then_some(Fate::Recounted);
    }
    let mut others = new.iter().filter(|(other, _)| old.get(other).is_none());
    let is_it = others.any(|(_, other)| compared(before, &other.value)[0]);
    is_it.then_some(Fate::Renamed)
}

/// What to make as the base has it, so that a limit of an API counts again what entries of the head
/// newly take for themselves alone; nothing where none takes any.
pub(super) fn taken(path: &TomlPath, old: &Root, new: &Root) -> Vec<TomlPath> {
    let [list, name, key, rest @ ..] = &path.0[..] else {
        return Vec::new();
    };
    let [Some(old), Some(new)] = [old, new].map(|root| root.apis.get(name)) else {
        return Vec::new();
    };
    if list != "apis" || !matches!(key.as_str(), "rate_limit" | "limits") {
        return Vec::new();
    }
    let own = rest.first().filter(|_| key == "limits");
    let takes = taking(new).filter(|(id, limit)| {
        own.is_none_or(|own| **own != **id) && !taking(old).any(|(_, other)| takes_as(limit, other))
    });
    let keys = takes.flat_map(|(id, _)| {
        let entry = TomlPath::new(&["apis", name, "limits", id]);
        ["exclusive", "endpoints"].map(|key| entry.join(key))
    });
    keys.collect()
}

/// The entries whose endpoints count against no other limit.
fn taking(api: &Api) -> impl Iterator<Item = (&str, &ApiLimit)> {
    let limits = api.limits.iter().map(|(id, limit)| (&**id, &limit.value));
    limits.filter(|(_, limit)| limit.exclusive.as_ref().is_some_and(|it| it.value.0))
}

/// Whether two entries take the same endpoints out of limits of the same kind.
fn takes_as(one: &ApiLimit, other: &ApiLimit) -> bool {
    one.endpoints == other.endpoints && one.rate.is_some() == other.rate.is_some()
}
