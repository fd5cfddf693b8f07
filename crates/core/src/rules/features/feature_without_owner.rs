//! `feature-without-owner`

use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule =
    Rule::project("feature-without-owner", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if entry.body.value.owner.is_some() {
            continue;
        }
        let subject = TomlPath::new(&["features", name, "owner"]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` has no `owner`"))
            .at(entry.name)
            .help("add `owner = \"…\"`: the team that answers for its demand");
        findings.push(finding);
    }
}
