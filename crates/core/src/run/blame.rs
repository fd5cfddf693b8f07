//! In a comparison a finding about a limit points at what changed.

use crate::changes::Comparison;
use crate::collections::HashMap;
use crate::document::Difference;
use crate::report::{Attribution, Change, Finding, Related, State};
use crate::source::{SourceMap, Span};
use crate::words::number;

/// Moves new and worsened findings about a meter to the changed declaration that adds most to it;
/// where the limit is declared becomes another place.
pub(super) fn blame(
    findings: &mut [Finding],
    comparison: &Comparison<'_>,
    currency: &str,
    sources: &SourceMap,
) {
    let named = |difference: &Difference| Some((difference.path.to_string(), difference.after?));
    let changed: HashMap<String, Span> = comparison.differences.iter().filter_map(named).collect();
    for finding in findings {
        if !matches!(finding.state, Some(State::New | State::Worsened)) {
            continue;
        }
        let Some((change, cause)) = cause(finding, &comparison.changes) else {
            continue;
        };
        if let Some(span) = changed.get(&cause.path) {
            let blame = format!("; {}", said(change, cause, currency));
            finding.message.push_str(&blame);
            finding.blame = Some(blame);
            point(finding, *span, sources);
        }
    }
}

/// The change of the meter that a finding is about, and the declaration that adds most to it.
fn cause<'c>(finding: &Finding, changes: &'c [Change]) -> Option<(&'c Change, &'c Attribution)> {
    let parts = finding.parts.iter().map(|(name, _)| name.as_str());
    let mut names = std::iter::once(finding.subject.as_str()).chain(parts);
    let change = names.find_map(|name| {
        let at = changes.binary_search_by(|change| change.meter.as_str().cmp(name));
        changes.get(at.ok()?)
    })?;
    let adds = change.attribution.iter().filter(|it| it.delta > 0.0);
    let most = adds.max_by(|one, other| one.delta.total_cmp(&other.delta))?;
    Some((change, most))
}

/// `this change adds 540,000: 30/day → 45/day`.
fn said(change: &Change, cause: &Attribution, currency: &str) -> String {
    let unit = change.was.as_ref().map_or("", |was| &was.unit);
    let delta = number::quantity(Some(cause.delta), unit, currency);
    match (&cause.before, &cause.after) {
        (Some(before), Some(after)) => format!("changing {before} to {after} adds {delta}"),
        _ => format!("`{}` adds {delta}", cause.path),
    }
}

fn point(finding: &mut Finding, span: Span, sources: &SourceMap) {
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end);
    let file = sources.file(span.file).path.to_string();
    let is_there = |it: &Related| it.file == file && it.line == start.line;
    finding.related.retain(|related| !is_there(related));
    let is_told = finding.related.iter().any(|it| it.span == finding.span);
    if let (Some(old), Some(line), Some(column)) = (&finding.file, finding.line, finding.column)
        && finding.span.is_some_and(|old| old != span && !is_told)
    {
        let limit = Related {
            file: old.clone(),
            line,
            column,
            message: "the limit".to_owned(),
            span: finding.span,
        };
        finding.related.insert(0, limit);
    }
    finding.file = Some(file);
    finding.line = Some(start.line);
    finding.column = Some(start.column);
    finding.end_line = Some(end.line);
    finding.end_column = Some(end.column);
    finding.span = Some(span);
}
