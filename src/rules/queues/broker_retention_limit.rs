//! `broker-retention-limit`

use crate::document::values::Broker;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// An SQS queue is to keep messages for longer than SQS does.
    ///
    /// ## Why
    ///
    /// Amazon SQS keeps messages for four days by default and for 14 days at most (Amazon SQS quotas). What
    /// is declared beyond that will be deleted, and whatever counts on it will be lost.
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
    /// retention = "30d"
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
    /// broker = "sqs"
    /// message_size = "2KB"
    /// retention = "14d"
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
    /// `broker-retention-limit = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// The declared days; more is worse.
    "broker-retention-limit", Error, Check::Project(check)
}

/// The longest that SQS keeps a message, in days.
const SQS_DAYS: f64 = 14.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let sqs = matches!(queue.broker(), Some(Broker::Sqs | Broker::SqsFifo));
        let Some(retention) = queue.declared().retention.as_ref().filter(|_| sqs) else {
            continue;
        };
        let days = retention.value.days();
        if days <= SQS_DAYS {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` is to keep messages for {}; SQS keeps them for at most {SQS_DAYS}d",
            number::duration(retention.value.seconds),
        );
        let finding = findings
            .finding(&path, message)
            .at(retention.span)
            .help("`retention = \"14d\"`, and write what has to stay longer to a table")
            .figure(days);
        findings.push(finding);
    }
}
