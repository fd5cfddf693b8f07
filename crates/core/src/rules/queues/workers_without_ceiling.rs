use crate::document::Table as _;
use crate::rules::limits::{self, limit_missing};
use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;

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
    let help = match queue.enough_workers() {
        Some(enough) => format!(
            "set `workers.max` to {} or more, enough for today's peak",
            number::count(enough)
        ),
        None => "set `workers.max`, the most that may run".to_owned(),
    };
    let finding = queue
        .finding(&RULE, format!("the workers of `{queue}` have no ceiling"))
        .at(workers.span)
        .help(help);
    Some(match &workers.value.api {
        Some(api) => {
            let shared = format!("they call `{}`, which other features share", api.value.0);
            finding.also(api.span, shared)
        }
        None => finding,
    })
}
