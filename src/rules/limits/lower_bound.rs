//! `lower-bound`

use crate::rules::support::at_limit;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// A meter that has a limit includes something unknown.
    "lower-bound", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for fitted in &context.outlook.today {
        let unknown_limit = fitted.meter.verdict == crate::report::Verdict::Unknown;
        if unknown_limit || (fitted.meter.lower_bound && fitted.meter.limit.is_some()) {
            let finding = findings
                .finding(
                    &fitted.meter.id,
                    format!("`{}` includes an estimate that nobody knows", fitted.meter.id),
                )
                .help("estimate what is `\"unknown\"`: until then the demand is at least this");
            findings.push(at_limit(context, &fitted.id, finding));
        }
    }
}
