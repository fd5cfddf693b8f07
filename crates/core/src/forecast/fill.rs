//! The day on which a disk is full.
//!
//! Tables with the same kind of growth, retention and compression are added up first, so that
//! trying every day costs as much as there are kinds, not tables. All at point values.

use crate::collections::IndexMap;
use crate::document::values::TableKind;
use crate::forecast::ages::Ages;
use crate::forecast::population::{Basis, Populations};
use crate::forecast::storage::Storage;
use crate::model::{Population, Shared, Table};
use crate::quantity::Graph;

/// What grows alike: on whose numbers, how long it is kept, and how it is compressed. Numbers
/// are keys by their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GrowthKind {
    basis: Basis,
    kept: u64,
    compressed_after: u64,
    ratio: u64,
}

/// The bytes of many tables, by day.
#[derive(Default)]
pub(super) struct Fill<'a> {
    /// Bytes a day for each of a basis.
    growing: IndexMap<GrowthKind, f64>,
    /// What is there today, by how long it is kept.
    existing: IndexMap<u64, f64>,
    /// State tables: bytes for each of a population, and what is there today.
    states: Vec<(&'a Population, f64, f64)>,
    /// Tables whose rows grow in no such way, evaluated one by one.
    odd: Vec<&'a Table>,
}

impl<'a> Fill<'a> {
    pub(super) fn new(
        storage: &Storage<'a>,
        tables: impl Iterator<Item = &'a Table>,
        graph: &mut Graph,
    ) -> Self {
        let mut fill = Self::default();
        for table in tables {
            fill.add(storage, table, graph);
        }
        fill
    }

    fn add(&mut self, storage: &Storage<'a>, table: &'a Table, graph: &mut Graph) {
        let payload = storage.situation.payload();
        let row_size = table.row_size.point().unwrap_or(0.0) * payload;
        if table.kind == TableKind::State {
            match table.rows.as_deref() {
                Some((rows, population)) => {
                    let each = row_size * rows.point().unwrap_or(0.0);
                    self.states.push((population, each, table.existing));
                }
                None => self.keep(table.existing, f64::INFINITY),
            }
            return;
        }
        let Some((growing, ratio)) = storage.growth(table) else {
            return self.keep(table.existing, table.kept_days);
        };
        if growing.daily().next().is_some() {
            self.odd.push(table);
            return;
        }
        let mut shares = Vec::new();
        let populations = &storage.forecast.populations;
        for (population, rows) in growing.proportional() {
            let rows = rows.sum(graph);
            let Some(share) = shares_of(populations, population, graph.point(rows), graph) else {
                self.odd.push(table);
                return;
            };
            shares.extend(share);
        }
        let each = row_size * graph.point(ratio);
        let (after, compressed) = table.compress.unwrap_or((table.kept_days, 1.0));
        for (basis, rows) in shares {
            let kind = GrowthKind {
                basis,
                kept: table.kept_days.to_bits(),
                compressed_after: after.to_bits(),
                ratio: compressed.to_bits(),
            };
            *self.growing.entry(kind).or_default() += rows * each;
        }
        self.keep(table.existing, table.kept_days);
    }

    fn keep(&mut self, existing: f64, days: f64) {
        *self.existing.entry(days.to_bits()).or_default() += existing;
    }

    /// The first whole day up to the horizon on which there are more bytes than this.
    pub(super) fn first_day_above(
        &self,
        storage: &Storage<'_>,
        bytes: f64,
        horizon: u32,
        graph: &mut Graph,
    ) -> Option<u32> {
        if self.odd.is_empty() && self.most(storage, horizon, graph) <= bytes {
            return None;
        }
        (0..=horizon).find(|day| self.bytes(storage, f64::from(*day), graph) > bytes)
    }

    /// More than there is on any day up to the horizon, where populations don't shrink: what is
    /// there today, and all that is new at the horizon.
    fn most(&self, storage: &Storage<'_>, horizon: u32, graph: &mut Graph) -> f64 {
        let populations = &storage.forecast.populations;
        if populations.shrink(graph) {
            return f64::INFINITY;
        }
        let existing: f64 = self.existing.values().sum();
        existing + self.new_bytes(storage, f64::from(horizon), graph)
    }

    fn bytes(&self, storage: &Storage<'_>, day: f64, graph: &mut Graph) -> f64 {
        let mut bytes = self.new_bytes(storage, day, graph);
        for (kept, existing) in &self.existing {
            bytes += existing * (1.0 - day / f64::from_bits(*kept)).max(0.0);
        }
        for table in &self.odd {
            let of_table = storage.bytes(table, day, graph);
            bytes += graph.point(of_table);
        }
        bytes
    }

    fn new_bytes(&self, storage: &Storage<'_>, day: f64, graph: &mut Graph) -> f64 {
        let populations = &storage.forecast.populations;
        let mut bytes = 0.0;
        for (kind, each) in &self.growing {
            let kept = f64::from_bits(kind.kept);
            let after = f64::from_bits(kind.compressed_after);
            let mut of_ages = |young: f64, old: f64| {
                let ages = Ages::new(day, young, old);
                populations.basis_of_ages(kind.basis, ages, graph)
            };
            let mut members = of_ages(0.0, after.min(kept));
            if after < kept {
                let compressed = of_ages(after, kept);
                members += f64::from_bits(kind.ratio) * compressed;
            }
            bytes += each * members;
        }
        for (population, each, existing) in &self.states {
            let members = populations.at(population, day as u32, graph);
            bytes += (each * graph.point(members)).max(*existing);
        }
        bytes
    }
}

/// Rows a day for each of a basis; nothing where the population is no sum of such.
fn shares_of(
    populations: &Populations,
    population: Option<&Shared>,
    rows: f64,
    graph: &mut Graph,
) -> Option<Vec<(Basis, f64)>> {
    let Some(population) = population else {
        return Some(vec![(Basis::Once, rows)]);
    };
    let shares = populations.shares(population, graph)?;
    let shares = shares.into_iter();
    Some(shares.map(|(basis, share)| (basis, share * rows)).collect())
}
