//! `alert-blind-zone`

use crate::meter::MeterKind;
use crate::rules::support::{at_limit, percent};
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("alert-blind-zone", Severity::Warning, check).reads(&[PolicyKey::Burn]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    for fitted in &context.outlook.today {
        let detail = &fitted.meter.detail;
        let (MeterKind::Credits, Some(Some(soft)), Some(Some(empty))) =
            (fitted.id.kind, detail.soft_on_day, detail.empties_on_day)
        else {
            continue;
        };
        if soft <= by_day {
            continue;
        }
        let finding = findings
            .finding(
                &*fitted.meter.id,
                format!(
                    "the plan of `{}` is empty on day {}, and {} of it are used on day {}, after day {}: the soft alert stays silent",
                    fitted.id.name,
                    number::day(empty),
                    percent(share),
                    number::day(soft),
                    number::day(by_day)
                ),
            )
            .figure(empty)
            .help(format!(
                "a larger plan, or an alert that fires: `policy.burn.soft` with `by_day = {}`",
                number::day(soft.ceil())
            ))
.lower_is_worse();
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
