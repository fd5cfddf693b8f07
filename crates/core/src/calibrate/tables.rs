//! What tables got of rows, by their running counters.

use crate::analysis::{Outlook, Project};
use crate::calibrate::errors::{Days, Errors};
use crate::calibrate::report::Line;
use crate::calibrate::series::{Measured, sum};
use crate::calibrate::values::path_of;
use crate::calibrate::{ENOUGH_DAYS, Window};
use crate::document::values::TableKind;
use crate::model::lines::events::Amount;

/// The unit of a counter of all rows that were ever written.
const UNIT: &str = "rows-total";

/// What was written to each table whose counter was read, against all lines that write to it.
pub(crate) fn written(
    project: &Project,
    outlook: &Outlook,
    measured: &Measured,
    window: Window,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, table) in &project.model.tables {
        let path = path_of(&["tables", name]);
        let Some(counter) = measured.get(&path, UNIT) else {
            continue;
        };
        // A counter is read, as what is sampled is: the last reading of a day counts.
        let days = increases(&counter.samples.iter().copied().collect());
        if days.is_empty() {
            continue;
        }
        let flows = outlook.forecast.flows.values().flatten();
        let rows = flows.filter(|flow| flow.kind.list() == "writes" && flow.thing == table.id);
        let rows = rows.filter_map(|flow| flow.amount(Amount::Rows));
        // The sum of none would be -0.
        let per_day = rows.fold(0.0, |sum, rows| sum + outlook.graph.point(rows));
        // What a rollup gets follows from its source.
        let forecast = (table.kind != TableKind::Rollup).then_some(per_day);
        let errors = forecast.filter(|_| days.len() >= ENOUGH_DAYS);
        let errors =
            errors.map(|per_day| Errors::of(&days, (window.from, window.to), per_day, None));
        let errors = errors.unwrap_or_default();
        lines.push(Line {
            project: None,
            path,
            unit: UNIT.to_owned(),
            days: days.len(),
            actual: sum(&days),
            forecast: forecast.map(|per_day| per_day * days.len() as f64),
            ratio: errors.ratio,
            bias: errors.bias,
            wape: errors.wape,
            coverage: None,
        });
    }
    lines
}

/// By how much a counter rose on each day; over days without a reading, evenly. One that fell
/// began anew.
fn increases(readings: &Days) -> Days {
    let mut days = Days::new();
    let readings: Vec<_> = readings.iter().collect();
    for pair in readings.windows(2) {
        let [(before, was), (after, is)] = pair else {
            continue;
        };
        let rise = if is >= was { *is - *was } else { **is };
        let many = after.days_since(**before);
        for day in 1..=many {
            let day = before.plus_days(day).unwrap_or(**after);
            days.insert(day, rise / many as f64);
        }
    }
    days
}
