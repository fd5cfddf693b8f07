use crate::document::values::Broker;
use crate::rules::limits::limit_missing;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("queue-unbounded", Severity::Error, check)
    .speaks_for(&[Speaks::Thing(&[&limit_missing::RULE])]);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let (broker, help) = match queue.broker()? {
        Broker::Rabbitmq => ("RabbitMQ", "the queue's `x-max-length`"),
        Broker::Redis => ("Redis", "the producer's bound, such as `XADD … MAXLEN`"),
        _ => return None,
    };
    if !queue.lacks("max_depth", &queue.declared.max_depth) {
        return None;
    }
    let message = format!("`{queue}` has no `max_depth`, and {broker} keeps it in memory");
    let help = format!("set `max_depth` to match {help}");
    Some(queue.finding(&RULE, message).help(help))
}
