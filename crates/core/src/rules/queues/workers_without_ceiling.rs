use crate::document::Table as _;
use crate::rules::limits::{self, limit_missing};
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::added;

pub(crate) static RULE: Rule = Rule::queues("workers-without-ceiling", Severity::Error, check)
    .speaks_for(&[
        Speaks::Thing(&[&limit_missing::RULE]),
        // Without a ceiling there is no capacity, so that nothing ever drains.
        Speaks::Meters(limits::OF_METERS, &[MeterKind::Drain]),
    ]);

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let workers = queue.workers()?;
    if !queue.is_complete() || workers.value.max.is_some() || workers.value.is_broken("max") {
        return None;
    }
    let way = queue.enough_workers().map(|enough| {
        let entries = vec![("max", enough.to_string())];
        let words = format!("{} to `workers`, enough for today's peak", added(&entries));
        let span = workers.span;
        Way::new("max", words, Set::Within { span, entries })
    });
    let finding = queue
        .finding(&RULE, format!("the workers of `{queue}` have no ceiling"))
        .at(workers.span)
        .help("add `max` to `workers`, the most workers that may run")
        .ways(way);
    Some(match &workers.value.api {
        Some(api) => {
            let shared = format!("they call `{}`, which other features share", api.value.0);
            finding.also(api.span, shared)
        }
        None => finding,
    })
}
