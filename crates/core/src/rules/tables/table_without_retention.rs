use crate::document::values::TableKind;
use crate::rules::limits::limit_ahead;
use crate::rules::prelude::*;
use crate::rules::support::added;
use crate::rules::table_facts::DeclaredTable;

pub(crate) static RULE: Rule = Rule::tables("table-without-retention", Severity::Error, check)
    .allowed_on(AllowedOn::Tables)
    .speaks_for(&[Speaks::Growth(&[&limit_ahead::RULE])]);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    if !table.grows() || !table.lacks("retention", &table.declared.retention) {
        return None;
    }
    let bytes = table.bytes();
    let grown = table.comes_to(bytes);
    let grown = grown.map_or(String::new(), |it| format!(": {it}, and growing"));
    let finding = table
        .finding(&RULE, format!("`{table}` has no `retention`{grown}"))
        .help("add `retention`, how long rows are kept, or `\"forever\"` with a `reason`")
        .ways(ways(table))
        .figure(bytes);
    Some(finding)
}

/// The usual retentions, with partitions where the table is large.
fn ways(table: &DeclaredTable<'_, '_>) -> Vec<Way> {
    let kept: &[&str] = match table.kind() {
        Some(TableKind::Rollup) => &["1y", "2y", "5y"],
        _ => &["90d", "30d", "7d"],
    };
    let mut ways = Vec::new();
    for kept in kept {
        for partition in [None, Some("day"), Some("month")] {
            let kept = ("retention", format!("\"{kept}\""));
            let partition = partition.map(|it| ("partition", format!("\"{it}\"")));
            let entries: Vec<_> = [kept].into_iter().chain(partition).collect();
            ways.push(Way::new("retention", added(&entries), table.with(&entries)));
        }
    }
    ways
}
