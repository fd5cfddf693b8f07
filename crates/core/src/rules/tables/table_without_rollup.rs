use crate::collections::HashSet;
use crate::document::values::TableKind;
use crate::rules::prelude::*;
use crate::rules::table_facts::{DeclaredTable, tables};

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
                "add a table with `kind = \"rollup\"` and `from = \"{}\"`",
                table.name
            ))
            .ways(ways(&table))
            .figure(bytes);
        findings.push(finding);
    }
}

/// A rollup of a day's rows, kept for a year or as long as the rows are.
fn ways(table: &DeclaredTable<'_, '_>) -> Vec<Way> {
    let declared = &table.context.project.declarations.root.tables;
    let names = ["days", "by_day", "daily"].map(|suffix| format!("{}_{suffix}", table.name));
    let Some(name) = names.iter().find(|name| declared.get(name).is_none()) else {
        return Vec::new();
    };
    let kept = match table.retention_days() {
        Some(days) if days > 730.0 => "5y",
        Some(days) if days > 365.0 => "2y",
        _ => "1y",
    };
    let text = |text: &str| format!("\"{text}\"");
    let mut ways = Vec::new();
    for (ratio, partition) in [(0.02, None), (0.02, Some("month")), (0.001, Some("month"))] {
        let mut entries = vec![
            ("kind", text("rollup")),
            ("from", text(table.name)),
            ("ratio", ratio.to_string()),
            ("row_size", text("120B")),
            ("indexes", "1".to_owned()),
            ("retention", text(kept)),
        ];
        let database = table.declared.database.as_ref();
        entries.extend(database.map(|name| ("database", text(&name.value.0))));
        entries.extend(partition.map(|length| ("partition", text(length))));
        let words = format!("add `[tables.{name}]`, a daily rollup that is kept {kept}");
        let set = Set::Keys {
            file: table.entry.name.file,
            table: vec!["tables".to_owned(), name.clone()],
            entries,
        };
        ways.push(Way::new("rollup", words, set));
    }
    ways
}
