use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::{raised, write};

pub(crate) static RULE: Rule = Rule::queues("consumers-over-partitions", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let max = queue.workers()?.value.max.as_ref()?;
    let partitions = queue.declared.partitions.as_ref()?;
    let (most, now) = (max.value.0, partitions.value.now()?.0);
    if most <= now {
        return None;
    }
    let [idle, all] = [most - now, most].map(number::count);
    let read = number::plural(now as usize, "partition");
    let message = format!("`{queue}` has {all} workers but {read}; {idle} stay idle");
    let finding = queue
        .finding(&RULE, message)
        .at(max.span)
        .also(partitions.span, "one worker reads from each")
        .help("run fewer workers, or add partitions")
        .ways([
            write("max", max.span, now.to_string()),
            raised("partitions", partitions.span, most.ceil().to_string()),
        ])
        .share(most, now);
    Some(finding)
}
