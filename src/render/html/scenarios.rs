//! The matrix of meters and scenarios.

use maud::{Markup, html};

use crate::report::{Meter, Project, Scenario, Verdict};

use super::super::growth::Growth;
use super::super::{number, selection, text};
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, named, section};

pub(super) fn scenarios(project: &Project, comparing: bool) -> Markup {
    let matrix = selection::matrix(project, false);
    let scenarios = selection::scenarios(project);
    if scenarios.is_empty() {
        return html! {};
    }
    let title = |scenario: &&Scenario| {
        let assumed = if scenario.assumed { " (assumed)" } else { "" };
        format!("{}{assumed}", text::name(&scenario.name, 40))
    };
    let titles: Vec<String> = scenarios.iter().map(title).collect();
    let mut columns = vec![Words("What"), Words("Today"), Numbers("Max tenants")];
    columns.extend(titles.iter().map(|title| Words(title)));
    let row = |row: &selection::ScenarioRow<'_>| row_of(project, row);
    let rows: Vec<Markup> = matrix.rows.iter().map(row).collect();
    let growth = Growth::of(project, comparing);
    let body = html! {
        ul.growth {
            @for said in growth.days.iter().chain(&growth.scenarios) {
                li { (badge(said.verdict)) " " (said.whole().replace('`', "")) }
            }
        }
        @if !rows.is_empty() {
            p.note {
                "Max tenants is how far today’s tenants can grow before the limit breaks."
                @if let Some(note) = &growth.note { " " (super::marked(&super::view::capital(note))) "." }
            }
            (table("Growth", &columns, &rows))
        }
    };
    section(project, "scenarios", "Growth", &body)
}

fn row_of(project: &Project, row: &selection::ScenarioRow<'_>) -> Markup {
    let point = row.today.breaking_point;
    html! {
        tr {
            th scope="row" { (named(&row.today.named())) }
            td {
                (badge(row.today.today())) " "
                (broken(&selection::of_limit_today(project, row.today)))
            }
            (figure(point, &number::times(point)))
            @for cell in &row.cells {
                @match cell.meter {
                    Some(meter) => (judged(project, meter, cell.before)),
                    None => td {},
                }
            }
        }
    }
}

fn judged(project: &Project, meter: &Meter, before: Option<Verdict>) -> Markup {
    html! {
        td data-value=[meter.utilization] {
            @if let Some(before) = before {
                span.note { (before.as_str()) " →" } " "
            }
            (badge(meter.verdict)) " "
            @if meter.verdict != Verdict::Unlimited { (broken(&selection::of_limit(project, meter))) }
        }
    }
}

/// A cell that may break after the demand and after the limit, and nowhere else.
fn broken(words: &str) -> Markup {
    let parts = words
        .split_inclusive(" of ")
        .flat_map(|it| it.split_inclusive(", "));
    html! {
        @for part in parts { span.unbroken { (part.trim_end()) } " " }
    }
}
