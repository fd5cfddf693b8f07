//! What each limit carries and how much of it is used: today, on days to come, and in scenarios.
//! Each share is that of the demand and the limit beside it.

use super::{Cell, Tab};
use crate::analysis::{Outlook, Project};
use crate::fit::{Fitted, Meters};
use crate::report::{Meter, Verdict};
use crate::words::number::{self, by_leading};

/// Demand, limit and share of a meter.
#[derive(PartialEq)]
struct Use {
    demand: Option<f64>,
    limit: Option<f64>,
    used: Option<f64>,
}

struct Limits<'a> {
    project: &'a Project,
    outlook: &'a Outlook,
    confidence: f64,
}

/// Every limit today, of a disk what is on it, and how far tenants may grow.
pub(super) fn today(project: &Project, outlook: &Outlook) -> Tab {
    let limits = Limits::new(project, outlook);
    let rows = outlook.today.iter().filter_map(|fitted| {
        let mut row = limits.row(&fitted.meter, &limits.now(fitted))?;
        let times = fitted.meter.breaking_point;
        let times = times.map_or("–".to_owned(), |times| number::times(Some(times)));
        row.push(Cell::text(times));
        Some(row)
    });
    Tab {
        rows: rows.collect(),
        columns: limits.columns(&["meter"], &["max tenants"]),
        title: "Limits today".to_owned(),
    }
}

/// The limits of which more or less is used then: on declared days, disks at the horizon, and in
/// scenarios.
pub(super) fn then(project: &Project, outlook: &Outlook) -> Tab {
    let limits = Limits::new(project, outlook);
    let days = outlook.horizons.iter();
    let mut situations: Vec<(String, &Meters)> = days
        .map(|(day, meters)| (format!("{day} d"), meters))
        .collect();
    let horizon = format!("{} d", project.model.calendar.horizon);
    if !situations.iter().any(|(name, _)| *name == horizon) {
        situations.push((horizon, &outlook.today));
    }
    let mut scenarios: Vec<_> = project.scenarios.iter().zip(&outlook.scenarios).collect();
    by_leading(&mut scenarios, |((it, _), _)| &it.name);
    let named = scenarios
        .iter()
        .map(|((it, _), meters)| (it.name.clone(), *meters));
    situations.extend(named);
    let mut rows = Vec::new();
    for (name, meters) in situations {
        for fitted in meters {
            let now = outlook.today.iter().find(|it| it.id == fitted.id);
            let (now, then) = (now.map(|it| limits.now(it)), limits.used(&fitted.meter));
            if now.as_ref() == Some(&then) {
                continue;
            }
            let row = limits.row(&fitted.meter, &then);
            rows.extend(row.map(|mut row| {
                row.insert(0, Cell::text(&*name));
                row
            }));
        }
    }
    Tab {
        rows,
        columns: limits.columns(&["when", "meter"], &[]),
        title: "Limits on later days and in scenarios, where use differs from today".to_owned(),
    }
}

impl<'a> Limits<'a> {
    fn new(project: &'a Project, outlook: &'a Outlook) -> Self {
        Self {
            project,
            outlook,
            confidence: project.policy.confidence(),
        }
    }

    fn columns(&self, first: &[&str], last: &[&str]) -> Vec<String> {
        let is_certain = |it: &Fitted| it.meter.judged(self.confidence) == it.meter.demand.point;
        let demand = match self.outlook.today.iter().all(is_certain) {
            true => "demand".to_owned(),
            false => format!("demand (p{:.0})", self.confidence * 100.0),
        };
        let columns = ["unit", &*demand, "limit", "used"];
        let columns = first.iter().chain(&columns).chain(last);
        columns.map(|&name| name.to_owned()).collect()
    }

    fn used(&self, meter: &Meter) -> Use {
        Use {
            demand: meter.judged(self.confidence),
            limit: meter.limit,
            used: meter.utilization,
        }
    }

    /// What is used today: of a disk what is on it, which nobody has to guess.
    fn now(&self, fitted: &Fitted) -> Use {
        match fitted.on_disk {
            Some(on_disk) => Use {
                demand: Some(on_disk.bytes),
                limit: fitted.meter.limit,
                used: on_disk.utilization,
            },
            None => self.used(&fitted.meter),
        }
    }

    /// The row of a meter; none where it has no limit.
    fn row(&self, meter: &Meter, it: &Use) -> Option<Vec<Cell>> {
        let figure = |value: Option<f64>| match &*meter.unit {
            "bytes" => Cell::Bytes(value),
            unit if unit.starts_with("money") => Cell::Money(value),
            _ => Cell::Number(value),
        };
        let unit = meter.unit.replacen("money", self.project.currency(), 1);
        let mut row = vec![Cell::text(&*meter.id), Cell::text(unit)];
        let bound = meter.lower_bound;
        row.push(figure(it.demand).bounded(bound));
        row.extend(match (meter.verdict, it.limit) {
            (Verdict::Unlimited, _) => return None,
            (Verdict::Unknown, None) => [Cell::text("unknown"), Cell::text("unknown")],
            (_, None) => [Cell::text("none"), Cell::text("–")],
            (_, limit) => [figure(limit), Cell::Share(it.used).bounded(bound)],
        });
        Some(row)
    }
}
