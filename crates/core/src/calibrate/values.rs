//! Declared values that were measured: all but how often lines occur.

use crate::analysis::Project;
use crate::calibrate::errors::percentile;
use crate::calibrate::lines::Observed;
use crate::calibrate::rewrite::Unit;
use crate::calibrate::series::{Measured, sum};
use crate::document::forms::{CacheChoice, PerName};
use crate::document::projection::Projection;
use crate::document::tables::AnyLine;
use crate::document::{Optional, TomlPath, dotted};
use crate::model::{Entity, Value};
use crate::source::{SourceMap, Span};

/// A declared value and what was measured instead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) path: TomlPath,
    pub(crate) place: Place,
    /// The number with every estimate at its median; nothing where nobody knew it.
    pub(crate) declared: Option<f64>,
    pub(crate) measured: f64,
    pub(crate) unit: Unit,
    pub(crate) of: Of,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There.
    At(Span),
    /// Nowhere: it is its key's default, in this table.
    In(Span),
}

impl Place {
    /// Of a value that may have been left out of a table.
    fn of<T>(slot: &Optional<T>, table: Option<Span>) -> Option<Self> {
        span_of(slot).map(Self::At).or_else(|| table.map(Self::In))
    }

    fn at(span: Option<Span>) -> Option<Self> {
        span.map(Self::At)
    }
}

impl Found {
    /// The text of the value, where it is written.
    pub(crate) fn text<'s>(&self, sources: &'s SourceMap) -> &'s str {
        match self.place {
            Place::At(span) => sources.text(span),
            Place::In(_) => "",
        }
    }
}

/// What a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// How many tenants, entities or users there are.
    Population,
    /// What is asked again of an API.
    Retries,
    /// A demand line: how often it occurs, and what it then uses.
    Line,
    /// What an endpoint costs.
    Cost,
    /// Anything else: tables and queues.
    Thing,
}

/// How much of an hour's worth a day with hours is told by.
const HOURS: f64 = 24.0;
/// Days of hours that tell a peak.
const HOURS_FOR_PEAK: usize = 7 * 24;
/// Rows from which a table's size tells that of its rows.
const ROWS_FOR_SIZE: f64 = 1_000.0;
/// The share of hours or samples that a peak or a depth is not passed in.
const PEAK_SHARE: f64 = 0.99;

pub(crate) struct Values<'a> {
    pub(crate) project: &'a Project,
    pub(crate) measured: &'a Measured,
    pub(crate) found: Vec<Found>,
    /// What could not be measured, and why.
    pub(crate) notes: Vec<String>,
}

impl Values<'_> {
    fn push(
        &mut self,
        path: &[&str],
        place: Option<Place>,
        (declared, measured): (Option<f64>, Option<f64>),
        (unit, of): (Unit, Of),
    ) {
        if let (Some(place), Some(measured)) = (place, measured.filter(|it| it.is_finite())) {
            self.found.push(Found {
                path: TomlPath::new(path),
                place,
                declared,
                measured,
                unit,
                of,
            });
        }
    }

    fn last(&self, subject: &[&str], unit: &str) -> Option<f64> {
        self.measured.last(&path_of(subject), unit)
    }

    /// How many tenants and entities there are.
    pub(crate) fn populations(&mut self) {
        let root = &self.project.declarations.root;
        let model = &self.project.model;
        for (name, tier) in root.tenants.iter() {
            let now = model.tiers.get(name).and_then(|tier| tier.points.first());
            let declared = now.and_then(|(_, now)| now.point());
            let numbers = (declared, self.last(&["tenants", name], "count"));
            let kind = (Unit::Count, Of::Population);
            let place = Place::at(now_of(tier));
            self.push(&["tenants", name, "now"], place, numbers, kind);
        }
        for (name, entity) in root.entities.iter() {
            let Some(Entity::Count { count, .. }) = model.entities.get(name) else {
                continue;
            };
            let declared = count.points.first().and_then(|(_, now)| now.point());
            let now = entity.count.as_ref().and_then(|count| now_of(&count.value));
            let numbers = (declared, self.last(&["entities", name], "count"));
            let (kind, place) = ((Unit::Count, Of::Population), Place::at(now));
            self.push(&["entities", name, "count", "now"], place, numbers, kind);
        }
    }

    /// How many use each feature. `tenants` says how many of its tenants there are.
    pub(crate) fn users(&mut self, tenants: impl Fn(&str) -> f64) {
        let features = &self.project.declarations.root.features;
        for (name, feature) in features.iter() {
            let Some(count) = self.last(&["features", name], "count") else {
                continue;
            };
            let kind = Of::Population;
            if let Some(active) = &feature.active {
                let declared = active.value.median().map(|it| it.0);
                let path = ["features", name, "active"];
                let numbers = (declared, Some(count));
                let place = Some(Place::At(active.span));
                self.push(&path, place, numbers, (Unit::Count, kind));
            }
            let Some(adoption) = &feature.adoption else {
                continue;
            };
            if let PerName::Same(share) = &adoption.value {
                let declared = share.median().map(|it| it.0);
                let path = ["features", name, "adoption"];
                let numbers = (declared, Some((count / tenants(name)).min(1.0)));
                let place = Some(Place::At(adoption.span));
                self.push(&path, place, numbers, (Unit::Share, kind));
            }
        }
    }

    /// What APIs ask again, and what their endpoints cost.
    pub(crate) fn apis(&mut self, lines: &[Observed<'_>]) {
        let root = &self.project.declarations.root;
        for (name, entry) in root.apis.entries() {
            let (api, model) = (&entry.body.value, self.project.model.apis.get(name));
            let Some(model) = model else { continue };
            let retries = retry_ratio(self.measured, name);
            let numbers = (model.retry_ratio.point(), retries);
            let place = Place::of(&api.retry_ratio, Some(entry.body.span));
            let path = ["apis", name, "retry_ratio"];
            self.push(&path, place, numbers, (Unit::Share, Of::Retries));
            for (path, endpoint) in api.endpoints.iter() {
                let alone = endpoint.credits_per_item.is_none()
                    && endpoint.credits_per_step.is_none()
                    && endpoint.min_credits.is_none();
                let declared = model.endpoints.get(path).filter(|_| alone);
                let Some(declared) = declared else { continue };
                let calls = lines
                    .iter()
                    .filter(|it| it.line.called() == Some((name, path)));
                let numbers = (declared.credits.point(), cost(calls));
                let place = Place::at(span_of(&endpoint.credits));
                let path = ["apis", name, "endpoints", path, "credits"];
                self.push(&path, place, numbers, (Unit::Count, Of::Cost));
            }
        }
    }

    /// What lines use when they occur.
    pub(crate) fn line(&mut self, line: &Observed<'_>) {
        let keys = TomlPath::parse(&line.path).unwrap_or_default().0;
        let uses = &line.line.uses;
        let cache = match line.written.keys().cache.map(|cache| &cache.value) {
            Some(CacheChoice::On(cache)) => span_of(&cache.hit_ratio),
            _ => None,
        };
        let hit_ratio = line
            .line
            .cache
            .as_ref()
            .and_then(|it| it.hit_ratio.as_ref());
        let hits = line.quotient("reached", "occurrences");
        let hits = hits.map(|missed| (1.0 - missed).max(0.0));
        let numbers = (hit_ratio.and_then(Value::point), hits);
        let place = Place::at(cache);
        self.of_line(&keys, &["cache", "hit_ratio"], place, numbers, Unit::Share);
        let (count, table) = (uses.count.point(), Some(line.written.span()));
        match line.written {
            AnyLine::Read(read) => {
                // Only what the cache lets pass reads rows.
                let cached = line.line.cache.is_some();
                let whole = if cached { "reached" } else { "occurrences" };
                let numbers = (count, line.quotient("rows", whole));
                let place = Place::of(&read.value.rows, table);
                self.of_line(&keys, &["rows"], place, numbers, Unit::Count);
            }
            AnyLine::Write(write) => {
                let numbers = (count, line.quotient("rows", "occurrences"));
                let place = Place::of(&write.value.rows, table);
                self.of_line(&keys, &["rows"], place, numbers, Unit::Count);
            }
            AnyLine::Message(message) => {
                let numbers = (count, line.quotient("messages", "occurrences"));
                let place = Place::of(&message.value.count, table);
                self.of_line(&keys, &["count"], place, numbers, Unit::Count);
                let queue = self.project.model.queues.get(&*uses.thing);
                let size = uses.size.as_ref().or(queue.map(|it| &it.message_size));
                let size = size.and_then(Value::point);
                let numbers = (size, line.quotient("bytes", "messages"));
                let place = Place::of(&message.value.size, table);
                self.of_line(&keys, &["size"], place, numbers, Unit::Bytes);
            }
            AnyLine::Inference(inference) => {
                let Some(units) = &inference.value.units else {
                    return;
                };
                for (unit, value) in &uses.units {
                    let (path, span): (&[&str], _) = match &units.value {
                        PerName::Same(_) => (&["units"], Some(units.span)),
                        PerName::By(by) => {
                            let span = by.entry(unit).map(|entry| entry.body.span);
                            (&["units", unit], span)
                        }
                    };
                    let numbers = (value.point(), line.quotient(unit, "requests"));
                    self.of_line(&keys, path, Place::at(span), numbers, Unit::Count);
                }
            }
            AnyLine::Call(_) => {}
        }
        let peak = line.written.keys().peak;
        let numbers = (peak.map(|peak| peak.value.0), self.peak(line));
        let place = Place::at(peak.map(|it| it.span));
        self.of_line(&keys, &["peak"], place, numbers, Unit::Count);
    }

    pub(crate) fn of_line(
        &mut self,
        line: &[String],
        key: &[&str],
        place: Option<Place>,
        numbers: (Option<f64>, Option<f64>),
        unit: Unit,
    ) {
        let keys = line.iter().map(String::as_str).chain(key.iter().copied());
        let path: Vec<&str> = keys.collect();
        self.push(&path, place, numbers, (unit, Of::Line));
    }

    /// An hour that few pass, over the mean hour.
    fn peak(&self, line: &Observed<'_>) -> Option<f64> {
        let series = self.measured.get(&line.path, "occurrences")?;
        if series.hours.len() < HOURS_FOR_PEAK {
            return None;
        }
        let busy = percentile(series.hours.clone(), PEAK_SHARE)?;
        let peak = busy * HOURS / line.mean("occurrences")?;
        peak.is_finite().then_some(peak.max(1.0))
    }

    /// What tables take, and how deep queues are.
    pub(crate) fn things(&mut self) {
        let root = &self.project.declarations.root;
        let model = &self.project.model;
        for (name, entry) in root.tables.entries() {
            let Some(known) = model.tables.get(name) else {
                continue;
            };
            let (table, subject) = (&entry.body.value, ["tables", name]);
            let bytes = self.last(&subject, "bytes");
            let size = self.row_size(name, bytes);
            let indexes = self.last(&subject, "indexes");
            let own = Some(entry.body.span);
            let measured = [
                (
                    "row_size",
                    Place::of(&table.row_size, own),
                    (known.row_size.point(), size),
                    Unit::Bytes,
                ),
                (
                    "indexes",
                    Place::of(&table.indexes, own),
                    (Some(known.indexes), indexes),
                    Unit::Count,
                ),
                (
                    "existing",
                    Place::of(&table.existing, own),
                    (Some(known.existing), bytes),
                    Unit::Bytes,
                ),
            ];
            for (key, place, numbers, unit) in measured {
                let path = ["tables", name, key];
                self.push(&path, place, numbers, (unit, Of::Thing));
            }
        }
        for (name, queue) in root.queues.iter() {
            let known = model
                .queues
                .get(name)
                .and_then(|queue| queue.depth.as_ref());
            let series = self.measured.get(&path_of(&["queues", name]), "depth");
            let samples = series.map(|series| series.samples.iter().map(|(_, depth)| *depth));
            let deep = samples.and_then(|it| percentile(it.collect(), PEAK_SHARE));
            let numbers = (known.and_then(Value::point), deep);
            let path = ["queues", name, "depth"];
            let place = Place::at(span_of(&queue.depth));
            self.push(&path, place, numbers, (Unit::Count, Of::Thing));
        }
    }

    /// Bytes of a row, of a table with enough of them whose statistics are known.
    fn row_size(&mut self, table: &str, bytes: Option<f64>) -> Option<f64> {
        let bytes = bytes?;
        let subject = ["tables", table];
        let path = path_of(&subject);
        if self
            .last(&subject, "never-analyzed")
            .is_some_and(|never| never > 0.0)
        {
            let note = format!("`{path}` was never analyzed, so its `row_size` was not measured");
            self.notes.push(note);
            return None;
        }
        let rows = self.last(&subject, "rows-live")?;
        if rows < ROWS_FOR_SIZE {
            let note = format!("`{path}` has too few rows to measure their size");
            self.notes.push(note);
            return None;
        }
        Some(bytes / rows)
    }
}

/// Billed retries of an API per call that is none.
pub(crate) fn retry_ratio(measured: &Measured, api: &str) -> Option<f64> {
    let path = path_of(&["apis", api]);
    let is_enough = |unit| measured.total(&path, unit).is_some();
    let is_known = is_enough("retries") && is_enough("calls");
    retries_of_all(measured, api).filter(|_| is_known)
}

/// The same, however few the days are.
pub(crate) fn retries_of_all(measured: &Measured, api: &str) -> Option<f64> {
    let path = path_of(&["apis", api]);
    let all = |unit| Some(sum(&measured.get(&path, unit)?.days));
    let (retries, calls) = (all("retries")?, all("calls")?);
    (calls > retries).then(|| retries / (calls - retries))
}

/// Credits of a call, by all lines of which both were measured.
fn cost<'l>(calls: impl Iterator<Item = &'l Observed<'l>>) -> Option<f64> {
    let (mut credits, mut times) = (0.0, 0.0);
    for line in calls {
        let Some(cost) = line.quotient("credits", "calls") else {
            continue;
        };
        let calls: f64 = line.unit("calls").map_or(0.0, |of| of.days.values().sum());
        credits += cost * calls;
        times += calls;
    }
    (times > 0.0).then(|| credits / times)
}

pub(crate) fn path_of(keys: &[&str]) -> String {
    dotted(keys.iter().copied())
}

fn now_of(projection: &Projection) -> Option<Span> {
    projection.points.get(&0).map(|now| now.span)
}

fn span_of<T>(slot: &Optional<T>) -> Option<Span> {
    slot.as_ref().map(|slot| slot.span)
}
