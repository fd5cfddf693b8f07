//! The report for a terminal.

mod finding;
mod pen;
mod table;

use crate::finding::Severity;
use crate::report::{Project, Report, Verdict};

use super::causes::{self, Cause};
use super::growth::{Growth, Said};
use super::number::{self, plural};
use super::rows::{self, Row, Rows};
use super::selection;
use super::story::{self, Story};
use super::view::{self, Counts, Standing};
use super::{Options, diff, text, together};
pub(super) use pen::{Ink, Pen};
pub(super) use table::{Cell, Column, Table};

/// Findings drawn over their source, and those written in one line, before the rest is counted.
const DRAWN: usize = 20;
const LISTED: usize = 60;
/// Those drawn with `--verbose`.
const DRAWN_AT_MOST: usize = 200;
/// Rows of the table of meters.
const METERS: usize = 12;
/// Below this width rows say only what is.
const NARROW: usize = 72;
/// Declarations named as causes.
const CAUSES: usize = 5;

/// The report for a terminal: findings over their source, what changes, growth, and last the
/// verdict. Long lists are cut, with the number of what is left, unless [`Options::verbose`].
pub fn human(report: &Report, options: &Options) -> String {
    let pen = Pen::new(options);
    let story = Story::of(report, options);
    let mut out = String::new();
    findings(&mut out, report, options, &pen);
    if !options.quiet && (options.verbose || !story.is_all) {
        let told = |project: &&Project| says(project, report, options);
        let told: Vec<&Project> = report.projects.iter().filter(told).collect();
        let many = told.len() > 1 && report.base.is_some() && !options.verbose;
        if many {
            projects(&mut out, &told, options, &pen);
            causes(&mut out, causes::across(report), options, &pen);
        }
        for project in told.iter().filter(|_| !many) {
            let mut part = String::new();
            meters(&mut part, project, report, options, &pen);
            let own = causes::causes(project).into_iter();
            let own = own.map(|cause| (*project, cause)).collect();
            causes(&mut part, own, options, &pen);
            growth(&mut part, project, report, options, &pen);
            if options.verbose {
                texts(&mut part, project, &pen);
                assumptions(&mut part, project, &pen);
            }
            if !part.is_empty() && report.projects.len() > 1 {
                let title = format!("project {}", text::name(&project.name, 60));
                out.push_str(&pen.line(Ink::Bold, &title));
                out.push('\n');
            }
            out.push_str(&part);
        }
        let silent = report.projects.len() - told.len();
        if silent > 0 && report.projects.len() > 1 {
            let line = format!("{}: no changes", plural(silent, "other project"));
            out.push_str(&pen.line(Ink::Faint, &line));
            out.push('\n');
        }
    }
    closing(&mut out, report, &story, options, &pen);
    out
}

fn says(project: &Project, report: &Report, options: &Options) -> bool {
    options.verbose || report.base.is_none() || view::says(project, options)
}

/// The findings: with their source, then in a line each, then counted.
fn findings(out: &mut String, report: &Report, options: &Options, pen: &Pen) {
    let mut shown = view::findings(report, options, Standing::Active);
    if !options.verbose {
        shown.retain(|(_, finding)| finding.severity > Severity::Info);
    }
    let (drawn, listed) = match (options.quiet, options.verbose) {
        (true, _) => (0, usize::MAX),
        // Each drawing reads its file from the start: a bound, for files with thousands.
        (_, true) => (DRAWN_AT_MOST, usize::MAX),
        _ => (DRAWN, LISTED),
    };
    // What is drawn is drawn once for all that one edit ends.
    let lines = shown.split_off(shown.len().min(drawn));
    let is_cut = !lines.is_empty() && !options.verbose && !options.quiet;
    for (project, found) in together::by_edit(shown) {
        let Some((first, others)) = found.split_first() else {
            continue;
        };
        out.push_str(&finding::drawn(report, project, first, pen));
        for other in others {
            out.push_str(&finding::also(other, pen));
        }
        out.push('\n');
    }
    for (project, found) in lines.iter().take(listed) {
        out.push_str(&finding::line(project, found, pen));
    }
    let left = lines.len().saturating_sub(listed);
    let cut = match left {
        0 if is_cut => Some("--verbose shows where they are, and how to fix them".to_owned()),
        0 => None,
        _ => Some(format!(
            "{}; --verbose shows all",
            plural(left, "more finding")
        )),
    };
    if let Some(cut) = cut {
        out.push_str(&pen.line(Ink::Faint, &cut));
    }
    if !lines.is_empty() && !options.quiet {
        out.push('\n');
    }
    if options.verbose && !options.quiet {
        let before = out.len();
        for standing in [Standing::Waived, Standing::Fixed] {
            for (project, found) in view::findings(report, options, standing) {
                out.push_str(&finding::aside(project, found, pen));
            }
        }
        if out.len() > before {
            out.push('\n');
        }
    }
}

/// How much of a list is shown.
fn most(options: &Options, few: usize) -> usize {
    if options.verbose { usize::MAX } else { few }
}

fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Red,
        Severity::Warning => Ink::Yellow,
        _ => Ink::Blue,
    }
}

pub(super) fn verdict_ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Breaks => Ink::Red,
        Verdict::Tight | Verdict::Unknown => Ink::Yellow,
        Verdict::Fits => Ink::Green,
        Verdict::Unlimited => Ink::Plain,
    }
}

fn meters(out: &mut String, project: &Project, report: &Report, options: &Options, pen: &Pen) {
    let comparing = report.base.is_some();
    let Rows {
        mut rows,
        small,
        rest,
    } = rows::rows(project, comparing);
    let mut hidden = small.len();
    if options.verbose {
        rows.extend(small);
        hidden = 0;
    }
    let most = most(options, METERS);
    if !rows.is_empty() {
        let percentile = rows.iter().any(Row::is_percentile);
        let at = if percentile {
            format!(" (p{:.0})", project.confidence * 100.0)
        } else {
            String::new()
        };
        let mut columns = vec![Column::left("", 0)];
        if comparing {
            columns.extend([
                Column::flexible(&format!("changes{at}"), 0),
                Column::right("before", 3),
                Column::right("after", 2),
                Column::right("change", 0),
            ]);
        } else {
            columns.push(Column::flexible("", 0));
            columns.push(Column::right(&format!("demand{at}"), 0));
        }
        columns.push(Column::right("limit", 0));
        if comparing {
            columns.push(Column::right("was", 1));
        }
        columns.extend([Column::right("used", 0), Column::left("", 5)]);
        let shown = rows.iter().take(most);
        let rows = shown.map(|row| meter_cells(row, comparing, options, pen));
        let rows = rows.collect();
        out.push_str(&Table { columns, rows }.render(pen));
    }
    let cut = rows.len().saturating_sub(most);
    let mut left = Vec::new();
    if cut > 0 {
        left.push(format!("{cut} more"));
    }
    if hidden > 0 {
        left.push(plural(hidden, "smaller change"));
    }
    if comparing && project.unchanged > 0 {
        left.push(format!("{} unchanged", project.unchanged));
    }
    let unlimited = rest.len() + project.left_out;
    if !comparing && unlimited > 0 {
        left.push(format!("{unlimited} without a limit"));
    }
    if !left.is_empty() {
        let hint = if cut + hidden > 0 { " (--verbose)" } else { "" };
        out.push_str(&pen.line(Ink::Faint, &format!("   {}{hint}", left.join(", "))));
    }
    if !out.is_empty() {
        out.push('\n');
    }
}

fn meter_cells(row: &Row<'_>, comparing: bool, options: &Options, pen: &Pen) -> Vec<Cell> {
    let ink = verdict_ink(row.verdict());
    let written = row.written();
    let name = match options.verbose {
        true => text::clean(row.id).into_owned(),
        false => format!("{} {}", row.name.thing, row.name.brief()),
    };
    let mut cells = vec![
        Cell::new(pen.mark(row.verdict()), ink),
        Cell::new(&name, Ink::Plain),
    ];
    if comparing {
        cells.push(Cell::new(&written.before, Ink::Faint));
    }
    cells.push(Cell::new(&written.demand, Ink::Plain));
    if comparing {
        cells.push(Cell::new(&written.delta, Ink::Bold));
    }
    // Of a limit that moved, a narrow terminal has room for what it is now.
    let limit = match written.limit.split_once(" → ") {
        Some((_, now)) if pen.width < NARROW => format!("→ {now}"),
        _ => written.limit.clone(),
    };
    cells.push(Cell::new(&limit, Ink::Plain));
    let (was, used) = match written.used.split_once(" → ") {
        Some((was, used)) => (format!("{was} →"), used),
        None => (String::new(), &*written.used),
    };
    if comparing {
        cells.push(Cell::new(&was, Ink::Faint));
    }
    let bar = if row.verdict() == Verdict::Unlimited {
        String::new()
    } else {
        pen.bar(row.utilization(), row.verdict())
    };
    cells.extend([Cell::new(used, ink), Cell::new(&bar, ink)]);
    cells
}

/// Where several projects change: a row for each.
fn projects(out: &mut String, told: &[&Project], options: &Options, pen: &Pen) {
    let columns = vec![
        Column::left("", 0),
        Column::flexible("projects", 0),
        Column::right("errors", 0),
        Column::right("warnings", 0),
        Column::right("headroom", 0),
        Column::flexible("closest limit", 1),
    ];
    let row = |project: &&Project| {
        let counts = Counts::of_project(project, options);
        let outcome = view::project_outcome(project, &counts, options);
        let ink = verdict_ink(outcome);
        vec![
            Cell::new(pen.mark(outcome), ink),
            Cell::new(&text::name(&project.name, 60), Ink::Plain),
            Cell::new(&number::count(counts.errors as f64), Ink::Plain),
            Cell::new(&number::count(counts.warnings as f64), Ink::Plain),
            Cell::new(&story::project_headroom(project, true), Ink::Bold),
            Cell::new(&story::project_limit(project, true), Ink::Plain),
        ]
    };
    let rows = told.iter().map(row).collect();
    out.push_str(&Table { columns, rows }.render(pen));
    out.push_str(&pen.line(Ink::Faint, "   --verbose shows what changes in each"));
    out.push('\n');
}

/// The declarations that moved the meters, those first that matter most to limits.
fn causes(out: &mut String, all: Vec<(&Project, Cause<'_>)>, options: &Options, pen: &Pen) {
    if all.is_empty() {
        return;
    }
    let most = most(options, CAUSES);
    let at = if all.iter().any(|(project, _)| causes::is_median(project)) {
        " (at the median)"
    } else {
        ""
    };
    out.push_str(&pen.line(Ink::Bold, &format!("caused by{at}")));
    for (project, cause) in all.iter().take(most) {
        let moved = cause.moves(project, 2);
        let said = cause.said(str::to_owned);
        let path = text::name(cause.path(), (pen.width / 2).max(30));
        let line = format!("  {path}  {said}: {moved}");
        out.push_str(&pen.wrapped(Ink::Plain, &line, 6));
    }
    if all.len() > most {
        let left = plural(all.len() - most, "more declaration");
        out.push_str(&pen.line(Ink::Faint, &format!("  {left} (--verbose)")));
    }
    out.push('\n');
}

/// How far the limits hold: with more tenants, on days to come, in scenarios.
fn growth(out: &mut String, project: &Project, report: &Report, options: &Options, pen: &Pen) {
    let lines = Growth::of(project, report.base.is_some());
    let marked = |said: &Said| {
        format!(
            "{} {}",
            pen.mark(said.verdict),
            said.whole().replace('`', "")
        )
    };
    let parts = [&lines.days, &lines.scenarios];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: Vec<String> = parts
        .map(|part| part.iter().map(marked).collect::<Vec<_>>().join("   "))
        .collect();
    if !parts.is_empty() {
        out.push_str(&pen.line(Ink::Bold, "growth"));
        for part in parts {
            out.push_str(&pen.wrapped(Ink::Plain, &format!("  {part}"), 4));
        }
        if let Some(note) = lines.note {
            out.push_str(&pen.wrapped(Ink::Faint, &format!("  {note}"), 2));
        }
        out.push('\n');
    }
    if options.verbose {
        matrix(out, project, report, pen);
    }
}

/// Each meter that does not fit every scenario, with the limits that its shares divide by.
fn matrix(out: &mut String, project: &Project, report: &Report, pen: &Pen) {
    let matrix = selection::matrix(project, report.base.is_some());
    for row in &matrix.rows {
        let times = number::times(row.today.breaking_point);
        let line = format!(
            "{}  holds up to {times} today's tenants",
            text::name(&row.today.id, 60)
        );
        out.push_str(&pen.line(Ink::Bold, &line));
        let today = selection::of_limit_today(project, row.today);
        let mark = pen.mark(row.today.today());
        out.push_str(&pen.wrapped(Ink::Plain, &format!("  today: {mark} {today}"), 6));
        for (scenario, cell) in selection::scenarios(project).into_iter().zip(&row.cells) {
            let Some(meter) = cell.meter else { continue };
            let name = text::name(&scenario.name, 40);
            let before = cell.before.map(|before| format!("{} → ", pen.mark(before)));
            let before = before.unwrap_or_default();
            let (mark, said) = (pen.mark(meter.verdict), selection::of_limit(project, meter));
            let line = format!("  {name}: {before}{mark} {said}");
            out.push_str(&pen.wrapped(verdict_ink(meter.verdict), &line, 6));
        }
    }
    if matrix.unmoved > 0 {
        let meters = plural(matrix.unmoved, "other meter");
        let line = format!("{meters} over or close to a limit in some scenario, as before");
        out.push_str(&pen.wrapped(Ink::Faint, &line, 2));
    }
    if !matrix.rows.is_empty() || matrix.unmoved > 0 {
        out.push('\n');
    }
}

fn texts(out: &mut String, project: &Project, pen: &Pen) {
    for edit in &project.edits {
        out.push_str(&pen.line(Ink::Bold, &diff::title(edit)));
        for line in diff::unified(edit).lines() {
            let ink = match line.as_bytes().first() {
                Some(b'+') => Ink::Green,
                Some(b'-') => Ink::Red,
                Some(b'@') => Ink::Blue,
                _ => Ink::Plain,
            };
            out.push_str(&pen.line(ink, &format!("  {}", text::shorten(line, 4 * pen.width))));
        }
        out.push('\n');
    }
}

fn assumptions(out: &mut String, project: &Project, pen: &Pen) {
    if project.assumptions.is_empty() {
        return;
    }
    out.push_str(&pen.line(Ink::Bold, "assumed"));
    for assumption in &project.assumptions {
        out.push_str(&pen.wrapped(Ink::Plain, &format!("  {}", text::message(assumption)), 4));
    }
    out.push('\n');
}

/// What was only counted, the verdict, and what was compared.
fn closing(out: &mut String, report: &Report, story: &Story, options: &Options, pen: &Pen) {
    let counts = Counts::of(report, options);
    let ink = verdict_ink(story.outcome);
    let mark = pen.mark(story.outcome);
    if options.quiet {
        let tally = view::tally(report, options);
        out.push_str(&pen.wrapped(ink, &format!("{mark} {tally}."), 2));
        return;
    }
    for note in &report.notes {
        out.push_str(&pen.wrapped(Ink::Faint, &text::message(note), 2));
    }
    let mut aside = counts.aside();
    if options.verbose {
        aside.clear();
        if counts.existing > 0 {
            aside.push(plural(counts.existing, "existing finding"));
        }
    }
    if !aside.is_empty() {
        let hint = match (options.verbose, counts.existing > 0) {
            (true, _) => "--all shows them",
            (_, true) => "--verbose and --all show them",
            _ => "--verbose shows them",
        };
        let line = format!("not shown: {} ({hint})", aside.join(", "));
        out.push_str(&pen.wrapped(Ink::Faint, &line, 2));
    }
    if let Some(because) = &story.because {
        out.push_str(&pen.wrapped(Ink::Plain, &format!("  {because}"), 2));
    }
    if let Some(headroom) = &story.headroom {
        out.push_str(&pen.wrapped(Ink::Plain, &format!("  {headroom}"), 2));
    }
    let title = format!("{mark} {}.", story.title);
    out.push_str(&pen.wrapped(ink, &title, 2));
    let mut last = view::compared(report);
    let tally = view::tally(report, options);
    if !story.is_all && tally != story.title {
        last = format!("{tally}. {last}");
    }
    out.push_str(&pen.wrapped(Ink::Faint, &format!("  {last}"), 2));
}
