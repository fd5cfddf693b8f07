//! What was called otherwise in the base: a rename is no new demand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::changes::{Before, Comparison};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{Feature, Line, Model};
use crate::report::Meter;
use crate::rules::Context;
use crate::rules::support::find;

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

/// What features were called in the base: one that is new has the very lines of one that is
/// gone.
pub(crate) fn features<'a>(base: &'a Project, head: &'a Project) -> HashMap<&'a str, &'a str> {
    fn only<'p>(here: &'p Project, there: &Project) -> HashMap<Lines<'p>, Vec<&'p str>> {
        let mut by_lines: HashMap<Lines<'p>, Vec<&'p str>> = HashMap::default();
        let features = here.model.features.iter();
        for (name, feature) in
            features.filter(|(name, _)| !there.model.features.contains_key(*name))
        {
            if let Some(lines) = lines_of(feature) {
                by_lines.entry(lines).or_default().push(name);
            }
        }
        by_lines
    }
    let gone = only(base, head);
    only(head, base)
        .into_iter()
        .filter_map(
            |(lines, new)| match (new[..].as_ref(), gone.get(&lines)?[..].as_ref()) {
                ([new], [old]) => Some((*new, *old)),
                _ => None,
            },
        )
        .collect()
}

/// What a meter was before its thing was renamed.
pub(crate) struct Was {
    /// What it was called in the base, where it was there.
    pub(crate) id: Option<String>,
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
    let mut renamed = HashMap::default();
    for family in Family::ALL {
        let [old, new] = [base, context.project].map(|side| users(side, family));
        let gone: Vec<&str> = old
            .keys()
            .copied()
            .filter(|it| !new.contains_key(it))
            .collect();
        if gone.is_empty() {
            continue;
        }
        // By the old name and the rest of the id, what has come in its place.
        let mut heirs: BTreeMap<String, Vec<&Meter>> = BTreeMap::new();
        for fitted in &context.outlook.today {
            let id = &fitted.id;
            let Some(users) = new.get(id.name.as_str()) else {
                continue;
            };
            if id.owner != family || old.contains_key(id.name.as_str()) {
                continue;
            }
            let shared = |gone: &&&str| old[**gone].intersection(users).count();
            let best = gone
                .iter()
                .filter(|gone| shared(gone) > 0)
                .max_by_key(shared);
            if let Some(gone) = best {
                let before = MeterId::new(family, gone, id.kind, id.rest.clone());
                let heirs = heirs.entry(before.to_string()).or_default();
                heirs.push(&fitted.meter);
            }
        }
        for (id, heirs) in heirs {
            let demand = |meter: &Meter| meter.demand.point.unwrap_or(f64::INFINITY);
            let largest = heirs.iter().max_by(|a, b| demand(a).total_cmp(&demand(b)));
            if let (Some(before), Some(largest)) = (find(&was.today, &id), largest) {
                let was = Was {
                    before: demand(&before.meter),
                    after: heirs.iter().map(|meter| demand(meter)).sum(),
                    id: Some(id),
                };
                renamed.insert(largest.id.to_string(), was);
            }
        }
    }
    renamed.extend(windows(context, (base, was)));
    renamed
}

/// What the rate meters were that come with another window: the demand of the base in it.
fn windows(context: &Context<'_>, (base, was): (&Project, &Outlook)) -> Vec<(String, Was)> {
    let root = &base.declarations.root;
    let is_new = |fitted: &&Fitted| {
        fitted.id.kind == MeterKind::Rate
            && name_span(root, fitted.id.owner.as_str(), &fitted.id.name).is_some()
            && find(&was.today, &fitted.meter.id).is_none()
    };
    let new: Vec<&Fitted> = context.outlook.today.iter().filter(is_new).collect();
    if new.is_empty() || context.policy.change_limit(MeterKind::Rate).is_none() {
        return Vec::new();
    }
    let mut declarations = base.declarations.clone();
    for fitted in &new {
        for key in ["rate_limit", "capacity"] {
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
        };
        Some((id, was))
    };
    new.into_iter().filter_map(was).collect()
}

/// Who uses each thing of a family: the features, by list; of an API also its endpoints, and of
/// all the ids of the lines.
fn users(project: &Project, family: Family) -> HashMap<&str, BTreeSet<String>> {
    let root = &project.declarations.root;
    let mut users: HashMap<&str, BTreeSet<String>> = HashMap::default();
    let model = &project.model;
    let names: Vec<&str> = match family {
        Family::Api => model.apis.keys().map(String::as_str).collect(),
        Family::Database => model.databases.keys().map(String::as_str).collect(),
        Family::Model => model.models.keys().map(String::as_str).collect(),
        Family::Queue => model.queues.keys().map(String::as_str).collect(),
        Family::Table => model.tables.keys().map(String::as_str).collect(),
    };
    for name in names {
        users.entry(name).or_default();
    }
    for (name, api) in root.apis.iter().filter(|_| family == Family::Api) {
        let endpoints = api.endpoints.names().map(|path| format!("endpoint {path}"));
        users.entry(name).or_default().extend(endpoints);
    }
    for (name, table) in model.tables.iter().filter(|_| family == Family::Database) {
        let tables = users.get_mut(table.database.as_deref().unwrap_or_default());
        if let Some(users) = tables {
            users.insert(format!("table {name}"));
        }
    }
    for (feature, line) in lines(model) {
        let thing = match family {
            Family::Database => {
                let table = model.tables.get(&*line.uses.thing.name);
                table.and_then(|table| table.database.as_deref())
            }
            _ => (line.kind.family() == family).then_some(&*line.uses.thing.name),
        };
        if let Some(users) = thing.and_then(|thing| users.get_mut(thing)) {
            let list = line.kind.list();
            users.insert(format!("feature {feature} {list}"));
            users.insert(format!("line {list} {}", line.id));
        }
    }
    users
}

fn lines(model: &Model) -> impl Iterator<Item = (&str, &Line)> {
    let features = model.features.iter();
    features.flat_map(|(name, feature)| feature.lines.iter().map(move |line| (name.as_str(), line)))
}
