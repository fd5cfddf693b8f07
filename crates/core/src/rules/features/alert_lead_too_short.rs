//! `alert-lead-too-short`

use crate::meter::MeterKind;
use crate::rules::support::{at_limit, percent};
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("alert-lead-too-short", Severity::Warning, check).reads(&[PolicyKey::Burn]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = &context.project.declarations.root.apis;
    for fitted in &context.outlook.today {
        let detail = &fitted.meter.detail;
        let (MeterKind::Credits, Some(Some(hard)), Some(Some(empty))) =
            (fitted.id.kind, detail.hard_on_day, detail.empties_on_day)
        else {
            continue;
        };
        let api = apis.get(&fitted.id.name);
        let Some(lead) = api.and_then(|api| api.lead_time.as_ref()) else {
            continue;
        };
        if empty - hard >= lead.value.days() {
            continue;
        }
        let share = 1.0 - lead.value.days() / empty;
        let earlier = if share > 0.0 {
            format!(
                ", or an earlier alert: `policy.burn.hard` at {}",
                percent((share * 100.0).floor() / 100.0)
            )
        } else {
            String::new()
        };
        let finding = findings
            .finding(
                &*fitted.meter.id,
                format!(
                    "the hard alert ({}) on `{}` fires on day {} and the plan is empty on day {}: {} days, and more credits take {}",
                    percent(context.policy.hard_alert()),
                    fitted.id.name,
                    number::day(hard),
                    number::day(empty),
                    number::day(empty - hard),
                    lead.value
                ),
            )
            .also(lead.span, "from deciding to having them")
            .figure(empty - hard)
            .help(format!("a larger plan, a shorter lead time{earlier}"))
.lower_is_worse();
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
