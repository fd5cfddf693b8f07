//! Every meter today, by what it counts.

use maud::{Markup, html};

use crate::report::{Meter, Project};

use super::super::rows::Row;
use super::super::{number, selection};
use super::changes::percentile;
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, named, section};

pub(super) fn meters(project: &Project) -> Markup {
    html! {
        div.whole {
            (part(project, "APIs and models", "apis", &["apis.", "models."]))
            (part(project, "Databases and tables", "tables", &["databases.", "tables."]))
            (part(project, "Queues", "queues", &["queues."]))
        }
    }
}

fn part(project: &Project, title: &str, id: &str, prefixes: &[&str]) -> Markup {
    let is_of = |meter: &&Meter| prefixes.iter().any(|prefix| meter.id.starts_with(prefix));
    let mut meters: Vec<&Meter> = project.meters.iter().filter(is_of).collect();
    if meters.is_empty() {
        return html! {};
    }
    meters.sort_by(|left, right| selection::worst_first(left, right));
    let noted = meters.iter().any(|meter| !details(meter).is_empty());
    let all = meters.iter().map(|meter| Row::today(project, meter));
    let all: Vec<Row<'_>> = all.collect();
    let demand = format!("Demand{}", percentile(project, &all));
    let rows = all.iter().zip(&meters);
    let rows: Vec<Markup> = rows.map(|(it, meter)| row(it, meter, noted)).collect();
    let mut columns = vec![
        Words("What"),
        Numbers(&demand),
        Numbers("Limit"),
        Numbers("Used"),
        Words("Verdict"),
        Numbers("Max tenants"),
    ];
    if noted {
        columns.push(Words("Notes"));
    }
    section(project, id, title, &table(title, &columns, &rows))
}

fn row(row: &Row<'_>, meter: &Meter, noted: bool) -> Markup {
    let written = row.written();
    html! {
        tr {
            th scope="row" { (named(&row.name)) }
            (figure(row.value(), &written.demand))
            (figure(meter.limit, &written.limit))
            (figure(meter.utilization, &written.used))
            td { (badge(meter.verdict)) }
            (figure(meter.breaking_point, &number::times(meter.breaking_point)))
            @if noted { td.note { (details(meter)) } }
        }
    }
}

/// Figures that only this kind of meter has.
fn details(meter: &Meter) -> String {
    let detail = &meter.detail;
    let on_day = |day: Option<Option<f64>>, said| Some((said, number::day(day??), ""));
    let count = |count: Option<Option<f64>>| Some(number::count(count??));
    let full = detail.full_on_day.flatten();
    let now = detail
        .now
        .flatten()
        .map(|bytes| ("", number::bytes(bytes), " on disk today"));
    [
        now,
        on_day(detail.soft_on_day, "soft alert on day "),
        on_day(detail.hard_on_day, "hard alert on day "),
        on_day(detail.empties_on_day, "used up on day "),
        full.map(|day| ("full on day ", day.to_string(), "")),
        count(detail.partitions_needed).map(|count| ("", count, " partitions needed")),
        count(detail.scale_up_at).map(|depth| ("scale up above ", depth, "")),
    ]
    .into_iter()
    .flatten()
    .map(|(before, figure, after)| format!("{before}{figure}{after}"))
    .collect::<Vec<_>>()
    .join(", ")
}
