use crate::document::tables::Api;
use crate::forecast::tariff::unrounded;
use crate::rules::prelude::*;
use crate::rules::support::judged_demand;

pub(super) static RULE: Rule = Rule::project("event-bought-late", Severity::Error, check)
    .reads(&[PolicyKey::Confidence])
    .shown(8);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root;
    for (scenario, meters) in context.scenarios() {
        let Some(event) = scenario.event else {
            continue;
        };
        if event.on <= context.as_of {
            continue;
        }
        findings.each(meters, |findings, fitted| {
            if fitted.id.kind != MeterKind::Credits {
                return None;
            }
            let api = root.apis.get(&fitted.id.name)?;
            let need = judged_demand(context, fitted)?;
            let lead = api.lead_time.as_ref()?;
            let latest = event.on.plus_days(-(lead.value.days().ceil() as i64))?;
            let held = held(api);
            if latest >= context.as_of || api.overage.is_some() || unrounded(need) <= held {
                return None;
            }
            let (name, api) = (&scenario.name, &fitted.id.name);
            let [takes, has, lacks] = [need, held, (need - held).ceil()].map(number::count);
            let message = format!(
                "`{name}` needs {takes} `{api}` credits; you have {has}, and the last day to order more was {latest}"
            );
            let declared = root.scenarios.get(&scenario.name);
            let on = declared.and_then(|declared| declared.on.as_ref());
            let finding = findings
                .about(&["scenarios", &scenario.name], message)
                .at(on.map(|on| on.span))
                .also(lead.span, "the time to get ordered credits")
                .figure(need - held)
                .help(format!(
                    "get {lacks} credits sooner, make the event smaller, or move it"
                ));
            Some(finding)
        });
    }
}

/// The month's plan, and what is left from before.
fn held(api: &Api) -> f64 {
    let Some(plan) = &api.plan else { return 0.0 };
    let (credits, balance) = (&plan.value.credits, &plan.value.balance);
    credits
        .as_ref()
        .and_then(|credits| credits.value.now())
        .map_or(0.0, |credits| credits.0)
        + balance.as_ref().map_or(0.0, |balance| balance.value.0)
}
