//! Forecasts against limits: a chart for each meter, with its data as a table.

use maud::{Markup, html};

use crate::report::{Meter, Project, Verdict, named};

use super::super::number::{self, plural};
use super::super::rows::Figures;
use super::super::{selection, text};
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{badge, section};

const CHARTS: usize = 12;

/// A chart for each meter that has a limit: demand from p50 to p90 against the limit, today and
/// on future days. Those nearest to their limits are shown.
pub(super) fn forecasts(project: &Project, index: usize) -> Markup {
    let of = |meter| Series::of(project, meter);
    let mut all: Vec<Series<'_>> = project.meters.iter().filter_map(of).collect();
    if all.is_empty() {
        return html! {};
    }
    // Stable: equals stay in the order of their ids.
    all.sort_by(|left, right| right.fullest().total_cmp(&left.fullest()));
    let body = html! {
        (key())
        div.grid {
            @for (number, series) in all.iter().take(CHARTS).enumerate() {
                @let is_moved = selection::change(project, &series.first.id).is_some();
                (series.card(&format!("f{index}-{number}"), is_moved))
            }
        }
        @if all.len() > CHARTS {
            p.note.whole { (plural(all.len() - CHARTS, "more meter")) " with a limit: see the tables." }
        }
    };
    section(project, "forecast", "Forecast against limits", &body)
}

fn key() -> Markup {
    let lines = [
        ("line", "M0 5H26", "median demand (p50)"),
        ("band", "M0 0H26V10H0Z", "up to p90"),
        ("limit", "M0 5H26", "limit"),
    ];
    html! {
        ul.key {
            @for (class, path, meaning) in lines {
                li {
                    svg viewBox="0 0 26 10" aria-hidden="true" { path class=(class) d=(path) {} }
                    (meaning)
                }
            }
        }
    }
}

pub(super) struct Moment<'a> {
    pub(super) label: String,
    /// The day from today; nothing for the horizon of storage, which is far beyond the others.
    pub(super) day: Option<u32>,
    pub(super) meter: &'a Meter,
}

pub(super) struct Series<'a> {
    pub(super) currency: &'a str,
    confidence: f64,
    /// The meter at the first of the moments.
    pub(super) first: &'a Meter,
    /// Two or more.
    pub(super) moments: Vec<Moment<'a>>,
}

impl<'a> Series<'a> {
    /// Today and future days; for storage, which looks ahead anyway, the days and its horizon.
    /// Nothing for a meter without a limit or without future days.
    fn of(project: &'a Project, today: &'a Meter) -> Option<Self> {
        today.limit?;
        let now = |label: &str, day| Moment {
            label: label.to_owned(),
            day,
            meter: today,
        };
        let days = project.horizons.iter().filter_map(|horizon| {
            Some(Moment {
                label: format!("day {}", horizon.day),
                day: Some(horizon.day),
                meter: selection::find(&horizon.meters, &today.id)?,
            })
        });
        let moments: Vec<_> = if let Some(day) = today.day {
            days.chain([now(&format!("in {}", named::days(day)), None)])
                .collect()
        } else {
            std::iter::once(now("today", Some(0))).chain(days).collect()
        };
        let first = moments.first()?.meter;
        (moments.len() > 1).then_some(Self {
            currency: &project.currency,
            confidence: project.confidence,
            first,
            moments,
        })
    }

    pub(super) fn quantity(&self, value: Option<f64>) -> String {
        number::quantity(value, &self.first.unit, self.currency)
    }

    /// How near the meter comes to its limit.
    fn fullest(&self) -> f64 {
        let meters = self.moments.iter().map(|moment| moment.meter);
        let shares = meters.map(|it| selection::fullness(it.utilization, it.verdict));
        shares.fold(-1.0, f64::max)
    }

    fn card(&self, id: &str, is_moved: bool) -> Markup {
        let named = self.first.named().short();
        let worst = self.moments.iter().map(|moment| moment.meter.verdict).max();
        let is_quiet = !is_moved && worst < Some(Verdict::Tight);
        let name = format!("{} {}", named.thing, named.what);
        html! {
            figure.card.whole[is_quiet] data-meter=(text::clean(&self.first.id)) {
                figcaption { span.name { (super::named(&named)) } " " (self.judged()) }
                (self.drawing(&name, id))
                (self.data(&name))
            }
        }
    }

    /// The worst verdict, and the day from which it applies if that is not today.
    fn judged(&self) -> Markup {
        let verdicts = self.moments.iter().map(|moment| moment.meter.verdict);
        let worst = verdicts.max().unwrap_or(Verdict::Unlimited);
        let is_worst = |moment: &&Moment<'_>| moment.meter.verdict == worst;
        let first = self.moments.iter().find(is_worst);
        let when = match first.map(|moment| moment.day) {
            _ if worst <= Verdict::Fits => None,
            Some(Some(day)) if day > 0 => Some(format!("by day {day}")),
            Some(None) => first.map(|moment| moment.label.clone()),
            _ => None,
        };
        html! {
            span {
                (badge(worst))
                @if let Some(when) = when { " " span.note { (when) } }
            }
        }
    }

    fn data(&self, name: &str) -> Markup {
        let is_certain = |moment: &Moment<'_>| {
            let demand = moment.meter.demand;
            demand.p50 == demand.p90 && demand.p50 == demand.p95
        };
        let certain = self.moments.iter().all(is_certain);
        let row = |moment: &Moment<'_>| {
            let Meter { demand, limit, .. } = moment.meter;
            let shown = |value| figure(value, &self.quantity(value));
            let judged = Figures::of(moment.meter, self.confidence);
            html! {
                tr {
                    th scope="row" { (moment.label) }
                    @if !certain { (shown(demand.p50)) (shown(demand.p90)) }
                    (shown(judged.demand))
                    @if limit.is_some() { (shown(judged.limit)) } @else { (figure(None, "none")) }
                    (figure(moment.meter.utilization, &selection::used(moment.meter)))
                    td { (badge(moment.meter.verdict)) }
                }
            }
        };
        let rows: Vec<Markup> = self.moments.iter().map(row).collect();
        let demand = match certain {
            true => "Demand".to_owned(),
            false => format!("Demand (p{:.0})", self.confidence * 100.0),
        };
        let mut columns = vec![Words("When")];
        if !certain {
            columns.extend([Numbers("p50"), Numbers("p90")]);
        }
        columns.extend([
            Numbers(&demand),
            Numbers("Limit"),
            Numbers("Used"),
            Words("Verdict"),
        ]);
        let unit = number::unit_beside(&self.first.unit);
        html! {
            details {
                summary {
                    "Data"
                    @if !unit.is_empty() && !unit.starts_with('/') { ", in " (unit) }
                }
                (table(&format!("Forecast of {name}"), &columns, &rows))
            }
        }
    }
}
