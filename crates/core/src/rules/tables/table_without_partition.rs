//! `table-without-partition`

use crate::document::values::Require;
use crate::rules::table_facts::{Stored, partition_for, stored};
use crate::rules::{AllowedOn, Context, Findings, PolicyKey, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("table-without-partition", Severity::Error, check)
        .reads(&[PolicyKey::PartitionAbove])
        .allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let above = context.policy.partition_above();
    for stored in stored(context) {
        let (Some(days), true) = (
            stored.retention_days(),
            stored.lacks("partition", &stored.declared().partition) && stored.keeps_rows(context),
        ) else {
            continue;
        };
        let largest = largest_in_scenarios(context, &stored, above);
        let today = match stored.at_most(context, &context.outlook.today) > above {
            false if largest.is_none() => continue,
            _ => stored.bytes(context).unwrap_or(0.0),
        };
        let (most, scenario) = match largest {
            Some((bytes, scenario)) if bytes > today => (bytes, Some(scenario)),
            _ => (today, None),
        };
        if most <= above {
            continue;
        }
        let path = stored.path();
        let bytes = number::bytes(most);
        let comes_to = match scenario {
            Some(name) if today > above => {
                format!(
                    "{} at the horizon, {bytes} in `{name}`",
                    number::bytes(today)
                )
            }
            Some(name) => format!("{bytes} in `{name}`, {} today", number::bytes(today)),
            None => format!("{bytes} at the horizon"),
        };
        let message = format!(
            "`{path}` comes to {comes_to}, above {}, and has no partitions to drop",
            number::bytes(above),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(stored.entry.name)
            .figure(most);
        // About a hundred partitions are quick to plan over and fine enough to drop.
        let most = context.policy.max_partitions().min(120.0);
        if let Some((length, live)) = partition_for(days, most) {
            finding = finding.help(format!(
                "`partition = \"{length}\"`: {} of them hold {}",
                number::count(live),
                number::duration(days * DAY),
            ));
        }
        findings.push(finding);
    }
}

/// The most bytes that a table has in any scenario that has to fit, and in which; nothing where it
/// surely has no more than `above` in any.
fn largest_in_scenarios<'a>(
    context: &Context<'a>,
    stored: &Stored<'a>,
    above: f64,
) -> Option<(f64, &'a str)> {
    let mut largest: Option<(f64, &str)> = None;
    for (scenario, meters) in context.scenarios() {
        if scenario.require == Require::Report || stored.at_most(context, meters) <= above {
            continue;
        }
        let bytes = stored.bytes_in(context, meters).unwrap_or(f64::INFINITY);
        if largest.is_none_or(|(most, _)| bytes > most) {
            largest = Some((bytes, &scenario.name));
        }
    }
    largest
}
