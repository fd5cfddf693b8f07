//! Findings that one edit ends: told once.

use crate::report::{Finding, Project};

/// Findings with those that one edit ends too, each where the first of them is.
pub(super) fn by_edit<'a>(
    found: Vec<(&'a Project, &'a Finding)>,
) -> Vec<(&'a Project, Vec<&'a Finding>)> {
    let mut groups: Vec<(&Project, Vec<&Finding>)> = Vec::new();
    for (project, finding) in found {
        let same = groups.iter_mut().find(|(of, group)| {
            let mut first = group.first().into_iter();
            std::ptr::eq(*of, project) && first.any(|first| is_ended_by(first, finding))
        });
        match same {
            Some((_, group)) => group.push(finding),
            None => groups.push((project, vec![finding])),
        }
    }
    groups
}

/// A message without what the finding before it is blamed on too.
pub(super) fn unblamed(finding: &Finding) -> &str {
    let blame = finding.blame.as_deref();
    let message = blame.and_then(|blame| finding.message.strip_suffix(blame));
    message.unwrap_or(&finding.message)
}

/// Whether what ends one finding of a place ends another there: the same edit, or for one rule the
/// same in words.
pub(super) fn is_ended_by(first: &Finding, other: &Finding) -> bool {
    let edits = |it: &Finding| it.fix.as_ref().map(|fix| fix.edits.clone());
    let same = match (edits(first), edits(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => {
            first.rule == other.rule && first.help.is_some() && first.help == other.help
        }
        _ => false,
    };
    same && first.severity == other.severity && first.span.is_some() && first.span == other.span
}
