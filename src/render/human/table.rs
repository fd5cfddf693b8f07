//! Tables that fit a width: columns give way in a fixed order, names lose their middle.

use super::super::text;
use super::pen::{Ink, Pen};

/// The least width that a flexible column is cut to before other columns give way, and after.
const COMFORTABLE: usize = 26;
const LEAST: usize = 12;
const GAP: usize = 2;

#[derive(Clone)]
pub(in super::super) struct Column {
    title: String,
    right: bool,
    flexible: bool,
    /// Columns with larger numbers give way first; 0 never does.
    gives: u8,
}

impl Column {
    pub(in super::super) fn left(title: &str, gives: u8) -> Self {
        Self {
            title: title.to_owned(),
            right: false,
            flexible: false,
            gives,
        }
    }

    pub(in super::super) fn right(title: &str, gives: u8) -> Self {
        Self {
            right: true,
            ..Self::left(title, gives)
        }
    }

    pub(in super::super) fn flexible(title: &str, gives: u8) -> Self {
        Self {
            flexible: true,
            ..Self::left(title, gives)
        }
    }
}

#[derive(Clone)]
pub(in super::super) struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    pub(in super::super) fn new(text: &str, ink: Ink) -> Self {
        Self {
            text: text.to_owned(),
            ink,
        }
    }
}

pub(in super::super) struct Table {
    pub(in super::super) columns: Vec<Column>,
    /// Each with a cell for each column.
    pub(in super::super) rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(in super::super) fn render(&self, pen: &Pen) -> String {
        let layout = self.layout(pen);
        let mut out = String::new();
        let title = |column: &Column| Cell::new(&column.title, Ink::Faint);
        let titles: Vec<Cell> = self.columns.iter().map(title).collect();
        self.row(&mut out, &layout, &titles, pen);
        for row in &self.rows {
            self.row(&mut out, &layout, row, pen);
        }
        out
    }

    /// The same with every column: those for which there is no room go below, each time after the
    /// first, which says what a row is about.
    pub(in super::super) fn render_whole(&self, pen: &Pen) -> String {
        let natural = self.natural(pen);
        let least = |index: usize| {
            let width = natural.get(index).copied().flatten().unwrap_or(0);
            let column = self.columns.get(index);
            match column.is_some_and(|column| column.flexible) {
                true => width.min(LEAST),
                false => width,
            }
        };
        let first = least(0);
        let (mut parts, mut used) = (vec![vec![0]], first);
        for index in 1..self.columns.len() {
            let width = GAP + least(index);
            let is_new = parts.last().is_none_or(|part: &Vec<usize>| part.len() == 1);
            if used + width > pen.width && !is_new {
                parts.push(vec![0]);
                used = first;
            }
            used += width;
            if let Some(part) = parts.last_mut() {
                part.push(index);
            }
        }
        let parts = parts.iter().map(|part| self.of(part).render(pen));
        parts.collect::<Vec<_>>().join("\n")
    }

    /// Some of the columns.
    fn of(&self, part: &[usize]) -> Self {
        let columns = part.iter().filter_map(|index| self.columns.get(*index));
        let row = |row: &Vec<Cell>| {
            let cells = part.iter().filter_map(|index| row.get(*index));
            cells.cloned().collect()
        };
        Self {
            columns: columns.cloned().collect(),
            rows: self.rows.iter().map(row).collect(),
        }
    }

    fn row(&self, out: &mut String, layout: &[Option<usize>], cells: &[Cell], pen: &Pen) {
        let mut line = String::new();
        let mut owed = 0;
        for ((column, width), cell) in self.columns.iter().zip(layout).zip(cells) {
            let Some(width) = *width else { continue };
            let content = fit(&pen.plain(&cell.text), width, pen);
            let space = width - text::width(&content).min(width);
            let (before, after) = if column.right { (space, 0) } else { (0, space) };
            owed += before;
            if !content.is_empty() {
                line.push_str(&" ".repeat(owed));
                line.push_str(&pen.paint(cell.ink, &content));
                owed = 0;
            }
            owed += after + GAP;
        }
        out.push_str(&line);
        out.push('\n');
    }

    /// How wide each column is with room for all of it; none for one of empty cells.
    fn natural(&self, pen: &Pen) -> Vec<Option<usize>> {
        let columns = self.columns.iter().enumerate();
        let width = |(index, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            let widths = cells.map(|cell| text::width(&pen.plain(&cell.text)));
            let widest = widths.max().unwrap_or(0);
            (widest > 0).then(|| widest.max(text::width(&column.title)))
        };
        columns.map(width).collect()
    }

    fn layout(&self, pen: &Pen) -> Vec<Option<usize>> {
        let natural = self.natural(pen);
        let mut widths = natural.clone();
        self.shrink(&mut widths, COMFORTABLE, pen);
        let order = (0..self.columns.len()).filter(|index| self.columns[*index].gives > 0);
        let mut order: Vec<usize> = order.collect();
        order.sort_by_key(|index| std::cmp::Reverse(self.columns[*index].gives));
        for index in order {
            if total(&widths) > pen.width {
                widths[index] = None;
            }
        }
        // What gave way left room for the names.
        for (index, column) in self.columns.iter().enumerate() {
            if column.flexible && widths[index].is_some() {
                widths[index] = natural[index];
            }
        }
        self.shrink(&mut widths, LEAST, pen);
        widths
    }

    fn shrink(&self, widths: &mut [Option<usize>], least: usize, pen: &Pen) {
        let excess = total(widths).saturating_sub(pen.width);
        for (column, width) in self.columns.iter().zip(widths) {
            if let (true, Some(width)) = (column.flexible, width) {
                *width = width.saturating_sub(excess).max(least.min(*width));
            }
        }
    }
}

fn total(widths: &[Option<usize>]) -> usize {
    let shown: Vec<usize> = widths.iter().flatten().copied().collect();
    shown.iter().sum::<usize>() + GAP * shown.len().saturating_sub(1)
}

fn fit(content: &str, width: usize, pen: &Pen) -> String {
    if text::width(content) <= width {
        return content.to_owned();
    }
    let room = width.saturating_sub(if pen.ascii { 2 } else { 0 });
    pen.plain(&text::shorten(content, room))
}
