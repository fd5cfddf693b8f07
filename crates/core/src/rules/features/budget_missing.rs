//! `budget-missing`

use crate::rules::{Context, Findings, Rule, Severity, TomlPath};

pub(in crate::rules) static RULE: Rule = Rule::project("budget-missing", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for (name, entry) in apis.entries() {
        let api = &entry.body.value;
        let (what, bought) = match (&api.overage, &api.packs) {
            (Some(overage), _) => (
                "credits past the plan are billed as they are used",
                overage.span,
            ),
            (None, Some(packs)) => ("credits can be bought ahead", packs.span),
            (None, None) => continue,
        };
        if api.budget.is_some() {
            continue;
        }
        let subject = TomlPath::new(&["apis", name, "budget"]).to_string();
        let finding = findings
            .finding(subject, format!("`{name}` has no `budget`, and {what}"))
            .at(entry.name)
            .also(bought, "this is what is paid for")
            .help("declare `budget`, the most that a month may cost; `{ now = …, max = … }` where growth may cost more");
        findings.push(finding);
    }
}
