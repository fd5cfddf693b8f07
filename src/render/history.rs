//! What every commit moved: for a terminal, as CSV and as JSON.

use crate::history::{History, Moved};
use crate::sheet::{Cell, Tab};
use crate::words::number;
use crate::words::text as words;

use super::json::written;
use super::{sheet_csv, sheet_human};

/// How much of a commit's id is shown.
const ID: usize = 10;

/// The most of a subject that is shown.
const SUBJECT: usize = 72;

pub(crate) fn json(history: &History, pretty: bool) -> String {
    written(history, pretty)
}

/// A row for each commit and meter, and one for a commit that moves none.
pub(crate) fn csv(history: &History) -> String {
    let columns = [
        "commit",
        "date",
        "author",
        "subject",
        "pull_request",
        "error",
        "project",
        "meter",
        "before",
        "after",
        "delta",
        "unit",
        "limit",
    ];
    let word = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::new();
    for commit in &history.commits {
        let number = commit.pull_request.map(|it| it.to_string());
        let about = [
            word(&commit.commit),
            word(&commit.date),
            word(&commit.author),
            word(&commit.subject),
            word(&number.unwrap_or_default()),
            word(commit.error.as_deref().unwrap_or_default()),
        ];
        let of_meter = |moved: &Moved| {
            let mut row = about.to_vec();
            row.push(word(moved.project.as_deref().unwrap_or_default()));
            row.push(word(&moved.meter));
            let figures = [moved.before, moved.after, moved.delta];
            row.extend(figures.map(Cell::Number));
            row.push(word(&moved.unit));
            row.push(
                moved
                    .limit
                    .map_or(word(""), |limit| Cell::Number(Some(limit))),
            );
            row
        };
        rows.extend(commit.meters.iter().map(of_meter));
        if commit.meters.is_empty() {
            let mut row = about.to_vec();
            row.resize(columns.len(), word(""));
            rows.push(row);
        }
    }
    sheet_csv(&[tab(&columns, rows)])
}

/// A paragraph for each commit, with a table of what it moves.
pub(crate) fn human(history: &History, width: Option<usize>) -> String {
    let mut out = String::new();
    for commit in &history.commits {
        let id: String = commit.commit.chars().take(ID).collect();
        let subject = words::name(&commit.subject, SUBJECT);
        let author = words::name(&commit.author, SUBJECT);
        out.push_str(&format!("{id}  {}  {subject}  ({author})\n", commit.date));
        if let Some(error) = &commit.error {
            out.push_str(&format!("  can't be read: {}\n", words::message(error)));
        } else if commit.meters.is_empty() {
            out.push_str("  changes no meter\n");
        }
        let rows: Vec<_> = commit.meters.iter().map(row).collect();
        let columns = ["meter", "before", "after", "change", "of limit"];
        if !rows.is_empty() {
            out.push_str(&sheet_human(&[tab(&columns, rows)], width));
        }
        out.push('\n');
    }
    if history.commits.is_empty() {
        out.push_str("No commit to show.\n");
    }
    for note in &history.notes {
        out.push_str(&format!("note: {}\n", words::message(note)));
    }
    out
}

fn row(moved: &Moved) -> Vec<Cell> {
    let figures = [moved.before, moved.after];
    let [before, after] = number::row(figures, &moved.unit, &moved.currency);
    let delta = number::delta(moved.delta, &moved.unit, &moved.currency);
    let name = match &moved.project {
        Some(project) => format!("{project}: {}", moved.meter),
        None => moved.meter.clone(),
    };
    let delta = match moved.delta {
        Some(0.0) => moved.what.to_owned(),
        _ => delta,
    };
    let share = moved.share().filter(|share| *share != 0.0);
    vec![
        Cell::Text(name),
        Cell::Text(before),
        Cell::Text(after),
        Cell::Text(delta),
        Cell::Text(share.map_or_else(String::new, signed)),
    ]
}

fn signed(share: f64) -> String {
    let written = number::share(Some(share.abs()));
    match written.starts_with('<') {
        true => written,
        false if share > 0.0 => format!("+{written}"),
        false => format!("-{written}"),
    }
}

/// A table that says by itself what it is.
fn tab(columns: &[&str], rows: Vec<Vec<Cell>>) -> Tab {
    Tab {
        title: String::new(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows,
    }
}
