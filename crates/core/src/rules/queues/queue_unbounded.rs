use crate::document::values::Broker;
use crate::rules::limits::limit_missing;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("queue-unbounded", Severity::Error, check)
    .speaks_for(&[Speaks::Thing(&[&limit_missing::RULE])]);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let (broker, help) = match queue.broker()? {
        Broker::Rabbitmq => ("RabbitMQ", "as the queue's `x-max-length` has it"),
        Broker::Redis => ("Redis", "as the producer or `XADD … MAXLEN` has it"),
        _ => return None,
    };
    if !queue.lacks("max_depth", &queue.declared.max_depth) {
        return None;
    }
    let message = format!("`{queue}` has no `max_depth`, and {broker} keeps it in memory");
    let help = format!("add `max_depth`, the most messages that may wait, {help}");
    Some(queue.finding(&RULE, message).help(help))
}
