//! `replay-missing`

use crate::document::values::Broker;
use crate::meter::MeterKind;
use crate::words::number;
use crate::rules::queue_facts::queues;
use crate::rules::support::judged_demand;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    "replay-missing", Error, Check::Project(check)
}

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
