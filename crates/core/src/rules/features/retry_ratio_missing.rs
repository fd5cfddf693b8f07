//! `retry-ratio-missing`

use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule = Rule::project("retry-ratio-missing", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for (name, entry) in apis.entries() {
        let api = &entry.body.value;
        let (Some(limit), None) = (&api.rate_limit, &api.retry_ratio) else {
            continue;
        };
        let subject = TomlPath::new(&["apis", name, "retry_ratio"]).to_string();
        let finding = findings
            .finding(subject, format!("nothing says how many calls to `{name}` are retries"))
            .at(entry.name)
            .also(limit.span, "calls past this are refused")
            .help("declare `retry_ratio`, billed retries per call; `0` where failed calls are not billed");
        findings.push(finding);
    }
}
