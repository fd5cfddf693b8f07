use crate::collections::HashMap;
use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::{peaks, queues};

pub(crate) static RULE: Rule = Rule::project("broker-inflight-limit", Severity::Error, check);

/// The most messages of a queue that SQS lets be received and not yet deleted.
const SQS_IN_FLIGHT: f64 = 120_000.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let is_sqs = |broker| matches!(broker, Some(Broker::Sqs | Broker::SqsFifo));
    let mut arriving: Option<HashMap<&str, f64>> = None;
    for queue in queues(context).filter(|queue| is_sqs(queue.broker())) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        let month = context.project.model.calendar.days_per_month;
        let rate = workers.value.rate.as_ref();
        let rate = rate.and_then(|rate| Some(rate.value.median()?.per_second(month)));
        let max = workers.value.max.as_ref().map(|max| max.value.0);
        let peak = arriving
            .get_or_insert_with(|| peaks(context))
            .get(queue.name);
        let busy = rate.map(|rate| peak.copied().unwrap_or(0.0) / rate);
        let in_flight = max.into_iter().chain(busy).min_by(f64::total_cmp);
        let Some(in_flight) = in_flight.filter(|in_flight| *in_flight > SQS_IN_FLIGHT) else {
            continue;
        };
        let message = format!(
            "`{queue}` has up to {} messages in flight; SQS allows {}",
            number::count(in_flight),
            number::count(SQS_IN_FLIGHT),
        );
        let finding = queue
            .finding(&RULE, message)
            .also(workers.span, "the workers")
            .help("split the queue, or use fewer workers or shorter jobs")
            .figure(in_flight);
        findings.push(finding);
    }
}
