//! How far a repository holds, in three words.

use serde::Serialize;

use crate::report::{Report, Verdict};
use crate::words::number;

/// What shields.io reads from an endpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Badge {
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
}

/// The badge of a report: the worst of its limits, and the least growth that one of them breaks at.
pub fn badge(report: &Report) -> Badge {
    let verdicts = report.projects.iter().map(|project| project.verdict);
    let meters = report.projects.iter().flat_map(|project| &project.meters);
    let points = meters.filter_map(|meter| meter.breaking_point);
    let holds = points.min_by(f64::total_cmp);
    let holds_to = || match holds {
        Some(times) => format!("holds to {}", number::times(Some(times))),
        None => "holds".to_owned(),
    };
    let (message, color) = match verdicts.max() {
        None | Some(Verdict::Unlimited) => ("no limits".to_owned(), "lightgrey"),
        Some(Verdict::Fits) => (holds_to(), "brightgreen"),
        Some(Verdict::Tight) => (holds_to(), "yellow"),
        Some(Verdict::Unknown) => ("unknown".to_owned(), "lightgrey"),
        Some(Verdict::Breaks) => ("over a limit".to_owned(), "red"),
    };
    Badge {
        schema_version: 1,
        label: "capacity",
        message,
        color,
    }
}
