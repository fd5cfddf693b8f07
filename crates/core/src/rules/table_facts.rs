//! Tables as the rules about them see them.

use crate::advice::Way;
use crate::document::Table as _;
use crate::document::tables::Table;
use crate::document::values::{Engine, Retention, TableKind};
use crate::fit::Meters;
use crate::meter::MeterKind;
use crate::quantity::Quantity;
use crate::rules::Context;
use crate::rules::support::{Thing, find, judged_demand, things, write};
use crate::source::Span;
use crate::words::number;

pub(super) type DeclaredTable<'c, 'a> = Thing<'c, 'a, Table>;

pub(super) fn tables<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = DeclaredTable<'c, 'a>> {
    let root = &context.project.declarations.root;
    things(context, "tables", &root.tables)
}

impl DeclaredTable<'_, '_> {
    pub(super) fn kind(&self) -> Option<TableKind> {
        Some(self.declared.kind.as_ref()?.value)
    }

    /// Whether it grows with time: it is declared as anything but a state table.
    pub(super) fn grows(&self) -> bool {
        self.kind().is_some_and(|kind| kind != TableKind::State)
    }

    /// Its bytes at the horizon in words, if it has any: `1.2 TB in 365 days`.
    pub(super) fn comes_to(&self, bytes: Option<f64>) -> Option<String> {
        let bytes = number::bytes(bytes.filter(|bytes| *bytes > 0.0)?);
        let horizon = self.context.project.model.calendar.horizon;
        Some(format!("{bytes} in {horizon} days"))
    }

    /// The days for which it keeps rows; nothing where it keeps them forever.
    pub(super) fn retention_days(&self) -> Option<f64> {
        match self.declared.retention.as_ref()?.value {
            Retention::For(retention) if self.grows() => Some(retention.days()),
            _ => None,
        }
    }

    /// The days that one of its partitions spans.
    pub(super) fn partition_days(&self) -> Option<f64> {
        let partition = self.declared.partition.as_ref()?;
        Some(partition.value.0.days())
    }

    /// Whether its engine keeps rows, partitions by time and expires as the rules assume. An
    /// undeclared engine does.
    pub(super) fn keeps_rows(&self) -> bool {
        self.engine_is(Engine::has_rows)
    }

    /// Whether its engine is PostgreSQL or stores rows as it does. An undeclared engine does.
    pub(super) fn is_postgres(&self) -> bool {
        self.engine_is(Engine::is_postgres)
    }

    fn engine_is(&self, is: impl Fn(&Engine) -> bool) -> bool {
        let declarations = &self.context.project.declarations;
        let databases = &declarations.root.databases;
        let database = match &self.declared.database {
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
            Some(engine) => is(&engine.value),
            None => {
                !database.is_broken("engine")
                    && !self.declared.is_broken("database")
                    && !declarations.incomplete.contains(&entry.name.file)
            }
        }
    }

    fn index(&self) -> Option<usize> {
        let table = self.context.project.model.tables.get(self.name)?;
        Some(table.id.index())
    }

    /// Its bytes at the horizon, at the policy's confidence.
    pub(super) fn bytes(&self) -> Option<f64> {
        let outlook = self.context.outlook;
        let index = self.index()?;
        let bytes = *outlook.today.bytes.get(index)?;
        if !outlook.graph.is_uncertain(bytes) {
            return finite(outlook.graph.point(bytes));
        }
        if let Some(fitted) = self.meter(MeterKind::Storage) {
            return judged_demand(self.context, fitted);
        }
        // Where one rule asks for one table, rules may ask for many.
        let context = self.context;
        let all = context.bytes.get_or_init(|| judged_bytes(context));
        *all.get(index)?
    }

    /// An upper bound of its bytes at the horizon in a situation, whatever is uncertain of them.
    pub(super) fn at_most(&self, meters: &Meters) -> f64 {
        let bytes = self.index().and_then(|index| meters.bytes.get(index));
        bytes.map_or(0.0, |bytes| self.context.outlook.graph.at_most(*bytes))
    }

    /// Its bytes at the horizon in a scenario, at the policy's confidence. What is certain is
    /// found by the table's number; what is uncertain has a meter wherever that matters.
    pub(super) fn bytes_in(&self, meters: &Meters) -> Option<f64> {
        let graph = &self.context.outlook.graph;
        let bytes = *meters.bytes.get(self.index()?)?;
        if graph.is_uncertain(bytes) {
            let fitted = find(meters, &self.meter_id(MeterKind::Storage))?;
            return judged_demand(self.context, fitted);
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
    all.iter()
        .map(|bytes| match is_uncertain(&bytes) {
            true => finite(*judged.next()?.first()?),
            false => None,
        })
        .collect()
}

/// The lengths of partitions that are proposed, from short to long, with their days.
const LENGTHS: [(&str, f64); 5] = [
    ("1h", 1.0 / 24.0),
    ("day", 1.0),
    ("week", 7.0),
    ("month", 30.0),
    ("year", 365.0),
];

/// The shortest usual partition that cuts `days` into at most `most` partitions, and how many
/// there are at once: those within the days, and the one that is being written.
pub(super) fn partition_for(days: f64, most: f64) -> Option<(&'static str, f64)> {
    LENGTHS
        .iter()
        .map(|(name, length)| (*name, *length, live_partitions(days, *length)))
        .find(|(_, length, live)| *length <= days && *live <= most)
        .map(|(name, _, live)| (name, live))
}

/// As [`partition_for`], in place of another length.
pub(super) fn partition_way(span: Span, days: f64, most: f64) -> Option<Way> {
    let (length, live) = partition_for(days, most)?;
    let mut way = write("partition", span, format!("\"{length}\""));
    way.words += &format!(": {} at once", number::count(live));
    Some(way)
}

/// How many partitions are there at once: those that reach into the days that are kept, and the
/// one that is being written.
pub(super) fn live_partitions(days: f64, partition: f64) -> f64 {
    // A hair less, so that 90 days are 90 partitions of a day.
    (days / partition - 1e-9).ceil().max(0.0) + 1.0
}
