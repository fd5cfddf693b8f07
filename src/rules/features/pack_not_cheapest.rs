//! `pack-not-cheapest`

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::document::declared::TomlPath;
use crate::forecast::Kind;
use crate::model::Api;
use crate::packs::{Purchase, cheapest};
use crate::render::number;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// The plan costs more than the cheapest packs for the same need.
    ///
    /// The need is the month's credits at the policy's confidence, at most the plan's. The cheapest
    /// packs are found exactly, in exact money.
    ///
    /// ## Why
    ///
    /// "Credit packs are cheaper per credit at higher tiers." Cheaper per credit is not cheaper per
    /// month: a plan of a million credits for a need of sixty thousand is mostly air.
    ///
    /// ## Example
    ///
    /// 60,000 credits a month: one pack for 20.00 would do.
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_000_000, price = 100.00 }
    /// packs = [{ name = "100k", credits = 100_000, price = 20.00, max = 10 }]
    /// budget = { now = 200.00, max = 400.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 100_000, price = 15.00 }
    /// packs = [{ name = "100k", credits = 100_000, price = 20.00, max = 10 }]
    /// budget = { now = 200.00, max = 400.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// pack-not-cheapest = "off"
    /// ```
    ///
    /// ## Figure
    ///
    /// What the plan costs more, in money a month. Higher is worse.
    "pack-not-cheapest", Info, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_ref();
    for fitted in &context.outlook.today {
        let name = fitted.id.name.as_str();
        let (Kind::Credits, Some(declared), Some(api)) = (
            fitted.id.kind,
            apis.and_then(|apis| apis.value.get(name)),
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
        let mut finding = findings
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
            ));
        finding.figure = (plan_price - purchase.price).to_f64();
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
