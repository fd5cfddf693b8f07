use crate::document::Table as _;
use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("waiver-without-end", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let waivers = context.project.declarations.root.waivers.as_ref();
    for waiver in waivers.into_iter().flat_map(|waivers| &waivers.value.0) {
        if waiver.value.until.is_some() || waiver.value.is_broken("until") {
            continue;
        }
        let (rule, subject) = waiver.value.names();
        let message = format!("the waiver of `{rule}` for `{subject}` never ends");
        let named = waiver.value.rule.as_ref();
        let finding = findings
            .about(&["waivers", rule, subject], message)
            .at(named.map_or(waiver.span, |rule| rule.span))
            .help("add `until = YYYY-MM-DD`, the last day on which the waiver applies");
        findings.push(finding);
    }
}
