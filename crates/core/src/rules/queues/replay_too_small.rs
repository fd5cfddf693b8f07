use crate::rules::prelude::*;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::support::write;

pub(crate) static RULE: Rule = Rule::queues("replay-too-small", Severity::Warning, check);

/// Replay throughput over mean write rate, below which it is implausible: the source article's
/// "five to ten times".
const LEAST: f64 = 5.0;

fn check(queue: &DeclaredQueue<'_, '_>) -> Option<Finding> {
    let replay = queue.declared.replay.as_ref()?;
    let times = replay.value.0;
    if times <= 0.0 || times >= LEAST {
        return None;
    }
    let message = format!(
        "`{queue}` declares replays at {}× its write rate; consumers reach {LEAST}× to 10×",
        number::count(times),
    );
    let finding = queue
        .finding(&RULE, message)
        .at(replay.span)
        .help("raise `replay` to what consumers reach, or set it to 0 if you never replay")
        .ways([write("replay", replay.span, "5")])
        .figure(times)
        .lower_is_worse();
    Some(finding)
}
