//! Rows, as CSV and as JSON lines.

use crate::export::rows::{Cell, Row};
use crate::render::sheet::field;
use crate::render::written;

/// A line with the columns, and one for each row.
pub(crate) fn rows_csv(rows: &[Row]) -> String {
    let mut out = format!("{}\n", Row::COLUMNS.join(","));
    for row in rows {
        let cells = row.cells();
        let cells = cells.iter().map(|cell| match cell {
            Cell::Text(text) => field(text),
            Cell::Plain(text) => text.clone(),
        });
        out.push_str(&cells.collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}

/// An object for each row.
pub(crate) fn rows_json(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| written(row, false));
    lines.collect()
}
