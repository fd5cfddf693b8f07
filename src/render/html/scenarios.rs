//! The matrix of meters and scenarios.

use maud::{Markup, html};

use crate::report::{Meter, Project, Scenario, Verdict};

use super::super::{number, selection, text};
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, code, section};

pub(super) fn scenarios(project: &Project) -> Markup {
    let matrix = selection::matrix(project, false);
    if project.scenarios.is_empty() {
        return html! {};
    }
    if matrix.rows.is_empty() {
        let body = html! { p { "Everything fits in every scenario." } };
        return section(project, "scenarios", "Scenarios", &body);
    }
    let title = |scenario: &Scenario| {
        let assumed = if scenario.assumed { " (assumed)" } else { "" };
        format!("{}{assumed}", text::name(&scenario.name, 40))
    };
    let titles: Vec<String> = project.scenarios.iter().map(title).collect();
    let mut columns = vec![Words("Meter"), Words("Today"), Numbers("Holds to")];
    columns.extend(titles.iter().map(|title| Words(title)));
    let rows: Vec<Markup> = matrix.rows.iter().map(row).collect();
    let body = html! {
        p.note {
            "Share of each limit in use. "
            "A meter holds up to the multiple of all tenants beside it."
        }
        (table("Scenarios", &columns, &rows))
    };
    section(project, "scenarios", "Scenarios", &body)
}

fn row(row: &selection::ScenarioRow<'_>) -> Markup {
    let point = row.today.breaking_point;
    html! {
        tr {
            th scope="row" { (code(&row.today.id)) }
            (judged(row.today, None))
            (figure(point, &number::multiplier(point)))
            @for cell in &row.cells {
                @match cell.meter {
                    Some(meter) => (judged(meter, cell.before)),
                    None => td {},
                }
            }
        }
    }
}

fn judged(meter: &Meter, before: Option<Verdict>) -> Markup {
    html! {
        td data-value=[meter.utilization] {
            @if let Some(before) = before {
                span.note { (before.as_str()) " →" } " "
            }
            (badge(meter.verdict)) " "
            @if meter.verdict != Verdict::Unlimited { (selection::used(meter)) }
        }
    }
}
