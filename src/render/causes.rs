//! The declarations that changed, by what they do to limits.

use std::cmp::Ordering;

use crate::collections::IndexMap;
use crate::report::{Attribution, Change, Project, Report, State, Verdict};
use crate::rules::{Rule, rule};

use super::selection::{UNKNOWN, change, known, told};
use super::{number, text};

/// A declaration that changed, with all that it moved.
pub(super) struct Cause<'a> {
    pub(super) first: &'a Attribution,
    /// Each meter that it moved, with how much, in the order of the meters' ids.
    pub(super) moved: Vec<(&'a str, f64)>,
    /// How bad the worst limit is that it makes fuller, and by how much of a limit it moves one.
    weight: (Verdict, f64),
}

impl Cause<'_> {
    /// How much it moved a meter, where that can be told: what is no longer known, or cannot be
    /// read, has not become less.
    fn known(&self, project: &Project, delta: f64) -> Option<f64> {
        let after = self.first.after.as_deref().unwrap_or_default();
        let is_known = !after.contains(UNKNOWN) && !is_unread(project, &self.first.path);
        (delta > 0.0 || is_known).then_some(delta)
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
        moves.join(", ")
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
        let limit = change.limit.after.or(change.limit.before);
        for attribution in &change.attribution {
            if attribution.delta == 0.0 {
                continue;
            }
            let cause = causes.entry(&attribution.path).or_insert(Cause {
                first: attribution,
                moved: Vec::new(),
                weight: (Verdict::Unlimited, 0.0),
            });
            cause.moved.push((&change.meter, attribution.delta));
            let weight = weight(change, limit, attribution.delta);
            if by_weight(&weight, &cause.weight).is_gt() {
                cause.weight = weight;
            }
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    for cause in &mut causes {
        cause.moved.sort_by(|(left, one), (right, other)| {
            let of = |id: &str, delta: f64| {
                change(project, id).map_or((Verdict::Unlimited, 0.0), |change| {
                    weight(change, change.limit.after.or(change.limit.before), delta)
                })
            };
            by_weight(&of(right, *other), &of(left, *one)).then(left.cmp(right))
        });
    }
    causes.sort_by(|left, right| {
        by_weight(&right.weight, &left.weight).then(left.first.path.cmp(&right.first.path))
    });
    causes
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

/// What a cause said and says: `30/day → 45/day`, `added 30/day`, `removed`. Each value is written
/// by `write`.
pub(super) fn said(attribution: &Attribution, write: impl Fn(&str) -> String) -> String {
    let written = |value: &Option<String>| {
        let value = value.as_deref()?;
        Some(write(&text::name(value, 60)))
    };
    match (written(&attribution.before), written(&attribution.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("new, {after}"),
        (Some(before), None) => format!("{before}, removed"),
        (None, None) => attribution.kind.as_str().to_owned(),
    }
}

/// Whether demands are judged at a percentile, which what causes moved is not of.
pub(super) fn is_median(project: &Project) -> bool {
    let mut changes = project.changes.iter();
    changes.any(|change| {
        let meter = known(project, &change.meter);
        meter.is_some_and(|meter| meter.judged(project.confidence) != meter.demand.point)
    })
}
