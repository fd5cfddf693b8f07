//! Which findings a change brings, worsens, leaves and mends.

use crate::collections::HashMap;
use crate::finding::Worse;
use crate::report::{Finding, State};

/// How much a figure has to get worse for its finding to be `worsened`.
const WORSENED: f64 = 0.001;

/// Says which findings of the head are new or worsened, and adds those of the base that are
/// fixed. `renews` says of one that both have whether it is new all the same.
pub fn compare(
    head: &mut Vec<Finding>,
    base: Vec<Finding>,
    renews: impl Fn(&Finding, &Finding) -> bool,
) {
    let mut before: HashMap<String, Finding> = base
        .into_iter()
        .filter(|finding| finding.state != Some(State::Fixed))
        .map(|finding| (finding.fingerprint.clone(), finding))
        .collect();
    for finding in head.iter_mut() {
        finding.state = Some(match before.remove(&finding.fingerprint) {
            None => State::New,
            Some(old) if renews(finding, &old) => State::New,
            Some(old) if is_worse(finding, &old) => State::Worsened,
            Some(_) => State::Existing,
        });
    }
    let fixed = before
        .into_values()
        .filter(|finding| finding.waived.is_none())
        .map(|mut finding| {
            finding.state = Some(State::Fixed);
            finding
        });
    head.extend(fixed);
    sort(head);
}

/// Sorts findings by file, line and rule; those that stand in no file come last.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &'_ Finding| (finding.file.is_none(), finding.line, finding.column);
        let (a_none, a_line, a_column) = key(a);
        let (b_none, b_line, b_column) = key(b);
        a_none
            .cmp(&b_none)
            .then_with(|| a.file.cmp(&b.file))
            .then_with(|| a_line.cmp(&b_line))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a_column.cmp(&b_column))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
}

fn is_worse(now: &Finding, before: &Finding) -> bool {
    if now.severity > before.severity || (before.waived.is_some() && now.waived.is_none()) {
        return true;
    }
    match (now.figure, before.figure) {
        (Some(figure), Some(was)) => {
            let step = WORSENED * was.abs();
            match now.worse {
                Worse::Higher => figure > was + step,
                Worse::Lower => figure < was - step,
            }
        }
        // Without a figure it is without bound.
        (None, Some(_)) => now.worse == Worse::Higher,
        _ => false,
    }
}
