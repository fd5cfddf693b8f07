use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("replay-missing", Severity::Error, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    if queue.broker()? != Broker::Kafka || !queue.lacks("replay", &queue.declared.replay) {
        return None;
    }
    let now = number::quantity(queue.demand(MeterKind::Throughput), "bytes/s", "");
    let message = format!("`{queue}` counts {now}, and nothing for reading it again");
    let finding = queue.finding(&RULE, message).help(
        "add `replay = 5`, or what consumers reach; `replay = 0` if nothing is rebuilt from it",
    );
    Some(finding)
}
