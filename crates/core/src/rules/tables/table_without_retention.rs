use crate::rules::limits::limit_ahead;
use crate::rules::prelude::*;
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
        .help("add `retention = \"90d\"`, or `retention = \"forever\"` with a `reason`")
        .figure(bytes);
    Some(finding)
}
