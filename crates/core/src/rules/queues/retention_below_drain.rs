use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::write;

pub(crate) static RULE: Rule = Rule::queues("retention-below-drain", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let retention = queue.declared.retention.as_ref()?;
    let drain = queue.declared.drain.as_ref()?;
    if retention.value.seconds >= drain.value.seconds {
        return None;
    }
    let [kept, take] = [*retention.value, drain.value].map(|it| number::duration(it.seconds));
    let message = format!(
        "`{queue}` may take {take} to drain but keeps messages for only {kept}; older messages are lost"
    );
    let finding = queue
        .finding(&RULE, message)
        .at(retention.span)
        .also(drain.span, "how long draining may take")
        .help("keep messages for at least the drain time")
        .ways([write(
            "retention",
            retention.span,
            format!("\"{}\"", drain.value),
        )])
        .figure(retention.value.seconds / drain.value.seconds)
        .lower_is_worse();
    Some(finding)
}
