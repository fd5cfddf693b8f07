//! Which findings a change brings, worsens, leaves and fixes.

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
    let gone = before.into_values();
    let gone = gone.filter(|finding| finding.waived.is_none() && !finding.silenced);
    head.extend(gone.map(|finding| Finding {
        state: Some(State::Fixed),
        ..finding
    }));
    sort(head);
}

/// Sorts findings by file, line and rule; those that stand in no file come last.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
}

fn order(finding: &Finding) -> impl Ord {
    (
        finding.file.is_none(),
        &finding.file,
        finding.line,
        &finding.rule,
        finding.column,
        &finding.subject,
        &finding.fingerprint,
    )
}

fn is_worse(now: &Finding, before: &Finding) -> bool {
    if now.severity > before.severity || (before.waived.is_some() && now.waived.is_none()) {
        return true;
    }
    if has_worse_part(now, before) {
        return true;
    }
    match (now.figure, before.figure) {
        (Some(figure), Some(was)) => match now.worse {
            Worse::Higher => figure > was + WORSENED * was.abs(),
            Worse::Lower => figure < was - WORSENED * was.abs(),
        },
        // Without a figure it is infinite.
        (None, Some(_)) => now.worse == Worse::Higher,
        _ => false,
    }
}

/// Whether one of the things that a finding is about is new among them, or got worse. A saved
/// report does not say which they were.
fn has_worse_part(now: &Finding, before: &Finding) -> bool {
    if before.parts.is_empty() {
        return false;
    }
    let known: HashMap<&str, f64> = before.parts.iter().map(|(it, was)| (&**it, *was)).collect();
    let mut parts = now.parts.iter();
    parts.any(|(name, figure)| match known.get(&**name) {
        Some(was) => *figure > was + WORSENED * was.abs(),
        None => true,
    })
}
