use std::cell::OnceCell;

use crate::fit::Fitted;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::limits::filled;
use crate::rules::lines::Largest;
use crate::rules::prelude::*;
use crate::rules::remedy::{advice, ways};
use crate::rules::support::{against, at_limit, percent};

pub(in crate::rules) static RULE: Rule = Rule::project("near-limit", Severity::Warning, check)
    .reads(&[
        PolicyKey::Confidence,
        PolicyKey::Limits(Side::Today),
        PolicyKey::Burn,
    ])
    .speaks_for(&[Speaks::Budgets(&[&RULE])])
    .shown(4);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let largest = OnceCell::new();
    findings.each(&context.outlook.today, |findings, fitted| {
        let tight = context.policy.bar(fitted.id.kind, Side::Today).tight;
        let (when, figures, figure) = match fitted.on_disk {
            Some(on_disk) if is_near(on_disk.verdict) => {
                let figures = filled(context, fitted, on_disk);
                (When::OnDisk, figures, on_disk.utilization)
            }
            None if is_near(fitted.meter.verdict) => {
                let figures = against(context, fitted) + &alert(context, fitted);
                (When::Today, figures, fitted.meter.utilization)
            }
            _ => return None,
        };
        let id = &*fitted.meter.id;
        let verdict = fitted.on_disk.map_or(fitted.meter.verdict, |it| it.verdict);
        let message = match verdict {
            Verdict::Breaks => format!("`{id}` is past {} of its limit: {figures}", percent(tight)),
            _ => format!("`{id}` is near its limit: {figures}"),
        };
        let largest = largest.get_or_init(|| Largest::new(context));
        let finding = findings
            .finding(id, message)
            .figure(figure)
            .when(when)
            .help(advice(context, fitted))
            .ways(ways(context, &fitted.id, largest));
        Some(at_limit(context, &fitted.id, finding))
    });
}

/// Whether what is tight, or worse, is near its limit: of what is over, `over-limit` speaks.
fn is_near(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Tight | Verdict::Breaks)
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
