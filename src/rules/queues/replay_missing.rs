//! `replay-missing`

use crate::document::values::Broker;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A kafka topic does not say how fast it is read again.
    ///
    /// ## Why
    ///
    /// The source article: "Size partitions for peak throughput plus replay traffic, not steady state. If
    /// you ever need to rebuild a downstream materialized view, you will read the topic from the earliest
    /// offset at maximum consumer throughput, which can be five to ten times steady-state write rate."
    /// Undeclared, it counts as 0.
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
    /// `replay = 0` is a decision: nothing is ever rebuilt from the topic. `replay-missing = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "replay-missing", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let lacks = queue.lacks("replay", &queue.declared().replay);
        if queue.broker() != Some(Broker::Kafka) || !lacks {
            continue;
        }
        let path = queue.path();
        let steady = queue
            .meter(context, Kind::Throughput)
            .and_then(|throughput| judged_demand(context, throughput));
        let now = number::quantity(steady, "bytes/s", "");
        let message = format!("`{path}` counts {now}, and nothing for reading it again");
        let finding = findings.finding(&path, message).at(queue.entry.name).help(
            "add `replay = 5`, or what consumers reach; `replay = 0` if nothing is rebuilt from it",
        );
        findings.push(finding);
    }
}
