//! Cycles among things of which each follows at most one other.

use crate::document::reader::{At, quotable};
use crate::finding::{Finding, Severity, file_errors};
use crate::limits::RELATED_PLACES;
use crate::model::resolve::check::Check;
use crate::source::Span;

/// The most members that a message names.
const LISTED: usize = 4;

/// The cycles, each from its first member on, in the order in which they are followed. Linear.
pub(super) fn cycles(follows: &[Option<usize>]) -> Vec<Vec<usize>> {
    // The walk that came by a node first, from 1 on; 0 where none did.
    let mut walks = vec![0; follows.len()];
    let mut cycles = Vec::new();
    for start in 0..follows.len() {
        let mut node = start;
        while walks[node] == 0 {
            walks[node] = start + 1;
            match follows[node] {
                Some(next) => node = next,
                None => break,
            }
        }
        if walks[node] == start + 1 && follows[node].is_some() {
            cycles.push(members(follows, node));
        }
    }
    cycles
}

fn members(follows: &[Option<usize>], start: usize) -> Vec<usize> {
    let mut members = vec![start];
    let mut node = start;
    while let Some(next) = follows[node].filter(|next| *next != start) {
        members.push(next);
        node = next;
    }
    let first = (0..members.len()).min_by_key(|index| members[*index]);
    members.rotate_left(first.unwrap_or(0));
    members
}

/// Says that things follow each other in a circle. `members` are names with the places where
/// each names the next.
pub(super) fn report(
    check: &mut Check<'_>,
    at: &At<'_>,
    members: &[(&str, Span)],
    verb: &str,
    help: &str,
) {
    let Some((name, span)) = members.first() else {
        return;
    };
    let quoted = |name: &str| format!("`{}`", quotable(name));
    let mut message = format!("{} {verb} itself", quoted(name));
    if members.len() > 1 {
        let listed = members.iter().take(LISTED);
        let mut chain: Vec<String> = listed.map(|(name, _)| quoted(name)).collect();
        if members.len() > LISTED {
            chain.push("…".to_owned());
        }
        chain.push(quoted(name));
        message = format!("{message}: {}", chain.join(" → "));
    }
    let subject = at.path().to_string();
    let mut finding = Finding::new(
        file_errors::REFERENCE_CYCLE,
        Severity::Error,
        subject,
        message,
    )
    .at(*span)
    .help(help);
    let next = members.iter().skip(2).chain(members);
    let others = members.iter().skip(1).zip(next).take(RELATED_PLACES);
    for ((name, span), (next, _)) in others {
        let message = format!("{} {verb} {}", quoted(name), quoted(next));
        finding = finding.also(*span, message);
    }
    check.report(finding);
}
