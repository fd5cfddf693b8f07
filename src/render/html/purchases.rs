//! What is to be bought.

use maud::{Markup, html};

use crate::report::{Project, Purchase};
use crate::words::number;

use super::super::bought as otherwise;
use super::super::purchases::{bought, order_by};
use super::table::Column::{Numbers, Words};
use super::table::table;
use super::{code, section, text};

const NAME: usize = 60;

pub(super) fn purchases(project: &Project, comparing: bool) -> Markup {
    let all = project.purchases.iter();
    let rows: Vec<Markup> = all.filter(is_bought).map(row).collect();
    let changed = match comparing {
        true => otherwise::changed(project),
        false => Vec::new(),
    };
    if rows.is_empty() && changed.is_empty() {
        return html! {};
    }
    let cash = format!("Cash, {}", project.currency);
    let columns = [
        Words("API"),
        Words("For"),
        Words("Buy"),
        Numbers(&cash),
        Numbers("Left over"),
        Words("Order by"),
    ];
    let change = |row: &otherwise::Row| {
        html! {
            tr {
                th scope="row" { (code(&row.api)) }
                td { (text::name(&row.what, NAME)) }
                td { (text::name(&row.before, NAME)) }
                td { (text::name(&row.after, NAME)) }
            }
        }
    };
    let changes: Vec<Markup> = changed.iter().map(change).collect();
    let body = html! {
        @if !changes.is_empty() {
            (table("What is bought differently", &[Words("API"), Words("For"), Words("Before"), Words("Now")], &changes))
        }
        @if !rows.is_empty() { (table("What to buy", &columns, &rows)) }
    };
    section(project, "purchases", "Purchases", &body)
}

fn is_bought(one: &&Purchase) -> bool {
    !one.buy.is_empty() || one.overage > 0.0
}

fn row(one: &Purchase) -> Markup {
    html! {
        tr {
            th scope="row" { (code(&one.api)) }
            td { (one.month) @if let Some(event) = &one.event { " " (text::name(event, NAME)) } }
            td { (text::name(&bought(one), NAME)) }
            td.number { @if one.lower_bound { "≥" } (number::exact(one.price)) }
            td.number { (number::pieces(one.left_over)) }
            td { (order_by(one)) }
        }
    }
}
