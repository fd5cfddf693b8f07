//! `row-size-implausible`

use crate::finding::Worse;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A row of a PostgreSQL table is declared smaller than an empty row is.
    ///
    /// ## Why
    ///
    /// `row_size` is what a row takes on disk, with its indexes, not what its columns hold. In
    /// PostgreSQL a row begins with a header of 23 bytes, aligned to 24, and a pointer of 4 bytes
    /// leads to it: 28 bytes before the first column (PostgreSQL documentation, "Database Page
    /// Layout"). Smaller figures are the sum of the columns, and the disk will be larger than
    /// forecast.
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
    /// row_size = "16B"
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
    /// engine = "postgres"
    /// storage = "1TB"
    ///
    /// [tables.events]
    /// kind = "event"
    /// row_size = "64B"
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
    /// For one table `allow = ["row-size-implausible"]` with a `reason`; for all
    /// `row-size-implausible = "off"` in `[rules]`. It speaks for `postgres`, `postgresql`,
    /// `aurora-postgresql`, `timescale`, `timescaledb`, and where no engine is declared.
    ///
    /// ## Figure
    ///
    /// The declared bytes of a row; fewer is worse.
    "row-size-implausible", Warning, Check::Project(check)
}

/// What an empty row takes in PostgreSQL: a header of 23 bytes, aligned to 24, and a line pointer
/// of 4.
const EMPTY_ROW: f64 = 28.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let Some(row_size) = &stored.declared().row_size else {
            continue;
        };
        let Some(bytes) = row_size.value.median().map(|size| size.bytes) else {
            continue;
        };
        if bytes >= EMPTY_ROW || !stored.is_postgres(context) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "a row of `{path}` takes {}, less than the 24 + 4 = 28 B of an empty one",
            number::bytes(bytes),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(row_size.span)
            .help(format!(
                "if the columns hold {0}: `row_size = \"{1}B\"`, and its index entries on top",
                number::bytes(bytes),
                (EMPTY_ROW + bytes).ceil(),
            ))
            .figure(bytes);
        finding.worse = Worse::Lower;
        findings.push(finding);
    }
}
