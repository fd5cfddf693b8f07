//! `table-without-rollup`

use crate::collections::HashSet;
use crate::document::declared::Table as _;
use crate::document::values::TableKind;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// No rollup stands on a snapshot table.
    ///
    /// ## Why
    ///
    /// Snapshots say the same of a thing again and again, and questions are about what changed.
    /// The source article, of a rollup: "followers_added_today is two orders of magnitude smaller
    /// than the raw snapshot and answers 90 percent of dashboard queries." Without one every
    /// question reads the raw rows, and they can't be dropped early.
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
    /// [tables.user_snapshots]
    /// kind = "snapshot"
    /// row_size = "400B"
    /// retention = "90d"
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "user_snapshots"
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
    /// [tables.user_snapshots]
    /// kind = "snapshot"
    /// row_size = "400B"
    /// retention = "90d"
    ///
    /// [tables.follower_days]
    /// kind = "rollup"
    /// from = "user_snapshots"
    /// ratio = 0.042
    /// row_size = "120B"
    /// retention = "3y"
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "user_snapshots"
    /// rate = "24/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// For one table that is read row by row, `allow = ["table-without-rollup"]` with a `reason`;
    /// for all `table-without-rollup = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The table's bytes at the horizon; more is worse.
    "table-without-rollup", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The rollup may stand in what could not be read.
    if !context.project.declarations.incomplete.is_empty() {
        return;
    }
    let mut sources: HashSet<&str> = HashSet::default();
    for stored in stored(context) {
        match &stored.declared().from {
            Some(from) => drop(sources.insert(from.value.0.as_str())),
            None if stored.declared().is_broken("from") => return,
            None => {}
        }
    }
    for stored in stored(context) {
        let kind = stored.declared().kind.as_ref().map(|kind| kind.value);
        if kind != Some(TableKind::Snapshot) || sources.contains(stored.name) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let read = match bytes {
            Some(bytes) if bytes > 0.0 => format!("{} of raw rows", number::bytes(bytes)),
            _ => "raw rows".to_owned(),
        };
        let message = format!("no rollup stands on `{path}`: every question reads {read}");
        let mut finding = findings
            .finding(&path, message)
            .at(stored.entry.name)
            .help(format!(
                "declare a table with `kind = \"rollup\"` and `from = \"{}\"`",
                stored.name
            ));
        finding.figure = bytes;
        findings.push(finding);
    }
}
