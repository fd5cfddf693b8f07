use crate::document::values::Retention;
use crate::rules::prelude::*;
use crate::rules::table_facts::DeclaredTable;

pub(crate) static RULE: Rule =
    Rule::tables("retention-forever-unexplained", Severity::Error, check);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let retention = table.declared.retention.as_ref()?;
    // Of a state table the word itself is wrong, which is said elsewhere.
    if retention.value != Retention::Forever || !table.grows() {
        return None;
    }
    let unexplained = match &table.declared.reason {
        Some(reason) => reason.value.0.trim().is_empty(),
        reason => table.lacks("reason", reason),
    };
    if !unexplained {
        return None;
    }
    let bytes = table.bytes();
    let grown = table.comes_to(bytes);
    let grown = grown.map_or(String::new(), |it| format!(", {it}"));
    let message = format!("`{table}` keeps rows forever{grown} without a `reason`");
    let finding = table
        .finding(&RULE, message)
        .at(retention.span)
        .help("add `reason = \"…\"`, or a retention such as `\"90d\"`")
        .figure(bytes);
    Some(finding)
}
