//! Which meters, scenarios and declarations matter, and in which order: the same for every
//! format that people read.

use std::cmp::Ordering;

use crate::collections::HashMap;
use crate::report::{Attribution, BeforeAfter, Change, Meter, Project, Scenario, Verdict};

use super::{number, text};

/// The order of meters: the worst verdict first, then the fullest.
pub(super) fn worst_first(left: &Meter, right: &Meter) -> Ordering {
    let key = |meter: &Meter| (meter.verdict, fullness(meter.utilization, meter.verdict));
    key(right)
        .0
        .cmp(&key(left).0)
        .then(key(right).1.total_cmp(&key(left).1))
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

/// One meter as a table shows it.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) unit: &'a str,
    /// The meter today; nothing where the change removed it.
    pub(super) meter: Option<&'a Meter>,
    /// What the change did to it; nothing where it left it alone, and in `check`.
    pub(super) change: Option<&'a Change>,
}

impl<'a> Row<'a> {
    fn new(meter: Option<&'a Meter>, change: Option<&'a Change>) -> Option<Self> {
        let id = meter
            .map(|meter| &*meter.id)
            .or(change.map(|change| change.meter.as_str()))?;
        Some(Self {
            id,
            unit: meter.map_or_else(|| usual_unit(id), |meter| &*meter.unit),
            meter,
            change,
        })
    }

    /// The verdict today, or what it was where the meter is gone.
    pub(super) fn verdict(&self) -> Verdict {
        self.meter
            .map(|meter| meter.verdict)
            .or(self.change.and_then(|change| change.verdict.after))
            .unwrap_or(Verdict::Unlimited)
    }

    /// The share of the limit in use today.
    pub(super) fn utilization(&self) -> Option<f64> {
        self.meter.and_then(|meter| meter.utilization)
    }

    /// The share of the limit in use, or nothing to say where there is no limit.
    pub(super) fn used(&self) -> String {
        match self.meter {
            Some(meter) => used(meter),
            None => "gone".to_owned(),
        }
    }

    /// The demand today, `≥` where it is a lower bound.
    pub(super) fn demand(&self, currency: &str) -> String {
        let (value, bound) = match (self.meter, self.change) {
            (Some(meter), Some(change)) => (change.after, meter.lower_bound),
            (Some(meter), None) => (meter.demand.point, meter.lower_bound),
            (None, Some(change)) if change.verdict.after.is_none() => return "gone".to_owned(),
            (None, Some(change)) => (change.after, false),
            (None, None) => (None, false),
        };
        format!(
            "{}{}",
            if bound { "≥" } else { "" },
            number::quantity(value, self.unit, currency)
        )
    }

    /// The demand today, as a number.
    pub(super) fn value(&self) -> Option<f64> {
        match (self.change, self.meter) {
            (Some(change), _) => change.after,
            (None, Some(meter)) => meter.demand.point,
            (None, None) => None,
        }
    }

    /// The demand in the base, or nothing where the meter was not there.
    pub(super) fn before(&self, currency: &str) -> Option<String> {
        let change = self.change?;
        change.verdict.before?;
        Some(number::quantity(change.before, self.unit, currency))
    }

    /// The limit, with what it was where the change moved it.
    pub(super) fn limit(&self, currency: &str) -> String {
        let now = self.meter.and_then(|meter| meter.limit);
        let written = |limit: Option<f64>| {
            limit.map_or_else(
                || "none".to_owned(),
                |limit| number::quantity(Some(limit), self.unit, currency),
            )
        };
        match self.change.map(|change| change.limit) {
            Some(BeforeAfter { before, after })
                if before != after
                    && self
                        .change
                        .is_some_and(|change| change.verdict.before.is_some()) =>
            {
                format!("{} → {}", written(before), written(after))
            }
            _ if now.is_none() && self.verdict() == Verdict::Unknown => "unknown".to_owned(),
            _ => written(now),
        }
    }
}

/// The share of its limit that a meter uses, in words.
pub(super) fn used(meter: &Meter) -> String {
    match (meter.utilization, meter.verdict) {
        (_, Verdict::Unlimited) => "–".to_owned(),
        (Some(share), _) => format!(
            "{}{}",
            if meter.lower_bound { "≥" } else { "" },
            number::share(Some(share))
        ),
        (None, Verdict::Breaks) => "∞".to_owned(),
        (None, _) => "?".to_owned(),
    }
}

/// The unit of a meter that only the base has: its kind, the third part of its id, tells.
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

/// The meters of a project that matter, worst first, and how many were left out.
pub(super) struct Rows<'a> {
    pub(super) rows: Vec<Row<'a>>,
    /// Those that are fine and that the change leaves alone, or that have no limit in `check`.
    pub(super) rest: Vec<&'a Meter>,
}

/// When comparing, the meters that changed and those that are not fine; else all that have a
/// limit.
pub(super) fn rows<'a>(project: &'a Project, comparing: bool) -> Rows<'a> {
    let changes: HashMap<&str, &Change> = project
        .changes
        .iter()
        .map(|change| (change.meter.as_str(), change))
        .collect();
    let mut rest = Vec::new();
    let mut rows = Vec::new();
    for meter in &project.meters {
        let change = changes.get(&*meter.id).copied();
        let matters = if comparing {
            change.is_some() || meter.verdict >= Verdict::Tight
        } else {
            meter.verdict != Verdict::Unlimited
        };
        if matters {
            rows.extend(Row::new(Some(meter), change));
        } else {
            rest.push(meter);
        }
    }
    let present: std::collections::HashSet<&str> =
        project.meters.iter().map(|meter| &*meter.id).collect();
    rows.extend(
        project
            .changes
            .iter()
            .filter(|change| !present.contains(change.meter.as_str()))
            .filter_map(|change| Row::new(None, Some(change))),
    );
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

/// One meter in every scenario.
pub(super) struct ScenarioRow<'a> {
    pub(super) today: &'a Meter,
    /// In the order of the project's scenarios, with the verdict of the base where it differs.
    pub(super) cells: Vec<ScenarioCell<'a>>,
}

/// One meter in one scenario.
pub(super) struct ScenarioCell<'a> {
    pub(super) meter: Option<&'a Meter>,
    pub(super) before: Option<Verdict>,
}

/// The matrix of meters and scenarios.
pub(super) struct Matrix<'a> {
    pub(super) scenarios: Vec<&'a Scenario>,
    pub(super) rows: Vec<ScenarioRow<'a>>,
    /// Meters that do not fit some scenario, which the change leaves as they were.
    pub(super) unmoved: usize,
}

/// The meters that do not fit every scenario (when comparing: of those, the ones that the
/// change moves), in the order in which they give way.
pub(super) fn matrix(project: &Project, comparing: bool) -> Matrix<'_> {
    let by_id: Vec<HashMap<&str, &Meter>> = project
        .scenarios
        .iter()
        .map(|scenario| {
            scenario
                .meters
                .iter()
                .map(|meter| (&*meter.id, meter))
                .collect()
        })
        .collect();
    let changes: HashMap<&str, &Change> = project
        .changes
        .iter()
        .map(|change| (change.meter.as_str(), change))
        .collect();
    let mut rows = Vec::new();
    let mut unmoved = 0;
    for today in &project.meters {
        let change = changes.get(&*today.id);
        let cells: Vec<_> = project
            .scenarios
            .iter()
            .zip(&by_id)
            .map(|(scenario, meters)| ScenarioCell {
                meter: meters.get(&*today.id).copied(),
                before: change.and_then(|change| verdict_before(change, &scenario.name)),
            })
            .collect();
        let fits = cells.iter().all(|cell| {
            cell.meter
                .is_none_or(|meter| meter.verdict < Verdict::Tight)
        });
        let mended = cells
            .iter()
            .any(|cell| cell.before.is_some_and(|before| before >= Verdict::Tight));
        if fits && !mended {
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
    Matrix {
        scenarios: project.scenarios.iter().collect(),
        rows,
        unmoved,
    }
}

/// The verdict in the base, where it was another.
fn verdict_before(change: &Change, scenario: &str) -> Option<Verdict> {
    let judged = change
        .scenarios
        .iter()
        .find(|judged| judged.name == scenario)?;
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

/// The declarations that moved meters: those first that moved one that is not fine, then those
/// that moved one by the largest share.
pub(super) fn causes(project: &Project) -> Vec<Cause<'_>> {
    let mut places: HashMap<&str, usize> = HashMap::default();
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for change in &project.changes {
        let base = change
            .before
            .unwrap_or(0.0)
            .max(change.after.unwrap_or(0.0));
        for attribution in &change.attribution {
            if attribution.delta == 0.0 {
                continue;
            }
            let share = attribution.delta.abs() / if base > 0.0 { base } else { 1.0 };
            let place = *places.entry(&attribution.path).or_insert_with(|| {
                causes.push(Cause {
                    first: attribution,
                    moved: Vec::new(),
                    weight: (Verdict::Unlimited, 0.0),
                });
                causes.len() - 1
            });
            let cause = &mut causes[place];
            cause.moved.push((&change.meter, attribution.delta));
            let verdict = change.verdict.after.unwrap_or(Verdict::Unlimited);
            cause.weight = (cause.weight.0.max(verdict), cause.weight.1.max(share));
        }
    }
    causes.sort_by(|left, right| {
        let key = |cause: &Cause<'_>| cause.weight.0;
        key(right)
            .cmp(&key(left))
            .then(right.weight.1.total_cmp(&left.weight.1))
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

/// The unit of one of a project's meters.
pub(super) fn unit<'a>(project: &'a Project, id: &'a str) -> &'a str {
    project
        .meters
        .binary_search_by(|meter| (*meter.id).cmp(id))
        .map_or_else(|_| usual_unit(id), |at| &*project.meters[at].unit)
}

/// What a cause said and says: `30/day → 45/day`, `added: 30/day`, `removed`.
pub(super) fn said(attribution: &Attribution) -> String {
    let written = |value: &Option<String>| value.as_deref().map(|value| text::name(value, 60));
    match (written(&attribution.before), written(&attribution.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("added {after}"),
        (Some(before), None) => format!("removed {before}"),
        (None, None) => format!("{:?}", attribution.kind).to_lowercase(),
    }
}
