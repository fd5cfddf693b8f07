//! `projection-missing`

use crate::rules::support::{FileErrors, things};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A tier has no projected counts.
    ///
    /// ## Why
    ///
    /// The source article: "Tab two is tenants by tier, with current count and projected count at 30, 60,
    /// and 90 days." Without them every horizon shows today, and nothing is seen coming.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1_000
    ///
    /// [databases.main]
    /// storage = "1TB"
    ///
    /// [tables.profiles]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 1
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "profiles"
    /// rate = "1/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_050, 60d = 1_100, 90d = 1_150 }
    ///
    /// [databases.main]
    /// storage = "1TB"
    ///
    /// [tables.profiles]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 1
    ///
    /// [features.sync]
    /// spec = "spec.md"
    /// owner = "ingest"
    ///
    /// [[features.sync.writes]]
    /// table = "profiles"
    /// rate = "1/day"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// A tier that stays as it is can say so: `{ now = 12, 90d = 12 }`. `projection-missing = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "projection-missing", Info, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root.value;
    let errors = FileErrors::new(context);
    for tier in things(context, "tenants", &root.tenants) {
        let points = &tier.entry.body.value.points;
        // Days that could not be read are among the file's errors.
        let read = tier.is_complete() && !errors.within(tier.entry.body.span);
        if points.len() != 1 || !points.contains_key(&0) || !read {
            continue;
        }
        let path = tier.path();
        let finding = findings
            .finding(
                &path,
                format!("`{path}` has no projection: every horizon shows today"),
            )
            .at(tier.entry.name)
            .help("write `{ now = …, 30d = …, 60d = …, 90d = … }`");
        findings.push(finding);
    }
}
