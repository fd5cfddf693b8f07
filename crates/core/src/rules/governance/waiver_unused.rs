use crate::document::TomlPath;
use crate::exceptions::{Use, uses};
use crate::finding::Finding;
use crate::rules::{Check, Context, Findings, Rule, Severity, rule};

pub(super) static RULE: Rule =
    Rule::new("waiver-unused", Severity::Warning, Check::Findings(check));

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.waivers else {
        return;
    };
    // What a broken file holds can't be told.
    if !declarations.incomplete.is_empty() {
        return;
    }
    let uses = uses(declarations, context.sources, others);
    for (waiver, of) in waivers.value.0.iter().zip(uses) {
        let (rule, subject) = waiver.value.names();
        let until = waiver.value.until.as_ref();
        let ended = until.is_some_and(|until| until.value < context.as_of);
        if of == Use::Used || ended || !is_judged(rule) {
            continue;
        }
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let message = format!("the waiver of `{rule}` for `{subject}` matches no finding");
        let named = waiver.value.subject.as_ref();
        let span = named.map_or(waiver.span, |subject| subject.span);
        let help = if of == Use::Elsewhere {
            "move it to the file that declares its subject, or to the project's root file"
        } else {
            "remove it, or correct its subject to the path in the finding"
        };
        findings.push(findings.finding(path, message).at(span).help(help));
    }
}

/// Whether a rule's findings are all known: those about changes come with a change only.
fn is_judged(name: &str) -> bool {
    rule(name).is_some_and(|rule| rule.sees_project() && !rule.needs_usage)
}
