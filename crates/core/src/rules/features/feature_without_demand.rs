//! `feature-without-demand`

use crate::document::declared::TomlPath;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    "feature-without-demand", Warning, Check::Project(check)
}

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
