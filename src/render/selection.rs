//! How meters are ordered, which of them do not fit every scenario, and what is written of them:
//! the same for every format that people read.

use std::cmp::Ordering;

use crate::collections::HashMap;
use crate::report::named::Named;
use crate::report::{Change, Meter, Project, Scenario, Verdict};

use super::number::{self, by_leading};
use super::rows::Row;

/// What is written where nobody knows a number.
pub(super) const UNKNOWN: &str = "unknown";

/// The order of meters: the worst verdict first, then the fullest.
pub(super) fn worst_first(left: &Meter, right: &Meter) -> Ordering {
    let full = |meter: &Meter| fullness(meter.utilization, meter.verdict);
    (right.verdict.cmp(&left.verdict))
        .then(full(right).total_cmp(&full(left)))
        .then(left.id.cmp(&right.id))
}

/// How full a limit is, for sorting: what breaks without a number is fullest.
pub(super) fn fullness(utilization: Option<f64>, verdict: Verdict) -> f64 {
    utilization.unwrap_or(if verdict == Verdict::Breaks {
        f64::INFINITY
    } else {
        -1.0
    })
}

/// The share of its limit that a meter uses, in words.
pub(super) fn used(meter: &Meter) -> String {
    match (meter.utilization, meter.verdict) {
        (_, Verdict::Unlimited) => "–".to_owned(),
        (Some(_), _) => {
            let bound = if meter.lower_bound { "≥" } else { "" };
            format!("{bound}{}", number::share(meter.utilization))
        }
        (None, Verdict::Breaks) => "∞".to_owned(),
        (None, _) => "?".to_owned(),
    }
}

/// A meter's demand beside the limit that it divides by: `18.51M of 2.5M, 740.3%`.
pub(super) fn of_limit(project: &Project, meter: &Meter) -> String {
    match meter.verdict {
        Verdict::Unlimited => "no limit".to_owned(),
        _ => Row::today(project, meter).of_limit(),
    }
}

/// The same of today: of storage what is on disk.
pub(super) fn of_limit_today(project: &Project, meter: &Meter) -> String {
    let detail = &meter.detail;
    match (detail.now.flatten(), detail.now_utilization.flatten()) {
        (Some(bytes), Some(share)) => {
            let [bytes, limit] = number::row([Some(bytes), meter.limit], &meter.unit, "");
            format!(
                "{bytes} of {limit}, {} (on disk today)",
                number::share(Some(share))
            )
        }
        _ => of_limit(project, meter),
    }
}

/// A meter's name in a sentence: `` `tiklive` credits per month``.
pub(super) fn told(name: &Named) -> String {
    format!("`{}` {}", name.thing, name.what)
}

/// One of a project's meters, or what it was if the change removed it.
pub(super) fn known<'a>(project: &'a Project, id: &str) -> Option<&'a Meter> {
    let now = find(&project.meters, id);
    now.or_else(|| change(project, id)?.was.as_deref())
}

/// What the change does to a meter. Changes are sorted by its id.
pub(super) fn change<'a>(project: &'a Project, id: &str) -> Option<&'a Change> {
    let changes = &project.changes;
    let at = changes.binary_search_by(|change| change.meter.as_str().cmp(id));
    changes.get(at.ok()?)
}

/// The scenarios as people count: `10x` before `100x`, then those that are named by words.
pub(super) fn scenarios(project: &Project) -> Vec<&Scenario> {
    let mut scenarios: Vec<&Scenario> = project.scenarios.iter().collect();
    by_leading(&mut scenarios, |it| &it.name);
    scenarios
}

pub(super) fn changes_by_id(project: &Project) -> HashMap<&str, &Change> {
    let changes = project.changes.iter();
    changes
        .map(|change| (change.meter.as_str(), change))
        .collect()
}

pub(super) struct ScenarioRow<'a> {
    pub(super) today: &'a Meter,
    /// In the order of [`scenarios`].
    pub(super) cells: Vec<ScenarioCell<'a>>,
}

pub(super) struct ScenarioCell<'a> {
    pub(super) meter: Option<&'a Meter>,
    pub(super) before: Option<Verdict>,
}

pub(super) struct Matrix<'a> {
    pub(super) rows: Vec<ScenarioRow<'a>>,
    /// Meters that do not fit some scenario, which the change leaves as they were.
    pub(super) unmoved: usize,
}

/// The meters that do not fit every scenario (when comparing: of those, the ones that the
/// change moves), in the order in which they give way.
pub(super) fn matrix(project: &Project, comparing: bool) -> Matrix<'_> {
    let changes = changes_by_id(project);
    let scenarios = scenarios(project);
    let mut rows = Vec::new();
    let mut unmoved = 0;
    for today in &project.meters {
        let change = changes.get(&*today.id);
        let cells: Vec<_> = scenarios
            .iter()
            .map(|scenario| ScenarioCell {
                meter: find(&scenario.meters, &today.id),
                before: change.and_then(|change| verdict_before(change, &scenario.name)),
            })
            .collect();
        let is_tight = |cell: &ScenarioCell<'_>| {
            let now = cell.meter.map(|meter| meter.verdict);
            now.max(cell.before) >= Some(Verdict::Tight)
        };
        if !cells.iter().any(is_tight) {
            continue;
        }
        if comparing && change.is_none() {
            unmoved += 1;
            continue;
        }
        rows.push(ScenarioRow { today, cells });
    }
    rows.sort_by(|left, right| {
        let key = |row: &ScenarioRow<'_>| row.today.breaking_point.unwrap_or(f64::INFINITY);
        key(left)
            .total_cmp(&key(right))
            .then(left.today.id.cmp(&right.today.id))
    });
    Matrix { rows, unmoved }
}

fn verdict_before(change: &Change, scenario: &str) -> Option<Verdict> {
    let mut judged = change.scenarios.iter();
    let judged = judged.find(|judged| judged.name == scenario)?;
    judged.before.filter(|before| Some(*before) != judged.after)
}

/// A quantity with its unit: `2,088,000 credits/month`, `499.00 USD/month`, `1.46 GB`.
pub(super) fn with_unit(quantity: &str, unit: &str) -> String {
    match number::unit_beside(unit) {
        _ if matches!(quantity, "none" | "unknown" | "gone" | "∞") => quantity.to_owned(),
        "" => quantity.to_owned(),
        unit if unit.starts_with('/') => format!("{quantity}{unit}"),
        unit => format!("{quantity} {unit}"),
    }
}

/// One of some meters, which are sorted by id.
pub(super) fn find<'a>(meters: &'a [Meter], id: &str) -> Option<&'a Meter> {
    let at = meters.binary_search_by(|meter| (*meter.id).cmp(id));
    meters.get(at.ok()?)
}
