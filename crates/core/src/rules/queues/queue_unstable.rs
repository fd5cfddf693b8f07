//! `queue-unstable`

use crate::meter::MeterKind;
use crate::rules::limits;
use crate::rules::queue_facts::{arrivals, per_worker, queues};
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity, Speaks};
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::project("queue-unstable", Severity::Error, check)
    .speaks_for(&[Speaks::Meters(
        limits::OF_METERS,
        &[MeterKind::Workers, MeterKind::Drain],
    )])
    .shown(5);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let arrivals = arrivals(context);
    for queue in queues(context) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        let (Some(max), Some(rate)) = (&workers.value.max, &workers.value.rate) else {
            continue;
        };
        let Some(each) = rate.value.median() else {
            continue;
        };
        // Time without end to drain what the workers there can be are too few for.
        let drain = queue.meter(context, MeterKind::Drain);
        if drain.is_none_or(|drain| judged_demand(context, drain).is_some()) {
            continue;
        }
        let path = queue.path();
        let month = context.project.model.calendar.days_per_month;
        let capacity = max.value.0 * each.per_second(month);
        let arriving = arrivals.get(queue.name).copied().unwrap_or(0.0);
        let figures = format!(
            "{}/s arrive on average, {} × {} = {}/s",
            number::count(arriving),
            number::plural(max.value.0 as usize, "worker"),
            per_worker(each),
            number::count(capacity),
        );
        let likely = if arriving < capacity {
            ", more with the uncertainty that the policy asks for"
        } else {
            ""
        };
        let mut finding = findings
            .finding(&path, format!("`{path}` never drains: {figures}{likely}"))
            .at(max.span);
        if let Some(enough) = queue.enough_workers(context) {
            finding = finding.help(format!("`max = {enough}` keeps up, or send less"));
        }
        finding.figure = (capacity > 0.0).then(|| arriving / capacity);
        findings.push(finding);
    }
}
