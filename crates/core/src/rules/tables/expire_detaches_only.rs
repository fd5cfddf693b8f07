//! `expire-detaches-only`

use crate::document::values::Expire;
use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("expire-detaches-only", Severity::Warning, check).allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let (Some(days), Some(expire)) = (stored.retention_days(), &stored.declared().expire)
        else {
            continue;
        };
        if expire.value != Expire::Detach || !stored.keeps_rows(context) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let message = format!(
            "`{path}` detaches partitions after {} and drops none: {} on disk at the horizon",
            number::duration(days * DAY),
            number::quantity(bytes, "bytes", ""),
        );
        let finding = findings
            .finding(&path, message)
            .at(expire.span)
            .help("`expire = \"drop\"`, with pg_partman `retention_keep_table = false`")
            .figure(bytes);
        findings.push(finding);
    }
}
