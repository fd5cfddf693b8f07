//! What to fix: problem, fix, place; one row for each cause.

use crate::finding::Severity;
use crate::report::{Finding, Project, Report};

use super::super::number::plural;
use super::super::view::{self, Standing};
use super::super::{Options, text, together};
use super::budget::{Group, Section};
use super::{linked, place, rule, short_place, value};
use crate::render::escape::{self, Context, backticks, prose};

/// Findings of one rule that have rows of their own; more of them share one.
const ALIKE: usize = 3;
/// Things and places that one row names.
const NAMED: usize = 5;
/// Rows that are not folded away.
const OPEN: usize = 10;
const RELATED: usize = 4;

type Found<'a> = (&'a Project, &'a Finding);

/// `is_told` is whether the change behind the first is said before.
pub(super) fn to_fix(report: &Report, options: &Options, is_told: bool) -> Section {
    let found = listed(report, options, |it| it > Severity::Info);
    let items = causes(&found).into_iter().enumerate();
    let several = report.projects.len() > 1;
    let items = items.map(|(index, cause)| row(&cause, options, index == 0 && is_told, several));
    let head = "| To fix | What to do | Where |\n|:--|:--|:--|\n".to_owned();
    let groups = vec![Group {
        head,
        items: items.collect(),
    }];
    Section::new("", "problem", groups, OPEN)
}

fn listed<'a>(
    report: &'a Report,
    options: &Options,
    wanted: fn(Severity) -> bool,
) -> Vec<Found<'a>> {
    let found = view::findings(report, options, Standing::Active).into_iter();
    found
        .filter(|(_, finding)| wanted(finding.severity))
        .collect()
}

/// Findings by what they have in common: of one rule and severity, where those are many, else what
/// one edit ends.
fn causes<'a>(found: &[Found<'a>]) -> Vec<Vec<Found<'a>>> {
    let mut rows: Vec<Vec<Found<'a>>> = Vec::new();
    for cause in by_rule(found) {
        match cause[..] {
            [(project, one)] => {
                let same = rows.iter_mut().find(|row| match row[..] {
                    [(of, first), ..] => {
                        std::ptr::eq(of, project) && together::is_ended_by(first, one)
                    }
                    [] => false,
                });
                match same {
                    Some(row) => row.push((project, one)),
                    None => rows.push(cause),
                }
            }
            _ => rows.push(cause),
        }
    }
    rows
}

fn by_rule<'a>(found: &[Found<'a>]) -> Vec<Vec<Found<'a>>> {
    let key = |(_, finding): &Found<'a>| (finding.severity, finding.rule.as_str());
    let count = |of: &Found<'a>| found.iter().filter(|other| key(other) == key(of)).count();
    let mut causes: Vec<Vec<Found<'a>>> = Vec::new();
    let mut many: Option<((Severity, &str), bool)> = None;
    for one in found {
        // Sorted by severity and rank: those of one rule need not be neighbours.
        let is_many = match many {
            Some((known, is_many)) if known == key(one) => is_many,
            _ => count(one) > ALIKE,
        };
        many = Some((key(one), is_many));
        let alike = causes.iter_mut().find(|cause| {
            let first = cause.first();
            is_many && first.is_some_and(|first| key(first) == key(one))
        });
        match alike {
            Some(cause) => cause.push(*one),
            None => causes.push(vec![*one]),
        }
    }
    causes
}

fn row(cause: &[Found<'_>], options: &Options, is_told: bool, several: bool) -> String {
    let Some((project, finding)) = cause.first() else {
        return String::new();
    };
    let mark = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        _ => "ℹ️",
    };
    let blame = finding.blame.as_deref().filter(|_| is_told);
    let message = blame.and_then(|blame| finding.message.strip_suffix(blame));
    let mut problem = value(message.unwrap_or(&finding.message));
    if several {
        problem = format!("{}: {problem}", super::cell(&project.name));
    }
    if let Some(state) = view::state(finding) {
        problem.push_str(&format!(" ({state})"));
    }
    let (alike, ended): (Vec<_>, Vec<_>) =
        (cause.iter().skip(1).map(|(_, it)| *it)).partition(|other| other.rule == finding.rule);
    let others = alike.len();
    if others > 0 {
        let names = alike.iter().take(NAMED);
        let names = names.map(|other| super::cell(&other.subject));
        let mut names: Vec<String> = names.collect();
        if others > NAMED {
            names.push(format!("{} more", others - NAMED));
        }
        problem = format!("{problem}. The same for {}", names.join(", "));
    }
    for other in ended {
        let message = value(together::unblamed(other));
        problem.push_str(&format!("<br>also: {message}"));
    }
    // The cost has more room beside the problem.
    let cost = finding.cost.as_deref().map(text::message);
    problem.extend(cost.iter().map(|cost| format!("<br>{}", value(cost))));
    let help = view::help(finding)
        .into_iter()
        .filter(|it| Some(it) != cost.as_ref());
    let help = help.take(8);
    let help: Vec<String> = help.map(|line| value(&line)).collect();
    let file = view::file(project, finding);
    let at = short_place(&file, finding.line, finding.end_line, options);
    let more = match others {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    // The mark leads to the rule's page: its name is among the details.
    let mark = linked(escape::address(&finding.url), mark.to_owned());
    format!(
        "| {mark} {problem} | {} | {at}{more} |\n",
        help.join("<br>")
    )
}

/// What is to be added to files, as TOML to be pasted.
pub(super) fn suggested(report: &Report, options: &Options) -> Section {
    let found = listed(report, options, |it| it > Severity::Info);
    let item = |(project, finding): &Found<'_>| {
        let text = view::snippet(finding)?.join("\n");
        let file = super::name(&view::file(project, finding));
        let fence = "`".repeat(backticks(&text).max(2) + 1);
        Some(format!("{file}\n\n{fence}toml\n{text}\n{fence}\n\n"))
    };
    let groups = vec![Group {
        head: String::new(),
        items: found.iter().filter_map(item).collect(),
    }];
    Section::folded("suggested change", "", groups)
}

/// The rule and the place of each finding, and the other places that matter to it.
pub(super) fn places(report: &Report, options: &Options) -> Section {
    let found = listed(report, options, |it| it > Severity::Info);
    let item = |(project, finding): &Found<'_>| {
        let file = view::file(project, finding);
        let (line, end) = (finding.line, finding.end_line);
        let mut out = format!(
            "- {} {}, {}\n",
            rule(finding, Context::Text),
            super::name(&finding.subject),
            place(&file, line, end, Context::Text, options)
        );
        for related in finding.related.iter().take(RELATED) {
            let at = place(
                &related.file,
                Some(related.line),
                None,
                Context::Text,
                options,
            );
            out.push_str(&format!(
                "  - {at}: {}\n",
                prose(&related.message, Context::Text)
            ));
        }
        if finding.related.len() > RELATED {
            let more = plural(finding.related.len() - RELATED, "more place");
            out.push_str(&format!("  - and {more}\n"));
        }
        out
    };
    let groups = vec![Group {
        head: String::new(),
        items: found.iter().map(item).collect(),
    }];
    Section::folded("problem", " in detail", groups)
}

pub(super) fn infos(report: &Report, options: &Options) -> Section {
    let found = listed(report, options, |it| it <= Severity::Info);
    let items = found.iter().map(|found| item(found, options));
    let groups = vec![Group {
        head: String::new(),
        items: items.collect(),
    }];
    Section::folded("info", "", groups)
}

pub(super) fn fixed(report: &Report, options: &Options) -> Section {
    let found = view::findings(report, options, Standing::Fixed);
    let items = found.iter().map(|(_, finding)| {
        let message = prose(&text::message(&finding.message), Context::Text);
        format!("- {}: {message}\n", rule(finding, Context::Text))
    });
    let groups = vec![Group {
        head: String::new(),
        items: items.collect(),
    }];
    Section::folded("problem", " fixed", groups)
}

fn item((project, finding): &Found<'_>, options: &Options) -> String {
    let file = view::file(project, finding);
    let at = place(
        &file,
        finding.line,
        finding.end_line,
        Context::Text,
        options,
    );
    let message = prose(&finding.message, Context::Text);
    format!("- {} {at}: {message}\n", rule(finding, Context::Text))
}
