use std::collections::BTreeMap;

use crate::rules::model_facts::{DeclaredModel, Use, line_span, models, uses};
use crate::rules::prelude::*;
use crate::rules::support::{FileErrors, listed};

pub(crate) static RULE: Rule = Rule::project("model-without-tenant-quota", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    let errors = FileErrors::new(context);
    for model in models(context).filter(DeclaredModel::is_priced) {
        let Some(tiers) = uses.get(model.name) else {
            continue;
        };
        let finding = unlimited(&model, tiers, &errors);
        let with_tiers = |finding: Finding| {
            let names = left_out(&model, tiers).into_iter();
            names.fold(finding, |finding, tier| finding.part(tier, Some(1.0)))
        };
        let finding = finding.map(with_tiers);
        findings.extend(finding.map(|finding| with_line(context, finding, tiers)));
    }
}

fn unlimited(
    model: &DeclaredModel<'_, '_>,
    tiers: &BTreeMap<usize, Use<'_>>,
    errors: &FileErrors,
) -> Option<Finding> {
    match &model.declared.tenant_quota {
        Some(quota) if errors.within(quota.span) => None,
        Some(quota) => {
            let names = left_out(model, tiers);
            if names.is_empty() {
                return None;
            }
            let names = listed(&names, ", ");
            let message = format!("`{model}` has no `tenant_quota` for {names}");
            let finding = model.finding(&RULE, message).at(quota.span);
            Some(finding.help("add one for them, or one for `all`"))
        }
        quota if model.lacks("tenant_quota", quota) => {
            let message =
                format!("`{model}` has no `tenant_quota`: one tenant could spend the whole budget");
            let help = "add `tenant_quota`, and enforce it in the application";
            Some(model.finding(&RULE, message).help(help))
        }
        None => None,
    }
}

/// The tiers that run a model and are left out of its quotas.
fn left_out(model: &DeclaredModel<'_, '_>, tiers: &BTreeMap<usize, Use<'_>>) -> Vec<String> {
    let quotas = model.quotas();
    tiers
        .keys()
        .filter_map(|tier| model.context.project.model.tiers.get_index(*tier))
        .filter(|(name, _)| quotas.of(name).is_none())
        .map(|(name, _)| format!("`{name}`"))
        .collect()
}

fn with_line(context: &Context<'_>, finding: Finding, tiers: &BTreeMap<usize, Use<'_>>) -> Finding {
    let lines = tiers.values().filter_map(|of_tier| of_tier.line);
    let most = lines.max_by(|(.., a), (.., b)| a.total_cmp(b));
    let line = most.and_then(|(feature, id, _)| line_span(context, feature, id));
    finding.also(line, "counted per tenant")
}
