//! Evaluating the meters that a step reaches, at point values.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reach::Reached;
use super::{Steps, today};
use crate::collections::HashMap;
use crate::document::TomlPath;
use crate::forecast::meters::{Metered, Metering, Thing, Thresholds};
use crate::forecast::storage::{Storage, TableMeters};
use crate::meter::Family;
use crate::quantity::{Graph, Quantity, RunningSum};

/// What tables hold and write, and what that adds up to in their databases.
#[derive(Default)]
pub(super) struct Stored {
    tables: HashMap<String, StoredTable>,
    databases: HashMap<Arc<str>, StoredDatabase>,
}

struct StoredTable {
    database: Option<Arc<str>>,
    amounts: [f64; AMOUNTS],
}

/// Bytes at the horizon and today, and rows written and read.
const AMOUNTS: usize = 4;

#[derive(Default)]
struct StoredDatabase([RunningSum; AMOUNTS]);

impl Stored {
    pub(super) fn of_all(storage: &Storage<'_>, graph: &mut Graph) -> Self {
        let mut stored = Self::default();
        for name in storage.model.tables.keys() {
            stored.count(name, storage, graph);
        }
        stored
    }

    pub(super) fn clear(&mut self) {
        self.tables.clear();
        self.databases.clear();
    }

    /// Evaluates a table that is new, has changed, or is gone.
    pub(super) fn count(&mut self, name: &str, storage: &Storage<'_>, graph: &mut Graph) {
        if let Some(old) = self.tables.remove(name)
            && let Some(database) = old.database
        {
            let sums = self.databases.entry(database).or_default().0.iter_mut();
            for (sum, amount) in sums.zip(old.amounts) {
                sum.remove(Quantity::certain(amount));
            }
        }
        let Some(table) = storage.model.tables.get(name) else {
            return;
        };
        let horizon = f64::from(storage.model.calendar.horizon);
        let amounts = [
            storage.bytes(table, horizon, graph),
            storage.on_disk(table, graph),
            storage.writes(table, graph),
            storage.reads(table, graph).unwrap_or(Quantity::ZERO),
        ];
        let new = StoredTable {
            database: table.database.clone(),
            amounts: amounts.map(|amount| graph.point(amount)),
        };
        if let Some(database) = &new.database {
            let sums = self.databases.entry(database.clone()).or_default();
            for (sum, amount) in sums.0.iter_mut().zip(new.amounts) {
                sum.add(Quantity::certain(amount));
            }
        }
        self.tables.insert(name.to_owned(), new);
    }
}

impl Steps<'_> {
    /// The meters of what a step reaches, before it; what they ask for is remembered of those
    /// that no step has reached before.
    pub(super) fn measure_before(&mut self, reached: &Reached) -> BTreeSet<String> {
        let before = self.measure(reached);
        for (id, demand) in &before {
            self.demands.entry(id.clone()).or_insert(*demand);
        }
        before.into_keys().collect()
    }

    /// The point demands of what a step reaches.
    pub(super) fn measure(&mut self, reached: &Reached) -> HashMap<String, f64> {
        let mut out = HashMap::default();
        for metered in self.meters(reached) {
            let point = metered.in_unit(self.graph.point(metered.demand));
            out.insert(metered.id.to_string(), point.unwrap_or(f64::NAN));
        }
        for name in reached.names(Family::Table) {
            if let Some(table) = self.stored.tables.get(name) {
                let [bytes, ..] = table.amounts;
                out.insert(id("tables", name, "storage"), bytes);
            }
        }
        let none = StoredDatabase::default();
        for name in reached.names(Family::Database) {
            if let Some(database) = self.model.databases.get(name) {
                let sums = self.stored.databases.get(name.as_str()).unwrap_or(&none);
                let [bytes, existing, writes, reads] =
                    sums.0.each_ref().map(|sum| self.graph.sum(sum));
                let on_disk = 1.0 + database.overhead;
                let spend = database
                    .price
                    .map(|price| existing.times(on_disk).times(price));
                let demands = [
                    ("storage", Some(bytes.times(on_disk))),
                    ("writes", Some(writes)),
                    ("reads", Some(reads)),
                    ("spend", spend),
                ];
                for (what, demand) in demands {
                    let demand = demand.map(|demand| self.graph.point(demand));
                    out.extend(demand.map(|demand| (id("databases", name, what), demand)));
                }
            }
        }
        for name in reached.names(Family::Cost) {
            if let Some(price) = self.model.costs.get(name) {
                out.insert(id("costs", name, "spend"), *price);
            }
        }
        out
    }

    /// The meters of the APIs, queues and models that a step reaches.
    fn meters(&mut self, reached: &Reached) -> Vec<Metered> {
        let storage = today(&self.model, &self.forecast, &self.sources);
        let ids = TableMeters::default();
        let same = today(&self.model, &self.forecast, &self.sources);
        let metering = Metering::new(storage, same, &ids, Thresholds::NONE);
        let mut meters: Vec<Metered> = Vec::new();
        for family in [Family::Api, Family::Queue, Family::Model] {
            for name in reached.names(family) {
                let thing = match family {
                    Family::Api => self.model.apis.get(name).map(Thing::Api),
                    Family::Queue => self.model.queues.get(name).map(Thing::Queue),
                    _ => self.model.models.get(name).map(Thing::Model),
                };
                if let Some(thing) = thing {
                    metering.add(name, thing, &mut self.graph, &mut meters);
                }
            }
        }
        meters
    }
}

fn id(table: &str, name: &str, what: &str) -> String {
    TomlPath::new(&[table, name, what]).to_string()
}
