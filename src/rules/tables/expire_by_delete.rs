//! `expire-by-delete`

use crate::document::values::Expire;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    /// A partitioned table expires row by row.
    ///
    /// ## Why
    ///
    /// A delete writes every expired row once more, leaves dead rows for vacuum, and gives no disk
    /// back; dropping the partition that holds them is a matter of a moment. PostgreSQL's
    /// documentation on partitioning: dropping a partition is "far faster than a bulk operation"
    /// and entirely avoids "the VACUUM overhead caused by a bulk DELETE".
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
    /// expire = "delete"
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
    /// For one table `allow = ["expire-by-delete"]` with a `reason`; for all
    /// `expire-by-delete = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The table's bytes at the horizon; more is worse.
    "expire-by-delete", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let (Some(days), Some(expire)) = (stored.retention_days(), &stored.declared().expire)
        else {
            continue;
        };
        if expire.value != Expire::Delete
            || stored.partition_days().is_none()
            || !stored.keeps_rows(context)
        {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let message = format!(
            "`{path}` has partitions, and yet deletes row by row what is older than {}",
            number::duration(days * DAY),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(expire.span)
            .help("`expire = \"drop\"`: whole partitions go, and give their disk back");
        finding.figure = bytes;
        findings.push(finding);
    }
}
