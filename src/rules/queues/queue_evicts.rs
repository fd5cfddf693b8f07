//! `queue-evicts`

use crate::document::reader::values_quote;
use crate::document::values::Broker;
use crate::rules::queue_facts::queues;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A Redis queue may be evicted when memory is short.
    ///
    /// ## Why
    ///
    /// Under every `maxmemory-policy` but `noeviction` Redis makes room by removing keys, and a queue is a
    /// key: with `allkeys-lru` all that waits can go at once, without an error. With `noeviction` the
    /// producer is refused and can try again (Redis documentation, "Key eviction").
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [queues.jobs]
    /// broker = "redis"
    /// message_size = "2KB"
    /// max_depth = 100_000
    /// eviction = "allkeys-lru"
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
    /// broker = "redis"
    /// message_size = "2KB"
    /// max_depth = 100_000
    /// eviction = "noeviction"
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
    /// `queue-evicts = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "queue-evicts", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(eviction) = &queue.declared().eviction else {
            continue;
        };
        let policy = eviction.value.0.trim();
        if queue.broker() != Some(Broker::Redis) || policy.eq_ignore_ascii_case("noeviction") {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "Redis may drop all of `{path}` when memory is short: its policy is `{}`",
            values_quote(policy),
        );
        let finding = findings
            .finding(&path, message)
            .at(eviction.span)
            .help("set `maxmemory-policy noeviction`, in an instance of its own, and `eviction = \"noeviction\"`");
        findings.push(finding);
    }
}
