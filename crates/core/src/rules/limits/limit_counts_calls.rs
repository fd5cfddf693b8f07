use crate::collections::HashSet;
use crate::document::tables::{Api, Endpoint};
use crate::document::{Entry, Estimate};
use crate::rules::limits::limit_missing::{self, is_paid};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule::project("limit-counts-calls", Severity::Warning, check)
    .speaks_for(&[Speaks::Thing(&[&limit_missing::RULE])]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root;
    let called = context.project.model.features.values();
    let called = called.flat_map(|feature| &feature.lines);
    let called: HashSet<&str> = called
        .filter_map(|line| line.uses_any(Family::Api))
        .collect();
    for (name, entry) in root.apis.entries() {
        let api = &entry.body.value;
        if !called.contains(name) || is_paid(api) || !counts_by_default(api) {
            continue;
        }
        let costs = api.endpoints.entries().filter(|(_, it)| !costs_one(it));
        let Some((path, endpoint)) = costs.into_iter().next() else {
            continue;
        };
        let message = format!(
            "the limits of `{name}` count calls, but a call does not cost one credit: does the provider count calls or units?"
        );
        let finding = findings.about(&["apis", name], message).at(limit_of(api));
        let cost = format!("what a call to `{path}` costs");
        findings.push(finding.also(endpoint.name, cost).help(
            "set `counts` in `[[apis.NAME.limits]]`: `\"credits\"` if costlier calls use more of the limit, else `\"calls\"`",
        ));
    }
}

/// Whether there are limits on how much is used, of which none says what it counts.
fn counts_by_default(api: &Api) -> bool {
    let limits = api.limits.all();
    let rates = limits.iter().any(|limit| limit.value.rate.is_some());
    (api.rate_limit.is_some() || rates) && limits.iter().all(|it| it.value.counts.is_none())
}

fn limit_of(api: &Api) -> Option<Span> {
    let windows = api.rate_limit.as_ref().map(|limits| limits.span);
    let mut rates = api.limits.all().iter();
    windows.or_else(|| rates.find_map(|limit| Some(limit.value.rate.as_ref()?.span)))
}

/// Whether a call costs one credit, or nothing says what it costs.
fn costs_one(endpoint: &Entry<Endpoint>) -> bool {
    let endpoint = &endpoint.body.value;
    let says_more = endpoint.credits_per_item.is_some() || endpoint.min_credits.is_some();
    let credits = endpoint.credits.as_ref().map(|credits| &credits.value);
    match credits {
        None => !says_more,
        Some(Estimate::Certain(credits)) => credits.0 == 1.0 && !says_more,
        Some(_) => false,
    }
}
