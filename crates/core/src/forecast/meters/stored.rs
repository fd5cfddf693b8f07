//! What tables come to, and what databases add up of it.

use super::{Metered, Metering, Tables};
use crate::collections::HashSet;
use crate::forecast::demand::{Step, Total};
use crate::meter::Family;
use crate::model::{Id, Table};
use crate::quantity::{Graph, Quantity};

/// What a table comes to: what it adds to its database.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableFigures {
    /// Bytes at the horizon.
    pub(super) bytes: Quantity,
    /// Bytes on disk today; with all tenants multiplied those then.
    pub(super) existing: Quantity,
    writes: Quantity,
    /// Rows read, where something reads.
    reads: Option<Quantity>,
    /// The place of its database.
    database: Option<usize>,
}

impl TableFigures {
    const NOTHING: Self = Self {
        bytes: Quantity::ZERO,
        existing: Quantity::ZERO,
        writes: Quantity::ZERO,
        reads: None,
        database: None,
    };
}

/// What of a database is added up from its tables.
#[derive(Debug, Default)]
pub(crate) struct OfTables {
    pub(super) bytes: Total,
    pub(super) writes: Total,
    /// Rows read; of nothing where nothing reads.
    pub(super) reads: Total,
    /// Bytes on disk today; with all tenants multiplied those then.
    pub(super) existing: Total,
}

impl OfTables {
    fn step(&mut self, figures: &TableFigures, step: Step) {
        self.bytes.step(figures.bytes, step);
        self.writes.step(figures.writes, step);
        self.existing.step(figures.existing, step);
        if let Some(reads) = figures.reads {
            self.reads.step(reads, step);
        }
    }
}

/// What all tables come to in a situation.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// By the tables' numbers.
    tables: Vec<TableFigures>,
    /// By the databases' places.
    pub(super) databases: Vec<OfTables>,
}

impl Stored {
    /// The bytes of tables at the horizon, by the tables' numbers.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = Quantity> {
        self.tables.iter().map(|table| table.bytes)
    }

    fn put(&mut self, table: Id, figures: TableFigures) {
        if let Some(place) = self.tables.get_mut(table.index()) {
            let before = std::mem::replace(place, figures);
            self.step(&before, Step::Remove);
            self.step(&figures, Step::Add);
        }
    }

    fn step(&mut self, figures: &TableFigures, step: Step) {
        let database = figures.database.and_then(|at| self.databases.get_mut(at));
        if let Some(database) = database {
            database.step(figures, step);
        }
    }
}

impl Metering<'_> {
    /// Adds the meters of tables, given what those came to before a change that reaches some.
    pub(super) fn add_tables(
        &self,
        of: Tables<'_>,
        before: Option<(Stored, &HashSet<Id>)>,
        graph: &mut Graph,
        out: &mut Vec<Metered>,
    ) -> Stored {
        let model = self.storage.model;
        let numbers = &model.numbers[Family::Table];
        let (before, reached) = before.unzip();
        let mut stored = before.unwrap_or_default();
        let databases = model.databases.len();
        stored.databases.resize_with(databases, OfTables::default);
        stored.tables.resize(numbers.len(), TableFigures::NOTHING);
        let mut ids: Vec<Id> = reached.into_iter().flatten().copied().collect();
        ids.sort_unstable();
        let is_gone = |id: &&Id| !model.tables.contains_key(numbers.name(**id));
        for gone in ids.iter().filter(is_gone) {
            stored.put(*gone, TableFigures::NOTHING);
        }
        let mut add = |(name, table): (&String, &Table)| {
            let known = reached.is_some_and(|reached| !reached.contains(&table.id));
            let known = stored.tables.get(table.id.index()).filter(|_| known);
            let figures = known.copied().unwrap_or_else(|| {
                let figures = self.figures(name, table, graph);
                stored.put(table.id, figures);
                figures
            });
            if self.has_meter(of, name, table, figures.bytes, graph) {
                out.push(self.table(name, table, &figures, graph));
            }
        };
        match of {
            // All that is not known is among them.
            Tables::Of(_) if reached.is_some() => {
                let own = ids.iter().map(|id| numbers.name(*id));
                let own = own.filter_map(|name| model.tables.get_key_value(name));
                own.for_each(add);
            }
            _ => model.tables.iter().for_each(&mut add),
        }
        stored
    }

    fn figures(&self, name: &str, table: &Table, graph: &mut Graph) -> TableFigures {
        let stored = self.stored_table(name, table);
        let bytes = stored.map_or(Quantity::ZERO, |stored| self.bytes(stored, graph));
        let existing = self.existing(name, table, graph);
        let databases = &self.storage.model.databases;
        let figures = TableFigures {
            bytes,
            existing,
            ..TableFigures::NOTHING
        };
        match table.database.as_deref() {
            None => figures,
            Some(database) => TableFigures {
                writes: self.storage.writes(table, graph),
                reads: self.storage.reads(table, graph),
                database: databases.get_index_of(database),
                ..figures
            },
        }
    }
}
