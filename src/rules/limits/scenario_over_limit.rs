//! `scenario-over-limit`

use crate::document::values::Require;
use crate::finding::{Related, Severity};
use crate::fit::Fitted;
use crate::report::Verdict;
use crate::rules::support::{against, limit_span};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// Something breaks in a scenario that has to fit.
    "scenario-over-limit", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for ((scenario, _), meters) in context.project.scenarios.iter().zip(&context.outlook.scenarios) {
        let severity = match scenario.require {
            Require::Fit => Severity::Error,
            Require::Warn => Severity::Warning,
            Require::Report => continue,
        };
        let mut misfits: Vec<&Fitted> = meters
            .iter()
            .filter(|fitted| fitted.meter.verdict == Verdict::Breaks)
            .collect();
        // Worst first: infinite, then by how far over.
        misfits.sort_by(|a, b| {
            let share = |fitted: &Fitted| fitted.meter.utilization.unwrap_or(f64::INFINITY);
            share(b).total_cmp(&share(a))
        });
        let Some((worst, others)) = misfits.split_first() else {
            continue;
        };
        let mut finding = findings.finding(
            format!("scenarios.{}", scenario.name),
            format!(
                "`{}` does not fit {}: {}",
                worst.meter.id,
                scenario.name,
                against(context, worst)
            ),
        );
        finding.severity = severity;
        finding.figure = worst.meter.utilization;
        finding.span = limit_span(context, &worst.id);
        for other in others {
            if let Some(span) = limit_span(context, &other.id) {
                finding.related.push(Related {
                    span,
                    message: format!("`{}` neither: {}", other.meter.id, against(context, other)),
                });
            }
        }
        findings.push(finding);
    }
}
