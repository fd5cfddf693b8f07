//! Who uses what: bars for the features of each API and model, with their data as a table.

use std::fmt::Write as _;

use crate::collections::HashMap;
use crate::report::Project;

use super::super::escape::html as escaped;
use super::super::number::{self, plural};
use super::super::{text, view};
use super::{code, tables};

/// Charts, and bars of one chart, before the rest is counted.
const CHARTS: usize = 12;
const BARS: usize = 12;

/// A chart's width and the height of one bar with its label, in pixels at its natural size.
const WIDTH: f64 = 340.0;
const ROW: f64 = 34.0;

/// What the features take of one API's credits or of one model's money, in a day.
struct Source<'a> {
    name: &'a str,
    /// `credits` or `spend`.
    what: &'static str,
    features: Vec<(&'a str, f64)>,
}

/// Credits of each API and spend of each model, by feature.
pub(super) fn shares(project: &Project, index: usize) -> String {
    let sources = sources(project);
    if sources.is_empty() {
        return String::new();
    }
    let id = view::anchor("features", project);
    let mut out = format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">By feature</h2>\n<div class=\"grid\">\n"
    );
    for (number, source) in sources.iter().take(CHARTS).enumerate() {
        out.push_str(&chart(project, source, &format!("s{index}-{number}")));
    }
    out.push_str("</div>\n");
    if sources.len() > CHARTS {
        let left = plural(sources.len() - CHARTS, "more source");
        let _ = writeln!(out, "<p class=\"note\">{left} not shown.</p>");
    }
    out.push_str("</section>\n");
    out
}

/// The lines' figures, added up by feature; those who take most first.
fn sources(project: &Project) -> Vec<Source<'_>> {
    let mut places = HashMap::default();
    let mut sources: Vec<Source<'_>> = Vec::new();
    for line in &project.lines {
        let (what, value, name) = match (line.per_day.credits, line.per_day.spend) {
            // A call's target begins with its API.
            (Some(credits), _) => {
                let api = line
                    .target
                    .split_once(':')
                    .map_or(&*line.target, |(api, _)| api);
                ("credits", credits, api)
            }
            (None, Some(spend)) => ("spend", spend, &*line.target),
            (None, None) => continue,
        };
        let place = *places.entry((what, name)).or_insert_with(|| {
            sources.push(Source {
                name,
                what,
                features: Vec::new(),
            });
            sources.len() - 1
        });
        let features = &mut sources[place].features;
        // Lines are sorted by path: those of a feature follow each other.
        match features.last_mut() {
            Some((feature, sum)) if *feature == &*line.feature => *sum += value,
            _ => features.push((&line.feature, value)),
        }
    }
    sources.retain(|source| source.features.iter().any(|(_, value)| *value > 0.0));
    sources.sort_by_key(|source| (source.what, source.name));
    for source in &mut sources {
        source
            .features
            .sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(right.0)));
    }
    sources
}

impl Source<'_> {
    fn written(&self, project: &Project, value: f64) -> String {
        match self.what {
            "spend" => number::money(value, &project.currency),
            _ => number::count(value),
        }
    }
}

fn chart(project: &Project, source: &Source<'_>, id: &str) -> String {
    let title = format!(
        "{}: {} a day by feature",
        text::name(source.name, 60),
        source.what
    );
    let left = source.features.len().saturating_sub(BARS);
    let more = if left > 0 {
        format!(
            "<p class=\"note\">{} in the data.</p>\n",
            plural(left, "more feature")
        )
    } else {
        String::new()
    };
    format!(
        "<figure class=\"card bars\" data-source=\"{}\">\n\
         <figcaption><span>{} <span class=\"note\">{} a day</span></span></figcaption>\n{}{more}\
         <details><summary>Data</summary>\n{}</details>\n</figure>\n",
        escaped(source.name),
        code(source.name),
        source.what,
        drawing(project, source, &title, id),
        data(project, source, &title),
    )
}

fn drawing(project: &Project, source: &Source<'_>, title: &str, id: &str) -> String {
    let shown = &source.features[..source.features.len().min(BARS)];
    let most = shown.first().map_or(0.0, |(_, value)| *value);
    let told: Vec<String> = shown
        .iter()
        .map(|(name, value)| {
            format!(
                "{} {}",
                text::name(name, 40),
                source.written(project, *value)
            )
        })
        .collect();
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}.</desc>\n",
        ROW * shown.len() as f64,
        escaped(title),
        escaped(&told.join("; "))
    );
    for (index, (name, value)) in shown.iter().enumerate() {
        let top = ROW * index as f64;
        let (label, bar) = (top + 12.0, top + 17.0);
        let length = if most > 0.0 {
            value / most * WIDTH
        } else {
            0.0
        };
        let _ = writeln!(
            out,
            "<text class=\"strong\" x=\"0\" y=\"{label:.1}\">{}</text>\
             <text x=\"{WIDTH}\" y=\"{label:.1}\" text-anchor=\"end\">{}</text>\
             <path class=\"track\" d=\"M0 {bar:.1}H{WIDTH}v8H0Z\" />\
             <path class=\"bar\" data-feature=\"{}\" data-value=\"{value}\" data-length=\"{length:.3}\" \
             d=\"M0 {bar:.1}H{length:.1}v8H0Z\" />",
            escaped(&text::name(name, 34)),
            escaped(&source.written(project, *value)),
            escaped(name)
        );
    }
    out.push_str("</svg>\n");
    out
}

fn data(project: &Project, source: &Source<'_>, title: &str) -> String {
    let total: f64 = source.features.iter().map(|(_, value)| value).sum();
    let rows: Vec<String> = source
        .features
        .iter()
        .map(|(name, value)| {
            let share = if total > 0.0 {
                number::share(Some(value / total))
            } else {
                String::new()
            };
            format!(
                "<tr><th scope=\"row\">{}</th>{}<td class=\"number\">{}</td></tr>\n",
                code(name),
                tables::figure(Some(*value), &source.written(project, *value)),
                escaped(&share)
            )
        })
        .collect();
    let header = [
        tables::words("Feature"),
        tables::numbers(&format!("{} a day", view::capital(source.what))),
        tables::numbers("Share"),
    ]
    .concat();
    tables::boxed(title, &header, &rows)
}
