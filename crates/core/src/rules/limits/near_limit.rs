use crate::fit::Fitted;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::limits::filled;
use crate::rules::prelude::*;
use crate::rules::remedy::{remedy, rounded_up};
use crate::rules::support::{against, at_limit, percent};

pub(super) static RULE: Rule = Rule::project("near-limit", Severity::Warning, check)
    .reads(&[
        PolicyKey::Confidence,
        PolicyKey::Limits(Side::Today),
        PolicyKey::Burn,
    ])
    .shown(4);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(&context.outlook.today, |findings, fitted| {
        let tight = context.policy.bar(fitted.id.kind, Side::Today).tight;
        let (figures, figure, help) = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Tight => {
                let limit = number::bytes(rounded_up(on_disk.bytes / tight));
                let help = Some(format!("a limit of {limit}"));
                (filled(context, fitted, on_disk), on_disk.utilization, help)
            }
            None if fitted.meter.verdict == Verdict::Tight => {
                let figures = against(context, fitted) + &alert(context, fitted);
                let remedy = remedy(context, &context.outlook.today, fitted, tight, 0.0);
                let help = remedy.map(|remedy| remedy.help());
                (figures, fitted.meter.utilization, help)
            }
            _ => return None,
        };
        let id = &*fitted.meter.id;
        let message = format!("`{id}` is near its limit: {figures}");
        let mut finding = findings.finding(id, message).figure(figure);
        finding.help = help.map(|help| format!("{help} keeps it at {}", percent(tight)));
        Some(at_limit(context, &fitted.id, finding))
    });
}

/// The day on which the hard alert on credits fires.
fn alert(context: &Context<'_>, fitted: &Fitted) -> String {
    match (fitted.id.kind, fitted.meter.detail.hard_on_day) {
        (MeterKind::Credits, Some(Some(day))) => format!(
            "; the hard alert ({}) fires on day {}",
            percent(context.policy.hard_alert()),
            number::day(day)
        ),
        _ => String::new(),
    }
}
