//! `workers-scale-on-cpu`

use crate::document::values::ScaleOn;
use crate::meter::MeterKind;
use crate::rules::queue_facts::{Sent, queues};
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("workers-scale-on-cpu", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        let Some(scale_on) = &workers.value.scale_on else {
            continue;
        };
        if scale_on.value != ScaleOn::Cpu {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "the workers of `{path}` are scaled on CPU, which says nothing while they wait"
        );
        let help = match scale_up_at(&queue, context) {
            Some(depth) => format!(
                "`scale_on = \"queue-depth\"`, and add workers above {}",
                number::plural(depth as usize, "waiting message")
            ),
            None => "`scale_on = \"queue-depth\"`".to_owned(),
        };
        let finding = findings
            .finding(&path, message)
            .at(scale_on.span)
            .help(help);
        findings.push(finding);
    }
}

/// The depth above which the workers that there are need longer than the target.
fn scale_up_at<'a>(queue: &Sent<'a>, context: &Context<'a>) -> Option<f64> {
    let depth = queue
        .meter(context, MeterKind::Workers)?
        .meter
        .detail
        .scale_up_at??;
    (depth >= 1.0 && depth.is_finite()).then_some(depth.floor())
}
