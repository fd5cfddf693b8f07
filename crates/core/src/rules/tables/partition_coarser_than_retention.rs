//! `partition-coarser-than-retention`

use crate::rules::support::passes;
use crate::rules::table_facts::{partition_for, stored};
use crate::rules::{AllowedOn, Context, Findings, Rule, Severity};
use crate::units::DAY;
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("partition-coarser-than-retention", Severity::Error, check)
        .allowed_on(AllowedOn::Tables);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for stored in stored(context) {
        let table = stored.declared();
        let (Some(days), Some(span)) = (stored.retention_days(), stored.partition_days()) else {
            continue;
        };
        let (Some(partition), Some(retention)) = (&table.partition, &table.retention) else {
            continue;
        };
        if !passes(span, days) || !stored.keeps_rows(context) {
            continue;
        }
        let path = stored.path();
        let message = format!(
            "a partition of `{path}` spans {}, more than the {} for which rows are kept: they stay \
             {} + {} = {}",
            number::duration(span * DAY),
            number::duration(days * DAY),
            number::duration(days * DAY),
            number::duration(span * DAY),
            number::duration((days + span) * DAY),
        );
        let mut finding = findings
            .finding(&path, message)
            .at(partition.span)
            .also(retention.span, "how long rows are kept")
            .figure(span / days);
        // The fewest partitions that still let most of what has expired go.
        if let Some((length, live)) = partition_for(days, 40.0) {
            finding = finding.help(format!(
                "`partition = \"{length}\"`: {} at once",
                number::count(live)
            ));
        }
        findings.push(finding);
    }
}
