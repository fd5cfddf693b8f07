use crate::document::values::Expire;
use crate::rules::prelude::*;
use crate::rules::support::write;
use crate::rules::table_facts::DeclaredTable;
use crate::units::DAY;

pub(crate) static RULE: Rule =
    Rule::tables("expire-detaches-only", Severity::Warning, check).allowed_on(AllowedOn::Tables);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let days = table.retention_days()?;
    let expire = table.declared.expire.as_ref()?;
    if expire.value != Expire::Detach || !table.keeps_rows() {
        return None;
    }
    let bytes = table.bytes();
    let message = format!(
        "`{table}` detaches partitions after {} and drops none: {} on disk at the horizon",
        number::duration(days * DAY),
        number::quantity(bytes, "bytes", ""),
    );
    let finding = table
        .finding(&RULE, message)
        .at(expire.span)
        .help("let partitions be dropped: with pg_partman, set `retention_keep_table = false`")
        .ways([write("expire", expire.span, "\"drop\"")])
        .figure(bytes);
    Some(finding)
}
