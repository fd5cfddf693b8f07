//! `model-without-tenant-quota`

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::rules::model_facts::{Computed, Use, line_span, models, uses};
use crate::rules::support::{FileErrors, listed};
use crate::rules::{Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule =
    Rule::project("model-without-tenant-quota", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    let errors = FileErrors::new(context);
    for model in models(context) {
        let Some(tiers) = uses.get(model.name).filter(|_| model.is_priced(context)) else {
            continue;
        };
        let declared = model.declared();
        let finding = match &declared.tenant_quota {
            None if model.lacks("tenant_quota", &declared.tenant_quota) => {
                let path = model.path();
                let message = format!("`{path}` costs money, and one tenant may use all of it");
                let finding = findings.finding(path, message).at(model.entry.name);
                Some(finding.help("add `tenant_quota`, which the application enforces"))
            }
            Some(quota) if !errors.within(quota.span) => {
                left_out(context, &model, tiers).map(|names| {
                    let path = model.path();
                    let message = format!("`{path}` has no `tenant_quota` for {names}");
                    let finding = findings.finding(path, message).at(quota.span);
                    finding.help("add one for them, or one for `all`")
                })
            }
            _ => None,
        };
        if let Some(finding) = finding {
            findings.push(with_line(context, finding, tiers));
        }
    }
}

/// The tiers that run a model and are left out of its quotas.
fn left_out<'a>(
    context: &Context<'a>,
    model: &Computed<'a>,
    tiers: &BTreeMap<usize, Use<'a>>,
) -> Option<String> {
    let quotas = model.quotas(context);
    let names: Vec<String> = tiers
        .keys()
        .filter_map(|tier| context.project.model.tiers.get_index(*tier))
        .filter(|(name, _)| quotas.of(name).is_none())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    (!names.is_empty()).then(|| listed(&names, ", "))
}

/// Points to the line that runs a model most.
fn with_line(context: &Context<'_>, finding: Finding, tiers: &BTreeMap<usize, Use<'_>>) -> Finding {
    let most = tiers
        .values()
        .filter_map(|of_tier| of_tier.line)
        .max_by(|(.., a), (.., b)| a.total_cmp(b));
    match most.and_then(|(feature, id, _)| line_span(context, feature, id)) {
        Some(span) => finding.also(span, "counted per tenant"),
        None => finding,
    }
}
