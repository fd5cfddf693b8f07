//! `expire-detaches-only`

use crate::document::values::Expire;
use crate::words::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};
use crate::units::DAY;

crate::rule! {
    "expire-detaches-only", Warning, Check::Project(check)
}

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
        let mut finding = findings
            .finding(&path, message)
            .at(expire.span)
            .help("`expire = \"drop\"`, with pg_partman `retention_keep_table = false`");
        finding.figure = bytes;
        findings.push(finding);
    }
}
