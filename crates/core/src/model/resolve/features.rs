//! `[features.NAME]`: who has a feature, and how its lines hang together.

use crate::collections::{HashMap, HashSet};
use crate::document::Lines;
use crate::document::declared::{Entry, Table};
use crate::document::reader::{At, values_quote};
use crate::document::tables;
use crate::document::values::LineId;
use crate::model::build::{DemandLine, TOP, span_of};
use crate::model::resolve::check::{Check, invalid, one_of, unknown_reference};
use crate::model::resolve::cycles::{cycles, report};
use crate::model::resolve::{lines, population};
use crate::model::things::{Feature, List};
use crate::source::{Span, Spanned};

pub(crate) fn feature<'a>(
    check: &mut Check<'a>,
    name: &str,
    entry: &'a Entry<tables::Feature>,
) -> Option<Feature> {
    let list = TOP.key("features");
    let at = list.key(name);
    let feature = &entry.body.value;
    tenants(check, &at, feature);
    lines::check(check, &at, feature);
    follow(check, &at, feature);
    Some(check.builder.feature(name, feature))
}

fn tenants(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    if check.without_tenants() {
        return without_tenants(check, at, feature);
    }
    if let Some(tenants) = &feature.tenants {
        population::tiers(check, &at.key("tenants"), tenants);
    }
    if let Some(adoption) = &feature.adoption {
        if let Some(active) = &feature.active {
            check.report(
                invalid(
                    &at.key("active"),
                    active.span,
                    "`active` is declared beside `adoption`",
                    "keep one: `active` counts who uses it today, `adoption` is their share",
                )
                .also(adoption.span, "`adoption` is declared here"),
            );
        }
        check.tiers_of(&at.key("adoption"), Some(adoption));
    }
}

fn without_tenants(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    let spans = [
        ("tenants", span_of(&feature.tenants)),
        ("adoption", span_of(&feature.adoption)),
        ("active", span_of(&feature.active)),
    ];
    for (key, span) in spans {
        if let Some(span) = span {
            check.report(invalid(
                &at.key(key),
                span,
                format!("`{key}` has no place in a project without tenants"),
                "remove it, or declare how many tenants there are in `[tenants]`",
            ));
        }
    }
}

/// A line, as others may follow it.
struct Node<'a> {
    list: List,
    id: &'a str,
    after: Option<&'a Spanned<LineId>>,
}

fn nodes<'a, T: DemandLine>(lines: &'a Lines<T>, list: List, into: &mut Vec<Node<'a>>) {
    for (id, line) in lines.iter() {
        let keys = line.value.common();
        // A line with both is said to have both, and is judged no further.
        let after = keys.after.filter(|_| keys.rate.is_none());
        into.push(Node { list, id, after });
    }
}

/// Whether a line of a list follows another.
fn any_follows<T: DemandLine>(lines: &Lines<T>) -> bool {
    let mut lines = lines.all().iter();
    lines.any(|line| line.value.common().after.is_some())
}

/// Checks that lines follow lines that can be followed, and not in a circle.
fn follow(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    let any = any_follows(&feature.calls)
        || any_follows(&feature.writes)
        || any_follows(&feature.messages)
        || any_follows(&feature.inference);
    if !any {
        return;
    }
    let mut all = Vec::new();
    nodes(&feature.calls, List::Calls, &mut all);
    nodes(&feature.writes, List::Writes, &mut all);
    nodes(&feature.messages, List::Messages, &mut all);
    nodes(&feature.inference, List::Inference, &mut all);
    let ids: HashMap<&str, usize> = all
        .iter()
        .enumerate()
        .map(|(index, node)| (node.id, index))
        .collect();
    let incomplete = lines_are_incomplete(feature);
    let mut follows = vec![None; all.len()];
    for (index, node) in all.iter().enumerate() {
        let Some(after) = node.after else { continue };
        let list = at.key(node.list.as_str());
        let line = list.key(node.id);
        let at = line.key("after");
        match ids.get(after.value.0.as_str()) {
            Some(parent) if all[*parent].list == List::Writes => {
                check.report(after_write(&at, after));
            }
            Some(parent) => follows[index] = Some(*parent),
            None if incomplete || check.may_be_lost(&after.value.0) => {}
            None => after_nothing(check, &at, after, &all, index),
        }
    }
    for members in cycles(&follows) {
        let first = &all[members[0]];
        let list = at.key(first.list.as_str());
        let at = list.key(first.id);
        let named: Vec<(&str, Span)> = members
            .iter()
            .filter_map(|index| Some((all[*index].id, all[*index].after?.span)))
            .collect();
        let help = "give the line that starts it a `rate` instead of `after`";
        report(check, &at.key("after"), &named, "follows", help);
    }
}

/// Whether a line may be missing that could not be read.
fn lines_are_incomplete(feature: &tables::Feature) -> bool {
    let lists = ["calls", "writes", "messages", "inference"];
    lists.iter().any(|list| feature.is_broken(list))
        || feature.calls.is_broken()
        || feature.writes.is_broken()
        || feature.messages.is_broken()
        || feature.inference.is_broken()
}

fn after_write(at: &At<'_>, after: &Spanned<LineId>) -> crate::finding::Finding {
    invalid(
        at,
        after.span,
        format!(
            "`{}` writes rows, and no line follows a write",
            values_quote(&after.value.0)
        ),
        "follow the call, message or inference line that the write follows, or that causes it",
    )
}

fn after_nothing(
    check: &mut Check<'_>,
    at: &At<'_>,
    after: &Spanned<LineId>,
    all: &[Node<'_>],
    own: usize,
) {
    let word = after.value.0.as_str();
    let message = format!("this feature has no line `{}`", values_quote(word));
    let followable: Vec<&str> = all
        .iter()
        .enumerate()
        .filter(|(index, node)| *index != own && node.list != List::Writes)
        .map(|(_, node)| node.id)
        .collect();
    // An id is an endpoint's path without its API, and never has its list before it.
    let bare: HashSet<&str> = [word.split_once(':'), word.split_once('.')]
        .into_iter()
        .flatten()
        .map(|(_, bare)| bare)
        .collect();
    if let Some(meant) = followable.iter().find(|id| bare.contains(**id)) {
        let help = format!("did you mean `{}`?", values_quote(meant));
        check.report(unknown_reference(at, after.span, message).help(help));
        return;
    }
    let few = one_of(&followable, ": ");
    let otherwise = format!(
        "write the id of a call, message or inference line of this feature{}",
        few
    );
    check.unknown(
        at,
        after.span,
        message,
        word,
        followable.into_iter(),
        otherwise,
    );
}
