use crate::collections::HashMap;
use crate::rules::measurements::has_cost;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};
use crate::source::Span;

pub(super) static RULE: Rule = Rule::project("endpoint-without-cost", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    let lines = context.lines();
    let mut called: HashMap<(&str, &str), Span> = HashMap::default();
    for line in lines {
        if let Some(endpoint) = line.line.called() {
            called.entry(endpoint).or_insert_with(|| line.target_span());
        }
    }
    for (name, api) in apis.iter() {
        if api.plan.is_none() && api.packs.is_none() && api.overage.is_none() {
            continue;
        }
        for (path, entry) in api.endpoints.entries() {
            let Some(call) = called.get(&(name, path)) else {
                continue;
            };
            if has_cost(&entry.body.value) {
                continue;
            }
            let keys = ["apis", name, "endpoints", path, "credits"];
            let finding = findings
                .finding(
                    TomlPath::new(&keys).to_string(),
                    format!("`{name}` is paid by credits, and nothing says what a call to `{path}` costs"),
                )
                .at(entry.name)
                .also(*call, "called here")
                .help("measure one call and declare `credits`, or `credits_per_item`; `0` where it is free");
            findings.push(finding);
        }
    }
}
