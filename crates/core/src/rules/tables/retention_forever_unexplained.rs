//! `retention-forever-unexplained`

use crate::document::values::Retention;
use crate::rules::table_facts::stored;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("retention-forever-unexplained", Severity::Error, check);

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
        let finding = findings
            .finding(&path, message)
            .at(retention.span)
            .help("add `reason = \"…\"`, or a retention such as `\"90d\"`")
            .figure(bytes);
        findings.push(finding);
    }
}
