//! What meters were in the base that have another name or another window: a rename is no new
//! demand.

use std::collections::BTreeMap;

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::changes::{Before, Comparison, renamed};
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::meter::{Family, MeterId, MeterKind};
use crate::report::Meter;
use crate::rules::Context;
use crate::rules::support::find;
use crate::units::Period;

/// What a meter was before its thing was renamed.
pub(crate) struct Was {
    /// What it was called in the base, where it was there.
    pub(crate) id: Option<String>,
    /// Whether it is the same thing, and has not only come where that has gone.
    pub(crate) is_same: bool,
    pub(crate) before: f64,
    /// The demand of all that stands in its place.
    pub(crate) after: f64,
}

/// By meter of the head that the base does not have: what it was. Of several things that stand in
/// the place of one, only the largest meter is in here.
pub(crate) fn meters(context: &Context<'_>, comparison: &Comparison<'_>) -> HashMap<String, Was> {
    let Before::Project(base, was) = comparison.before else {
        return HashMap::default();
    };
    let things = renamed::successors(base, context.project);
    let same = renamed::things(base, context.project);
    // By what it was called, what has come in its place.
    let mut heirs: BTreeMap<String, Vec<&Meter>> = BTreeMap::new();
    let today = context.outlook.today.iter().filter(|_| !things.is_empty());
    for fitted in today {
        let id = &fitted.id;
        if let Some(old) = things.get(&(id.owner, id.name.as_str())) {
            let before = MeterId::new(id.owner, old, id.kind, id.rest.clone());
            let heirs = heirs.entry(before.to_string()).or_default();
            heirs.push(&fitted.meter);
        }
    }
    let demand = |meter: &Meter| meter.demand.point.unwrap_or(f64::INFINITY);
    let is_same = |meter: &str| {
        let path = TomlPath::parse(meter).unwrap_or_default();
        let [table, name] = path.0.get(..2).unwrap_or_default() else {
            return false;
        };
        let family = Family::of_key(table);
        family.is_some_and(|family| same.contains_key(&(family, name.as_str())))
    };
    // What stays, with less than it had, counts with what comes.
    let left = |id: &str| {
        let stays = find(&context.outlook.today, id);
        stays.map(|fitted| demand(&fitted.meter))
    };
    let mut renamed = HashMap::default();
    for (id, heirs) in heirs {
        let largest = heirs.iter().max_by(|a, b| demand(a).total_cmp(&demand(b)));
        if let (Some(before), Some(largest)) = (find(&was.today, &id), largest) {
            let (come, left) = (heirs.iter().map(|meter| demand(meter)), left(&id));
            let was = Was {
                before: demand(&before.meter),
                after: come.sum::<f64>() + left.unwrap_or(0.0),
                id: Some(id),
                is_same: left.is_none() && is_same(&largest.id),
            };
            renamed.insert(largest.id.to_string(), was);
        }
    }
    renamed.extend(windows(context, (base, was)));
    renamed.extend(replaced(context, (base, was), &same));
    renamed
}

/// What a meter counts, and how much of it; of rates a second.
fn counted(fitted: &Fitted, days_per_month: f64) -> Option<(MeterKind, &str, f64)> {
    let demand = fitted.meter.demand.point?;
    let unit = &*fitted.meter.unit;
    let kind = fitted.id.kind;
    let rate = unit.split_once('/').filter(|_| kind == MeterKind::Rate);
    let window = rate.and_then(|(what, window)| Some((what, Period::parse("", window).ok()?)));
    Some(match window {
        Some((what, window)) => (kind, what, demand / window.seconds(days_per_month)),
        None => (kind, unit, demand),
    })
}

/// What comes in a change in which something of the kind goes, and has nothing in common with it
/// that tells that it is the same: all that comes is held against all that goes.
fn replaced(
    context: &Context<'_>,
    (base, was): (&Project, &Outlook),
    things: &BTreeMap<(Family, &str), &str>,
) -> Vec<(String, Was)> {
    let month = context.project.model.calendar.days_per_month;
    let [before, after] = [base, context.project];
    let is_in = |project: &Project, id: &MeterId| {
        let root = &project.declarations.root;
        name_span(root, id.owner.as_str(), &id.name).is_some()
    };
    // A table is judged with its database.
    let is_part = |project: &Project, id: &MeterId| {
        let table = project.model.tables.get(&id.name);
        let table = table.filter(|_| id.owner == Family::Table);
        table.is_some_and(|table| table.database.is_some())
    };
    let known: HashSet<(Family, &str)> = things
        .iter()
        .map(|((family, _), old)| (*family, *old))
        .collect();
    let mut gone: HashMap<(MeterKind, &str), (f64, Option<&Fitted>)> = HashMap::default();
    for fitted in was.today.iter() {
        let id = &fitted.id;
        let is_known = known.contains(&(id.owner, id.name.as_str()));
        if is_in(after, id) || is_known || is_part(before, id) {
            continue;
        }
        if let Some((kind, unit, demand)) = counted(fitted, month) {
            let (sum, first) = gone.entry((kind, unit)).or_default();
            *sum += demand;
            first.get_or_insert(fitted);
        }
    }
    let mut come: BTreeMap<(MeterKind, &str), Vec<(&Fitted, f64)>> = BTreeMap::new();
    for fitted in context.outlook.today.iter().filter(|_| !gone.is_empty()) {
        let id = &fitted.id;
        let is_known = things.contains_key(&(id.owner, id.name.as_str()));
        if is_in(before, id) || is_known || is_part(after, id) {
            continue;
        }
        if let Some((kind, unit, demand)) = counted(fitted, month) {
            come.entry((kind, unit)).or_default().push((fitted, demand));
        }
    }
    let was = |(key, come): (_, Vec<(&Fitted, f64)>)| {
        let (before, first) = gone.get(&key)?;
        let (largest, demand) = come.iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        // In the unit of the largest.
        let times = largest.meter.demand.point? / demand;
        let times = if times.is_finite() { times } else { 1.0 };
        let was = Was {
            id: first.map(|fitted| fitted.meter.id.to_string()),
            is_same: false,
            before: before * times,
            after: come.iter().map(|(_, demand)| demand * times).sum(),
        };
        Some((largest.meter.id.to_string(), was))
    };
    come.into_iter().filter_map(was).collect()
}

/// What the rate meters were that come with another window: the demand of the base in it.
fn windows(context: &Context<'_>, (base, was): (&Project, &Outlook)) -> Vec<(String, Was)> {
    let root = &base.declarations.root;
    let is_new = |fitted: &&Fitted| {
        matches!(fitted.id.kind, MeterKind::Rate | MeterKind::Concurrency)
            && name_span(root, fitted.id.owner.as_str(), &fitted.id.name).is_some()
            && find(&was.today, &fitted.meter.id).is_none()
    };
    let new: Vec<&Fitted> = context.outlook.today.iter().filter(is_new).collect();
    let kinds = [MeterKind::Rate, MeterKind::Concurrency];
    let is_judged = kinds
        .iter()
        .any(|kind| context.policy.change_limit(*kind).is_some());
    if new.is_empty() || !is_judged {
        return Vec::new();
    }
    let mut declarations = base.declarations.clone();
    for fitted in &new {
        for key in ["rate_limit", "capacity", "limits"] {
            let path = TomlPath::new(&[fitted.id.owner.as_str(), &fitted.id.name, key]);
            declarations.root.copy(context.project.judged(), &path);
        }
    }
    let base = Project::of(declarations, Vec::new(), context.threads);
    let [outlook] = outlooks_of([(&base, context.policy)], Figures::Today, context.threads);
    let was = |fitted: &Fitted| {
        let id = fitted.meter.id.to_string();
        let was = Was {
            before: find(&outlook.today, &id)?.meter.demand.point?,
            after: fitted.meter.demand.point?,
            id: None,
            is_same: true,
        };
        Some((id, was))
    };
    new.into_iter().filter_map(was).collect()
}
