//! `too-many-partitions`

use crate::render::number;
use crate::rules::support::passes;
use crate::rules::table_facts::{live_partitions, partition_for, stored};
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    /// More partitions of a table live at once than `policy.max_partitions`.
    ///
    /// Those that reach into the retention live, and the one that is being written; of a table
    /// that keeps its rows for ever, those up to the horizon.
    ///
    /// ## Why
    ///
    /// Every partition is a table with files, statistics and locks of its own. PostgreSQL's
    /// documentation on partitioning: "too many partitions can mean longer query planning times
    /// and higher memory consumption during both query planning and execution".
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "1TB"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "400B"
    /// retention = "90d"
    /// partition = "1h"
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "events"
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
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "1TB"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "400B"
    /// retention = "90d"
    /// partition = "day"
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "events"
    /// rate = "24/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `max_partitions` in `[policy]`, 1000 by default. For one table
    /// `allow = ["too-many-partitions"]` with a `reason`; for all `too-many-partitions = "off"` in
    /// `[rules]`.
    ///
    /// ## Figure
    ///
    /// How many partitions live at once; more is worse.
    "too-many-partitions", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let most = context.policy.max_partitions();
    let horizon = f64::from(context.project.model.calendar.horizon);
    for stored in stored(context) {
        let table = stored.declared();
        let (Some(length), Some(partition), Some(retention)) =
            (stored.partition_days(), &table.partition, &table.retention)
        else {
            continue;
        };
        if !stored.grows() || !stored.keeps_rows(context) {
            continue;
        }
        let (days, kept) = match stored.retention_days() {
            Some(days) => (days, "are kept"),
            None => (horizon, "come up to the horizon"),
        };
        let live = live_partitions(days, length);
        if !passes(live, most) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "{} partitions of `{path}` live at once, of at most {}: {} {kept}, {} in each, and one \
             is being written",
            number::count(live),
            number::count(most),
            number::duration(days * DAY),
            number::duration(length * DAY),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(partition.span)
            .also(retention.span, "how long rows are kept")
            .figure(live);
        if let Some((length, live)) = partition_for(days, most) {
            finding = finding.help(format!(
                "`partition = \"{length}\"`: {} at once",
                number::count(live)
            ));
        }
        findings.push(finding);
    }
}
