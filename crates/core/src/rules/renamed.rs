//! What meters were in the base that have another name or another window: a rename is no new
//! demand.

use std::collections::BTreeMap;

use crate::analysis::{Figures, Outlook, Project, outlooks_of};
use crate::changes::{Before, Comparison, renamed};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::meter::{MeterId, MeterKind};
use crate::report::Meter;
use crate::rules::Context;
use crate::rules::support::find;

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
    let things = renamed::things(base, context.project);
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
    let mut renamed = HashMap::default();
    for (id, heirs) in heirs {
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
    renamed.extend(windows(context, (base, was)));
    renamed
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
        };
        Some((id, was))
    };
    new.into_iter().filter_map(was).collect()
}
