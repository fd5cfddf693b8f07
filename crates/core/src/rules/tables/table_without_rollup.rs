use crate::collections::HashSet;
use crate::document::values::TableKind;
use crate::rules::prelude::*;
use crate::rules::table_facts::tables;

pub(crate) static RULE: Rule = Rule::project("table-without-rollup", Severity::Error, check)
    .allowed_on(AllowedOn::Tables)
    .needs_every_file();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let sources = tables(context).filter_map(|table| table.declared.from.as_ref());
    let sources: HashSet<&str> = sources.map(|from| from.value.0.as_str()).collect();
    for table in tables(context) {
        if table.kind() != Some(TableKind::Snapshot) || sources.contains(table.name) {
            continue;
        }
        let bytes = table.bytes();
        let read = match bytes {
            Some(bytes) if bytes > 0.0 => format!("{} of raw rows", number::bytes(bytes)),
            _ => "raw rows".to_owned(),
        };
        let message = format!("`{table}` has no rollup, so every query scans {read}");
        let finding = table
            .finding(&RULE, message)
            .help(format!(
                "declare a table with `kind = \"rollup\"` and `from = \"{}\"`",
                table.name
            ))
            .figure(bytes);
        findings.push(finding);
    }
}
