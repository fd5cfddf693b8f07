//! `expire-by-delete`

use crate::document::values::Expire;
use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("expire-by-delete", Severity::Warning, check).allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let (Some(days), Some(expire)) = (stored.retention_days(), &stored.declared().expire)
        else {
            continue;
        };
        if expire.value != Expire::Delete
            || stored.partition_days().is_none()
            || !stored.keeps_rows(context)
        {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let message = format!(
            "`{path}` has partitions, and yet deletes row by row what is older than {}",
            number::duration(days * DAY),
        );
        let finding = findings
            .finding(&path, message)
            .at(expire.span)
            .help("`expire = \"drop\"`: whole partitions go, and give their disk back")
            .figure(bytes);
        findings.push(finding);
    }
}
