//! `feature-without-demand`

use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule =
    Rule::project("feature-without-demand", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if entry.body.value.lines().next().is_some() {
            continue;
        }
        let subject = TomlPath::new(&["features", name]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` declares no demand"))
            .at(entry.name)
            .help(
                "declare what it calls, writes, sends or runs, with a rate; \"unknown\" is one too",
            );
        findings.push(finding);
    }
}
