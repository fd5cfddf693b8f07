//! `consumers-over-partitions`

use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A topic may have more workers than partitions.
    ///
    /// ## Why
    ///
    /// In a consumer group a partition is read by one consumer: those above the number of partitions wait
    /// for one to fail (Confluent, "How to choose the number of topics/partitions in a Kafka cluster").
    /// The forecast counts on all of them, so the queue drains slower than it says.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.pages]
    /// broker = "kafka"
    /// message_size = "60KB"
    /// retention = "7d"
    /// partitions = 48
    /// replication = 3
    /// replay = 5
    /// drain = "5m"
    /// workers = { count = 12, max = 60, rate = "20/s", scale_on = "queue-depth" }
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.messages]]
    /// queue = "pages"
    /// rate = "300/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.pages]
    /// broker = "kafka"
    /// message_size = "60KB"
    /// retention = "7d"
    /// partitions = 48
    /// replication = 3
    /// replay = 5
    /// drain = "5m"
    /// workers = { count = 12, max = 48, rate = "20/s", scale_on = "queue-depth" }
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.messages]]
    /// queue = "pages"
    /// rate = "300/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `consumers-over-partitions = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// Workers over partitions, a ratio; more is worse.
    "consumers-over-partitions", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (Some(workers), Some(partitions)) = (queue.workers(), &queue.declared().partitions)
        else {
            continue;
        };
        let Some(max) = &workers.value.max else {
            continue;
        };
        let (most, now) = (max.value.0, partitions.value.now.0);
        if most <= now {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "{} of the {} workers of `{path}` have nothing to read: it has {}",
            number::count(most - now),
            number::count(most),
            number::plural(now as usize, "partition"),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(max.span)
            .also(partitions.span, "one worker reads from each")
            .help(format!(
                "`max = {now}`, or {} partitions",
                number::count(most.ceil()),
            ));
        finding.figure = (now > 0.0).then(|| most / now);
        findings.push(finding);
    }
}
