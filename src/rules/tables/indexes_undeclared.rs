//! `indexes-undeclared`

use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A table in a database with a write limit declares no `indexes`.
    ///
    /// ## Why
    ///
    /// Undeclared, they count as none, and the database seems to have more room than it has. The
    /// source article: "you are doing one insert per active tenant per scheduled run, plus index
    /// maintenance."
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [databases.main]
    /// storage = "1TB"
    /// writes = "400/s"
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
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [databases.main]
    /// storage = "1TB"
    /// writes = "400/s"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "400B"
    /// indexes = 2
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
    /// `indexes = 0` says that there are none. `indexes-undeclared = "off"` in `[rules]` turns it
    /// off.
    ///
    /// ## Figure
    ///
    /// None.
    "indexes-undeclared", Info, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(databases) = &context.project.declarations.root.value.databases else {
        return;
    };
    for stored in stored(context) {
        if !stored.lacks("indexes", &stored.declared().indexes) {
            continue;
        }
        let table = context.project.model.tables.get(stored.name);
        let Some(database) = table.and_then(|table| table.database.as_deref()) else {
            continue;
        };
        let limit = databases.value.get(database);
        let Some(writes) = limit.and_then(|limit| limit.writes.as_ref()) else {
            continue;
        };
        let path = stored.path();
        let message = format!(
            "`{path}` declares no `indexes`: a row counts as one of the {}/{} writes that \
             `{database}` takes",
            number::count(writes.value.now.count),
            writes.value.now.period.name(),
        );
        let finding = findings
            .finding(&path, message)
            .at(stored.entry.name)
            .also(writes.span, "index entries count against this limit, too")
            .help("add `indexes`: how many index entries a row writes, the primary key's included");
        findings.push(finding);
    }
}
