use crate::collections::HashSet;
use crate::model::Line;
use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("cache-undecided", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let features = context.project.model.features.values();
    let lines = features.flat_map(|feature| &feature.lines);
    let called: HashSet<(&str, &str)> = lines.filter_map(Line::called).collect();
    let apis = &context.project.declarations.root.apis;
    for (name, api) in apis.iter() {
        for (path, entry) in api.endpoints.entries() {
            let decided = entry.body.value.cacheable.is_some();
            if decided || !called.contains(&(name, path)) {
                continue;
            }
            let keys = ["apis", name, "endpoints", path, "cacheable"];
            let message = format!("`{name}:{path}` does not declare `cacheable`");
            let finding = findings.about(&keys, message).at(entry.name);
            findings.push(finding.help("set `cacheable` to the longest that an answer may be stale, or to `false` if it must be fresh"));
        }
    }
}
