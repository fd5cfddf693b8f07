//! Tables: each scrolls in its own box, which the keyboard reaches.

use maud::{Markup, html};

/// The most rows of a table that are not folded away, and how many are left of a longer one.
const OPEN: usize = 25;
const SOME: usize = 12;

#[derive(Clone, Copy)]
pub(super) enum Column<'a> {
    Words(&'a str),
    Numbers(&'a str),
    /// Numbers that a phone has no room for.
    Secondary(&'a str),
}

/// A table in its box. A long one is folded away but for its first rows.
pub(super) fn table(label: &str, columns: &[Column<'_>], rows: &[Markup]) -> Markup {
    let boxed = |rows: &[Markup]| {
        html! {
            div.scroll role="region" aria-label=(label) tabindex="0" {
                table {
                    thead {
                        tr {
                            @for column in columns {
                                @match column {
                                    Column::Words(title) => th scope="col" { (title) },
                                    Column::Secondary(title) => th.number.secondary scope="col" { (title) },
                                    Column::Numbers(title) => th.number scope="col" { (title) },
                                }
                            }
                        }
                    }
                    tbody { @for row in rows { (row) } }
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

/// A cell with a number as it is written, and in full as an attribute.
pub(super) fn figure(value: Option<f64>, shown: &str) -> Markup {
    html! { td.number data-value=[value] { (shown) } }
}
