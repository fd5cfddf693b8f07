//! Which declaration moves which meter, by how much.
//!
//! The declarations that differ are applied to the base one at a time, at point values. Each
//! one's contribution is the change of the demand at its turn, so the contributions sum to the
//! delta. One step costs what it touches: the lines of one feature, or those that use what
//! changed, and the meters that they reach.

use crate::analysis::{Outlook, Project};
use crate::changes::headline::Headlines;
use crate::changes::steps::Steps;
use crate::changes::{edit_kind, group, is_of_model};
use crate::collections::HashMap;
use crate::document::{Difference, DifferenceKind, TomlPath};
use crate::report::{Attribution, Change, EditKind};
use crate::source::SourceMap;

/// The most evaluations of lines that attribution makes: what 10,000 changed features take many
/// times over. Where one at a time would take more, neighbours are applied together.
const MOST_EVALUATIONS: usize = 10_000_000;

/// Adds to each change what declarations contribute to it.
pub(super) fn attribute(
    (base, before): (&Project, &Outlook),
    head: &Project,
    (differences, mut steps): (&[Difference], Steps<'_>),
    changes: &mut [Change],
    sources: &SourceMap,
) {
    let wanted: HashMap<String, usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.delta.is_some_and(|delta| delta != 0.0))
        .map(|(index, change)| (change.meter.clone(), index))
        .collect();
    if wanted.is_empty() {
        return;
    }
    let headlines = Headlines::new((base, before), head, sources);
    for together in turns(differences, &steps) {
        let mut said = None;
        for (meter, delta) in steps.apply(&together) {
            let Some(index) = wanted.get(&meter) else {
                continue;
            };
            let said = said.get_or_insert_with(|| say(&together, &headlines));
            changes[*index].attribution.push(Attribution {
                delta,
                ..said.clone()
            });
        }
    }
    let is_unread = [base, head].iter().any(|it| !it.findings.is_empty());
    for change in changes {
        if is_lost(change) || steps.is_infinite(&change.meter) {
            change.attribution.clear();
            continue;
        }
        let settled = settle(change);
        if !settled && is_unread {
            // A value that could not be read may move a meter without differing.
            change.attribution.clear();
            continue;
        }
        debug_assert!(settled, "causes of other amounts: {change:?}");
    }
}

/// How far the contributions may be from the delta, as a part of the larger demand: rounding, and
/// nothing that one of them misses.
const ROUNDING: f64 = 1e-9;

/// How much of the delta rounding may be for its causes to be told.
const TOLD: f64 = 1e-3;

/// What moved on the way to the delta.
fn moved(change: &Change) -> f64 {
    change
        .attribution
        .iter()
        .map(|cause| cause.delta.abs())
        .sum()
}

/// Whether demands on the way are so much larger than at both ends that what is left of the
/// contributions is rounding: nobody could tell which declaration moves the meter. Of an infinite
/// demand none could either.
fn is_lost(change: &Change) -> bool {
    let rounding = 8.0 * f64::EPSILON * moved(change);
    change
        .delta
        .is_none_or(|delta| rounding > TOLD * delta.abs())
}

/// Lets the contributions sum to the delta where rounding kept them from it: demands on the way
/// may be far larger than at both ends, and their differences rounded accordingly. What is
/// missing goes to the smallest contribution, which can hold it. Returns whether only rounding
/// was missing; contributions that are wrong stay as they are.
fn settle(change: &mut Change) -> bool {
    let (Some(before), Some(after), Some(delta)) = (change.before, change.after, change.delta)
    else {
        return true;
    };
    let moved = moved(change);
    let causes = &mut change.attribution;
    let deltas = || causes.iter().map(|cause| cause.delta);
    let missing = exact_sum(std::iter::once(delta).chain(deltas().map(|delta| -delta)));
    let larger = before.max(after);
    if missing.abs() > ROUNDING * larger + crate::fit::ROUNDING * moved {
        return false;
    }
    let smallest = causes
        .iter_mut()
        .min_by(|a, b| a.delta.abs().total_cmp(&b.delta.abs()));
    if let Some(smallest) = smallest {
        smallest.delta += missing;
    }
    true
}

/// A sum that keeps what rounding drops (Neumaier's).
fn exact_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut dropped) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = sum + term;
        dropped += if sum.abs() >= term.abs() {
            (sum - next) + term
        } else {
            (term - next) + sum
        };
        sum = next;
    }
    sum + dropped
}

/// The declarations of the model, one a turn, or as many as the bound asks for: those of the
/// same group and the same table.
fn turns<'d>(differences: &'d [Difference], steps: &Steps<'_>) -> Vec<Vec<&'d Difference>> {
    let of_model: Vec<&Difference> = differences
        .iter()
        .filter(|difference| is_of_model(difference))
        .collect();
    let costs: usize = of_model
        .iter()
        .map(|difference| steps.cost(difference))
        .sum();
    let most = costs.div_ceil(MOST_EVALUATIONS).max(1);
    let mut turns: Vec<Vec<&Difference>> = Vec::new();
    for difference in of_model {
        match turns.last_mut() {
            Some(turn)
                if turn.len() < most
                    && turn.first().is_some_and(|first| {
                        group(first) == group(difference)
                            && first.path.0.first() == difference.path.0.first()
                    }) =>
            {
                turn.push(difference);
            }
            _ => turns.push(vec![difference]),
        }
    }
    turns
}

/// What a turn's declarations said and say; the delta is filled in later.
fn say(together: &[&Difference], headlines: &Headlines<'_>) -> Attribution {
    if let [difference] = together {
        return Attribution {
            path: difference.path.to_string(),
            kind: edit_kind(difference.kind),
            before: headlines.before(difference),
            after: headlines.after(difference),
            delta: 0.0,
        };
    }
    let kinds: Vec<DifferenceKind> = together.iter().map(|difference| difference.kind).collect();
    let kind = match kinds.first() {
        Some(first) if kinds.iter().all(|kind| kind == first) => edit_kind(*first),
        _ => EditKind::Changed,
    };
    let count = Some(format!("{} declarations", together.len()));
    Attribution {
        path: common(together).to_string(),
        kind,
        before: count.clone().filter(|_| kind == EditKind::Removed),
        after: count.filter(|_| kind != EditKind::Removed),
        delta: 0.0,
    }
}

/// The path above all of these.
fn common(together: &[&Difference]) -> TomlPath {
    let mut keys = together
        .first()
        .map(|first| first.path.0.clone())
        .unwrap_or_default();
    for difference in together {
        let same = keys
            .iter()
            .zip(&difference.path.0)
            .take_while(|(a, b)| a == b)
            .count();
        keys.truncate(same);
    }
    TomlPath(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::BeforeAfter;

    fn change(before: f64, after: f64, deltas: &[f64]) -> Change {
        Change {
            meter: "apis.a.credits".to_owned(),
            before: Some(before),
            after: Some(after),
            delta: Some(after - before),
            percent: None,
            limit: BeforeAfter {
                before: None,
                after: None,
            },
            verdict: BeforeAfter {
                before: None,
                after: None,
            },
            breaking_point: BeforeAfter {
                before: None,
                after: None,
            },
            scenarios: Vec::new(),
            attribution: causes(deltas),
            was: None,
        }
    }

    fn causes(deltas: &[f64]) -> Vec<Attribution> {
        let cause = |delta: &f64| Attribution {
            path: "features.f".to_owned(),
            kind: EditKind::Changed,
            before: None,
            after: None,
            delta: *delta,
        };
        deltas.iter().map(cause).collect()
    }

    fn deltas(change: &Change) -> Vec<f64> {
        change.attribution.iter().map(|cause| cause.delta).collect()
    }

    #[test]
    fn rounding_goes_to_the_smallest_cause() {
        let mut rounded = change(1000.0, 1200.0, &[300.0 + 1e-9, -100.0]);
        assert!(settle(&mut rounded));
        assert_eq!(deltas(&rounded).iter().sum::<f64>(), 200.0);
        assert_eq!(rounded.attribution[0].delta, 300.0 + 1e-9);
    }

    #[test]
    fn demands_that_cancel_on_the_way_round_by_their_own_size() {
        let mut rounded = change(1.0, 2.0, &[1e6, -1e6 + 1.0 + 1e-7]);
        assert!(settle(&mut rounded));
        assert_eq!(deltas(&rounded).iter().sum::<f64>(), 1.0);
    }

    #[test]
    fn what_rounding_has_swallowed_has_no_causes() {
        assert!(!is_lost(&change(1.0, 2.0, &[1e6, -1e6 + 1.0])));
        assert!(is_lost(&change(1.0, 2.0, &[1e15, -1e15 + 2.0])));
        assert!(is_lost(&change(0.0, 50.0, &[1e25, -1e25, 40.0])));
        assert!(is_lost(&change(
            0.0,
            50.0,
            &[f64::INFINITY, f64::NEG_INFINITY, 50.0]
        )));
    }

    #[test]
    fn a_wrong_contribution_is_not_hidden_in_another() {
        for wrong in [[150.0, -100.0], [300.0, -50.0], [300.0 + 1e-5, -100.0]] {
            let mut change = change(1000.0, 1200.0, &wrong);
            assert!(!settle(&mut change), "{wrong:?}");
            assert_eq!(deltas(&change), wrong);
        }
        assert!(!settle(&mut change(1000.0, 1200.0, &[])));
    }
}
