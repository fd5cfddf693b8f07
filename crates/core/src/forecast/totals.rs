//! What all lines together ask of each API, table, queue and model.
//!
//! Lines are added and can be taken away again, so that one changed feature costs no more than
//! its own lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::collections::IndexMap;
use crate::forecast::flow::{Context, Effect, Flow, Growth, feature_flows};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::model::build::DAY;
use crate::model::{Feature, Id, Model, Shared};
use crate::quantity::{Graph, Quantity, Sum, Total};

/// A model evaluated in one situation.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The populations.
    pub populations: Populations,
    /// The lines, by feature, in the model's order; only of what was asked to keep them.
    pub flows: IndexMap<String, Vec<Flow>>,
    /// What they add up to.
    pub totals: Totals,
}

/// Whether a forecast keeps its lines, or only what they add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The lines too.
    Lines,
    /// Only the totals.
    Totals,
}

/// What all lines together ask for, by the number of what they use.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Of APIs.
    pub apis: ById<ApiTotals>,
    /// Of tables.
    pub tables: ById<TableTotals>,
    /// Of queues.
    pub queues: ById<QueueTotals>,
    /// Of models.
    pub models: ById<ModelTotals>,
    /// How the rows of tables come over the days.
    pub growth: Arc<ById<Growing>>,
    /// How many lines write rows that have to be told day by day.
    pub daily: usize,
}

/// What is kept of things, by their numbers; of many there is nothing.
#[derive(Clone, Debug)]
pub struct ById<T>(Vec<Option<T>>);

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> ById<T> {
    /// What is kept of a thing.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&T> {
        self.0.get(id.index())?.as_ref()
    }

    pub(super) fn entry(&mut self, id: Id) -> &mut T {
        if self.0.len() <= id.index() {
            self.0.resize_with(id.index() + 1, || None);
        }
        self.0[id.index()].get_or_insert_default()
    }
}

/// What is asked of an API.
#[derive(Clone, Debug, Default)]
pub struct ApiTotals {
    /// How many lines call it.
    pub lines: usize,
    /// Credits per day.
    pub credits: Sum,
    /// Billed calls in each window.
    pub windows: Vec<Sum>,
}

/// What is written to a table.
#[derive(Clone, Debug, Default)]
pub struct TableTotals {
    /// Rows per day.
    pub rows: Total,
    /// Rows per second at the peak.
    pub peak: Total,
}

/// How the rows of all lines come to a table over the days.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    /// Rows a day for each of a population, by the population's number; of none first.
    proportional: Vec<(Option<Shared>, Total)>,
    /// Rows of each day, flat after the last, by feature and line.
    daily: BTreeMap<(Arc<str>, usize), Vec<Quantity>>,
}

impl Growing {
    /// Rows a day for each of a population; of the project once, where there is none.
    pub fn proportional(&self) -> impl Iterator<Item = (Option<&Shared>, &Total)> {
        self.proportional
            .iter()
            .map(|(population, rows)| (population.as_ref(), rows))
    }

    /// Rows of each day, flat after the last.
    pub fn daily(&self) -> impl Iterator<Item = &[Quantity]> {
        self.daily.values().map(Vec::as_slice)
    }

    fn of(&mut self, population: Option<&Shared>) -> &mut Total {
        let id = |population: Option<&Shared>| population.map(|population| population.id);
        // Numbers are given in the order in which lines are added, so what is new mostly is last.
        let at = self
            .proportional
            .partition_point(|(known, _)| id(known.as_ref()) < id(population));
        let known = self.proportional.get(at);
        if known.is_none_or(|(known, _)| id(known.as_ref()) != id(population)) {
            let new = (population.cloned(), Total::default());
            self.proportional.insert(at, new);
        }
        &mut self.proportional[at].1
    }
}

/// What is sent to a queue.
#[derive(Clone, Debug, Default)]
pub struct QueueTotals {
    /// Messages per second, on average.
    pub mean: Sum,
    /// Messages per second of steady lines, on average.
    pub steady: Sum,
    /// Bytes per second, on average.
    pub bytes: Sum,
    /// Bytes per second at the peak.
    pub peak_bytes: Sum,
    /// Messages per second that workers must keep up with.
    pub work: Sum,
    /// Messages in a batch, and the seconds in which they arrive, by feature and line.
    pub batches: Batches,
}

/// Messages and seconds, by feature and line.
pub type Batches = BTreeMap<(Arc<str>, usize), (Quantity, f64)>;

/// What is asked of a model.
#[derive(Clone, Debug, Default)]
pub struct ModelTotals {
    /// How many lines run it.
    pub lines: usize,
    /// Money per day.
    pub spend: Sum,
    /// Units in the window of each capacity.
    pub windows: Vec<Sum>,
}

/// Whether lines come or go.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// They come.
    Add,
    /// They go.
    Remove,
}

impl Step {
    fn apply(self, sum: &mut Sum, quantity: Quantity) {
        match self {
            Self::Add => sum.add(quantity),
            Self::Remove => sum.remove(quantity),
        }
    }

    fn apply_to(self, total: &mut Total, quantity: Quantity) {
        match self {
            Self::Add => total.add(quantity),
            Self::Remove => total.remove(quantity),
        }
    }

    fn count(self, lines: &mut usize) {
        match self {
            Self::Add => *lines += 1,
            Self::Remove => *lines = lines.saturating_sub(1),
        }
    }
}

impl Forecast {
    /// Evaluates a model.
    pub fn new(model: &Model, situation: Situation<'_>, keep: Keep, graph: &mut Graph) -> Self {
        let mut forecast = Self::of_nothing(Populations::new(model, situation, graph));
        let mut kept = IndexMap::default();
        let keep = |name: &str, flows| {
            if keep == Keep::Lines {
                kept.insert(name.to_owned(), flows);
            }
        };
        forecast.add(model, situation, &model.features, keep, graph);
        forecast.flows = kept;
        forecast
    }

    /// A copy without the lines.
    #[must_use]
    pub fn without_lines(&self) -> Self {
        Self {
            populations: self.populations.clone(),
            flows: IndexMap::default(),
            totals: self.totals.clone(),
        }
    }

    /// These populations, and nothing that they ask for.
    pub(super) fn of_nothing(populations: Populations) -> Self {
        Self {
            populations,
            flows: IndexMap::default(),
            totals: Totals::default(),
        }
    }

    /// Evaluates features, line by line.
    pub(super) fn add<'m>(
        &mut self,
        model: &Model,
        situation: Situation<'_>,
        features: impl IntoIterator<Item = (&'m String, &'m Feature)>,
        mut keep: impl FnMut(&str, Vec<Flow>),
        graph: &mut Graph,
    ) {
        let context = Context {
            model,
            situation,
            populations: &self.populations,
        };
        for (name, feature) in features {
            let flows = feature_flows(&context, name, feature, graph);
            self.totals.step(&feature.name, &flows, Step::Add);
            keep(name, flows);
        }
    }

    /// Evaluates one feature anew: it was added, changed or removed, or what it uses was.
    pub fn refresh(
        &mut self,
        model: &Model,
        situation: Situation<'_>,
        name: &str,
        graph: &mut Graph,
    ) {
        if let Some(flows) = self.flows.swap_remove(name) {
            self.totals.step(&name.into(), &flows, Step::Remove);
        }
        let Some(feature) = model.features.get(name) else {
            return;
        };
        let context = Context {
            model,
            situation,
            populations: &self.populations,
        };
        let flows = feature_flows(&context, name, feature, graph);
        self.totals.step(&feature.name, &flows, Step::Add);
        self.flows.insert(name.to_owned(), flows);
    }
}

impl Totals {
    fn step(&mut self, feature: &Arc<str>, flows: &[Flow], step: Step) {
        for (index, flow) in flows.iter().enumerate() {
            self.line(feature, index, &flow.effect, step);
        }
    }
}

impl Places for Totals {
    fn api(&mut self, id: Id) -> &mut ApiTotals {
        self.apis.entry(id)
    }

    fn table(&mut self, id: Id) -> &mut TableTotals {
        self.tables.entry(id)
    }

    fn growth(&mut self, id: Id) -> &mut Growing {
        Arc::make_mut(&mut self.growth).entry(id)
    }

    fn queue(&mut self, id: Id) -> &mut QueueTotals {
        self.queues.entry(id)
    }

    fn model(&mut self, id: Id) -> &mut ModelTotals {
        self.models.entry(id)
    }

    fn daily(&mut self) -> &mut usize {
        &mut self.daily
    }
}

/// Where what lines ask for is added up.
pub(super) trait Places {
    fn api(&mut self, id: Id) -> &mut ApiTotals;
    fn table(&mut self, id: Id) -> &mut TableTotals;
    fn growth(&mut self, id: Id) -> &mut Growing;
    fn queue(&mut self, id: Id) -> &mut QueueTotals;
    fn model(&mut self, id: Id) -> &mut ModelTotals;
    /// How many lines write rows that have to be told day by day.
    fn daily(&mut self) -> &mut usize;

    /// Adds a line, or takes it away.
    fn line(&mut self, feature: &Arc<str>, index: usize, effect: &Effect, step: Step) {
        match effect {
            Effect::Call {
                api,
                credits,
                windows,
                ..
            } => {
                let totals = self.api(*api);
                step.count(&mut totals.lines);
                step.apply(&mut totals.credits, *credits);
                each_window(&mut totals.windows, windows, step);
            }
            Effect::Write {
                table,
                rows,
                peak,
                growth,
            } => {
                let totals = self.table(*table);
                step.apply_to(&mut totals.rows, *rows);
                step.apply_to(&mut totals.peak, *peak);
                match growth {
                    Growth::Proportional {
                        population,
                        per_member,
                    } => step.apply_to(self.growth(*table).of(population.as_ref()), *per_member),
                    Growth::Daily(days) => {
                        step.count(self.daily());
                        let key = (feature.clone(), index);
                        let daily = &mut self.growth(*table).daily;
                        match step {
                            Step::Add => drop(daily.insert(key, days.clone())),
                            Step::Remove => drop(daily.remove(&key)),
                        }
                    }
                }
            }
            Effect::Message {
                queue,
                messages,
                bytes,
                peak_bytes,
                work,
                batch,
                ..
            } => {
                let totals = self.queue(*queue);
                let mean = messages.times(1.0 / DAY);
                step.apply(&mut totals.mean, mean);
                step.apply(&mut totals.bytes, bytes.times(1.0 / DAY));
                step.apply(&mut totals.peak_bytes, *peak_bytes);
                step.apply(&mut totals.work, *work);
                match (batch, step) {
                    (None, _) => step.apply(&mut totals.steady, mean),
                    (Some(batch), Step::Add) => {
                        totals.batches.insert((feature.clone(), index), *batch);
                    }
                    (Some(_), Step::Remove) => {
                        totals.batches.remove(&(feature.clone(), index));
                    }
                }
            }
            Effect::Inference {
                model,
                spend,
                windows,
                ..
            } => {
                let totals = self.model(*model);
                step.count(&mut totals.lines);
                step.apply(&mut totals.spend, *spend);
                each_window(&mut totals.windows, windows, step);
            }
        }
    }
}

fn each_window(sums: &mut Vec<Sum>, windows: &[Quantity], step: Step) {
    if sums.len() < windows.len() {
        sums.resize_with(windows.len(), Sum::default);
    }
    for (sum, window) in sums.iter_mut().zip(windows) {
        step.apply(sum, *window);
    }
}
