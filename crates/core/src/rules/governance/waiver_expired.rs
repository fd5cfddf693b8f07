use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule::new("waiver-expired", Severity::Error, Check::Findings(check));

fn check(context: &Context<'_>, others: &[Finding], findings: &mut Findings) {
    let declarations = &context.project.declarations;
    let Some(waivers) = &declarations.root.waivers else {
        return;
    };
    let used = crate::exceptions::used(declarations, context.sources, others);
    findings.each(
        waivers.value.0.iter().zip(used),
        |findings, (waiver, used)| {
            let until = waiver.value.until.as_ref()?;
            if context.as_of <= until.value {
                return None;
            }
            let (rule, subject) = waiver.value.names();
            let owner = waiver.value.owner.as_ref();
            let owner = owner.map_or(String::new(), |owner| {
                format!(" (owner: {})", owner.value.0)
            });
            let day = until.value;
            let message = format!("the waiver of `{rule}` for `{subject}` ended on {day}{owner}");
            let help = if used {
                "mend what it covered, or move the date with its owner's consent"
            } else {
                "remove it: nothing needs it any more"
            };
            let finding = findings.about(&["waivers", rule, subject], message);
            Some(finding.at(until.span).help(help))
        },
    );
}
