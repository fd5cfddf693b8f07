use std::cell::OnceCell;

use crate::finding::Finding;
use crate::fit::Fitted;
use crate::meter::MeterKind;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::changes::change_over_threshold;
use crate::rules::features::{alert_blind_zone, alert_lead_too_short};
use crate::rules::limits::{limit_ahead, near_limit};
use crate::rules::lines::Largest;
use crate::rules::remedy::{remedy, rounded_up};
use crate::rules::support::{against, at_limit, judged_demand, measured, percent};
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity, Speaks};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("over-limit", Severity::Error, check)
    .reads(&[PolicyKey::Confidence, PolicyKey::Limits(Side::Today)])
    .speaks_for(&[Speaks::Subject(&[
        &near_limit::RULE,
        &limit_ahead::RULE,
        &alert_blind_zone::RULE,
        &alert_lead_too_short::RULE,
        &change_over_threshold::RULE,
    ])])
    .shown(1);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let largest = OnceCell::new();
    for fitted in &context.outlook.today {
        let finding = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Breaks => full(context, fitted, findings),
            None if fitted.meter.verdict == Verdict::Breaks => {
                let largest = largest.get_or_init(|| Largest::new(context));
                over(context, fitted, largest, findings)
            }
            _ => continue,
        };
        findings.push(at_limit(context, &fitted.id, finding));
    }
}

/// A disk that is full by what is on it.
fn full(context: &Context<'_>, fitted: &Fitted, findings: &Findings) -> Finding {
    let (bytes, share) = fitted
        .on_disk
        .map_or((0.0, None), |on_disk| (on_disk.bytes, on_disk.utilization));
    let limit = measured(context, fitted, fitted.meter.limit);
    let message = format!(
        "`{}` is over its limit: {} are on disk of {limit}{}",
        fitted.meter.id,
        number::bytes(bytes),
        share.map_or(String::new(), |share| format!(", {}", percent(share)))
    );
    let breaks = context.policy.bar(MeterKind::Storage, Side::Today).breaks;
    let left = fitted.meter.limit.map_or(0.0, |limit| limit * breaks);
    let disk = number::bytes(rounded_up(bytes / breaks));
    let less = number::bytes(rounded_up(bytes - left));
    findings
        .finding(&*fitted.meter.id, message)
        .help(format!("a limit of {disk}, or {less} less on it"))
        .figure(share)
}

fn over(
    context: &Context<'_>,
    fitted: &Fitted,
    largest: &Largest<'_, '_>,
    findings: &Findings,
) -> Finding {
    let mut message = format!(
        "`{}` is over its limit: {}",
        fitted.meter.id,
        against(context, fitted)
    );
    if fitted.id.kind == MeterKind::Credits {
        message.push_str(&alerts(context, fitted));
    }
    let total = match (fitted.id.kind, fitted.meter.demand.point) {
        (_, None) => None,
        (MeterKind::Credits, Some(point)) => {
            Some(point / context.project.model.calendar.days_per_month)
        }
        (MeterKind::Spend, _) => None,
        (_, point) => point,
    };
    let mut finding = findings.finding(&*fitted.meter.id, "");
    let arithmetic = total.and_then(|total| largest.arithmetic(context, &fitted.id, total));
    if let Some((line, _)) = largest.of(context, &fitted.id) {
        let path = line.path();
        let figures = arithmetic.map_or(String::new(), |figures| format!(": {figures}"));
        message.push_str(&format!("; most of it is `{path}`{figures}"));
        finding = finding.also(line.written.span(), "asks for most of it");
    }
    finding.message = message;
    finding.figure = fitted.meter.utilization;
    finding.help(help(context, fitted, largest))
}

/// The days on which the two alerts fire and the plan is empty.
fn alerts(context: &Context<'_>, fitted: &Fitted) -> String {
    let detail = &fitted.meter.detail;
    let (Some(Some(soft)), Some(Some(hard)), Some(Some(empty))) = (
        detail.soft_on_day,
        detail.hard_on_day,
        detail.empties_on_day,
    ) else {
        return String::new();
    };
    format!(
        "; the soft alert ({}) fires on day {}, the hard one ({}) on day {}, and the plan is empty on day {}",
        percent(context.policy.soft_alert().0),
        number::day(soft),
        percent(context.policy.hard_alert()),
        number::day(hard),
        number::day(empty)
    )
}

fn help(context: &Context<'_>, fitted: &Fitted, largest: &Largest<'_, '_>) -> String {
    let breaks = context.policy.bar(fitted.id.kind, Side::Today).breaks;
    let Some(remedy) = remedy(context, &context.outlook.today, fitted, breaks, 0.0) else {
        return match fitted.id.kind {
            MeterKind::Spend => "nothing on offer covers the credits: allow more packs or overage",
            MeterKind::Retained => "declare a `retention`",
            _ => "raise the limit, or ask for less",
        }
        .to_owned();
    };
    let excess = judged_demand(context, fitted)
        .zip(fitted.meter.limit)
        .map_or(0.0, |(demand, limit)| demand - limit * breaks);
    let slower = largest.slower(context, fitted, excess);
    match slower {
        Some(slower) => format!("{}, such as {slower}", remedy.help()),
        None => remedy.help(),
    }
}
