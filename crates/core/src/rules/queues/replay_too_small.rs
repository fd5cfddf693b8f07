//! `replay-too-small`

use crate::rules::queue_facts::queues;
use crate::rules::{Context, Findings, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule =
    Rule::project("replay-too-small", Severity::Warning, check);

/// Replay throughput over mean write rate, below which it is implausible: the source article's
/// "five to ten times".
const LEAST: f64 = 5.0;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for queue in queues(context) {
        let Some(replay) = &queue.declared().replay else {
            continue;
        };
        let times = replay.value.0;
        if times <= 0.0 || times >= LEAST {
            continue;
        }
        let path = queue.path();
        let message = format!(
            "`{path}` is read again at {} times its write rate; consumers reach {LEAST} to 10 times",
            number::count(times),
        );
        let finding = findings
            .finding(&path, message)
            .at(replay.span)
            .help("`replay = 5`, or 0 if nothing is ever rebuilt from it")
            .figure(times)
            .lower_is_worse();
        findings.push(finding);
    }
}
