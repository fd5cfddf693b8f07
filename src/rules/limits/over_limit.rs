//! `over-limit`

use crate::finding::Finding;
use crate::fit::Fitted;
use crate::forecast::Kind;
use crate::render::number;
use crate::report::Verdict;
use crate::rules::support::{against, amount, at_limit};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// A meter breaks today: more is asked for than there is.
    "over-limit", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for fitted in &context.outlook.today {
        let finding = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Breaks => {
                let bytes = amount(context, fitted, Some(on_disk.bytes));
                let limit = amount(context, fitted, fitted.meter.limit);
                let message = format!(
                    "{bytes} are on disk of {limit}, {}",
                    number::share(on_disk.utilization)
                );
                let finding = findings.finding(&fitted.meter.id, message);
                match on_disk.utilization {
                    Some(share) => finding.figure(share),
                    None => finding,
                }
            }
            Some(_) => continue,
            None if fitted.meter.verdict == Verdict::Breaks => over(context, fitted, findings),
            None => continue,
        };
        findings.push(at_limit(context, &fitted.id, finding));
    }
}

fn over(context: &Context<'_>, fitted: &Fitted, findings: &Findings) -> Finding {
    let mut message = format!("`{}` is over its limit: {}", fitted.meter.id, against(context, fitted));
    if fitted.id.kind == Kind::Credits {
        message.push_str(&alerts(fitted));
    }
    let finding = findings.finding(&fitted.meter.id, message).help(help(context, fitted));
    match fitted.meter.utilization {
        Some(share) => finding.figure(share),
        None => finding,
    }
}

/// The days on which the two alerts fire and the plan is empty.
fn alerts(fitted: &Fitted) -> String {
    let day = |day: Option<Option<f64>>| day.flatten().map(number::day);
    let detail = &fitted.meter.detail;
    let mut parts = Vec::new();
    if let Some(day) = day(detail.empties_on_day) {
        parts.push(format!("the plan is empty on {day}"));
    }
    if let (Some(soft), Some(hard)) = (day(detail.soft_on_day), day(detail.hard_on_day)) {
        parts.push(format!("after the alerts of {soft} and {hard}"));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("; {}", parts.join(", "))
    }
}

fn help(context: &Context<'_>, fitted: &Fitted) -> String {
    let demand = crate::rules::support::judged_demand(context, fitted);
    match (demand, fitted.meter.limit) {
        (Some(demand), Some(limit)) if demand > limit => format!(
            "a limit of {}, or {} less",
            amount(context, fitted, Some(demand)),
            amount(context, fitted, Some(demand - limit)),
        ),
        _ => "declare what ends it: a retention, workers with a ceiling, or a larger limit".to_owned(),
    }
}
