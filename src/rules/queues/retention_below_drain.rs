//! `retention-below-drain`

use crate::finding::Worse;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A queue keeps messages for less time than its backlog may take to drain.
    ///
    /// ## Why
    ///
    /// What is older than the retention is deleted, read or not. A backlog that may take an hour to drain
    /// in a queue that keeps half an hour loses its end, while every target is met.
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
    /// retention = "30m"
    /// drain = "1h"
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
    /// retention = "4d"
    /// drain = "1h"
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
    /// `retention-below-drain = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// Retention over the drain target, a ratio; less is worse.
    "retention-below-drain", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (Some(retention), Some(drain)) = (&queue.declared().retention, &queue.declared().drain)
        else {
            continue;
        };
        if retention.value.seconds >= drain.value.seconds {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` keeps messages for {}, and may take {} to drain: what waits longer is lost",
            number::duration(retention.value.seconds),
            number::duration(drain.value.seconds),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(retention.span)
            .also(drain.span, "how long draining may take")
            .help(format!("`retention = \"{}\"` or longer", drain.value))
            .figure(retention.value.seconds / drain.value.seconds);
        finding.worse = Worse::Lower;
        findings.push(finding);
    }
}
