//! What was called otherwise in the base: a rename is no new demand.

use std::sync::Arc;

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::model::Feature;

/// The lines of a feature, sorted: the list, the id and what it uses of each.
pub(crate) type Lines<'l> = Vec<(&'static str, &'l str, Arc<str>)>;

/// The lines of a feature that has any.
pub(crate) fn lines_of(feature: &Feature) -> Option<Lines<'_>> {
    let line = |line: &'_ crate::model::Line| line.target_name();
    let mut lines: Lines<'_> = feature
        .lines
        .iter()
        .map(|it| (it.kind.list(), &*it.id, line(it)))
        .collect();
    lines.sort_unstable();
    (!lines.is_empty()).then_some(lines)
}

/// What features were called in the base: one that is new has the very lines of one that is
/// gone.
pub(crate) fn features<'a>(base: &'a Project, head: &'a Project) -> HashMap<&'a str, &'a str> {
    fn only<'p>(here: &'p Project, there: &Project) -> HashMap<Lines<'p>, Vec<&'p str>> {
        let mut by_lines: HashMap<Lines<'p>, Vec<&'p str>> = HashMap::default();
        for (name, feature) in &here.model.features {
            let lines = lines_of(feature).filter(|_| !there.model.features.contains_key(name));
            if let Some(lines) = lines {
                by_lines.entry(lines).or_default().push(name);
            }
        }
        by_lines
    }
    let gone = only(base, head);
    only(head, base)
        .into_iter()
        .filter_map(
            |(lines, new)| match (new[..].as_ref(), gone.get(&lines)?[..].as_ref()) {
                ([new], [old]) => Some((*new, *old)),
                _ => None,
            },
        )
        .collect()
}
