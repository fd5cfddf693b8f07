//! `table-without-retention`

use crate::words::number;
use crate::rules::table_facts::stored;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    "table-without-retention", Error, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        if !stored.grows() || !stored.lacks("retention", &stored.declared().retention) {
            continue;
        }
        let path = stored.path();
        let bytes = stored.bytes(context);
        let grown = match bytes {
            Some(bytes) if bytes > 0.0 => format!(
                ": {} in {} days, and growing",
                number::bytes(bytes),
                context.project.model.calendar.horizon
            ),
            _ => String::new(),
        };
        let mut finding = findings
            .finding(&path, format!("`{path}` has no `retention`{grown}"))
            .at(stored.entry.name)
            .help("add `retention = \"90d\"`, or `\"forever\"` with a `reason`");
        finding.figure = bytes;
        findings.push(finding);
    }
}
