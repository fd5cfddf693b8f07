//! Which meters, scenarios and declarations matter, and in which order: the same for every
//! format that people read.

use std::cmp::Ordering;

use crate::collections::{HashMap, IndexMap};
use crate::report::{Attribution, Change, Meter, Project, Verdict};

use super::{number, text};

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

pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) unit: &'a str,
    currency: &'a str,
    /// The meter today; nothing if the change removed it.
    meter: Option<&'a Meter>,
    /// What the change did to it; nothing if it did not move it, and in `check`.
    pub(super) change: Option<&'a Change>,
}

impl<'a> Row<'a> {
    pub(super) fn today(project: &'a Project, meter: &'a Meter) -> Self {
        Self {
            id: &meter.id,
            unit: &meter.unit,
            currency: &project.currency,
            meter: Some(meter),
            change: None,
        }
    }

    fn removed(project: &'a Project, change: &'a Change) -> Self {
        Self {
            id: &change.meter,
            unit: usual_unit(&change.meter),
            currency: &project.currency,
            meter: None,
            change: Some(change),
        }
    }

    fn quantity(&self, value: Option<f64>) -> String {
        number::quantity(value, self.unit, self.currency)
    }

    /// The verdict today, or what it was if the meter is gone.
    pub(super) fn verdict(&self) -> Verdict {
        let now = self.meter.map(|meter| meter.verdict);
        let before = self.change.and_then(|change| change.verdict.after);
        now.or(before).unwrap_or(Verdict::Unlimited)
    }

    pub(super) fn utilization(&self) -> Option<f64> {
        self.meter.and_then(|meter| meter.utilization)
    }

    pub(super) fn used(&self) -> String {
        self.meter.map_or_else(|| "gone".to_owned(), used)
    }

    /// The demand today, `≥` if it is a lower bound.
    pub(super) fn demand(&self) -> String {
        let is_gone = |change: &Change| change.verdict.after.is_none();
        if self.meter.is_none() && self.change.is_some_and(is_gone) {
            return "gone".to_owned();
        }
        let is_bound = self.meter.is_some_and(|meter| meter.lower_bound);
        let bound = if is_bound { "≥" } else { "" };
        format!("{bound}{}", self.quantity(self.value()))
    }

    pub(super) fn value(&self) -> Option<f64> {
        match (self.change, self.meter) {
            (Some(change), _) => change.after,
            (None, meter) => meter?.demand.point,
        }
    }

    /// The demand in the base; empty if the meter was not there.
    pub(super) fn before(&self) -> String {
        let base = |change: &&Change| change.verdict.before.is_some();
        let change = self.change.filter(base);
        change.map_or_else(String::new, |change| self.quantity(change.before))
    }

    /// How much the change moves the demand, with its sign.
    pub(super) fn delta(&self) -> String {
        self.change.map_or_else(String::new, |change| {
            number::delta(change.delta, self.unit, self.currency)
        })
    }

    /// How much the change moves the demand, relative to the base.
    pub(super) fn percent(&self) -> String {
        self.change.map_or_else(String::new, |change| {
            number::change(change.before, change.after, change.percent)
        })
    }

    /// The limit, with what it was if the change moved it.
    pub(super) fn limit(&self) -> String {
        let now = self.meter.and_then(|meter| meter.limit);
        let written = |limit: Option<f64>| match limit {
            Some(_) => self.quantity(limit),
            None => "none".to_owned(),
        };
        let moved = self.change.filter(|change| {
            change.limit.before != change.limit.after && change.verdict.before.is_some()
        });
        match moved.map(|change| change.limit) {
            Some(limit) => format!("{} → {}", written(limit.before), written(limit.after)),
            None if now.is_none() && self.verdict() == Verdict::Unknown => "unknown".to_owned(),
            None => written(now),
        }
    }
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

/// The unit of a meter that only the base has, from its kind, the third part of its id.
fn usual_unit(id: &str) -> &'static str {
    let mut quoted = false;
    let kind = id
        .split(|character: char| {
            quoted ^= character == '"';
            character == '.' && !quoted
        })
        .nth(2);
    match kind {
        Some("storage" | "retained") => "bytes",
        Some("throughput") => "bytes/s",
        Some("drain") => "seconds",
        Some("spend") => "money/month",
        Some("credits") => "credits/month",
        _ => "",
    }
}

pub(super) struct Rows<'a> {
    /// Those that matter, worst first.
    pub(super) rows: Vec<Row<'a>>,
    /// Those that are fine and that the change does not move, or that have no limit in `check`.
    pub(super) rest: Vec<Row<'a>>,
}

fn changes_by_id(project: &Project) -> HashMap<&str, &Change> {
    let changes = project.changes.iter();
    changes
        .map(|change| (change.meter.as_str(), change))
        .collect()
}

/// When comparing, the meters that changed and those that are not fine; else all that have a
/// limit.
pub(super) fn rows(project: &Project, comparing: bool) -> Rows<'_> {
    let mut changes = changes_by_id(project);
    let (mut rows, rest): (Vec<_>, Vec<_>) = project
        .meters
        .iter()
        .map(|meter| Row {
            change: changes.remove(&*meter.id),
            ..Row::today(project, meter)
        })
        .partition(|row| match comparing {
            true => row.change.is_some() || row.verdict() >= Verdict::Tight,
            false => row.verdict() != Verdict::Unlimited,
        });
    let removed = changes.into_values();
    rows.extend(removed.map(|change| Row::removed(project, change)));
    rows.sort_by(|left, right| {
        let key = |row: &Row<'_>| (row.change.is_some(), row.verdict());
        let full = |row: &Row<'_>| fullness(row.utilization(), row.verdict());
        key(right)
            .cmp(&key(left))
            .then(full(right).total_cmp(&full(left)))
            .then(left.id.cmp(right.id))
    });
    Rows { rows, rest }
}

pub(super) struct ScenarioRow<'a> {
    pub(super) today: &'a Meter,
    /// In the order of the project's scenarios.
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
    let mut rows = Vec::new();
    let mut unmoved = 0;
    for today in &project.meters {
        let change = changes.get(&*today.id);
        let cells: Vec<_> = project
            .scenarios
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

/// A declaration that changed, with all that it moved.
pub(super) struct Cause<'a> {
    pub(super) first: &'a Attribution,
    /// Each meter that it moved, with how much, in the order of the meters' ids.
    pub(super) moved: Vec<(&'a str, f64)>,
    /// The worst verdict of these, and the largest share of a meter that it moved, for sorting.
    weight: (Verdict, f64),
}

impl Cause<'_> {
    /// What it moved, with the rest counted after this many meters. Each is written by `write`
    /// from how much it moved and its id.
    pub(super) fn moves(
        &self,
        project: &Project,
        most: usize,
        write: impl Fn(&str, &str) -> String,
    ) -> String {
        let shown = self.moved.iter().take(most);
        let moves = shown.map(|(id, delta)| write(&moved(project, id, *delta), id));
        let mut moves: Vec<String> = moves.collect();
        if self.moved.len() > most {
            moves.push(format!("{} more", self.moved.len() - most));
        }
        moves.join(", ")
    }
}

/// The declarations that moved meters: those first that moved one that is not fine, then those
/// that moved one by the largest share.
pub(super) fn causes(project: &Project) -> Vec<Cause<'_>> {
    let mut causes: IndexMap<&str, Cause<'_>> = IndexMap::default();
    for change in &project.changes {
        let (before, after) = (change.before.unwrap_or(0.0), change.after.unwrap_or(0.0));
        let base = before.max(after);
        for attribution in &change.attribution {
            if attribution.delta == 0.0 {
                continue;
            }
            let share = attribution.delta.abs() / if base > 0.0 { base } else { 1.0 };
            let cause = causes.entry(&attribution.path).or_insert(Cause {
                first: attribution,
                moved: Vec::new(),
                weight: (Verdict::Unlimited, 0.0),
            });
            cause.moved.push((&change.meter, attribution.delta));
            let verdict = change.verdict.after.unwrap_or(Verdict::Unlimited);
            cause.weight = (cause.weight.0.max(verdict), cause.weight.1.max(share));
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    causes.sort_by(|left, right| {
        let ((verdict, share), (best_verdict, best_share)) = (left.weight, right.weight);
        best_verdict
            .cmp(&verdict)
            .then(best_share.total_cmp(&share))
            .then(left.first.path.cmp(&right.first.path))
    });
    causes
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

/// How much a cause moved one of a project's meters, with its sign.
pub(super) fn moved(project: &Project, id: &str, delta: f64) -> String {
    let unit = find(&project.meters, id).map_or_else(|| usual_unit(id), |meter| &meter.unit);
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
        (None, Some(after)) => format!("added {after}"),
        (Some(before), None) => format!("removed {before}"),
        (None, None) => attribution.kind.as_str().to_owned(),
    }
}
