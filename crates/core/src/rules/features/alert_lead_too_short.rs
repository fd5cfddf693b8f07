use crate::rules::prelude::*;
use crate::rules::support::{at_limit, percent};

pub(in crate::rules) static RULE: Rule =
    Rule::project("alert-lead-too-short", Severity::Warning, check).reads(&[PolicyKey::Burn]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    findings.each(&context.outlook.today, |findings, fitted| {
        let detail = &fitted.meter.detail;
        let hard = detail.hard_on_day.flatten()?;
        let empty = detail.empties_on_day.flatten()?;
        let lead = apis.get(&fitted.id.name)?.lead_time.as_ref()?;
        let days = lead.value.days();
        if fitted.id.kind != MeterKind::Credits || empty - hard >= days {
            return None;
        }
        let (alert, api) = (percent(context.policy.hard_alert()), &fitted.id.name);
        let ([fires, end, between], take) = ([hard, empty, empty - hard].map(number::day), *lead.value);
        let message = format!(
            "the hard alert ({alert}) on `{api}` fires on day {fires} and the plan runs out on day {end}: {between} days, but more credits take {take}"
        );
        let finding = findings
            .finding(&*fitted.meter.id, message)
            .also(lead.span, "the time to get ordered credits")
            .figure(empty - hard)
            .lower_is_worse()
            .help("buy a larger plan, shorten the lead time, or alert earlier: lower `policy.burn.hard`");
        Some(at_limit(context, &fitted.id, finding))
    });
}
