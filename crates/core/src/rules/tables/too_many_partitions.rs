//! `too-many-partitions`

use crate::rules::support::passes;
use crate::rules::table_facts::{live_partitions, partition_for, stored};
use crate::rules::{AllowedOn, Context, Findings, PolicyKey, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("too-many-partitions", Severity::Warning, check)
        .reads(&[PolicyKey::MaxPartitions])
        .allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let most = context.policy.max_partitions();
    let horizon = f64::from(context.project.model.calendar.horizon);
    for stored in stored(context) {
        let table = stored.declared();
        let (Some(length), Some(partition), Some(retention)) =
            (stored.partition_days(), &table.partition, &table.retention)
        else {
            continue;
        };
        if !stored.grows() || !stored.keeps_rows(context) {
            continue;
        }
        let (days, kept) = match stored.retention_days() {
            Some(days) => (days, "are kept"),
            None => (horizon, "come up to the horizon"),
        };
        let live = live_partitions(days, length);
        if !passes(live, most) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "{} partitions of `{path}` live at once, of at most {}: {} {kept}, {} in each, and one \
             is being written",
            number::count(live),
            number::count(most),
            number::duration(days * DAY),
            number::duration(length * DAY),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(partition.span)
            .also(retention.span, "how long rows are kept")
            .figure(live);
        if let Some((length, live)) = partition_for(days, most) {
            finding = finding.help(format!(
                "`partition = \"{length}\"`: {} at once",
                number::count(live)
            ));
        }
        findings.push(finding);
    }
}
