//! The spreadsheet as text: for a terminal, as Markdown and as CSV.

use crate::render::escape::{self, Place};
use crate::render::{number, text};
use crate::sheet::{Cell, Tab};

/// For a terminal: tables with columns as wide as they need to be.
#[must_use]
pub fn sheet_human(tabs: &[Tab]) -> String {
    const MOST: usize = 48;
    let mut out = String::new();
    for tab in tabs.iter().filter(|tab| !tab.rows.is_empty()) {
        let rows: Vec<Vec<String>> = tab
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| text::name(&shown(cell), MOST))
                    .collect()
            })
            .collect();
        let mut widths: Vec<usize> = tab.columns.iter().map(|name| text::width(name)).collect();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("{}\n", tab.title));
        let names: Vec<String> = tab.columns.iter().map(|name| text::message(name)).collect();
        push_row(&mut out, &names, &widths, &numeric(tab));
        for row in &rows {
            push_row(&mut out, row, &widths, &numeric(tab));
        }
    }
    out
}

/// Which columns hold numbers, and so stand at the right.
fn numeric(tab: &Tab) -> Vec<bool> {
    (0..tab.columns.len())
        .map(|index| {
            tab.rows
                .iter()
                .any(|row| !matches!(row.get(index), None | Some(Cell::Text(_))))
        })
        .collect()
}

fn push_row(out: &mut String, cells: &[String], widths: &[usize], numeric: &[bool]) {
    let mut line = String::from(" ");
    for ((cell, width), right) in cells.iter().zip(widths).zip(numeric) {
        let space = " ".repeat(width.saturating_sub(text::width(cell)));
        line.push(' ');
        if *right {
            line.push_str(&space);
            line.push_str(cell);
        } else {
            line.push_str(cell);
            line.push_str(&space);
        }
        line.push(' ');
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(None) | Cell::Bytes(None) => "∞".to_owned(),
        Cell::Number(Some(value)) => number::count(*value),
        Cell::Bytes(Some(value)) => number::bytes(*value),
        Cell::Share(share) => number::share(*share),
    }
}

/// As Markdown.
#[must_use]
pub fn sheet_markdown(tabs: &[Tab]) -> String {
    let mut out = String::new();
    for tab in tabs.iter().filter(|tab| !tab.rows.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("### {}\n\n", tab.title));
        let names: Vec<String> = tab
            .columns
            .iter()
            .map(|name| escape::prose(name, Place::Cell))
            .collect();
        out.push_str(&format!("| {} |\n|", names.join(" | ")));
        for right in numeric(tab) {
            out.push_str(if right { "--:|" } else { ":--|" });
        }
        out.push('\n');
        for row in &tab.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| escape::prose(&shown(cell), Place::Cell))
                .collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    out
}

/// As CSV, each tab after a line with its title; numbers in full.
#[must_use]
pub fn sheet_csv(tabs: &[Tab]) -> String {
    let mut out = String::new();
    for tab in tabs {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("{}\n", field(&tab.title)));
        let names: Vec<String> = tab.columns.iter().map(|name| field(name)).collect();
        out.push_str(&format!("{}\n", names.join(",")));
        for row in &tab.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Cell::Text(text) => field(text),
                    Cell::Number(value) | Cell::Bytes(value) | Cell::Share(value) => {
                        value.map_or_else(|| "inf".to_owned(), |value| value.to_string())
                    }
                })
                .collect();
            out.push_str(&format!("{}\n", cells.join(",")));
        }
    }
    out
}

/// A CSV field. A spreadsheet takes text that begins with one of `= + - @` for a formula.
fn field(text: &str) -> String {
    let text = text::clean(text);
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{text}")
    } else {
        text.into_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}
