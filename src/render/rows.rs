//! The rows of the table of meters: demand, limit and share as they are judged, and which matter.

use crate::report::named::{Named, named};
use crate::report::{Change, Meter, Project, Verdict};

use super::number;
use super::selection::{UNKNOWN, changes_by_id, fullness, used, with_unit};

pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) unit: &'a str,
    /// What people call it.
    pub(super) name: Named,
    currency: &'a str,
    confidence: f64,
    /// The meter today; nothing if the change removed it.
    meter: Option<&'a Meter>,
    /// What the change did to it; nothing if it did not move it, and in `check`.
    pub(super) change: Option<&'a Change>,
}

/// What is judged of one side of a row: figures that divide.
#[derive(Clone, Copy, Default)]
pub(super) struct Figures {
    pub(super) demand: Option<f64>,
    /// Where the limit is uncertain, the demand over the share.
    pub(super) limit: Option<f64>,
    share: Option<f64>,
}

impl Figures {
    pub(super) fn of(meter: &Meter, confidence: f64) -> Self {
        let demand = meter.judged(confidence);
        let (limit, share) = (meter.limit, meter.utilization);
        let quotient = demand.zip(limit).map(|(demand, limit)| demand / limit);
        let agrees = quotient.zip(share).is_none_or(|(quotient, share)| {
            !quotient.is_finite() || (quotient - share).abs() <= 1e-6 * share.abs()
        });
        let held = demand.zip(share).map(|(demand, share)| demand / share);
        Self {
            demand,
            limit: if agrees { limit } else { held },
            share,
        }
    }
}

/// A row as it is written; empty where there is nothing to say.
pub(super) struct Written {
    pub(super) before: String,
    pub(super) demand: String,
    pub(super) delta: String,
    pub(super) limit: String,
    pub(super) used: String,
}

impl<'a> Row<'a> {
    pub(super) fn today(project: &'a Project, meter: &'a Meter) -> Self {
        Self {
            id: &meter.id,
            unit: &meter.unit,
            name: meter.named(),
            currency: &project.currency,
            confidence: project.confidence,
            meter: Some(meter),
            change: None,
        }
    }

    pub(super) fn of(project: &'a Project, meter: &'a Meter, change: &'a Change) -> Self {
        Self {
            change: Some(change),
            ..Self::today(project, meter)
        }
    }

    fn removed(project: &'a Project, change: &'a Change) -> Self {
        let was = change.was.as_deref();
        let unit = was.map_or("", |was| &was.unit);
        let day = was.and_then(|was| was.day);
        Self {
            id: &change.meter,
            unit,
            name: named(&change.meter, unit, day),
            currency: &project.currency,
            confidence: project.confidence,
            meter: None,
            change: Some(change),
        }
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

    fn now(&self) -> Figures {
        let figures = |meter| Figures::of(meter, self.confidence);
        self.meter.map(figures).unwrap_or_default()
    }

    fn was(&self) -> Figures {
        match self.change.map(|change| (change, change.was.as_deref())) {
            None => Figures::default(),
            Some((_, Some(was))) => Figures::of(was, self.confidence),
            Some((change, None)) => Figures {
                demand: change.before,
                limit: change.limit.before,
                share: None,
            },
        }
    }

    /// The demand today, as it is judged.
    pub(super) fn value(&self) -> Option<f64> {
        self.now().demand
    }

    /// The demand in the base, as it is judged.
    pub(super) fn value_before(&self) -> Option<f64> {
        self.is_old().then(|| self.was().demand)?
    }

    /// Whether the base has the meter.
    fn is_old(&self) -> bool {
        self.change
            .is_some_and(|change| change.verdict.before.is_some())
    }

    /// By how much the share of the limit moves.
    pub(super) fn moved(&self) -> Option<f64> {
        let (was, now) = (self.was().share, self.now().share);
        self.change?;
        match self.is_old() {
            true => was.zip(now).map(|(was, now)| now - was),
            false => now,
        }
    }

    /// Whether a percentile is shown that is not the point value.
    pub(super) fn is_percentile(&self) -> bool {
        self.meter.is_some_and(|meter| {
            let judged = meter.judged(self.confidence);
            meter.utilization.is_some() && judged != meter.demand.point
        })
    }

    /// The row in words and figures. Demand, limit and share of a side divide.
    pub(super) fn written(&self) -> Written {
        let (was, now) = (self.was(), self.now());
        let moved = self.moves();
        let [old, new, delta, old_limit, limit] = number::row(
            [was.demand, now.demand, moved, was.limit, now.limit],
            self.unit,
            self.currency,
        );
        let is_gone = self.meter.is_none();
        let bound = self.bound();
        let none = |limit: Option<f64>, written: String| match limit {
            Some(_) => written,
            None => "none".to_owned(),
        };
        let is_unknown = now.limit.is_none() && self.verdict() == Verdict::Unknown;
        let new_limit = match is_unknown {
            true => UNKNOWN.to_owned(),
            false => none(now.limit, limit),
        };
        let is_raised = self.is_old() && !is_gone && was.limit != now.limit;
        let share = self.meter.map_or_else(|| "gone".to_owned(), used);
        Written {
            before: if self.is_old() { old } else { String::new() },
            demand: match is_gone {
                true => "gone".to_owned(),
                false => format!("{bound}{new}"),
            },
            delta: match (self.change, moved) {
                (None, _) => String::new(),
                (Some(change), None) if change.delta.is_some() => UNKNOWN.to_owned(),
                (Some(_), None) => "∞".to_owned(),
                (Some(_), Some(moved)) if moved > 0.0 => format!("{bound}+{delta}"),
                (Some(_), Some(_)) => format!("{bound}{delta}"),
            },
            limit: match is_raised {
                true => format!("{} → {new_limit}", none(was.limit, old_limit)),
                false => new_limit,
            },
            used: match was.share.filter(|_| self.is_old() && !is_gone) {
                Some(old) if number::share(Some(old)) != share => {
                    format!("{} → {share}", number::share(Some(old)))
                }
                _ => share,
            },
        }
    }

    /// How much of the demand is over the limit, where some is.
    pub(super) fn over(&self) -> Option<String> {
        let now = self.now();
        let over = now.demand? - now.limit?;
        (over > 0.0).then(|| number::quantity(Some(over), self.unit, self.currency))
    }

    /// Demand and limit with their share: `18.51M of 2.5M, 740.3%`.
    pub(super) fn of_limit(&self) -> String {
        let written = self.written();
        match written.limit.as_str() {
            "none" | UNKNOWN => with_unit(&written.demand, self.unit),
            limit => format!("{} of {limit}, {}", written.demand, written.used),
        }
    }

    /// How much the change moves the demand, where that can be told: a demand that includes what
    /// nobody knows is not smaller for that, and not gone.
    pub(super) fn moves(&self) -> Option<f64> {
        let change = self.change?;
        let delta = change.delta?;
        // What is judged is what is shown; where one side is not there, its demand is 0.
        let judged = |figures: Figures, is_there| if is_there { figures.demand } else { Some(0.0) };
        let was = judged(self.was(), self.is_old());
        let now = judged(self.now(), self.meter.is_some());
        let delta = match was.zip(now) {
            Some((was, now)) if (now - was).abs() > ROUNDING * was.max(now) => now - was,
            Some(_) => 0.0,
            None => delta,
        };
        (!self.is_bound() || delta > 0.0).then_some(delta)
    }

    fn is_bound(&self) -> bool {
        self.meter.is_some_and(|meter| meter.lower_bound)
    }

    /// What is before a lower bound.
    fn bound(&self) -> &'static str {
        if self.is_bound() { "≥" } else { "" }
    }
}

pub(super) struct Rows<'a> {
    /// Those that matter, worst first.
    pub(super) rows: Vec<Row<'a>>,
    /// Those that the change moves, and that is of no matter.
    pub(super) small: Vec<Row<'a>>,
    /// Those that the change does not move, or that have no limit in `check`.
    pub(super) rest: Vec<Row<'a>>,
}

/// How far two demands that are the same may be apart, in proportion.
const ROUNDING: f64 = 1e-9;

/// A share of a limit that is moved by less is a small change.
const SMALL: f64 = 0.005;

/// When comparing, the meters that changed; else all that have a limit. A change is small where
/// nothing limits it, or where a limit that holds before and after is hardly nearer.
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
            true => row.change.is_some(),
            false => row.verdict() != Verdict::Unlimited,
        });
    let removed = changes.into_values();
    rows.extend(removed.map(|change| Row::removed(project, change)));
    rows.sort_by(|left, right| {
        let full = |row: &Row<'_>| fullness(row.utilization(), row.verdict());
        (right.verdict())
            .cmp(&left.verdict())
            .then(full(right).total_cmp(&full(left)))
            .then(left.id.cmp(right.id))
    });
    let (rows, small) = rows.into_iter().partition(|row| !comparing || matters(row));
    Rows { rows, small, rest }
}

fn matters(row: &Row<'_>) -> bool {
    let before = row.change.and_then(|change| change.verdict.before);
    let worst = before.max(Some(row.verdict()));
    let moved = row.moved().map_or(f64::INFINITY, f64::abs);
    worst >= Some(Verdict::Tight) || worst == Some(Verdict::Fits) && moved >= SMALL
}
