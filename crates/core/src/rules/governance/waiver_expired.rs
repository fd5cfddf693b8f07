use crate::document::tables::Waiver;
use crate::exceptions::{Use, uses};
use crate::rules::prelude::*;
use crate::source::Spanned;

pub(super) static RULE: Rule = Rule::new("waiver-expired", Severity::Error, Check::Findings(check));

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.waivers else {
        return;
    };
    let ended = |waiver: &Spanned<Waiver>| {
        let until = waiver.value.until.as_ref();
        until.is_some_and(|until| context.as_of > until.value)
    };
    if !waivers.value.0.iter().any(ended) {
        return;
    }
    let uses = uses(declarations, context.sources, others);
    findings.each(
        waivers.value.0.iter().zip(uses),
        |findings, (waiver, of)| {
            let until = waiver.value.until.as_ref().filter(|_| ended(waiver))?;
            let (rule, subject) = waiver.value.names();
            let owner = waiver.value.owner.as_ref();
            let owner = owner.map_or(String::new(), |owner| {
                format!(" (owner: {})", owner.value.0)
            });
            let day = until.value;
            let message = format!("the waiver of `{rule}` for `{subject}` ended on {day}{owner}");
            let help = if of == Use::Used {
                "fix the finding, or extend the date with the owner's approval"
            } else {
                "remove the waiver; it matches no finding"
            };
            let finding = findings.about(&["waivers", rule, subject], message);
            Some(finding.at(until.span).help(help))
        },
    );
}
