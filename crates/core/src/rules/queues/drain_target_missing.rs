//! `drain-target-missing`

use crate::meter::MeterKind;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("drain-target-missing", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        if queue.workers().is_none() || !queue.lacks("drain", &queue.declared().drain) {
            continue;
        }
        let path = queue.path();
        let takes = queue
            .meter(context, MeterKind::Drain)
            .and_then(|drain| judged_demand(context, drain))
            .filter(|seconds| *seconds > 0.0);
        let help = match takes {
            Some(seconds) => format!(
                "add `drain`, such as `\"5m\"`: at the ceiling today's backlog takes {}",
                number::duration(seconds)
            ),
            None => "add `drain`, such as `\"5m\"`".to_owned(),
        };
        let message = format!("`{path}` has workers and no `drain`: no backlog is too deep");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help(help);
        findings.push(finding);
    }
}
