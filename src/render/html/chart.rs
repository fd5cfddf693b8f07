//! The chart of a forecast, drawn as SVG.

use maud::{Markup, html};

use super::super::{number, text};
use super::forecast::{Moment, Series};

/// A chart's size and the margins of the plot, in pixels at its natural width.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 24.0;

struct Scale {
    top: f64,
    first: f64,
    last: f64,
    /// Where the days end: before the gap to the horizon, if there is one.
    end: f64,
}

impl Scale {
    fn of(moments: &[Moment<'_>]) -> Self {
        let values = moments.iter().flat_map(|moment| {
            let meter = moment.meter;
            [meter.demand.p50, meter.demand.p90, meter.limit]
        });
        let values = values.flatten().filter(|value| value.is_finite());
        let top = values.fold(0.0, f64::max);
        let days = moments.iter().filter_map(|it| it.day.map(f64::from));
        let days: Vec<f64> = days.collect();
        let has_horizon = days.len() < moments.len();
        let gap = if has_horizon { 70.0 } else { 0.0 };
        Self {
            top: if top > 0.0 {
                (top * 1.08).min(f64::MAX)
            } else {
                1.0
            },
            first: days.first().copied().unwrap_or(0.0),
            last: days.last().copied().unwrap_or(0.0),
            end: WIDTH - RIGHT - 8.0 - gap,
        }
    }

    fn x(&self, day: Option<u32>) -> f64 {
        let start = LEFT + 8.0;
        match day {
            None => WIDTH - RIGHT - 20.0,
            Some(_) if self.last <= self.first => start,
            Some(day) => {
                start
                    + (f64::from(day) - self.first) / (self.last - self.first) * (self.end - start)
            }
        }
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)
    }

    /// Round values for the grid; of seconds, round minutes, hours and days.
    fn ticks(&self, unit: &str) -> Vec<f64> {
        const SECONDS: [f64; 16] = [
            86_400.0, 43_200.0, 21_600.0, 10_800.0, 7200.0, 3600.0, 1800.0, 900.0, 600.0, 300.0,
            120.0, 60.0, 30.0, 15.0, 10.0, 5.0,
        ];
        let rough = self.top / 3.5;
        let power = number::ten_to(number::exponent(rough));
        let decimal = [5.0, 2.5, 2.0].map(|times| times * power);
        let round: &[f64] = if unit == "seconds" && (5.0..432_000.0).contains(&rough) {
            &SECONDS
        } else {
            &decimal
        };
        let step = round.iter().copied().find(|step| *step <= rough);
        let step = step.unwrap_or(power);
        let ticks = (0..8).map(|count| f64::from(count) * step);
        ticks.take_while(|tick| *tick <= self.top).collect()
    }
}

/// A moment in the plot. An infinite demand has no point; the table shows it.
struct Point<'a> {
    x: f64,
    p50: f64,
    p90: f64,
    moment: &'a Moment<'a>,
}

fn length(value: f64) -> String {
    format!("{value:.1}")
}

fn line(points: impl Iterator<Item = (f64, f64)>) -> String {
    let points: Vec<String> = points.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    format!("M{}", points.join("L"))
}

impl Series<'_> {
    pub(super) fn drawing(&self, name: &str, id: &str) -> Markup {
        let scale = Scale::of(&self.moments);
        let unit = &self.first.unit;
        html! {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-labelledby={ (id) "-t " (id) "-d" } {
                title id={ (id) "-t" } { (name) ": forecast against its limit" }
                desc id={ (id) "-d" } { (self.described()) }
                @for tick in scale.ticks(unit) {
                    @let y = scale.y(tick);
                    path.grid-line d={ "M" (LEFT) " " (length(y)) "H" (length(WIDTH - RIGHT)) } {}
                    text x=(length(LEFT - 8.0)) y=(length(y + 4.0)) text-anchor="end" {
                        (number::tick(tick, unit))
                    }
                }
                text x=(length(4.0)) y="11" { (self.axis()) }
                (self.curves(&scale))
                @if let Some(limit) = self.first.limit { (self.limit(limit, &scale)) }
                (self.days(&scale))
            }
        }
    }

    /// What the axis counts.
    fn axis(&self) -> String {
        let unit = &self.first.unit;
        match number::unit_beside(unit) {
            "" => text::name(unit, 24),
            beside if beside.starts_with('/') => {
                format!("{}{beside}", text::name(self.currency, 8))
            }
            beside => text::name(beside, 24),
        }
    }

    fn limit(&self, limit: f64, scale: &Scale) -> Markup {
        let y = scale.y(limit);
        let end = length(WIDTH - RIGHT);
        html! {
            path.limit data-limit=(limit) data-y=(format!("{y:.3}"))
                data-zero=(format!("{:.3}", scale.y(0.0)))
                d={ "M" (LEFT) " " (length(y)) "H" (end) } {}
            text.limit-label x=(end) y="11" text-anchor="end" {
                "limit " (self.quantity(Some(limit)))
            }
        }
    }

    /// The days below the plot, but for those whose labels would overlap.
    fn days(&self, scale: &Scale) -> Markup {
        let mut last = f64::NEG_INFINITY;
        let labels = self.moments.iter().filter_map(|moment| {
            let x = scale.x(moment.day);
            (x - last > 40.0).then(|| {
                last = x;
                (length(x), &moment.label)
            })
        });
        html! {
            @for (x, label) in labels {
                text x=(x) y=(length(HEIGHT - 6.0)) text-anchor="middle" { (label) }
            }
        }
    }

    fn curves(&self, scale: &Scale) -> Markup {
        let points = self.moments.iter().filter_map(|moment| {
            let demand = moment.meter.demand;
            let p50 = demand.p50?;
            Some(Point {
                x: scale.x(moment.day),
                p50: scale.y(p50),
                p90: scale.y(demand.p90.unwrap_or(p50)),
                moment,
            })
        });
        let points: Vec<Point<'_>> = points.collect();
        let has_day = |point: &&Point<'_>| point.moment.day.is_some();
        let days: Vec<_> = points.iter().filter(has_day).collect();
        let median = || days.iter().map(|point| (point.x, point.p50));
        let upper = days.iter().map(|point| (point.x, point.p90));
        let moments = self.moments.iter();
        let endless = moments.filter(|it| it.meter.demand.p50.is_none());
        let endless: Vec<&str> = endless.map(|moment| moment.label.as_str()).collect();
        html! {
            @if days.len() > 1 {
                path.band d={ (line(upper.chain(median().rev()))) "Z" } {}
                path.line d=(line(median())) {}
            }
            @if !endless.is_empty() {
                text.strong x=(length((LEFT + WIDTH - RIGHT) / 2.0)) y=(length(HEIGHT / 2.0))
                    text-anchor="middle" {
                    "demand without end: " (text::name(&endless.join(", "), 24))
                }
            }
            @for point in &points { (dot(point, median().next_back())) }
        }
    }

    fn described(&self) -> String {
        let told = |moment: &Moment<'_>| {
            let demand = moment.meter.demand;
            let (p50, p90) = (self.quantity(demand.p50), self.quantity(demand.p90));
            format!("{}: {p50} to {p90}", moment.label)
        };
        let told: Vec<String> = self.moments.iter().map(told).collect();
        let limit = self.quantity(self.first.limit);
        let told = told.join("; ");
        format!("Limit {limit}. Demand from p50 to p90, {told}.")
    }
}

/// The median at a moment; at a horizon, with its range and the gap to the last day.
fn dot(point: &Point<'_>, last_day: Option<(f64, f64)>) -> Markup {
    let (x, p50, moment) = (point.x, point.p50, point.moment);
    let demand = moment.meter.demand;
    html! {
        @if moment.day.is_none() {
            path.range d={ "M" (length(x)) " " (length(p50)) "V" (length(point.p90)) } {}
            @if let Some(last) = last_day {
                path.gap d=(line([last, (x, p50)].into_iter())) {}
            }
        }
        circle.dot cx=(length(x)) cy=(format!("{p50:.3}")) r="3.5"
            data-moment=(moment.label) data-p50=[demand.p50]
            data-p90=(demand.p90.map_or_else(String::new, |value| value.to_string())) {}
    }
}
