//! Tables as the rules about them see them.

use crate::document::Table as _;
use crate::document::tables::Table;
use crate::document::values::{Retention, TableKind};
use crate::fit::Meters;
use crate::meter::MeterKind;
use crate::quantity::Quantity;
use crate::rules::Context;
use crate::rules::support::{Thing, find, judged_demand, things};

/// PostgreSQL, and what stores rows as it does.
const POSTGRES: [&str; 5] = [
    "postgres",
    "postgresql",
    "aurora-postgresql",
    "timescale",
    "timescaledb",
];

/// The others that keep rows, partition by time and expire as PostgreSQL does.
const MYSQL: [&str; 2] = ["mysql", "mariadb"];

/// A declared table.
pub(super) type Stored<'a> = Thing<'a, Table>;

/// All tables, in the order of declaration.
pub(super) fn stored<'a>(context: &Context<'a>) -> impl Iterator<Item = Stored<'a>> {
    let root = &context.project.declarations.root;
    things(context, "tables", &root.tables)
}

impl<'a> Thing<'a, Table> {
    /// Whether it grows with time: it is declared as anything but a state table.
    pub(super) fn grows(&self) -> bool {
        let kind = self.declared().kind.as_ref();
        kind.is_some_and(|kind| kind.value != TableKind::State)
    }

    /// The days for which it keeps rows, where it does not keep them for ever.
    pub(super) fn retention_days(&self) -> Option<f64> {
        match self.declared().retention.as_ref()?.value {
            Retention::For(retention) if self.grows() => Some(retention.days()),
            _ => None,
        }
    }

    /// The days that one of its partitions spans.
    pub(super) fn partition_days(&self) -> Option<f64> {
        let partition = self.declared().partition.as_ref()?;
        Some(partition.value.0.days())
    }

    /// Whether its engine keeps rows, partitions by time and expires as the rules assume; so is
    /// an engine that nobody declares.
    pub(super) fn keeps_rows(&self, context: &Context<'_>) -> bool {
        self.engine_is(context, |engine| {
            POSTGRES.contains(&engine) || MYSQL.contains(&engine)
        })
    }

    /// Whether its engine is PostgreSQL or its kin; so is an engine that nobody declares.
    pub(super) fn is_postgres(&self, context: &Context<'_>) -> bool {
        self.engine_is(context, |engine| POSTGRES.contains(&engine))
    }

    fn engine_is(&self, context: &Context<'_>, is: impl Fn(&str) -> bool) -> bool {
        let declarations = &context.project.declarations;
        let databases = &declarations.root.databases;
        let named = self.declared().database.as_ref();
        let database = match named {
            Some(name) => databases.entry(&name.value.0),
            None if databases.len() == 1 => databases.entries().next().map(|(_, entry)| entry),
            // Whatever holds it, its engine is declared nowhere.
            None if databases.span().is_none() => {
                return self.is_complete() && declarations.incomplete.is_empty();
            }
            None => None,
        };
        let Some(entry) = database else {
            return false;
        };
        let database = &entry.body.value;
        match &database.engine {
            Some(engine) => is(engine.value.0.trim().to_ascii_lowercase().as_str()),
            None => {
                !database.is_broken("engine")
                    && !self.declared().is_broken("database")
                    && !declarations.incomplete.contains(&entry.name.file)
            }
        }
    }

    /// Its bytes at the horizon, at the policy's confidence.
    pub(super) fn bytes(&self, context: &Context<'a>) -> Option<f64> {
        let table = context.project.model.tables.get(self.name)?;
        let bytes = *context.outlook.today.bytes.get(table.id.index())?;
        if !context.outlook.graph.is_uncertain(bytes) {
            return finite(context.outlook.graph.point(bytes));
        }
        if let Some(fitted) = self.meter(context, MeterKind::Storage) {
            return judged_demand(context, fitted);
        }
        // Where one rule asks for one table, rules may ask for many.
        let all = context.bytes.get_or_init(|| judged_bytes(context));
        *all.get(table.id.index())?
    }

    /// What its bytes at the horizon in a situation don't pass, whatever is uncertain of them.
    pub(super) fn at_most(&self, context: &Context<'a>, meters: &Meters) -> f64 {
        let table = context.project.model.tables.get(self.name);
        let bytes = table.and_then(|table| meters.bytes.get(table.id.index()));
        bytes.map_or(0.0, |bytes| context.outlook.graph.at_most(*bytes))
    }

    /// Its bytes at the horizon in a scenario, at the policy's confidence. What is certain is
    /// found by the table's number; what is uncertain has a meter wherever that matters.
    pub(super) fn bytes_in(&self, context: &Context<'a>, meters: &Meters) -> Option<f64> {
        let graph = &context.outlook.graph;
        let table = context.project.model.tables.get(self.name)?;
        let bytes = *meters.bytes.get(table.id.index())?;
        if graph.is_uncertain(bytes) {
            return judged_demand(context, find(meters, &self.meter_id(MeterKind::Storage))?);
        }
        finite(graph.point(bytes))
    }
}

fn finite(bytes: f64) -> Option<f64> {
    bytes.is_finite().then_some(bytes)
}

/// Bytes of every table at the horizon today, at the policy's confidence, by the table's number;
/// nothing of what is certain.
fn judged_bytes(context: &Context<'_>) -> Vec<Option<f64>> {
    let graph = &context.outlook.graph;
    let all = &context.outlook.today.bytes;
    let is_uncertain = |bytes: &&Quantity| graph.is_uncertain(**bytes);
    let uncertain: Vec<Quantity> = all.iter().filter(is_uncertain).copied().collect();
    let confidence = [context.policy.confidence()];
    let judged = graph.percentiles(&uncertain, &confidence, context.threads);
    let mut judged = judged.into_iter();
    let mut of = |bytes: &Quantity| {
        is_uncertain(&bytes)
            .then(|| judged.next()?.first().copied().and_then(finite))
            .flatten()
    };
    all.iter().map(&mut of).collect()
}

/// The lengths of partitions that are proposed, from short to long, with their days.
const LENGTHS: [(&str, f64); 5] = [
    ("1h", 1.0 / 24.0),
    ("day", 1.0),
    ("week", 7.0),
    ("month", 30.0),
    ("year", 365.0),
];

/// The shortest usual partition that cuts so many days into no more than `most` partitions, and
/// how many there are at once: those within the days, and the one that is being written.
pub(super) fn partition_for(days: f64, most: f64) -> Option<(&'static str, f64)> {
    LENGTHS
        .iter()
        .map(|(name, length)| (*name, *length, live_partitions(days, *length)))
        .find(|(_, length, live)| *length <= days && *live <= most)
        .map(|(name, _, live)| (name, live))
}

/// How many partitions are there at once: those that reach into the days that are kept, and the
/// one that is being written.
pub(super) fn live_partitions(days: f64, partition: f64) -> f64 {
    // A hair less, so that 90 days are 90 partitions of a day.
    (days / partition - 1e-9).ceil().max(0.0) + 1.0
}
