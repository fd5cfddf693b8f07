use std::cell::OnceCell;

use crate::fit::{Fitted, OnDisk};
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::changes::change_over_threshold;
use crate::rules::features::{alert_blind_zone, alert_lead_too_short};
use crate::rules::limits::{filled, limit_ahead, near_limit};
use crate::rules::lines::Largest;
use crate::rules::prelude::*;
use crate::rules::remedy::{advice, ways};
use crate::rules::support::{against, at_limit, covering, limit_span, parts};

pub(crate) static RULE: Rule = Rule::project("over-limit", Severity::Error, check)
    .reads(&[PolicyKey::Confidence, PolicyKey::Limits(Side::Today)])
    .speaks_for(&[
        Speaks::Ahead(&[&near_limit::RULE, &limit_ahead::RULE]),
        Speaks::Subject(&[
            &alert_blind_zone::RULE,
            &alert_lead_too_short::RULE,
            &change_over_threshold::RULE,
        ]),
        Speaks::Budgets(&[
            &RULE,
            &near_limit::RULE,
            &limit_ahead::RULE,
            &change_over_threshold::RULE,
        ]),
    ])
    .shown(1);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let largest = OnceCell::new();
    findings.each(&context.outlook.today, |findings, fitted| {
        let finding = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Breaks => {
                full(context, fitted, on_disk, findings)
            }
            None if fitted.meter.verdict == Verdict::Breaks => {
                let largest = largest.get_or_init(|| Largest::new(context));
                over(context, fitted, largest, findings)
            }
            _ => return None,
        };
        let largest = largest.get_or_init(|| Largest::new(context));
        let finding = finding.ways(ways(context, &fitted.id, largest));
        Some(at_limit(context, &fitted.id, finding))
    });
}

fn full(context: &Context<'_>, fitted: &Fitted, on_disk: OnDisk, findings: &Findings) -> Finding {
    let (id, figures) = (&*fitted.meter.id, filled(context, fitted, on_disk));
    findings
        .finding(id, format!("`{id}` exceeds its limit: {figures}"))
        .help(advice(context, fitted))
        .figure(on_disk.utilization)
        .when(When::OnDisk)
        .parts(match on_disk.utilization {
            Some(_) => Vec::new(),
            None => vec![(id.to_owned(), on_disk.bytes)],
        })
}

fn over(
    context: &Context<'_>,
    fitted: &Fitted,
    largest: &Largest<'_, '_>,
    findings: &Findings,
) -> Finding {
    let id = &*fitted.meter.id;
    let figures = against(context, fitted);
    let mut finding = findings
        .finding(id, format!("`{id}` exceeds its limit: {figures}"))
        .figure(fitted.meter.utilization)
        .parts(parts(context, &context.outlook.today, fitted))
        .help(help(context, fitted))
        .cost(covering(context, fitted));
    if let Some(alerts) = alerts(context, fitted) {
        finding = finding.also(limit_span(context, &fitted.id), alerts);
    }
    let days = match fitted.id.kind {
        MeterKind::Credits => Some(context.project.model.calendar.days_per_month),
        MeterKind::Spend => None,
        _ => Some(1.0),
    };
    if let Some((line, value)) = largest.of(context, &fitted.id) {
        let total = fitted.meter.demand.point.zip(days);
        let total = total.map(|(point, days)| point / days);
        let share = total.map_or(String::new(), |total| {
            format!(" ({})", number::share(Some(value / total)))
        });
        let figures = total
            .and_then(|_| largest.arithmetic(context, fitted))
            .map_or(String::new(), |figures| format!(": {figures}"));
        let said = format!("the largest user{share}{figures}");
        finding = finding.also(line.written.span(), said);
    }
    finding
}

/// The days on which the two alerts on credits fire and the plan is empty.
fn alerts(context: &Context<'_>, fitted: &Fitted) -> Option<String> {
    let detail = &fitted.meter.detail;
    let day = |day: Option<Option<f64>>| Some(number::day(day.flatten()?));
    let soft = (context.policy.soft_alert().0, detail.soft_on_day);
    let hard = (context.policy.hard_alert(), detail.hard_on_day);
    let empty = day(detail.empties_on_day)?;
    let alert = |(share, on): (f64, _)| {
        let share = number::share(Some(share));
        Some(format!("{share} alert on day {}", day(on)?))
    };
    let (soft, hard) = (alert(soft)?, alert(hard)?);
    Some(format!("{soft}, {hard}, used up on day {empty}"))
}

fn help(context: &Context<'_>, fitted: &Fitted) -> String {
    match (fitted.id.kind, fitted.meter.demand.point) {
        (MeterKind::Spend, None) => {
            "the declared packs cannot cover this: raise a pack's `max`, or declare `overage`"
                .to_owned()
        }
        (MeterKind::Retained, None) => "declare a `retention`".to_owned(),
        _ => advice(context, fitted),
    }
}
