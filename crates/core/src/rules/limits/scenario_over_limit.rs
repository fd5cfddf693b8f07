use std::cell::OnceCell;

use crate::changes::Before;
use crate::document::dotted;
use crate::document::values::Require;
use crate::fit::{Fitted, ROUNDING};
use crate::model::Scenario;
use crate::model::policy::Side;
use crate::report::{Percentiles, Verdict};
use crate::rules::governance::irreversible_undecided;
use crate::rules::lines::Largest;
use crate::rules::prelude::*;
use crate::rules::remedy::{advice, ways_in};
use crate::rules::support::{
    against, find, judged_demand, limit_span, measured, parts, passes, utilization,
};

pub(crate) static RULE: Rule = Rule::project("scenario-over-limit", Severity::Error, check)
    .reads(&[PolicyKey::Confidence, PolicyKey::Limits(Side::Scenario)])
    .speaks_for(&[Speaks::Scenario(&[&irreversible_undecided::RULE])])
    .escalates()
    .shown(2);

/// How many other misfits a finding lists.
const LISTED: usize = 20;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let largest = OnceCell::new();
    for (scenario, meters) in context.scenarios() {
        let severity = match scenario.require {
            Require::Fit => Severity::Error,
            Require::Warn => Severity::Warning,
            Require::Report => continue,
        };
        let mut misfits = misfits(context, meters);
        let figure = misfits.first().map(|first| first.meter.utilization);
        // What the change makes worse comes first, so that it is what is told.
        misfits.sort_by_key(|misfit| !is_worse(context, scenario, misfit));
        let Some((binding, others)) = misfits.split_first() else {
            continue;
        };
        let message = message(context, scenario, binding, others.len());
        let mut finding = findings.about(&["scenarios", &scenario.name], message);
        finding.severity = severity;
        finding.figure = figure.flatten();
        finding.when = When::Scenario(scenario.name.clone());
        finding.span = limit_span(context, &binding.id);
        let largest = largest.get_or_init(|| Largest::new(context));
        let ways = ways(context, &misfits, largest, scenario);
        finding = finding.help(advice(context, binding)).ways(ways);
        for misfit in &misfits {
            finding = finding.parts(parts(context, meters, misfit));
        }
        for other in others.iter().take(LISTED) {
            let figures = against(context, other);
            let words = format!("`{}` breaks too: {figures}", other.meter.id);
            finding = finding.also(limit_span(context, &other.id), words);
        }
        let scenarios = &context.project.declarations.root.scenarios;
        let declared = scenarios.entry(&scenario.name);
        findings.push(finding.also(declared.map(|entry| entry.name), "the scenario"));
    }
}

/// Whether a change lets a meter take more of its limit in a scenario.
fn is_worse(context: &Context<'_>, scenario: &Scenario, fitted: &Fitted) -> bool {
    let Some(Before::Project(base, was)) = context.comparison.map(|it| it.before) else {
        return false;
    };
    let mut scenarios = base.scenarios.iter().zip(&was.scenarios);
    let before = scenarios.find(|((known, _), _)| known.name == scenario.name);
    let before = before.and_then(|(_, meters)| find(meters, &fitted.meter.id));
    let takes = |fitted: &Fitted| match fitted.meter.utilization {
        Some(share) => (0, share),
        // An infinite demand has no number, and one of an infinite share is a part.
        None => match judged_demand(context, fitted) {
            Some(demand) => (1, demand),
            None => (1, f64::INFINITY),
        },
    };
    before.is_none_or(|before| {
        let (before, now) = (takes(before), takes(fitted));
        now.0 > before.0 || now.0 == before.0 && passes(now.1, before.1)
    })
}

/// What breaks in a scenario that changes it, the smallest breaking point first; budgets of which
/// a part breaks last.
pub(in crate::rules) fn misfits<'a>(
    context: &Context<'_>,
    meters: &'a [Fitted],
) -> Vec<&'a Fitted> {
    let mut misfits: Vec<(f64, &Fitted)> = meters
        .iter()
        .filter(|fitted| fitted.meter.verdict == Verdict::Breaks)
        .filter(|fitted| is_changed(context, meters, fitted))
        .map(|fitted| {
            let point = breaking_point(context, fitted);
            (point.unwrap_or(f64::INFINITY), fitted)
        })
        .collect();
    misfits.sort_by(|(point, fitted), (other_point, other)| {
        point
            .total_cmp(other_point)
            .then(utilization(other).total_cmp(&utilization(fitted)))
    });
    let misfits = misfits.into_iter().map(|(_, fitted)| fitted);
    let (budgets, mut parts): (Vec<&Fitted>, Vec<&Fitted>) =
        misfits.partition(|fitted| fitted.id.owner == Family::Budget);
    let has_part = |budget: &&Fitted| parts.iter().any(|part| is_part(context, budget, &part.id));
    let (with_parts, alone): (Vec<&Fitted>, Vec<&Fitted>) = budgets.into_iter().partition(has_part);
    let order = |fitted: &&Fitted| breaking_point(context, fitted).unwrap_or(f64::INFINITY);
    for budget in alone {
        let at = parts.partition_point(|part| order(part) <= order(&budget));
        parts.insert(at, budget);
    }
    parts.extend(with_parts);
    parts
}

/// Whether a budget counts a meter.
pub(in crate::rules) fn is_part(context: &Context<'_>, budget: &Fitted, part: &MeterId) -> bool {
    if part.kind != MeterKind::Spend || part.owner == Family::Budget {
        return false;
    }
    let path = dotted([part.owner.as_str(), &part.name].into_iter());
    let budget = context.project.model.budgets.get(&budget.id.name);
    budget.is_none_or(|budget| budget.is_for(&path))
}

/// Whether a scenario changes what a meter asks for, or its limit. What a database costs in one is
/// told by its bytes, as today by those that are on disk today.
pub(in crate::rules) fn is_changed(
    context: &Context<'_>,
    meters: &[Fitted],
    fitted: &Fitted,
) -> bool {
    let Some(today) = find(&context.outlook.today, &fitted.meter.id) else {
        return true;
    };
    if today.meter.limit != fitted.meter.limit {
        return true;
    }
    match (fitted.id.owner, fitted.id.kind) {
        (Family::Budget, _) => {
            let mut parts = meters
                .iter()
                .filter(|part| is_part(context, fitted, &part.id));
            parts.any(|part| is_changed(context, meters, part))
        }
        (Family::Database, MeterKind::Spend) => {
            let id = dotted(["databases", &fitted.id.name, "storage"].into_iter());
            let sides = [&*context.outlook.today, meters].map(|meters| find(meters, &id));
            let [today, then] = sides.map(|it| it.map(|it| &it.meter.demand));
            today
                .zip(then)
                .is_none_or(|(today, then)| differ(today, then))
        }
        _ => differ(&today.meter.demand, &fitted.meter.demand),
    }
}

/// Whether two demands differ by more than what computing them in two ways rounds off.
fn differ(one: &Percentiles, other: &Percentiles) -> bool {
    let pairs = [
        (one.point, other.point),
        (one.p50, other.p50),
        (one.p95, other.p95),
    ];
    pairs.into_iter().any(|pair| match pair {
        (Some(one), Some(other)) => (one - other).abs() > ROUNDING * one.abs().max(other.abs()),
        (one, other) => one.is_some() != other.is_some(),
    })
}

fn breaking_point(context: &Context<'_>, fitted: &Fitted) -> Option<f64> {
    find(&context.outlook.today, &fitted.meter.id)?
        .meter
        .breaking_point
}

fn message(context: &Context<'_>, scenario: &Scenario, binding: &Fitted, others: usize) -> String {
    let (id, name, figures) = (&binding.meter.id, &scenario.name, against(context, binding));
    let mut message = format!("`{id}` does not fit scenario `{name}`: {figures}");
    if let Some(point) = breaking_point(context, binding) {
        let today = find(&context.outlook.today, &binding.meter.id);
        let limit = match today.map(|today| (today, today.meter.limit)) {
            Some((today, limit)) if limit != binding.meter.limit => {
                format!("today's limit of {}", measured(context, today, limit))
            }
            _ => "it".to_owned(),
        };
        message.push_str(&match point > 0.0 {
            true => {
                let times = number::times(Some(point));
                format!("; {limit} holds up to {times} today's tenants")
            }
            false => format!("; {limit} breaks with any number of tenants"),
        });
    }
    if others > 0 {
        let count = number::plural(others, "other limit");
        let verb = if others == 1 { "breaks" } else { "break" };
        message.push_str(&format!("; {count} {verb} too"));
    }
    message
}

/// What makes all that does not fit do so: of one meter any way, of several the first of each
/// together.
fn ways(
    context: &Context<'_>,
    misfits: &[&Fitted],
    largest: &Largest<'_, '_>,
    scenario: &Scenario,
) -> Vec<Way> {
    /// How many limits are raised together.
    const TOGETHER: usize = 4;
    if misfits.len() > TOGETHER {
        return Vec::new();
    }
    let of = misfits
        .iter()
        .map(|misfit| ways_in(context, &misfit.id, largest, scenario));
    let of: Vec<[Vec<Way>; 2]> = of.collect();
    let levels = [0, 1].map(|level| {
        let ways = of.iter().map(|levels| levels.get(level));
        match &of[..] {
            [_] => ways.flatten().flatten().cloned().collect(),
            _ => {
                let first: Option<Vec<Way>> = ways.map(|ways| ways?.first().cloned()).collect();
                let all = first.and_then(|all| all.into_iter().reduce(Way::and));
                all.into_iter().collect::<Vec<Way>>()
            }
        }
    });
    levels.into_iter().flatten().collect()
}
