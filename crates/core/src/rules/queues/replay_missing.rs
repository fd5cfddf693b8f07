use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::added;

pub(crate) static RULE: Rule = Rule::queues("replay-missing", Severity::Error, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    if queue.broker()? != Broker::Kafka || !queue.lacks("replay", &queue.declared.replay) {
        return None;
    }
    let now = number::quantity(queue.demand(MeterKind::Throughput), "bytes/s", "");
    let message = format!("`{queue}` is sized for {now}, with no capacity for replays");
    let other = "as a multiple of the write rate, or `replay = 0` if you never replay";
    let ways = ["5", "0"].map(|times| {
        let entries = [("replay", times.to_owned())];
        let words = format!("{}, {other}", added(&entries));
        Way::new("replay", words, queue.with(&entries))
    });
    let finding = queue.finding(&RULE, message);
    Some(finding.help(format!("add `replay`, {other}")).ways(ways))
}
