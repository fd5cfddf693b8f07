//! What was measured, as a run holds projects against it, and what is said of it.

use crate::analysis::Project;
use crate::calibrate::below_nothing;
use crate::report::{self, State};
use crate::rules::rule;
use crate::usage::{Days, Held, Matching};

use super::Settings;
use super::pairs::Pair;
use super::selection::Selection;

/// The rows of usage, matched with what projects declare. The first project that is shown speaks
/// of those that match nothing.
pub(super) fn matching(
    settings: &Settings,
    (head, base): (&[Project], &[Project]),
    selected: &Selection<'_>,
) -> Option<Matching> {
    let is_shown =
        |project: &&Project| selected.has(&project.declarations.name, &project.declarations.folder);
    let speaker = head.iter().find(is_shown);
    let speaker = speaker.map(|project| project.declarations.folder.as_str());
    settings
        .usage
        .matching((head, base), speaker, settings.as_of)
}

/// What was measured with what the head takes away of it, where it does.
pub(super) fn held(
    settings: &Settings,
    (head, base): (&[Project], &[Project]),
    matched: &[Pair],
) -> Option<Held> {
    let both = matched.iter();
    let both = both.filter_map(|pair| Some((base.get(pair.base?)?, head.get(pair.head?)?)));
    let both: Vec<(&Project, &Project)> = both.collect();
    if settings.usage.is_empty() && settings.usage_before.is_empty() {
        return None;
    }
    let days = Days::judged(settings.as_of);
    // What names what the base has is about what has come in its place.
    let mut held = settings.usage.held(&settings.usage, &both, days);
    held.iter_mut().for_each(|held| held.lessened.clear());
    for before in &settings.usage_before {
        let usage = held.as_ref().map_or(&settings.usage, |held| &held.usage);
        if let Some(mut more) = usage.held(before, &both, days) {
            let known = held.into_iter().flat_map(|held| held.lessened);
            more.lessened.extend(known);
            held = Some(more);
        }
    }
    held
}

/// What is to be known of measured usage: what adds up to less than nothing, and in one line its
/// findings that a change does not touch.
pub(super) fn measured(matching: Option<&Matching>, projects: &[report::Project]) -> Vec<String> {
    /// The most that are named.
    const NAMED: usize = 3;
    let negative = matching.into_iter().flat_map(|matching| &matching.negative);
    let negative = negative.take(NAMED);
    let mut notes: Vec<String> = negative
        .map(|(path, unit)| below_nothing(path, unit))
        .chain(matching.and_then(|matching| matching.shared.clone()))
        .collect();
    let findings = projects.iter().flat_map(|project| &project.findings);
    let old = findings.filter(|it| it.state == Some(State::Existing) && it.waived.is_none());
    let old = old.filter(|it| rule(&it.rule).is_some_and(|rule| rule.needs_usage));
    let mut named: Vec<String> = old
        .map(|it| format!("{} ({})", it.subject, it.rule))
        .collect();
    let others = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    if others > 0 {
        named.push(format!("{others} more"));
    }
    if !named.is_empty() {
        let named = named.join(", ");
        notes.push(format!("Measured, as before this change: {named}."));
    }
    notes
}
