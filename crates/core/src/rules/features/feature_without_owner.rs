use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("feature-without-owner", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if entry.body.value.owner.is_none() {
            let finding = findings
                .about(
                    &["features", name, "owner"],
                    format!("`{name}` has no `owner`"),
                )
                .at(entry.name)
                .help("add `owner = \"…\"`, the responsible team");
            findings.push(finding);
        }
    }
}
