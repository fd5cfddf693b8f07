use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::forecast::tariff::unrounded;
use crate::packs::cheapest;
use crate::purchases::cover::words;
use crate::rules::prelude::*;
use crate::rules::support::judged_demand;

pub(super) static RULE: Rule = Rule::project("pack-not-cheapest", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let currency = context.project.currency();
    let money = |money: Decimal| number::money(money.to_f64().unwrap_or(f64::INFINITY), currency);
    findings.each(&context.outlook.today, |findings, fitted| {
        // Of what is not known packs may cost anything.
        if fitted.id.kind != MeterKind::Credits || fitted.meter.lower_bound {
            return None;
        }
        let name = fitted.id.name.as_str();
        let declared = context.project.declarations.root.apis.get(name)?;
        let api = context.project.model.apis.get(name)?;
        let price = declared.plan.as_ref()?.value.price.as_ref()?;
        let need = judged_demand(context, fitted)?.min(fitted.meter.limit?);
        if need <= 0.0 || api.packs.is_empty() {
            return None;
        }
        let purchase = cheapest(&api.packs, unrounded(need)).ok()??;
        if price.value.0 <= purchase.price {
            return None;
        }
        let saved = price.value.0 - purchase.price;
        let (credits, packs) = (number::count(need), words(&api.packs, &purchase.counts));
        let [plan, less] = [price.value.0, purchase.price].map(money);
        let message = format!(
            "packs would be cheaper than `{name}`'s plan: {packs} cost {less} for {credits} credits a month, the plan {plan}"
        );
        let finding = findings
            .about(&["apis", name, "plan"], message)
            .at(price.span)
            .figure(saved.to_f64());
        Some(finding.help(format!("switching saves {} a month", money(saved))))
    });
}
