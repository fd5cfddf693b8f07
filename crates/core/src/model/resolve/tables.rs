//! `[tables.NAME]`: which database holds a table, and which keys its kind takes.

use std::sync::Arc;

use crate::document::reader::At;
use crate::document::tables::{self, Database};
use crate::document::values::{Expire, Retention, TableKind};
use crate::document::{Entry, Table as _};
use crate::meter::Family;
use crate::model::builder::{TOP, bound, span_of, value_of};
use crate::model::lines::Per;
use crate::model::resolve::check::{Check, one_of};
use crate::model::resolve::cycles::{cycles, report};
use crate::model::resolve::population;
use crate::model::things::{Table, Value};
use crate::source::Span;
use crate::units::{Ratio, Size};

pub(crate) fn table(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<tables::Table>,
) -> Option<Table> {
    let table = &entry.body.value;
    let database = database(check, at, entry);
    let per = keys_of_kind(check, at, entry);
    let builder = check.builder;
    let size = |size: &Size| size.bytes;
    // Of a table that could not be read wholly at least nothing is said that may be too much.
    let kind = value_of(&table.kind).unwrap_or(TableKind::State);
    let row_size = builder.declared(at, "row_size", &table.row_size, size);
    let from = table.from.as_ref().and_then(|from| {
        let ratio = builder.declared(at, "ratio", &table.ratio, |ratio: &Ratio| ratio.0)?;
        Some((builder.numbers[Family::Table].shared(&from.value.0), ratio))
    });
    let rows = builder.declared(at, "rows", &table.rows, |count| count.0);
    let rows = rows.map(|rows| {
        let population = builder.population_of_all(per.unwrap_or(Per::Tenant));
        let rows = if table.is_broken("per") {
            Value::Unknown
        } else {
            rows
        };
        Box::new((rows, population))
    });
    let unread_compress = table.is_broken("compress").then_some((0.0, 0.0));
    let compress = table.compress.as_ref().and_then(|compress| {
        let after = value_of(&compress.value.after)?.days();
        Some((after, value_of(&compress.value.ratio)?.0))
    });
    Some(Table {
        id: builder.numbers[Family::Table].id(at.name())?,
        database,
        kind,
        row_size: row_size.unwrap_or(Value::Unknown),
        indexes: value_of(&table.indexes).map_or(0.0, |count| count.0),
        kept_days: kept_days(table),
        compress: compress.or(unread_compress),
        from: from.filter(|_| kind == TableKind::Rollup),
        existing: value_of(&table.existing).map_or(0.0, |size| size.bytes),
        rows: rows.filter(|_| kind == TableKind::State),
        max_size: bound(&table.max_size, size),
    })
}

/// Days after which a row is gone from disk: the retention, plus one partition where whole
/// partitions are dropped; never for `forever`, for `detach`, and without retention.
fn kept_days(table: &tables::Table) -> f64 {
    let Some(Retention::For(retention)) = value_of(&table.retention) else {
        let unread = table.retention.is_none() && table.is_broken("retention");
        return if unread { 0.0 } else { f64::INFINITY };
    };
    let partition = value_of(&table.partition).map(|partition| partition.0.days());
    let default = match partition {
        Some(_) if !table.is_broken("expire") => Expire::Drop,
        _ => Expire::Delete,
    };
    match value_of(&table.expire).unwrap_or(default) {
        Expire::Detach => f64::INFINITY,
        Expire::Drop => retention.days() + partition.unwrap_or(0.0),
        Expire::Delete => retention.days(),
    }
}

/// The database that holds a table: the one that it names, or the only one.
fn database(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Table>) -> Option<Arc<str>> {
    let table = &entry.body.value;
    let numbers = &check.builder.numbers[Family::Database];
    if let Some(name) = &table.database {
        let at = at.key("database");
        check.find::<Database>(&at, name.span, &name.value.0)?;
        return Some(numbers.shared(&name.value.0));
    }
    let mut names = check.root.databases.names();
    let first = names.next()?;
    if names.next().is_none() {
        return Some(numbers.shared(first));
    }
    if !table.is_broken("database") {
        let databases = &check.root.databases;
        let help = match one_of(databases.names(), "") {
            few if few.is_empty() => "add `database` with the name of one".to_owned(),
            few => format!("add `database`: {few}"),
        };
        let (table, count) = (at.words(), databases.len());
        let message = format!("{table} does not say in which of {count} databases it is");
        check.missing(at, "database", entry.name, message, help);
    }
    None
}

/// One finding for all tables of a project that certainly declares no database.
pub(super) fn no_database(check: &mut Check<'_>) {
    if !check.is_empty::<Database>() {
        return;
    }
    let homeless = check.root.tables.entries().filter(|(_, entry)| {
        let table = &entry.body.value;
        table.database.is_none() && !table.is_broken("database")
    });
    let homeless: Vec<Span> = homeless.map(|(_, entry)| entry.name).collect();
    let Some(first) = homeless.first() else {
        return;
    };
    let message = match homeless.len() {
        1 => "the project has a table and no database".to_owned(),
        count => format!("the project has {count} tables and no database"),
    };
    let help =
        "declare the database that holds them, such as `[databases.main]` with its `storage`";
    check.missing(&At::top(), "databases", *first, message, help);
}

/// Checks the keys that only tables of some kinds have. Of a state table: what its rows are
/// counted per.
fn keys_of_kind(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Table>) -> Option<Per> {
    const SUMS: &str = "remove it, or write `kind = \"rollup\"` if it summarizes another table";
    const ROWS: &str = "remove it, or write `kind = \"state\"` where it has one row for each thing; rows that are added belong to a feature's `writes`";
    const STAYS: &str = "remove it: a state table's rows are updated in place and do not expire";
    let table = &entry.body.value;
    let kind = table.kind.as_ref()?;
    let rollup: &[TableKind] = &[TableKind::Rollup];
    let state: &[TableKind] = &[TableKind::State];
    let growing: &[TableKind] = &[TableKind::Snapshot, TableKind::Event, TableKind::Rollup];
    let keys = [
        ("from", span_of(&table.from), rollup, SUMS),
        ("ratio", span_of(&table.ratio), rollup, SUMS),
        ("refresh", span_of(&table.refresh), rollup, SUMS),
        ("rows", span_of(&table.rows), state, ROWS),
        ("per", span_of(&table.per), state, ROWS),
        ("retention", span_of(&table.retention), growing, STAYS),
        ("partition", span_of(&table.partition), growing, STAYS),
        ("expire", span_of(&table.expire), growing, STAYS),
        ("compress", span_of(&table.compress), growing, STAYS),
    ];
    for (key, span, kinds, help) in keys {
        let Some(span) = span.filter(|_| !kinds.contains(&kind.value)) else {
            continue;
        };
        let article = if kind.value == TableKind::Event {
            "an"
        } else {
            "a"
        };
        let message = format!("{article} {} table has no `{key}`", kind.value.as_str());
        let note = (kind.span, "its kind is declared here");
        check.clash(&at.key(key), span, message, help, note);
    }
    match kind.value {
        TableKind::State => state_keys(check, at, entry),
        TableKind::Rollup => {
            rollup_keys(check, at, entry);
            None
        }
        TableKind::Snapshot | TableKind::Event => None,
    }
}

fn rollup_keys(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Table>) {
    const FROM: &str = "add `from`: the table that it summarizes";
    const RATIO: &str = "add `ratio`: rows out per row in, such as `0.01`";
    let table = &entry.body.value;
    let keys = [
        ("from", span_of(&table.from), FROM),
        ("ratio", span_of(&table.ratio), RATIO),
    ];
    for (key, span, help) in keys {
        if span.is_none() && !table.is_broken(key) {
            let message = format!("the rollup {} has no `{key}`", at.words());
            check.missing(at, key, entry.name, message, help);
        }
    }
    let Some(from) = &table.from else { return };
    let (at, name) = (at.key("from"), &from.value.0);
    let source = check.find::<tables::Table>(&at, from.span, name);
    if let Some(kind) = source.and_then(|source| source.kind.as_ref())
        && kind.value == TableKind::State
    {
        let message = format!("a rollup cannot read from the state table `{name}`");
        let help =
            "name a snapshot, event or rollup table: a state table gets no new rows to sum up";
        let note = (kind.span, "it is a state table");
        check.clash(&at, from.span, message, help, note);
    }
}

fn state_keys(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<tables::Table>) -> Option<Per> {
    let table = &entry.body.value;
    if table.rows.is_none() && !table.is_broken("rows") {
        let message = format!("the state table {} has no `rows`", at.words());
        let help = "add `rows`: how many it has per tenant, or per what `per` names";
        check.missing(at, "rows", entry.name, message, help);
    }
    let broken = table.is_broken("per");
    population::per(check, at, table.per.as_deref(), entry.name, broken)
}

pub(super) fn rollup_cycles(check: &mut Check<'_>) {
    let at = TOP.key("tables");
    let all = &check.root.tables;
    let source = |table: &tables::Table| {
        let rollup = table.kind.as_ref()?.value == TableKind::Rollup;
        all.position(&table.from.as_ref().filter(|_| rollup)?.value.0)
    };
    let follows: Vec<Option<usize>> = all.iter().map(|(_, table)| source(table)).collect();
    let declared: Vec<(&str, &tables::Table)> = all.iter().collect();
    for members in cycles(&follows) {
        let members = members.iter().filter_map(|index| declared.get(*index));
        let named = members.filter_map(|(name, it)| Some((*name, it.from.as_ref()?.span)));
        let named: Vec<(&str, Span)> = named.collect();
        let Some((first, _)) = named.first() else {
            continue;
        };
        let at = at.key(first);
        let help = "one of them must read from a snapshot or event table";
        report(check, &at.key("from"), &named, "reads from", help);
    }
}
