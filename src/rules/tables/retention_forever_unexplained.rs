//! `retention-forever-unexplained`

use crate::document::values::Retention;
use crate::render::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A table keeps its rows for ever and gives no `reason`.
    ///
    /// ## Why
    ///
    /// A disk that only ever fills is a decision. Whoever meets it in three years needs to know
    /// whether somebody made it: whether it is the law, a contract, or the line that nobody
    /// thought about. The source article asks for "an answer to the question 'do we actually
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
    /// [tables.invoices]
    /// kind = "event"
    /// row_size = "400B"
    /// retention = "forever"
    ///
    /// [features.billing]
    /// spec = "spec.md"
    /// owner = "billing"
    ///
    /// [[features.billing.writes]]
    /// table = "invoices"
    /// rate = "1/month"
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
    /// [tables.invoices]
    /// kind = "event"
    /// row_size = "400B"
    /// retention = "forever"
    /// reason = "an invoice is part of the customer's contract"
    ///
    /// [features.billing]
    /// spec = "spec.md"
    /// owner = "billing"
    ///
    /// [[features.billing.writes]]
    /// table = "invoices"
    /// rate = "1/month"
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `retention-forever-unexplained = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// The table's bytes at the horizon; more is worse.
    "retention-forever-unexplained", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let table = stored.declared();
        let Some(retention) = &table.retention else {
            continue;
        };
        // Of a state table the word itself is wrong, which is said elsewhere.
        if retention.value != Retention::Forever || !stored.grows() {
            continue;
        }
        let blank = table
            .reason
            .as_ref()
            .is_some_and(|reason| reason.value.0.trim().is_empty());
        if !blank && !stored.lacks("reason", &table.reason) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let grown = match bytes {
            Some(bytes) if bytes > 0.0 => format!(
                ", {} in {} days",
                number::bytes(bytes),
                context.project.model.calendar.horizon
            ),
            _ => String::new(),
        };
        let message = format!("`{path}` keeps its rows for ever{grown}, and does not say why");
        let mut finding = findings
            .finding(&path, message)
            .at(retention.span)
            .help("add `reason = \"…\"`, or a retention such as `\"90d\"`");
        finding.figure = bytes;
        findings.push(finding);
    }
}
