use crate::rules::prelude::*;
use crate::rules::table_facts::DeclaredTable;

pub(crate) static RULE: Rule = Rule::tables("indexes-undeclared", Severity::Info, check);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    if !table.lacks("indexes", &table.declared.indexes) {
        return None;
    }
    let project = table.context.project;
    let resolved = project.model.tables.get(table.name)?;
    let database = resolved.database.as_deref()?;
    let databases = &project.declarations.root.databases;
    let writes = databases.get(database)?.writes.as_ref()?;
    let limit = writes.value.now()?;
    let message = format!(
        "`{table}` declares no `indexes`: a row counts as one of the {}/{} writes that \
         `{database}` takes",
        number::count(limit.count),
        limit.period.name(),
    );
    let finding = table
        .finding(&RULE, message)
        .also(writes.span, "index writes count toward this limit")
        .help("add `indexes`, the number of indexes on the table, including the primary key");
    Some(finding)
}
