//! The chains of a feature's lines: each follows at most one other.

use std::sync::Arc;

use crate::collections::HashMap;
use crate::document::reader::{At, quotable};
use crate::document::values::LineId;
use crate::model::lines::{Line, LineKind, Timing};
use crate::model::resolve::check::{Check, one_of, unknown_reference};
use crate::model::resolve::cycles::{cycles, report};
use crate::source::{Span, Spanned};
use crate::suggest::{Meant, did_you_mean};

/// A line as it is declared, whose place is not known yet.
pub(super) struct Draft<'a> {
    pub(super) id: &'a Arc<str>,
    pub(super) kind: LineKind,
    pub(super) after: Option<&'a Spanned<LineId>>,
    pub(super) has_rate: bool,
    /// Nothing where it lacks what it needs.
    pub(super) line: Option<Line>,
}

/// Puts parents before the lines that follow them. What follows nothing that is there, a write,
/// or itself is reported and left out. `incomplete` says that lines may be missing that could
/// not be read.
pub(super) fn in_order(
    check: &mut Check<'_>,
    at: &At<'_>,
    drafts: Vec<Draft<'_>>,
    incomplete: bool,
) -> Vec<Line> {
    if drafts.iter().all(|draft| draft.after.is_none()) {
        return drafts.into_iter().filter_map(|draft| draft.line).collect();
    }
    // A line that can be followed stands before others with its id.
    let mut indexes: HashMap<&str, usize> = HashMap::default();
    for is_followed in [false, true] {
        let drafts = drafts.iter().enumerate();
        let drafts = drafts.filter(|(_, draft)| draft.kind.is_followed() == is_followed);
        indexes.extend(drafts.map(|(index, draft)| (&**draft.id, index)));
    }
    let parent = |draft: &Draft<'_>| indexes.get(draft.after?.value.0.as_str()).copied();
    let parents: Vec<Option<usize>> = drafts.iter().map(parent).collect();
    judge(check, at, &drafts, &parents, incomplete);
    parents_first(drafts, &parents)
}

/// Checks that lines follow lines that can be followed, and not in a circle.
fn judge(
    check: &mut Check<'_>,
    at: &At<'_>,
    drafts: &[Draft<'_>],
    parents: &[Option<usize>],
    incomplete: bool,
) {
    let mut follows = vec![None; drafts.len()];
    for (index, draft) in drafts.iter().enumerate() {
        // A line with both is said to have both, and is judged no further.
        let Some(after) = draft.after.filter(|_| !draft.has_rate) else {
            continue;
        };
        let list = at.key(draft.kind.list());
        let line = list.key(draft.id);
        let at = line.key("after");
        match parents[index] {
            Some(parent) if drafts[parent].kind.is_followed() => {
                follows[index] = Some(parent);
            }
            Some(parent) => {
                let (does, what) = match drafts[parent].kind {
                    LineKind::Read => ("reads", "read"),
                    _ => ("writes", "write"),
                };
                let parent = quotable(&after.value.0);
                let message = format!("`{parent}` {does} rows, and no line follows a {what}");
                let help = format!(
                    "follow the call, message or inference line that the {what} follows, or that causes it"
                );
                check.invalid(&at, after.span, message, help);
            }
            None if !incomplete && !check.may_be_lost(&after.value.0) => {
                after_nothing(check, &at, after, drafts, index);
            }
            None => {}
        }
    }
    for members in cycles(&follows) {
        let first = &drafts[members[0]];
        let list = at.key(first.kind.list());
        let at = list.key(first.id);
        let drafts = members.iter().map(|index| &drafts[*index]);
        let named = drafts.filter_map(|draft| Some((&**draft.id, draft.after?.span)));
        let named: Vec<(&str, Span)> = named.collect();
        let help = "give the line that starts it a `rate` instead of `after`";
        report(check, &at.key("after"), &named, "follows", help);
    }
}

fn after_nothing(
    check: &mut Check<'_>,
    at: &At<'_>,
    after: &Spanned<LineId>,
    all: &[Draft<'_>],
    own: usize,
) {
    let word = after.value.0.as_str();
    let message = format!("this feature has no line `{}`", quotable(word));
    let others = all.iter().enumerate().filter(|(index, _)| *index != own);
    let followable = others.filter(|(_, draft)| draft.kind.is_followed());
    let followable: Vec<&str> = followable.map(|(_, draft)| &**draft.id).collect();
    // An id is an endpoint's path without its API, and never has its list before it.
    let bare = [word.split_once(':'), word.split_once('.')];
    let bare = bare.map(|split| split.map(|(_, bare)| bare));
    if let Some(meant) = followable.iter().find(|id| bare.contains(&Some(**id))) {
        check.report(
            unknown_reference(at, after.span, message).help(did_you_mean(Meant {
                word: meant,
                alone: true,
            })),
        );
        return;
    }
    let few = one_of(followable.iter().copied(), ": ");
    let otherwise =
        format!("write the id of a call, message or inference line of this feature{few}");
    check.unknown(
        at,
        after.span,
        message,
        word,
        followable.into_iter(),
        otherwise,
    );
}

#[derive(Clone, Copy)]
enum Placing {
    Waits,
    Placed(usize),
    Dropped,
}

/// Gives lines that follow others the index of their parent.
fn parents_first(mut drafts: Vec<Draft<'_>>, parents: &[Option<usize>]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(drafts.len());
    let mut placing = vec![Placing::Waits; drafts.len()];
    let mut chain = Vec::new();
    for start in 0..drafts.len() {
        // Up to what is placed already, or follows nothing, or can't be placed.
        let mut next = Some(start);
        while let Some(index) = next
            && matches!(placing[index], Placing::Waits)
        {
            placing[index] = Placing::Dropped;
            chain.push(index);
            next = parents[index].filter(|_| drafts[index].line.is_some());
        }
        while let Some(index) = chain.pop() {
            let parent = match parents[index].map(|parent| placing[parent]) {
                None if drafts[index].after.is_none() => None,
                Some(Placing::Placed(at)) if lines[at].kind.is_followed() => Some(at),
                _ => continue,
            };
            let Some(mut line) = drafts[index].line.take() else {
                continue;
            };
            if let (Some(index), Timing::After { parent, origin, .. }) = (parent, &mut line.timing)
            {
                *parent = index;
                *origin = match lines[index].timing {
                    Timing::After { origin, .. } => origin,
                    Timing::Rate { .. } => index,
                };
            }
            placing[index] = Placing::Placed(lines.len());
            lines.push(line);
        }
    }
    lines
}
