//! `waiver-expired`

use crate::document::TomlPath;
use crate::finding::Finding;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A waiver ended before the date of the run.
    ///
    /// ## Why
    ///
    /// A waiver is a loan with a date on which it is paid back. When the date has passed, the
    /// finding that it covered counts again, and the waiver says so: somebody promised to be done
    /// by now.
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
    /// [tables.audit_log_daily]
    /// kind = "rollup"
    /// from = "audit_log"
    /// ratio = 0.05
    /// row_size = "400B"
    /// retention = "1y"
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
    /// until = 2026-06-30
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
    /// `until` is the last day on which a waiver counts. `--as-of` judges as of another day. Move
    /// the date with the owner's consent, or remove the waiver and mend what it covered. `waiver-
    /// expired = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "waiver-expired", Error, Check::Findings(check)
}

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.value.waivers else {
        return;
    };
    let used = crate::verdicts::used(declarations, context.sources, others);
    for (waiver, used) in waivers.value.0.iter().zip(used) {
        let Some(until) = &waiver.value.until else {
            continue;
        };
        if context.as_of <= until.value {
            continue;
        }
        let (rule, subject) = waiver.value.names();
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let owner = match &waiver.value.owner {
            Some(owner) => format!(" (owner: {})", owner.value.0),
            None => String::new(),
        };
        let help = if used {
            "mend what it covered, or move the date with its owner's consent"
        } else {
            "remove it: nothing needs it any more"
        };
        let message = format!(
            "the waiver of `{rule}` for `{subject}` ended on {}{owner}",
            until.value
        );
        findings.push(findings.finding(path, message).at(until.span).help(help));
    }
}
