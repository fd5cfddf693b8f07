//! `near-limit`

use crate::render::number;
use crate::report::Verdict;
use crate::rules::support::{against, amount, at_limit};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// A meter is tight today.
    "near-limit", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for fitted in &context.outlook.today {
        let (message, figure) = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Tight => (
                format!(
                    "{} are on disk of {}, {}",
                    amount(context, fitted, Some(on_disk.bytes)),
                    amount(context, fitted, fitted.meter.limit),
                    number::share(on_disk.utilization)
                ),
                on_disk.utilization,
            ),
            None if fitted.meter.verdict == Verdict::Tight => (
                format!("`{}` is near its limit: {}", fitted.meter.id, against(context, fitted)),
                fitted.meter.utilization,
            ),
            _ => continue,
        };
        let finding = findings
            .finding(&fitted.meter.id, message)
            .figure(figure.unwrap_or(0.0))
            .help("plan for a larger limit or less demand before it is needed");
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
