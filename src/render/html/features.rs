//! Who uses what: bars for the features of each API and model, with their data as a table.

use maud::{Markup, html};

use crate::collections::IndexMap;
use crate::report::Project;

use super::super::number::{self, plural};
use super::super::{text, view};
use super::table::Column::{Numbers, Words};
use super::table::{figure, table};
use super::{code, section};

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
    currency: &'a str,
    features: Vec<(&'a str, f64)>,
}

/// Credits of each API and spend of each model, by feature.
pub(super) fn features(project: &Project, index: usize) -> Markup {
    let sources = sources(project);
    if sources.is_empty() {
        return html! {};
    }
    let body = html! {
        div.grid {
            @for (number, source) in sources.iter().take(CHARTS).enumerate() {
                (source.card(&format!("s{index}-{number}")))
            }
        }
        @if sources.len() > CHARTS {
            p.note { (plural(sources.len() - CHARTS, "more source")) " not shown." }
        }
    };
    section(project, "features", "By feature", &body)
}

/// The lines' figures, added up by feature; those who take most first.
fn sources(project: &Project) -> Vec<Source<'_>> {
    let mut sources: IndexMap<_, Source<'_>> = IndexMap::default();
    for line in &project.lines {
        let (what, value, name) = match (line.per_day.credits, line.per_day.spend) {
            // A call's target begins with its API.
            (Some(credits), _) => {
                let api = line.target.split_once(':').map(|(api, _)| api);
                ("credits", credits, api.unwrap_or(&line.target))
            }
            (None, Some(spend)) => ("spend", spend, &*line.target),
            (None, None) => continue,
        };
        let source = sources.entry((what, name)).or_insert(Source {
            name,
            what,
            currency: &project.currency,
            features: Vec::new(),
        });
        let features = &mut source.features;
        // Lines are sorted by path: those of a feature follow each other.
        match features.last_mut() {
            Some((feature, sum)) if *feature == &*line.feature => *sum += value,
            _ => features.push((&line.feature, value)),
        }
    }
    sources.retain(|_, source| source.features.iter().any(|(_, value)| *value > 0.0));
    sources.sort_unstable_keys();
    for source in sources.values_mut() {
        source
            .features
            .sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(right.0)));
    }
    sources.into_values().collect()
}

impl Source<'_> {
    fn written(&self, value: f64) -> String {
        match self.what {
            "spend" => number::money(value, self.currency),
            _ => number::count(value),
        }
    }

    fn card(&self, id: &str) -> Markup {
        let name = text::name(self.name, 60);
        let title = format!("{name}: {} a day by feature", self.what);
        html! {
            figure.card.bars data-source=(text::clean(self.name)) {
                figcaption {
                    span { (code(self.name)) " " span.note { (self.what) " a day" } }
                }
                (self.drawing(&title, id))
                @if self.features.len() > BARS {
                    p.note { (plural(self.features.len() - BARS, "more feature")) " in the data." }
                }
                details {
                    summary { "Data" }
                    (self.data(&title))
                }
            }
        }
    }

    fn drawing(&self, title: &str, id: &str) -> Markup {
        let shown = &self.features[..self.features.len().min(BARS)];
        let most = shown.first().map_or(0.0, |(_, value)| *value);
        let told = |(name, value): &(&str, f64)| {
            format!("{} {}", text::name(name, 40), self.written(*value))
        };
        let told: Vec<String> = shown.iter().map(told).collect();
        html! {
            svg viewBox={ "0 0 " (WIDTH) " " (ROW * shown.len() as f64) } role="img"
                aria-labelledby={ (id) "-t " (id) "-d" } {
                title id={ (id) "-t" } { (title) }
                desc id={ (id) "-d" } { (told.join("; ")) "." }
                @for (index, (name, value)) in shown.iter().enumerate() {
                    (self.bar(index, name, *value, most))
                }
            }
        }
    }

    fn bar(&self, index: usize, name: &str, value: f64, most: f64) -> Markup {
        let top = ROW * index as f64;
        let label = format!("{:.1}", top + 12.0);
        let bar = format!("{:.1}", top + 17.0);
        // The longest may be infinite, or nothing.
        let share = if value < most {
            value / most
        } else {
            f64::from(u8::from(most > 0.0))
        };
        let length = share * WIDTH;
        html! {
            text.strong x="0" y=(label) { (text::name(name, 34)) }
            text x=(WIDTH) y=(label) text-anchor="end" { (self.written(value)) }
            path.track d={ "M0 " (bar) "H" (WIDTH) "v8H0Z" } {}
            path.bar data-feature=(text::clean(name)) data-value=[finite(value)]
                data-length=(format!("{length:.3}")) d={ "M0 " (bar) "H" (format!("{length:.1}")) "v8H0Z" } {}
        }
    }

    fn data(&self, title: &str) -> Markup {
        let total: f64 = self.features.iter().map(|(_, value)| value).sum();
        let share = |value: f64| Some(number::share(Some(value / finite(total)?)));
        let row = |(name, value): &(&str, f64)| {
            html! {
                tr {
                    th scope="row" { (code(name)) }
                    (figure(finite(*value), &self.written(*value)))
                    td.number { (share(*value).unwrap_or_default()) }
                }
            }
        };
        let rows: Vec<Markup> = self.features.iter().map(row).collect();
        let a_day = format!("{} a day", view::capital(self.what));
        let columns = [Words("Feature"), Numbers(&a_day), Numbers("Share")];
        table(title, &columns, &rows)
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
