use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

pub(crate) static RULE: Rule = Rule::queues("drain-target-missing", Severity::Warning, check);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    if queue.workers().is_none() || !queue.lacks("drain", &queue.declared.drain) {
        return None;
    }
    let help = match queue.demand(MeterKind::Drain) {
        Some(seconds) if seconds > 0.0 => format!(
            "add `drain`, such as `\"5m\"`; at the ceiling, today's backlog takes {}",
            number::duration(seconds)
        ),
        _ => "add `drain`, such as `\"5m\"`".to_owned(),
    };
    let message = format!("`{queue}` has no `drain` target, so no backlog ever counts as too deep");
    Some(queue.finding(&RULE, message).help(help))
}
