//! `workers-without-ceiling`

use crate::document::declared::Table as _;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A queue has workers without a `max`.
    ///
    /// ## Why
    ///
    /// The source article: "Set a hard ceiling on the worker pool. Without one, a runaway tenant can
    /// pull the cluster into a state where the workers themselves become the bottleneck on TikLiveAPI
    /// rate limits, and every other tenant suffers. The ceiling is your circuit breaker."
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.jobs]
    /// broker = "sqs"
    /// message_size = "2KB"
    /// drain = "5m"
    /// workers = { count = 2, rate = "1/s", scale_on = "queue-depth" }
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.messages]]
    /// queue = "jobs"
    /// rate = "24/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.jobs]
    /// broker = "sqs"
    /// message_size = "2KB"
    /// drain = "5m"
    /// workers = { count = 2, max = 40, rate = "1/s", scale_on = "queue-depth" }
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.messages]]
    /// queue = "jobs"
    /// rate = "24/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `workers-without-ceiling = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "workers-without-ceiling", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        if !queue.is_complete() || workers.value.max.is_some() || workers.value.is_broken("max") {
            continue;
        }
        let path = queue.path();
        let help = match queue.enough_workers(context) {
            Some(enough) => format!(
                "add `max` to `workers`, {} or more: so many do today's peak in time",
                number::count(enough)
            ),
            None => "add `max` to `workers`: the most that may ever run".to_owned(),
        };
        let mut finding = findings
            .finding(&path, format!("the workers of `{path}` have no ceiling"))
            .at(workers.span)
            .help(help);
        if let Some(api) = &workers.value.api {
            let shared = format!("they call `{}`, which everybody shares", api.value.0);
            finding = finding.also(api.span, shared);
        }
        findings.push(finding);
    }
}
