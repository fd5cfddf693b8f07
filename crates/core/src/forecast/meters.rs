//! Meters: each counts one thing against one limit.
//!
//! A kind of meter is one file here, which says what has such a meter and what it shows, and one
//! entry in [`KINDS`].

mod concurrency;
mod credits;
mod depth;
mod drain;
mod load;
mod members;
mod money;
mod rate;
mod reads;
mod retained;
mod spend;
mod storage;
mod stored;
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
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::gaps::LimitGap;
use crate::model::lines::events::Amount;
use crate::model::{Api, ComputeModel, Database, Id, Queue, Table};
use crate::quantity::{Graph, Quantity};

use load::Load;
pub(crate) use stored::Stored;
use stored::{OfTables, TableFigures};

/// All kinds of meters: each adds those of its kind that a thing has.
const KINDS: [fn(&Of<'_>, &mut Graph, &mut Vec<Metered>); 12] = [
    concurrency::meters,
    credits::meters,
    depth::meters,
    drain::meters,
    rate::meters,
    reads::meters,
    retained::meters,
    spend::meters,
    storage::meters,
    throughput::meters,
    workers::meters,
    writes::meters,
];

/// What has meters, tables aside, which are many and have but one.
#[derive(Clone, Copy)]
pub(crate) enum Thing<'a> {
    Api(&'a Api),
    Database(&'a Database, &'a OfTables),
    Model(&'a ComputeModel),
    Queue(&'a Queue),
}

/// A thing in a situation.
struct Of<'a> {
    metering: &'a Metering<'a>,
    name: &'a str,
    thing: Thing<'a>,
    /// Of a queue, once it is asked for.
    load: OnceCell<Load>,
}

impl<'a> Of<'a> {
    fn new(metering: &'a Metering<'a>, name: &'a str, thing: Thing<'a>) -> Self {
        Self {
            metering,
            name,
            thing,
            load: OnceCell::new(),
        }
    }

    fn situation(&self) -> Situation<'a> {
        self.metering.storage.situation
    }

    fn id(&self, kind: MeterKind, rest: &[&str]) -> MeterId {
        let family = match self.thing {
            Thing::Api(_) => Family::Api,
            Thing::Database(..) => Family::Database,
            Thing::Model(_) => Family::Model,
            Thing::Queue(_) => Family::Queue,
        };
        let rest = rest.iter().map(|key| (*key).to_owned()).collect();
        MeterId::new(family, self.name, kind, rest)
    }

    fn load(&self, queue: &Queue, graph: &mut Graph) -> &Load {
        self.load
            .get_or_init(|| Load::new(self.metering, queue, graph))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Basis {
    None,
    Credits(Quantity),
    /// Of a disk.
    Disk {
        /// The first day on which bytes pass what the policy calls full.
        full_on: Option<u32>,
        /// Bytes on it today.
        on_disk: f64,
        /// The day that the demand is of.
        day: u32,
    },
    /// Seconds after which messages go, where that can be told.
    Kept(Option<f64>),
    /// Of a limit that each member has to itself: the tier that is closest to it.
    Member(Option<String>),
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
    pub(crate) tariff: Option<Arc<Tariff>>,
    /// The most that there is, where there is a limit.
    pub(crate) limit: Option<Quantity>,
    pub(crate) basis: Basis,
    /// Whether something of it could not be read.
    pub(crate) is_unread: bool,
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
            is_unread: false,
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
    All,
    /// Of those that are judged: of these names, which have a limit somewhere, or with infinite
    /// bytes. And, in scenarios that have to fit, of those with rows to drop whose bytes are
    /// uncertain: their percentile says whether they need partitions, what is certain is told by
    /// its point.
    Judged(&'a HashSet<&'a str>),
    /// Of those with these numbers, and no others.
    Of(&'a HashSet<Id>),
}

/// The meters of a situation.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) meters: Vec<Metered>,
    pub(crate) stored: Stored,
    /// Whether only some tables were asked for.
    pub(crate) is_part: bool,
    /// How many meters were left out: all of tables without a limit.
    pub(crate) left_out: usize,
}

/// What of a policy meters depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    /// The share of a disk above which it is called full, where it is asked on which day that is.
    pub(crate) full_share: Option<f64>,
    /// The bytes above which tables need partitions: what may pass them has a meter where a
    /// scenario has to fit.
    pub(crate) partition_above: f64,
}

impl Thresholds {
    /// None that anything passes.
    pub(crate) const NONE: Self = Self {
        full_share: None,
        partition_above: f64::INFINITY,
    };
}

pub(crate) struct Metering<'a> {
    /// The model, the circumstances, the demand in them, and where tables' rows come from.
    storage: Storage<'a>,
    /// The same of today, without a scenario's `set`.
    today: Storage<'a>,
    ids: &'a TableMeters,
    thresholds: Thresholds,
    /// The model at point values, where the situation differs from today only in populations.
    at_points: Option<&'a AtPoints>,
    /// The places of the tables of each database, by its place, once they are asked for.
    by_database: OnceCell<Vec<Vec<usize>>>,
    /// The same situation at point values, once it is asked for.
    points: OnceCell<(Graph, Forecast, Sources)>,
}

impl<'a> Metering<'a> {
    pub(crate) fn new(
        storage: Storage<'a>,
        today: Storage<'a>,
        ids: &'a TableMeters,
        thresholds: Thresholds,
    ) -> Self {
        Self {
            storage,
            today,
            ids,
            thresholds,
            at_points: None,
            by_database: OnceCell::new(),
            points: OnceCell::new(),
        }
    }

    /// The same of today.
    fn of_today(&self) -> Metering<'_> {
        let of = |storage: &Storage<'a>| {
            Storage::new(
                storage.model,
                Situation::Today,
                storage.forecast,
                storage.sources,
            )
        };
        Metering::new(of(&self.today), of(&self.today), self.ids, self.thresholds)
    }

    /// The same, with the model at point values, for a situation that differs from today only in
    /// populations.
    pub(crate) fn at_points(self, at_points: Option<&'a AtPoints>) -> Self {
        Self { at_points, ..self }
    }

    /// The meters, given what tables came to before a change that reaches some of them.
    pub(crate) fn all(
        &self,
        of: Tables<'_>,
        before: Option<(Stored, &HashSet<Id>)>,
        graph: &mut Graph,
    ) -> Gathered {
        let model = self.storage.model;
        let mut out = Vec::with_capacity(64);
        let stored = self.add_tables(of, before, graph, &mut out);
        let left_out = model.tables.len() - out.len();
        for (name, api) in &model.apis {
            self.add(name, Thing::Api(api), graph, &mut out);
        }
        for ((name, database), sums) in model.databases.iter().zip(&stored.databases) {
            self.add(name, Thing::Database(database, sums), graph, &mut out);
        }
        for (name, model) in &model.models {
            self.add(name, Thing::Model(model), graph, &mut out);
        }
        for (name, queue) in &model.queues {
            self.add(name, Thing::Queue(queue), graph, &mut out);
        }
        money::costs(model, &mut out);
        for metered in &mut out {
            self.leave_gaps(metered);
        }
        self.add_budgets(graph, &mut out);
        out.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        Gathered {
            meters: out,
            stored,
            is_part: matches!(of, Tables::Of(_)),
            left_out,
        }
    }

    /// Marks what could not be read of a meter.
    fn leave_gaps(&self, metered: &mut Metered) {
        let gaps = &self.storage.model.gaps;
        let gap = gaps.of(metered.id.owner, &metered.id.name, metered.id.kind);
        let scenario = self.situation().scenario();
        let is_unread = gap.demand || scenario.is_some_and(|scenario| scenario.is_unread);
        metered.is_unread = is_unread;
        metered.demand = metered.demand.mark_unknown(is_unread);
        let unknown_limit = match gap.limit {
            LimitGap::Nowhere => false,
            LimitGap::WhereAbsent => metered.limit.is_none(),
            LimitGap::InScenarios => scenario.is_some(),
            LimitGap::Everywhere => true,
        };
        if unknown_limit {
            metered.limit = Some(Quantity::unknown());
        }
    }

    /// Whether a meter may exist because of something that could not be read.
    fn may_have(&self, family: Family, name: &str, kind: MeterKind) -> bool {
        self.storage.model.gaps.reach(family, name, kind)
    }

    /// Whether a limit of a thing may be one that could not be read.
    fn may_limit(&self, family: Family, name: &str, kind: MeterKind) -> bool {
        let gap = self.storage.model.gaps.of(family, name, kind);
        gap.limit != LimitGap::Nowhere
    }

    fn has_meter(
        &self,
        of: Tables<'_>,
        name: &str,
        table: &Table,
        bytes: Quantity,
        graph: &Graph,
    ) -> bool {
        let limited = match of {
            Tables::All => return true,
            Tables::Of(ids) => return ids.contains(&table.id),
            Tables::Judged(limited) => limited,
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

    fn asked_of(&self, family: Family, id: Id) -> [&'a Sinks; 2] {
        [&self.storage, &self.today].map(|storage| storage.forecast.demand.of(family, id))
    }

    /// What is asked for in a day of a month.
    fn per_day(&self, amount: Amount, family: Family, id: Id, graph: &mut Graph) -> Quantity {
        let [now, today] = self.asked_of(family, id);
        let now = now.sum(amount, graph);
        self.blended(now, |graph| today.sum(amount, graph), graph)
    }

    /// A month of it: `today · (1 − l/M) + event · l/M` where an event takes `l` of its `M` days.
    fn blended(
        &self,
        now: Quantity,
        today: impl FnOnce(&mut Graph) -> Quantity,
        graph: &mut Graph,
    ) -> Quantity {
        let month = self.days_per_month();
        let days = self.situation().event().and_then(|event| event.days);
        match days.filter(|days| *days < month) {
            None => now,
            Some(days) => {
                let share = days / month;
                let today = today(graph).times(1.0 - share);
                graph.add(today, now.times(share))
            }
        }
    }

    pub(crate) fn add(
        &self,
        name: &str,
        thing: Thing<'_>,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) {
        let of = Of::new(self, name, thing);
        for meters in KINDS {
            meters(&of, graph, out);
        }
    }
}
