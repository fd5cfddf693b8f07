//! The report as one self-contained page: no scripts, nothing loaded, charts drawn here.

mod changes;
mod chart;
mod features;
mod findings;
mod forecast;
mod meters;
mod purchases;
mod scenarios;
mod table;
mod tenants;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::named::Named;
use crate::report::{Project, Report, Verdict};

use super::human::Pen;
use super::number::plural;
use super::story::Story;
use super::view;
use super::{Options, diff, text};
pub(super) use table::labelled;

/// Declarations whose text is shown.
const EDITS: usize = 500;
/// The widest name.
const NAME: usize = 120;

/// Maud closes no void element, and the page is XML too.
pub(super) const META: PreEscaped<&str> = PreEscaped(
    r#"<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="referrer" content="no-referrer" />
"#,
);
const WORD_BREAK: PreEscaped<&str> = PreEscaped("<wbr />");

/// The report as an HTML page, which is well-formed XML too.
pub fn html(report: &Report, options: &Options) -> String {
    let body = html! {
        body.compared[report.base.is_some()] {
            (header(report, options))
            main #main {
                (findings::findings(report, options))
                @for (index, project) in report.projects.iter().enumerate() {
                    (project_part(report, project, (index, options)))
                }
            }
            (footer(report))
        }
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (META)
                title { "Capacity of " (subject(report)) }
                style { (PreEscaped(include_str!("html/style.css"))) }
            }
            // Maud escapes markup; what could act on a viewer is made visible here.
            (PreEscaped(text::clean(&body.0)))
        }
    };
    // No XML document may hold these two.
    let mut page = page.0.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    page.push('\n');
    page
}

fn subject(report: &Report) -> String {
    match report.projects.as_slice() {
        [project] => text::name(&project.name, NAME),
        projects => plural(projects.len(), "project"),
    }
}

fn header(report: &Report, options: &Options) -> Markup {
    let story = Story::of(report, options);
    let class = match story.outcome {
        Verdict::Breaks => "fail",
        Verdict::Tight => "warn",
        _ => "pass",
    };
    html! {
        header {
            a.skip href="#main" { "Skip to the report" }
            h1 { "Capacity of " (subject(report)) }
            p class={ "verdict " (class) } {
                span.mark aria-hidden="true" { (Pen::UNBOUNDED.mark(story.outcome)) }
                " " (marked(&story.title)) "."
            }
            @if let Some(because) = &story.because { p.lead { (marked(because)) } }
            @if let Some(headroom) = &story.headroom { p.lead { b { (marked(headroom)) } } }
            p.note {
                (view::tally(report, options)) ". " (compared(report)) ". "
                a href=(view::GLOSSARY) rel="noreferrer" { "How to read this" }
            }
        }
    }
}

/// A sentence with its names, which are in backticks, in the typeface for names.
fn marked(sentence: &str) -> Markup {
    html! {
        @for (index, part) in text::unbroken(sentence).split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn compared(report: &Report) -> String {
    let verb = match report.base {
        Some(_) => "Compared",
        None => "Checked",
    };
    format!("{verb} {}", view::compared(report))
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            @for note in report.notes.iter().take(10) {
                p { (view::capital(text::message(note).trim_end_matches('.'))) "." }
            }
            p { (compared(report)) }
        }
    }
}

fn project_part(report: &Report, project: &Project, (index, options): (usize, &Options)) -> Markup {
    let parts = html! {
        @if report.base.is_some() { (changes::changes(project)) }
        (changes::causes(project))
        (forecast::forecasts(project, index))
        div.whole { (features::features(project, index)) }
        (tenants::tenants(project))
        (scenarios::scenarios(project, report.base.is_some()))
        (purchases::purchases(project, report.base.is_some()))
        (meters::meters(project))
        (edits(project))
        (assumptions(project))
    };
    if report.projects.len() < 2 || parts.0.is_empty() {
        return parts;
    }
    let name = text::name(&project.name, NAME);
    // Not only its limits: a project whose limits hold can have errors.
    let counts = view::Counts::of_project(project, options);
    let outcome = view::project_outcome(project, &counts, options);
    let word = match outcome {
        Verdict::Breaks => "fails",
        Verdict::Tight => "passes with warnings",
        _ => "passes",
    };
    html! {
        section aria-label=(name) {
            h2 {
                "Project " code { (name) } " "
                span class={ "badge " (outcome.as_str()) } {
                    (Pen::UNBOUNDED.mark(outcome)) " " (word)
                }
            }
            (parts)
        }
    }
}

/// A part of a project's page, under a heading that links can point to.
fn section(project: &Project, part: &str, title: &str, body: &Markup) -> Markup {
    let id = view::anchor(part, project);
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (body)
        }
    }
}

fn badge(verdict: Verdict) -> Markup {
    html! {
        span class={ "badge " (verdict.as_str()) } {
            (Pen::UNBOUNDED.mark(verdict)) " " (view::word(verdict))
        }
    }
}

/// A meter as people call it.
fn named(name: &Named) -> Markup {
    html! { (code(&name.thing)) " " (name.what) }
}

/// A name in the typeface for names. A line may end after `.`, `_` and `/`.
fn code(name: &str) -> Markup {
    let breaks = ['.', '_', '/'];
    html! {
        code {
            @for part in text::name(name, NAME).split_inclusive(breaks) {
                (part)
                @if part.ends_with(breaks) { (WORD_BREAK) }
            }
        }
    }
}

fn edits(project: &Project) -> Markup {
    let edits = &project.edits;
    if edits.is_empty() {
        return html! {};
    }
    html! {
        details {
            summary { (plural(edits.len(), "declaration")) " changed" }
            @for edit in edits.iter().take(EDITS) {
                h3 { (diff::title(edit)) }
                pre tabindex="0" {
                    @for line in diff::unified(edit).lines() {
                        span class=(line_class(line)) { (line) }
                    }
                }
            }
            @if edits.len() > EDITS {
                p.note { (edits.len() - EDITS) " more are not shown." }
            }
        }
    }
}

fn line_class(line: &str) -> &'static str {
    match line.as_bytes().first() {
        Some(b'+') => "add",
        Some(b'-') => "del",
        Some(b'@') => "at",
        _ => "same",
    }
}

fn assumptions(project: &Project) -> Markup {
    if project.assumptions.is_empty() {
        return html! {};
    }
    html! {
        details {
            summary { (plural(project.assumptions.len(), "assumption")) }
            ul {
                @for assumption in &project.assumptions {
                    li { (text::message(assumption)) }
                }
            }
        }
    }
}
