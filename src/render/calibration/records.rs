//! A calibration as one table, for spreadsheets and databases: each row says which record it is,
//! and has every column.

use crate::calibrate::report::{Calibration, Effect, Line, Meter, Number, Value};
use crate::report::Unmatched;
use crate::sheet::{Cell, Tab};

use super::{factor, to_write, word};

/// All columns. New ones come at the end.
const COLUMNS: [&str; 20] = [
    "record",
    "project",
    "meter",
    "path",
    "unit",
    "factor",
    "days",
    "rows",
    "measured",
    "forecast",
    "ratio",
    "bias",
    "wape",
    "coverage",
    "effect",
    "declared",
    "measured_on",
    "declared_on",
    "to_write",
    "place",
];

pub(super) fn table(report: &Calibration) -> Tab {
    let of_meter = |meter| std::iter::once(of_meter(meter)).chain(effects(meter));
    let rows = report.lines.iter().map(line);
    let rows = rows.chain(report.values.iter().map(value));
    let rows = rows.chain(report.meters.iter().flat_map(of_meter));
    let rows = rows.chain(report.usage.unmatched.iter().map(unmatched));
    Tab {
        title: String::new(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// A row with some columns filled, in any order.
fn row<const N: usize>(record: &str, project: Option<&String>, of: [(&str, Cell); N]) -> Vec<Cell> {
    let mut cells = vec![word(""); COLUMNS.len()];
    let known = [
        ("record", word(record)),
        ("project", word(project.map_or("", String::as_str))),
    ];
    for (name, cell) in known.into_iter().chain(of) {
        let place = COLUMNS.iter().position(|column| *column == name);
        match place.and_then(|place| cells.get_mut(place)) {
            Some(own) => *own = cell,
            None => unreachable!("`{name}` is a column"),
        }
    }
    cells
}

fn number(number: Option<f64>) -> Cell {
    number.map_or(word(""), |number| Cell::Number(Some(number)))
}

fn count(count: usize) -> Cell {
    number(Some(count as f64))
}

fn place(file: &str, line: impl std::fmt::Display) -> Cell {
    word(format!("{file}:{line}"))
}

fn line(line: &Line) -> Vec<Cell> {
    let cells = [
        ("path", word(&*line.path)),
        ("unit", word(&*line.unit)),
        ("days", count(line.days)),
        ("measured", number(Some(line.actual))),
        ("forecast", number(line.forecast)),
        ("ratio", number(line.ratio)),
        ("bias", number(line.bias)),
        ("wape", number(line.wape)),
        ("coverage", number(line.coverage)),
    ];
    row("line", line.project.as_ref(), cells)
}

/// A date has columns of its own, so that those of numbers hold numbers alone.
fn value(value: &Value) -> Vec<Cell> {
    let parts = |it: &Number| match it {
        Number::Number(it) => (number(Some(*it)), word("")),
        Number::Date(date) => (word(""), word(&**date)),
    };
    let none = || (word(""), word(""));
    let (declared, declared_on) = value.declared.as_ref().map_or_else(none, parts);
    let (measured, measured_on) = parts(&value.measured);
    let cells = [
        ("path", word(&*value.path)),
        ("declared", declared),
        ("declared_on", declared_on),
        ("measured", measured),
        ("measured_on", measured_on),
        ("to_write", word(to_write(value).unwrap_or_default())),
        ("place", place(&value.file, value.line)),
    ];
    row("value", value.project.as_ref(), cells)
}

fn of_meter(meter: &Meter) -> Vec<Cell> {
    let cells = [
        ("meter", word(&*meter.meter)),
        ("measured", number(Some(meter.actual))),
        ("forecast", number(Some(meter.forecast))),
    ];
    row("meter", meter.project.as_ref(), cells)
}

fn effects(meter: &Meter) -> impl Iterator<Item = Vec<Cell>> {
    meter.effects.iter().map(|effect: &Effect| {
        let cells = [
            ("meter", word(&*meter.meter)),
            ("path", word(&*effect.path)),
            ("factor", word(factor(effect))),
            ("effect", number(Some(effect.effect))),
        ];
        row("effect", meter.project.as_ref(), cells)
    })
}

fn unmatched(of: &Unmatched) -> Vec<Cell> {
    let cells = [
        ("path", word(&*of.subject)),
        ("unit", word(&*of.unit)),
        ("rows", count(of.rows)),
        ("measured", number(Some(of.quantity))),
        ("place", place(&of.file, of.line)),
    ];
    row("unmatched", None, cells)
}
