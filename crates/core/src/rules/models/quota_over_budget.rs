use crate::rules::model_facts::models;
use crate::rules::models::quota_oversubscribed;
use crate::rules::prelude::*;
use crate::rules::remedy::rounded_up;
use crate::rules::support::{listed, raised};

pub(crate) static RULE: Rule = Rule::project("quota-over-budget", Severity::Error, check)
    .speaks_for(&[Speaks::Thing(&[&quota_oversubscribed::RULE])]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let currency = context.project.currency();
    for model in models(context) {
        let (Some((budget, declared)), Some(computed)) = (model.budget(), model.computed()) else {
            continue;
        };
        for quota in model.quotas().list {
            let costs = quota.costs(context, computed);
            let cost: f64 = costs.iter().map(|(.., cost)| cost).sum();
            let is_over = cost > 0.0 && cost >= budget * (1.0 - 1e-9);
            if !is_over {
                continue;
            }
            let term = |(unit, units, cost): &(&str, f64, f64)| {
                let money = number::money(*cost, currency);
                format!("{} {unit} for {money}", number::count(*units))
            };
            let terms: Vec<String> = costs.iter().map(term).collect();
            let (whose, name, terms) = (quota.whose(), model.name, listed(&terms, " + "));
            let month = number::money(budget, currency);
            let message =
                format!("one {whose} alone could spend the month's {month} on `{name}`: {terms}");
            // One at quota has to leave something of it.
            let enough = number::toml(&format!("{:.2}", rounded_up(cost * 100.0 + 1.0) / 100.0));
            let finding = findings
                .finding(&quota.path, message)
                .at(quota.span)
                .also(declared, "the month's budget")
                .help("lower the quota, or raise the budget")
                .ways([raised(&format!("models.{name}.budget"), declared, enough)])
                .share(cost, budget);
            findings.push(finding);
        }
    }
}
