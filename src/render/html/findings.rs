//! The findings: what fails first, the others folded away.

use maud::{Markup, html};

use crate::finding::Severity;
use crate::report::{Finding, Project, Report, State, Waived};

use super::super::number::plural;
use super::super::view::{self, Standing};
use super::super::{Options, escape, text};
use super::{NAME, code, marked};

/// Findings that are not folded away, and those shown at all.
const OPEN: usize = 12;
const MOST: usize = 1000;

type Found<'a> = (&'a Project, &'a Finding);

pub(super) fn findings(report: &Report, options: &Options) -> Markup {
    let (serious, infos): (Vec<_>, Vec<_>) = view::findings(report, options, Standing::Active)
        .into_iter()
        .partition(|(_, finding)| finding.severity > Severity::Info);
    let (open, rest) = serious.split_at(serious.len().min(OPEN));
    let aside = [
        (Standing::Existing, "existing finding"),
        (Standing::Waived, "waived finding"),
        (Standing::Fixed, "fixed finding"),
    ];
    html! {
        section aria-labelledby="findings" {
            h2 #findings { "Findings" }
            @if serious.is_empty() { p { "None." } }
            (list(open, options))
            (folded("more finding", rest, options, true))
            (folded("info", &infos, options, false))
            @for (standing, noun) in aside {
                (folded(noun, &view::findings(report, options, standing), options, false))
            }
        }
    }
}

/// What is folded away; on paper it may be open.
fn folded(noun: &str, found: &[Found<'_>], options: &Options, printed: bool) -> Markup {
    html! {
        @if !found.is_empty() {
            details.open[printed] {
                summary { (plural(found.len(), noun)) }
                (list(found, options))
            }
        }
    }
}

fn list(found: &[Found<'_>], options: &Options) -> Markup {
    html! {
        @if !found.is_empty() {
            ol.findings {
                @for (project, finding) in found.iter().take(MOST) {
                    (item(project, finding, options))
                }
            }
        }
        @if found.len() > MOST {
            p.note { (found.len() - MOST) " more are not shown." }
        }
    }
}

fn item(project: &Project, finding: &Finding, options: &Options) -> Markup {
    let severity = finding.severity.as_str();
    let class = match finding.severity {
        Severity::Error => "badge breaks",
        Severity::Warning => "badge tight",
        _ => "badge unlimited",
    };
    let file = view::file(project, finding);
    html! {
        li class=(severity) {
            span class=(class) { (severity) } " "
            (linked(escape::address(&finding.url), &code(&finding.rule)))
            @if finding.state == Some(State::Worsened) {
                " " span.note { "worse than before" }
            }
            " " span.where { (place(&file, finding.line, options)) }
            p { (marked(&text::message(&finding.message))) }
            @for (index, line) in view::help(finding).iter().take(12).enumerate() {
                p.help {
                    @if index == 0 { b { "Help:" } " " }
                    (marked(line))
                }
            }
            @for related in finding.related.iter().take(8) {
                p.where {
                    "see " (place(&related.file, Some(related.line), options))
                    ": " (marked(&text::message(&related.message)))
                }
            }
            @if let Some(waived) = &finding.waived {
                p.where { "waived: " (text::message(&waiver(waived))) }
            }
        }
    }
}

/// `accepted until the move, platform, until 2026-12-31`.
fn waiver(waived: &Waived) -> String {
    let mut said = view::reason(Some(waived)).to_owned();
    if let Some(owner) = &waived.owner {
        said.push_str(&format!(", {owner}"));
    }
    if let Some(until) = &waived.until {
        said.push_str(&format!(", until {until}"));
    }
    said
}

/// A file and line, with a link if the address of files is known.
fn place(file: &str, line: Option<u32>, options: &Options) -> Markup {
    let number = line.map_or_else(String::new, |line| format!(":{line}"));
    let label = code(&format!("{}{number}", text::name(file, NAME - 10)));
    linked(view::link(file, line, None, options), &label)
}

fn linked(address: Option<String>, label: &Markup) -> Markup {
    html! {
        @match address {
            Some(address) => a href=(address) rel="noreferrer" { (label) },
            None => (label),
        }
    }
}
