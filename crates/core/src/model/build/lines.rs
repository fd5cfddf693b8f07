//! Demand lines: of a feature, in the order in which they follow each other.

use std::sync::Arc;

use super::{Builder, TOP, value_of};
use crate::collections::HashMap;
use crate::document::declared::Optional;
use crate::document::forms::CacheChoice;
use crate::document::reader::At;
use crate::document::tables;
use crate::document::values::{Count, Scope, TableKind};
use crate::document::{Estimate, Lines};
use crate::model::resolve::units_of;
use crate::model::things::*;
use crate::source::Spanned;
use crate::units::Rate;

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
        self.add_lines(&place, &feature.calls, "calls", &mut drafts);
        self.add_lines(&place, &feature.writes, "writes", &mut drafts);
        self.add_lines(&place, &feature.messages, "messages", &mut drafts);
        self.add_lines(&place, &feature.inference, "inference", &mut drafts);
        Feature {
            name: name.into(),
            lines: parents_first(drafts.lines),
        }
    }

    fn add_lines<T: DemandLine>(
        &self,
        place: &Place<'_>,
        lines: &Lines<T>,
        list: &str,
        out: &mut Drafts,
    ) {
        for (id, line) in lines.ids().zip(lines.all()) {
            let common = line.value.common();
            let list = place.path.key(list);
            let path = list.key(id);
            let (Some(target), Some((timing, after))) = (
                line.value.target(self, &path),
                self.timing(place, &path, &common, &mut out.populations),
            ) else {
                continue;
            };
            out.lines.push(Draft {
                after,
                line: Line {
                    id: id.clone(),
                    timing,
                    target,
                },
            });
        }
    }

    fn timing(
        &self,
        place: &Place<'_>,
        path: &At<'_>,
        line: &CommonKeys<'_>,
        known: &mut Vec<Arc<Population>>,
    ) -> Option<(Timing, Option<String>)> {
        if let Some(after) = line.after {
            let fanout = self.optional(path, "fanout", line.fanout, 1.0, |count| count.0);
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
                    Some(Placing::Placed(at)) if lines[at].list() != List::Writes => Some(at),
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

/// The keys that all demand lines have.
pub(crate) struct CommonKeys<'a> {
    /// `rate`
    pub rate: Option<&'a Spanned<Estimate<Rate>>>,
    /// `per`
    pub per: Option<&'a Spanned<crate::document::values::Text>>,
    /// `tenants`
    pub tenants: Option<&'a Spanned<crate::document::values::Texts>>,
    /// `after`
    pub after: Option<&'a Spanned<crate::document::values::LineId>>,
    /// `fanout`
    pub fanout: &'a Optional<Estimate<Count>>,
    /// `peak`
    pub peak: Option<&'a Spanned<crate::document::values::Peak>>,
    /// `spread`
    pub spread: Option<&'a Spanned<crate::units::Duration>>,
    /// `measured`
    pub measured: Option<&'a Spanned<crate::units::Date>>,
    /// `allow`
    pub allow: Option<&'a Spanned<crate::document::values::Texts>>,
    /// Which of its keys could not be read.
    pub broken: &'a [&'static str],
}

/// A line of any of the four lists.
pub(crate) trait DemandLine {
    /// The keys that all lines have.
    fn common(&self) -> CommonKeys<'_>;

    /// What it uses; nothing where that does not exist.
    fn target(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Target>;
}

macro_rules! common {
    () => {
        fn common(&self) -> CommonKeys<'_> {
            CommonKeys {
                rate: self.rate.as_deref(),
                per: self.per.as_deref(),
                tenants: self.tenants.as_deref(),
                after: self.after.as_deref(),
                fanout: &self.fanout,
                peak: self.peak.as_deref(),
                spread: self.spread.as_deref(),
                measured: self.measured.as_deref(),
                allow: self.allow.as_deref(),
                broken: &self.broken,
            }
        }
    };
}

impl DemandLine for tables::Call {
    common!();

    fn target(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Target> {
        let apis = &builder.root.apis;
        let written = &self.endpoint.as_ref()?.value.0;
        let (api, endpoint) = builder.endpoints.find(apis, written)?;
        Some(Target::Call {
            api: builder.numbers.apis.reference(api)?,
            // The model numbers it.
            endpoint: Reference {
                name: endpoint.into(),
                id: Id::default(),
            },
            items: builder.optional(path, "items", &self.items, 1.0, |count| count.0),
            cache: builder.cache(path, self.cache.as_deref()),
        })
    }
}

impl DemandLine for tables::Write {
    common!();

    fn target(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Target> {
        let table = &self.table.as_ref()?.value.0;
        let declared = builder.root.tables.get(table)?;
        if value_of(&declared.kind)? == TableKind::Rollup {
            return None;
        }
        Some(Target::Write {
            table: builder.numbers.tables.reference(table)?,
            rows: builder.optional(path, "rows", &self.rows, 1.0, |count| count.0),
        })
    }
}

impl DemandLine for tables::Message {
    common!();

    fn target(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Target> {
        let queue = &self.queue.as_ref()?.value.0;
        builder.root.queues.get(queue)?;
        Some(Target::Message {
            queue: builder.numbers.queues.reference(queue)?,
            count: builder.optional(path, "count", &self.count, 1.0, |count| count.0),
            size: self
                .size
                .as_ref()
                .map(|size| builder.estimate(&path.key("size"), &size.value, |size| size.bytes)),
        })
    }
}

impl DemandLine for tables::Inference {
    common!();

    fn target(&self, builder: &Builder<'_>, path: &At<'_>) -> Option<Target> {
        let name = &self.model.as_ref()?.value.0;
        let model = builder.root.models.get(name)?;
        let units = match self.units.as_ref().map(|units| &units.value) {
            None => Vec::new(),
            Some(units) => units_of(model)
                .into_iter()
                .map(|unit| {
                    let value = builder.per_name(&path.key("units"), units, &unit, 0.0);
                    (unit, value)
                })
                .collect(),
        };
        Some(Target::Inference {
            model: builder.numbers.models.reference(name)?,
            units,
            cache: builder.cache(path, self.cache.as_deref()),
        })
    }
}
