use crate::rules::prelude::*;
use crate::rules::support::{at_limit, percent};

pub(in crate::rules) static RULE: Rule =
    Rule::project("alert-blind-zone", Severity::Warning, check).reads(&[PolicyKey::Burn]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    findings.each(&context.outlook.today, |findings, fitted| {
        let detail = &fitted.meter.detail;
        let soft = detail.soft_on_day.flatten()?;
        let empty = detail.empties_on_day.flatten()?;
        if fitted.id.kind != MeterKind::Credits || soft <= by_day {
            return None;
        }
        let (api, share) = (&fitted.id.name, percent(share));
        let [end, used, by] = [empty, soft, by_day].map(number::day);
        let message = format!(
            "`{api}` runs out on day {end} without a soft alert: usage reaches {share} on day {used}, and the alert only looks before day {by}"
        );
        let finding = findings
            .finding(&*fitted.meter.id, message)
            .figure(empty)
            .lower_is_worse()
            .help("buy a larger plan, or let the alert fire later: raise `by_day` in `policy.burn.soft`");
        Some(at_limit(context, &fitted.id, finding))
    });
}
