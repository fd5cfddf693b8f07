//! `replay-missing`

use crate::document::values::Broker;
use crate::meter::MeterKind;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::project("replay-missing", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let lacks = queue.lacks("replay", &queue.declared().replay);
        if queue.broker() != Some(Broker::Kafka) || !lacks {
            continue;
        }
        let path = queue.path();
        let steady = queue
            .meter(context, MeterKind::Throughput)
            .and_then(|throughput| judged_demand(context, throughput));
        let now = number::quantity(steady, "bytes/s", "");
        let message = format!("`{path}` counts {now}, and nothing for reading it again");
        let finding = findings.finding(&path, message).at(queue.entry.name).help(
            "add `replay = 5`, or what consumers reach; `replay = 0` if nothing is rebuilt from it",
        );
        findings.push(finding);
    }
}
