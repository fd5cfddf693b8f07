//! Meters: each counts one thing against one limit.
//!
//! A kind of meter is one file here, which says what has such a meter and what it shows, and one
//! entry in [`KINDS`].

mod credits;
mod depth;
mod drain;
mod load;
mod rate;
mod retained;
mod spend;
mod storage;
mod throughput;
mod workers;
mod writes;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use crate::collections::HashSet;
use crate::document::values::Require;
use crate::forecast::demand::{Forecast, Sinks};
use crate::forecast::per_member::AtPoints;
use crate::forecast::situation::Situation;
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::forecast::tariff::Tariff;
use crate::meter::{Family, MeterId};
use crate::model::lines::events::Amount;
use crate::model::{Api, ComputeModel, Database, Id, Queue, Table};
use crate::quantity::{Graph, Quantity, Sum};

use load::Load;

/// All kinds of meters.
const KINDS: [&dyn KindOfMeter; 10] = [
    &credits::Credits,
    &depth::Depth,
    &drain::Drain,
    &rate::Rate,
    &retained::Retained,
    &spend::Spend,
    &storage::Storage,
    &throughput::Throughput,
    &workers::Workers,
    &writes::Writes,
];

/// A kind of meter: those of its kind that a thing has.
trait KindOfMeter: Sync {
    fn of_api(&self, _: &OfApi<'_>, _: &mut Graph, _: &mut Vec<Metered>) {}
    fn of_database(&self, _: &OfDatabase<'_>, _: &mut Graph, _: &mut Vec<Metered>) {}
    fn of_model(&self, _: &OfModel<'_>, _: &mut Graph, _: &mut Vec<Metered>) {}
    fn of_queue(&self, _: &OfQueue<'_>, _: &mut Graph, _: &mut Vec<Metered>) {}
}

/// An API and what is asked of it.
struct OfApi<'a> {
    metering: &'a Metering<'a>,
    name: &'a str,
    api: &'a Api,
    sinks: &'a Sinks,
    /// Credits per day.
    credits: Quantity,
}

/// A database and what its tables ask of it.
struct OfDatabase<'a> {
    metering: &'a Metering<'a>,
    name: &'a str,
    database: &'a Database,
    tables: &'a OfTables<'a>,
}

/// A model and what is asked of it.
struct OfModel<'a> {
    metering: &'a Metering<'a>,
    name: &'a str,
    model: &'a ComputeModel,
    sinks: &'a Sinks,
}

/// A queue and what it has to carry.
struct OfQueue<'a> {
    metering: &'a Metering<'a>,
    name: &'a str,
    queue: &'a Queue,
    load: Load,
}

/// More that is known of one kind of meter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Basis {
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
pub(crate) struct Metered {
    pub(crate) id: MeterId,
    pub(crate) unit: Cow<'static, str>,
    /// How much is asked for: of spend on credits, those.
    pub(crate) demand: Quantity,
    /// What such credits cost.
    pub(crate) tariff: Option<Arc<Tariff>>,
    /// The most that there is, where there is a limit.
    pub(crate) limit: Option<Quantity>,
    pub(crate) basis: Basis,
}

impl Metered {
    fn new(
        id: MeterId,
        unit: impl Into<Cow<'static, str>>,
        demand: Quantity,
        limit: Option<Quantity>,
    ) -> Self {
        Self {
            id,
            unit: unit.into(),
            demand,
            tariff: None,
            limit,
            basis: Basis::None,
        }
    }

    /// So much of what it asks for in its unit; nothing where that can't be told.
    pub(crate) fn in_unit(&self, demand: f64) -> Option<f64> {
        match &self.tariff {
            Some(tariff) => tariff.price(demand),
            None => Some(demand),
        }
    }
}

/// Of which tables there are meters. Databases, APIs, queues and models always have theirs; tables
/// are many, and most have no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tables<'a> {
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
pub(crate) struct Gathered {
    /// The meters, sorted by id.
    pub(crate) meters: Vec<Metered>,
    /// Bytes of every table at the horizon, by the table's number.
    pub(crate) bytes: Vec<Quantity>,
    /// How many meters were left out: all of tables without a limit.
    pub(crate) left_out: usize,
}

/// What of a policy meters depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    /// The share of a disk above which it is called full.
    pub(crate) full_share: f64,
    /// The bytes above which tables need partitions: what may pass them has a meter where a
    /// scenario has to fit.
    pub(crate) partition_above: f64,
}

impl Thresholds {
    /// None that anything passes.
    pub(crate) const NONE: Self = Self {
        full_share: f64::INFINITY,
        partition_above: f64::INFINITY,
    };
}

/// Everything that meters depend on.
pub(crate) struct Metering<'a> {
    /// The model, the circumstances, the demand in them, and where tables' rows come from.
    storage: Storage<'a>,
    /// Today's demand, without a scenario's `set`.
    today: &'a Forecast,
    /// The ids of tables' meters.
    ids: &'a TableMeters,
    thresholds: Thresholds,
    /// The model at point values, where the situation differs from today only in populations.
    at_points: Option<&'a AtPoints<'a>>,
    /// The same situation at point values, once it is asked for.
    points: OnceCell<(Graph, Forecast, Sources)>,
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
    pub(crate) fn new(
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
    pub(crate) fn at_points(self, at_points: Option<&'a AtPoints<'a>>) -> Self {
        Self { at_points, ..self }
    }

    /// The meters.
    pub(crate) fn all(&self, of: Tables<'_>, graph: &mut Graph) -> Gathered {
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

    fn situation(&self) -> Situation<'a> {
        self.storage.situation
    }

    fn days_per_month(&self) -> f64 {
        self.storage.model.calendar.days_per_month
    }

    /// What is asked of a thing in the situation, and today.
    fn asked_of(&self, family: Family, id: Id) -> [&'a Sinks; 2] {
        [self.storage.forecast, self.today].map(|forecast| forecast.demand.of(family, id))
    }

    /// What a month comes to per day: `today · (1 − l/M) + event · l/M` where an event takes `l`
    /// of its `M` days.
    fn blended(&self, today: Quantity, event: Quantity, graph: &mut Graph) -> Quantity {
        let month = self.days_per_month();
        let days = self.situation().event().and_then(|event| event.days);
        match days.filter(|days| *days < month) {
            None => event,
            Some(days) => {
                let share = days / month;
                graph.add(today.times(1.0 - share), event.times(share))
            }
        }
    }

    /// The meters of an API.
    pub(crate) fn api(&self, name: &str, api: &Api, graph: &mut Graph, out: &mut Vec<Metered>) {
        let [sinks, today] = self.asked_of(Family::Api, api.id);
        let now = sinks.sum(Amount::Credits, graph);
        let today = today.sum(Amount::Credits, graph);
        let of = OfApi {
            metering: self,
            name,
            api,
            sinks,
            credits: self.blended(today, now, graph),
        };
        for kind in KINDS {
            kind.of_api(&of, graph, out);
        }
    }

    fn database(
        &self,
        name: &str,
        database: &Database,
        tables: &OfTables<'_>,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let of = OfDatabase {
            metering: self,
            name,
            database,
            tables,
        };
        for kind in KINDS {
            kind.of_database(&of, graph, out);
        }
    }

    /// The meters of a queue.
    pub(crate) fn queue(
        &self,
        name: &str,
        queue: &Queue,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let of = OfQueue {
            metering: self,
            name,
            queue,
            load: Load::new(self, queue, graph),
        };
        for kind in KINDS {
            kind.of_queue(&of, graph, out);
        }
    }

    /// The meters of a model.
    pub(crate) fn compute_model(
        &self,
        name: &str,
        model: &ComputeModel,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let [sinks, _] = self.asked_of(Family::Model, model.id);
        let of = OfModel {
            metering: self,
            name,
            model,
            sinks,
        };
        for kind in KINDS {
            kind.of_model(&of, graph, out);
        }
    }
}
