//! `table-without-rollup`

use std::collections::HashSet;

use crate::document::declared::TomlPath;
use crate::document::values::TableKind;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// No rollup stands on a snapshot table.
    "table-without-rollup", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(tables) = &declarations.root.value.tables else {
        return;
    };
    if !declarations.incomplete.is_empty() {
        return;
    }
    let sources: HashSet<&str> = tables
        .value
        .iter()
        .filter_map(|(_, table)| table.from.as_ref())
        .map(|from| from.value.0.as_str())
        .collect();
    for (name, entry) in &tables.value.0 {
        let kind = entry.body.value.kind.as_ref().map(|kind| kind.value);
        if kind != Some(TableKind::Snapshot) || sources.contains(name.as_str()) {
            continue;
        }
        let path = TomlPath::new(&["tables", name]).to_string();
        let finding = findings
            .finding(&path, format!("`{path}` has no rollup: every question reads raw snapshots"))
            .at(entry.name)
            .help(format!(
                "declare a table with `kind = \"rollup\"` and `from = \"{name}\"`"
            ));
        findings.push(finding);
    }
}
