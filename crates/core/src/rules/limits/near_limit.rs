use crate::meter::MeterKind;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::remedy::{remedy, rounded_up};
use crate::rules::support::{against, at_limit, measured, percent};
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("near-limit", Severity::Warning, check)
    .reads(&[
        PolicyKey::Confidence,
        PolicyKey::Limits(Side::Today),
        PolicyKey::Burn,
    ])
    .shown(4);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for fitted in &context.outlook.today {
        let id = &*fitted.meter.id;
        let tight = context.policy.bar(fitted.id.kind, Side::Today).tight;
        let (message, figure, help) = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Tight => (
                format!(
                    "`{id}` is near its limit: {} are on disk of {}{}",
                    number::bytes(on_disk.bytes),
                    measured(context, fitted, fitted.meter.limit),
                    on_disk
                        .utilization
                        .map_or(String::new(), |share| format!(", {}", percent(share)))
                ),
                on_disk.utilization,
                Some(format!(
                    "a limit of {}",
                    number::bytes(rounded_up(on_disk.bytes / tight))
                )),
            ),
            None if fitted.meter.verdict == Verdict::Tight => {
                let alert = match (fitted.id.kind, fitted.meter.detail.hard_on_day) {
                    (MeterKind::Credits, Some(Some(day))) => format!(
                        "; the hard alert ({}) fires on day {}",
                        percent(context.policy.hard_alert()),
                        number::day(day)
                    ),
                    _ => String::new(),
                };
                (
                    format!(
                        "`{id}` is near its limit: {}{alert}",
                        against(context, fitted)
                    ),
                    fitted.meter.utilization,
                    remedy(context, &context.outlook.today, fitted, tight, 0.0)
                        .map(|remedy| remedy.help()),
                )
            }
            _ => continue,
        };
        let mut finding = findings.finding(id, message).figure(figure);
        finding.help = help.map(|help| format!("{help} keeps it at {}", percent(tight)));
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
