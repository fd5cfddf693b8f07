//! Demand lines as rules look at them: as written, as evaluated, and what each asks of a meter.

use crate::analysis::{Outlook, Project};
use crate::collections::HashMap;
use crate::document::forms::CacheChoice;
use crate::document::tables;
use crate::forecast::meters::{Kind, MeterId, Owner};
use crate::forecast::{Effect, Flow, flow::Arrival};
use crate::model::build::{CommonKeys, DAY, DemandLine};
use crate::model::{Line, List, Per, Target, Timing};
use crate::rules::Context;
use crate::source::{Span, Spanned};
use crate::words::number;

/// A line of any list, as it is written.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    Call(&'a Spanned<tables::Call>),
    Write(&'a Spanned<tables::Write>),
    Message(&'a Spanned<tables::Message>),
    Inference(&'a Spanned<tables::Inference>),
}

impl<'a> Written<'a> {
    /// The keys that all lines have.
    pub(super) fn common(self) -> CommonKeys<'a> {
        match self {
            Self::Call(line) => line.value.common(),
            Self::Write(line) => line.value.common(),
            Self::Message(line) => line.value.common(),
            Self::Inference(line) => line.value.common(),
        }
    }

    /// The whole line.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Call(line) => line.span,
            Self::Write(line) => line.span,
            Self::Message(line) => line.span,
            Self::Inference(line) => line.span,
        }
    }

    /// What it says of a cache.
    pub(super) fn cache(self) -> Option<&'a Spanned<CacheChoice>> {
        match self {
            Self::Call(line) => line.value.cache.as_deref(),
            Self::Inference(line) => line.value.cache.as_deref(),
            Self::Write(_) | Self::Message(_) => None,
        }
    }

    /// Where what it uses is named, else the line.
    pub(super) fn target_span(self) -> Span {
        let named = match self {
            Self::Call(line) => line.value.endpoint.as_ref().map(|name| name.span),
            Self::Write(line) => line.value.table.as_ref().map(|name| name.span),
            Self::Message(line) => line.value.queue.as_ref().map(|name| name.span),
            Self::Inference(line) => line.value.model.as_ref().map(|name| name.span),
        };
        named.unwrap_or_else(|| self.span())
    }
}

/// A line with all that is known of it.
pub struct LineOf<'a> {
    /// Its feature.
    pub(super) feature: &'a str,
    /// What the arithmetic reads of it.
    pub(super) line: &'a Line,
    /// What it comes to today.
    pub(super) flow: &'a Flow,
    /// As it is written.
    pub(super) written: Written<'a>,
    /// The line that it follows in the end, by index; itself where it follows none.
    pub(super) root: usize,
}

impl LineOf<'_> {
    /// Its path in the model.
    pub(super) fn path(&self) -> String {
        self.line.path(self.feature)
    }
}

/// All lines of the model, in its order.
pub fn lines<'a>(project: &'a Project, outlook: &'a Outlook) -> Vec<LineOf<'a>> {
    let flows = &outlook.forecast.flows;
    let mut all = Vec::with_capacity(flows.values().map(Vec::len).sum());
    let features = &project.declarations.root.features;
    for (name, flows) in flows {
        let (Some(feature), Some(body)) = (project.model.features.get(name), features.get(name))
        else {
            continue;
        };
        let first = all.len();
        let mut indexes: Vec<Option<usize>> = Vec::with_capacity(flows.len());
        for (line, flow) in feature.lines.iter().zip(flows) {
            let Some(written) = written(body, line) else {
                indexes.push(None);
                continue;
            };
            let index = all.len();
            let root = match &line.timing {
                Timing::Rate { .. } => index,
                Timing::After { parent, .. } => match indexes.get(*parent).copied().flatten() {
                    Some(parent) if parent >= first => all
                        .get(parent)
                        .map_or(index, |parent: &LineOf<'_>| parent.root),
                    _ => index,
                },
            };
            indexes.push(Some(index));
            all.push(LineOf {
                feature: name,
                line,
                flow,
                written,
                root,
            });
        }
    }
    all
}

/// A line as it is written, where its feature has it.
fn written<'a>(feature: &'a tables::Feature, line: &Line) -> Option<Written<'a>> {
    let id = &line.id;
    match line.list() {
        List::Calls => feature.calls.get(id).map(Written::Call),
        List::Writes => feature.writes.get(id).map(Written::Write),
        List::Messages => feature.messages.get(id).map(Written::Message),
        List::Inference => feature.inference.get(id).map(Written::Inference),
    }
}

/// How often a line's chain occurs, in words: `30/day × 1,200 tenants`.
pub(super) fn frequency(context: &Context<'_>, all: &[LineOf<'_>], line: &LineOf<'_>) -> String {
    let root = all.get(line.root).unwrap_or(line);
    let rate = root
        .written
        .common()
        .rate
        .and_then(|rate| rate.value.median().map(ToString::to_string))
        .unwrap_or_else(|| "an unknown rate".to_owned());
    let Timing::Rate { population, .. } = &root.line.timing else {
        return rate;
    };
    let members = number::count(context.outlook.graph.point(root.flow.population));
    match &population.per {
        Per::Project => rate,
        Per::Tenant => format!("{rate} × {members} tenants"),
        Per::Entity(name) => format!("{rate} × {members} `{name}`"),
    }
}

/// Occurrences a day of the line that a chain begins with.
pub(super) fn root_occurrences(
    context: &Context<'_>,
    all: &[LineOf<'_>],
    line: &LineOf<'_>,
) -> f64 {
    let root = all.get(line.root).unwrap_or(line);
    context.outlook.graph.point(root.flow.occurrences)
}

/// One thing that meters count: an index tells the windows of one thing apart.
type Counted<'a> = (Owner, &'a str, Kind, usize);

/// The line that asks for most of each meter, at today's point values.
pub(super) struct Largest<'c, 'a> {
    lines: &'c [LineOf<'a>],
    most: HashMap<Counted<'a>, (f64, usize)>,
}

impl<'c, 'a> Largest<'c, 'a> {
    /// Looks at every line once.
    pub(super) fn new(context: &'c Context<'a>) -> Self {
        let lines = context.lines();
        let mut most: HashMap<Counted<'a>, (f64, usize)> = HashMap::default();
        let graph = &context.outlook.graph;
        for (index, line) in lines.iter().enumerate() {
            let mut count = |key: Counted<'a>, quantity| {
                let value = graph.point(quantity);
                let entry = most.entry(key).or_insert((value, index));
                if value > entry.0 {
                    *entry = (value, index);
                }
            };
            match (&line.line.target, &line.flow.effect) {
                (
                    Target::Call { api, .. },
                    Effect::Call {
                        credits, windows, ..
                    },
                ) => {
                    count((Owner::Api, api, Kind::Credits, 0), *credits);
                    count((Owner::Api, api, Kind::Spend, 0), *credits);
                    for (window, quantity) in windows.iter().enumerate() {
                        count((Owner::Api, api, Kind::Rate, window), *quantity);
                    }
                }
                (Target::Write { table, .. }, Effect::Write { peak, .. }) => {
                    let Some(table) = context.project.model.tables.get(&**table) else {
                        continue;
                    };
                    if let Some(database) = &table.database {
                        let writes = peak.times(1.0 + table.indexes);
                        count((Owner::Database, database, Kind::Writes, 0), writes);
                    }
                }
                (
                    Target::Message { queue, .. },
                    Effect::Message {
                        peak_bytes, work, ..
                    },
                ) => {
                    count((Owner::Queue, queue, Kind::Throughput, 0), *peak_bytes);
                    count((Owner::Queue, queue, Kind::Workers, 0), *work);
                }
                (Target::Inference { model, .. }, Effect::Inference { spend, windows, .. }) => {
                    count((Owner::Model, model, Kind::Spend, 0), *spend);
                    for (window, quantity) in windows.iter().enumerate() {
                        count((Owner::Model, model, Kind::Rate, window), *quantity);
                    }
                }
                _ => {}
            }
        }
        Self { lines, most }
    }

    /// The line that asks for most of a meter, with how much: of credits and spend per day, else
    /// in the meter's unit.
    pub(super) fn of(&self, context: &Context<'_>, id: &MeterId) -> Option<(&LineOf<'a>, f64)> {
        let window = window_index(context, id)?;
        let (value, index) = self
            .most
            .get(&(id.owner, id.name.as_str(), id.kind, window))?;
        (*value > 0.0).then_some((self.lines.get(*index)?, *value))
    }

    /// That line's arithmetic: `30/day × 1,200 tenants = 36,000 of 69,600`.
    pub(super) fn arithmetic(
        &self,
        context: &Context<'_>,
        id: &MeterId,
        total: f64,
    ) -> Option<String> {
        let (line, value) = self.of(context, id)?;
        let seconds = match id.kind {
            Kind::Credits | Kind::Spend => DAY,
            Kind::Rate => window_seconds(context, id)?,
            _ => 1.0,
        };
        let mut words = frequency(context, self.lines, line);
        let mut plain = root_occurrences(context, self.lines, line) * seconds / DAY;
        match line.flow.arrival {
            Arrival::Batch {
                period,
                spread: Some(spread),
            } if seconds < spread => {
                words.push_str(&format!(" within {}", number::duration(spread)));
                plain *= context.outlook.graph.point(period) / spread;
            }
            Arrival::Steady { peak } if peak != 1.0 && seconds < DAY => {
                words.push_str(&format!(" × peak {}", number::count(peak)));
                plain *= peak;
            }
            _ => {}
        }
        let factor = value / plain;
        if !factor.is_finite() {
            return None;
        }
        if (factor - 1.0).abs() > 1e-9 {
            words.push_str(&format!(" × {}", number::count(factor)));
        }
        let a_day = if id.kind == Kind::Credits {
            " a day"
        } else {
            ""
        };
        Some(format!(
            "{words} = {} of {}{a_day}",
            number::count(value),
            number::count(total)
        ))
    }
}

impl Largest<'_, '_> {
    /// The rate at which that line alone would end an excess of a meter, in words:
    /// `features.x.calls.posts at 41.4/day`.
    pub(super) fn slower(
        &self,
        context: &Context<'_>,
        fitted: &crate::fit::Fitted,
        excess: f64,
    ) -> Option<String> {
        let certain = fitted.meter.demand.point == fitted.meter.demand.p95;
        let month = match fitted.id.kind {
            Kind::Credits => context.project.model.calendar.days_per_month,
            Kind::Rate => 1.0,
            _ => return None,
        };
        let (line, value) = self.of(context, &fitted.id)?;
        let root = self.lines.get(line.root)?;
        let rate = root.written.common().rate?.value.median()?;
        let left = 1.0 - excess / (value * month);
        if !certain || rate.batch || line.flow.ceiling.is_some() || line.flow.curved {
            return None;
        }
        (left > 0.0 && left < 1.0).then(|| {
            let left = self.asked(line, left)?;
            let slower = crate::units::Rate {
                count: rounded_down(rate.count * left),
                ..rate.clone()
            };
            Some(format!("`{}` at {slower}", root.path()))
        })?
    }

    /// The share of a line's rate at which a share of what passes its cache is left. A cache
    /// answers the less the less is asked: with `x = λT` requests for an object while it is kept,
    /// `λ / (1 + x)` pass it.
    fn asked(&self, line: &LineOf<'_>, left: f64) -> Option<f64> {
        let derived = |line: &LineOf<'_>| match &line.line.target {
            Target::Call { cache, .. } | Target::Inference { cache, .. } => cache
                .as_ref()
                .filter(|cache| cache.hit_ratio.is_none())
                .and_then(|cache| cache.ttl),
            Target::Write { .. } | Target::Message { .. } => None,
        };
        let Timing::Rate { per_day, .. } = &line.line.timing else {
            let among = |other: &&LineOf<'_>| other.feature == line.feature;
            let cached = self
                .lines
                .iter()
                .filter(among)
                .any(|line| derived(line).is_some());
            return (!cached).then_some(left);
        };
        let Some(ttl) = derived(line) else {
            return Some(left);
        };
        let kept = per_day.point()? * ttl / DAY;
        Some(left / (1.0 + kept * (1.0 - left)))
    }
}

/// Three significant digits, rounded down.
fn rounded_down(number: f64) -> f64 {
    let mut scale = 1.0;
    while number * scale < 100.0 && scale < 1e9 {
        scale *= 10.0;
    }
    (number * scale).floor() / scale
}

fn window_index(context: &Context<'_>, id: &MeterId) -> Option<usize> {
    if id.kind != Kind::Rate {
        return Some(0);
    }
    let window = id.rest.last()?;
    match id.owner {
        Owner::Api => {
            let limits = &context.project.model.apis.get(&id.name)?.rate_limits;
            let found = limits.iter().position(|limit| limit.window == *window);
            Some(found.unwrap_or(0))
        }
        _ => {
            let unit = id.rest.first()?;
            let model = context.project.model.models.get(&id.name)?;
            model
                .capacity
                .iter()
                .position(|(name, limit)| name == unit && limit.window == *window)
        }
    }
}

fn window_seconds(context: &Context<'_>, id: &MeterId) -> Option<f64> {
    let index = window_index(context, id)?;
    match id.owner {
        Owner::Api => {
            let limits = &context.project.model.apis.get(&id.name)?.rate_limits;
            Some(limits.get(index).map_or(1.0, |limit| limit.seconds))
        }
        _ => {
            let model = context.project.model.models.get(&id.name)?;
            model.capacity.get(index).map(|(_, limit)| limit.seconds)
        }
    }
}
