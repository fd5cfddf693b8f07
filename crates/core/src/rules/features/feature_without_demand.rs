use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("feature-without-demand", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if entry.body.value.lines().next().is_none() {
            let message = format!("`{name}` declares no demand");
            let finding = findings.about(&["features", name], message).at(entry.name);
            findings.push(finding.help(
                "add `calls`, `reads`, `writes`, `messages` or `inference`; use `rate = \"unknown\"` if you don't know yet",
            ));
        }
    }
}
