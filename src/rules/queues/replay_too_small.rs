//! `replay-too-small`

use crate::finding::Worse;
use crate::render::number;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A topic is read again at less than five times the rate at which it is written.
    ///
    /// ## Why
    ///
    /// The source article: a topic is read again "at maximum consumer throughput, which can be five to ten
    /// times steady-state write rate." At twice the rate, seven days of messages take three and a half to
    /// read, and partitions sized for it are too few once consumers read as fast as they can.
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
    /// replay = 2
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
    /// Where consumers are throttled, waive it for the queue. `replay-too-small = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// The declared `replay`; less is worse.
    "replay-too-small", Warning, Check::Project(check)
}

/// Replay throughput over mean write rate, below which it is implausible: the source article's
/// "five to ten times".
const LEAST: f64 = 5.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(replay) = &queue.declared().replay else {
            continue;
        };
        let times = replay.value.0;
        if times <= 0.0 || times >= LEAST {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` is read again at {} times its write rate; consumers reach {LEAST} to 10 times",
            number::count(times),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(replay.span)
            .help("`replay = 5`, or 0 if nothing is ever rebuilt from it")
            .figure(times);
        finding.worse = Worse::Lower;
        findings.push(finding);
    }
}
