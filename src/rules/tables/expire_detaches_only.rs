//! `expire-detaches-only`

use crate::document::values::Expire;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    /// A table's partitions are detached past retention, and keep their disk.
    ///
    /// ## Why
    ///
    /// A detached partition is a table of its own: queries no longer see it, the disk still does.
    /// With `detach` the forecast counts all rows for good, because nothing takes them away. It
    /// happens unasked: pg_partman's `retention_keep_table` defaults to true.
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
    /// partition = "day"
    /// expire = "detach"
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
    /// expire = "drop"
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
    /// For one table `allow = ["expire-detaches-only"]` with a `reason`; for all
    /// `expire-detaches-only = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The table's bytes at the horizon; more is worse.
    "expire-detaches-only", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let (Some(days), Some(expire)) = (stored.retention_days(), &stored.declared().expire)
        else {
            continue;
        };
        if expire.value != Expire::Detach || !stored.keeps_rows(context) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let message = format!(
            "`{path}` detaches partitions after {} and drops none: {} on disk at the horizon",
            number::duration(days * DAY),
            number::quantity(bytes, "bytes", ""),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(expire.span)
            .help("`expire = \"drop\"`, with pg_partman `retention_keep_table = false`");
        finding.figure = bytes;
        findings.push(finding);
    }
}
