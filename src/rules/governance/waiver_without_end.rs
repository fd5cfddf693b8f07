//! `waiver-without-end`

use crate::document::TomlPath;
use crate::document::declared::Table as _;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A waiver has no `until`.
    ///
    /// ## Why
    ///
    /// A waiver without an end is a rule turned off by stealth. With a date somebody looks again.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "100GB"
    ///
    /// [tables.audit_log]
    /// kind = "snapshot"
    /// row_size = "400B"
    /// retention = "90d"
    ///
    /// [features.audit]
    /// owner = "security"
    /// spec = "spec.md"
    ///
    /// [[features.audit.writes]]
    /// table = "audit_log"
    /// rate = "20/day"
    /// peak = 2
    /// measured = 2026-11-20
    ///
    /// [scenarios.2x]
    /// tenants = 2
    ///
    /// [[waivers]]
    /// rule = "table-without-rollup"
    /// subject = "tables.audit_log"
    /// reason = "read row by row, by the auditors"
    /// owner = "security"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "100GB"
    ///
    /// [tables.audit_log]
    /// kind = "snapshot"
    /// row_size = "400B"
    /// retention = "90d"
    ///
    /// [features.audit]
    /// owner = "security"
    /// spec = "spec.md"
    ///
    /// [[features.audit.writes]]
    /// table = "audit_log"
    /// rate = "20/day"
    /// peak = 2
    /// measured = 2026-11-20
    ///
    /// [scenarios.2x]
    /// tenants = 2
    ///
    /// [[waivers]]
    /// rule = "table-without-rollup"
    /// subject = "tables.audit_log"
    /// reason = "read row by row, by the auditors"
    /// owner = "security"
    /// until = 2027-06-30
    /// ```
    ///
    /// ## Configuration
    ///
    /// `until` is the last day on which the waiver counts. `waiver-without-end = "off"` in
    /// `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "waiver-without-end", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let waivers = context.project.declarations.root.value.waivers.as_ref();
    for waiver in waivers.into_iter().flat_map(|waivers| &waivers.value.0) {
        if waiver.value.until.is_some() || waiver.value.is_broken("until") {
            continue;
        }
        let (rule, subject) = waiver.value.names();
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let span = waiver
            .value
            .rule
            .as_ref()
            .map_or(waiver.span, |rule| rule.span);
        findings.push(
            findings
                .finding(
                    path,
                    format!("the waiver of `{rule}` for `{subject}` never ends"),
                )
                .at(span)
                .help("add `until = YYYY-MM-DD`: the last day on which it counts"),
        );
    }
}
