//! `waiver-without-end`

use crate::document::{Table as _, TomlPath};
use crate::rules::{Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("waiver-without-end", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let waivers = context.project.declarations.root.waivers.as_ref();
    for waiver in waivers.into_iter().flat_map(|waivers| &waivers.value.0) {
        if waiver.value.until.is_some() || waiver.value.is_broken("until") {
            continue;
        }
        let (rule, subject) = waiver.value.names();
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let span = waiver
            .value
            .rule
            .as_ref()
            .map_or(waiver.span, |rule| rule.span);
        findings.push(
            findings
                .finding(
                    path,
                    format!("the waiver of `{rule}` for `{subject}` never ends"),
                )
                .at(span)
                .help("add `until = YYYY-MM-DD`: the last day on which it counts"),
        );
    }
}
