use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::added;

pub(crate) static RULE: Rule = Rule::queues("drain-target-missing", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    if queue.workers().is_none() || !queue.lacks("drain", &queue.declared.drain) {
        return None;
    }
    let takes = match queue.demand(MeterKind::Drain) {
        Some(seconds) if seconds > 0.0 => format!(
            ": at the ceiling today's backlog takes {}",
            number::duration(seconds)
        ),
        _ => String::new(),
    };
    let ways = ["5min", "30min", "2h", "1d"].map(|drain| {
        let entries = [("drain", format!("\"{drain}\""))];
        let words = format!("{}{takes}", added(&entries));
        Way::new("drain", words, queue.with(&entries))
    });
    let help = format!("add `drain`, the longest time that emptying the queue may take{takes}");
    let message = format!("`{queue}` has no `drain` target, so no backlog ever counts as too deep");
    Some(queue.finding(&RULE, message).help(help).ways(ways))
}
