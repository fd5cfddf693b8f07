//! `queue-evicts`

use crate::document::reader::values_quote;
use crate::document::values::Broker;
use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity};

pub(in crate::rules) static RULE: Rule = Rule::project("queue-evicts", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(eviction) = &queue.declared().eviction else {
            continue;
        };
        let policy = eviction.value.0.trim();
        if queue.broker() != Some(Broker::Redis) || policy.eq_ignore_ascii_case("noeviction") {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "Redis may drop all of `{path}` when memory is short: its policy is `{}`",
            values_quote(policy),
        );
        let finding = findings
            .finding(&path, message)
            .at(eviction.span)
            .help("set `maxmemory-policy noeviction`, in an instance of its own, and `eviction = \"noeviction\"`");
        findings.push(finding);
    }
}
