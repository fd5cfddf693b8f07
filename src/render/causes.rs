//! The declarations that changed, by what they do to limits.

use std::cmp::Ordering;

use crate::collections::IndexMap;
use crate::report::{Attribution, Change, Project, Report, State, Verdict};
use crate::rules::{Rule, rule};

use super::rows::Row;
use super::selection::{UNKNOWN, change, find, known, told};
use super::{number, text};

/// A declaration that changed, with all that it moved.
#[derive(Default)]
pub(super) struct Cause<'a> {
    /// What is said of it: of a count that is declared by day, each day's.
    parts: Vec<&'a Attribution>,
    /// What it does where it moves no demand at the median: it lowers a limit, or widens an
    /// estimate.
    pub(super) effect: Option<String>,
    /// Each meter that it moved, with how much, in the order of the meters' ids.
    pub(super) moved: Vec<(&'a str, f64)>,
    /// How bad the worst limit is that it makes fuller, and by how much of a limit it moves one.
    weight: Weight,
}

/// A verdict, and a share of a limit.
type Weight = (Verdict, f64);

impl<'a> Cause<'a> {
    /// How much it moved a meter, where that can be told: what is no longer known, or cannot be
    /// read, has not become less.
    fn known(&self, project: &Project, delta: f64) -> Option<f64> {
        let is_known = self.parts.iter().all(|part| {
            let after = part.after.as_deref().unwrap_or_default();
            !after.contains(UNKNOWN) && !is_unread(project, &part.path)
        });
        (delta > 0.0 || is_known).then_some(delta)
    }

    /// What changed, as a path.
    pub(super) fn path(&self) -> &'a str {
        match self.parts[..] {
            [] => "",
            [only] => &only.path,
            [first, ..] => whole(&first.path),
        }
    }

    /// What it said and says: `30/day → 45/day`. Each value is written by `write`.
    pub(super) fn said(&self, write: impl Fn(&str) -> String) -> String {
        /// Days that are told.
        const TOLD: usize = 2;
        if let [only] = self.parts[..] {
            return said(only, write);
        }
        let parts = self.parts.iter().take(TOLD).map(|part| {
            let day = part.path.rsplit('.').next().unwrap_or_default();
            format!("{day} {}", said(part, &write))
        });
        let mut parts: Vec<String> = parts.collect();
        if self.parts.len() > TOLD {
            parts.push(format!("{} more", self.parts.len() - TOLD));
        }
        parts.join(", ")
    }

    /// How much it moved one of a project's meters, with its sign.
    pub(super) fn moved(&self, project: &Project, id: &str, delta: f64) -> String {
        match self.known(project, delta) {
            Some(delta) => moved(project, id, delta),
            None => "an unknown part".to_owned(),
        }
    }

    /// The meters that it moved, as people call them, with the rest counted after this many.
    pub(super) fn moves(&self, project: &Project, most: usize) -> String {
        let shown = self.moved.iter().take(most);
        let short = |id: &str| known(project, id).map(|meter| told(&meter.named().short()));
        let names: Vec<_> = shown.clone().map(|(id, _)| short(id)).collect();
        let moves = shown.map(|(id, delta)| {
            let name = short(id);
            // The windows tell two limits of one thing apart.
            let name = match names.iter().filter(|other| **other == name).count() {
                0 | 1 => name,
                _ => known(project, id).map(|meter| told(&meter.named())),
            };
            let moved = self.moved(project, id, *delta);
            format!("{} {moved}", name.unwrap_or_else(|| text::name(id, 60)))
        });
        let mut moves: Vec<String> = moves.collect();
        if self.moved.len() > most {
            moves.push(format!("{} more", self.moved.len() - most));
        }
        moves.extend(self.effect.clone());
        moves.join(", ")
    }
}

/// What a path declares: of a count that is declared by day the count, whatever the day.
fn whole(path: &str) -> &str {
    let is_day = |key: &str| {
        let days = key.strip_suffix('d').map(str::parse::<u32>);
        key == "now" || matches!(days, Some(Ok(_)))
    };
    match path.rsplit_once('.') {
        Some((of, day)) if is_day(day) => {
            let is_count = of.starts_with("entities.") && of.ends_with(".count");
            let is_tier = of.starts_with("tenants.");
            if is_count || is_tier { of } else { path }
        }
        _ => path,
    }
}

/// Whether a declaration could not be read. What is wrong in a file names a line by its number, so
/// that only the ends of paths are the same.
fn is_unread(project: &Project, path: &str) -> bool {
    let ends = |path: &str| {
        let mut keys = path.split('.');
        let thing = [keys.next(), keys.next()].map(|key| key.map(str::to_owned));
        (thing, keys.next_back().map(str::to_owned))
    };
    let errors = project.findings.iter();
    let mut errors = errors.filter(|it| rule(&it.rule).is_some_and(Rule::is_file_error));
    errors.any(|it| it.state != Some(State::Fixed) && ends(&it.subject) == ends(path))
}

/// The declarations that moved meters, by what they do to limits: those first that fill one that
/// breaks, then those that move one by the largest share. Of each the meters in the same order.
pub(super) fn causes(project: &Project) -> Vec<Cause<'_>> {
    let mut causes: IndexMap<&str, Cause<'_>> = IndexMap::default();
    for change in &project.changes {
        for attribution in &change.attribution {
            if attribution.delta == 0.0 {
                continue;
            }
            let cause = causes.entry(whole(&attribution.path)).or_default();
            if !cause.parts.iter().any(|it| it.path == attribution.path) {
                cause.parts.push(attribution);
            }
            // Meters come one after the other.
            match cause.moved.last_mut() {
                Some((last, delta)) if *last == change.meter => {
                    *delta += attribution.delta;
                    // Days that cancel each other leave what adding rounds off.
                    if delta.abs() < 1e-9 * attribution.delta.abs() {
                        *delta = 0.0;
                    }
                }
                _ => cause.moved.push((&change.meter, attribution.delta)),
            }
        }
    }
    add_effects(project, &mut causes);
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    for cause in &mut causes {
        cause.parts.sort_by_key(|part| day(&part.path));
        cause.moved.retain(|(_, delta)| *delta != 0.0);
        let of = |(id, delta): &(&str, f64)| {
            change(project, id).map_or((Verdict::Unlimited, 0.0), |change| {
                weight(change, change.limit.after.or(change.limit.before), *delta)
            })
        };
        let mut moved: Vec<_> = cause.moved.drain(..).map(|it| (of(&it), it)).collect();
        moved
            .sort_by(|(one, left), (other, right)| by_weight(other, one).then(left.0.cmp(right.0)));
        if let Some((weight, _)) = moved.first() {
            cause.weight = *weight;
        }
        cause.moved.extend(moved.into_iter().map(|(_, it)| it));
    }
    causes.sort_by(|left, right| {
        by_weight(&right.weight, &left.weight).then(left.path().cmp(right.path()))
    });
    causes
}

/// The day that a path declares a count for, if it does.
fn day(path: &str) -> Option<u32> {
    path.rsplit('.').next()?.strip_suffix('d')?.parse().ok()
}

/// Adds what findings are blamed on that moves no demand at the median.
fn add_effects<'a>(project: &'a Project, causes: &mut IndexMap<&'a str, Cause<'a>>) {
    for finding in &project.findings {
        let Some(said) = finding.cause.as_ref().filter(|it| it.delta == 0.0) else {
            continue;
        };
        let parts = finding.parts.iter().map(|(name, _)| name.as_str());
        let mut names = std::iter::once(finding.subject.as_str()).chain(parts);
        let changed = |id: &str| Some((find(&project.meters, id)?, change(project, id)?));
        let Some((meter, change)) = names.find_map(changed) else {
            continue;
        };
        let row = Row::of(project, meter, change);
        let (name, written) = (told(&row.name.short()), row.written());
        let effect = match written.limit.contains(" → ") {
            true => format!("limit of {name} {}", written.limit),
            false if row.is_percentile() => {
                let at = format!("p{:.0}", project.confidence * 100.0);
                format!("{name} {} at {at}", written.delta)
            }
            false => continue,
        };
        let cause = causes.entry(whole(&said.path)).or_default();
        if cause.parts.is_empty() {
            cause.parts.push(said);
            cause.effect = Some(effect);
            cause.weight = (row.verdict(), 0.0);
        }
    }
}

/// The same of all projects of a report.
pub(super) fn across(report: &Report) -> Vec<(&Project, Cause<'_>)> {
    let projects = report.projects.iter();
    let all = projects.flat_map(|project| {
        let causes = causes(project).into_iter();
        causes.map(move |cause| (project, cause))
    });
    let mut all: Vec<_> = all.collect();
    // Stable: equals stay in the order of projects and paths.
    all.sort_by(|(_, left), (_, right)| by_weight(&right.weight, &left.weight));
    all
}

/// What moving a meter by this much does to its limit. What makes room comes after what takes it.
fn weight(change: &Change, limit: Option<f64>, delta: f64) -> (Verdict, f64) {
    let share = limit.map_or(0.0, |limit| delta.abs() / limit);
    match (change.verdict.after.or(change.verdict.before), limit) {
        (Some(verdict), Some(_)) if delta > 0.0 => (verdict, share),
        (Some(_), Some(_)) => (Verdict::Fits, share),
        _ => (Verdict::Unlimited, 0.0),
    }
}

fn by_weight(left: &(Verdict, f64), right: &(Verdict, f64)) -> Ordering {
    left.0.cmp(&right.0).then(left.1.total_cmp(&right.1))
}

/// How much a cause moved one of a project's meters, with its sign.
fn moved(project: &Project, id: &str, delta: f64) -> String {
    let unit = known(project, id).map_or("", |meter| &meter.unit);
    number::delta(Some(delta), unit, &project.currency)
}

/// What a declaration said and says: `30/day → 45/day`, `new, 30/day`, `removed`.
fn said(attribution: &Attribution, write: impl Fn(&str) -> String) -> String {
    let written = |value: &Option<String>| {
        let value = text::name(value.as_deref()?, 60);
        Some(match is_size(&value) {
            true => value,
            false => write(&value),
        })
    };
    match (written(&attribution.before), written(&attribution.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("new, {after}"),
        (Some(before), None) => format!("{before}, removed"),
        (None, None) => attribution.kind.as_str().to_owned(),
    }
}

/// Whether a value is told by its size, and not as it is written: `2 lines`.
fn is_size(value: &str) -> bool {
    let parts = value.split_once(' ');
    parts.is_some_and(|(count, of)| count.parse::<u32>().is_ok() && matches!(of, "line" | "lines"))
}

/// Whether demands are judged at a percentile, which what causes moved is not of.
pub(super) fn is_median(project: &Project) -> bool {
    let mut changes = project.changes.iter();
    changes.any(|change| {
        let meter = known(project, &change.meter);
        meter.is_some_and(|meter| meter.judged(project.confidence) != meter.demand.point)
    })
}
