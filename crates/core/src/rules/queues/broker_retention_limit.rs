use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::write;

pub(crate) static RULE: Rule = Rule::queues("broker-retention-limit", Severity::Error, check);

/// The longest that SQS keeps a message, in days.
const SQS_DAYS: f64 = 14.0;

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let retention = queue.declared.retention.as_ref()?;
    let sqs = matches!(queue.broker()?, Broker::Sqs | Broker::SqsFifo);
    let days = retention.value.days();
    if !sqs || days <= SQS_DAYS {
        return None;
    }
    let kept = number::duration(retention.value.seconds);
    let message = format!("`{queue}` keeps messages for {kept}; SQS allows at most {SQS_DAYS}d");
    let finding = queue
        .finding(&RULE, message)
        .at(retention.span)
        .help("shorten `retention`, and store messages that must be kept longer in a table")
        .ways([write("retention", retention.span, "\"14d\"")])
        .figure(days);
    Some(finding)
}
