//! A review as one page: no scripts, nothing loaded, to be read on a phone and printed on A4.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use crate::review::report::{Bridge, Review};
use crate::sheet::{Cell, Tab};
use crate::words::number;

use super::super::html::{META, labelled};
use super::super::sheet::shown;
use super::super::text;
use super::parts::factor;
use super::{BRIDGES, Section, sections, title};

/// How much text stays on one line.
const SHORT: usize = 28;

pub(crate) fn html(review: &Review) -> String {
    let title = title(review);
    let mut charts = review.projects.iter().flat_map(|it| &it.bridges);
    let body = markup! {
        body {
            header { h1 { (title) } }
            main {
                @for (index, section) in sections(review).iter().enumerate() {
                    (part(section, index, &mut charts))
                }
            }
        }
    };
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                (META)
                title { (text::clean(&title)) }
                style {
                    (PreEscaped(include_str!("../html/style.css")))
                    (PreEscaped(include_str!("review.css")))
                }
            }
            (PreEscaped(text::clean(&body.0)))
        }
    };
    // No XML document may hold these two.
    let mut page = page.0.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    page.push('\n');
    page
}

fn part<'b>(
    section: &Section,
    index: usize,
    charts: &mut impl Iterator<Item = &'b Bridge>,
) -> Markup {
    let has_charts = section.title.ends_with(BRIDGES);
    markup! {
        section.review.sheet[section.begins_page] {
            h2 { (section.title) }
            @if index == 0 {
                @for words in &section.words { p.lead { (marked(words)) } }
            } @else if !section.words.is_empty() {
                ul { @for words in &section.words { li { (marked(words)) } } }
            }
            @for tab in section.tabs.iter().filter(|tab| !tab.rows.is_empty()) {
                @if !tab.title.is_empty() { h3 { (tab.title) } }
                (table(tab, &section.title))
                @if let Some(bridge) = has_charts.then(|| charts.next()).flatten() {
                    (drawing(bridge))
                }
            }
        }
    }
}

/// A sentence with its names, which are in backticks, in the typeface for names.
fn marked(sentence: &str) -> Markup {
    markup! {
        @for (index, part) in sentence.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn table(tab: &Tab, section: &str) -> Markup {
    let label = match tab.title.as_str() {
        "" => section,
        title => title,
    };
    let titles: Vec<&str> = tab.columns.iter().map(|it| &**it).collect();
    let is_number = |at: usize| {
        let cells = tab.rows.iter().filter_map(|row| row.get(at));
        cells.into_iter().any(|cell| !matches!(cell, Cell::Text(_)))
    };
    markup! {
        div.scroll.stack[titles.len() > 2] role="region" aria-label=(label) tabindex="0" {
            table {
                thead {
                    tr {
                        @for (at, name) in tab.columns.iter().enumerate() {
                            th scope="col" class=[is_number(at).then_some("number")] { (name) }
                        }
                    }
                }
                tbody {
                    @for row in &tab.rows {
                        (labelled(&markup! {
                            tr { @for (at, cell) in row.iter().enumerate() { (of(cell, is_number(at))) } }
                        }, &titles))
                    }
                }
            }
        }
    }
}

/// A cell, in a column of numbers or of words.
fn of(cell: &Cell, is_number: bool) -> Markup {
    match cell {
        Cell::Text(text) if is_number => markup! { td.number { (marked(text)) } },
        Cell::Text(text) => {
            let is_long = text.chars().count() > SHORT;
            markup! { td class=[is_long.then_some("name")] { (marked(text)) } }
        }
        Cell::Number(value) | Cell::Bytes(value) | Cell::Money(value) | Cell::Share(value) => {
            markup! { td.number data-value=[value] { (shown(cell)) } }
        }
        Cell::AtLeast { .. } | Cell::Figure(_) => {
            let shown = shown(cell);
            let digits = shown.trim_start_matches('≥').trim_end_matches(" (over)");
            let value = digits.replace(',', "").parse::<f64>().ok();
            markup! { td.number data-value=[value] { (shown) } }
        }
    }
}

const WIDTH: f64 = 640.0;
const BAR: f64 = 22.0;
const LEFT: f64 = 90.0;
/// Room for what a bar comes to.
const RIGHT: f64 = 70.0;

/// What a bar comes to: of one that begins elsewhere than at nothing by how much it moves.
fn amount(from: f64, to: f64) -> String {
    match from == 0.0 {
        true => number::count(to),
        false if to < from => format!("-{}", number::count(from - to)),
        false => format!("+{}", number::count(to - from)),
    }
}

/// Forecast and actual as bars, and between them what moved it. The table has the figures.
fn drawing(bridge: &Bridge) -> Markup {
    let mut at = bridge.forecast;
    let mut bars = vec![("forecast", 0.0, at)];
    let changes: f64 = bridge.changes.iter().map(|it| it.effect).sum();
    let effects = bridge
        .effects
        .iter()
        .map(|it| (factor(it.factor), it.effect));
    for (name, effect) in std::iter::once(("merged", changes)).chain(effects) {
        if effect != 0.0 {
            bars.push((name, at, at + effect));
            at += effect;
        }
    }
    bars.push(("actual", 0.0, bridge.actual));
    let ends = bars.iter().flat_map(|(_, from, to)| [*from, *to]);
    let most = ends.fold(0.0, f64::max);
    let scale = |value: f64| LEFT + value.max(0.0) / most * (WIDTH - LEFT - RIGHT);
    let height = bars.len() as f64 * BAR;
    markup! {
        @if most > 0.0 && most.is_finite() {
            svg.bridge viewBox={ "0 0 " (WIDTH) " " (height) } role="img"
                aria-label={ (bridge.meter) ": from forecast to actual; the table has the figures" } {
                @for (index, (name, from, to)) in bars.iter().enumerate() {
                    @let y = index as f64 * BAR;
                    @let (low, high) = (scale(from.min(*to)), scale(from.max(*to)));
                    text x=(format!("{:.1}", LEFT - 8.0)) y=(format!("{:.1}", y + 15.0))
                        text-anchor="end" { (name) }
                    text.strong x=(format!("{:.1}", high + 6.0)) y=(format!("{:.1}", y + 15.0)) {
                        (amount(*from, *to))
                    }
                    rect class=(if to < from { "less" } else if *from > 0.0 { "more" } else { "whole" })
                        x=(format!("{low:.1}")) y=(format!("{:.1}", y + 3.0))
                        width=(format!("{:.1}", (high - low).max(1.0))) height=(format!("{:.1}", BAR - 6.0)) {}
                }
            }
        }
    }
}
