use crate::finding::Finding;
use crate::rules::measurements::{Calibrated, calibrated};
use crate::rules::prelude::*;
use crate::rules::support::listed;
use crate::units::DAY;

pub(in crate::rules) static RULE: Rule =
    Rule::project("calibration-stale", Severity::Warning, check)
        .reads(&[PolicyKey::Calibration])
        .allowed_on(AllowedOn::Lines);

/// The days around a launch in which measurements have to be fresher.
const BEFORE_LAUNCH: i64 = 14;
const AFTER_LAUNCH: i64 = 30;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (usual, around_launch) = context.policy.calibration_days();
    findings.each(calibrated(context, RULE.name), |findings, feature| {
        let launch = feature.feature.launch.as_ref();
        let launching = launch.is_some_and(|launch| {
            let days = context.as_of.days_since(launch.value);
            (-BEFORE_LAUNCH..=AFTER_LAUNCH).contains(&days)
        });
        let (allowed, around) = if launching {
            (around_launch, " around its launch")
        } else {
            (usual, "")
        };
        if let Some(finding) = to_come(context, findings, &feature) {
            return Some(finding);
        }
        let facts = feature.facts.iter();
        let mut stale: Vec<_> = facts
            .filter_map(|fact| {
                let measured = fact.measured?;
                let days = context.as_of.days_since(measured.value) as f64;
                (days > allowed).then(|| (days, measured.span, fact.what()))
            })
            .collect();
        // The oldest first; of equals as they are declared.
        stale.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        let ((oldest, span, _), others) = stale.split_first()?;
        let names: Vec<String> = stale.iter().map(|(.., what)| what.clone()).collect();
        let (path, names) = (feature.path(), listed(&names, ", "));
        let (days, most) = (number::count(*oldest), number::duration(allowed * DAY));
        let message = format!(
            "`{path}` was measured {days} days ago; the policy allows {most}{around}: {names}"
        );
        let mut finding = findings
            .finding(path, message)
            .at(*span)
            .help("measure again and update `measured`")
            .figure(*oldest);
        for (days, span, _) in others.iter().take(4) {
            let days = number::count(*days);
            finding = finding.also(*span, format!("measured {days} days ago"));
        }
        Some(finding)
    });
}

/// The finding about measurements of days that have not come yet: mostly a year is wrong.
fn to_come(
    context: &Context<'_>,
    findings: &Findings,
    feature: &Calibrated<'_>,
) -> Option<Finding> {
    let facts = feature.facts.iter();
    let mut to_come = facts.filter_map(|fact| {
        let measured = fact.measured.filter(|it| it.value > context.as_of)?;
        Some((measured, fact.what()))
    });
    let (measured, what) = to_come.next()?;
    let message = format!(
        "`{}` was measured on {}, which is in the future: {what}",
        feature.path(),
        measured.value
    );
    let mut finding = findings
        .finding(feature.path(), message)
        .at(measured.span)
        .help("set `measured` to the day of the measurement");
    for (measured, what) in to_come.take(4) {
        finding = finding.also(measured.span, format!("also {what}"));
    }
    Some(finding)
}
