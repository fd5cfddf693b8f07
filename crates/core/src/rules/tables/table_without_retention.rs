//! `table-without-retention`

use crate::rules::limits::limit_ahead;
use crate::rules::table_facts::stored;
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity, Speaks};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("table-without-retention", Severity::Error, check)
        .allowed_on(AllowedOn::Tables)
        .speaks_for(&[Speaks::Growth(&[&limit_ahead::RULE])]);

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
        let finding = findings
            .finding(&path, format!("`{path}` has no `retention`{grown}"))
            .at(stored.entry.name)
            .help("add `retention = \"90d\"`, or `\"forever\"` with a `reason`")
            .figure(bytes);
        findings.push(finding);
    }
}
