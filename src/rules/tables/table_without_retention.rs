//! `table-without-retention`

use crate::document::declared::{Table as _, TomlPath};
use crate::document::values::TableKind;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// A snapshot, event or rollup table says nothing about how long it keeps rows.
    "table-without-retention", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(tables) = &declarations.root.value.tables else {
        return;
    };
    for (name, entry) in &tables.value.0 {
        let table = &entry.body.value;
        let grows = table
            .kind
            .as_ref()
            .is_some_and(|kind| kind.value != TableKind::State);
        if !grows
            || table.retention.is_some()
            || table.is_broken("retention")
            || declarations.incomplete.contains(&entry.name.file)
        {
            continue;
        }
        let path = TomlPath::new(&["tables", name]).to_string();
        let finding = findings
            .finding(&path, format!("`{path}` keeps its rows for ever: it has no `retention`"))
            .at(entry.name)
            .help("add `retention = \"90d\"`, or `\"forever\"` with a `reason`");
        findings.push(finding);
    }
}
