use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::added;

pub(crate) static RULE: Rule = Rule::queues("replication-undeclared", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let lacks = queue.lacks("replication", &queue.declared.replication);
    if queue.broker()? != Broker::Kafka || !lacks {
        return None;
    }
    let kept = match queue.demand(MeterKind::Retained) {
        Some(bytes) if bytes > 0.0 => {
            let [one, three] = [bytes, 3.0 * bytes].map(number::bytes);
            format!(": {one}, or {three} with three")
        }
        _ => String::new(),
    };
    let message = format!("`{queue}` has no `replication`; assuming 1 copy{kept}");
    let entries = [("replication", "3".to_owned())];
    let words = format!(
        "{}, or the number of copies that the cluster keeps",
        added(&entries)
    );
    let way = Way::new("replication", words, queue.with(&entries));
    let help = "set `replication` to the number of copies that the cluster keeps";
    Some(queue.finding(&RULE, message).help(help).ways([way]))
}
