//! `rollup-shorter-than-raw`

use crate::document::values::Retention;
use crate::finding::Worse;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    /// A rollup is dropped before the rows that it stands for.
    ///
    /// ## Why
    ///
    /// A rollup is there so that raw rows can go and their answer stays. Dropped first, it answers
    /// nothing that the raw rows do not, and what is older than both is lost: its rows were paid
    /// for twice. The source article's rollup is "two orders of magnitude smaller than the raw
    /// snapshot", so keeping it longer costs little.
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
    /// [tables.follower_days]
    /// kind = "rollup"
    /// from = "user_snapshots"
    /// ratio = 0.042
    /// row_size = "120B"
    /// retention = "30d"
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
    /// On the rollup, `allow = ["rollup-shorter-than-raw"]` with a `reason`; for all
    /// `rollup-shorter-than-raw = "off"` in `[rules]`.
    ///
    /// ## Figure
    ///
    /// The days for which the rollup is kept; fewer is worse.
    "rollup-shorter-than-raw", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(tables) = &context.project.declarations.root.value.tables else {
        return;
    };
    for rollup in stored(context) {
        let (Some(days), Some(from), Some(own)) = (
            rollup.retention_days(),
            &rollup.declared().from,
            &rollup.declared().retention,
        ) else {
            continue;
        };
        let raw = tables.value.get(&from.value.0);
        // What a source without retention lacks is said of the source.
        let Some(kept) = raw.and_then(|raw| raw.retention.as_ref()) else {
            continue;
        };
        let (raw_kept, help) = match kept.value {
            Retention::Forever => ("for ever".to_owned(), "forever".to_owned()),
            Retention::For(raw_kept) if days < raw_kept.days() => {
                (number::duration(raw_kept.seconds), raw_kept.to_string())
            }
            Retention::For(_) => continue,
        };
        let path = rollup.path();
        let message = format!(
            "`{path}` is dropped after {}, before the rows of `{}`, which are kept {raw_kept}",
            number::duration(days * DAY),
            from.value.0,
        );
        let mut finding = findings
            .finding(&path, message)
            .at(own.span)
            .also(kept.span, "how long the raw rows are kept")
            .help(format!("`retention = \"{help}\"` or longer"))
            .figure(days);
        finding.worse = Worse::Lower;
        findings.push(finding);
    }
}
