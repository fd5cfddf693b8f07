use crate::rules::prelude::*;
use crate::rules::support::write;
use crate::rules::table_facts::DeclaredTable;

pub(crate) static RULE: Rule =
    Rule::tables("row-size-implausible", Severity::Warning, check).allowed_on(AllowedOn::Tables);

/// What an empty row takes in PostgreSQL: a header of 23 bytes, aligned to 24, and a line pointer
/// of 4.
const EMPTY_ROW: f64 = 28.0;

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let row_size = table.declared.row_size.as_ref()?;
    let model = &table.context.project.model;
    let bytes = model.tables.get(table.name)?.row_size.point()?;
    if bytes >= EMPTY_ROW || !table.is_postgres() {
        return None;
    }
    let (takes, all) = (number::bytes(bytes), (EMPTY_ROW + bytes).ceil());
    let mut way = write("row_size", row_size.span, format!("\"{all}B\""));
    way.words = format!("if the columns hold {takes}, {}", way.words);
    let message = format!(
        "`{table}` declares rows of {takes}, but an empty PostgreSQL row takes 24 + 4 = 28 B"
    );
    let finding = table
        .finding(&RULE, message)
        .at(row_size.span)
        .help("declare the size of a row on disk: its columns, 28 B, and its index entries")
        .ways([way])
        .figure(bytes)
        .lower_is_worse();
    Some(finding)
}
