//! What is asked of Prometheus and PostgreSQL, for other programs to carry: nothing is sent here.

use std::fmt::Write;

use crate::analysis::Project;
use crate::document::TomlPath;
use crate::error::Error;
use crate::metrics::{Measure, Metrics, Query};
use crate::units::Date;
use crate::words::text::is_hazard;

use super::prometheus::{ABOUT, STEP};

/// The most steps of one transfer: Prometheus refuses more than 11,000 points a series.
const STEPS: i64 = 10_000;

/// What is asked of Prometheus.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The address of the server.
    pub url: &'a str,
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// Whether hours are asked for, and not days.
    pub by_hour: bool,
    /// Options that each transfer has.
    pub lines: &'a [String],
}

/// A configuration of curl that asks Prometheus for all that a project has metrics of. Fails with
/// [`Error::Usage`].
pub fn prometheus(projects: &[Project], asked: &Asked<'_>) -> Result<String, Error> {
    let url = address(asked.url)?;
    for line in asked.lines {
        refuse_control(line, "--curl")?;
    }
    let step = if asked.by_hour { 3_600 } else { 86_400 };
    let steps = asked.to.days_since(asked.from) * 86_400 / step;
    let begins = asked.from.days_since(Date::EPOCH) * 86_400;
    let mut out = String::new();
    for project in projects {
        for (subject, unit, measure) in Metrics::new(project).iter() {
            let query = query(subject, unit, measure, asked.by_hour);
            refuse_control(&query, "a metric")?;
            // What a step used is known at its end.
            for first in (1..=steps).step_by(STEPS as usize) {
                let last = steps.min(first + STEPS - 1);
                out.push_str(match out.is_empty() {
                    // Of several transfers curl would else tell how the last one ended.
                    true => "fail-early\n",
                    false => "next\n",
                });
                let (start, end) = (begins + first * step, begins + last * step);
                out.push_str("fail-with-body\nsilent\nshow-error\n");
                for line in asked.lines {
                    let _ = writeln!(out, "{line}");
                }
                let _ = writeln!(out, "url = {}", quoted(&url));
                let data = [
                    format!("query={query}"),
                    format!("start={start}"),
                    format!("end={end}"),
                    format!("step={step}"),
                ];
                for data in data {
                    let _ = writeln!(out, "data-urlencode = {}", quoted(&data));
                }
            }
        }
    }
    match out.is_empty() {
        false => Ok(out),
        true => Err(
            Error::usage("no metric is declared, so there is nothing to ask for")
                .with_help("say in `[metrics]` of the root file which series measure what"),
        ),
    }
}

fn address(url: &str) -> Result<String, Error> {
    refuse_control(url, "--url")?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        let error = Error::usage("`--url` is not an address");
        return Err(error.with_help("write one such as `--url https://prometheus.example.com`"));
    }
    if url.contains(['?', '#']) {
        let error = Error::usage("`--url` has a query");
        return Err(
            error.with_help("write the address alone; give labels to select by in `[metrics]`")
        );
    }
    Ok(format!("{}/api/v1/query_range", url.trim_end_matches('/')))
}

fn refuse_control(text: &str, what: &str) -> Result<(), Error> {
    let is_bad = |it: char| is_hazard(it) && !matches!(it, '\n' | '\r' | '\t');
    let is_line = what != "a metric" && text.contains(['\n', '\r']);
    if is_line || text.contains(is_bad) {
        return Err(Error::usage(format!("{what} holds control characters")));
    }
    Ok(())
}

/// A string as curl reads it in a configuration.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The series that says what it is about, so that answers can be put one after another.
fn query(subject: &TomlPath, unit: &str, measure: &Measure, by_hour: bool) -> String {
    let step = if by_hour { "1h" } else { "1d" };
    let by = match &measure.tenant {
        Some(tenant) => format!(" by ({tenant})"),
        None => String::new(),
    };
    let series = match &measure.query {
        // A counter that runs on is read as it is.
        Query::Counter(series) if unit == "rows-total" => format!("sum({series})"),
        Query::Counter(series) => format!("sum{by}(increase({series}[{step}]))"),
        Query::Gauge(series) => format!("sum{by}({series})"),
    };
    let is_sampled = matches!(measure.query, Query::Gauge(_)) || unit == "rows-total";
    let labelled = label(&series, ABOUT, &format!("{subject} {unit}"));
    match is_sampled {
        true => labelled,
        false => label(&labelled, STEP, step),
    }
}

fn label(series: &str, name: &str, value: &str) -> String {
    // `$` would stand for a part of what is matched, and there is none.
    let value = value.replace('$', "$$");
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("label_replace({series}, \"{name}\", \"{value}\", \"\", \"\")")
}

/// A script for `psql` that reads the catalog and the statistics views, and nothing else, for the
/// tables of a database. Fails with [`Error::Usage`] where there is no such database.
pub fn postgres(projects: &[Project], database: Option<&str>) -> Result<String, Error> {
    let databases = projects.iter().flat_map(|project| {
        let databases = project.model.databases.keys();
        databases.map(move |name| (project, name.as_str()))
    });
    let databases: Vec<_> = databases.collect();
    let mut wanted = databases
        .iter()
        .filter(|(_, name)| database.is_none_or(|database| database == *name));
    let (project, name) = match (wanted.next(), wanted.next()) {
        (Some(found), None) => *found,
        (None, _) => {
            let error = Error::usage("there is no such database");
            let known: Vec<&str> = databases.iter().map(|(_, name)| *name).collect();
            return Err(error.with_help(format!("the databases are {}", known.join(", "))));
        }
        _ => {
            let error = Error::usage("there are several databases");
            return Err(
                error.with_help("name one with `--database`, and a project's folder with `-C`")
            );
        }
    };
    let mut relations = Vec::new();
    for (table, declared) in project.declarations.root.tables.iter() {
        let own = project.model.tables.get(table);
        let is_its = own.and_then(|table| table.database.as_deref()) == Some(name);
        if !is_its {
            continue;
        }
        let relation = declared.relation.as_ref().map_or(table, |it| &it.value.0);
        let (schema, relation) = match relation.split_once('.') {
            Some((schema, relation)) if declared.relation.is_some() => (Some(schema), relation),
            _ => (None, relation),
        };
        let subject = TomlPath::new(&["tables", table]).to_string();
        let schema = schema.map_or_else(|| "null".to_owned(), literal);
        relations.push(format!(
            "({}, {schema}, {})",
            literal(&subject),
            literal(relation)
        ));
    }
    if relations.is_empty() {
        // One that no table has: the database's own size is still asked for.
        relations.push("(null, null, null)".to_owned());
    }
    let own = TomlPath::new(&["databases", name]).to_string();
    // Each word once, and not again in a name that was put in.
    let (start, rest) = SCRIPT.split_once("$wanted").unwrap_or((SCRIPT, ""));
    let (middle, end) = rest.split_once("$database").unwrap_or((rest, ""));
    let (relations, own) = (relations.join(",\n  "), literal(&own));
    Ok([start, &relations, middle, &own, end].concat())
}

/// A text as SQL writes it, in one line. `psql` takes no part of it as a variable or a command: it
/// knows quotes.
fn literal(text: &str) -> String {
    let text: String = text.chars().filter(|it| *it != '\0').collect();
    let quoted = text.replace('\'', "''");
    if !text.contains(is_hazard) {
        return format!("'{quoted}'");
    }
    let mut escaped = String::from("e'");
    for character in quoted.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            it if is_hazard(it) => escaped.push_str(&format!("\\U{:08X}", u32::from(it))),
            it => escaped.push(it),
        }
    }
    escaped.push('\'');
    escaped
}

const SCRIPT: &str = include_str!("request/catalog.sql");
