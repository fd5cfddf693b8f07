//! `queue-unbounded`

use crate::document::values::Broker;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A RabbitMQ or Redis queue has no `max_depth`.
    ///
    /// ## Why
    ///
    /// The source article: "the queue between your scheduler and your workers is a buffer with a finite
    /// ceiling." These brokers keep it in memory. RabbitMQ blocks every publisher of the node once memory
    /// passes its watermark, Redis refuses writes or evicts keys: one queue without bound stops all of
    /// them.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.jobs]
    /// broker = "rabbitmq"
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
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.jobs]
    /// broker = "rabbitmq"
    /// message_size = "2KB"
    /// max_depth = 100_000
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
    /// `queue-unbounded = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "queue-unbounded", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (broker, help) = match queue.broker() {
            Some(Broker::Rabbitmq) => ("RabbitMQ", "as the queue's `x-max-length` has it"),
            Some(Broker::Redis) => ("Redis", "as the producer or `XADD … MAXLEN` has it"),
            _ => continue,
        };
        if !queue.lacks("max_depth", &queue.declared().max_depth) {
            continue;
        }
        let path = queue.path();
        let message = format!("`{path}` has no `max_depth`, and {broker} keeps it in memory");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help(format!(
                "add `max_depth`, the most messages that may wait, {help}"
            ));
        findings.push(finding);
    }
}
