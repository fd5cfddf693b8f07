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
    let message =
        format!("one copy of `{queue}` is counted, as no `replication` is declared{kept}");
    let entries = [("replication", "3".to_owned())];
    let words = format!("{}, or how many copies the cluster keeps", added(&entries));
    let way = Way::new("replication", words, queue.with(&entries));
    let help = "add `replication`, how many copies the cluster keeps";
    Some(queue.finding(&RULE, message).help(help).ways([way]))
}
