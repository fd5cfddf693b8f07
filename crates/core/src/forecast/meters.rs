//! Meters: each counts one thing against one limit.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::declared::dotted;
use crate::document::values::{Broker, Require};
use crate::forecast::fill::Fill;
use crate::forecast::per_member::AtPoints;
use crate::forecast::situation::Situation;
use crate::forecast::spend::Tariff;
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::forecast::totals::{ApiTotals, Forecast, Keep, ModelTotals, QueueTotals};
use crate::model::{Api, Bound, ComputeModel, Database, Id, Queue, RateLimit, Table, Value};
use crate::quantity::{Graph, Quantity, Sum};

/// What a meter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Credits of an API, per month.
    Credits,
    /// Calls or units in a window.
    Rate,
    /// Money per month.
    Spend,
    /// Bytes on disk at the horizon.
    Storage,
    /// Row and index writes per second.
    Writes,
    /// Bytes per second through a queue.
    Throughput,
    /// Bytes that a queue keeps.
    Retained,
    /// Jobs per second.
    Workers,
    /// Messages that wait.
    Depth,
    /// Seconds until nothing waits.
    Drain,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Credits,
        Self::Rate,
        Self::Spend,
        Self::Storage,
        Self::Writes,
        Self::Throughput,
        Self::Retained,
        Self::Workers,
        Self::Depth,
        Self::Drain,
    ];

    /// The third part of a meter's id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::Rate => "rate",
            Self::Spend => "spend",
            Self::Storage => "storage",
            Self::Writes => "writes",
            Self::Throughput => "throughput",
            Self::Retained => "retained",
            Self::Workers => "workers",
            Self::Depth => "depth",
            Self::Drain => "drain",
        }
    }
}

/// What a meter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// `apis`
    Api,
    /// `databases`
    Database,
    /// `models`
    Model,
    /// `queues`
    Queue,
    /// `tables`
    Table,
}

impl Owner {
    /// The table of the format that declares it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "apis",
            Self::Database => "databases",
            Self::Model => "models",
            Self::Queue => "queues",
            Self::Table => "tables",
        }
    }
}

/// Which meter. Copies share one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeterId(Arc<MeterKey>);

/// What identifies a meter.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct MeterKey {
    /// What it belongs to.
    pub owner: Owner,
    /// That thing's name.
    pub name: String,
    /// What it counts.
    pub kind: Kind,
    /// The unit and the window of a rate.
    pub rest: Vec<String>,
    text: Arc<str>,
}

impl std::ops::Deref for MeterId {
    type Target = MeterKey;

    fn deref(&self) -> &MeterKey {
        &self.0
    }
}

impl MeterId {
    /// The id of a meter.
    #[must_use]
    pub fn new(owner: Owner, name: &str, kind: Kind, rest: Vec<String>) -> Self {
        let keys = [owner.as_str(), name, kind.as_str()].into_iter();
        let text = dotted(keys.chain(rest.iter().map(String::as_str)));
        Self(Arc::new(MeterKey {
            owner,
            name: name.to_owned(),
            kind,
            rest,
            text: text.into(),
        }))
    }

    /// The id as it is written: `apis.tiklive.credits`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, shared.
    #[must_use]
    pub fn text(&self) -> Arc<str> {
        self.text.clone()
    }
}

impl std::fmt::Display for MeterId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// How much is asked of a meter.
#[derive(Clone, Debug)]
pub enum Demand {
    /// So much.
    Amount(Quantity),
    /// What these credits cost.
    Price {
        /// Credits of a month.
        credits: Quantity,
        /// What they cost.
        tariff: Arc<Tariff>,
    },
}

/// More that is known of one kind of meter.
#[derive(Clone, Debug, PartialEq)]
pub enum Basis {
    /// Nothing.
    None,
    /// Credits per day.
    Credits(Quantity),
    /// Of a disk.
    Disk {
        /// The first day on which bytes pass what the policy calls full.
        full_on: Option<u32>,
        /// Bytes of the tables today, without overhead.
        existing: f64,
    },
    /// Bytes per second that one partition carries.
    Partition(f64),
    /// The depth above which to add workers.
    ScaleUpAt(Option<f64>),
}

/// A meter, evaluated in one situation and not yet judged.
#[derive(Clone, Debug)]
pub struct Metered {
    /// Which one.
    pub id: MeterId,
    /// Its unit.
    pub unit: Cow<'static, str>,
    /// How much is asked for.
    pub demand: Demand,
    /// The most that there is, where there is a limit.
    pub limit: Option<Quantity>,
    /// More that is known of it.
    pub basis: Basis,
}

/// Of which tables there are meters. Databases, APIs, queues and models always have theirs; tables
/// are many, and most have no limit.
#[derive(Clone, Copy, Debug)]
pub enum Tables<'a> {
    /// Of all.
    All,
    /// Of those that are judged: of these names, which have a limit somewhere, or with infinite
    /// bytes. And, in scenarios that have to fit, of those with rows to drop whose bytes are
    /// uncertain: their percentile says whether they need partitions, what is certain is told by
    /// its point.
    Judged(&'a HashSet<&'a str>),
}

/// The meters of a situation.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The meters, sorted by id.
    pub meters: Vec<Metered>,
    /// Bytes of every table at the horizon, by the table's number.
    pub bytes: Vec<Quantity>,
    /// How many meters were left out: all of tables without a limit.
    pub left_out: usize,
}

/// What of a policy meters depend on.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// The share of a disk above which it is called full.
    pub full_share: f64,
    /// The bytes above which tables need partitions: what may pass them has a meter where a
    /// scenario has to fit.
    pub partition_above: f64,
}

impl Thresholds {
    /// None that anything passes.
    pub const NONE: Self = Self {
        full_share: f64::INFINITY,
        partition_above: f64::INFINITY,
    };
}

/// Everything that meters depend on.
pub struct Metering<'a> {
    /// The model, the circumstances, the demand in them, and where tables' rows come from.
    pub storage: Storage<'a>,
    /// Today's demand, without a scenario's `set`.
    pub today: &'a Forecast,
    /// The ids of tables' meters.
    pub ids: &'a TableMeters,
    /// What the policy says that meters depend on.
    pub thresholds: Thresholds,
    /// The model at point values, where the situation differs from today only in populations.
    pub at_points: Option<&'a AtPoints<'a>>,
    /// The same situation at point values, once it is asked for.
    pub points: OnceCell<(Graph, Forecast, Sources)>,
}

/// Which limits hold in a situation.
fn bound(situation: Situation<'_>, bound: Option<Bound>) -> Option<Quantity> {
    let bound = bound?;
    let number = match situation {
        Situation::Scenario(_) => bound.max.unwrap_or(bound.now),
        _ => bound.now,
    };
    Some(Quantity::certain(number))
}

/// A budget limits today and events; growth only where it says what it can be raised to.
fn budget(situation: Situation<'_>, budget: Option<Bound>) -> Option<Quantity> {
    let budget = budget?;
    let number = match situation {
        Situation::Scenario(scenario) if scenario.event.is_none() => budget.max?,
        Situation::Scenario(_) => budget.max.unwrap_or(budget.now),
        _ => budget.now,
    };
    Some(Quantity::certain(number))
}

/// What of a database is added up from its tables.
#[derive(Default)]
struct OfTables<'m> {
    tables: Vec<&'m Table>,
    bytes: Sum,
    writes: Sum,
    existing: f64,
}

impl<'a> Metering<'a> {
    /// The meters of a situation.
    #[must_use]
    pub fn new(
        storage: Storage<'a>,
        today: &'a Forecast,
        ids: &'a TableMeters,
        thresholds: Thresholds,
    ) -> Self {
        Self {
            storage,
            today,
            ids,
            thresholds,
            at_points: None,
            points: OnceCell::new(),
        }
    }

    /// The same, with the model at point values, for a situation that differs from today only in
    /// populations.
    #[must_use]
    pub fn at_points(self, at_points: Option<&'a AtPoints<'a>>) -> Self {
        Self { at_points, ..self }
    }

    /// The meters.
    pub fn all(&self, of: Tables<'_>, graph: &mut Graph) -> Gathered {
        let model = self.storage.model;
        let mut databases: Vec<OfTables<'_>> = Vec::new();
        databases.resize_with(model.databases.len(), OfTables::default);
        let mut out = Vec::with_capacity(64);
        let mut all_bytes = vec![Quantity::ZERO; model.numbers.tables.len()];
        let mut left_out = 0;
        // Tables of one database mostly stand together.
        let mut last: Option<(&str, Option<usize>)> = None;
        for (name, table) in &model.tables {
            let bytes = self.bytes(table, graph);
            if let Some(place) = all_bytes.get_mut(table.id.index()) {
                *place = bytes;
            }
            if self.has_meter(of, name, table, bytes, graph) {
                out.push(self.table(name, table, bytes, graph));
            } else {
                left_out += 1;
            }
            if let Some(database) = &table.database {
                let index = match last {
                    Some((known, index)) if known == &**database => index,
                    _ => model.databases.get_index_of(&**database),
                };
                last = Some((database, index));
                if let Some(sums) = index.and_then(|index| databases.get_mut(index)) {
                    sums.tables.push(table);
                    sums.bytes.add(bytes);
                    sums.writes.add(self.storage.writes(table, graph));
                    sums.existing += table.existing;
                }
            }
        }
        for (name, api) in &model.apis {
            self.api(name, api, graph, &mut out);
        }
        for ((name, database), sums) in model.databases.iter().zip(&databases) {
            self.database(name, database, sums, graph, &mut out);
        }
        for (name, model) in &model.models {
            self.compute_model(name, model, graph, &mut out);
        }
        for (name, queue) in &model.queues {
            self.queue(name, queue, graph, &mut out);
        }
        out.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        Gathered {
            meters: out,
            bytes: all_bytes,
            left_out,
        }
    }

    fn has_meter(
        &self,
        of: Tables<'_>,
        name: &str,
        table: &Table,
        bytes: Quantity,
        graph: &Graph,
    ) -> bool {
        let Tables::Judged(limited) = of else {
            return true;
        };
        let must_fit = match self.storage.situation {
            Situation::Scenario(scenario) => scenario.require != Require::Report,
            _ => false,
        };
        !graph.point(bytes).is_finite()
            || (must_fit
                && table.kept_days.is_finite()
                && graph.is_uncertain(bytes)
                && graph.at_most(bytes) > self.thresholds.partition_above)
            || limited.contains(name)
    }

    fn meter(
        &self,
        owner: Owner,
        name: &str,
        kind: Kind,
        unit: impl Into<Cow<'static, str>>,
        demand: Quantity,
        limit: Option<Quantity>,
    ) -> Metered {
        Metered {
            id: MeterId::new(owner, name, kind, Vec::new()),
            unit: unit.into(),
            demand: Demand::Amount(demand),
            limit,
            basis: Basis::None,
        }
    }

    /// How much of a month an event takes; nothing where it is the whole month.
    fn event_share(&self) -> Option<f64> {
        let days = self.storage.situation.event()?.days?;
        let month = self.storage.model.calendar.days_per_month;
        (days < month).then(|| days / month)
    }

    /// `today · (1 − l/M) + scenario · l/M`
    fn blended(&self, today: Quantity, event: Quantity, graph: &mut Graph) -> Quantity {
        match self.event_share() {
            None => event,
            Some(share) => graph.add(today.times(1.0 - share), event.times(share)),
        }
    }

    /// The meters of an API.
    pub fn api(&self, name: &str, api: &Api, graph: &mut Graph, out: &mut Vec<Metered>) {
        let none = ApiTotals::default();
        let totals = self
            .storage
            .forecast
            .totals
            .apis
            .get(api.id)
            .unwrap_or(&none);
        let called = totals.lines > 0;
        let month = self.storage.model.calendar.days_per_month;
        let now = graph.sum(&totals.credits);
        let today = self.today.totals.apis.get(api.id).unwrap_or(&none);
        let today = graph.sum(&today.credits);
        let per_day = self.blended(today, now, graph);
        let credits = per_day.times(month);
        if called || api.plan.is_some() {
            let limit = self.credit_limit(api);
            let mut metered = self.meter(
                Owner::Api,
                name,
                Kind::Credits,
                "credits/month",
                credits,
                limit,
            );
            metered.basis = Basis::Credits(per_day);
            out.push(metered);
        }
        for (index, limit) in api.rate_limits.iter().enumerate() {
            let window = totals.windows.get(index).map(|sum| graph.sum(sum));
            out.push(self.window(
                (Owner::Api, name, None),
                "calls",
                limit,
                window.unwrap_or(Quantity::ZERO),
            ));
        }
        if api.rate_limits.is_empty() && called {
            let window = totals.windows.first().map(|sum| graph.sum(sum));
            let demand = window.unwrap_or(Quantity::ZERO);
            let mut metered = self.meter(Owner::Api, name, Kind::Rate, "calls/s", demand, None);
            metered.id = MeterId::new(Owner::Api, name, Kind::Rate, vec!["s".to_owned()]);
            out.push(metered);
        }
        let priced = api.plan.is_some() || !api.packs.is_empty() || api.overage.is_some();
        if priced || api.budget.is_some() {
            let limit = budget(self.storage.situation, api.budget);
            let unit = "money/month";
            let mut metered = self.meter(Owner::Api, name, Kind::Spend, unit, credits, limit);
            metered.demand = Demand::Price {
                credits,
                tariff: Arc::new(Tariff::new(api)),
            };
            out.push(metered);
        }
    }

    /// The plan; in scenarios that and all that the packs allow; none where credits past the
    /// plan are billed as they are used.
    fn credit_limit(&self, api: &Api) -> Option<Quantity> {
        if api.overage.is_some() {
            return None;
        }
        let plan = api.plan.and_then(|plan| plan.credits);
        if self.storage.situation.scenario().is_none() {
            return plan.map(|credits| Quantity::certain(credits.now));
        }
        if plan.is_none() && api.packs.is_empty() {
            return None;
        }
        let mut most = plan.map_or(0.0, |credits| credits.max.unwrap_or(credits.now));
        for pack in &api.packs {
            most += pack.credits * pack.max? as f64;
        }
        Some(Quantity::certain(most))
    }

    fn window(
        &self,
        (owner, name, unit): (Owner, &str, Option<&str>),
        counted: &str,
        limit: &RateLimit,
        demand: Quantity,
    ) -> Metered {
        let most = bound(self.storage.situation, Some(limit.bound));
        let text = format!("{counted}/{}", limit.window);
        let mut metered = self.meter(owner, name, Kind::Rate, text, demand, most);
        let mut rest: Vec<String> = unit.map(str::to_owned).into_iter().collect();
        rest.push(limit.window.clone());
        metered.id = MeterId::new(owner, name, Kind::Rate, rest);
        metered
    }

    /// For how many days storage is projected.
    #[must_use]
    pub fn horizon(&self) -> u32 {
        let storage = &self.storage;
        storage.situation.horizon(storage.model.calendar.horizon)
    }

    fn database(
        &self,
        name: &str,
        database: &Database,
        sums: &OfTables<'_>,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let limit = bound(self.storage.situation, database.storage);
        let net = graph.sum(&sums.bytes);
        let bytes = net.times(1.0 + database.overhead);
        let mut storage = self.meter(Owner::Database, name, Kind::Storage, "bytes", bytes, limit);
        let full = self.full_bytes(limit, database.overhead);
        let day =
            full.and_then(|full| self.full_on_day(&sums.tables, full, net, sums.existing, graph));
        storage.basis = Basis::Disk {
            full_on: day,
            existing: sums.existing,
        };
        out.push(storage);
        let writes = graph.sum(&sums.writes);
        let limit = bound(self.storage.situation, database.writes);
        out.push(self.meter(
            Owner::Database,
            name,
            Kind::Writes,
            "writes/s",
            writes,
            limit,
        ));
    }

    /// Bytes of a table at the horizon.
    pub fn bytes(&self, table: &Table, graph: &mut Graph) -> Quantity {
        let horizon = f64::from(self.horizon());
        self.storage.bytes(table, horizon, graph)
    }

    /// The meter of a table that comes to so many bytes at the horizon.
    pub fn table(&self, name: &str, table: &Table, bytes: Quantity, graph: &mut Graph) -> Metered {
        let limit = bound(self.storage.situation, table.max_size);
        let full = self.full_bytes(limit, 0.0);
        let day =
            full.and_then(|full| self.full_on_day(&[table], full, bytes, table.existing, graph));
        let known = self.ids.get(table.id).cloned();
        let id =
            known.unwrap_or_else(|| MeterId::new(Owner::Table, name, Kind::Storage, Vec::new()));
        Metered {
            id,
            unit: "bytes".into(),
            demand: Demand::Amount(bytes),
            limit,
            basis: Basis::Disk {
                full_on: day,
                existing: table.existing,
            },
        }
    }

    /// The bytes of tables above which the policy calls a disk full; nothing where it is not
    /// asked for.
    fn full_bytes(&self, limit: Option<Quantity>, overhead: f64) -> Option<f64> {
        if matches!(self.storage.situation, Situation::Multiplied) {
            return None;
        }
        Some(limit?.as_certain()? * self.thresholds.full_share / (1.0 + overhead))
    }

    /// The first whole day up to the horizon on which the bytes of tables, at point values, pass
    /// what the policy calls full.
    fn full_on_day(
        &self,
        tables: &[&Table],
        full: f64,
        at_horizon: Quantity,
        existing: f64,
        graph: &mut Graph,
    ) -> Option<u32> {
        // Where neither populations nor rows shrink, no day has more than what is there today and
        // the horizon's together. Mostly that is enough to know, but for what adding up rounds.
        let forecast = self.storage.forecast;
        let most = graph.point(at_horizon) + existing;
        if most <= full * (1.0 - 1e-9)
            && forecast.totals.daily == 0
            && !forecast.populations.shrink(graph)
        {
            return None;
        }
        if at_horizon.is_certain() {
            return self.first_full_day(&self.storage, tables, full, graph);
        }
        // Evaluating every day at point values must not grow the graph of draws.
        let Storage {
            model, situation, ..
        } = self.storage;
        let points = self.points.get_or_init(|| {
            let mut graph = Graph::at_points();
            let forecast = match self.at_points {
                Some(at_points) => at_points.forecast(situation),
                None => Forecast::new(model, situation, Keep::Totals, &mut graph),
            };
            let sources = Sources::new(model, &mut graph);
            (graph, forecast, sources)
        });
        let (graph, forecast, sources) = points;
        let storage = Storage::new(model, situation, forecast, sources);
        self.first_full_day(&storage, tables, full, &mut graph.clone())
    }

    fn first_full_day(
        &self,
        storage: &Storage<'_>,
        tables: &[&Table],
        full: f64,
        graph: &mut Graph,
    ) -> Option<u32> {
        let fill = Fill::new(storage, tables.iter().copied(), graph);
        fill.first_day_above(storage, full, self.horizon(), graph)
    }

    /// The meters of a queue.
    pub fn queue(&self, name: &str, queue: &Queue, graph: &mut Graph, out: &mut Vec<Metered>) {
        let none = QueueTotals::default();
        let totals = self
            .storage
            .forecast
            .totals
            .queues
            .get(queue.id)
            .unwrap_or(&none);
        let load = Load::new(self, queue, totals, graph);
        let kafka = queue.broker == Broker::Kafka;
        let meter = |kind, unit: &'static str, demand, limit| {
            self.meter(Owner::Queue, name, kind, unit, demand, limit)
        };

        let replayed = load.bytes.times(queue.replay);
        let throughput = graph.add(load.peak_bytes, replayed);
        let limit = bound(self.storage.situation, queue.partitions.filter(|_| kafka))
            .map(|partitions| partitions.times(queue.partition_throughput));
        let mut metered = meter(Kind::Throughput, "bytes/s", throughput, limit);
        if kafka {
            metered.basis = Basis::Partition(queue.partition_throughput);
        }
        out.push(metered);

        if !kafka || queue.retention.is_some() || queue.storage.is_some() {
            let retained = self.retained(queue, &load, graph);
            let limit = bound(self.storage.situation, queue.storage);
            out.push(meter(Kind::Retained, "bytes", retained, limit));
        }

        let mut workers = meter(Kind::Workers, "jobs/s", load.work, load.capacity);
        workers.basis = Basis::ScaleUpAt(scale_up_at(queue));
        out.push(workers);

        let limit = bound(self.storage.situation, queue.max_depth);
        out.push(meter(Kind::Depth, "messages", load.backlog, limit));

        if load.capacity.is_some() || queue.drain.is_some() {
            let minus = if queue.depth.is_some() {
                load.mean
            } else {
                load.steady
            };
            let capacity = load.capacity.unwrap_or(Quantity::ZERO);
            let drain = graph.drain(load.backlog, capacity, load.mean, minus);
            let limit = queue.drain.map(Quantity::certain);
            out.push(meter(Kind::Drain, "seconds", drain, limit));
        }
    }

    fn retained(&self, queue: &Queue, load: &Load, graph: &mut Graph) -> Quantity {
        if queue.broker == Broker::Kafka {
            return match queue.retention {
                Some(retention) => load.bytes.times(retention * queue.replication),
                None if load.bytes.as_certain() == Some(0.0) => load.bytes,
                None => Quantity::INFINITE.mark_unknown(load.bytes.is_unknown()),
            };
        }
        let size = if load.mean.as_certain() == Some(0.0) {
            let size = queue.message_size.quantity(graph);
            size.times(self.storage.situation.payload())
                .mark_unknown(load.mean.is_unknown())
        } else {
            graph.div(load.bytes, load.mean)
        };
        graph.mul(load.backlog, size)
    }

    /// The meters of a model.
    pub fn compute_model(
        &self,
        name: &str,
        model: &ComputeModel,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let none = ModelTotals::default();
        let totals = self
            .storage
            .forecast
            .totals
            .models
            .get(model.id)
            .unwrap_or(&none);
        if !model.prices.is_empty() || model.budget.is_some() {
            let now = graph.sum(&totals.spend);
            let today = self.today.totals.models.get(model.id).unwrap_or(&none);
            let today = graph.sum(&today.spend);
            let per_day = self.blended(today, now, graph);
            let spend = per_day.times(self.storage.model.calendar.days_per_month);
            let limit = budget(self.storage.situation, model.budget);
            let unit = "money/month";
            out.push(self.meter(Owner::Model, name, Kind::Spend, unit, spend, limit));
        }
        for (index, (unit, limit)) in model.capacity.iter().enumerate() {
            let window = totals.windows.get(index).map(|sum| graph.sum(sum));
            let demand = window.unwrap_or(Quantity::ZERO);
            out.push(self.window((Owner::Model, name, Some(unit)), unit, limit, demand));
        }
    }
}

/// What a queue has to carry and to wait for.
struct Load {
    mean: Quantity,
    steady: Quantity,
    bytes: Quantity,
    peak_bytes: Quantity,
    work: Quantity,
    capacity: Option<Quantity>,
    backlog: Quantity,
}

impl Load {
    fn new(
        metering: &Metering<'_>,
        queue: &Queue,
        totals: &QueueTotals,
        graph: &mut Graph,
    ) -> Self {
        let mean = graph.sum(&totals.mean);
        let steady = graph.sum(&totals.steady);
        let capacity = queue.workers.as_ref().and_then(|workers| {
            let max = workers.max?;
            let rate = workers.rate.as_ref()?.quantity(graph);
            Some(rate.times(max))
        });
        let backlog = match &queue.depth {
            Some(depth) => {
                let depth = depth.quantity(graph);
                let times = metering.growth_of_messages(queue.id, mean, graph);
                graph.mul(depth, times)
            }
            None => derived_backlog(totals, steady, capacity, graph),
        };
        Self {
            mean,
            steady,
            bytes: graph.sum(&totals.bytes),
            peak_bytes: graph.sum(&totals.peak_bytes),
            work: graph.sum(&totals.work),
            capacity,
            backlog,
        }
    }
}

/// `Σ max(0, X − spread · max(0, C − λs))` over the queue's batches.
fn derived_backlog(
    totals: &QueueTotals,
    steady: Quantity,
    capacity: Option<Quantity>,
    graph: &mut Graph,
) -> Quantity {
    let capacity = capacity.unwrap_or(Quantity::ZERO);
    let spare = graph.sub(capacity, steady);
    let spare = graph.positive(spare);
    let mut backlog = Sum::default();
    for (size, spread) in totals.batches.values() {
        let left = if *spread == 0.0 {
            *size
        } else {
            graph.sub(*size, spare.times(*spread))
        };
        backlog.add(graph.positive(left));
    }
    graph.sum(&backlog)
}

impl Metering<'_> {
    /// The ratio of mean messages in this situation and today, 1 where there are none today.
    fn growth_of_messages(&self, queue: Id, now: Quantity, graph: &mut Graph) -> Quantity {
        if matches!(self.storage.situation, Situation::Today) {
            return Quantity::ONE;
        }
        let none = QueueTotals::default();
        let today = self.today.totals.queues.get(queue).unwrap_or(&none);
        let before = graph.sum(&today.mean);
        if before.as_certain() == Some(0.0) {
            return Quantity::ONE.mark_unknown(now.is_unknown() || before.is_unknown());
        }
        graph.div(now, before)
    }
}

/// `count · rate · drain`: the depth that today's workers drain in time.
fn scale_up_at(queue: &Queue) -> Option<f64> {
    let workers = queue.workers.as_ref()?;
    let rate = workers.rate.as_ref().and_then(Value::point)?;
    Some(workers.count? * rate * queue.drain?)
}
