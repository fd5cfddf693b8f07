//! `waiver-unused`

use crate::document::TomlPath;
use crate::finding::Finding;
use crate::rules::{Check, Context, Findings, rule};

crate::rule! {
    /// A waiver matches no finding.
    ///
    /// ## Why
    ///
    /// What it covered has been mended, renamed or removed. Left in place, it waits for something
    /// of that name to come back, and lets it through unseen.
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
    /// until = 2027-06-30
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
    /// ```
    ///
    /// ## Configuration
    ///
    /// A waiver's `subject` is matched exactly, with `*` for any text; outside the project's root
    /// file it speaks only of what its own file declares. Waivers of rules about changes are not
    /// judged: they wait for a change. `waiver-unused = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// None.
    "waiver-unused", Warning, Check::Findings(check)
}

/// Rules that need more than the files to fire.
const WAITING: [&str; 2] = ["burn-soft", "burn-hard"];

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.value.waivers else {
        return;
    };
    // What a broken file holds can't be told.
    if !declarations.incomplete.is_empty() {
        return;
    }
    let used = crate::verdicts::used(declarations, context.sources, others);
    for (waiver, used) in waivers.value.0.iter().zip(used) {
        let (rule, subject) = waiver.value.names();
        let until = waiver.value.until.as_ref();
        let ended = until.is_some_and(|until| until.value < context.as_of);
        if used || ended || !is_judged(rule) {
            continue;
        }
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let message = format!("the waiver of `{rule}` for `{subject}` covers nothing");
        let span = waiver
            .value
            .subject
            .as_ref()
            .map_or(waiver.span, |subject| subject.span);
        let help = "remove it, or correct its subject: it is the path that the finding shows";
        findings.push(findings.finding(path, message).at(span).help(help));
    }
}

/// Whether a rule's findings are all known: those about changes come with a change only.
fn is_judged(name: &str) -> bool {
    let known = rule(name);
    known.is_some_and(|rule| matches!(rule.check, Check::Project(_))) && !WAITING.contains(&name)
}
