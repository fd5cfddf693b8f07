use crate::collections::HashMap;
use crate::document::tables::Workers;
use crate::document::values::Broker;
use crate::document::{Estimated, Knowledge};
use crate::rules::prelude::*;
use crate::rules::queue_facts::{peaks, queues};
use crate::rules::remedy::rounded_up;
use crate::source::Spanned;
use crate::units::Rate;

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
            .help(format!(
                "split the messages over {} queues, or shorten the jobs",
                number::count((in_flight / SQS_IN_FLIGHT).ceil())
            ))
            .ways(quicker(workers, busy))
            .figure(in_flight);
        findings.push(finding);
    }
}

/// Jobs so short that what arrives at the peak is in flight no longer than SQS lets it.
fn quicker(workers: &Spanned<Workers>, busy: Option<f64>) -> Option<Way> {
    let declared = workers.value.rate.as_ref()?;
    let Knowledge::Certain(rate) = declared.value.known() else {
        return None;
    };
    let quicker = Rate {
        count: rounded_up(rate.count * busy? / SQS_IN_FLIGHT),
        ..rate.clone()
    };
    let words = format!("shorten the jobs, so that a worker does `rate = \"{quicker}\"`");
    let (span, value) = (declared.span, format!("\"{quicker}\""));
    Some(Way::new("write", words, Set::Value { span, value }))
}
