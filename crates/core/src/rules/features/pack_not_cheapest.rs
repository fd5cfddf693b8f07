use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::meter::MeterKind;
use crate::model::Api;
use crate::packs::{Purchase, cheapest};
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("pack-not-cheapest", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for fitted in &context.outlook.today {
        let name = fitted.id.name.as_str();
        let (MeterKind::Credits, Some(declared), Some(api)) = (
            fitted.id.kind,
            apis.get(name),
            context.project.model.apis.get(name),
        ) else {
            continue;
        };
        let Some(plan) = &declared.plan else { continue };
        let (Some(price), Some(held), Some(demand)) = (
            &plan.value.price,
            fitted.meter.limit,
            judged_demand(context, fitted),
        ) else {
            continue;
        };
        let need = demand.min(held);
        if need <= 0.0 || api.packs.is_empty() {
            continue;
        }
        let Ok(Some(purchase)) = cheapest(&api.packs, need) else {
            continue;
        };
        let plan_price: Decimal = price.value.0;
        if plan_price <= purchase.price {
            continue;
        }
        let currency = context.project.currency();
        let money =
            |money: Decimal| number::money(money.to_f64().unwrap_or(f64::INFINITY), currency);
        let finding = findings
            .finding(
                TomlPath::new(&["apis", name, "plan"]).to_string(),
                format!(
                    "{} credits a month cost {} as `{name}`'s plan, and {} as {}",
                    number::count(need),
                    money(plan_price),
                    money(purchase.price),
                    words(api, &purchase)
                ),
            )
            .at(price.span)
            .help(format!(
                "{} less a month",
                money(plan_price - purchase.price)
            ))
            .figure((plan_price - purchase.price).to_f64());
        findings.push(finding);
    }
}

/// `2 × 500k and 1 × 100k`
fn words(api: &Api, purchase: &Purchase) -> String {
    let counted = api.packs.iter().zip(&purchase.counts);
    let words: Vec<String> = counted
        .filter(|(_, count)| **count > 0)
        .map(|(pack, count)| format!("{count} × {}", pack.name))
        .collect();
    words.join(" and ")
}
