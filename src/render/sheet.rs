//! The spreadsheet as text: for a terminal, as Markdown and as CSV.

use crate::sheet::{Cell, Tab};

use super::escape::{self, Context};
use super::human::{self, Column, Ink, Pen, Table};
use super::{number, text};

/// For a terminal of this width; anywhere else tables are as wide as they have to be. A table that
/// is wider goes on below, its first column repeated.
pub(crate) fn sheet_human(tabs: &[Tab], width: Option<usize>) -> String {
    const INDENT: usize = 2;
    // Names are anyone's, and a table is as wide as its longest.
    let most = width.map_or(240, |_| 48);
    let width = width.map_or(usize::MAX, |width| width.saturating_sub(INDENT));
    let pen = Pen::UNBOUNDED.within(width);
    let parts = filled(tabs).map(|tab| {
        let columns = tab.columns.iter().zip(numeric(tab)).map(|(name, right)| {
            let name = text::message(name);
            match right {
                true => Column::right(&name, 0),
                false => Column::flexible(&name, 0),
            }
        });
        let cell = |cell| human::Cell::new(&text::name(&shown(cell), most), Ink::Plain);
        let rows = tab.rows.iter().map(|row| row.iter().map(cell).collect());
        let table = Table {
            columns: columns.collect(),
            rows: rows.collect(),
        };
        let lines = table.render_whole(&pen);
        let lines = lines.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("  {line}\n"),
        });
        format!("{}{}", title(tab), lines.collect::<String>())
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// A line with a tab's title, where it has one.
fn title(tab: &Tab) -> String {
    match tab.title.as_str() {
        "" => String::new(),
        title => format!("{title}\n"),
    }
}

fn filled(tabs: &[Tab]) -> impl Iterator<Item = &Tab> {
    tabs.iter().filter(|tab| !tab.rows.is_empty())
}

fn numeric(tab: &Tab) -> impl Iterator<Item = bool> {
    (0..tab.columns.len()).map(|index| {
        tab.rows
            .iter()
            .any(|row| !matches!(row.get(index), None | Some(Cell::Text(_))))
    })
}

pub(super) fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Figure(text) => text.clone(),
        Cell::Number(None) | Cell::Bytes(None) | Cell::Money(None) => "∞".to_owned(),
        // The column says of which currency.
        Cell::Money(Some(value)) => number::money(*value, "").trim_end().to_owned(),
        Cell::AtLeast { at_least } => format!("≥{}", shown(at_least)),
        Cell::Number(Some(value)) => number::count(*value),
        Cell::Bytes(Some(value)) => number::bytes(*value),
        Cell::Share(share) => number::share(*share),
    }
}

pub(crate) fn sheet_markdown(tabs: &[Tab]) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let parts = filled(tabs).map(|tab| {
        let names = tab.columns.iter();
        let names = names.map(|name| escape::prose(name, Context::Cell));
        let align = numeric(tab).map(|right| if right { "--:|" } else { ":--|" });
        let rows = tab.rows.iter().map(|cells| {
            let cells = cells
                .iter()
                .map(|cell| escape::prose(&shown(cell), Context::Cell));
            row(cells.collect())
        });
        let (title, names) = (&tab.title, row(names.collect()));
        let (align, rows) = (align.collect::<String>(), rows.collect::<String>());
        let title = match title.as_str() {
            "" => String::new(),
            title => format!("### {}\n\n", escape::prose(title, Context::Text)),
        };
        format!("{title}{names}|{align}\n{rows}")
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// As CSV, each tab after a line with its title.
pub(crate) fn sheet_csv(tabs: &[Tab]) -> String {
    let line = |fields: Vec<String>| format!("{}\n", fields.join(","));
    fn written(cell: &Cell) -> String {
        match cell {
            Cell::Text(text) | Cell::Figure(text) => field(text),
            Cell::Number(value) | Cell::Bytes(value) | Cell::Money(value) | Cell::Share(value) => {
                value.map_or_else(|| "inf".to_owned(), figure)
            }
            Cell::AtLeast { at_least } => format!("≥{}", written(at_least)),
        }
    }
    let parts = tabs.iter().map(|tab| {
        let names = tab.columns.iter().map(|name| field(name)).collect();
        let rows = tab.rows.iter();
        let rows = rows.map(|row| line(row.iter().map(written).collect()));
        let rows: String = rows.collect();
        let title = match tab.title.as_str() {
            "" => String::new(),
            title => format!("{}\n", field(title)),
        };
        format!("{title}{}{rows}", line(names))
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// A number in full, but for digits that are only rounding: `905` and not `904.9999999999999`.
fn figure(value: f64) -> String {
    let rounded = format!("{value:.11e}").parse().unwrap_or(value);
    let is_whole = value.fract() == 0.0;
    (if is_whole { value } else { rounded }).to_string()
}

/// A CSV field. A spreadsheet takes text that begins with one of `= + - @` for a formula.
pub(super) fn field(text: &str) -> String {
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
