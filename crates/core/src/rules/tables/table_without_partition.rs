use crate::document::values::Require;
use crate::rules::prelude::*;
use crate::rules::support::added;
use crate::rules::table_facts::{DeclaredTable, partition_for};
use crate::units::DAY;

pub(crate) static RULE: Rule = Rule::tables("table-without-partition", Severity::Error, check)
    .reads(&[PolicyKey::PartitionAbove])
    .allowed_on(AllowedOn::Tables);

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let context = table.context;
    let days = table.retention_days()?;
    if !table.lacks("partition", &table.declared.partition) || !table.keeps_rows() {
        return None;
    }
    let above = context.policy.partition_above();
    let largest = largest_in_scenarios(table, above);
    if largest.is_none() && table.at_most(&context.outlook.today) <= above {
        return None;
    }
    let today = table.bytes().unwrap_or(0.0);
    let larger = largest.filter(|(bytes, _)| *bytes > today);
    let most = larger.map_or(today, |(bytes, _)| bytes);
    if most <= above {
        return None;
    }
    let (bytes, now) = (number::bytes(most), number::bytes(today));
    let comes_to = match larger {
        Some((_, name)) if today > above => format!("{now} at the horizon, {bytes} in `{name}`"),
        Some((_, name)) => format!("{bytes} in `{name}`, {now} today"),
        None => format!("{bytes} at the horizon"),
    };
    let above = number::bytes(above);
    let message = format!(
        "`{table}` reaches {comes_to}, expires rows and is not partitioned (needed above {above})"
    );
    let mut finding = table.finding(&RULE, message).figure(most);
    // About a hundred partitions are quick to plan over and fine enough to drop.
    let most = context.policy.max_partitions().min(120.0);
    if let Some((length, live)) = partition_for(days, most) {
        let (live, kept) = (number::count(live), number::duration(days * DAY));
        let entries = [("partition", format!("\"{length}\""))];
        let words = format!("{}: {live} of them hold {kept}", added(&entries));
        let way = Way::new("partition", words, table.with(&entries));
        finding = finding
            .help("add `partition`, the time that one partition spans")
            .ways([way]);
    }
    Some(finding)
}

/// The most bytes that a table has in any scenario that has to fit, and in which; nothing where it
/// surely has no more than `above` in any.
fn largest_in_scenarios<'a>(table: &DeclaredTable<'_, 'a>, above: f64) -> Option<(f64, &'a str)> {
    let mut largest: Option<(f64, &str)> = None;
    for (scenario, meters) in table.context.scenarios() {
        if scenario.require == Require::Report || table.at_most(meters) <= above {
            continue;
        }
        let bytes = table.bytes_in(meters).unwrap_or(f64::INFINITY);
        if largest.is_none_or(|(most, _)| bytes > most) {
            largest = Some((bytes, &scenario.name));
        }
    }
    largest
}
