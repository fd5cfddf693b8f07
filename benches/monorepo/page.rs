//! Tables as Markdown, and the page that holds them.

use std::fs;
use std::path::Path;

use crate::Result;

/// A table under a name, by which the page marks its place.
pub(crate) struct Table {
    name: &'static str,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(name: &'static str, titles: &[&str]) -> Self {
        let titles = titles.iter().map(|title| (*title).to_owned());
        Self {
            name,
            rows: vec![titles.collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.rows.iter().enumerate() {
            text += &format!("| {} |\n", row.join(" | "));
            if at == 0 {
                // What is measured is a number, in all columns but the first.
                text += &format!("| --- |{}\n", " ---: |".repeat(row.len() - 1));
            }
        }
        text
    }
}

/// Puts tables in their places in a page.
pub(crate) fn write(page: &Path, tables: &[Table]) -> Result<()> {
    let mut text = fs::read_to_string(page)?;
    for table in tables {
        let begin = format!("<!-- table: {} -->\n", table.name);
        let end = "<!-- end -->";
        let from = text
            .find(&begin)
            .ok_or("the page has no place for a table")?
            + begin.len();
        let to = text[from..].find(end).ok_or("a table has no end")? + from;
        text.replace_range(from..to, &table.markdown());
    }
    fs::write(page, text)?;
    Ok(())
}
