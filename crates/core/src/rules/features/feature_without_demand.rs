//! `feature-without-demand`

use crate::document::tables::Feature;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule =
    Rule::project("feature-without-demand", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = &context.project.declarations.root.features;
    for (name, entry) in features.entries() {
        if has_demand(&entry.body.value) {
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

fn has_demand(feature: &Feature) -> bool {
    !(feature.calls.is_empty()
        && feature.writes.is_empty()
        && feature.messages.is_empty()
        && feature.inference.is_empty())
}
