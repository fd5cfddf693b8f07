//! The report for a terminal.

mod finding;
mod pen;
mod table;

use crate::finding::Severity;
use crate::report::{Meter, Project, Report, Verdict};

use super::number::{self, plural};
use super::selection;
use super::view::{self, Counts, Standing};
use super::{Options, diff, text};
pub(super) use pen::{Ink, Pen};
pub(super) use table::{Cell, Column, Table};

/// Findings drawn over their source, and those written in one line, before the rest is counted.
const DRAWN: usize = 20;
const LISTED: usize = 60;
/// Those drawn with `--verbose`.
const DRAWN_AT_MOST: usize = 200;
/// Rows of the table of meters: changed ones, and others that are not fine.
const METERS: usize = 15;
/// Rows of the scenario matrix, declarations named as causes, assumptions.
const SCENARIOS: usize = 8;
const CAUSES: usize = 5;

/// The report for a terminal: findings over their source, a line for each meter that matters,
/// the scenarios, and last the verdict. Long lists are cut, with the number of what is left,
/// unless [`Options::verbose`].
pub fn human(report: &Report, options: &Options) -> String {
    let pen = Pen::new(options);
    let mut out = String::new();
    findings(&mut out, report, options, &pen);
    if !options.quiet {
        let told = |project: &&Project| says(project, report, options);
        let told: Vec<&Project> = report.projects.iter().filter(told).collect();
        for project in &told {
            let mut part = String::new();
            meters(&mut part, project, report, options, &pen);
            causes(&mut part, project, options, &pen);
            scenarios(&mut part, project, report, options, &pen);
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
            let line = format!("{} with nothing to say", plural(silent, "more project"));
            out.push_str(&pen.line(Ink::Faint, &line));
            out.push('\n');
        }
    }
    closing(&mut out, report, options, &pen);
    out
}

fn says(project: &Project, report: &Report, options: &Options) -> bool {
    options.verbose
        || !project.changes.is_empty()
        || project.verdict >= Verdict::Tight
        || report.base.is_none()
        || !project.findings.is_empty()
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
    for (index, (project, found)) in shown.iter().enumerate() {
        if index < drawn {
            out.push_str(&finding::drawn(report, project, found, pen));
            out.push('\n');
        } else if index - drawn < listed {
            out.push_str(&finding::line(project, found, pen));
        }
    }
    let left = shown.len().saturating_sub(drawn.saturating_add(listed));
    if left > 0 {
        let line = format!("{}; --verbose shows all", plural(left, "more finding"));
        out.push_str(&pen.line(Ink::Faint, &line));
    }
    if shown.len() > drawn && !options.quiet {
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

fn verdict_ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Breaks => Ink::Red,
        Verdict::Tight | Verdict::Unknown => Ink::Yellow,
        Verdict::Fits => Ink::Green,
        Verdict::Unlimited => Ink::Plain,
    }
}

fn meters(out: &mut String, project: &Project, report: &Report, options: &Options, pen: &Pen) {
    let comparing = report.base.is_some();
    let selection::Rows { rows, rest } = selection::rows(project, comparing);
    let most = most(options, METERS);
    if !rows.is_empty() {
        let mut columns = vec![Column::left("", 0), Column::flexible("meter", 0)];
        if comparing {
            columns.extend([
                Column::right("before", 2),
                Column::right("after", 0),
                Column::right("delta", 1),
                Column::right("", 4),
            ]);
        } else {
            columns.push(Column::right("demand", 0));
        }
        columns.extend([
            Column::right("limit", 3),
            Column::left("unit", 6),
            Column::right("used", 0),
            Column::left("", 5),
        ]);
        let shown = rows.iter().take(most);
        let rows = shown.map(|row| meter_cells(row, comparing, pen)).collect();
        out.push_str(&Table { columns, rows }.render(pen));
    }
    let cut = rows.len().saturating_sub(most);
    let mut left = Vec::new();
    if cut > 0 {
        left.push(format!("{cut} more like these"));
    }
    if comparing && project.unchanged > 0 {
        left.push(format!("{} unchanged", plural(project.unchanged, "meter")));
    }
    let unlimited = rest.len() + project.left_out;
    if !comparing && unlimited > 0 {
        left.push(format!("{} without a limit", plural(unlimited, "meter")));
    }
    if !left.is_empty() {
        out.push_str(&pen.line(Ink::Faint, &format!("  {}", left.join(", "))));
    }
    if !out.is_empty() {
        out.push('\n');
    }
}

fn meter_cells(row: &selection::Row<'_>, comparing: bool, pen: &Pen) -> Vec<Cell> {
    let ink = verdict_ink(row.verdict());
    let mut cells = vec![
        Cell::new(pen.mark(row.verdict()), ink),
        Cell::new(&text::clean(row.id), Ink::Plain),
    ];
    if comparing {
        let mut before = row.before();
        if !before.is_empty() {
            before.push_str(" →");
        }
        cells.extend([
            Cell::new(&before, Ink::Faint),
            Cell::new(&row.demand(), Ink::Plain),
            Cell::new(&row.delta(), Ink::Bold),
            Cell::new(&row.percent(), Ink::Plain),
        ]);
    } else {
        cells.push(Cell::new(&row.demand(), Ink::Plain));
    }
    let bar = if row.verdict() == Verdict::Unlimited {
        String::new()
    } else {
        pen.bar(row.utilization(), row.verdict())
    };
    cells.extend([
        Cell::new(&row.limit(), Ink::Plain),
        Cell::new(&text::clean(number::unit_beside(row.unit)), Ink::Faint),
        Cell::new(&row.used(), ink),
        Cell::new(&bar, ink),
    ]);
    cells
}

/// The declarations that moved the meters, those with most effect first.
fn causes(out: &mut String, project: &Project, options: &Options, pen: &Pen) {
    let causes = selection::causes(project);
    if causes.is_empty() {
        return;
    }
    let most = most(options, CAUSES);
    out.push_str(&pen.line(Ink::Bold, "because of"));
    for cause in causes.iter().take(most) {
        let moved = cause.moves(project, 2, |moved, id| {
            format!("{moved} of {}", text::name(id, 60))
        });
        let said = selection::said(cause.first, str::to_owned);
        let path = text::name(&cause.first.path, (pen.width / 2).max(30));
        let line = format!("  {path}  {said}: {moved}");
        out.push_str(&pen.wrapped(Ink::Plain, &line, 6));
    }
    if causes.len() > most {
        let line = format!("  {}", plural(causes.len() - most, "more declaration"));
        out.push_str(&pen.line(Ink::Faint, &line));
    }
    out.push('\n');
}

fn scenarios(out: &mut String, project: &Project, report: &Report, options: &Options, pen: &Pen) {
    let matrix = selection::matrix(project, report.base.is_some());
    let most = most(options, SCENARIOS);
    if !matrix.rows.is_empty() {
        let mut columns = vec![
            Column::flexible("scenarios", 0),
            Column::right("today", 2),
            Column::right("holds to", 0),
        ];
        for (index, scenario) in project.scenarios.iter().enumerate() {
            // What must fit is the last to give way.
            let rank = match scenario.require.as_str() {
                "fit" => 10,
                "warn" => 70,
                _ => 130,
            };
            let assumed = if scenario.assumed { "*" } else { "" };
            let title = format!("{}{assumed}", text::name(&scenario.name, 20));
            let place = u8::try_from(index.min(59)).unwrap_or(59);
            columns.push(Column::right(&title, rank + place));
        }
        let shown = matrix.rows.iter().take(most);
        let rows = shown.map(|row| scenario_cells(row, pen)).collect();
        let table = Table { columns, rows };
        out.push_str(&table.render(pen));
        let mut notes = Vec::new();
        if matrix.rows.len() > most {
            let more = plural(matrix.rows.len() - most, "more meter");
            notes.push(format!("{more} that do not fit"));
        }
        if table.dropped(pen) > 0 {
            let dropped = plural(table.dropped(pen), "scenario");
            notes.push(format!("{dropped} not shown at this width"));
        }
        if project.scenarios.iter().any(|scenario| scenario.assumed) {
            notes.push("* assumed, none is declared".to_owned());
        }
        if !notes.is_empty() {
            out.push_str(&pen.wrapped(Ink::Faint, &format!("  {}", notes.join(", ")), 2));
        }
        out.push_str(&pen.wrapped(Ink::Faint, &format!("  {}", legend(pen)), 2));
        out.push('\n');
    }
    if matrix.unmoved > 0 && options.verbose {
        let meters = plural(matrix.unmoved, "meter");
        let line = format!("{meters} not fitting some scenario, as before");
        out.push_str(&pen.line(Ink::Faint, &line));
        out.push('\n');
    }
}

/// What the marks mean.
fn legend(pen: &Pen) -> String {
    [
        Verdict::Breaks,
        Verdict::Unknown,
        Verdict::Tight,
        Verdict::Fits,
        Verdict::Unlimited,
    ]
    .map(|verdict| format!("{} {}", pen.mark(verdict), view::word(verdict)))
    .join("  ")
}

fn scenario_cells(row: &selection::ScenarioRow<'_>, pen: &Pen) -> Vec<Cell> {
    let mut cells = vec![
        Cell::new(&text::clean(&row.today.id), Ink::Plain),
        judged(row.today, None, pen),
        Cell::new(&number::multiplier(row.today.breaking_point), Ink::Bold),
    ];
    cells.extend(row.cells.iter().map(|cell| match cell.meter {
        Some(meter) => judged(meter, cell.before, pen),
        None => Cell::new("", Ink::Plain),
    }));
    cells
}

/// The share of a limit in use, with the mark of its verdict and of what that was.
fn judged(meter: &Meter, before: Option<Verdict>, pen: &Pen) -> Cell {
    let before = before.map_or(String::new(), |before| format!("{}→", pen.mark(before)));
    let mark = pen.mark(meter.verdict);
    let used = selection::used(meter);
    Cell::new(
        &format!("{before}{mark} {used}"),
        verdict_ink(meter.verdict),
    )
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

/// What was compared, what was only counted, and the verdict.
fn closing(out: &mut String, report: &Report, options: &Options, pen: &Pen) {
    let counts = Counts::of(report, options);
    if !options.quiet {
        if report.base.is_some() || options.verbose {
            out.push_str(&pen.wrapped(Ink::Faint, &view::compared(report), 2));
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
    }
    let outcome = view::outcome(report, &counts);
    let sentence = format!("{} {}", pen.mark(outcome), view::sentence(report, options));
    out.push_str(&pen.wrapped(verdict_ink(outcome), &sentence, 2));
}
