use crate::collections::HashMap;
use crate::document::tables::Api;
use crate::document::values::Counts;
use crate::rules::limits::limit_missing::is_paid;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule::project("endpoint-without-cost", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    let mut called: HashMap<(&str, &str), Span> = HashMap::default();
    for line in context.lines() {
        if let Some(endpoint) = line.line.called() {
            called.entry(endpoint).or_insert_with(|| line.target_span());
        }
    }
    for (name, api) in apis
        .iter()
        .filter(|(_, api)| is_paid(api) || is_limited(api))
    {
        findings.each(api.endpoints.entries(), |findings, (path, entry)| {
            let call = called.get(&(name, path))?;
            if entry.body.value.has_cost() {
                return None;
            }
            let keys = ["apis", name, "endpoints", path, "credits"];
            let message = format!(
                "`{name}` charges credits, but `{path}` does not declare what a call costs"
            );
            let finding = findings.about(&keys, message).at(entry.name);
            Some(finding.also(*call, "called here").help(
                "measure one call and set `credits`, `credits_per_item`, or `step` with `credits_per_step`; use `0` if it is free",
            ))
        });
    }
}

/// Whether a limit counts credits.
fn is_limited(api: &Api) -> bool {
    let mut counts = api
        .limits
        .iter()
        .filter_map(|(_, limit)| limit.value.counts.as_ref());
    counts.any(|counts| matches!(counts.value, Counts::Credits))
}
