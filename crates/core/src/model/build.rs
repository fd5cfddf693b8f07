//! Declarations made into a model: units, months, defaults and targets.
//!
//! Nothing is reported here: [`crate::model::resolve`] has said what is wrong, and what is
//! wrong is left out.

mod lines;
mod populations;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::collections::IndexMap;
use crate::document::Estimate;
use crate::document::declared::Optional;
use crate::document::estimate::Scalar;
use crate::document::forms::{PerName, Price};
use crate::document::limit::{Limit, RateLimits};
use crate::document::map::Map;
use crate::document::projection::Projection;
use crate::document::reader::At;
use crate::document::tables;
use crate::document::values::{Count, Expire, Flow, Retention, TableKind};
use crate::model::merge::Declarations;
use crate::model::names::Endpoints;
use crate::model::things::*;
use crate::packs::Pack;
use crate::parallel;
use crate::quantity::Quantiles;
use crate::source::Spanned;
use crate::units::{Money, Rate, Ratio, Size};

pub use lines::{CommonKeys, DemandLine};

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// What a partition of a kafka topic carries where nothing is declared, in bytes per second.
/// The source article: "a partition handles a few MB per second comfortably".
const PARTITION_THROUGHPUT: f64 = 3e6;

/// Where paths begin.
static TOP: At<'static> = At::top();

/// Makes a model of what a project declares, on as many threads as are allowed.
#[must_use]
pub fn build(declarations: &Declarations, threads: usize) -> Model {
    let root = &declarations.root;
    let endpoints = Endpoints::new(&root.apis);
    let numbers = Numbers::of(root);
    let builder = Builder::new(root, &endpoints, &numbers);
    let mut model = Model {
        calendar: builder.calendar,
        tiers: collect(&root.tenants, |name, tier| {
            Some(builder.projected(&TOP.key("tenants").key(name), tier))
        }),
        ..Model::default()
    };
    model.entities = collect(&root.entities, |name, entity| builder.entity(name, entity));
    model.apis = collect(&root.apis, |name, api| builder.api(name, api));
    model.databases = collect(&root.databases, |_, database| {
        Some(builder.database(database))
    });
    model.queues = collect(&root.queues, |name, queue| builder.queue(name, queue));
    model.models = collect(&root.models, |name, body| builder.compute_model(name, body));
    (model.features, model.tables) = parallel::both(
        threads,
        || {
            collect_many(&root.features, threads, |name, feature| {
                Some(builder.feature(name, feature))
            })
        },
        || {
            collect_many(&root.tables, threads, |name, table| {
                builder.table(name, table)
            })
        },
    );
    model.uncertain = builder.uncertain.into_inner();
    model.numbers = numbers;
    model.link_all();
    model
}

fn collect<T, M>(map: &Map<T>, make: impl Fn(&str, &T) -> Option<M>) -> IndexMap<String, M> {
    let mut made: IndexMap<String, M> = map
        .iter()
        .filter_map(|(name, body)| Some((name.to_owned(), make(name, body)?)))
        .collect();
    // The order of files and of declarations says nothing.
    made.sort_keys();
    made
}

/// The same, on some threads.
fn collect_many<T: Send + Sync, M: Send + Sync>(
    map: &Map<T>,
    threads: usize,
    make: impl Fn(&str, &T) -> Option<M> + Sync,
) -> IndexMap<String, M> {
    let mut declared: Vec<(&str, &T)> = map.iter().collect();
    declared.sort_unstable_by_key(|(name, _)| *name);
    let parts = parallel::parts(&declared, threads, |(name, body)| {
        Some(((*name).to_owned(), make(name, body)?))
    });
    let mut made = IndexMap::with_capacity_and_hasher(declared.len(), Default::default());
    for part in parts {
        made.extend(part.into_iter().flatten());
    }
    made
}

/// What building one thing needs to know of the others.
pub struct Builder<'a> {
    root: &'a tables::Root,
    endpoints: &'a Endpoints,
    numbers: &'a Numbers,
    calendar: Calendar,
    peak: f64,
    tiers: Vec<&'a str>,
    /// Whether anything that it built has quantiles.
    uncertain: AtomicBool,
}

fn value_of<T: Copy>(slot: &Optional<T>) -> Option<T> {
    slot.as_ref().map(|spanned| spanned.value)
}

fn bound<T>(limit: Option<&Spanned<Limit<T>>>, number: impl Fn(&T) -> f64) -> Option<Bound> {
    limit.map(|limit| Bound {
        now: number(&limit.value.now),
        max: limit.value.max.as_ref().map(number),
    })
}

impl<'a> Builder<'a> {
    /// A builder that reads these declarations.
    #[must_use]
    pub fn new(root: &'a tables::Root, endpoints: &'a Endpoints, numbers: &'a Numbers) -> Self {
        let project = root.project.as_ref().map(|project| &project.value);
        let days_per_month = project
            .and_then(|project| value_of(&project.days_per_month))
            .map_or(30.0, |days| days.0);
        let horizon = project
            .and_then(|project| value_of(&project.horizon))
            .map_or(365.0, |horizon| horizon.days());
        let most = f64::from(crate::limits::MAX_DAYS);
        let mut tiers: Vec<&str> = root.tenants.names().collect();
        tiers.sort_unstable();
        Self {
            root,
            endpoints,
            numbers,
            calendar: Calendar {
                days_per_month,
                horizon: horizon.ceil().min(most) as u32,
            },
            peak: project
                .and_then(|project| value_of(&project.peak))
                .map_or(1.0, |peak| peak.0),
            tiers,
            uncertain: AtomicBool::new(false),
        }
    }

    fn estimate<T: Scalar>(
        &self,
        path: &At<'_>,
        estimate: &Estimate<T>,
        number: impl Fn(&T) -> f64,
    ) -> Value {
        match estimate {
            Estimate::Certain(value) => Value::Certain(number(value)),
            Estimate::Unknown => Value::Unknown,
            Estimate::Uncertain(quantiles) => {
                self.uncertain.store(true, Ordering::Relaxed);
                let (p50, p90) = (number(&quantiles.p50), number(&quantiles.p90));
                let p10 = quantiles.p10.as_ref();
                let p10 = p10.map_or(p50 * (p50 / p90), &number);
                Value::Uncertain(Arc::new(Uncertain {
                    path: path.dotted(),
                    quantiles: Quantiles { p10, p50, p90 },
                    at_most_one: T::MAXIMUM <= 1.0,
                }))
            }
        }
    }

    fn optional<T: Scalar>(
        &self,
        path: &At<'_>,
        key: &str,
        slot: &Optional<Estimate<T>>,
        default: f64,
        number: impl Fn(&T) -> f64,
    ) -> Value {
        match slot {
            Some(estimate) => self.estimate(&path.key(key), &estimate.value, number),
            None => Value::Certain(default),
        }
    }

    /// How long months are and how far is looked ahead.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        self.calendar
    }

    fn projected(&self, path: &At<'_>, projection: &Projection) -> Projected {
        let point = |day: &u32, estimate: &Spanned<Estimate<Count>>| {
            let key = Projection::key(*day);
            let value = self.estimate(&path.key(&key), &estimate.value, |count| count.0);
            (*day, value)
        };
        Projected {
            points: projection
                .points
                .iter()
                .map(|(day, estimate)| point(day, estimate))
                .collect(),
        }
    }

    /// One entity.
    #[must_use]
    pub fn entity(&self, name: &str, entity: &tables::Entity) -> Option<Entity> {
        let list = TOP.key("entities");
        let path = list.key(name);
        if let Some(count) = &entity.count {
            return Some(Entity::Count {
                count: self.projected(&path.key("count"), &count.value),
                fixed: value_of(&entity.fixed).is_some_and(|fixed| fixed.0),
            });
        }
        let per_tenant = entity.per_tenant.as_ref()?;
        let values = self
            .tiers
            .iter()
            .map(|tier| self.per_name(&path.key("per_tenant"), &per_tenant.value, tier, 0.0))
            .collect();
        Some(Entity::PerTenant(values))
    }

    /// The value for one name of a value that may be given one a name.
    fn per_name<T: Scalar>(
        &self,
        path: &At<'_>,
        per_name: &PerName<Estimate<T>>,
        name: &str,
        left_out: f64,
    ) -> Value {
        match (per_name, per_name.get(name)) {
            (PerName::Same(estimate), _) => self.estimate(path, estimate, T::size),
            (PerName::By(_), Some(estimate)) => self.estimate(&path.key(name), estimate, T::size),
            (PerName::By(_), None) => Value::Certain(left_out),
        }
    }

    fn rate_limit(&self, limit: &Limit<Flow>) -> RateLimit {
        RateLimit {
            window: limit.now.period.name().to_owned(),
            seconds: limit.now.period.seconds(self.calendar.days_per_month),
            bound: Bound {
                now: limit.now.count,
                max: limit.max.as_ref().map(|max| max.count),
            },
        }
    }

    /// One API.
    #[must_use]
    pub fn api(&self, name: &str, api: &tables::Api) -> Option<Api> {
        let list = TOP.key("apis");
        let path = list.key(name);
        let limits = api.rate_limit.as_ref().map(|limits| &limits.value);
        let rate_limits = limits.map(|RateLimits(limits)| {
            limits
                .iter()
                .map(|limit| self.rate_limit(&limit.value))
                .collect()
        });
        let plan = api.plan.as_ref().map(|plan| Plan {
            credits: bound(plan.value.credits.as_deref(), |count| count.0),
            price: value_of(&plan.value.price).map_or(0.0, Money::to_f64),
        });
        let overage = api.overage.as_ref().and_then(|overage| {
            let price = value_of(&overage.value.price)?.to_f64();
            Some(price / value_of(&overage.value.per)?.0)
        });
        let packs = api.packs.as_ref().map(|packs| &packs.value.0);
        Some(Api {
            id: self.numbers.apis.id(name)?,
            retry_ratio: self
                .optional(&path, "retry_ratio", &api.retry_ratio, 0.0, |ratio| ratio.0),
            rate_limits: rate_limits.unwrap_or_default(),
            plan,
            overage,
            packs: packs
                .map(|packs| {
                    packs
                        .iter()
                        .filter_map(|pack| self.pack(&pack.value))
                        .collect()
                })
                .unwrap_or_default(),
            budget: bound(api.budget.as_deref(), |money| money.to_f64()),
            endpoints: collect(&api.endpoints, |endpoint, body| {
                let path = path.key("endpoints");
                Some(self.endpoint(&path.key(endpoint), body))
            }),
        })
    }

    /// One endpoint of an API.
    #[must_use]
    pub fn endpoint_of(&self, api: &str, path: &str, endpoint: &tables::Endpoint) -> Endpoint {
        let list = TOP.key("apis");
        let api = list.key(api);
        self.endpoint(&api.key("endpoints").key(path), endpoint)
    }

    fn pack(&self, pack: &tables::Pack) -> Option<Pack> {
        Some(Pack {
            name: pack.name.as_ref()?.value.0.clone(),
            credits: value_of(&pack.credits)?.0,
            price: value_of(&pack.price)?.0,
            max: value_of(&pack.max).map(|max| max.0 as u64),
        })
    }

    fn endpoint(&self, path: &At<'_>, endpoint: &tables::Endpoint) -> Endpoint {
        let count = |count: &Count| count.0;
        Endpoint {
            credits: self.optional(path, "credits", &endpoint.credits, 0.0, count),
            credits_per_item: self.optional(
                path,
                "credits_per_item",
                &endpoint.credits_per_item,
                0.0,
                count,
            ),
            min_credits: value_of(&endpoint.min_credits).map_or(0.0, |count| count.0),
        }
    }

    /// One database.
    #[must_use]
    pub fn database(&self, database: &tables::Database) -> Database {
        let per_second =
            |flow: &Flow| flow.count / flow.period.seconds(self.calendar.days_per_month);
        Database {
            storage: bound(database.storage.as_deref(), |size| size.bytes),
            writes: bound(database.writes.as_deref(), per_second),
            overhead: value_of(&database.overhead).map_or(0.0, |ratio| ratio.0),
        }
    }

    /// One table.
    #[must_use]
    pub fn table(&self, name: &str, table: &tables::Table) -> Option<Table> {
        let list = TOP.key("tables");
        let path = list.key(name);
        let size = |size: &Size| size.bytes;
        let kind = value_of(&table.kind)?;
        let row_size = table.row_size.as_ref()?;
        let from = table.from.as_ref().and_then(|from| {
            let ratio = table.ratio.as_ref()?;
            let ratio = self.estimate(&path.key("ratio"), &ratio.value, |ratio: &Ratio| ratio.0);
            Some((self.numbers.tables.shared(&from.value.0), ratio))
        });
        let rows = table.rows.as_ref().map(|rows| {
            let rows = self.estimate(&path.key("rows"), &rows.value, |count| count.0);
            Box::new((rows, self.population_of_all(table.per.as_deref())))
        });
        let compress = table.compress.as_ref().and_then(|compress| {
            let after = value_of(&compress.value.after)?.days();
            Some((after, value_of(&compress.value.ratio)?.0))
        });
        Some(Table {
            id: self.numbers.tables.id(name)?,
            database: self.database_of(table),
            kind,
            row_size: self.estimate(&path.key("row_size"), &row_size.value, size),
            indexes: value_of(&table.indexes).map_or(0.0, |count| count.0),
            kept_days: kept_days(table),
            compress,
            from: from.filter(|_| kind == TableKind::Rollup),
            existing: value_of(&table.existing).map_or(0.0, |size| size.bytes),
            rows: rows.filter(|_| kind == TableKind::State),
            max_size: bound(table.max_size.as_deref(), size),
        })
    }

    fn database_of(&self, table: &tables::Table) -> Option<Arc<str>> {
        let databases = &self.root.databases;
        match &table.database {
            Some(name) => {
                databases.get(&name.value.0)?;
                Some(self.numbers.databases.shared(&name.value.0))
            }
            None => {
                let mut names = databases.names();
                let only = names.next()?;
                let alone = names.next().is_none();
                alone.then(|| self.numbers.databases.shared(only))
            }
        }
    }

    /// One queue.
    #[must_use]
    pub fn queue(&self, name: &str, queue: &tables::Queue) -> Option<Queue> {
        let list = TOP.key("queues");
        let path = list.key(name);
        let size = |size: &Size| size.bytes;
        let count = |count: &Count| count.0;
        let month = self.calendar.days_per_month;
        let workers = queue.workers.as_ref().map(|workers| Workers {
            count: value_of(&workers.value.count).map(|count| count.0),
            max: value_of(&workers.value.max).map(|max| max.0),
            rate: workers.value.rate.as_ref().map(|rate| {
                let path = path.key("workers");
                self.estimate(&path.key("rate"), &rate.value, |rate: &Rate| {
                    rate.per_second(month)
                })
            }),
        });
        Some(Queue {
            id: self.numbers.queues.id(name)?,
            broker: value_of(&queue.broker)?,
            message_size: self.estimate(
                &path.key("message_size"),
                &queue.message_size.as_ref()?.value,
                size,
            ),
            retention: value_of(&queue.retention).map(|retention| retention.seconds),
            partitions: bound(queue.partitions.as_deref(), count),
            partition_throughput: queue
                .partition_throughput
                .as_ref()
                .map_or(PARTITION_THROUGHPUT, |throughput| {
                    throughput.value.bytes_per_second(month)
                }),
            replay: value_of(&queue.replay).map_or(0.0, |ratio| ratio.0),
            replication: value_of(&queue.replication).map_or(1.0, |count| count.0),
            storage: bound(queue.storage.as_deref(), size),
            max_depth: bound(queue.max_depth.as_deref(), count),
            depth: queue
                .depth
                .as_ref()
                .map(|depth| self.estimate(&path.key("depth"), &depth.value, count)),
            drain: value_of(&queue.drain).map(|drain| drain.seconds),
            workers,
        })
    }

    /// One model.
    #[must_use]
    pub fn compute_model(&self, name: &str, model: &tables::Model) -> Option<ComputeModel> {
        let list = TOP.key("models");
        let path = list.key(name);
        let units = units_of(model);
        let only = units.first().cloned().unwrap_or_default();
        let prices = match model.price.as_ref().map(|price| &price.value) {
            None => Vec::new(),
            Some(Price::One(money)) => vec![(only.clone(), money.to_f64())],
            Some(Price::Units(by_unit)) => {
                let per = by_unit.per.as_ref().map_or(1.0, |per| per.value.0);
                let mut prices: Vec<(String, f64)> = by_unit
                    .units
                    .iter()
                    .map(|(unit, money)| (unit.to_owned(), money.to_f64() / per))
                    .collect();
                prices.sort_by(|a, b| a.0.cmp(&b.0));
                prices
            }
        };
        let capacity = match model.capacity.as_ref().map(|capacity| &capacity.value) {
            None => Vec::new(),
            Some(PerName::Same(limit)) => vec![(only, self.rate_limit(limit))],
            Some(PerName::By(limits)) => {
                let mut limits: Vec<(String, RateLimit)> = limits
                    .iter()
                    .map(|(unit, limit)| (unit.to_owned(), self.rate_limit(limit)))
                    .collect();
                limits.sort_by(|a, b| a.0.cmp(&b.0));
                limits
            }
        };
        Some(ComputeModel {
            id: self.numbers.models.id(name)?,
            units,
            prices,
            retry_ratio: self.optional(&path, "retry_ratio", &model.retry_ratio, 0.0, |ratio| {
                ratio.0
            }),
            budget: bound(model.budget.as_deref(), |money| money.to_f64()),
            capacity,
        })
    }
}

/// Days after which a row is gone from disk: the retention, plus one partition where whole
/// partitions are dropped; never for `forever`, for `detach`, and without retention.
fn kept_days(table: &tables::Table) -> f64 {
    let Some(Retention::For(retention)) = value_of(&table.retention) else {
        return f64::INFINITY;
    };
    let partition = value_of(&table.partition).map(|partition| partition.0.days());
    let default = match partition {
        Some(_) => Expire::Drop,
        None => Expire::Delete,
    };
    match value_of(&table.expire).unwrap_or(default) {
        Expire::Detach => f64::INFINITY,
        Expire::Drop => retention.days() + partition.unwrap_or(0.0),
        Expire::Delete => retention.days(),
    }
}

/// The units of a model, `requests` aside, in the order of their names: those of its price and
/// capacity, else its `unit`.
#[must_use]
pub fn units_of(model: &tables::Model) -> Vec<String> {
    let mut units = Vec::new();
    if let Some(Price::Units(prices)) = model.price.as_ref().map(|price| &price.value) {
        units.extend(prices.units.names().map(str::to_owned));
    }
    if let Some(PerName::By(limits)) = model.capacity.as_ref().map(|capacity| &capacity.value) {
        units.extend(limits.names().map(str::to_owned));
    }
    let one_price = matches!(model.price.as_ref().map(|p| &p.value), Some(Price::One(_)));
    let one_capacity = matches!(
        model.capacity.as_ref().map(|capacity| &capacity.value),
        Some(PerName::Same(_))
    );
    units.retain(|unit| unit != "requests");
    if units.is_empty() || ((one_price || one_capacity) && model.unit.is_some()) {
        units.push(
            model
                .unit
                .as_ref()
                .map_or("units", |unit| unit.value.0.as_str())
                .to_owned(),
        );
    }
    units.sort();
    units.dedup();
    units
}
