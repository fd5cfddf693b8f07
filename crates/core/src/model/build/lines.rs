//! Demand lines: of a feature, in the order in which they follow each other.

use std::sync::Arc;

use super::{Builder, TOP, value_of};
use crate::collections::HashMap;
use crate::document::forms::CacheChoice;
use crate::document::reader::At;
use crate::document::tables::{self, LineKeys};
use crate::document::values::Scope;
use crate::model::lines::*;
use crate::model::things::*;
use crate::source::Spanned;

impl Builder<'_> {
    /// One feature with its lines, parents first. A line that follows nothing that is there, or
    /// itself, is left out.
    #[must_use]
    pub(crate) fn feature(&self, name: &str, feature: &tables::Feature) -> Feature {
        let list = TOP.key("features");
        let place = Place {
            path: list.key(name),
            feature,
        };
        let mut drafts = Drafts::default();
        for (id, line) in feature.lines() {
            let list = place.path.key(line.kind().list());
            let path = list.key(id);
            let keys = line.keys();
            let (Some(uses), Some((timing, after))) = (
                line.uses(self, &path),
                self.timing(&place, &path, &keys, &mut drafts.populations),
            ) else {
                continue;
            };
            drafts.lines.push(Draft {
                after,
                line: Line {
                    id: id.clone(),
                    kind: line.kind(),
                    timing,
                    uses,
                    cache: self.cache(&path, keys.cache),
                },
            });
        }
        Feature {
            name: name.into(),
            lines: parents_first(drafts.lines),
        }
    }

    fn timing(
        &self,
        place: &Place<'_>,
        path: &At<'_>,
        line: &LineKeys<'_>,
        known: &mut Vec<Arc<Population>>,
    ) -> Option<(Timing, Option<String>)> {
        if let Some(after) = line.after {
            let fanout = line.fanout.map_or(Value::Certain(1.0), |fanout| {
                self.estimate(&path.key("fanout"), &fanout.value, |count| count.0)
            });
            let timing = Timing::After { parent: 0, fanout };
            return Some((timing, Some(after.value.0.clone())));
        }
        let month = self.calendar.days_per_month;
        let rate = &line.rate?.value;
        let batch = rate.median().is_some_and(|rate| rate.batch);
        let per = self.per(line.per)?;
        let same = known.iter().find(|known| known.per == per);
        let population = match (line.tenants, same) {
            (None, Some(population)) => population.clone(),
            (None, None) => {
                let population = Arc::new(self.population(place, per, None));
                known.push(population.clone());
                population
            }
            (Some(_), _) => Arc::new(self.population(place, per, line.tenants)),
        };
        let timing = Timing::Rate {
            per_day: self.estimate(&path.key("rate"), rate, |rate| rate.per_day(month)),
            batch,
            // The model numbers it.
            population: Shared {
                id: usize::MAX,
                population,
            },
            peak: line.peak.map_or(self.peak, |peak| peak.value.0),
            spread: line.spread.map(|spread| spread.value.seconds),
        };
        Some((timing, None))
    }

    fn cache(&self, path: &At<'_>, cache: Option<&Spanned<CacheChoice>>) -> Option<Box<Cache>> {
        let CacheChoice::On(cache) = &cache?.value else {
            return None;
        };
        let path = path.key("cache");
        let shared = value_of(&cache.scope) == Some(Scope::Shared);
        Some(Box::new(Cache {
            ttl: value_of(&cache.ttl).map(|ttl| ttl.seconds),
            hit_ratio: cache
                .hit_ratio
                .as_ref()
                .map(|ratio| self.estimate(&path.key("hit_ratio"), &ratio.value, |ratio| ratio.0)),
            shared_keys: shared
                .then(|| self.optional(&path, "keys", &cache.keys, 0.0, |count| count.0)),
        }))
    }
}

/// The feature that lines are built of, and its path.
pub(super) struct Place<'a> {
    pub(super) path: At<'a>,
    pub(super) feature: &'a tables::Feature,
}

/// The lines of a feature that is being built.
#[derive(Default)]
struct Drafts {
    lines: Vec<Draft>,
    /// The populations of lines without tiers of their own, which are the feature's.
    populations: Vec<Arc<Population>>,
}

struct Draft {
    /// The id of the line that it follows.
    after: Option<String>,
    line: Line,
}

/// What becomes of a line.
#[derive(Clone, Copy)]
enum Placing {
    Waits,
    /// At this index.
    Placed(usize),
    /// Nowhere: what it follows is not there, or follows it.
    Dropped,
}

/// Puts parents before the lines that follow them and gives those the index of their parent.
fn parents_first(drafts: Vec<Draft>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::with_capacity(drafts.len());
    if drafts.iter().all(|draft| draft.after.is_none()) {
        lines.extend(drafts.into_iter().map(|draft| draft.line));
        return lines;
    }
    let indexes: HashMap<&str, usize> = drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| (&*draft.line.id, index))
        .collect();
    let parents: Vec<Option<Option<usize>>> = drafts
        .iter()
        .map(|draft| Some(indexes.get(draft.after.as_deref()?).copied()))
        .collect();
    let mut placing = vec![Placing::Waits; drafts.len()];
    let mut drafts: Vec<Option<Line>> = drafts.into_iter().map(|draft| Some(draft.line)).collect();
    let mut chain = Vec::new();
    for start in 0..drafts.len() {
        // Up to what is placed already, or follows nothing, or can't be placed.
        let mut at = Some(start);
        while let Some(index) = at.filter(|index| matches!(placing[*index], Placing::Waits)) {
            placing[index] = Placing::Dropped;
            chain.push(index);
            at = parents[index].flatten();
        }
        while let Some(index) = chain.pop() {
            let parent = match parents[index] {
                None => None,
                Some(parent) => match parent.map(|parent| placing[parent]) {
                    Some(Placing::Placed(at)) if lines[at].kind.is_followed() => Some(at),
                    _ => continue,
                },
            };
            let Some(mut line) = drafts[index].take() else {
                continue;
            };
            if let (Some(index), Timing::After { parent, .. }) = (parent, &mut line.timing) {
                *parent = index;
            }
            placing[index] = Placing::Placed(lines.len());
            lines.push(line);
        }
    }
    lines
}
