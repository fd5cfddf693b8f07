use crate::document::reader::quotable;
use crate::document::values::Broker;
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("queue-evicts", Severity::Error, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let eviction = queue.declared.eviction.as_ref()?;
    let policy = eviction.value.0.trim();
    if queue.broker()? != Broker::Redis || policy.eq_ignore_ascii_case("noeviction") {
        return None;
    }
    let message = format!(
        "Redis may drop all of `{queue}` when memory runs out: its policy is `{}`",
        quotable(policy),
    );
    let finding = queue.finding(&RULE, message).at(eviction.span).help(
        "set `maxmemory-policy noeviction`, in an instance of its own, and \
         `eviction = \"noeviction\"`",
    );
    Some(finding)
}
