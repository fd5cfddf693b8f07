use crate::collections::HashMap;
use crate::rules::limits;
use crate::rules::prelude::*;
use crate::rules::queue_facts::{DeclaredQueue, arrivals, per_worker, queues};
use crate::rules::support::write;

pub(crate) static RULE: Rule = Rule::project("queue-unstable", Severity::Error, check)
    .speaks_for(&[Speaks::Meters(
        limits::OF_METERS,
        &[MeterKind::Workers, MeterKind::Drain],
    )])
    .shown(5);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let arrivals = arrivals(context);
    findings.extend(queues(context).filter_map(|queue| unstable(&queue, &arrivals)));
}

fn unstable(queue: &DeclaredQueue<'_, '_>, arrivals: &HashMap<&str, f64>) -> Option<Finding> {
    let workers = &queue.workers()?.value;
    let max = workers.max.as_ref()?;
    let each = workers.rate.as_ref()?.value.median()?;
    // Where there can never be enough workers, draining takes infinitely long.
    queue.meter(MeterKind::Drain)?;
    if queue.demand(MeterKind::Drain).is_some() {
        return None;
    }
    let month = queue.context.project.model.calendar.days_per_month;
    let capacity = max.value.0 * each.per_second(month);
    let arriving = arrivals.get(queue.name).copied().unwrap_or(0.0);
    let likely = match arriving < capacity {
        true => " (higher at the policy's percentile)",
        false => "",
    };
    let [arrive, all] = [arriving, capacity].map(number::count);
    let (workers, each) = (
        number::plural(max.value.0 as usize, "worker"),
        per_worker(each),
    );
    let message = format!(
        "`{queue}` never drains: {arrive}/s arrive on average, {workers} × {each} = {all}/s{likely}"
    );
    let mut finding = queue
        .finding(&RULE, message)
        .at(max.span)
        .help("run more workers, or send fewer messages")
        .share(arriving, capacity);
    if let Some(enough) = queue.enough_workers() {
        finding = finding.ways([write("max", max.span, number::toml(&enough.to_string()))]);
    }
    Some(finding)
}
