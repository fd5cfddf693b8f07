//! `quota-oversubscribed`

use crate::rules::model_facts::{Quota, models, uses};
use crate::rules::support::{listed, passes, percent};
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("quota-oversubscribed", Severity::Warning, check);

/// How many times the budget all quotas together may be.
const MOST: f64 = 10.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    let currency = context.project.currency();
    for model in models(context) {
        let (Some(budget), Some(quota), Some(computed), Some(tiers)) = (
            model.budget(),
            &model.declared().tenant_quota,
            model.computed(context),
            uses.get(model.name),
        ) else {
            continue;
        };
        let quotas = model.quotas(context);
        let cost = |quota: &Quota<'_>| -> f64 {
            let costs = quota.costs(context, computed);
            costs.iter().map(|(.., cost)| cost).sum()
        };
        if quotas
            .list
            .iter()
            .any(|quota| cost(quota) >= budget * (1.0 - 1e-9))
        {
            continue;
        }
        let (mut all, mut terms) = (0.0, Vec::new());
        for tier in tiers.keys() {
            let Some((name, projected)) = context.project.model.tiers.get_index(*tier) else {
                continue;
            };
            let now = projected.points.first().and_then(|(_, now)| now.point());
            let (Some(quota), Some(now)) = (quotas.of(name), now) else {
                continue;
            };
            let each = cost(quota);
            all += now * each;
            let money = number::money(each, currency);
            terms.push(format!("{} `{name}` × {money}", number::count(now)));
        }
        if !passes(all, MOST * budget) {
            continue;
        }
        let path = model.path();
        let message = format!(
            "all tenants at quota could spend {} times the month's {} on `{path}`: {} = {}",
            number::count(all / budget),
            number::money(budget, currency),
            listed(&terms, " + "),
            number::money(all, currency),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(quota.span)
            .help(format!(
                "quotas of {} of these, or a budget of {}",
                percent(MOST * budget / all),
                number::money(all / MOST, currency),
            ));
        if let Some(budget) = &model.declared().budget {
            finding = finding.also(budget.span, "the month's budget");
        }
        finding.figure = Some(all / budget);
        findings.push(finding);
    }
}
