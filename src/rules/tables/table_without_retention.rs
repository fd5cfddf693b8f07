//! `table-without-retention`

use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A snapshot, event or rollup table does not say how long it keeps rows.
    ///
    /// ## Why
    ///
    /// Such a table grows with time for as long as anything writes to it. The source article:
    /// "you need partitioning, retention policy, and an answer to the question 'do we actually
    /// query data older than 90 days?'"
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [databases.main]
    /// storage = "1TB"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "400B"
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
    /// storage = "1TB"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "400B"
    /// retention = "90d"
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
    /// `retention = "forever"` with a `reason` is an answer, too. For one table
    /// `allow = ["table-without-retention"]` with a `reason`; for all
    /// `table-without-retention = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The table's bytes at the horizon; more is worse.
    "table-without-retention", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        if !stored.grows() || !stored.lacks("retention", &stored.declared().retention) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let grown = match bytes {
            Some(bytes) if bytes > 0.0 => format!(
                ": {} in {} days, and growing",
                number::bytes(bytes),
                context.project.model.calendar.horizon
            ),
            _ => String::new(),
        };
        let mut finding = findings
            .finding(&path, format!("`{path}` has no `retention`{grown}"))
            .at(stored.entry.name)
            .help("add `retention = \"90d\"`, or `\"forever\"` with a `reason`");
        finding.figure = bytes;
        findings.push(finding);
    }
}
