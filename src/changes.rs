//! Base against head: which meters move, by how much, and which declarations move them.

pub mod attribution;
mod steps;

use std::collections::BTreeMap;

use crate::analysis::{Outlook, Project};
use crate::document::declared::{Declared, Difference, Kind, TomlPath};
use crate::document::tables::Root;
use crate::fit::Fitted;
use crate::report::{self, BeforeAfter, EditKind, ScenarioChange};
use crate::source::SourceMap;

/// A project compared with what it was.
pub struct Comparison<'a> {
    /// What it was; nothing where it is new.
    pub base: Option<(&'a Project, &'a Outlook)>,
    /// The declarations that differ, in the order in which attribution applies them.
    pub differences: Vec<Difference>,
    /// The meters that moved, sorted by id.
    pub changes: Vec<report::Change>,
    /// How many meters did not.
    pub unchanged: usize,
}

/// Compares a project with what it was.
#[must_use]
pub fn compare<'a>(
    base: Option<(&'a Project, &'a Outlook)>,
    head: (&Project, &Outlook),
    sources: &SourceMap,
) -> Comparison<'a> {
    let (project, outlook) = head;
    let differences = match base {
        None => Vec::new(),
        Some((before, _)) => differences(before, project),
    };
    let (mut changes, unchanged) = moved(base, project, outlook);
    if let Some((before, _)) = base {
        let attributed = attribution::attribute(before, project, &differences, &changes, sources);
        for (change, attribution) in changes.iter_mut().zip(attributed) {
            change.attribution = attribution;
        }
    }
    Comparison {
        base,
        differences,
        changes,
        unchanged,
    }
}

/// The declarations of the model that differ, in the order of attribution: additions of named
/// things outside features, changes outside features, additions and changes in features,
/// removals in features, other removals; each group in the order of paths.
fn differences(base: &Project, head: &Project) -> Vec<Difference> {
    let mut all = Vec::new();
    Root::differences(
        &base.declarations.root,
        &head.declarations.root,
        &TomlPath::default(),
        &mut all,
    );
    all.sort_by_cached_key(|difference| (group(difference), difference.path.clone()));
    all
}

fn group(difference: &Difference) -> u8 {
    let in_features = difference
        .path
        .0
        .first()
        .is_some_and(|key| key == "features");
    match (in_features, difference.kind) {
        (false, Kind::Added) => 0,
        (false, Kind::Changed) => 1,
        (true, Kind::Added | Kind::Changed) => 2,
        (true, Kind::Removed) => 3,
        (false, Kind::Removed) => 4,
    }
}

/// Whether a declaration is part of the model that is forecast, and not of how it is judged.
#[must_use]
pub fn is_of_model(difference: &Difference) -> bool {
    let judging = ["policy", "rules", "waivers", "scenarios", "risk"];
    let of_model = difference
        .path
        .0
        .first()
        .is_some_and(|first| !judging.contains(&first.as_str()));
    let declared = [
        "allow", "reason", "measured", "owner", "spec", "launch", "decision",
    ];
    let about = difference.path.0.len() > 2
        && difference
            .path
            .0
            .last()
            .is_some_and(|last| declared.contains(&last.as_str()));
    of_model && !about
}

/// What happened to a declaration.
#[must_use]
pub fn edit_kind(kind: Kind) -> EditKind {
    match kind {
        Kind::Added => EditKind::Added,
        Kind::Changed => EditKind::Changed,
        Kind::Removed => EditKind::Removed,
    }
}

fn moved(
    base: Option<(&Project, &Outlook)>,
    head: &Project,
    outlook: &Outlook,
) -> (Vec<report::Change>, usize) {
    let by_id = |meters: &'_ [Fitted]| -> BTreeMap<String, Fitted> {
        meters
            .iter()
            .map(|fitted| (fitted.meter.id.clone(), fitted.clone()))
            .collect()
    };
    let before = base.map_or_else(BTreeMap::new, |(_, outlook)| by_id(&outlook.today));
    let after = by_id(&outlook.today);
    let mut ids: Vec<&String> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let scenarios = Scenarios::new(base, head, outlook);
    let mut unchanged = 0;
    let mut changes = Vec::new();
    for id in ids {
        let change = change(id, before.get(id), after.get(id), scenarios.of(id));
        if is_move(&change, before.get(id), after.get(id)) {
            changes.push(change);
        } else {
            unchanged += 1;
        }
    }
    (changes, unchanged)
}

fn change(
    id: &str,
    before: Option<&Fitted>,
    after: Option<&Fitted>,
    scenarios: Vec<ScenarioChange>,
) -> report::Change {
    let point = |side: Option<&Fitted>| match side {
        None => Some(0.0),
        Some(fitted) => fitted.meter.demand.point,
    };
    let (old, new) = (point(before), point(after));
    let delta = old.zip(new).map(|(old, new)| new - old);
    report::Change {
        meter: id.to_owned(),
        before: old,
        after: new,
        delta,
        percent: delta
            .zip(old)
            .and_then(|(delta, old)| (old != 0.0).then(|| delta / old)),
        limit: BeforeAfter {
            before: before.and_then(|fitted| fitted.meter.limit),
            after: after.and_then(|fitted| fitted.meter.limit),
        },
        verdict: BeforeAfter {
            before: before.map(|fitted| fitted.meter.verdict),
            after: after.map(|fitted| fitted.meter.verdict),
        },
        breaking_point: BeforeAfter {
            before: before.and_then(|fitted| fitted.meter.breaking_point),
            after: after.and_then(|fitted| fitted.meter.breaking_point),
        },
        scenarios,
        attribution: Vec::new(),
    }
}

/// Whether anything of a meter moved, beyond what rounding moves when sums are added in another
/// order.
fn is_move(change: &report::Change, before: Option<&Fitted>, after: Option<&Fitted>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    let differs = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() > 1e-12 * a.abs().max(b.abs()),
        (a, b) => a.is_some() != b.is_some(),
    };
    differs(change.before, change.after)
        || differs(change.limit.before, change.limit.after)
        || before.meter.verdict != after.meter.verdict
        || differs(before.meter.utilization, after.meter.utilization)
        || differs_by(
            before.meter.breaking_point,
            after.meter.breaking_point,
            1e-6,
        )
        || change
            .scenarios
            .iter()
            .any(|scenario| scenario.before != scenario.after)
}

fn differs_by(a: Option<f64>, b: Option<f64>, tolerance: f64) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() > tolerance * a.abs().max(b.abs()),
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// The verdicts of meters in the scenarios of both sides.
struct Scenarios(Vec<(String, Verdicts, Verdicts)>);

type Verdicts = BTreeMap<String, report::Verdict>;

impl Scenarios {
    fn new(base: Option<(&Project, &Outlook)>, head: &Project, outlook: &Outlook) -> Self {
        let mut all: BTreeMap<String, (Verdicts, Verdicts)> = BTreeMap::new();
        let verdicts = |meters: &[Fitted]| -> Verdicts {
            meters
                .iter()
                .map(|fitted| (fitted.meter.id.clone(), fitted.meter.verdict))
                .collect()
        };
        if let Some((base, outlook)) = base {
            for ((scenario, _), meters) in base.scenarios.iter().zip(&outlook.scenarios) {
                all.entry(scenario.name.clone()).or_default().0 = verdicts(meters);
            }
        }
        for ((scenario, _), meters) in head.scenarios.iter().zip(&outlook.scenarios) {
            all.entry(scenario.name.clone()).or_default().1 = verdicts(meters);
        }
        Self(
            all.into_iter()
                .map(|(name, (before, after))| (name, before, after))
                .collect(),
        )
    }

    fn of(&self, id: &str) -> Vec<ScenarioChange> {
        self.0
            .iter()
            .map(|(name, before, after)| ScenarioChange {
                name: name.clone(),
                before: before.get(id).copied(),
                after: after.get(id).copied(),
            })
            .collect()
    }
}
