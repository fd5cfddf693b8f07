//! `partition-coarser-than-retention`

use crate::render::number;
use crate::rules::support::passes;
use crate::rules::table_facts::{partition_for, stored};
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    /// One partition of a table spans more than the table's retention.
    ///
    /// ## Why
    ///
    /// A partition can be dropped only when all of its rows have expired, so rows stay for the
    /// retention and one partition more. With a partition longer than the retention, most of what
    /// is on disk has expired. pg_partman's documentation says it of its own retention: only
    /// partitions that are wholly older are dropped.
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
    /// retention = "7d"
    /// partition = "month"
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
    /// retention = "7d"
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
    /// For one table `allow = ["partition-coarser-than-retention"]` with a `reason`; for all
    /// `partition-coarser-than-retention = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The partition's length over the retention, a ratio; more is worse.
    "partition-coarser-than-retention", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let table = stored.declared();
        let (Some(days), Some(span)) = (stored.retention_days(), stored.partition_days()) else {
            continue;
        };
        let (Some(partition), Some(retention)) = (&table.partition, &table.retention) else {
            continue;
        };
        if !passes(span, days) || !stored.keeps_rows(context) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "a partition of `{path}` spans {}, more than the {} for which rows are kept: they stay \
             {} + {} = {}",
            number::duration(span * DAY),
            number::duration(days * DAY),
            number::duration(days * DAY),
            number::duration(span * DAY),
            number::duration((days + span) * DAY),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(partition.span)
            .also(retention.span, "how long rows are kept")
            .figure(span / days);
        // The fewest partitions that still let most of what has expired go.
        if let Some((length, live)) = partition_for(days, 40.0) {
            finding = finding.help(format!(
                "`partition = \"{length}\"`: {} at once",
                number::count(live)
            ));
        }
        findings.push(finding);
    }
}
