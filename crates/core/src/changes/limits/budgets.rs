//! Budgets for several things that a change takes away, or narrows.

use super::Removed;
use crate::document::tables::Root;
use crate::document::values::Texts;
use crate::document::{TomlPath, dotted};
use crate::meter::MeterKind;
use crate::wildcard::wildcard;

/// The budgets that the head takes away, and those that leave something out that it still has.
pub(super) fn narrowed<'r>(old: &'r Root, new: &'r Root) -> impl Iterator<Item = Removed> + 'r {
    let left_out = |of: &Texts, now: &Texts| {
        let matches = |patterns: &Texts, path: &str| {
            let mut patterns = patterns.0.iter();
            patterns.any(|pattern| wildcard(&pattern.value, path))
        };
        let mut paths = priced(new);
        paths.any(|path| matches(of, &path) && !matches(now, &path))
    };
    old.budgets.iter().filter_map(move |(name, budget)| {
        let after = new.budgets.get(name);
        let path = TomlPath::new(&["budgets", name]);
        let (path, before) = match (after, &budget.of) {
            (None, _) => (path, budget.budget.as_ref()?.span),
            (Some(after), Some(of)) if left_out(&of.value, &after.of.as_ref()?.value) => {
                (path.join("of"), of.span)
            }
            _ => return None,
        };
        Some(Removed {
            declarations: vec![path.clone()],
            path,
            before,
            instead: None,
            kind: Some(MeterKind::Spend),
            window: None,
        })
    })
}

/// The paths of what can have a price.
fn priced(root: &Root) -> impl Iterator<Item = String> + '_ {
    let apis = root.apis.names().map(|name| ["apis", name]);
    let models = root.models.names().map(|name| ["models", name]);
    let databases = root.databases.names().map(|name| ["databases", name]);
    let queues = root.queues.names().map(|name| ["queues", name]);
    let costs = root.costs.names().map(|name| ["costs", name]);
    let all = apis
        .chain(models)
        .chain(databases)
        .chain(queues)
        .chain(costs);
    all.map(|keys| dotted(keys.into_iter()))
}
