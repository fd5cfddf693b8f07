//! What was measured against what is declared: for a terminal, as Markdown, CSV and JSON.

mod records;

use crate::calibrate::report::{Calibration, Effect, Factor, Line, Meter, Number, Value};
use crate::sheet::{Cell, Tab};
use crate::words::number::{self, plural};

use super::escape::{self, Context};
use super::json::written;
use super::sheet::shown;
use super::{sheet_csv, sheet_human, sheet_markdown, text};

pub(crate) fn json(report: &Calibration, pretty: bool) -> String {
    written(report, pretty)
}

pub(crate) fn csv(report: &Calibration) -> String {
    sheet_csv(&[records::table(report)])
}

pub(crate) fn human(
    report: &Calibration,
    is_written: bool,
    diffs: &str,
    width: Option<usize>,
) -> String {
    let tabs = tabs(report);
    let tabs = tabs.iter().filter(|tab| !tab.rows.is_empty());
    let parts = tabs.map(|tab| match width {
        Some(width) if natural_width(tab) > width => stacked(tab),
        _ => sheet_human(std::slice::from_ref(tab), None),
    });
    let mut out = parts.collect::<Vec<_>>().join("\n");
    let mut lines = report.notes.clone();
    lines.push(verdict(report, is_written));
    if !out.is_empty() {
        out.push('\n');
    }
    for line in lines {
        out.push_str(&text::message(&line));
        out.push('\n');
    }
    if !diffs.is_empty() {
        out.push('\n');
    }
    match width {
        // A patch has the bytes that would be written; a terminal is shown what they are.
        None => out.push_str(diffs),
        Some(_) => {
            let shown = diffs.lines().map(|line| format!("{}\n", text::clean(line)));
            out.extend(shown);
        }
    }
    out
}

/// How wide a table is of which nothing is cut off.
fn natural_width(tab: &Tab) -> usize {
    const GAP: usize = 2;
    let columns = tab.columns.iter().enumerate().map(|(index, name)| {
        let cells = tab.rows.iter().filter_map(|row| row.get(index));
        let widths = cells.map(|cell| text::width(&text::message(&shown(cell))));
        widths.fold(text::width(name), usize::max) + GAP
    });
    columns.sum()
}

/// A table that is too wide for the terminal: its rows below each other. Paths that are cut off
/// name nothing.
fn stacked(tab: &Tab) -> String {
    let mut out = format!("{}\n", tab.title);
    for row in &tab.rows {
        let mut cells = row.iter().map(|cell| text::message(&shown(cell)));
        let name = cells.next().unwrap_or_default();
        let rest = tab.columns.iter().skip(1).zip(cells);
        let rest = rest.filter(|(_, cell)| cell != "–");
        let rest: Vec<String> = rest
            .map(|(column, cell)| format!("{column} {cell}"))
            .collect();
        out.push_str(&format!("  {name}\n    {}\n", rest.join(", ")));
    }
    out
}

pub(crate) fn markdown(report: &Calibration, is_written: bool, diffs: &str) -> String {
    let prose = |text: &str| escape::prose(text, Context::Text);
    let mut out = format!("{}\n\n", prose(&verdict(report, is_written)));
    out.push_str(&sheet_markdown(&tabs(report)));
    if !report.notes.is_empty() {
        out.push('\n');
    }
    for note in &report.notes {
        out.push_str(&format!("- {}\n", prose(note)));
    }
    if !diffs.is_empty() {
        let fence = "`".repeat(escape::backticks(diffs).max(2) + 1);
        let lines = diffs.lines().map(|line| format!("{}\n", text::clean(line)));
        let lines: String = lines.collect();
        out.push_str(&format!("\n{fence}diff\n{lines}{fence}\n"));
    }
    out
}

/// How many values are written, by which days, and how many rows say nothing of them.
fn verdict(report: &Calibration, is_written: bool) -> String {
    let values = report.values.iter();
    let written = values.filter(|it| it.written.is_some()).count();
    let mut verdict = match (written, is_written) {
        (0, _) => "Nothing to write".to_owned(),
        (count, true) => format!("{} written", plural(count, "value")),
        (count, false) => format!("{} to write; run with `--write`", plural(count, "value")),
    };
    verdict.push_str(&format!(
        ". Window: {} to {} (exclusive).",
        report.from, report.to
    ));
    let unmatched: usize = report.usage.unmatched.iter().map(|it| it.rows).sum();
    if unmatched > 0 {
        verdict.push_str(&format!(
            " Unmatched rows: {}.",
            number::count(unmatched as f64)
        ));
    }
    verdict
}

/// The report as tables for people, which leave out what does not matter.
fn tabs(report: &Calibration) -> Vec<Tab> {
    let mut tabs = vec![lines(report), values(report)];
    tabs.extend(report.meters.iter().map(bridge));
    tabs.push(unmatched(report));
    tabs
}

fn tab(title: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Tab {
    Tab {
        title: title.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows,
    }
}

fn word(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A number; a dash where there is none.
fn known(number: Option<f64>, cell: fn(Option<f64>) -> Cell) -> Cell {
    match number {
        Some(number) => cell(Some(number)),
        None => word("–"),
    }
}

/// A path; of several projects with the one that it is of.
fn named(project: Option<&str>, path: &str) -> String {
    match project {
        Some(project) => format!("{project}/{path}"),
        None => path.to_owned(),
    }
}

fn lines(report: &Calibration) -> Tab {
    let row = |line: &Line| {
        vec![
            word(named(line.project.as_deref(), &line.path)),
            word(&*line.unit),
            Cell::Number(Some(line.days as f64)),
            Cell::Number(Some(line.actual)),
            known(line.forecast, Cell::Number),
            known(line.ratio, Cell::Share),
            known(line.bias, Cell::Share),
            known(line.wape, Cell::Share),
            known(line.coverage, Cell::Share),
        ]
    };
    let columns = [
        "line",
        "unit",
        "days",
        "measured",
        "forecast",
        "ratio",
        "bias",
        "WAPE",
        "under p80",
    ];
    tab("Lines", &columns, report.lines.iter().map(row).collect())
}

fn values(report: &Calibration) -> Tab {
    let shown = |number: &Number| match number {
        Number::Number(number) => Cell::Number(Some(*number)),
        Number::Date(date) => word(&**date),
    };
    let to_write = |value: &Value| word(to_write(value).unwrap_or("–"));
    let row = |value: &Value| {
        vec![
            word(named(value.project.as_deref(), &value.path)),
            value.declared.as_ref().map_or(word("–"), shown),
            shown(&value.measured),
            to_write(value),
            word(format!("{}:{}", value.file, value.line)),
        ]
    };
    let columns = ["value", "declared", "measured", "to write", "place"];
    tab("Values", &columns, report.values.iter().map(row).collect())
}

/// What is written in place of a value. A date that was not there before is put in with its key.
fn to_write(value: &Value) -> Option<&str> {
    match (value.written.as_deref()?, &value.measured) {
        (_, Number::Date(date)) => Some(date),
        (text, Number::Number(_)) => Some(text.trim_start_matches(',').trim()),
    }
}

/// From forecast to measured, one effect a row.
fn bridge(meter: &Meter) -> Tab {
    let ends = |what: &str, amount: f64| vec![word(what), word("–"), Cell::Number(Some(amount))];
    let mut rows = vec![ends("forecast", meter.forecast)];
    let effects = meter.effects.iter();
    // What people would read as nothing.
    let least = 1e-9 * meter.forecast.abs().max(meter.actual.abs());
    let effects = effects.filter(|it| it.effect.abs() > least);
    rows.extend(effects.map(|effect| {
        vec![
            word(factor(effect)),
            word(&*effect.path),
            Cell::Number(Some(effect.effect)),
        ]
    }));
    rows.push(ends("measured", meter.actual));
    let title = named(meter.project.as_deref(), &meter.meter);
    tab(&title, &["factor", "line", "amount"], rows)
}

fn factor(effect: &Effect) -> &'static str {
    match effect.factor {
        Factor::Tenants => "tenants",
        Factor::Rate if !effect.tenants_counted => "rate, tenants not counted",
        Factor::Rate => "rate",
        Factor::Cache => "cache",
        Factor::Retry => "retries",
        Factor::Cost => "unit cost",
        Factor::Undeclared => "undeclared",
    }
}

fn unmatched(report: &Calibration) -> Tab {
    let rows = report.usage.unmatched.iter().map(|it| {
        vec![
            word(&*it.subject),
            word(&*it.unit),
            Cell::Number(Some(it.rows as f64)),
            Cell::Number(Some(it.quantity)),
            word(format!("{}:{}", it.file, it.line)),
        ]
    });
    let columns = ["subject", "unit", "rows", "quantity", "place"];
    tab("Unmatched rows", &columns, rows.collect())
}
