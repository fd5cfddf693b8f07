//! Every meter today, by what it counts.

use maud::{Markup, html};

use crate::report::{Meter, Project};

use super::super::{number, selection};
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, code, section};

pub(super) fn meters(project: &Project) -> Markup {
    html! {
        (part(project, "APIs and models", "apis", &["apis.", "models."]))
        (part(project, "Databases and tables", "tables", &["databases.", "tables."]))
        (part(project, "Queues", "queues", &["queues."]))
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
    let rows = meters.iter().map(|meter| row(project, meter, noted));
    let rows: Vec<Markup> = rows.collect();
    let mut columns = vec![
        Words("Meter"),
        Numbers("Demand"),
        Numbers("p90"),
        Numbers("Limit"),
        Numbers("Used"),
        Words("Verdict"),
        Numbers("Holds to"),
    ];
    if noted {
        columns.push(Words("Notes"));
    }
    section(project, id, title, &table(title, &columns, &rows))
}

fn row(project: &Project, meter: &Meter, noted: bool) -> Markup {
    let row = selection::Row::today(project, meter);
    let demand = selection::with_unit(&row.demand(), row.unit);
    let p90 = number::quantity(meter.demand.p90, &meter.unit, &project.currency);
    html! {
        tr {
            th scope="row" { (code(row.id)) }
            (figure(row.value(), &demand))
            (figure(meter.demand.p90, &p90))
            (figure(meter.limit, &row.limit()))
            (figure(meter.utilization, &row.used()))
            td { (badge(meter.verdict)) }
            (figure(meter.breaking_point, &number::multiplier(meter.breaking_point)))
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
    [
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
