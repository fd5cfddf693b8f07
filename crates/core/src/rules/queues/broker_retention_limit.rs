//! `broker-retention-limit`

use crate::document::values::Broker;
use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("broker-retention-limit", Severity::Error, check);

/// The longest that SQS keeps a message, in days.
const SQS_DAYS: f64 = 14.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let sqs = matches!(queue.broker(), Some(Broker::Sqs | Broker::SqsFifo));
        let Some(retention) = queue.declared().retention.as_ref().filter(|_| sqs) else {
            continue;
        };
        let days = retention.value.days();
        if days <= SQS_DAYS {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` is to keep messages for {}; SQS keeps them for at most {SQS_DAYS}d",
            number::duration(retention.value.seconds),
        );
        let finding = findings
            .finding(&path, message)
            .at(retention.span)
            .help("`retention = \"14d\"`, and write what has to stay longer to a table")
            .figure(days);
        findings.push(finding);
    }
}
