//! `storage`: bytes on disk at the horizon, of a database and of a table.

use super::{Basis, Metered, Metering, Of, TableFigures, Thing};
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::fill::Fill;
use crate::forecast::situation::Situation;
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::meter::MeterKind;
use crate::model::{Database, Table};
use crate::quantity::{Graph, Quantity};

pub(super) fn meters(of: &Of<'_>, graph: &mut Graph, out: &mut Vec<Metered>) {
    let Thing::Database(database, tables) = of.thing else {
        return;
    };
    let metering = of.metering;
    let limit = of.situation().bound(database.storage);
    let net = tables.bytes.sum(graph);
    let overhead = metering.stored_database(of.name, database).overhead;
    let bytes = net.times(1.0 + overhead);
    let full = metering.full_bytes(limit, overhead);
    let existing = tables.existing.sum(graph);
    let existing = graph.point(existing);
    let own = || metering.tables_of(of.name);
    let full_on = full.and_then(|full| metering.full_on_day(own, full, net, existing, graph));
    let id = of.id(MeterKind::Storage, &[]);
    out.push(Metered {
        basis: Basis::Disk {
            full_on,
            on_disk: existing * (1.0 + metering.overhead_today(of.name)),
            day: metering.horizon(),
        },
        ..Metered::new(id, "bytes", bytes, limit)
    });
}

impl Metering<'_> {
    /// What bytes are told by: while an event lasts, disks fill as they do today.
    fn stored(&self) -> &Storage<'_> {
        let event = self.situation().event();
        match event.and_then(|event| event.days) {
            Some(_) => &self.today,
            None => &self.storage,
        }
    }

    fn overhead_today(&self, database: &str) -> f64 {
        let database = self.today.model.databases.get(database);
        database.map_or(0.0, |database| database.overhead)
    }

    /// The database as bytes and their price are told by it.
    pub(super) fn stored_database<'d>(
        &'d self,
        name: &str,
        database: &'d Database,
    ) -> &'d Database {
        let model = self.stored().model;
        match std::ptr::eq(model, self.storage.model) {
            true => database,
            false => model.databases.get(name).unwrap_or(database),
        }
    }

    /// The table as bytes are told by it.
    pub(super) fn stored_table<'t>(&'t self, name: &str, table: &'t Table) -> Option<&'t Table> {
        let model = self.stored().model;
        match std::ptr::eq(model, self.storage.model) {
            true => Some(table),
            false => model.tables.get(name),
        }
    }

    /// For how many days storage is projected.
    fn horizon(&self) -> u32 {
        let stored = self.stored();
        stored.situation.horizon(stored.model.calendar.horizon)
    }

    pub(super) fn bytes(&self, table: &Table, graph: &mut Graph) -> Quantity {
        let horizon = f64::from(self.horizon());
        self.stored().bytes(table, horizon, graph)
    }

    /// Bytes that are on disk today; with all tenants multiplied those of state tables then.
    pub(super) fn existing(&self, name: &str, table: &Table, graph: &mut Graph) -> Quantity {
        if matches!(self.situation(), Situation::Multiplied) {
            return self.storage.on_disk(table, graph);
        }
        let today = match std::ptr::eq(self.today.model, self.storage.model) {
            true => Some(table),
            false => self.today.model.tables.get(name),
        };
        today.map_or(Quantity::ZERO, |table| self.today.on_disk(table, graph))
    }

    /// The meter of a table that comes to so many bytes at the horizon. Tables are many, and
    /// their meters' ids are shared among situations.
    pub(super) fn table(
        &self,
        name: &str,
        table: &Table,
        figures: &TableFigures,
        graph: &mut Graph,
    ) -> Metered {
        let bytes = figures.bytes;
        let limit = self.situation().bound(table.max_size);
        let full = self.full_bytes(limit, 0.0);
        let existing = graph.point(figures.existing);
        let full_on = full
            .zip(self.stored_table(name, table))
            .and_then(|(full, stored)| {
                self.full_on_day(|| vec![stored], full, bytes, existing, graph)
            });
        let id = self.ids.get(table.id).cloned();
        let id = id.unwrap_or_else(|| TableMeters::id(name));
        Metered {
            basis: Basis::Disk {
                full_on,
                on_disk: existing,
                day: self.horizon(),
            },
            ..Metered::new(id, "bytes", bytes, limit)
        }
    }

    /// The bytes of tables above which the policy calls a disk full; nothing where it is not
    /// asked for.
    fn full_bytes(&self, limit: Option<Quantity>, overhead: f64) -> Option<f64> {
        if matches!(self.situation(), Situation::Multiplied) {
            return None;
        }
        Some(limit?.as_certain()? * self.thresholds.full_share? / (1.0 + overhead))
    }

    /// The tables of a database as bytes are told by them.
    fn tables_of(&self, database: &str) -> Vec<&Table> {
        let model = self.storage.model;
        let by_database = self.by_database.get_or_init(|| {
            let mut all = vec![Vec::new(); model.databases.len()];
            for (place, table) in model.tables.values().enumerate() {
                let database = table.database.as_deref();
                let database = database.and_then(|name| model.databases.get_index_of(name));
                if let Some(own) = database.and_then(|at| all.get_mut(at)) {
                    own.push(place);
                }
            }
            all
        });
        let own = model.databases.get_index_of(database);
        let own = own.and_then(|at| by_database.get(at)).into_iter().flatten();
        let tables = own.filter_map(|place| model.tables.get_index(*place));
        let stored = tables.filter_map(|(name, table)| self.stored_table(name, table));
        stored.collect()
    }

    /// The first whole day up to the horizon on which the bytes of tables, at point values, pass
    /// what the policy calls full.
    fn full_on_day<'t>(
        &self,
        tables: impl FnOnce() -> Vec<&'t Table>,
        full: f64,
        at_horizon: Quantity,
        existing: f64,
        graph: &mut Graph,
    ) -> Option<u32> {
        // Where neither populations nor rows shrink, no day has more than what is there today and
        // the horizon's together. Mostly that is enough to know, but for what adding up rounds.
        let stored = self.stored();
        let forecast = stored.forecast;
        let most = graph.point(at_horizon) + existing;
        if most <= full * (1.0 - 1e-9)
            && forecast.demand.daily == 0
            && !forecast.populations.shrink(graph)
        {
            return None;
        }
        if at_horizon.is_certain() {
            return self.first_full_day(stored, &tables(), full, graph);
        }
        // Evaluating every day at point values must not grow the graph of draws.
        let (model, situation) = (stored.model, stored.situation);
        let points = self.points.get_or_init(|| {
            let mut graph = Graph::at_points();
            let forecast = match self.at_points {
                Some(at_points) => at_points.forecast(model, situation),
                None => Forecast::new(model, situation, Keep::Sums, &mut graph),
            };
            let sources = Sources::new(model, &mut graph);
            (graph, forecast, sources)
        });
        let (graph, forecast, sources) = points;
        let storage = Storage::new(model, situation, forecast, sources);
        self.first_full_day(&storage, &tables(), full, &mut graph.clone())
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
}
