use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("consumers-over-partitions", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let max = queue.workers()?.value.max.as_ref()?;
    let partitions = queue.declared.partitions.as_ref()?;
    let (most, now) = (max.value.0, partitions.value.now.0);
    if most <= now {
        return None;
    }
    let message = format!(
        "{} of the {} workers of `{queue}` have nothing to read: it has {}",
        number::count(most - now),
        number::count(most),
        number::plural(now as usize, "partition"),
    );
    let finding = queue
        .finding(&RULE, message)
        .at(max.span)
        .also(partitions.span, "one worker reads from each")
        .help(format!(
            "`max = {now}`, or {} partitions",
            number::count(most.ceil()),
        ))
        .figure((now > 0.0).then(|| most / now));
    Some(finding)
}
