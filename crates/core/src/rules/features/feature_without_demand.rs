//! `feature-without-demand`

use crate::document::tables::Feature;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule =
    Rule::project("feature-without-demand", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.declarations.root.value.features.as_ref();
    for (name, entry) in features.iter().flat_map(|features| &features.value.0) {
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
    let some = |lines: Option<usize>| lines.is_some_and(|lines| lines > 0);
    some(feature.calls.as_ref().map(|lines| lines.value.lines.len()))
        || some(feature.writes.as_ref().map(|lines| lines.value.lines.len()))
        || some(
            feature
                .messages
                .as_ref()
                .map(|lines| lines.value.lines.len()),
        )
        || some(
            feature
                .inference
                .as_ref()
                .map(|lines| lines.value.lines.len()),
        )
}
