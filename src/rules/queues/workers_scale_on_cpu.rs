//! `workers-scale-on-cpu`

use crate::document::values::ScaleOn;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::queue_facts::{Sent, queues};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// The workers of a queue are scaled on CPU.
    ///
    /// ## Why
    ///
    /// The source article: "Workers that consume the queue should autoscale on queue depth, not on CPU.
    /// CPU-based autoscaling for an IO-bound TikTok worker is the wrong signal because the worker spends
    /// most of its life waiting on a TikLiveAPI response. Queue depth tells you the truth". With `count`,
    /// `rate` and `drain` declared, the depth above which to add workers is `count · rate · drain`.
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
    /// workers = { count = 10, max = 40, rate = "1/s", scale_on = "cpu" }
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
    /// workers = { count = 10, max = 40, rate = "1/s", scale_on = "queue-depth" }
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
    /// Where workers do compute, waive it for their queue, with the reason; `workers-scale-on-cpu =
    /// "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "workers-scale-on-cpu", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(workers) = queue.workers() else {
            continue;
        };
        let Some(scale_on) = &workers.value.scale_on else {
            continue;
        };
        if scale_on.value != ScaleOn::Cpu {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "the workers of `{path}` are scaled on CPU, which says nothing while they wait"
        );
        let help = match scale_up_at(&queue, context) {
            Some(depth) => format!(
                "`scale_on = \"queue-depth\"`, and add workers above {}",
                number::plural(depth as usize, "waiting message")
            ),
            None => "`scale_on = \"queue-depth\"`".to_owned(),
        };
        let finding = findings
            .finding(&path, message)
            .at(scale_on.span)
            .help(help);
        findings.push(finding);
    }
}

/// The depth above which the workers that there are need longer than the target.
fn scale_up_at<'a>(queue: &Sent<'a>, context: &Context<'a>) -> Option<f64> {
    let depth = queue
        .meter(context, Kind::Workers)?
        .meter
        .detail
        .scale_up_at??;
    (depth >= 1.0 && depth.is_finite()).then_some(depth.floor())
}
