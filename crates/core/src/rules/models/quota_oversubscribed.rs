use std::collections::BTreeMap;

use crate::model::Graduated;
use crate::rules::model_facts::{DeclaredModel, Use, models, uses};
use crate::rules::prelude::*;
use crate::rules::remedy::rounded_up;
use crate::rules::support::{listed, passes, raised};

pub(crate) static RULE: Rule = Rule::project("quota-oversubscribed", Severity::Warning, check);

/// How many times the budget all quotas together may be.
const MOST: f64 = 10.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    let oversubscribed =
        |model: DeclaredModel<'_, '_>| oversubscribed(&model, uses.get(model.name)?);
    findings.extend(models(context).filter_map(oversubscribed));
}

fn oversubscribed(
    model: &DeclaredModel<'_, '_>,
    tiers: &BTreeMap<usize, Use<'_>>,
) -> Option<Finding> {
    let project = model.context.project;
    let currency = project.currency();
    let (budget, declared) = model.budget()?;
    let quota = model.declared.tenant_quota.as_ref()?;
    let computed = model.computed()?;
    let quotas = model.quotas();
    let (mut units_of_all, mut terms) = (BTreeMap::<&str, f64>::new(), Vec::new());
    for tier in tiers.keys() {
        let Some((name, projected)) = project.model.tiers.get_index(*tier) else {
            continue;
        };
        let now = projected.points.first().and_then(|(_, now)| now.point());
        if let (Some(quota), Some(now)) = (quotas.of(name), now) {
            let costs = quota.costs(model.context, computed);
            for (unit, units, _) in &costs {
                *units_of_all.entry(unit).or_default() += now * units;
            }
            let each = if computed.is_graduated() {
                let units = costs.iter();
                let units =
                    units.map(|(unit, units, _)| format!("{} {unit}", number::count(*units)));
                listed(&units.collect::<Vec<_>>(), " and ")
            } else {
                number::money(costs.iter().map(|(.., cost)| cost).sum(), currency)
            };
            terms.push(format!("{} `{name}` × {each}", number::count(now)));
        }
    }
    let prices = computed.prices.iter();
    let cost = |(unit, price): &(String, Graduated)| {
        price.price(*units_of_all.get(unit.as_str()).unwrap_or(&0.0))
    };
    let all: f64 = prices.map(cost).sum();
    if !passes(all, MOST * budget) {
        return None;
    }
    let times = number::count(all / budget);
    let [month, sum] = [budget, all].map(|money| number::money(money, currency));
    let enough = number::toml(&format!("{:.2}", rounded_up(all / MOST * 100.0) / 100.0));
    let terms = listed(&terms, " + ");
    let message = format!(
        "all tenants at quota could spend {times} times the month's {month} on `{model}`: {terms} = {sum}"
    );
    let finding = model
        .finding(&RULE, message)
        .at(quota.span)
        .help("lower the quotas, or raise the budget")
        .ways([raised(&format!("{model}.budget"), declared, enough)])
        .also(declared, "the month's budget")
        .share(all, budget);
    Some(finding)
}
