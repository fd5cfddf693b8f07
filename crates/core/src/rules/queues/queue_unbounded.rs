//! `queue-unbounded`

use crate::document::values::Broker;
use crate::rules::limits::limit_missing;
use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity, Speaks};

pub(in crate::rules) static RULE: Rule = Rule::project("queue-unbounded", Severity::Error, check)
    .speaks_for(&[Speaks::Thing(&[&limit_missing::RULE])]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (broker, help) = match queue.broker() {
            Some(Broker::Rabbitmq) => ("RabbitMQ", "as the queue's `x-max-length` has it"),
            Some(Broker::Redis) => ("Redis", "as the producer or `XADD … MAXLEN` has it"),
            _ => continue,
        };
        if !queue.lacks("max_depth", &queue.declared().max_depth) {
            continue;
        }
        let path = queue.path();
        let message = format!("`{path}` has no `max_depth`, and {broker} keeps it in memory");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help(format!(
                "add `max_depth`, the most messages that may wait, {help}"
            ));
        findings.push(finding);
    }
}
