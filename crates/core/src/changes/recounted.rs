//! Entries of `limits` that have another id, or count otherwise, than before.

use crate::document::tables::{ApiLimit, ModelLimit, Root};
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
