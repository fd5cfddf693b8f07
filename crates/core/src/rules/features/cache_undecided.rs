//! `cache-undecided`

use crate::collections::HashSet;
use crate::model::Line;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule = Rule::project("cache-undecided", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.model.features.values();
    let called: HashSet<(&str, &str)> = features
        .flat_map(|feature| &feature.lines)
        .filter_map(Line::called)
        .collect();
    let apis = &context.project.declarations.root.apis;
    for (name, api) in apis.iter() {
        for (path, entry) in api.endpoints.entries() {
            let decided = entry.body.value.cacheable.is_some();
            if decided || !called.contains(&(name, path)) {
                continue;
            }
            let keys = ["apis", name, "endpoints", path, "cacheable"];
            let finding = findings
                .finding(
                    TomlPath::new(&keys).to_string(),
                    format!("nothing says whether `{name}:{path}` may be cached"),
                )
                .at(entry.name)
                .help("declare `cacheable`: the most staleness that a product may show, or `false` where freshness is the value");
            findings.push(finding);
        }
    }
}
