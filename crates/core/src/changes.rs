//! Base against head: which meters move, by how much, and which declarations move them.

mod attribution;
mod headline;
mod seen;
mod steps;
mod users;

use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::document::tables::Root;
use crate::document::{Difference, DifferenceKind};
use crate::fit::ROUNDING;
use crate::parallel;
use crate::report::{self, BeforeAfter, EditKind, ScenarioChange};
use crate::source::{SourceMap, Spanned};

use attribution::Prepared;
use seen::{Brief, Seen};

/// What a project is compared with.
#[derive(Clone, Copy)]
pub enum Before<'a> {
    /// There was no such project.
    Nothing,
    /// It.
    Project(&'a Project, &'a Outlook),
    /// What caplint once reported of it.
    Report(&'a report::Project),
}

/// A project compared with what it was.
pub struct Comparison<'a> {
    /// What it was.
    pub before: Before<'a>,
    /// The declarations that differ, in the order in which attribution applies them; none where
    /// what was before is only known from a report.
    pub(crate) differences: Vec<Difference>,
    /// The meters that moved, sorted by id.
    pub changes: Vec<report::Change>,
    /// How many meters did not.
    pub unchanged: usize,
}

impl<'a> Comparison<'a> {
    /// The project that it was, where its files are known.
    #[must_use]
    pub fn base(&self) -> Option<&'a Project> {
        match self.before {
            Before::Project(project, _) => Some(project),
            Before::Nothing | Before::Report(_) => None,
        }
    }
}

/// Compares a project with what it was. `nothing` is the empty project, which stands in for one
/// that was not there.
#[must_use]
pub fn compare<'a>(
    before: Before<'a>,
    (head, outlook): (&Project, &Outlook),
    (nothing, no_outlook): (&Project, &Outlook),
    sources: &SourceMap,
    threads: usize,
) -> Comparison<'a> {
    let (seen, base) = match before {
        Before::Nothing => (Seen::default(), Some((nothing, no_outlook))),
        Before::Project(base, outlook) => (Seen::of(base, outlook), Some((base, outlook))),
        Before::Report(report) => (Seen::reported(report), None),
    };
    let differences = base.map_or_else(Vec::new, |(base, _)| differences(base, head, sources));
    let ((mut changes, unchanged), prepared) = parallel::both(
        threads,
        || moved(&seen, &Seen::of(head, outlook)),
        || base.map(|base| Prepared::new(base, head, &differences, threads)),
    );
    if let Some((base, prepared)) = base.zip(prepared) {
        attribute(base, head, (&differences, prepared), &mut changes, sources);
    }
    Comparison {
        before,
        differences,
        changes,
        // What is left out today is the same on both sides.
        unchanged: unchanged + outlook.today.left_out,
    }
}

/// Compares a project that is gone with nothing.
#[must_use]
pub fn removal<'a>(
    base: &'a Project,
    outlook: &'a Outlook,
    nothing: &Project,
    sources: &SourceMap,
) -> Comparison<'a> {
    let (mut changes, unchanged) = moved(&Seen::of(base, outlook), &Seen::default());
    let differences = differences(base, nothing, sources);
    let prepared = Prepared::new((base, outlook), nothing, &differences, 1);
    attribute(
        (base, outlook),
        nothing,
        (&differences, prepared),
        &mut changes,
        sources,
    );
    Comparison {
        before: Before::Project(base, outlook),
        differences,
        changes,
        unchanged,
    }
}

/// The changes of a project that is gone and was only reported.
#[must_use]
pub fn reported_removal(base: &report::Project) -> Vec<report::Change> {
    moved(&Seen::reported(base), &Seen::default()).0
}

fn attribute(
    base: (&Project, &Outlook),
    head: &Project,
    differences: (&[Difference], Prepared<'_>),
    changes: &mut [report::Change],
    sources: &SourceMap,
) {
    let attributed = attribution::attribute(base, head, differences, changes, sources);
    for (change, attribution) in changes.iter_mut().zip(attributed) {
        change.attribution = attribution;
    }
}

/// The declarations that differ, in the order of attribution: additions of named things outside
/// features, changes outside features, additions and changes in features, removals in features,
/// other removals; each group in the order of paths.
fn differences(base: &Project, head: &Project, sources: &SourceMap) -> Vec<Difference> {
    let (before, after) = (&base.declarations.root, &head.declarations.root);
    let mut all = before.differences(after);
    all.retain(|difference| !is_same_file(difference, base, head, sources));
    all.sort_by_cached_key(|difference| (group(difference), difference.path.clone()));
    all
}

/// Whether a path to a file changed only because the declaration moved to another folder.
fn is_same_file(
    difference: &Difference,
    base: &Project,
    head: &Project,
    sources: &SourceMap,
) -> bool {
    if !matches!(
        difference.path.0.last().map(String::as_str),
        Some("spec" | "decision")
    ) {
        return false;
    }
    let named = |project: &Project| -> Option<String> {
        let text = path_at(&project.declarations.root, &difference.path.0)?;
        let file = &sources.file(text.span.file).path;
        Some(from_folder(
            crate::model::projects::folder(file),
            &text.value,
        ))
    };
    match (named(base), named(head)) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    }
}

/// The path that stands at `features.X.spec`, `databases.X.decision` or `queues.X.decision`.
fn path_at(root: &Root, path: &[String]) -> Option<Spanned<String>> {
    let [table, name, _] = path else { return None };
    let text = match table.as_str() {
        "features" => root.features.get(name)?.spec.as_ref()?,
        "databases" => root.databases.get(name)?.decision.as_ref()?,
        "queues" => root.queues.get(name)?.decision.as_ref()?,
        _ => return None,
    };
    Some(Spanned {
        value: text.value.0.clone(),
        span: text.span,
    })
}

/// A path from a folder as a path from the top.
fn from_folder(folder: &str, path: &str) -> String {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// The group of a declaration in the order of attribution.
fn group(difference: &Difference) -> u8 {
    let in_features = difference
        .path
        .0
        .first()
        .is_some_and(|key| key == "features");
    match (in_features, difference.kind) {
        (false, DifferenceKind::Added) => 0,
        (false, DifferenceKind::Changed) => 1,
        (true, DifferenceKind::Added | DifferenceKind::Changed) => 2,
        (true, DifferenceKind::Removed) => 3,
        (false, DifferenceKind::Removed) => 4,
    }
}

/// The tables that say how the model is judged.
const JUDGING: [&str; 5] = ["policy", "rules", "waivers", "scenarios", "risk"];

/// The keys that say something about a declaration, and ask for nothing.
const ABOUT: [&str; 10] = [
    "allow",
    "reason",
    "measured",
    "owner",
    "spec",
    "launch",
    "decision",
    "reversible",
    "engine",
    "price_as_of",
];

/// Whether a declaration is part of the model that is forecast, and not of how it is judged.
#[must_use]
pub(crate) fn is_of_model(difference: &Difference) -> bool {
    let keys = &difference.path.0;
    let is_in =
        |key: Option<&String>, names: &[&str]| key.is_some_and(|key| names.contains(&key.as_str()));
    let about = match keys.first().map(String::as_str) {
        // The name of an endpoint or a tier may be any of these words.
        Some("features" | "apis") => matches!(keys.len(), 3 | 5) && is_in(keys.last(), &ABOUT),
        Some("tables" | "databases" | "queues" | "models") => {
            keys.len() == 3 && is_in(keys.last(), &ABOUT)
        }
        _ => false,
    };
    !keys.is_empty() && !is_in(keys.first(), &JUDGING) && !about
}

/// What happened to a declaration.
#[must_use]
pub(crate) fn edit_kind(kind: DifferenceKind) -> EditKind {
    match kind {
        DifferenceKind::Added => EditKind::Added,
        DifferenceKind::Changed => EditKind::Changed,
        DifferenceKind::Removed => EditKind::Removed,
    }
}

/// The meters that moved, sorted by id, and how many did not.
fn moved(before: &Seen<'_>, after: &Seen<'_>) -> (Vec<report::Change>, usize) {
    let ids: BTreeSet<&str> = before
        .meters
        .keys()
        .chain(after.meters.keys())
        .copied()
        .collect();
    let scenarios: BTreeSet<&str> = before
        .scenarios
        .keys()
        .chain(after.scenarios.keys())
        .copied()
        .collect();
    let mut unchanged = 0;
    let mut changes = Vec::new();
    for id in ids {
        let (old, new) = (before.meters.get(id), after.meters.get(id));
        let verdicts = |scenario: &str| {
            let [before, after] = [before, after].map(|side| side.verdict_in(scenario, id));
            (before, after)
        };
        // A scenario that only one side has moves no meter.
        let both = scenarios.iter().filter(|scenario| {
            before.scenarios.contains_key(*scenario) && after.scenarios.contains_key(*scenario)
        });
        let moves_in = |scenario: &&str| {
            let (before, after) = verdicts(scenario);
            before != after
        };
        if !is_move(old, new) && !both.copied().any(|scenario| moves_in(&scenario)) {
            unchanged += 1;
            continue;
        }
        let verdicts = scenarios
            .iter()
            .map(|scenario| {
                let (before, after) = verdicts(scenario);
                ScenarioChange {
                    name: (*scenario).to_owned(),
                    before,
                    after,
                }
            })
            .collect();
        changes.push(change(id, old, new, verdicts));
    }
    (changes, unchanged)
}

fn change(
    id: &str,
    before: Option<&Brief>,
    after: Option<&Brief>,
    scenarios: Vec<ScenarioChange>,
) -> report::Change {
    // A meter that does not exist asks for nothing; an infinite demand has no number.
    let point = |side: Option<&Brief>| side.map_or(Some(0.0), |brief| brief.point);
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
            before: before.and_then(|brief| brief.limit),
            after: after.and_then(|brief| brief.limit),
        },
        verdict: BeforeAfter {
            before: before.map(|brief| brief.verdict),
            after: after.map(|brief| brief.verdict),
        },
        breaking_point: BeforeAfter {
            before: before.and_then(|brief| brief.breaking_point),
            after: after.and_then(|brief| brief.breaking_point),
        },
        scenarios,
        attribution: Vec::new(),
    }
}

/// How exact breaking points are.
const SEARCHED: f64 = 1e-6;

/// Whether anything of a meter moved today, beyond what rounding moves.
fn is_move(before: Option<&Brief>, after: Option<&Brief>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    differs(before.point, after.point, ROUNDING)
        || differs(before.limit, after.limit, ROUNDING)
        || before.verdict != after.verdict
        || before.lower_bound != after.lower_bound
        || differs(before.utilization, after.utilization, ROUNDING)
        || differs(before.breaking_point, after.breaking_point, SEARCHED)
}

fn differs(a: Option<f64>, b: Option<f64>, tolerance: f64) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() > tolerance * a.abs().max(b.abs()),
        (a, b) => a.is_some() != b.is_some(),
    }
}
