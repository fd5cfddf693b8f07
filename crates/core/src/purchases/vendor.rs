//! Sentences to paste into a sales request.

use super::{Draft, Plan, Sold};
use crate::meter::{Family, MeterKind};
use crate::report::purchases::ForTheVendor;
use crate::units::Date;
use crate::words::number;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// How many months are told.
const SAID: usize = super::MONTHS as usize;

impl Plan<'_> {
    pub(super) fn for_the_vendor(&self, sold: &Sold<'_>, months: &[Draft]) -> ForTheVendor {
        let percent = super::PERCENTILES[self.confidence]
            .1
            .trim_start_matches('p');
        let forecast = months.iter().zip(&self.months).take(SAID).enumerate();
        let forecast = forecast.map(|(place, (draft, month))| {
            let at_least = at_least(draft.purchase.lower_bound);
            let credits = super::credits(draft.demand);
            let all = [credits.p50, credits.p80, credits.p90, credits.p95];
            let credits = all[self.confidence].map(f64::round);
            let credits = credits.map_or_else(|| "countless".to_owned(), number::pieces);
            let unit = if place == 0 { " credits" } else { "" };
            format!("{at_least}{credits}{unit} in {}", month_name(month.first))
        });
        let forecast = listed(&forecast.collect::<Vec<_>>());
        let (_, today, lower_bound) = self.demand(sold.name, 0);
        let burn = at_least(lower_bound && sold.per_day.is_none());
        let month = self.project.model.calendar.days_per_month;
        let expected = today.point.unwrap_or(f64::INFINITY) / month;
        let per_day = number::pieces(sold.per_day.unwrap_or(expected).round());
        let when = match sold.per_day {
            Some(_) => "Lately we used",
            None => "Today we use",
        };
        let mut text = format!(
            "We expect to use {forecast} (in {percent}% of cases no more). {when} {burn}{per_day} credits a day."
        );
        let meters = self.demands.meters[0].iter();
        let mut rates = meters.filter(|fitted| {
            fitted.id.owner == Family::Api
                && fitted.id.name == sold.name
                && fitted.id.kind == MeterKind::Rate
        });
        if let Some(rate) = rates.next() {
            let (peak, unit) = (rate.meter.demand.point, &rate.meter.unit);
            let at_least = if rate.meter.lower_bound {
                "at least "
            } else {
                ""
            };
            let (peak, unit) = readable(peak, unit);
            text.push_str(&format!(" At peak we make {at_least}{peak} {unit}."));
        }
        ForTheVendor {
            api: sold.name.to_owned(),
            planned_per_day: Some(expected).filter(|it| it.is_finite()),
            used_per_day: sold.per_day,
            text,
        }
    }
}

/// What each window has of the one before it.
const WINDOWS: [(&str, f64); 4] = [("s", 1.0), ("min", 60.0), ("h", 60.0), ("day", 24.0)];

/// A rate in the shortest window, from its own on, in which it is at least 1: `7 calls/day`, and
/// not `0.000081 calls/s`.
fn readable(rate: Option<f64>, unit: &str) -> (String, String) {
    let written = |rate, unit: &str| (number::quantity(rate, unit, ""), unit.to_owned());
    let (Some(mut rate), Some((counted, own))) = (rate, unit.rsplit_once('/')) else {
        return written(rate, unit);
    };
    let mut window = own;
    let own = WINDOWS.iter().position(|(name, _)| *name == own);
    for (longer, times) in own.map_or(&[][..], |own| &WINDOWS[own + 1..]) {
        if rate < 1.0 && rate > 0.0 {
            (rate, window) = (rate * times, longer);
        }
    }
    written(Some(rate), &format!("{counted}/{window}"))
}

fn at_least(is_bound: bool) -> &'static str {
    if is_bound { "at least " } else { "" }
}

/// `a, b and c`
fn listed(all: &[String]) -> String {
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn month_name(first: Date) -> String {
    let month = MONTHS[usize::from(first.month() - 1) % 12];
    format!("{month} {}", first.year())
}
