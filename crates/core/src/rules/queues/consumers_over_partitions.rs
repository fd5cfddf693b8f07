//! `consumers-over-partitions`

use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("consumers-over-partitions", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (Some(workers), Some(partitions)) = (queue.workers(), &queue.declared().partitions)
        else {
            continue;
        };
        let Some(max) = &workers.value.max else {
            continue;
        };
        let (most, now) = (max.value.0, partitions.value.now.0);
        if most <= now {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "{} of the {} workers of `{path}` have nothing to read: it has {}",
            number::count(most - now),
            number::count(most),
            number::plural(now as usize, "partition"),
        );
        let finding = findings
            .finding(&path, message)
            .at(max.span)
            .also(partitions.span, "one worker reads from each")
            .help(format!(
                "`max = {now}`, or {} partitions",
                number::count(most.ceil()),
            ))
            .figure((now > 0.0).then(|| most / now));
        findings.push(finding);
    }
}
