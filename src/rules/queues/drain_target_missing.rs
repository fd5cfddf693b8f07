//! `drain-target-missing`

use crate::forecast::Kind;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A queue with workers does not say how soon its backlog has to be gone.
    ///
    /// ## Why
    ///
    /// The source article: "keep queue depth below the number that gives you a five-minute drain time at
    /// current worker throughput." Without a target no depth is too deep, and nothing says when to add
    /// workers.
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
    /// `drain-target-missing = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "drain-target-missing", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        if queue.workers().is_none() || !queue.lacks("drain", &queue.declared().drain) {
            continue;
        }
        let path = queue.path();
        let takes = queue
            .meter(context, Kind::Drain)
            .and_then(|drain| judged_demand(context, drain))
            .filter(|seconds| *seconds > 0.0);
        let help = match takes {
            Some(seconds) => format!(
                "add `drain`, such as `\"5m\"`: at the ceiling today's backlog takes {}",
                number::duration(seconds)
            ),
            None => "add `drain`, such as `\"5m\"`".to_owned(),
        };
        let message = format!("`{path}` has workers and no `drain`: no backlog is too deep");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help(help);
        findings.push(finding);
    }
}
