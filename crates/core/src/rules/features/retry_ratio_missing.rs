use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("retry-ratio-missing", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for (name, entry) in apis.entries() {
        let api = &entry.body.value;
        if let (Some(limit), None) = (&api.rate_limit, &api.retry_ratio) {
            let message = format!("`{name}` has no `retry_ratio`");
            let finding = findings
                .about(&["apis", name, "retry_ratio"], message)
                .at(entry.name)
                .also(limit.span, "calls over this limit are refused");
            findings.push(finding.help(
                "set `retry_ratio`, billed retries per call, or `0` if failed calls are not billed",
            ));
        }
    }
}
