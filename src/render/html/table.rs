//! Tables: each scrolls in its own box, which the keyboard reaches. On a phone each row of a wide
//! one is a card, in which every cell has its column's title.

use maud::{Markup, PreEscaped, html};

use super::text;

/// The most rows of a table that are not folded away, and how many are left of a longer one.
const OPEN: usize = 25;
const SOME: usize = 12;
/// The columns from which on a table is wide.
const STACKED: usize = 3;

#[derive(Clone, Copy)]
pub(super) enum Column<'a> {
    Words(&'a str),
    Numbers(&'a str),
}

impl<'a> Column<'a> {
    fn title(self) -> &'a str {
        match self {
            Self::Words(title) | Self::Numbers(title) => title,
        }
    }
}

/// A table in its box. A long one is folded away but for its first rows.
pub(super) fn table(label: &str, columns: &[Column<'_>], rows: &[Markup]) -> Markup {
    let titles: Vec<&str> = columns.iter().map(|column| column.title()).collect();
    let boxed = |rows: &[Markup]| {
        html! {
            div.scroll.stack[titles.len() >= STACKED] role="region" aria-label=(label) tabindex="0" {
                table {
                    thead {
                        tr {
                            @for column in columns {
                                @match column {
                                    Column::Words(title) => th scope="col" { (title) },
                                    Column::Numbers(title) => th.number scope="col" { (title) },
                                }
                            }
                        }
                    }
                    tbody { @for row in rows { (labelled(row, &titles)) } }
                }
            }
        }
    };
    if rows.len() <= OPEN {
        return boxed(rows);
    }
    let (open, folded) = rows.split_at(SOME);
    html! {
        (boxed(open))
        details {
            summary { (folded.len()) " more" }
            (boxed(folded))
        }
    }
}

/// A row whose cells say what they are of, for where they are not below their titles. Of a row that
/// an earlier one reaches into, the last cells are counted. (What is not markup is escaped: no name
/// has a `<`.)
pub(crate) fn labelled(row: &Markup, titles: &[&str]) -> Markup {
    let cells = row.0.matches("<td").count() + row.0.matches("<th").count();
    let mut column = titles.len().saturating_sub(cells);
    let mut out = String::with_capacity(row.0.len() * 2);
    for part in row.0.split_inclusive("<t") {
        let is_cell = out.ends_with("<t") && part.starts_with(['d', 'h']);
        match titles.get(column).filter(|_| is_cell) {
            Some(title) => {
                let (name, rest) = part.split_at(1);
                let title = html! { (text::clean(title)) };
                out.push_str(&format!("{name} data-title=\"{}\"{rest}", title.0));
                column += 1;
            }
            None => out.push_str(part),
        }
    }
    PreEscaped(out)
}

/// A cell with a number as it is written, and in full as an attribute.
pub(super) fn figure(value: Option<f64>, shown: &str) -> Markup {
    html! { td.number data-value=[value] { (shown) } }
}
