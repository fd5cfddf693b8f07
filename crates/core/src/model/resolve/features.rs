//! `[features.NAME]`: who has a feature, and how its lines hang together.

use crate::collections::{HashMap, HashSet};
use crate::document::declared::Entry;
use crate::document::reader::{At, values_quote};
use crate::document::tables;
use crate::document::values::LineId;
use crate::model::build::{TOP, span_of};
use crate::model::resolve::check::{Check, invalid, one_of, unknown_reference};
use crate::model::resolve::cycles::{cycles, report};
use crate::model::resolve::{lines, population};
use crate::model::{Feature, LineKind};
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
    kind: LineKind,
    id: &'a str,
    after: Option<&'a Spanned<LineId>>,
}

/// Checks that lines follow lines that can be followed, and not in a circle.
fn follow(check: &mut Check<'_>, at: &At<'_>, feature: &tables::Feature) {
    if !feature.lines().any(|(_, line)| line.keys().after.is_some()) {
        return;
    }
    let nodes = feature.lines().map(|(id, line)| Node {
        kind: line.kind(),
        id,
        // A line with both is said to have both, and is judged no further.
        after: line.keys().after.filter(|_| line.keys().rate.is_none()),
    });
    let all: Vec<Node<'_>> = nodes.collect();
    let ids: HashMap<&str, usize> = all
        .iter()
        .enumerate()
        .map(|(index, node)| (node.id, index))
        .collect();
    let incomplete = feature.lacks_lines();
    let mut follows = vec![None; all.len()];
    for (index, node) in all.iter().enumerate() {
        let Some(after) = node.after else { continue };
        let list = at.key(node.kind.list());
        let line = list.key(node.id);
        let at = line.key("after");
        match ids.get(after.value.0.as_str()) {
            Some(parent) if !all[*parent].kind.is_followed() => {
                check.report(after_write(&at, after));
            }
            Some(parent) => follows[index] = Some(*parent),
            None if incomplete || check.may_be_lost(&after.value.0) => {}
            None => after_nothing(check, &at, after, &all, index),
        }
    }
    for members in cycles(&follows) {
        let first = &all[members[0]];
        let list = at.key(first.kind.list());
        let at = list.key(first.id);
        let named: Vec<(&str, Span)> = members
            .iter()
            .filter_map(|index| Some((all[*index].id, all[*index].after?.span)))
            .collect();
        let help = "give the line that starts it a `rate` instead of `after`";
        report(check, &at.key("after"), &named, "follows", help);
    }
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
        .filter(|(index, node)| *index != own && node.kind.is_followed())
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
