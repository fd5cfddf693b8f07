use crate::meter::Family;
use crate::rules::support::has_budget;
use crate::rules::{Context, Findings, Rule, Severity};

pub(super) static RULE: Rule = Rule::project("budget-missing", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for (name, entry) in apis.entries() {
        let api = &entry.body.value;
        let (what, bought) = match (&api.budget, &api.overage, &api.packs) {
            (None, Some(overage), _) => (
                "credits past the plan are billed as they are used",
                overage.span,
            ),
            (None, None, Some(packs)) => ("credits can be bought in packs", packs.span),
            _ => continue,
        };
        if has_budget(context, Family::Api, name) {
            continue;
        }
        let message = format!("`{name}` has no `budget`, and {what}");
        let finding = findings
            .about(&["apis", name, "budget"], message)
            .at(entry.name)
            .also(bought, "billed here");
        findings.push(finding.help("set `budget` to the most that a month may cost, or to `{ now = …, max = … }` if growth may cost more"));
    }
}
