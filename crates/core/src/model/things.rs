//! The model: what the arithmetic reads. Every number has its unit, every default its value,
//! every reference its target; what could not be resolved is not in it.
//!
//! Rates are per day or per second, durations seconds or days as their names say, sizes bytes,
//! months already days.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::collections::{HashSet, IndexMap, IndexSet};
use crate::document::values::{Broker, TableKind};
use crate::model::gaps::Gaps;
use crate::model::lines::{Feature, Per, Population, Shared, Timing};
pub(crate) use crate::model::names::{Id, Numbers, Reference};
use crate::model::prices::Graduated;
pub(crate) use crate::model::usage_limits::UsageLimit;
use crate::packs::Pack;
use crate::quantity::{Graph, Quantiles, Quantity};
use crate::varying::Varying;
use crate::wildcard::wildcard;

/// A number that may be uncertain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Certain(f64),
    /// It has these quantiles; its draws are keyed by the path.
    Uncertain(Arc<Uncertain>),
    /// It differs from event to event: totals follow its mean.
    Each(Arc<Varying>),
    Unknown,
}

/// Numbers are finite, and alike where their bits are: 0 has no sign here.
impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Self::Certain(number) => number.to_bits().hash(state),
            Self::Uncertain(uncertain) => uncertain.path.hash(state),
            Self::Each(varying) => varying.mean().to_bits().hash(state),
            Self::Unknown => 0_u64.hash(state),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Uncertain {
    pub(crate) path: String,
    pub(crate) quantiles: Quantiles,
    /// Whether draws above 1 count as 1.
    pub(crate) at_most_one: bool,
}

impl Value {
    pub(crate) fn quantity(&self, graph: &mut Graph) -> Quantity {
        match self {
            Self::Certain(number) => Quantity::certain(*number),
            Self::Uncertain(uncertain) => {
                graph.variable(&uncertain.path, uncertain.quantiles, uncertain.at_most_one)
            }
            Self::Each(varying) => Quantity::certain(varying.mean()),
            Self::Unknown => Quantity::unknown(),
        }
    }

    /// The number with every estimate at its median, and of what differs from event to event the
    /// mean; nothing where unknown.
    pub(crate) fn point(&self) -> Option<f64> {
        match self {
            Self::Certain(number) => Some(*number),
            Self::Uncertain(uncertain) => Some(uncertain.quantiles.p50),
            Self::Each(varying) => Some(varying.mean()),
            Self::Unknown => None,
        }
    }
}

/// A limit: what holds today, and in scenarios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    /// Today and on days to come.
    pub(crate) now: f64,
    /// In scenarios, where it is declared apart; infinite where there is none then.
    pub(crate) max: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Whether any number in it has quantiles.
    pub(crate) uncertain: bool,
    pub(crate) calendar: Calendar,
    pub(crate) numbers: Numbers,
    /// What could not be read.
    pub(crate) gaps: Arc<Gaps>,
    /// Whom lines are counted per, each once.
    pub(crate) populations: IndexSet<Arc<Population>>,
    pub(crate) tiers: IndexMap<String, Projected>,
    pub(crate) entities: IndexMap<String, Entity>,
    pub(crate) apis: IndexMap<String, Api>,
    /// Shared with the models of other states that have the same.
    pub(crate) features: IndexMap<String, Arc<Feature>>,
    pub(crate) databases: IndexMap<String, Database>,
    pub(crate) tables: IndexMap<String, Table>,
    pub(crate) queues: IndexMap<String, Queue>,
    pub(crate) models: IndexMap<String, ComputeModel>,
    /// Money per month, fixed.
    pub(crate) costs: IndexMap<String, f64>,
    pub(crate) budgets: IndexMap<String, Budget>,
}

impl Model {
    pub(crate) fn api(&self, used: &Reference) -> Option<&Api> {
        numbered(&self.apis, used, |api| api.id)
    }

    pub(crate) fn queue(&self, used: &Reference) -> Option<&Queue> {
        numbered(&self.queues, used, |queue| queue.id)
    }

    pub(crate) fn compute_model(&self, used: &Reference) -> Option<&ComputeModel> {
        numbered(&self.models, used, |model| model.id)
    }

    /// The queues whose keys are counted per an entity.
    pub(crate) fn compacted_per(&self, entity: &str) -> impl Iterator<Item = &str> {
        let is_per = move |queue: &Queue| {
            let compact = queue.compact.as_deref();
            compact.is_some_and(|(_, of)| matches!(&of.per, Per::Entity(per) if per == entity))
        };
        let queues = self.queues.iter().filter(move |(_, queue)| is_per(queue));
        queues.map(|(name, _)| name.as_str())
    }

    pub(crate) fn without_features(&self) -> Self {
        Self {
            uncertain: self.uncertain,
            calendar: self.calendar,
            numbers: self.numbers.clone(),
            gaps: self.gaps.clone(),
            populations: self.populations.clone(),
            tiers: self.tiers.clone(),
            entities: self.entities.clone(),
            apis: self.apis.clone(),
            features: IndexMap::default(),
            databases: self.databases.clone(),
            tables: self.tables.clone(),
            queues: self.queues.clone(),
            models: self.models.clone(),
            costs: self.costs.clone(),
            budgets: self.budgets.clone(),
        }
    }

    /// Makes the lines of a feature share the model's populations, and numbers the endpoints that
    /// they call.
    pub(crate) fn link(&mut self, feature: &str) {
        if let Some(feature) = self.features.get_mut(feature) {
            link(&mut self.populations, &self.apis, Arc::make_mut(feature));
        }
    }

    pub(crate) fn link_all(&mut self) {
        for feature in self.features.values_mut() {
            link(&mut self.populations, &self.apis, Arc::make_mut(feature));
        }
    }
}

impl Api {
    pub(crate) fn endpoint(&self, called: &Reference) -> Option<&Endpoint> {
        match self.endpoints.get_index(called.id.index()) {
            Some((path, endpoint)) if **path == **called => Some(endpoint),
            _ => self.endpoints.get(&**called),
        }
    }
}

/// What has a number, which as long as nothing was removed is its position.
fn numbered<'m, T>(
    things: &'m IndexMap<String, T>,
    used: &Reference,
    id: impl Fn(&T) -> Id,
) -> Option<&'m T> {
    match things.get_index(used.id.index()) {
        Some((_, thing)) if id(thing) == used.id => Some(thing),
        _ => things.get(&**used),
    }
}

fn link(
    known: &mut IndexSet<Arc<Population>>,
    apis: &IndexMap<String, Api>,
    feature: &mut Feature,
) {
    // Lines of one feature mostly have one population.
    let mut last: Option<Shared> = None;
    for line in &mut feature.lines {
        if let Some(endpoint) = &mut line.uses.endpoint {
            let api = numbered(apis, &line.uses.thing, |api| api.id);
            let position = api.and_then(|api| api.endpoints.get_index_of(&*endpoint.name));
            endpoint.id = position.map_or(Id::default(), Id::at);
        }
        let Timing::Rate { population, .. } = &mut line.timing else {
            continue;
        };
        *population = match last {
            Some(last) if last.population == population.population => last,
            _ => {
                let (id, _) = known.insert_full(population.population.clone());
                Shared {
                    id,
                    population: known[id].clone(),
                }
            }
        };
        last = Some(population.clone());
    }
}

/// How long months are and how far is looked ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Calendar {
    pub(crate) days_per_month: f64,
    /// Days, whole and rounded up, for which storage is projected.
    pub(crate) horizon: u32,
}

impl Calendar {
    /// The days that a month can have.
    pub(crate) const MONTH: RangeInclusive<f64> = 28.0..=31.0;
    /// How many days ahead storage can be projected.
    pub(crate) const HORIZON: RangeInclusive<f64> = 30.0..=7300.0;
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            days_per_month: 30.0,
            horizon: 365,
        }
    }
}

/// A count by day: linear between its points, flat after the last. Day 0 is today.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Projected {
    /// Days and counts, in the order of days.
    pub(crate) points: Vec<(u32, Value)>,
    /// Instead of days to come: the logarithm of what there is after a day over what there was.
    pub(crate) log_growth: Option<f64>,
}

/// Something that is counted apart from tenants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entity {
    /// How many each tenant has, by tier in the order of the tiers; 0 where a tier is left out.
    PerTenant(Vec<Value>),
    Count {
        count: Projected,
        /// Whether growth of tenants leaves it as it is.
        fixed: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Api {
    pub(crate) id: Id,
    /// Billed retries per call.
    pub(crate) retry_ratio: Value,
    pub(crate) limits: Vec<UsageLimit>,
    /// Credits that are held, where there is a plan.
    pub(crate) plan: Option<Plan>,
    /// What credits past the plan cost.
    pub(crate) overage: Option<Graduated>,
    pub(crate) packs: Vec<Pack>,
    /// Money per month.
    pub(crate) budget: Option<Bound>,
    pub(crate) endpoints: IndexMap<String, Endpoint>,
}

/// Credits that are held, per month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) credits: Option<Bound>,
    /// Money per month.
    pub(crate) price: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Endpoint {
    pub(crate) credits: Value,
    /// Of each item, or of each step where those have credits of their own.
    pub(crate) credits_per_item: Value,
    /// The whole steps in which items are billed.
    pub(crate) step: Option<Step>,
    /// The least per call.
    pub(crate) min_credits: f64,
    /// Seconds that a call takes.
    pub(crate) duration: Option<Value>,
    /// The places of the limits that count calls to it.
    pub(crate) counted: Box<[u16]>,
}

impl Endpoint {
    /// Whether the same calls come to the same in another one, whatever limits count them.
    pub(crate) fn asks_as(&self, other: &Self) -> bool {
        self.credits == other.credits
            && self.credits_per_item == other.credits_per_item
            && self.step == other.step
            && self.min_credits == other.min_credits
            && self.duration == other.duration
    }
}

/// Items that are billed together, however few of them there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) items: f64,
    /// How many times the credits of each it costs: as many as it has items, or once.
    pub(crate) times: f64,
}

impl Endpoint {
    /// The credits of each item, or of each step where items are billed in those.
    pub(crate) fn of_each(&self, graph: &mut Graph) -> Quantity {
        let times = self.step.map_or(1.0, |step| step.times);
        self.credits_per_item.quantity(graph).times(times)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Database {
    /// Bytes of its disk.
    pub(crate) storage: Option<Bound>,
    /// Row and index writes per second.
    pub(crate) writes: Option<Bound>,
    /// Rows read per second.
    pub(crate) reads: Option<Bound>,
    /// Money per byte and month.
    pub(crate) price: Option<f64>,
    /// Money per month.
    pub(crate) budget: Option<Bound>,
    /// Disk on top of the tables.
    pub(crate) overhead: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) id: Id,
    /// Its database, where one could be told.
    pub(crate) database: Option<Arc<str>>,
    pub(crate) kind: TableKind,
    pub(crate) row_size: Value,
    /// Index entries per row.
    pub(crate) indexes: f64,
    /// Days after which a row is gone from disk; infinite where it never is.
    pub(crate) kept_days: f64,
    /// Days after which rows are compressed, and what they then take.
    pub(crate) compress: Option<(f64, f64)>,
    /// Of a rollup: its source, and rows out per row in.
    pub(crate) from: Option<(Arc<str>, Value)>,
    /// Bytes on disk today.
    pub(crate) existing: f64,
    /// Of a state table: rows for each of a population.
    pub(crate) rows: Option<Box<(Value, Population)>>,
    pub(crate) max_size: Option<Bound>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Queue {
    pub(crate) id: Id,
    pub(crate) broker: Broker,
    pub(crate) message_size: Value,
    /// Seconds that messages are kept.
    pub(crate) retention: Option<f64>,
    /// Bytes that a partition keeps at most.
    pub(crate) retention_bytes: Option<f64>,
    /// Of a compacted topic: keys for each of a population.
    pub(crate) compact: Option<Box<(Value, Population)>>,
    pub(crate) partitions: Option<Bound>,
    /// Bytes per second that a partition carries.
    pub(crate) partition_throughput: f64,
    /// Bytes per second that the cluster takes.
    pub(crate) throughput: Option<Bound>,
    /// Replay throughput over mean write rate.
    pub(crate) replay: f64,
    pub(crate) replication: f64,
    /// Bytes for what is kept.
    pub(crate) storage: Option<Bound>,
    /// Money per byte and month.
    pub(crate) price: Option<f64>,
    /// Money per month.
    pub(crate) budget: Option<Bound>,
    /// Messages that may wait.
    pub(crate) max_depth: Option<Bound>,
    /// The deepest backlog, where declared.
    pub(crate) depth: Option<Value>,
    /// Seconds in which the backlog must be gone.
    pub(crate) drain: Option<f64>,
    pub(crate) workers: Option<Workers>,
}

impl Queue {
    /// `max · rate · drain`: the depth that all workers drain in time.
    pub(crate) fn drained_at_most(&self) -> Option<f64> {
        Some(self.drained_by_one()? * self.workers.as_ref()?.max?)
    }

    /// `rate · drain`: the depth that one worker drains in time.
    pub(crate) fn drained_by_one(&self) -> Option<f64> {
        let workers = self.workers.as_ref()?;
        Some(workers.rate.as_ref().and_then(Value::point)? * self.drain?)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Workers {
    pub(crate) count: Option<f64>,
    pub(crate) max: Option<f64>,
    /// Jobs per worker and second.
    pub(crate) rate: Option<Value>,
    /// Whether what they do at most could not be read.
    pub(crate) is_unread: bool,
}

/// How one unit of a run is billed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rounding {
    /// In whole steps of this many.
    pub(crate) step: Option<f64>,
    /// The least of a run.
    pub(crate) least: f64,
}

/// A model that is paid by what it processes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComputeModel {
    pub(crate) id: Id,
    /// Its units, `requests` aside, in the order of their names.
    pub(crate) units: Vec<String>,
    /// What units cost, by unit; empty where it is not priced.
    pub(crate) prices: Vec<(String, Graduated)>,
    /// How the units of a run are billed, as `units`; empty where as they are used.
    pub(crate) rounding: Vec<Rounding>,
    /// Billed retries per run.
    pub(crate) retry_ratio: Value,
    /// Money per month.
    pub(crate) budget: Option<Bound>,
    /// Those of its capacity, then the others.
    pub(crate) limits: Vec<UsageLimit>,
    /// Seconds that a run takes.
    pub(crate) duration: Option<Value>,
}

impl ComputeModel {
    /// Whether any price depends on how many units are used.
    pub(crate) fn is_graduated(&self) -> bool {
        self.prices
            .iter()
            .any(|(_, price)| price.as_flat().is_none())
    }
}

/// Money per month for several things together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Budget {
    pub(crate) bound: Option<Bound>,
    /// What it is for; that of everything has none.
    pub(crate) of: Option<Together>,
}

/// The paths of several things.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Together {
    pub(crate) paths: HashSet<String>,
    /// Those with `*`.
    pub(crate) patterns: Vec<String>,
}

impl Budget {
    /// Whether it is for a thing, by its path, such as `databases.main`.
    pub(crate) fn is_for(&self, path: &str) -> bool {
        self.of.as_ref().is_none_or(|of| {
            let mut patterns = of.patterns.iter();
            of.paths.contains(path) || patterns.any(|pattern| wildcard(pattern, path))
        })
    }
}
