//! Forecasts against limits: a chart for each meter, drawn as SVG, with its data as a table.

use std::fmt::Write as _;

use crate::report::{Meter, Project, Verdict};

use super::super::escape::html as escaped;
use super::super::number::{self, plural};
use super::super::{selection, text, view};
use super::{badge, code, tables};

/// Charts before the rest is counted.
const CHARTS: usize = 12;

/// A chart's size, and the room around the plot, in its own units (a pixel where it is drawn
/// at its natural width).
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 24.0;

/// One moment of a forecast.
struct Moment<'a> {
    label: String,
    /// The day from today; nothing for the storage's horizon, the day of which stands nowhere.
    day: Option<u32>,
    meter: &'a Meter,
}

/// A chart for each meter that has a limit: demand from p50 to p90 against the limit, today and
/// on the days to come. Those that come nearest to their limits are shown.
pub(super) fn forecasts(project: &Project, index: usize) -> String {
    let mut series: Vec<Vec<Moment<'_>>> = project
        .meters
        .iter()
        .filter(|meter| meter.limit.is_some())
        .map(|meter| moments(project, meter))
        .filter(|moments| moments.len() > 1)
        .collect();
    if series.is_empty() {
        return String::new();
    }
    let worst = |moments: &[Moment<'_>]| {
        moments
            .iter()
            .map(|moment| selection::fullness(moment.meter.utilization, moment.meter.verdict))
            .fold(-1.0, f64::max)
    };
    // Stable: equals stay in the order of their ids.
    series.sort_by(|left, right| worst(right).total_cmp(&worst(left)));
    let id = view::anchor("forecast", project);
    let mut out = format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">Forecast against limits</h2>\n{}<div class=\"grid\">\n",
        KEY
    );
    for (number, moments) in series.iter().take(CHARTS).enumerate() {
        out.push_str(&forecast(project, moments, &format!("f{index}-{number}")));
    }
    out.push_str("</div>\n");
    if series.len() > CHARTS {
        let _ = writeln!(
            out,
            "<p class=\"note\">{} with a limit: see the tables.</p>",
            plural(series.len() - CHARTS, "meter").replacen(' ', " more ", 1)
        );
    }
    out.push_str("</section>\n");
    out
}

/// What the lines of a forecast are.
const KEY: &str = "<ul class=\"key\">\n\
<li><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"line\" d=\"M0 5H26\" /></svg>median demand (p50)</li>\n\
<li><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"band\" d=\"M0 0H26V10H0Z\" /></svg>up to p90</li>\n\
<li><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"limit\" d=\"M0 5H26\" /></svg>limit</li>\n</ul>\n";

/// Today and the days to come; of storage, which looks ahead anyway, the days and its horizon.
fn moments<'a>(project: &'a Project, today: &'a Meter) -> Vec<Moment<'a>> {
    let ahead = today.kind == "storage";
    let mut moments = Vec::new();
    if !ahead {
        moments.push(Moment {
            label: "today".to_owned(),
            day: Some(0),
            meter: today,
        });
    }
    for horizon in &project.horizons {
        // Meters are sorted by id.
        let place = horizon
            .meters
            .binary_search_by(|meter| meter.id.cmp(&today.id));
        let meter = place.ok().map(|at| &horizon.meters[at]);
        if let Some(meter) = meter {
            moments.push(Moment {
                label: format!("day {}", horizon.day),
                day: Some(horizon.day),
                meter,
            });
        }
    }
    if ahead {
        moments.push(Moment {
            label: "horizon".to_owned(),
            day: None,
            meter: today,
        });
    }
    moments
}

/// Where values and days are drawn.
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
            [
                moment.meter.demand.p50,
                moment.meter.demand.p90,
                moment.meter.limit,
            ]
            .into_iter()
            .flatten()
        });
        let top = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let days: Vec<f64> = moments
            .iter()
            .filter_map(|moment| moment.day.map(f64::from))
            .collect();
        let gap = if days.len() < moments.len() {
            70.0
        } else {
            0.0
        };
        Self {
            top: if top > 0.0 { top * 1.08 } else { 1.0 },
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
        let mut power = 1.0;
        while power > rough {
            power /= 10.0;
        }
        while power * 10.0 <= rough {
            power *= 10.0;
        }
        let decimal = [5.0, 2.5, 2.0].map(|times| times * power);
        let round: &[f64] = if unit == "seconds" && (5.0..432_000.0).contains(&rough) {
            &SECONDS
        } else {
            &decimal
        };
        let step = round
            .iter()
            .copied()
            .find(|step| *step <= rough)
            .unwrap_or(power);
        (0..8)
            .map(|count| f64::from(count) * step)
            .take_while(|value| *value <= self.top)
            .collect()
    }
}

fn forecast(project: &Project, moments: &[Moment<'_>], id: &str) -> String {
    let Some(now) = moments
        .iter()
        .find(|moment| moment.day.is_none_or(|day| day == 0))
        .or(moments.first())
    else {
        return String::new();
    };
    let name = text::name(&now.meter.id, 60);
    format!(
        "<figure class=\"card\" data-meter=\"{0}\">\n<figcaption>{1} {2}</figcaption>\n{3}{4}</figure>\n",
        escaped(&now.meter.id),
        code(&name),
        judged(moments),
        drawing(project, moments, &name, id),
        data(project, moments, &name),
    )
}

/// The worst verdict, and from when on where that is not now.
fn judged(moments: &[Moment<'_>]) -> String {
    let worst = moments
        .iter()
        .map(|moment| moment.meter.verdict)
        .max()
        .unwrap_or(Verdict::Unlimited);
    let first = moments.iter().find(|moment| moment.meter.verdict == worst);
    let when = match first.map(|moment| moment.day) {
        _ if worst <= Verdict::Fits => String::new(),
        Some(Some(day)) if day > 0 => format!(" <span class=\"note\">by day {day}</span>"),
        Some(None) => " <span class=\"note\">at the horizon</span>".to_owned(),
        _ => String::new(),
    };
    format!("<span>{}{when}</span>", badge(worst))
}

fn drawing(project: &Project, moments: &[Moment<'_>], name: &str, id: &str) -> String {
    let scale = Scale::of(moments);
    let first = &moments[0].meter;
    let quantity = |value| number::quantity(value, &first.unit, &project.currency);
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{}: forecast against its limit</title>\n<desc id=\"{id}-d\">{}</desc>\n",
        escaped(name),
        escaped(&described(project, moments)),
    );
    for tick in scale.ticks(&first.unit) {
        let y = scale.y(tick);
        let label = number::tick(tick, &first.unit);
        let _ = writeln!(
            out,
            "<path class=\"grid-line\" d=\"M{LEFT} {y:.1}H{:.1}\" /><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0,
            escaped(&label)
        );
    }
    out.push_str(&curves(moments, &scale));
    if let Some(limit) = first.limit {
        let (y, zero, end) = (scale.y(limit), scale.y(0.0), WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<path class=\"limit\" data-limit=\"{limit}\" data-y=\"{y:.3}\" data-zero=\"{zero:.3}\" d=\"M{LEFT} {y:.1}H{end:.1}\" />\
             <text class=\"limit-label\" x=\"{end:.1}\" y=\"11\" text-anchor=\"end\">limit {}</text>",
            escaped(&quantity(Some(limit)))
        );
    }
    let mut free = f64::NEG_INFINITY;
    for moment in moments {
        let x = scale.x(moment.day);
        // Days that are declared close to each other would write over each other.
        if x - free > 40.0 {
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - 6.0,
                escaped(&moment.label)
            );
            free = x;
        }
    }
    out.push_str("</svg>\n");
    out
}

/// The band, the median and its points. What is infinite is drawn nowhere; the table says so.
fn curves(moments: &[Moment<'_>], scale: &Scale) -> String {
    let mut out = String::new();
    let points: Vec<(f64, f64, f64, &Moment<'_>)> = moments
        .iter()
        .filter_map(|moment| {
            let demand = moment.meter.demand;
            let (p50, p90) = (demand.p50?, demand.p90.or(demand.p50)?);
            Some((scale.x(moment.day), scale.y(p50), scale.y(p90), moment))
        })
        .collect();
    let days: Vec<_> = points
        .iter()
        .filter(|point| point.3.day.is_some())
        .collect();
    if days.len() > 1 {
        let upper = days.iter().map(|(x, _, y, _)| format!("{x:.1} {y:.1}"));
        let lower = days
            .iter()
            .rev()
            .map(|(x, y, _, _)| format!("{x:.1} {y:.1}"));
        let outline: Vec<String> = upper.chain(lower).collect();
        let _ = writeln!(out, "<path class=\"band\" d=\"M{}Z\" />", outline.join("L"));
        let line: Vec<String> = days
            .iter()
            .map(|(x, y, _, _)| format!("{x:.1} {y:.1}"))
            .collect();
        let _ = writeln!(out, "<path class=\"line\" d=\"M{}\" />", line.join("L"));
    }
    let endless: Vec<&str> = moments
        .iter()
        .filter(|moment| moment.meter.demand.p50.is_none())
        .map(|moment| moment.label.as_str())
        .collect();
    if !endless.is_empty() {
        let _ = writeln!(
            out,
            "<text class=\"strong\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">demand without end: {}</text>",
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT / 2.0,
            escaped(&text::name(&endless.join(", "), 24))
        );
    }
    for (x, p50, p90, moment) in &points {
        if moment.day.is_none() {
            let _ = writeln!(
                out,
                "<path class=\"range\" d=\"M{x:.1} {p50:.1}V{p90:.1}\" />"
            );
            if let Some((from, y, _, _)) = days.last() {
                let _ = writeln!(
                    out,
                    "<path class=\"gap\" d=\"M{from:.1} {y:.1}L{x:.1} {p50:.1}\" />"
                );
            }
        }
        let demand = moment.meter.demand;
        let raw = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let _ = writeln!(
            out,
            "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{p50:.3}\" r=\"3.5\" data-moment=\"{}\" data-p50=\"{}\" data-p90=\"{}\" />",
            escaped(&moment.label),
            raw(demand.p50),
            raw(demand.p90)
        );
    }
    out
}

/// The chart in a sentence.
fn described(project: &Project, moments: &[Moment<'_>]) -> String {
    let meter = moments[0].meter;
    let quantity = |value| number::quantity(value, &meter.unit, &project.currency);
    let told: Vec<String> = moments
        .iter()
        .map(|moment| {
            let demand = moment.meter.demand;
            format!(
                "{}: {} to {}",
                moment.label,
                quantity(demand.p50),
                quantity(demand.p90)
            )
        })
        .collect();
    format!(
        "Limit {}. Demand from p50 to p90, {}.",
        quantity(meter.limit),
        told.join("; ")
    )
}

/// The chart's data.
fn data(project: &Project, moments: &[Moment<'_>], name: &str) -> String {
    let rows: Vec<String> = moments
        .iter()
        .map(|moment| {
            let meter = moment.meter;
            let quantity = |value: Option<f64>| {
                tables::figure(
                    value,
                    &number::quantity(value, &meter.unit, &project.currency),
                )
            };
            format!(
                "<tr><th scope=\"row\">{}</th>{}{}{}{}<td>{}</td></tr>\n",
                escaped(&moment.label),
                quantity(meter.demand.p50),
                quantity(meter.demand.p90),
                meter.limit.map_or_else(
                    || tables::figure(None, "none"),
                    |limit| quantity(Some(limit))
                ),
                tables::figure(meter.utilization, &selection::used(meter)),
                badge(meter.verdict)
            )
        })
        .collect();
    let header = [
        tables::words("When"),
        tables::numbers("p50"),
        tables::numbers("p90"),
        tables::numbers("Limit"),
        tables::numbers("Used"),
        tables::words("Verdict"),
    ]
    .concat();
    let unit = match number::unit_beside(&moments[0].meter.unit) {
        unit if unit.is_empty() || unit.starts_with('/') => String::new(),
        unit => format!(", in {}", text::clean(unit)),
    };
    format!(
        "<details><summary>Data{}</summary>\n{}</details>\n",
        escaped(&unit),
        tables::boxed(&format!("Forecast of {name}"), &header, &rows)
    )
}
