//! `indexes-undeclared`

use crate::rules::table_facts::stored;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::project("indexes-undeclared", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let databases = &context.project.declarations.root.databases;
    for stored in stored(context) {
        if !stored.lacks("indexes", &stored.declared().indexes) {
            continue;
        }
        let table = context.project.model.tables.get(stored.name);
        let Some(database) = table.and_then(|table| table.database.as_deref()) else {
            continue;
        };
        let limit = databases.get(database);
        let Some(writes) = limit.and_then(|limit| limit.writes.as_ref()) else {
            continue;
        };
        let path = stored.path();
        let message = format!(
            "`{path}` declares no `indexes`: a row counts as one of the {}/{} writes that \
             `{database}` takes",
            number::count(writes.value.now.count),
            writes.value.now.period.name(),
        );
        let finding = findings
            .finding(&path, message)
            .at(stored.entry.name)
            .also(writes.span, "index entries count against this limit, too")
            .help("add `indexes`: how many index entries a row writes, the primary key's included");
        findings.push(finding);
    }
}
