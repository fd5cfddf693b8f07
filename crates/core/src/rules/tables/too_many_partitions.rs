use crate::rules::prelude::*;
use crate::rules::support::passes;
use crate::rules::table_facts::{DeclaredTable, live_partitions, partition_way};
use crate::units::DAY;

pub(crate) static RULE: Rule = Rule::tables("too-many-partitions", Severity::Warning, check)
    .reads(&[PolicyKey::MaxPartitions])
    .allowed_on(AllowedOn::Tables);

const HELP: &str = "use longer partitions";

fn check(table: &DeclaredTable<'_, '_>) -> Option<Finding> {
    let most = table.context.policy.max_partitions();
    let length = table.partition_days()?;
    let partition = table.declared.partition.as_ref()?;
    let retention = table.declared.retention.as_ref()?;
    if !table.grows() || !table.keeps_rows() {
        return None;
    }
    let horizon = f64::from(table.context.project.model.calendar.horizon);
    let (days, kept) = match table.retention_days() {
        Some(days) => (days, "are kept"),
        None => (horizon, "come up to the horizon"),
    };
    let live = live_partitions(days, length);
    if !passes(live, most) {
        return None;
    }
    let [all, each] = [days, length].map(|days| number::duration(days * DAY));
    let [now, limit] = [live, most].map(number::count);
    let message = format!(
        "{now} partitions of `{table}` live at once, of at most {limit}: {all} {kept}, {each} in \
         each, and one is being written"
    );
    let mut finding = table
        .finding(&RULE, message)
        .at(partition.span)
        .also(retention.span, "how long rows are kept")
        .figure(live);
    if let Some(way) = partition_way(partition.span, days, most) {
        finding = finding.help(HELP).ways([way]);
    }
    Some(finding)
}
