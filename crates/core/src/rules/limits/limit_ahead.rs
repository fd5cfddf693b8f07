use std::cell::OnceCell;

use crate::collections::HashMap;
use crate::fit::Fitted;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::limits::near_limit;
use crate::rules::lines::Largest;
use crate::rules::prelude::*;
use crate::rules::remedy::{advice, ways};
use crate::rules::support::{against, at_limit, covering, find, judged_demand, measured};

pub(crate) static RULE: Rule = Rule::project("limit-ahead", Severity::Warning, check)
    .reads(&[
        PolicyKey::Confidence,
        PolicyKey::Limits(Side::Today),
        PolicyKey::Runway,
    ])
    .speaks_for(&[
        Speaks::Subject(&[&near_limit::RULE]),
        Speaks::Budgets(&[&RULE, &near_limit::RULE]),
    ])
    .escalates()
    .shown(3);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (tables, largest) = (OnceCell::new(), OnceCell::new());
    findings.each(&context.outlook.today, |findings, today| {
        let finding = match today.on_disk {
            Some(_) => fills(context, today, &tables, findings)?,
            None => breaks(context, today, findings)?,
        };
        let largest = largest.get_or_init(|| Largest::new(context));
        let finding = finding.ways(ways(context, &today.id, largest));
        Some(at_limit(context, &today.id, finding))
    });
}

fn breaks(context: &Context<'_>, today: &Fitted, findings: &Findings) -> Option<Finding> {
    let (day, fitted) = context.outlook.horizons.iter().find_map(|(day, meters)| {
        let fitted = find(meters, &today.meter.id)?;
        (fitted.meter.verdict == Verdict::Breaks).then_some((*day, fitted))
    })?;
    let (id, figures) = (&today.meter.id, against(context, fitted));
    let before = measured(context, today, judged_demand(context, today));
    let message =
        format!("`{id}` will exceed its limit by day {day}: {figures}, after {before} today");
    let mut finding = findings.finding(&*today.meter.id, message);
    finding.figure = fitted.meter.utilization;
    finding.when = When::Day(day);
    Some(
        finding
            .help(advice(context, today))
            .cost(covering(context, fitted)),
    )
}

/// Bytes at the horizon of the largest table of each database, with its name.
type LargestTables<'a> = HashMap<&'a str, (f64, &'a str)>;

fn fills<'a>(
    context: &Context<'a>,
    today: &Fitted,
    largest: &OnceCell<LargestTables<'a>>,
    findings: &Findings,
) -> Option<Finding> {
    let day = today.meter.detail.full_on_day.flatten();
    if day.is_none() && today.meter.verdict != Verdict::Breaks {
        return None;
    }
    let horizon = context.project.model.calendar.horizon;
    let when = day.map_or(format!("by day {horizon}"), |day| format!("on day {day}"));
    let (id, figures) = (&today.meter.id, against(context, today));
    let message = format!("`{id}` fills {when}: {figures} on day {horizon}");
    let mut finding = findings.finding(&*today.meter.id, message);
    if day.is_some_and(|day| f64::from(day) <= context.policy.runway_days()) {
        finding.severity = Severity::Error;
    }
    finding.figure = today.meter.utilization;
    let less = "shorten a retention, compress, or add a rollup";
    finding = finding.help(format!("{}: {less}", advice(context, today)));
    if today.id.owner == Family::Database {
        let largest = largest.get_or_init(|| largest_tables(context));
        let tables = &context.project.declarations.root.tables;
        if let Some((bytes, table)) = largest.get(today.id.name.as_str())
            && let Some(entry) = tables.entry(table)
        {
            let words = format!("its largest table uses {}", number::bytes(*bytes));
            finding = finding.also(entry.name, words);
        }
    }
    Some(finding)
}

fn largest_tables<'a>(context: &Context<'a>) -> LargestTables<'a> {
    let mut largest: LargestTables<'a> = HashMap::default();
    let meters = context.outlook.today.iter();
    for fitted in meters.filter(|fitted| fitted.id.owner == Family::Table) {
        let name = fitted.id.name.as_str();
        let table = context.project.model.tables.get(name);
        let database = table.and_then(|table| table.database.as_deref());
        if let (Some(database), Some(bytes)) = (database, fitted.meter.demand.point) {
            let entry = largest.entry(database).or_insert((bytes, name));
            if bytes > entry.0 {
                *entry = (bytes, name);
            }
        }
    }
    largest
}
