use crate::rules::prelude::*;
use crate::rules::support::passes;
use crate::rules::table_facts::{DeclaredTable, partition_way};
use crate::units::DAY;

pub(crate) static RULE: Rule =
    Rule::tables("partition-coarser-than-retention", Severity::Error, check)
        .allowed_on(AllowedOn::Tables);

const HELP: &str = "use shorter partitions";

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let (days, span) = (table.retention_days()?, table.partition_days()?);
    let partition = table.declared.partition.as_ref()?;
    let retention = table.declared.retention.as_ref()?;
    if !passes(span, days) || !table.keeps_rows() {
        return None;
    }
    let [length, kept, stay] = [span, days, days + span].map(|days| number::duration(days * DAY));
    let message = format!(
        "a partition of `{table}` spans {length}, longer than its {kept} retention; rows stay {kept} + {length} = {stay}"
    );
    let mut finding = table
        .finding(&RULE, message)
        .at(partition.span)
        .also(retention.span, "how long rows are kept")
        .figure(span / days);
    // The fewest partitions that still let most of what has expired go.
    if let Some(way) = partition_way(partition.span, days, 40.0) {
        finding = finding.help(HELP).ways([way]);
    }
    Some(finding)
}
