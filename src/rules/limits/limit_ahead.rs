//! `limit-ahead`

use crate::finding::Severity;
use crate::fit::Fitted;
use crate::forecast::Kind;
use crate::report::Verdict;
use crate::rules::support::{against, amount, at_limit};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// What does not break today breaks by a declared day, or storage fills by the horizon.
    "limit-ahead", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for today in &context.outlook.today {
        if breaks_today(today) {
            continue;
        }
        let finding = if today.id.kind == Kind::Storage {
            match today.meter.detail.full_on_day.flatten() {
                None => continue,
                Some(day) => {
                    let limit = amount(context, today, today.meter.limit);
                    let message =
                        format!("`{}` fills on day {day}: its limit is {limit}", today.meter.id);
                    let mut finding = findings.finding(&today.meter.id, message);
                    if f64::from(day) <= context.policy.runway_days() {
                        finding.severity = Severity::Error;
                    }
                    finding.figure = today.meter.utilization;
                    finding
                }
            }
        } else {
            let Some((day, fitted)) = first_break(context, today) else {
                continue;
            };
            let message = format!(
                "`{}` breaks by day {day}: {}",
                today.meter.id,
                against(context, fitted)
            );
            let mut finding = findings.finding(&today.meter.id, message);
            finding.figure = fitted.meter.utilization;
            finding
        };
        findings.push(at_limit(context, &today.id, finding));
    }
}

fn breaks_today(today: &Fitted) -> bool {
    match today.on_disk {
        Some(on_disk) => on_disk.verdict == Verdict::Breaks,
        None => today.meter.verdict == Verdict::Breaks,
    }
}

fn first_break<'a>(context: &Context<'a>, today: &Fitted) -> Option<(u32, &'a Fitted)> {
    context.outlook.horizons.iter().find_map(|(day, meters)| {
        let index = meters
            .binary_search_by(|fitted| fitted.meter.id.cmp(&today.meter.id))
            .ok()?;
        let fitted = &meters[index];
        (fitted.meter.verdict == Verdict::Breaks).then_some((*day, fitted))
    })
}
