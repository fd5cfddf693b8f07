//! What a review comes to, in three sentences.

use crate::units::Date;
use crate::words::number;

use super::report::{Bridge, Decision, Kind, Review};

/// What was off, what is to be decided, what comes first.
pub(super) fn summary(review: &Review) -> Vec<String> {
    vec![off(review), decided(review), due(review)]
}

fn off(review: &Review) -> String {
    let bridges: Vec<&Bridge> = review.projects.iter().flat_map(|it| &it.bridges).collect();
    let ratio = |bridge: &Bridge| Some(bridge.actual / bridge.forecast).filter(|it| it.is_finite());
    let off = |bridge: &Bridge| ratio(bridge).map_or(0.0, |ratio| (ratio - 1.0).abs());
    let worst = bridges
        .iter()
        .max_by(|one, other| off(one).total_cmp(&off(other)));
    let Some(worst) = worst else {
        return "No use of credits or models was measured.".to_owned();
    };
    let figure = |value: f64| match worst.meter.ends_with(".spend") {
        true => number::money(value, "").trim_end().to_owned(),
        false => number::pieces(value.round()),
    };
    let parsed = [&review.from, &review.to].map(|day| Date::parse(day).ok());
    let all = match parsed {
        [Some(from), Some(to)] => usize::try_from(to.days_since(from)).unwrap_or(0),
        _ => 0,
    };
    let days = match worst.days < all {
        true => format!(" on {} of {all} days", worst.days),
        false => String::new(),
    };
    let came = match ratio(worst) {
        Some(ratio) => format!(
            "`{}` came to {} of {} forecast{days}, {}",
            worst.meter,
            figure(worst.actual),
            figure(worst.forecast),
            number::share(Some(ratio))
        ),
        None => format!("nothing had been forecast of `{}`", worst.meter),
    };
    match bridges.len() {
        1 => format!("{came}."),
        count => format!(
            "{came}, the furthest off of {}.",
            number::plural(count, "meter")
        ),
    }
}

fn decided(review: &Review) -> String {
    let count = |kind| {
        let own = review.decisions.iter().filter(|it| it.kind == kind);
        own.count()
    };
    format!(
        "To decide: {} to buy or raise ahead, {} to build differently, {} to watch.",
        count(Kind::PrePurchase),
        count(Kind::Rearchitect),
        count(Kind::Watch)
    )
}

fn due(review: &Review) -> String {
    let due = review
        .decisions
        .iter()
        .filter_map(|it| Some((it.due.as_ref()?, it)));
    match due.min_by_key(|(day, _)| *day) {
        Some((day, Decision { evidence, .. })) => {
            format!("The first is due on {day}: {evidence}.")
        }
        None => "None of it has a date.".to_owned(),
    }
}
