//! `retention-below-drain`

use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("retention-below-drain", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let (Some(retention), Some(drain)) = (&queue.declared().retention, &queue.declared().drain)
        else {
            continue;
        };
        if retention.value.seconds >= drain.value.seconds {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` keeps messages for {}, and may take {} to drain: what waits longer is lost",
            number::duration(retention.value.seconds),
            number::duration(drain.value.seconds),
        );
        let finding = findings
            .finding(&path, message)
            .at(retention.span)
            .also(drain.span, "how long draining may take")
            .help(format!("`retention = \"{}\"` or longer", drain.value))
            .figure(retention.value.seconds / drain.value.seconds)
            .lower_is_worse();
        findings.push(finding);
    }
}
