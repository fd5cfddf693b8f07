//! `replication-undeclared`

use crate::document::values::Broker;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A kafka topic does not say how many copies of each message it keeps.
    ///
    /// ## Why
    ///
    /// Undeclared, one copy is counted, and most clusters keep three: the source article's "roughly 600
    /// GB" for a week of 1 MB/s are 1.8 TB of disk with a replication factor of 3. Netflix's
    /// service-capacity-modeling sizes topics with two or three copies, never with one.
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
    /// replay = 5
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
    /// ## Configuration
    ///
    /// `replication = 1` says that there is one. `replication-undeclared = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "replication-undeclared", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let lacks = queue.lacks("replication", &queue.declared().replication);
        if queue.broker() != Some(Broker::Kafka) || !lacks {
            continue;
        }
        let path = queue.path();
        let retained = queue
            .meter(context, Kind::Retained)
            .and_then(|retained| judged_demand(context, retained))
            .filter(|bytes| *bytes > 0.0);
        let kept = match retained {
            Some(bytes) => format!(
                ": {}, or {} with three",
                number::bytes(bytes),
                number::bytes(3.0 * bytes)
            ),
            None => String::new(),
        };
        let message =
            format!("one copy of `{path}` is counted, as no `replication` is declared{kept}");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help("add `replication = 3`, or how many copies the cluster keeps");
        findings.push(finding);
    }
}
