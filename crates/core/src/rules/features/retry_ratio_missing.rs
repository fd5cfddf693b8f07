use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("retry-ratio-missing", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for (name, entry) in apis.entries() {
        let api = &entry.body.value;
        if let (Some(limit), None) = (&api.rate_limit, &api.retry_ratio) {
            let message = format!("nothing says how many calls to `{name}` are retries");
            let finding = findings
                .about(&["apis", name, "retry_ratio"], message)
                .at(entry.name)
                .also(limit.span, "calls past this are refused");
            findings.push(finding.help("declare `retry_ratio`, billed retries per call; `0` where failed calls are not billed"));
        }
    }
}
