//! Demand lines as rules see them: as written, as evaluated, and what each asks of a meter.

use std::cell::RefCell;

use crate::analysis::{Outlook, Project};
use crate::collections::{HashMap, HashSet};
use crate::document::forms::CacheChoice;
use crate::document::tables::AnyLine;
use crate::explain::Lines;
use crate::fit::Fitted;
use crate::forecast::Flow;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::Amount;
use crate::model::{Line, Per, Timing};
use crate::rules::Context;
use crate::rules::support::{amount, judged_demand};
use crate::source::{Span, Spanned};
use crate::units::{DAY, Rate};
use crate::words::number::{self, exponent, ten_to};

/// A line with all that is known of it.
pub struct LineOf<'a> {
    pub(super) feature: &'a str,
    /// What the arithmetic reads of it.
    pub(super) line: &'a Line,
    /// What it comes to today.
    pub(super) flow: &'a Flow,
    /// As it is written.
    pub(super) written: AnyLine<'a>,
    /// The line that it follows in the end, by index; itself where it follows none.
    pub(super) root: usize,
}

impl<'a> LineOf<'a> {
    pub(super) fn cache(&self) -> Option<&'a Spanned<CacheChoice>> {
        self.written.keys().cache
    }

    /// Where what it uses is named, else the line.
    pub(super) fn target_span(&self) -> Span {
        let uses = self.written.keys().uses;
        uses.map_or_else(|| self.written.span(), |(_, span)| span)
    }

    pub(super) fn path(&self) -> String {
        self.line.path(self.feature)
    }
}

/// All lines of the model, in its order.
pub fn lines<'a>(project: &'a Project, outlook: &'a Outlook) -> Vec<LineOf<'a>> {
    let flows = &outlook.forecast.flows;
    let mut all = Vec::with_capacity(flows.values().map(|flows| flows.len()).sum());
    let features = &project.declarations.root.features;
    for (name, flows) in flows {
        let (Some(feature), Some(body)) = (project.model.features.get(name), features.get(name))
        else {
            continue;
        };
        let mut indexes: Vec<Option<usize>> = Vec::with_capacity(flows.len());
        for (line, flow) in feature.lines.iter().zip(flows) {
            let Some(written) = body.line(line.kind, &line.id) else {
                indexes.push(None);
                continue;
            };
            let index = all.len();
            let root = match &line.timing {
                Timing::Rate { .. } => index,
                Timing::After { parent, .. } => {
                    let parent = indexes.get(*parent).copied().flatten();
                    let parent = parent.and_then(|parent: usize| all.get(parent));
                    parent.map_or(index, |parent: &LineOf<'_>| parent.root)
                }
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

/// How often a line's chain occurs, in words: `30/day × 1,200 tenants`.
pub(super) fn frequency(context: &Context<'_>, all: &[LineOf<'_>], line: &LineOf<'_>) -> String {
    let root = all.get(line.root).unwrap_or(line);
    let rate = root.written.keys().rate;
    let rate = rate.and_then(|rate| rate.value.median().map(ToString::to_string));
    let rate = rate.unwrap_or_else(|| "an unknown rate".to_owned());
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

/// One thing that meters count: a place tells the limits of one thing apart, whatever their kind.
type Counted<'a> = (Family, &'a str, MeterKind, usize);

/// The line that asks for most of each thing, by its index, with how much.
type Most<'a> = HashMap<Counted<'a>, (f64, usize)>;

/// The line that asks for most of each meter, at today's point values.
pub(super) struct Largest<'c, 'a> {
    lines: &'c [LineOf<'a>],
    most: Most<'a>,
    /// The same among the lines that the change touches.
    touched: Most<'a>,
    chains: RefCell<Lines<'a>>,
}

impl<'c, 'a> Largest<'c, 'a> {
    pub(super) fn new(context: &'c Context<'a>) -> Self {
        let lines = context.lines();
        let [mut most, mut touched] = [Most::default(), Most::default()];
        let graph = &context.outlook.graph;
        for ((index, line), is_touched) in lines.iter().enumerate().zip(self::touched(context)) {
            let mut count = |key: Counted<'a>, quantity| {
                let value = graph.point(quantity);
                for most in [Some(&mut most), Some(&mut touched).filter(|_| is_touched)] {
                    let Some(most) = most else { continue };
                    let entry = most.entry(key).or_insert((value, index));
                    if value > entry.0 {
                        *entry = (value, index);
                    }
                }
            };
            let thing = &*line.line.uses.thing;
            let family = line.line.kind.family();
            for (amount, quantity) in line.flow.asked.sums() {
                let kind = match amount {
                    Amount::Credits => {
                        count((family, thing, MeterKind::Spend, 0), *quantity);
                        MeterKind::Credits
                    }
                    Amount::Spend => MeterKind::Spend,
                    Amount::Window(_) => MeterKind::Rate,
                    Amount::PeakBytes => MeterKind::Throughput,
                    Amount::Work => MeterKind::Workers,
                    Amount::PeakRows => {
                        let table = context.project.model.tables.get(thing);
                        let database = table.and_then(|table| table.database.as_deref());
                        if let (Some(table), Some(name)) = (table, database) {
                            let writes = quantity.times(1.0 + table.indexes);
                            count((Family::Database, name, MeterKind::Writes, 0), writes);
                        }
                        continue;
                    }
                    _ => continue,
                };
                let window = match amount {
                    Amount::Window(index) => usize::from(*index),
                    _ => 0,
                };
                count((family, thing, kind, window), *quantity);
            }
        }
        let chains = Lines::new(context.project, context.outlook, context.sources);
        Self {
            lines,
            most,
            touched,
            chains: RefCell::new(chains),
        }
    }

    /// The line that asks for most of a meter, with how much: of credits and spend per day, else
    /// in the meter's unit.
    pub(super) fn of(&self, context: &Context<'_>, id: &MeterId) -> Option<(&LineOf<'a>, f64)> {
        self.among(context, &self.most, id)
    }

    fn among(
        &self,
        context: &Context<'_>,
        most: &Most<'a>,
        id: &MeterId,
    ) -> Option<(&LineOf<'a>, f64)> {
        let kind = match id.kind {
            MeterKind::Concurrency => MeterKind::Rate,
            kind => kind,
        };
        let key = (id.owner, id.name.as_str(), kind, place(context, id));
        let (value, index) = most.get(&key)?;
        (*value > 0.0).then_some((self.lines.get(*index)?, *value))
    }

    /// That line's arithmetic: `30/day × 1,200 tenants × 30 days a month = 1,080,000 of 2,088,000`.
    pub(super) fn arithmetic(&self, context: &Context<'_>, fitted: &Fitted) -> Option<String> {
        let (line, _) = self.of(context, &fitted.id)?;
        let feature = context.project.model.features.get(line.feature)?;
        let index = feature.lines.iter().position(|other| other == line.line)?;
        let mut chains = self.chains.borrow_mut();
        let (words, value) = chains.chain((line.feature, index), fitted)?;
        let total = fitted.meter.demand.point?;
        let [value, total] = [value, total].map(|it| amount(context, fitted, Some(it)));
        Some(format!("{words} = {value} of {total}"))
    }

    /// The rate at which one line alone would end an excess of a meter: the largest user of those
    /// that the change touches, else of all. Of which path, where it is written, and what it would
    /// be.
    pub(super) fn slower(
        &self,
        context: &Context<'_>,
        fitted: &Fitted,
        excess: f64,
    ) -> Option<(String, Span, Rate)> {
        let (point, judged) = (fitted.meter.demand.point?, judged_demand(context, fitted)?);
        // Of what is uncertain each user is taken to have the share that it has at the point.
        let excess = match point == judged {
            true => excess,
            false => excess / judged * point,
        };
        let month = match (fitted.id.owner, fitted.id.kind) {
            (_, MeterKind::Credits) | (Family::Model, MeterKind::Spend) => {
                context.project.model.calendar.days_per_month
            }
            (_, MeterKind::Rate | MeterKind::Concurrency) => 1.0,
            _ => return None,
        };
        let mut most = [&self.touched, &self.most].into_iter();
        most.find_map(|most| {
            let (line, value) = self.among(context, most, &fitted.id)?;
            let left = 1.0 - excess / (value * month);
            slowed(context, line, left)
        })
    }
}

/// The rate at which a line asks for a share of what it does: of which path, where it is written,
/// and what it would be.
pub(super) fn slowed(
    context: &Context<'_>,
    line: &LineOf<'_>,
    left: f64,
) -> Option<(String, Span, Rate)> {
    let root = context.lines().get(line.root)?;
    let declared = root.written.keys().rate?;
    let rate = declared.value.median()?;
    let scales = line.flow.ceiling.is_none() && !line.flow.curved;
    let is_share = left > 0.0 && left < 1.0;
    if !scales || !is_share {
        return None;
    }
    let share = asked(context, line, left)?;
    let slower = match rate.batch {
        true => less_often(context, rate, share)?,
        false => Rate {
            count: rounded_down(rate.count * share),
            ..rate.clone()
        },
    };
    // An estimate has several rates.
    let is_one = context.sources.text(declared.span).starts_with(['"', '\'']);
    is_one.then(|| (root.path(), declared.span, slower))
}

/// The batches that come to this share of a rate: in whole days, hours or minutes; none where that
/// is less often than once a month.
fn less_often(context: &Context<'_>, rate: &Rate, share: f64) -> Option<Rate> {
    const HOUR: f64 = 3600.0;
    let month = context.project.model.calendar.days_per_month;
    let seconds = rate.period.seconds(month) / share;
    let (step, unit) = match seconds {
        _ if seconds > 31.0 * DAY => return None,
        _ if seconds < HOUR => (60.0, "min"),
        _ if seconds < 2.0 * DAY => (HOUR, "h"),
        _ => (DAY, "d"),
    };
    let steps = (seconds / step * (1.0 - 1e-9)).ceil();
    Rate::parse(&format!("every {steps}{unit}")).ok()
}

/// The share of a line's rate at which a share of what passes its cache is left. A cache answers
/// the less the less is asked: with `x = λT` requests for an object while it is kept, `λ / (1 + x)`
/// pass it.
fn asked(context: &Context<'_>, line: &LineOf<'_>, left: f64) -> Option<f64> {
    let derived = |line: &LineOf<'_>| {
        let cache = line.line.cache.as_ref()?;
        cache.ttl.filter(|_| cache.hit_ratio.is_none())
    };
    let Timing::Rate { per_day, .. } = &line.line.timing else {
        let mut others = context.lines().iter();
        let cached = others.any(|other| other.feature == line.feature && derived(other).is_some());
        return (!cached).then_some(left);
    };
    let Some(ttl) = derived(line) else {
        return Some(left);
    };
    let kept = per_day.point()? * ttl / DAY;
    Some(left / (1.0 + kept * (1.0 - left)))
}

/// Which lines the change touches: as a whole, or a value of theirs.
pub(super) fn touched(context: &Context<'_>) -> Vec<bool> {
    /// How many keys name a line.
    const KEYS: usize = 4;
    let differences = context.comparison.map_or(&[][..], |it| &it.differences);
    let paths = differences.iter().map(|difference| &difference.path.0[..]);
    let paths: HashSet<&[String]> = paths.map(|path| &path[..path.len().min(KEYS)]).collect();
    let is_touched = |line: &LineOf<'_>| {
        let kind = line.line.kind.list();
        let keys = ["features", line.feature, kind, &line.line.id].map(str::to_owned);
        (2..=KEYS).any(|many| paths.contains(&keys[..many]))
    };
    let is_empty = paths.is_empty();
    let lines = context.lines().iter();
    let own: Vec<bool> = lines.map(|line| !is_empty && is_touched(line)).collect();
    let lines = context.lines().iter().zip(&own);
    let of_root = |root: usize| own.get(root).copied().unwrap_or_default();
    lines
        .map(|(line, own)| *own || of_root(line.root))
        .collect()
}

/// Three significant digits, rounded down.
fn rounded_down(number: f64) -> f64 {
    let scale = ten_to((2 - exponent(number)).clamp(0, 9));
    (number * scale).floor() / scale
}

/// The place of the limit of a rate or concurrency; of other meters 0.
fn place(context: &Context<'_>, id: &MeterId) -> usize {
    if !matches!(id.kind, MeterKind::Rate | MeterKind::Concurrency) {
        return 0;
    }
    let model = &context.project.model;
    let unlimited = || model.apis.get(&id.name)?.unlimited_rate();
    let limit = model.usage_limit(id).map(|(place, _)| place);
    limit.or_else(unlimited).unwrap_or_default()
}
