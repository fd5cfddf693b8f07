//! How many bytes tables take on a day to come.

use std::cell::RefCell;

use crate::collections::HashMap;
use crate::document::values::TableKind;
use crate::forecast::ages::Ages;
use crate::forecast::demand::{Forecast, Growing};
use crate::forecast::population::by_day;
use crate::forecast::situation::Situation;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::Amount;
use crate::model::{Id, Model, Shared, Table, Value};
use crate::quantity::{Graph, Quantity, ShortSum};
use crate::units::DAY;

/// Where the rows of each table come from, by its number: itself, or for a rollup the table at
/// the bottom of its chain, with the product of the ratios on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

/// Where the rows of a table come from.
#[derive(Clone, Copy, Debug, Default)]
enum Source {
    /// Not looked for yet.
    #[default]
    Unseen,
    /// From nowhere: a rollup without a source, or of itself.
    Nothing,
    /// From a table, with rows out per row in.
    Table(Id, Quantity),
}

impl Sources {
    pub(crate) fn new(model: &Model, graph: &mut Graph) -> Self {
        let mut sources = Self(vec![Source::Unseen; model.numbers[Family::Table].len()]);
        for table in model.tables.values() {
            sources.resolve(model, table, graph);
        }
        sources
    }

    /// The table whose lines write a table's rows, and rows out per row there.
    pub(crate) fn get(&self, table: Id) -> Option<(Id, Quantity)> {
        match self.0.get(table.index())? {
            Source::Table(source, ratio) => Some((*source, *ratio)),
            Source::Unseen | Source::Nothing => None,
        }
    }

    /// The rollups, each with the table at the bottom of its chain.
    pub(crate) fn rollups(&self) -> impl Iterator<Item = (Id, Id)> {
        let all = self.0.iter().enumerate();
        all.filter_map(|(place, source)| match source {
            Source::Table(source, _) if *source != Id::at(place) => Some((Id::at(place), *source)),
            _ => None,
        })
    }

    /// Finds the sources of some tables anew, because they or their sources changed.
    pub(crate) fn refresh<'t>(
        &mut self,
        model: &Model,
        tables: impl Iterator<Item = &'t str> + Clone,
        graph: &mut Graph,
    ) {
        let numbers = &model.numbers[Family::Table];
        self.0.resize(numbers.len(), Source::Unseen);
        for id in tables.clone().filter_map(|name| numbers.id(name)) {
            self.0[id.index()] = Source::Unseen;
        }
        for table in tables.filter_map(|name| model.tables.get(name)) {
            self.resolve(model, table, graph);
        }
    }

    fn resolve(&mut self, model: &Model, table: &Table, graph: &mut Graph) {
        let mut chain: Vec<(Id, &Value)> = Vec::new();
        let mut at = table;
        let mut found = loop {
            let known = self.0[at.id.index()];
            if !matches!(known, Source::Unseen) {
                break known;
            }
            if at.kind != TableKind::Rollup {
                let own = Source::Table(at.id, Quantity::ONE);
                self.0[at.id.index()] = own;
                break own;
            }
            // Until more is known: a rollup of itself has no source.
            self.0[at.id.index()] = Source::Nothing;
            let from = at.from.as_ref();
            let Some((source, ratio)) =
                from.and_then(|(from, ratio)| Some((model.tables.get(&**from)?, ratio)))
            else {
                break Source::Nothing;
            };
            chain.push((at.id, ratio));
            at = source;
        };
        for (rollup, ratio) in chain.into_iter().rev() {
            if let Source::Table(source, so_far) = found {
                let ratio = ratio.quantity(graph);
                found = Source::Table(source, graph.mul(so_far, ratio));
            }
            self.0[rollup.index()] = found;
        }
    }
}

/// The ids of tables' meters, by the tables' numbers: the same in all situations.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableMeters(Vec<MeterId>);

impl TableMeters {
    pub(crate) fn new(model: &Model, threads: usize) -> Self {
        let numbers = &model.numbers[Family::Table];
        let ids: Vec<Id> = (0..numbers.len()).map(Id::at).collect();
        let of = |id: &Id| Self::id(numbers.name(*id));
        Self(crate::parallel::each(&ids, threads, of))
    }

    pub(super) fn id(table: &str) -> MeterId {
        MeterId::new(Family::Table, table, MeterKind::Storage, Vec::new())
    }

    pub(crate) fn get(&self, table: Id) -> Option<&MeterId> {
        self.0.get(table.index())
    }
}

pub(crate) struct Storage<'a> {
    pub(crate) model: &'a Model,
    pub(crate) situation: Situation<'a>,
    pub(crate) forecast: &'a Forecast,
    pub(crate) sources: &'a Sources,
    /// What populations come to over spans of days: most tables keep rows for one of few times.
    spans: RefCell<HashMap<Span, Quantity>>,
}

/// The number of a population, and the ages of what it writes.
type Span = (usize, [u64; 3]);

impl<'a> Storage<'a> {
    pub(crate) fn new(
        model: &'a Model,
        situation: Situation<'a>,
        forecast: &'a Forecast,
        sources: &'a Sources,
    ) -> Self {
        Self {
            model,
            situation,
            forecast,
            sources,
            spans: RefCell::default(),
        }
    }

    /// Bytes of a table after so many days:
    ///
    /// `row_size · (R(max(0, H − min(A, K)), H) + r · R(max(0, H − K), max(0, H − A))) +
    /// existing · max(0, 1 − H/K)`, and of a state table `row_size · rows · P`, or `existing`
    /// where larger.
    pub(crate) fn bytes(&self, table: &Table, horizon: f64, graph: &mut Graph) -> Quantity {
        let rows = |ages, graph: &mut Graph| self.rows(table, ages, graph);
        let rows = kept(table, horizon, rows, graph);
        let row_size = table.row_size.quantity(graph);
        let row_size = row_size.times(self.situation.payload());
        if table.kind == TableKind::State {
            return self.state_bytes(table, row_size, horizon, graph);
        }
        let new = graph.mul(row_size, rows);
        let left = table.existing * table.left_after(horizon);
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
        let Some((rows, population)) = table.rows.as_deref() else {
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
    pub(crate) fn writes(&self, table: &Table, graph: &mut Graph) -> Quantity {
        let rows = if table.kind == TableKind::Rollup {
            self.rows_per_day(table, graph).times(1.0 / DAY)
        } else {
            let sinks = self.forecast.demand.of(Family::Table, table.id);
            sinks.sum(Amount::PeakRows, graph)
        };
        rows.times(1.0 + table.indexes)
    }

    /// Rows read per second at the peak; nothing where none are.
    pub(crate) fn reads(&self, table: &Table, graph: &mut Graph) -> Option<Quantity> {
        let sinks = self.forecast.demand.of(Family::Table, table.id);
        sinks.find(Amount::PeakReads, graph)
    }

    /// Bytes that are on disk: of a state table by its formula on day 0.
    pub(crate) fn on_disk(&self, table: &Table, graph: &mut Graph) -> Quantity {
        match table.kind {
            TableKind::State => self.bytes(table, 0.0, graph),
            _ => Quantity::certain(table.existing),
        }
    }

    /// How a table's rows come, or those of its source, and rows out per row
    /// there; nothing where nothing is written.
    pub(crate) fn growth(&self, table: &Table) -> Option<(&'a Growing, Quantity)> {
        let (source, ratio) = self.sources.get(table.id)?;
        Some((self.forecast.demand.growth.get(source)?, ratio))
    }

    /// `R`: rows of a table that have these ages.
    pub(crate) fn rows(&self, table: &Table, ages: Ages, graph: &mut Graph) -> Quantity {
        let Some((source, ratio)) = self.sources.get(table.id) else {
            return of_nothing(table);
        };
        let Some(growing) = self.forecast.demand.growth.get(source) else {
            // Of no rows too the ratio may be unknown.
            return graph.mul(Quantity::ZERO, ratio);
        };
        let mut sum = ShortSum::default();
        for (population, rows) in growing.proportional() {
            let rows = rows.sum(graph);
            let members = self.members(population, ages, graph);
            sum.add(graph.mul(members, rows));
        }
        for days in growing.daily() {
            sum.add(day_by_day(days, ages, graph));
        }
        let rows = sum.sum(graph);
        graph.mul(rows, ratio)
    }

    /// `∫` of a population over days; of the project once, where there is none.
    fn members(&self, population: Option<&Shared>, ages: Ages, graph: &mut Graph) -> Quantity {
        let Some(population) = population else {
            return Quantity::certain(ages.length());
        };
        let span = (population.id, ages.bits());
        let mut spans = self.spans.borrow_mut();
        *spans
            .entry(span)
            .or_insert_with(|| self.forecast.populations.of_ages(population, ages, graph))
    }

    /// Rows per day that come to a table on the situation's day.
    fn rows_per_day(&self, table: &Table, graph: &mut Graph) -> Quantity {
        let Some((source, ratio)) = self.sources.get(table.id) else {
            return of_nothing(table);
        };
        let sinks = self.forecast.demand.of(Family::Table, source);
        let rows = sinks.sum(Amount::Rows, graph);
        graph.mul(rows, ratio)
    }
}

/// Rows of a table without a source: such a rollup is an error of its file.
fn of_nothing(table: &Table) -> Quantity {
    Quantity::ZERO.mark_unknown(table.kind == TableKind::Rollup)
}

/// `∫` over days of what is told day by day, flat after the last.
pub(crate) fn day_by_day(days: &[Quantity], ages: Ages, graph: &mut Graph) -> Quantity {
    let last = u32::try_from(days.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let at = |day: u32, _: &mut Graph| days.get(day as usize).copied().unwrap_or(Quantity::ZERO);
    let mut sum = ShortSum::default();
    for (from, to, share) in ages.stretches() {
        sum.add(by_day(last, from, to, at, graph).times(share));
    }
    sum.sum(graph)
}

/// The rows that are on disk after so many days, each for what it then takes of its size, given
/// `R`: `R(max(0, H − min(A, K)), H) + r · R(max(0, H − K), max(0, H − A))`. None of a state
/// table, which does not grow with its writes.
fn kept(
    table: &Table,
    horizon: f64,
    mut rows: impl FnMut(Ages, &mut Graph) -> Quantity,
    graph: &mut Graph,
) -> Quantity {
    let mut sum = ShortSum::default();
    for (ages, share) in table.spans(horizon).into_iter().flatten() {
        sum.add(rows(ages, graph).times(share));
    }
    sum.sum(graph)
}

impl Table {
    /// How old the rows are that are on disk after so many days, and what each then takes of its
    /// size: those as they came, then those that are compressed.
    pub(crate) fn spans(&self, horizon: f64) -> [Option<(Ages, f64)>; 2] {
        if self.kind == TableKind::State {
            return [None, None];
        }
        let kept = self.kept_days;
        let (after, ratio) = self.compress.unwrap_or((kept, 1.0));
        let fresh = (Ages::new(horizon, 0.0, after.min(kept)), 1.0);
        let compressed = (Ages::new(horizon, after, kept), ratio);
        [Some(fresh), (after < kept).then_some(compressed)]
    }

    /// The share of today's bytes that is on disk after so many days.
    pub(crate) fn left_after(&self, horizon: f64) -> f64 {
        (1.0 - horizon / self.kept_days).max(0.0)
    }
}
