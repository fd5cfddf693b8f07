use crate::document::values::Expire;
use crate::rules::prelude::*;
use crate::rules::support::write;
use crate::rules::table_facts::DeclaredTable;
use crate::units::DAY;

pub(crate) static RULE: Rule =
    Rule::tables("expire-by-delete", Severity::Warning, check).allowed_on(AllowedOn::Tables);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let days = table.retention_days()?;
    let expire = table.declared.expire.as_ref()?;
    table.partition_days()?;
    if expire.value != Expire::Delete || !table.keeps_rows() {
        return None;
    }
    let message = format!(
        "`{table}` is partitioned but expires rows older than {} with DELETE",
        number::duration(days * DAY),
    );
    let finding = table
        .finding(&RULE, message)
        .at(expire.span)
        .help("use `expire = \"drop\"` to drop whole partitions and free the disk")
        .ways([write("expire", expire.span, "\"drop\"")])
        .figure(table.bytes());
    Some(finding)
}
