//! What one tenant of each tier costs.

use maud::{Markup, html};

use crate::report::{Project, TenantCost};

use super::super::number;
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{code, section};

/// What one tenant of each tier costs in a month; in a comparison beside what one cost.
pub(super) fn tenants(project: &Project) -> Markup {
    let costs = &project.tenants;
    if costs.is_empty() {
        return html! {};
    }
    let is_compared = costs.iter().any(|cost| cost.before.is_some());
    let money = |at_least, value| number::price_from(at_least, value, &project.currency);
    let row = |cost: &TenantCost| {
        html! {
            tr {
                th scope="row" { (code(&cost.tier)) }
                @if is_compared {
                    (figure(cost.before, &cost.before.map_or(String::new(), |it| money(cost.at_least[0], it))))
                }
                (figure(Some(cost.after), &money(cost.at_least[1], cost.after)))
            }
        }
    };
    let rows: Vec<Markup> = costs.iter().map(row).collect();
    let columns: &[_] = match is_compared {
        true => &[Words("Tier"), Numbers("Before"), Numbers("After")],
        false => &[Words("Tier"), Numbers("A month")],
    };
    let title = "What one tenant costs a month";
    let body = html! {
        p.note { "Its share of the spend on APIs, models, databases and queues, by use. Fixed costs are not included." }
        (table(title, columns, &rows))
    };
    let is_whole = !costs.iter().any(TenantCost::has_changed);
    html! { div.whole[is_whole] { (section(project, "tenants", title, &body)) } }
}
