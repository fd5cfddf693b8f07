//! What a change moves, and which declarations moved it.

use maud::{Markup, html};

use crate::report::Project;

use super::super::causes;
use super::super::number::plural;
use super::super::rows::{self, Row, Rows};
use super::super::selection::{known, told};
use super::super::text;
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, code, named, section};

/// The most declarations that are not folded away.
const CAUSES: usize = 5;

pub(super) fn changes(project: &Project) -> Markup {
    let Rows { rows, small, .. } = rows::rows(project, true);
    if rows.is_empty() && small.is_empty() && project.unchanged == 0 {
        return html! {};
    }
    let body = html! {
        @if !rows.is_empty() { (changed(project, &rows)) }
        @if !small.is_empty() {
            details {
                summary { (plural(small.len(), "smaller change")) }
                (changed(project, &small))
            }
        }
        @if project.unchanged > 0 {
            p.note { (plural(project.unchanged, "meter")) " unchanged." }
        }
    };
    section(project, "changes", "What changes", &body)
}

fn changed(project: &Project, rows: &[Row<'_>]) -> Markup {
    let at = percentile(project, rows);
    let (before, after) = (format!("Before{at}"), format!("After{at}"));
    let columns = [
        Words("What"),
        Numbers(&before),
        Numbers(&after),
        Numbers("Limit"),
        Numbers("Used"),
        Words("Verdict"),
    ];
    let rows: Vec<Markup> = rows.iter().map(row).collect();
    table("What changes", &columns, &rows)
}

/// Which percentile the demands of rows are, where they are not plain numbers.
pub(super) fn percentile(project: &Project, rows: &[Row<'_>]) -> String {
    match rows.iter().any(Row::is_percentile) {
        true => format!(" (p{:.0})", project.confidence * 100.0),
        false => String::new(),
    }
}

fn row(row: &Row<'_>) -> Markup {
    let written = row.written();
    html! {
        tr {
            th scope="row" { (named(&row.name)) }
            (figure(row.value_before(), if written.before.is_empty() { "–" } else { &written.before }))
            (figure(row.value(), &written.demand))
            td.number { (written.limit) }
            td.number.used { (written.used) }
            td { (badge(row.verdict())) }
        }
    }
}

/// One row for each declaration, those first that matter most to limits.
pub(super) fn causes(project: &Project) -> Markup {
    let causes = causes::causes(project);
    if causes.is_empty() {
        return html! {};
    }
    let row = |cause: &causes::Cause<'_>| {
        html! {
            tr {
                th scope="row" { (code(cause.path())) }
                td.name { (cause.said(str::to_owned)) }
                td.name {
                    @for (id, delta) in &cause.moved {
                        @let name = known(project, id).map(|meter| told(&meter.named().short()));
                        @let name = name.unwrap_or_else(|| text::name(id, 60)).replace('`', "");
                        div { (name) " " b { (text::unbroken(&cause.moved(project, id, *delta))) } }
                    }
                    @if let Some(effect) = &cause.effect { div { (effect.replace('`', "")) } }
                }
            }
        }
    };
    let rows: Vec<Markup> = causes.iter().map(row).collect();
    let columns = [Words("Setting"), Words("Change"), Words("Effect")];
    let (open, folded) = rows.split_at(rows.len().min(CAUSES));
    html! {
        h3 { "Why it changed" }
        @if causes::is_median(project) { p.note { "Figures at the median." } }
        (table("Why it changed", &columns, open))
        @if !folded.is_empty() {
            details {
                summary { (plural(folded.len(), "more declaration")) }
                (table("More declarations", &columns, folded))
            }
        }
    }
}
