//! What was understood of measured usage: for a terminal.

use crate::sheet::{Cell, Tab};
use crate::usage::Understood;
use crate::words::number::{self, plural};

use super::json::written;
use super::{sheet_human, text};

pub(crate) fn json(understood: &Understood, pretty: bool) -> String {
    written(understood, pretty)
}

pub(crate) fn human(understood: &Understood, width: Option<usize>) -> String {
    let word = |text: &str| Cell::Text(text.to_owned());
    let subjects = understood.subjects.iter().map(|it| {
        let unit = match &it.currency {
            Some(currency) => format!("{}, {currency}", it.unit),
            None => it.unit.clone(),
        };
        vec![
            word(&it.subject),
            word(&unit),
            // A cost that stands beside a quantity has no row of its own.
            match it.rows {
                0 => word("–"),
                rows => Cell::Number(Some(rows as f64)),
            },
            Cell::Number(Some(it.quantity)),
            word(&it.first),
            word(&it.last),
            Cell::Number(Some(it.gaps as f64)),
        ]
    });
    let unmatched = understood.unmatched.iter().map(|it| {
        vec![
            word(&it.subject),
            word(&it.unit),
            Cell::Number(Some(it.rows as f64)),
            Cell::Number(Some(it.quantity)),
            word(&format!("{}:{}", it.file, it.line)),
        ]
    });
    let columns = [
        "subject", "unit", "rows", "quantity", "first", "last", "gaps",
    ];
    let of_unmatched = ["subject", "unit", "rows", "quantity", "place"];
    let tabs = [
        ("Usage", &columns[..], subjects.collect::<Vec<_>>()),
        ("Unmatched", &of_unmatched[..], unmatched.collect()),
    ];
    let tabs = tabs.into_iter().filter(|(.., rows)| !rows.is_empty());
    let tabs: Vec<Tab> = tabs
        .map(|(title, columns, rows)| Tab {
            title: title.to_owned(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows,
        })
        .collect();
    let (rows, matched) = (understood.rows, understood.matched);
    let mut verdict = match matched == rows {
        true if rows == 1 => "1 row: it matches a declaration.".to_owned(),
        true => format!("{}: all match declarations.", plural(rows, "row")),
        false => {
            let matched = match matched {
                1 => "1 matches a declaration".to_owned(),
                many => format!("{} match declarations", number::count(many as f64)),
            };
            format!("{}: {matched}.", plural(rows, "row"))
        }
    };
    if understood.outside > 0 {
        let outside = plural(understood.outside, "row");
        verdict.push_str(&format!(" After the date of `--as-of`: {outside}."));
    }
    if let Some(meant) = &understood.meant {
        let end = if meant.ends_with('?') { "" } else { "." };
        verdict.push_str(&format!(" The first of the others: {meant}{end}"));
    }
    format!(
        "{}\n{}\n",
        sheet_human(&tabs, width),
        text::message(&verdict)
    )
}
