//! What a change moves, and which declarations moved it.

use maud::{Markup, html};

use crate::report::Project;

use super::super::number::plural;
use super::super::selection;
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, code, section};

/// The most rows of the table of causes that are not folded away.
const CAUSES: usize = 10;

pub(super) fn changes(project: &Project) -> Markup {
    let rows = selection::rows(project, true).rows;
    let rows: Vec<Markup> = rows.iter().map(row).collect();
    if rows.is_empty() && project.unchanged == 0 {
        return html! {};
    }
    let columns = [
        Words("Meter"),
        Numbers("Before"),
        Numbers("After"),
        Numbers("Change"),
        Numbers(""),
        Numbers("Limit"),
        Numbers("Used"),
        Words("Verdict"),
    ];
    let body = html! {
        @if !rows.is_empty() { (table("What changes", &columns, &rows)) }
        @if project.unchanged > 0 {
            p.note { (plural(project.unchanged, "meter")) " unchanged." }
        }
    };
    section(project, "changes", "What changes", &body)
}

fn row(row: &selection::Row<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { (code(row.id)) }
            (figure(row.change.and_then(|change| change.before), &row.before()))
            (figure(row.value(), &row.demand()))
            (figure(row.change.and_then(|change| change.delta), &row.delta()))
            td.number { (row.percent()) }
            td.number { (selection::with_unit(&row.limit(), row.unit)) }
            td.number { (row.used()) }
            td { (badge(row.verdict())) }
        }
    }
}

pub(super) fn causes(project: &Project) -> Markup {
    let causes = selection::causes(project);
    if causes.is_empty() {
        return html! {};
    }
    let mut rows = Vec::new();
    for cause in &causes {
        for (index, (id, delta)) in cause.moved.iter().enumerate() {
            rows.push(html! {
                tr {
                    @if index == 0 {
                        th scope="row" { (code(&cause.first.path)) }
                        td { (selection::said(cause.first, str::to_owned)) }
                    } @else {
                        th scope="row" { span.note { "the same" } }
                        td {}
                    }
                    (figure(Some(*delta), &selection::moved(project, id, *delta)))
                    td.name { (code(id)) }
                }
            });
        }
    }
    let columns = [
        Words("Declaration"),
        Words("Said"),
        Numbers("Moves"),
        Words("Meter"),
    ];
    let table = table("Which declarations moved them", &columns, &rows);
    html! {
        @if rows.len() > CAUSES {
            details {
                summary { (plural(causes.len(), "declaration")) " moved them" }
                (table)
            }
        } @else {
            h3 { "Because of" }
            (table)
        }
    }
}
