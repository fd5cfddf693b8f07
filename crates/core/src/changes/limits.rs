//! The limits of the real world that a change takes away.

mod budgets;
mod declared;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use declared::{Declared, GRANTED, paired};

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::document::forms::PerName;
use crate::document::tables::{Api, Root};
use crate::meter::{Family, MeterId, MeterKind};
use crate::source::Span;

use super::recounted::{Fate, fate, taken};
use super::{followed, renamed};

/// What stands instead of a limit against which something else counts.
pub(crate) const RECOUNTED: &str = "counts";

/// A limit that a change takes away.
#[derive(Debug)]
pub(crate) struct Removed {
    /// The limit.
    pub(crate) path: TomlPath,
    pub(crate) before: Span,
    /// What the head says instead, which makes it no limit: its key, and where it stands.
    pub(crate) instead: Option<(&'static str, Span)>,
    kind: Option<MeterKind>,
    window: Option<String>,
    /// The declarations that make it the limit that it was.
    pub(crate) declarations: Vec<TomlPath>,
}

impl Removed {
    /// Whether it limited a meter.
    pub(crate) fn limited(&self, id: &MeterId) -> bool {
        let thing = [id.owner.as_str(), id.name.as_str()];
        let rest = self.path.0.get(2..).unwrap_or_default();
        let is_window = |window: &String| id.rest.last() == Some(window);
        self.path.0.iter().take(2).eq(thing.iter())
            && self.kind == Some(id.kind)
            && self.window.as_ref().is_none_or(is_window)
            && match rest {
                [capacity, unit] if capacity == "capacity" => id.rest.contains(unit),
                [limits, limit, ..] if limits == "limits" => id.rest.last() == Some(limit),
                _ => true,
            }
    }
}

/// The declaration that makes it a limit again.
fn declaration(limit: &TomlPath, instead: Option<&'static str>) -> TomlPath {
    let mut path = limit.clone();
    if let Some(key) = instead.filter(|key| !matches!(*key, "max" | RECOUNTED)) {
        path.0.truncate(2);
        return path.join(key);
    }
    // Windows, and values by name, are one declaration.
    match path.0.get(2).map(String::as_str) {
        Some("rate_limit" | "capacity" | "tenant_quota") => path.0.truncate(3),
        Some("limits") => path.0.truncate(4),
        _ => {}
    }
    path
}

/// What a budget has to be held against, where the head takes that away too.
fn prices(budget: &TomlPath, new: &Root) -> Vec<TomlPath> {
    let [list, name, key] = &budget.0[..] else {
        return Vec::new();
    };
    let keys: &[&str] = match list.as_str() {
        "models" if new.models.get(name).is_some_and(|it| it.price.is_none()) => &["price"],
        "queues" if new.queues.get(name).is_some_and(|it| it.price.is_none()) => &["price"],
        "databases" if new.databases.get(name).is_some_and(|it| it.price.is_none()) => &["price"],
        "apis" if new.apis.get(name).is_some_and(|it| it.overage.is_none()) => &["overage"],
        _ => &[],
    };
    let keys = keys.iter().filter(|_| key == "budget");
    keys.map(|key| TomlPath::new(&[list, name, key])).collect()
}

/// The limits that the head takes away from things that both sides have.
pub(crate) fn removed(base: &Project, head: &Project) -> Vec<Removed> {
    let (old, new) = (&*named_as(base, head), &head.declarations.root);
    let mut removed = Vec::new();
    // Of what could not be read wholly, an error of its file speaks.
    let subjects = head.findings.iter().map(|finding| &finding.subject);
    let broken: HashSet<TomlPath> = subjects
        .filter_map(|subject| TomlPath::parse(subject).ok())
        .map(thing)
        .collect();
    removed
        .extend(budgets::narrowed(old, new).filter(|it| !broken.contains(&thing(it.path.clone()))));
    for (before, after) in paired(old, new, head.model.calendar.days_per_month) {
        if broken.contains(&thing(before.path.clone())) {
            continue;
        }
        let passable = passable(&before, old, new);
        // `{ now = …, max = "none" }`
        let is_open = |after: &Declared<'_>| after.most.is_infinite() && before.most.is_finite();
        let opened = after.as_ref().filter(|after| is_open(after));
        let passable = passable.or(opened.map(|after| ("max", after.span)));
        let fate = fate(&before.path, old, new);
        let taken = taken(&before.path, old, new);
        let is_recounted = fate == Some(Fate::Recounted);
        let recounted = after.as_ref().filter(|_| is_recounted || !taken.is_empty());
        let passable = passable.or(recounted.map(|after| (RECOUNTED, after.span)));
        if (after.is_some() && passable.is_none()) || fate == Some(Fate::Renamed) {
            continue;
        }
        let key = passable.map(|(key, _)| key);
        let own = (is_recounted || key != Some(RECOUNTED)).then(|| declaration(&before.path, key));
        let mut declarations: Vec<TomlPath> = own.into_iter().chain(taken).collect();
        declarations.extend(prices(&before.path, new));
        removed.push(Removed {
            declarations,
            before: before.span,
            instead: passable,
            kind: before.kind(),
            window: before.window.map(|(name, _)| name.to_owned()),
            path: before.path,
        });
    }
    removed
}

/// The thing that a path leads into.
fn thing(mut path: TomlPath) -> TomlPath {
    path.0.truncate(2);
    path
}

/// What the base declares, with what the head renames also under its new name.
pub(crate) fn named_as<'p>(base: &'p Project, head: &Project) -> Cow<'p, Root> {
    let renamed = renamed::things(base, head);
    let mut root = Cow::Borrowed(&base.declarations.root);
    for ((family, new), old) in renamed {
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
    let tiers = followed::tiers(&base.declarations.root, &head.declarations.root);
    if !tiers.is_empty() {
        rename_tiers(root.to_mut(), &tiers);
    }
    root
}

/// Lets the quotas of tiers that are gone be those of the tiers that stand for them.
fn rename_tiers(root: &mut Root, tiers: &[(&str, Vec<&str>)]) {
    let tiers: HashMap<&str, &Vec<&str>> = tiers.iter().map(|(old, heirs)| (*old, heirs)).collect();
    for (_, entry) in root.models.entries_mut() {
        let quota = entry.body.value.tenant_quota.as_ref();
        let Some(PerName::By(by_tier)) = quota.map(|quota| &quota.value) else {
            continue;
        };
        let mut renamed = by_tier.clone();
        for old in by_tier.names() {
            if let Some(heirs) = tiers.get(old) {
                heirs.iter().for_each(|heir| renamed.also(old, heir));
                renamed.remove(old);
            }
        }
        if let Some(quota) = &mut Arc::make_mut(&mut entry.body).value.tenant_quota {
            quota.value = PerName::By(renamed);
        }
    }
}

/// What newly lets a plan be passed without limit: overage, or packs of which any number can be
/// held.
fn passable(limit: &Declared<'_>, old: &Root, new: &Root) -> Option<(&'static str, Span)> {
    let name = (limit.kind() == Some(MeterKind::Credits)).then(|| limit.path.0.get(1))??;
    let [before, after] = [old, new].map(|root| root.apis.get(name));
    let open = |api: &Api| {
        let overage = api
            .overage
            .as_ref()
            .map(|overage| ("overage", overage.span));
        let packs = api.packs.iter().flat_map(|packs| &packs.value.0);
        let mut endless = packs.filter(|pack| pack.value.max.is_none());
        overage.or_else(|| endless.next().map(|pack| ("packs", pack.span)))
    };
    let (before, after) = (open(before?), open(after?)?);
    before.is_none().then_some(after)
}
