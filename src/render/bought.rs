//! What is to be bought, before and after a change.

use crate::report::{Project, Purchase};
use crate::words::number;

use super::purchases::bought;

/// One purchase in words: what it is for, what it was, and what it is.
pub(super) struct Row {
    pub(super) api: String,
    /// The month, or the event.
    pub(super) what: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// What the change buys otherwise, in the order of purchases; what is no longer bought last.
pub(super) fn changed(project: &Project) -> Vec<Row> {
    let (before, after) = (&project.bought_before, &project.purchases);
    let find = |all: &'_ [Purchase], one: &Purchase| {
        let mut all = all.iter();
        all.find(|other| key(other) == key(one)).cloned()
    };
    let now = after
        .iter()
        .map(|one| (find(before, one), Some(one.clone())));
    let gone = before.iter().filter(|one| find(after, one).is_none());
    let gone = gone.map(|one| (Some(one.clone()), None));
    let differ = |(was, is): &(Option<Purchase>, Option<Purchase>)| {
        let said =
            |one: &Option<Purchase>| one.as_ref().map_or_else(nothing, |it| said(project, it));
        said(was) != said(is)
    };
    now.chain(gone)
        .filter(differ)
        .filter_map(|(was, is)| {
            let one = is.as_ref().or(was.as_ref())?;
            let said =
                |one: &Option<Purchase>| one.as_ref().map_or_else(nothing, |it| said(project, it));
            Some(Row {
                api: one.api.clone(),
                what: one.event.clone().unwrap_or_else(|| one.month.clone()),
                before: said(&was),
                after: said(&is),
            })
        })
        .collect()
}

fn key(one: &Purchase) -> (&str, &str, Option<&str>) {
    (&one.api, &one.month, one.event.as_deref())
}

fn nothing() -> String {
    "–".to_owned()
}

/// `4 × 500k, 1,600.00 USD`
pub(super) fn said(project: &Project, one: &Purchase) -> String {
    let bought = bought(one);
    if one.buy.is_empty() && one.overage <= 0.0 {
        return bought;
    }
    let price = number::exact(one.price);
    format!("{bought}, {price} {}", project.currency)
}
