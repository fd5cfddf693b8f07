//! `[tables.NAME]`: where a table stands, and which keys its kind takes.

use crate::document::declared::{Entry, Table as _};
use crate::document::reader::{At, values_quote};
use crate::document::tables::Table;
use crate::document::values::{Name, TableKind};
use crate::model::resolve::check::{Check, Kind, invalid, one_of};
use crate::model::resolve::cycles::{cycles, report};
use crate::model::resolve::lines::TABLE;
use crate::model::resolve::population;
use crate::source::{Span, Spanned};

/// Checks the tables.
pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let top = At::top();
    let tables = top.key("tables");
    let mut homeless = Vec::new();
    for (name, entry) in root.tables.iter().flat_map(|map| &map.value.0) {
        let at = tables.key(name);
        database(check, &at, entry, &mut homeless);
        kind(check, &at, entry);
    }
    no_database(check, &homeless);
    rollup_cycles(check, &tables);
}

fn database(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<Table>, homeless: &mut Vec<Span>) {
    const DATABASE: Kind = Kind {
        what: "database",
        table: "databases",
    };
    let databases = check.root.databases.as_deref();
    let table = &entry.body.value;
    if let Some(Spanned {
        value: Name(name),
        span,
    }) = table.database.as_deref()
    {
        check.find(&at.key("database"), *span, DATABASE, databases, name);
        return;
    }
    if table.is_broken("database") {
        return;
    }
    if check.is_empty("databases", databases) {
        homeless.push(entry.name);
        return;
    }
    let names: Vec<&str> = databases.iter().flat_map(|map| map.value.names()).collect();
    if names.len() > 1 {
        let help = match one_of(&names, "") {
            few if few.is_empty() => "add `database` with the name of one".to_owned(),
            few => format!("add `database`: {few}"),
        };
        check.missing(
            at,
            "database",
            entry.name,
            format!(
                "`{}` does not say in which of {} databases it is",
                values_quote(at.name()),
                names.len()
            ),
            help,
        );
    }
}

/// One finding for all tables of a project that declares no database.
fn no_database(check: &mut Check<'_>, homeless: &[Span]) {
    let Some(first) = homeless.first() else {
        return;
    };
    let message = match homeless.len() {
        1 => "the project has a table and no database".to_owned(),
        count => format!("the project has {count} tables and no database"),
    };
    check.missing(
        &At::top(),
        "databases",
        *first,
        message,
        "declare the database that holds them, such as `[databases.main]` with its `storage`",
    );
}

/// Checks the keys that only tables of some kinds have.
fn kind(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<Table>) {
    let table = &entry.body.value;
    let Some(kind) = &table.kind else { return };
    let rollup = ["from", "ratio"];
    let state = ["rows", "per"];
    let growing = ["retention", "partition", "expire", "compress"];
    let refused: Vec<&str> = match kind.value {
        TableKind::Snapshot | TableKind::Event => [rollup, state].concat(),
        TableKind::Rollup => state.to_vec(),
        TableKind::State => [&rollup[..], &growing].concat(),
    };
    for key in refused {
        let Some(span) = span_of_key(table, key) else {
            continue;
        };
        check.report(
            invalid(
                &at.key(key),
                span,
                format!("a {} table has no `{key}`", kind.value.as_str()),
                why_not(key),
            )
            .also(kind.span, "its kind is declared here"),
        );
    }
    match kind.value {
        TableKind::Rollup => rollup_keys(check, at, entry),
        TableKind::State => state_keys(check, at, entry),
        TableKind::Snapshot | TableKind::Event => {}
    }
}

fn span_of_key(table: &Table, key: &str) -> Option<Span> {
    match key {
        "from" => table.from.as_ref().map(|value| value.span),
        "ratio" => table.ratio.as_ref().map(|value| value.span),
        "rows" => table.rows.as_ref().map(|value| value.span),
        "per" => table.per.as_ref().map(|value| value.span),
        "retention" => table.retention.as_ref().map(|value| value.span),
        "partition" => table.partition.as_ref().map(|value| value.span),
        "expire" => table.expire.as_ref().map(|value| value.span),
        "compress" => table.compress.as_ref().map(|value| value.span),
        _ => None,
    }
}

fn why_not(key: &str) -> &'static str {
    match key {
        "from" | "ratio" => {
            "remove it, or write `kind = \"rollup\"` where it stands on another table"
        }
        "rows" | "per" => {
            "remove it, or write `kind = \"state\"` where it has one row for each thing; rows that are added belong to a feature's `writes`"
        }
        _ => "remove it: a state table's rows are updated in place and do not expire",
    }
}

fn rollup_keys(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<Table>) {
    let table = &entry.body.value;
    let helps = [
        (
            "from",
            table.from.is_none(),
            "add `from`: the table that it summarizes",
        ),
        (
            "ratio",
            table.ratio.is_none(),
            "add `ratio`: rows out per row in, such as `0.01`",
        ),
    ];
    for (key, absent, help) in helps {
        if absent && !table.is_broken(key) {
            let message = format!("the rollup `{}` has no `{key}`", values_quote(at.name()));
            check.missing(at, key, entry.name, message, help);
        }
    }
    let Some(Spanned {
        value: Name(name),
        span,
    }) = table.from.as_deref()
    else {
        return;
    };
    let at = at.key("from");
    let source = check.find(&at, *span, TABLE, check.root.tables.as_deref(), name);
    if let Some(kind) = source
        .and_then(|source| source.kind.as_ref())
        .filter(|kind| kind.value == TableKind::State)
    {
        check.report(
            invalid(
                &at,
                *span,
                format!("a rollup cannot stand on the state table `{name}`"),
                "name a snapshot, event or rollup table: a state table gets no new rows to sum up",
            )
            .also(kind.span, "it is a state table"),
        );
    }
}

fn state_keys(check: &mut Check<'_>, at: &At<'_>, entry: &Entry<Table>) {
    let table = &entry.body.value;
    if table.rows.is_none() && !table.is_broken("rows") {
        check.missing(
            at,
            "rows",
            entry.name,
            format!(
                "the state table `{}` has no `rows`",
                values_quote(at.name())
            ),
            "add `rows`: how many it has per tenant, or per what `per` names",
        );
    }
    population::per(
        check,
        at,
        table.per.as_deref(),
        entry.name,
        table.is_broken("per"),
    );
}

/// Says which rollups stand on each other in a circle.
fn rollup_cycles(check: &mut Check<'_>, at: &At<'_>) {
    let Some(tables) = &check.root.tables else {
        return;
    };
    let tables = &tables.value.0;
    let source = |table: &Table| {
        let rollup = table.kind.as_ref()?.value == TableKind::Rollup;
        tables.get_index_of(&table.from.as_ref().filter(|_| rollup)?.value.0)
    };
    let follows: Vec<Option<usize>> = tables
        .values()
        .map(|entry| source(&entry.body.value))
        .collect();
    for members in cycles(&follows) {
        let named: Vec<(&str, Span)> = members
            .iter()
            .filter_map(|index| {
                let (name, entry) = tables.get_index(*index)?;
                Some((name.as_str(), entry.body.value.from.as_ref()?.span))
            })
            .collect();
        let Some((first, _)) = named.first() else {
            continue;
        };
        let at = at.key(first);
        let help = "one of them has to stand on a snapshot or event table";
        if let Some(finding) = report(&at.key("from"), &named, "stands on", help) {
            check.report(finding);
        }
    }
}
