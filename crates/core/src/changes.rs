//! Base against head: which meters move, by how much, and which declarations move them.

mod attribution;
pub(crate) mod followed;
pub(crate) mod forgotten;
pub(crate) mod given;
mod headline;
pub(crate) mod limits;
pub(crate) mod moved;
pub(crate) mod origins;
pub(crate) mod pairing;
pub(crate) mod projected;
pub(crate) mod renamed;
mod seen;
pub(crate) mod since;
mod steps;
mod users;

use crate::document::{Difference, DifferenceKind};
use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::document::tables::Root;
use crate::document::values::Text;
use crate::exceptions::name_span;
use crate::fit::{Meters, ROUNDING};
use crate::model::LineKind;
use crate::model::projects::folder;
use crate::model::scenarios::JUDGING;
use crate::parallel;
use crate::report::{self, BeforeAfter, EditKind, Meter, ScenarioChange};
use crate::source::{SourceMap, Span, Spanned};

use attribution::attribute;
use forgotten::{Forgotten, forgotten, forgotten_since};
use origins::Origins;
use seen::Seen;
use steps::Steps;

/// What a project is compared with.
#[derive(Clone, Copy)]
pub enum Before<'a> {
    /// There was none.
    Nothing,
    /// What it was, and its forecast.
    Project(&'a Project, &'a Outlook),
    /// What a saved report says of it.
    Report(&'a report::Project),
}

/// A project compared with what it was.
pub struct Comparison<'a> {
    pub(crate) before: Before<'a>,
    /// The declarations that differ, in the order in which attribution applies them; none where
    /// what was before is only known from a report.
    pub(crate) differences: Vec<Difference>,
    pub(crate) changes: Vec<report::Change>,
    pub(crate) unchanged: usize,
    /// What is no longer known.
    pub(crate) forgotten: Forgotten,
    /// The limits that differ.
    pub(crate) limits: limits::Limits,
    /// What the base called what the head has.
    pub(crate) origins: Origins,
    /// The head under those of the base, where it takes any away, where they judge it.
    pub(crate) limited: Option<(Project, Outlook)>,
    /// What only that breaks, by the limit that is taken away.
    pub(crate) revealed: Vec<(usize, String)>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn base(&self) -> Option<&'a Project> {
        match self.before {
            Before::Project(project, _) => Some(project),
            Before::Nothing | Before::Report(_) => None,
        }
    }

    /// Whether what a meter came to could not be read before, so that nothing tells how much it
    /// grows.
    pub(crate) fn was_unread(&self, meter: &str) -> bool {
        let Before::Project(base, outlook) = self.before else {
            return false;
        };
        let mut today = outlook.today.iter().map(|fitted| &fitted.meter);
        let meter = today.find(|it| &*it.id == meter);
        !base.findings.is_empty()
            && meter.map_or(base.model.gaps.is_everything(), |it| it.lower_bound)
    }
}

/// Compares a project with what it was. `nothing` is the empty project, which stands in for one
/// that was not there.
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
    let ((mut changes, unchanged), steps) = parallel::both(
        threads,
        || moved(&seen, &Seen::of(head, outlook)),
        || base.map(|base| Steps::new(base, head, &differences, threads)),
    );
    if let Some((base, steps)) = base.zip(steps) {
        attribute(base, head, (&differences, steps), &mut changes, sources);
    }
    let forgotten = match before {
        Before::Project(base, was) => {
            forgotten((base, was), (head, outlook), &differences, sources)
        }
        Before::Report(before) => forgotten_since(before, (head, outlook)),
        Before::Nothing => Forgotten::default(),
    };
    Comparison {
        before,
        forgotten,
        differences,
        changes,
        // What is left out today is the same on both sides.
        unchanged: unchanged + outlook.today.left_out,
        limits: match before {
            Before::Project(base, _) => limits::limits(base, head, threads),
            Before::Nothing | Before::Report(_) => limits::Limits::default(),
        },
        origins: match before {
            Before::Project(base, _) => Origins::new(base, head),
            Before::Nothing | Before::Report(_) => Origins::default(),
        },
        limited: None,
        revealed: Vec::new(),
    }
}

/// Compares a project that is gone with nothing.
pub(crate) fn removal<'a>(
    base: &'a Project,
    outlook: &'a Outlook,
    nothing: &Project,
    sources: &SourceMap,
) -> Comparison<'a> {
    let (mut changes, unchanged) = moved(&Seen::of(base, outlook), &Seen::default());
    let differences = differences(base, nothing, sources);
    let steps = Steps::new((base, outlook), nothing, &differences, 1);
    attribute(
        (base, outlook),
        nothing,
        (&differences, steps),
        &mut changes,
        sources,
    );
    Comparison {
        before: Before::Project(base, outlook),
        forgotten: Forgotten::default(),
        differences,
        changes,
        unchanged,
        limits: limits::Limits::default(),
        origins: Origins::default(),
        limited: None,
        revealed: Vec::new(),
    }
}

/// The changes of a project that is gone and was only reported.
pub(crate) fn reported_removal(base: &report::Project) -> Vec<report::Change> {
    moved(&Seen::reported(base), &Seen::default()).0
}

/// Where the head has a declaration that differs; of one that was removed the line or the thing
/// that it was in.
pub(crate) fn place(head: &Project, difference: &Difference) -> Option<Span> {
    let root = &head.declarations.root;
    let keys: Vec<&str> = difference.path.0.iter().map(String::as_str).collect();
    let above = || match keys[..] {
        ["features", feature, list, id, _, ..] => {
            let line = root
                .features
                .get(feature)?
                .line(LineKind::of_list(list)?, id)?;
            Some(line.span())
        }
        [table, name, _, ..] => name_span(root, table, name),
        _ => None,
    };
    difference.after.or_else(above)
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
        Some(from_folder(folder(file), &text.value.0))
    };
    match (named(base), named(head)) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    }
}

/// The path at `features.X.spec`, `databases.X.decision` or `queues.X.decision`.
fn path_at<'r>(root: &'r Root, path: &[String]) -> Option<&'r Spanned<Text>> {
    let [table, name, _] = path else { return None };
    match table.as_str() {
        "features" => root.features.get(name)?.spec.as_deref(),
        "databases" => root.databases.get(name)?.decision.as_deref(),
        "queues" => root.queues.get(name)?.decision.as_deref(),
        _ => None,
    }
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

/// The keys that say something about a declaration, and ask for nothing.
const ABOUT: [&str; 12] = [
    "allow",
    "reason",
    "measured",
    "owner",
    "spec",
    "launch",
    "decision",
    "reversible",
    "engine",
    "refresh",
    "relation",
    "price_as_of",
];

/// Whether a declaration is part of the model that is forecast, and not of how it is judged.
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
pub(crate) fn edit_kind(kind: DifferenceKind) -> EditKind {
    match kind {
        DifferenceKind::Added => EditKind::Added,
        DifferenceKind::Changed => EditKind::Changed,
        DifferenceKind::Removed => EditKind::Removed,
    }
}

/// A project, and its meters today and in its scenarios.
pub(crate) type Side<'a> = (&'a Project, &'a Meters, &'a [Meters]);

/// The meters that moved between what a project was and what it is; either may be nothing.
pub(crate) fn moved_between(sides: [Option<Side<'_>>; 2]) -> Vec<report::Change> {
    let [before, after] = sides.map(|side| {
        side.map_or_else(Seen::default, |(project, today, scenarios)| {
            Seen::of_meters(project, today, scenarios)
        })
    });
    moved(&before, &after).0
}

/// The meters that moved, sorted by id, and how many did not.
fn moved(before: &Seen<'_>, after: &Seen<'_>) -> (Vec<report::Change>, usize) {
    let mut ids: BTreeSet<&str> = before.meters.keys().copied().collect();
    ids.extend(after.meters.keys());
    let mut scenarios: BTreeSet<&str> = before.scenarios.keys().copied().collect();
    scenarios.extend(after.scenarios.keys());
    let mut unchanged = 0;
    let mut changes = Vec::new();
    for id in ids {
        let (old, new) = (
            before.meters.get(id).copied(),
            after.meters.get(id).copied(),
        );
        let verdicts = |scenario: &str| {
            let [before, after] = [before, after].map(|side| side.verdict_in(scenario, id));
            (before, after)
        };
        // A scenario that only one side has changes no meter.
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
    before: Option<&Meter>,
    after: Option<&Meter>,
    scenarios: Vec<ScenarioChange>,
) -> report::Change {
    // A meter that does not exist asks for nothing; an infinite demand has no number.
    let point = |side: Option<&Meter>| side.map_or(Some(0.0), |meter| meter.demand.point);
    let (old, new) = (point(before), point(after));
    let delta = old
        .zip(new)
        .map(|(old, new)| match differs(Some(old), Some(new), ROUNDING) {
            true => new - old,
            false => 0.0,
        });
    let sides = |of: fn(&Meter) -> Option<f64>| BeforeAfter {
        before: before.and_then(of),
        after: after.and_then(of),
    };
    report::Change {
        meter: id.to_owned(),
        before: old,
        after: new,
        delta,
        percent: delta
            .zip(old)
            .and_then(|(delta, old)| (old != 0.0).then(|| delta / old)),
        limit: sides(|meter| meter.limit),
        verdict: BeforeAfter {
            before: before.map(|meter| meter.verdict),
            after: after.map(|meter| meter.verdict),
        },
        breaking_point: sides(|meter| meter.breaking_point),
        scenarios,
        attribution: Vec::new(),
        was: before.cloned().map(Box::new),
    }
}

/// How exact breaking points are.
const SEARCHED: f64 = 1e-6;

/// Whether anything of a meter moved today, beyond what rounding moves.
fn is_move(before: Option<&Meter>, after: Option<&Meter>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    differs(before.demand.point, after.demand.point, ROUNDING)
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
