use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("replay-missing", Severity::Error, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    if queue.broker()? != Broker::Kafka || !queue.lacks("replay", &queue.declared.replay) {
        return None;
    }
    let now = number::quantity(queue.demand(MeterKind::Throughput), "bytes/s", "");
    let message = format!("`{queue}` is sized for {now}, with no capacity for replays");
    let finding = queue.finding(&RULE, message).help(
        "set `replay` to the read rate during a replay, as a multiple of the write rate (such as 5), or `replay = 0` if you never replay",
    );
    Some(finding)
}
