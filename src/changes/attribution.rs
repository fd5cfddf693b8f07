//! Which declaration moves which meter, by how much.
//!
//! The declarations that differ are applied to the base one at a time, at point values. Each
//! one's contribution is the change of the demand at its turn, so the contributions sum to the
//! delta. One step costs what it touches: the lines of one feature, or those that use what
//! changed, and the meters that they reach.

use std::collections::{BTreeSet, HashMap};

use crate::analysis::Project;
use crate::changes::steps::Steps;
use crate::changes::{edit_kind, is_of_model};
use crate::document::declared::{Difference, Kind};
use crate::report::{Attribution, Change};
use crate::source::{SourceMap, Span};

/// The contributions to each change, in the changes' order.
#[must_use]
pub fn attribute(
    base: &Project,
    head: &Project,
    differences: &[Difference],
    changes: &[Change],
    sources: &SourceMap,
) -> Vec<Vec<Attribution>> {
    let mut attributed: Vec<Vec<Attribution>> = vec![Vec::new(); changes.len()];
    let wanted: HashMap<&str, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.delta.is_some_and(|delta| delta != 0.0))
        .map(|(index, change)| (change.meter.as_str(), index))
        .collect();
    if wanted.is_empty() {
        return attributed;
    }
    let mut infinite = BTreeSet::new();
    let mut steps = Steps::new(base, head);
    for difference in differences
        .iter()
        .filter(|difference| is_of_model(difference))
    {
        for (meter, delta) in steps.apply(difference, head) {
            let Some(index) = wanted.get(meter.as_str()) else {
                continue;
            };
            if !delta.is_finite() {
                infinite.insert(*index);
            }
            attributed[*index].push(Attribution {
                path: difference.path.to_string(),
                kind: edit_kind(difference.kind),
                before: difference
                    .before
                    .map(|span| headline(difference, span, sources)),
                after: difference
                    .after
                    .map(|span| headline(difference, span, sources)),
                delta,
            });
        }
    }
    // A demand that is infinite on the way can't be split into a sum.
    for index in infinite {
        attributed[index].clear();
    }
    attributed
}

/// What a declaration says, in a few words: a value as it is written, of a whole thing its rate
/// or kind.
fn headline(difference: &Difference, span: Span, sources: &SourceMap) -> String {
    const MOST: usize = 200;
    let text = sources.text(span);
    let text = match difference.kind {
        Kind::Changed => text.to_owned(),
        Kind::Added | Kind::Removed => {
            let says = ["rate", "after", "kind", "broker", "now"]
                .iter()
                .find_map(|key| value_in(text, key));
            says.map_or_else(|| one_line(text), str::to_owned)
        }
    };
    let unquoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .filter(|text| !text.contains('"'))
        .unwrap_or(&text);
    let mut short: String = unquoted.chars().take(MOST).collect();
    if short.len() < unquoted.len() {
        short.push('…');
    }
    short
}

/// The text of a key's value in the text of a table.
fn value_in<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .flat_map(|line| line.split([',', '{']))
        .find_map(|part| {
            let (name, value) = part.split_once('=')?;
            (name.trim() == key).then(|| value.trim().trim_end_matches('}').trim())
        })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
