//! Bytes, writes and reads of databases and their tables.

use crate::document::values::TableKind;
use crate::forecast::ages::Ages;
use crate::forecast::flow::Growth;
use crate::forecast::storage::day_by_day;
use crate::meter::Family;
use crate::model::{Per, Table};
use crate::words::number;

use super::Term;
use super::factors::Factors;
use super::lines::{Over, What};
use super::view::{At, View};

impl<'a> View<'a> {
    /// For how many days storage is projected.
    pub(super) fn horizon(&self) -> f64 {
        f64::from(self.situation.horizon(self.model.calendar.horizon))
    }

    fn table_of(&self, name: &str) -> Option<&'a Table> {
        self.model.tables.get(name)
    }

    fn tables_of(&self, database: &str) -> Vec<&'a str> {
        let tables = self.model.tables.iter();
        let of_it = tables.filter(|(_, table)| table.database.as_deref() == Some(database));
        of_it.map(|(name, _)| name.as_str()).collect()
    }

    /// Bytes of a database after so many days, with its overhead.
    pub(super) fn disk(&mut self, name: &str, horizon: f64) -> Vec<Term> {
        self.of_database(name, |view, table| view.table(table, horizon))
    }

    /// Bytes of a database that are on disk today.
    pub(super) fn disk_today(&mut self, name: &str) -> Vec<Term> {
        self.of_database(name, |view, table| match view.table_of(table) {
            Some(of) if of.kind == TableKind::State => view.table(table, 0.0),
            Some(of) => view.existing(table, of, 0.0),
            None => Vec::new(),
        })
    }

    fn of_database(
        &mut self,
        name: &str,
        mut of_table: impl FnMut(&mut Self, &str) -> Vec<Term>,
    ) -> Vec<Term> {
        let overhead = self.model.databases.get(name).map_or(0.0, |it| it.overhead);
        let inputs = self.inputs([&["databases", name, "overhead"]]);
        let text = format!("{} with the overhead", number::count(1.0 + overhead));
        let overhead = match overhead == 0.0 {
            true => Factors::default(),
            false => Factors::of(1.0 + overhead, text, inputs),
        };
        let mut terms = Vec::new();
        for table in self.tables_of(name) {
            let of_table = of_table(self, table).into_iter();
            terms.extend(of_table.map(|term| term.with(&overhead)));
        }
        terms
    }

    /// Bytes of a table after so many days: the rows of each line that writes it, and what is left
    /// of today's.
    pub(super) fn table(&mut self, name: &str, horizon: f64) -> Vec<Term> {
        let Some(table) = self.table_of(name) else {
            return Vec::new();
        };
        if table.kind == TableKind::State {
            return self.state(name, table, horizon);
        }
        let mut terms = Vec::new();
        let source = self.sources.get(table.id);
        for (feature, index) in source.map_or(Vec::new(), |(id, _)| self.users(Family::Table, id)) {
            if self.flow((&feature, index)).growth.is_none() {
                continue;
            }
            for (ages, share) in table.spans(horizon).into_iter().flatten() {
                let at = (feature.as_str(), index);
                let rows = self.rows_of_ages(at, name, ages, table.kept_days);
                let rows = rows.and(self.ratio(name)).and(self.row_size(name, table));
                let rows = match share == 1.0 {
                    true => rows,
                    false => {
                        let inputs = self.inputs([&["tables", name, "compress"]]);
                        let text = format!("{} compressed", number::count(share));
                        rows.times(share, text, inputs)
                    }
                };
                terms.push(self.line_term(at, rows));
            }
        }
        terms.extend(self.existing(name, table, horizon));
        terms
    }

    fn row_size(&mut self, name: &str, table: &Table) -> Factors {
        let size = table.row_size.point().unwrap_or(0.0);
        let inputs = self.inputs([&["tables", name, "row_size"]]);
        let text = format!("{} a row", number::bytes(size));
        Factors::of(size, text, inputs).and(self.payload())
    }

    /// What is left of today's bytes after so many days.
    fn existing(&mut self, name: &str, table: &Table, horizon: f64) -> Vec<Term> {
        let left = table.left_after(horizon);
        if table.existing * left == 0.0 {
            return Vec::new();
        }
        let inputs = self.inputs([&["tables", name, "existing"]]);
        let text = format!("{} on disk today", number::bytes(table.existing));
        let bytes = Factors::of(table.existing, text, inputs);
        let bytes = match left == 1.0 {
            true => bytes,
            false => {
                let inputs = self.inputs([&["tables", name, "retention"]]);
                let text = format!("{} left on day {horizon}", number::count(left));
                bytes.times(left, text, inputs)
            }
        };
        vec![self.table_term(name, bytes)]
    }

    fn table_term(&mut self, name: &str, factors: Factors) -> Term {
        let path = crate::document::dotted(["tables", name].into_iter());
        let place = self.place_of(&path);
        factors.term(path, place)
    }

    /// The rows of a state table, or what is there today where that is more.
    fn state(&mut self, name: &str, table: &Table, horizon: f64) -> Vec<Term> {
        let existing = self.existing(name, table, 0.0);
        let Some((rows, population)) = table.rows.as_deref() else {
            return existing;
        };
        let day = horizon as u32;
        let members = self
            .forecast
            .populations
            .at(population, day, &mut self.graph);
        let members = self.point(members);
        let (what, _, inputs) = self.made_of(population, None);
        let each = rows.point().unwrap_or(0.0);
        let own = self.inputs([&["tables", name, "rows"]]);
        let factors = Factors::default().count(each, "row", "each", own);
        let factors = match what {
            None => factors,
            Some(what) => {
                let text = format!("{} {what} on day {day}", number::count(members));
                factors.times(members, text, inputs)
            }
        };
        let term = factors.and(self.row_size(name, table));
        let term = self.table_term(name, term);
        match term.product.is_some_and(|bytes| bytes < table.existing) {
            true => existing,
            false => vec![term],
        }
    }

    /// The rows of a line that have these ages.
    fn rows_of_ages(&mut self, at: At<'_>, table: &str, ages: Ages, kept: f64) -> Factors {
        let (from, to) = (ages.from(), ages.to());
        let retention = self.first([&["tables", table, "retention"], &["project", "horizon"]]);
        let span = format!("days {from} to {to}");
        let Some(each) = self.rows_of_each(at) else {
            let rows = match &self.flow(at).growth {
                Some(Growth::Daily(daily)) => daily.clone(),
                _ => Vec::new(),
            };
            let rows = day_by_day(&rows, ages, &mut self.graph);
            let rows = self.point(rows);
            let text = format!(
                "{} rows in {span}, each day at its own tenants and hit ratio",
                number::count(rows)
            );
            return Factors::of(rows, text, retention);
        };
        let length = ages.length();
        let why = if kept <= to { "kept" } else { "ahead" };
        let in_all = |factors: Factors| {
            let text = format!("{} days {why}", number::count(length));
            factors.times(length, text, retention.clone())
        };
        let Some(population) = self.feature(at.0).population_of(self.line(at)).cloned() else {
            return in_all(each);
        };
        if population.per == Per::Project {
            return in_all(each);
        }
        let populations = &self.forecast.populations;
        let sum = populations.of_ages(&population, ages, &mut self.graph);
        let now = populations.at(&population, self.situation.day(), &mut self.graph);
        let (sum, now) = (self.point(sum), self.point(now));
        if (sum - now * length).abs() <= now * length * 1e-12 {
            return in_all(each.and(self.population(&population, at)));
        }
        let (what, _, mut inputs) = self.made_of(&population, Some(at.0));
        inputs.extend(retention);
        let what = what.unwrap_or_default();
        let text = format!("{} days of {what} ({span})", number::count(sum));
        each.times(sum, text, inputs)
    }

    /// Rows out per row in, of a rollup, along its chain.
    fn ratio(&mut self, name: &str) -> Factors {
        let mut factors = Factors::default();
        let mut at = self.table_of(name);
        let mut name = name;
        let mut seen = 0;
        while let Some((from, ratio)) = at.and_then(|table| table.from.as_ref()) {
            let inputs = self.inputs([&["tables", name, "ratio"]]);
            let ratio = ratio.point().unwrap_or(0.0);
            let text = format!(
                "{} rows of `{name}` per row of `{from}`",
                number::count(ratio)
            );
            factors = factors.times(ratio, text, inputs);
            (name, at, seen) = (from, self.table_of(from), seen + 1);
            if seen > self.model.tables.len() {
                break;
            }
        }
        factors
    }

    fn per_row(&mut self, name: &str, table: &Table) -> Factors {
        let inputs = self.inputs([&["tables", name, "indexes"]]);
        let writes = 1.0 + table.indexes;
        let text = format!("{} writes a row, with indexes", number::count(writes));
        match writes == 1.0 {
            true => Factors::default(),
            false => Factors::of(writes, text, inputs),
        }
    }

    /// Row and index writes per second: at the peak of the lines, on average of rollups.
    pub(super) fn writes(&mut self, database: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        for name in self.tables_of(database) {
            let Some(table) = self.table_of(name) else {
                continue;
            };
            let is_rollup = table.kind == TableKind::Rollup;
            let source = self.sources.get(table.id).map(|(id, _)| id);
            let id = if is_rollup { source } else { Some(table.id) };
            let over = if is_rollup {
                Over::Mean
            } else {
                Over::Window(1.0)
            };
            let tail = self.ratio(name).and(self.per_row(name, table));
            for (feature, index) in id.map_or(Vec::new(), |id| self.users(Family::Table, id)) {
                let at = (feature.as_str(), index);
                if self.flow(at).growth.is_some() {
                    let rows = self.asked_by(at, What::Rows, over).and(tail.clone());
                    terms.push(self.line_term(at, rows));
                }
            }
        }
        terms
    }

    /// Rows read per second at the peak.
    pub(super) fn reads(&mut self, database: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        for name in self.tables_of(database) {
            let Some(table) = self.table_of(name) else {
                continue;
            };
            for (feature, index) in self.users(Family::Table, table.id) {
                let at = (feature.as_str(), index);
                if self.flow(at).growth.is_none() {
                    let rows = self.asked_by(at, What::Rows, Over::Window(1.0));
                    terms.push(self.line_term(at, rows));
                }
            }
        }
        terms
    }
}
