use crate::document::TomlPath;
use crate::finding::Finding;
use crate::rules::{Check, Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::new("waiver-expired", Severity::Error, Check::Findings(check));

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.waivers else {
        return;
    };
    let used = crate::exceptions::used(declarations, context.sources, others);
    for (waiver, used) in waivers.value.0.iter().zip(used) {
        let Some(until) = &waiver.value.until else {
            continue;
        };
        if context.as_of <= until.value {
            continue;
        }
        let (rule, subject) = waiver.value.names();
        let path = TomlPath::new(&["waivers", rule, subject]).to_string();
        let owner = match &waiver.value.owner {
            Some(owner) => format!(" (owner: {})", owner.value.0),
            None => String::new(),
        };
        let help = if used {
            "mend what it covered, or move the date with its owner's consent"
        } else {
            "remove it: nothing needs it any more"
        };
        let message = format!(
            "the waiver of `{rule}` for `{subject}` ended on {}{owner}",
            until.value
        );
        findings.push(findings.finding(path, message).at(until.span).help(help));
    }
}
