//! `replication-undeclared`

use crate::document::values::Broker;
use crate::meter::MeterKind;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("replication-undeclared", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let lacks = queue.lacks("replication", &queue.declared().replication);
        if queue.broker() != Some(Broker::Kafka) || !lacks {
            continue;
        }
        let path = queue.path();
        let retained = queue
            .meter(context, MeterKind::Retained)
            .and_then(|retained| judged_demand(context, retained))
            .filter(|bytes| *bytes > 0.0);
        let kept = match retained {
            Some(bytes) => format!(
                ": {}, or {} with three",
                number::bytes(bytes),
                number::bytes(3.0 * bytes)
            ),
            None => String::new(),
        };
        let message =
            format!("one copy of `{path}` is counted, as no `replication` is declared{kept}");
        let finding = findings
            .finding(&path, message)
            .at(queue.entry.name)
            .help("add `replication = 3`, or how many copies the cluster keeps");
        findings.push(finding);
    }
}
