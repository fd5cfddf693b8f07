//! A review: as Markdown, as one page and as JSON. All tell the same sections.

mod page;
mod parts;

use crate::review::report::{Decision, Kind, Review};
use crate::sheet::{Cell, Tab};
use crate::units::Date;
use crate::words::number::{self, plural};

use super::escape::{self, Context};
use super::sheet_markdown;

pub(crate) use page::html;
use parts::of_project;

pub(crate) fn json(review: &Review) -> String {
    super::json::pretty(review)
}

/// The section that leads from forecasts to what was measured.
const BRIDGES: &str = "From forecast to actual";

/// A part of a review: sentences, then tables.
#[derive(Default)]
struct Section {
    title: String,
    /// Whether it is printed on a new sheet.
    begins_page: bool,
    words: Vec<String>,
    tabs: Vec<Tab>,
}

pub(crate) fn markdown(review: &Review) -> String {
    let prose = |text: &str| escape::prose(text, Context::Text);
    let mut out = format!("# {}\n\n", prose(&title(review)));
    for section in sections(review) {
        out.push_str(&format!("## {}\n\n", prose(&section.title)));
        for words in &section.words {
            out.push_str(&format!("- {}\n", prose(words)));
        }
        if !section.words.is_empty() {
            out.push('\n');
        }
        let tables = sheet_markdown(&section.tabs);
        if !tables.is_empty() {
            out.push_str(&tables);
            out.push('\n');
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

fn title(review: &Review) -> String {
    let names: Vec<&str> = review.projects.iter().map(|it| it.name.as_str()).collect();
    let names = match names.len() {
        1..=3 => names.join(", "),
        count => plural(count, "project"),
    };
    format!("Capacity of {names}, {}", days(review))
}

/// The quarter, or the first day and the last.
fn days(review: &Review) -> String {
    let parsed = [&review.from, &review.to].map(|day| Date::parse(day).ok());
    let [Some(from), Some(to)] = parsed else {
        return format!("{} to {}", review.from, review.to);
    };
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let are_first = from.day() == 1 && to.day() == 1;
    if are_first && months(from) % 3 == 0 && months(to) - months(from) == 3 {
        return format!("{:04}-Q{}", from.year(), months(from) % 12 / 3 + 1);
    }
    format!("{from} to {}", to.plus_days(-1).unwrap_or(to))
}

fn sections(review: &Review) -> Vec<Section> {
    let mut sections = vec![decisions(review)];
    for project in &review.projects {
        let name = match review.projects.len() {
            1 => String::new(),
            _ => format!("{}: ", project.name),
        };
        let parts = of_project(project).into_iter();
        sections.extend(parts.map(|section| Section {
            title: format!("{name}{}", section.title),
            ..section
        }));
    }
    sections.push(ends(review));
    sections
}

/// A section; where it has no rows it says what is missing.
fn section(title: &str, tabs: Vec<Tab>, absent: &str) -> Section {
    let is_empty = tabs.iter().all(|tab| tab.rows.is_empty());
    Section {
        title: title.to_owned(),
        words: is_empty.then(|| absent.to_owned()).into_iter().collect(),
        tabs,
        ..Section::default()
    }
}

fn tab(title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Tab {
    Tab {
        title: title.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows: rows.collect(),
    }
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn maybe(text: Option<&str>) -> Cell {
    word(text.unwrap_or("–"))
}

/// A number; a dash where there is none.
fn known(number: Option<f64>, cell: fn(Option<f64>) -> Cell) -> Cell {
    match number {
        Some(number) => cell(Some(number)),
        None => word("–"),
    }
}

fn decisions(review: &Review) -> Section {
    let of = |title: &str, kind: Kind| {
        let own = review.decisions.iter().filter(|it| it.kind == kind);
        let row = |it: &Decision| {
            vec![
                maybe(it.due.as_deref()),
                maybe(it.owner.as_deref()),
                word(&it.evidence),
                word(&it.status),
                word(&it.id),
            ]
        };
        tab(
            title,
            &["due", "owner", "decide", "status", "id"],
            own.map(row),
        )
    };
    let previous = review.previous.iter();
    let previous = previous.map(|it| vec![word(&it.id), word(&it.status), word(&it.evidence)]);
    Section {
        title: "Decisions".to_owned(),
        words: review.summary.clone(),
        tabs: vec![
            of("Pre-purchase", Kind::PrePurchase),
            of("Build differently", Kind::Rearchitect),
            of("Watch", Kind::Watch),
            tab(
                "Decisions of the last review",
                &["id", "status", "now"],
                previous,
            ),
        ],
        ..Section::default()
    }
}

fn ends(review: &Review) -> Section {
    let rows = review.usage.unmatched.iter().map(|it| {
        vec![
            word(&it.subject),
            word(&it.unit),
            Cell::Number(Some(it.rows as f64)),
            Cell::Number(Some(it.quantity)),
        ]
    });
    let made = match &review.forecast_made {
        Some(commit) => {
            let id: String = commit.chars().take(10).collect();
            format!("The forecast under review is that of commit {id}.")
        }
        None => "There is no forecast from before the first day.".to_owned(),
    };
    let usage = &review.usage;
    let unmatched: usize = usage.unmatched.iter().map(|it| it.rows).sum();
    let count = |rows: usize| number::count(rows as f64);
    let rows_read = format!(
        "{} of usage: {} count, {} are of other days, {} match nothing.",
        plural(usage.rows, "row"),
        count(usage.matched),
        count(usage.outside),
        count(unmatched)
    );
    let mut words = vec![made, rows_read];
    words.extend(review.notes.iter().cloned());
    Section {
        title: "What this is made of".to_owned(),
        words,
        tabs: vec![tab(
            "Rows that match nothing",
            &["of", "unit", "rows", "quantity"],
            rows,
        )],
        ..Section::default()
    }
}
