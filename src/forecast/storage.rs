//! How many bytes tables take on a day to come.

use std::collections::HashMap;

use crate::document::values::TableKind;
use crate::forecast::flow::Growth;
use crate::forecast::meters::{Kind, MeterId, Owner};
use crate::forecast::population::by_day;
use crate::forecast::situation::Situation;
use crate::forecast::totals::Forecast;
use crate::model::build::DAY;
use crate::model::{Model, Table};
use crate::quantity::{Graph, Quantity, Sum};

/// Where the rows of each table come from: itself, or for a rollup the table at the bottom of
/// its chain, with the product of the ratios on the way. And, as it is the same in all
/// situations too, the id of each table's meter.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    sources: HashMap<String, Option<(String, Quantity)>>,
    meters: HashMap<String, MeterId>,
}

impl Sources {
    /// The sources of all tables. A rollup that stands on nothing, or on itself, has none.
    pub fn new(model: &Model, graph: &mut Graph) -> Self {
        let mut sources = Self::default();
        for name in model.tables.keys() {
            sources.resolve(model, name, graph);
            let meter = Self::meter_of(name);
            sources.meters.insert(name.clone(), meter);
        }
        sources
    }

    /// The id of a table's meter.
    #[must_use]
    pub fn meter(&self, table: &str) -> MeterId {
        let known = self.meters.get(table).cloned();
        known.unwrap_or_else(|| Self::meter_of(table))
    }

    fn meter_of(table: &str) -> MeterId {
        MeterId::new(Owner::Table, table, Kind::Storage, Vec::new())
    }

    /// The table whose lines write a table's rows, and rows out per row there.
    #[must_use]
    pub fn get(&self, table: &str) -> Option<(&str, Quantity)> {
        let (source, ratio) = self.sources.get(table)?.as_ref()?;
        Some((source, *ratio))
    }

    /// Finds the sources of some tables anew, because they or what they stand on changed.
    pub fn refresh<'t>(
        &mut self,
        model: &Model,
        tables: impl Iterator<Item = &'t str> + Clone,
        graph: &mut Graph,
    ) {
        for name in tables.clone() {
            self.sources.remove(name);
        }
        for name in tables {
            self.resolve(model, name, graph);
        }
    }

    fn resolve(&mut self, model: &Model, name: &str, graph: &mut Graph) {
        let mut chain: Vec<(&str, &crate::model::Value)> = Vec::new();
        let mut at = name;
        let mut found = loop {
            if let Some(known) = self.sources.get(at) {
                break known.clone();
            }
            match model.tables.get(at) {
                None => break None,
                Some(table) => match &table.from {
                    Some((from, ratio)) if table.kind == TableKind::Rollup => {
                        if chain.iter().any(|(seen, _)| *seen == at) || chain.len() > 64 {
                            break None;
                        }
                        chain.push((at, ratio));
                        at = from;
                    }
                    _ if table.kind == TableKind::Rollup => break None,
                    _ => {
                        let own = Some((at.to_owned(), Quantity::ONE));
                        self.sources.insert(at.to_owned(), own.clone());
                        break own;
                    }
                },
            }
        };
        for (rollup, ratio) in chain.into_iter().rev() {
            found = found.map(|(source, so_far)| {
                let ratio = ratio.quantity(graph);
                (source, graph.mul(so_far, ratio))
            });
            self.sources.insert(rollup.to_owned(), found.clone());
        }
        self.sources.entry(name.to_owned()).or_insert(found);
    }
}

/// Everything that bytes depend on.
pub struct Storage<'a> {
    /// The model.
    pub model: &'a Model,
    /// The circumstances.
    pub situation: Situation<'a>,
    /// The demand in them.
    pub forecast: &'a Forecast,
    /// Where rows come from.
    pub sources: &'a Sources,
}

impl<'a> Storage<'a> {
    /// Bytes of a table after so many days:
    ///
    /// `row_size · (R(max(0, H − min(A, K)), H) + r · R(max(0, H − K), max(0, H − A))) +
    /// existing · max(0, 1 − H/K)`, and of a state table `row_size · rows · P`, or `existing`
    /// where larger.
    pub fn bytes(&self, name: &str, table: &Table, horizon: f64, graph: &mut Graph) -> Quantity {
        let mut rows = Quantity::ZERO;
        for (from, to, share) in windows(table, horizon) {
            let written = self.rows(name, from, to, graph);
            rows = graph.add(rows, written.times(share));
        }
        self.bytes_of(table, rows, horizon, graph)
    }

    /// Rows of one source that a table holds after so many days, each for what it then takes.
    pub fn kept(
        &self,
        table: &Table,
        growth: &Growth,
        horizon: f64,
        graph: &mut Graph,
    ) -> Quantity {
        let mut rows = Quantity::ZERO;
        for (from, to, share) in windows(table, horizon) {
            let written = self.grown(growth, from, to, graph);
            rows = graph.add(rows, written.times(share));
        }
        rows
    }

    /// Bytes of a table that holds so many rows after so many days, each for what it then takes.
    pub fn bytes_of(
        &self,
        table: &Table,
        rows: Quantity,
        horizon: f64,
        graph: &mut Graph,
    ) -> Quantity {
        let row_size = table
            .row_size
            .quantity(graph)
            .times(self.situation.payload());
        if table.kind == TableKind::State {
            return self.state_bytes(table, row_size, horizon, graph);
        }
        let new = graph.mul(row_size, rows);
        let left = table.existing * (1.0 - horizon / table.kept_days).max(0.0);
        graph.add(new, Quantity::certain(left))
    }

    fn state_bytes(
        &self,
        table: &Table,
        row_size: Quantity,
        horizon: f64,
        graph: &mut Graph,
    ) -> Quantity {
        let existing = Quantity::certain(table.existing);
        let Some((rows, population)) = &table.rows else {
            return existing;
        };
        let day = horizon as u32;
        let members = self.forecast.populations.at(population, day, graph);
        let rows = rows.quantity(graph);
        let each = graph.mul(row_size, rows);
        let bytes = graph.mul(each, members);
        graph.max(bytes, existing)
    }

    /// Row and index writes per second: at the peak of the lines, on average of a rollup.
    pub fn writes(&self, name: &str, table: &Table, graph: &mut Graph) -> Quantity {
        let rows = if table.kind == TableKind::Rollup {
            self.rows_per_day(name, graph).times(1.0 / DAY)
        } else {
            match self.forecast.totals.tables.get(name) {
                Some(totals) => graph.sum(&totals.peak),
                None => Quantity::ZERO,
            }
        };
        rows.times(1.0 + table.indexes)
    }

    /// What writes a table's rows, or those of the table that it stands on, and rows out per
    /// row there.
    #[must_use]
    pub fn writers(&self, name: &str) -> Option<(impl Iterator<Item = &'a Growth>, Quantity)> {
        let (source, ratio) = self.sources.get(name)?;
        let totals = self.forecast.totals.tables.get(source);
        let growth = totals.into_iter().flat_map(|totals| totals.growth.values());
        Some((growth, ratio))
    }

    /// `R(from, to)`: rows that come to a table between two days.
    pub fn rows(&self, name: &str, from: f64, to: f64, graph: &mut Graph) -> Quantity {
        let Some((writers, ratio)) = self.writers(name) else {
            return Quantity::ZERO;
        };
        let mut sum = Sum::default();
        for growth in writers {
            sum.add(self.grown(growth, from, to, graph));
        }
        let rows = graph.sum(&sum);
        graph.mul(rows, ratio)
    }

    fn grown(&self, growth: &Growth, from: f64, to: f64, graph: &mut Graph) -> Quantity {
        match growth {
            Growth::Proportional {
                population,
                per_member,
            } => {
                let members = match population {
                    Some(population) => self.forecast.populations.over(population, from, to, graph),
                    None => Quantity::certain((to - from).max(0.0)),
                };
                graph.mul(members, *per_member)
            }
            Growth::Daily(daily) => {
                let last = u32::try_from(daily.len().saturating_sub(1)).unwrap_or(u32::MAX);
                let at = |day: u32, _: &mut Graph| {
                    daily.get(day as usize).copied().unwrap_or(Quantity::ZERO)
                };
                by_day(last, from, to, at, graph)
            }
        }
    }

    /// Rows per day that come to a table on the situation's day.
    fn rows_per_day(&self, name: &str, graph: &mut Graph) -> Quantity {
        let Some((source, ratio)) = self.sources.get(name) else {
            return Quantity::ZERO;
        };
        let rows = match self.forecast.totals.tables.get(source) {
            None => Quantity::ZERO,
            Some(totals) => graph.sum(&totals.rows),
        };
        graph.mul(rows, ratio)
    }
}

/// The days whose rows are on disk after so many days, and what of its size such a row takes:
/// `R(max(0, H − min(A, K)), H)` and `r · R(max(0, H − K), max(0, H − A))`. None of a state
/// table, which does not grow with its writes.
fn windows(table: &Table, horizon: f64) -> impl Iterator<Item = (f64, f64, f64)> {
    let kept = table.kept_days;
    let (after, ratio) = table.compress.unwrap_or((kept, 1.0));
    let fresh = ((horizon - after.min(kept)).max(0.0), horizon, 1.0);
    let compressed = ((horizon - kept).max(0.0), (horizon - after).max(0.0), ratio);
    [(true, fresh), (after < kept, compressed)]
        .into_iter()
        .filter_map(move |(counts, window)| {
            (counts && table.kind != TableKind::State).then_some(window)
        })
}
