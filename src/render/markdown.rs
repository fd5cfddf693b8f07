//! The report for a pull request's comment and a job's summary, as GitHub's Markdown.

mod budget;

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::report::{Edit, Finding, Meter, Project, Report, Side, Verdict};

use super::escape::{self, Context, code, prose};
use super::number;
use super::selection::{self, Row};
use super::view::{self, Counts, Standing};
use super::{Options, diff, text};
use budget::{Group, Section};

const NAME: usize = 80;
const RELATED: usize = 4;

/// The report as Markdown: never longer than [`Options::max_bytes`], which drops first what
/// did not change, then diffs, scenarios and meters, and last findings, each time saying how
/// much. It begins with a comment, `<!-- caplint:ID COMMIT -->`, by which it is found again.
pub fn markdown(report: &Report, options: &Options) -> String {
    let comparing = report.base.is_some();
    let head = head(report, options);
    let foot = foot(report, options);
    // In the order of reading, each with its place in the order of dropping.
    let mut sections = vec![
        (6, meters(report, comparing)),
        (4, causes(report)),
        (5, scenarios(report, comparing)),
        (7, findings(report, options)),
        (3, infos(report, options)),
        (1, edits(report)),
        (0, unchanged(report, comparing)),
        (2, assumptions(report)),
    ];
    let room = options.max_bytes.saturating_sub(head.len() + foot.len());
    if options.max_bytes < head.len() + foot.len() {
        return cut(&head, options.max_bytes);
    }
    budget::fit(&mut sections, room);
    let mut out = head;
    for (_, section) in &sections {
        section.write(&mut out);
    }
    out.push_str(&foot);
    out
}

/// The beginning of a head that is over the budget: whole lines, so that nothing stays open.
fn cut(head: &str, most: usize) -> String {
    let ends = head.match_indices('\n').map(|(at, _)| at + 1);
    let end = ends.take_while(|end| *end <= most).last().unwrap_or(0);
    head[..end].to_owned()
}

fn head(report: &Report, options: &Options) -> String {
    let counts = Counts::of(report, options);
    format!(
        "<!-- caplint:{} {} -->\n### {} {}\n\n{}.\n\n",
        plain(&options.comment_id),
        plain(report.head.commit.as_deref().unwrap_or("none")),
        mark(view::outcome(report, &counts)),
        view::headline(report, options),
        prose(&view::capital(&view::limits(report)), Context::Text),
    )
}

/// A name in a comment, which it cannot end.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars().take(100) {
        let safe = character.is_ascii_alphanumeric() || "._/".contains(character);
        let dash = character == '-' && !out.ends_with('-') && !out.is_empty();
        out.push(if safe || dash { character } else { '_' });
    }
    out
}

/// What was compared with what, and what was counted only.
fn foot(report: &Report, options: &Options) -> String {
    let side = |side: &Side| {
        let name = name(&side.name);
        match &side.commit {
            Some(commit) if *commit == side.name => name,
            Some(commit) => format!("{name} ({})", code(&text::name(commit, 64), Context::Text)),
            None => name,
        }
    };
    let mut out = match &report.base {
        Some(base) => format!("Compared {} with {}", side(base), side(&report.head)),
        None => format!("Checked {}", side(&report.head)),
    };
    let _ = write!(
        out,
        ", as of {}, by caplint {}.",
        prose(&report.as_of, Context::Text),
        prose(&report.caplint, Context::Text)
    );
    for note in report.notes.iter().take(5) {
        let _ = write!(
            out,
            " {}.",
            prose(&view::capital(note.trim_end_matches('.')), Context::Text)
        );
    }
    let aside = Counts {
        infos: 0,
        ..Counts::of(report, options)
    }
    .aside();
    if !aside.is_empty() {
        let _ = write!(out, " Not shown: {}.", aside.join(", "));
    }
    out.push('\n');
    out
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaks => "❌",
        Verdict::Unknown => "❔",
        Verdict::Tight => "⚠️",
        Verdict::Fits => "✅",
        Verdict::Unlimited => "➖",
    }
}

fn verdict(verdict: Verdict) -> String {
    format!("{} {}", mark(verdict), view::word(verdict))
}

/// The items of each project, under a head; the project's name is before it where there are
/// several.
fn groups(report: &Report, of: impl Fn(&Project) -> (String, Vec<String>)) -> Vec<Group> {
    let group = |project: &Project| {
        let (head, items) = of(project);
        let head = if report.projects.len() < 2 {
            head
        } else {
            format!("Project {}\n\n{head}", name(&project.name))
        };
        Group { head, items }
    };
    report.projects.iter().map(group).collect()
}

fn name(name: &str) -> String {
    code(&text::name(name, NAME), Context::Text)
}

fn cell(name: &str) -> String {
    code(&text::name(name, NAME), Context::Cell)
}

/// A quantity or anything else that caplint wrote, or a name in it.
fn value(text: &str) -> String {
    prose(text, Context::Cell)
}

fn meters(report: &Report, comparing: bool) -> Section {
    let header = if comparing {
        "| | Meter | Before | After | Change | Limit | Used |\n|:--|:--|--:|--:|--:|--:|--:|\n"
    } else {
        "| | Meter | Demand | Limit | Used |\n|:--|:--|--:|--:|--:|\n"
    };
    let row = |row: &Row<'_>| {
        let mut cells = vec![verdict(row.verdict()), cell(row.id)];
        if comparing {
            cells.push(value(&row.before()));
        }
        cells.push(value(&row.demand()));
        if comparing {
            let (delta, percent) = (row.delta(), row.percent());
            cells.push(match percent.as_str() {
                "" => value(&delta),
                _ => value(&format!("{delta} ({percent})")),
            });
        }
        cells.push(value(&selection::with_unit(&row.limit(), row.unit)));
        cells.push(value(&row.used()));
        format!("| {} |\n", cells.join(" | "))
    };
    let groups = groups(report, |project| {
        let rows = selection::rows(project, comparing).rows;
        (header.to_owned(), rows.iter().map(row).collect())
    });
    Section::new("", "meter", groups, 25)
}

fn causes(report: &Report) -> Section {
    /// Meters that one declaration moved, before the rest is counted.
    const MOVED: usize = 3;
    let groups = groups(report, |project| {
        let item = |cause: selection::Cause<'_>| {
            let moved = cause.moves(project, MOVED, |moved, id| {
                format!("{} of {}", prose(moved, Context::Text), name(id))
            });
            let said = selection::said(cause.first, |value| code(value, Context::Text));
            format!("- {} {said}: {moved}\n", name(&cause.first.path))
        };
        let causes = selection::causes(project);
        (String::new(), causes.into_iter().map(item).collect())
    });
    Section::new("**Because of**\n\n", "declaration", groups, 5)
}

fn scenarios(report: &Report, comparing: bool) -> Section {
    /// A table of more columns is not read.
    const COLUMNS: usize = 8;
    let row = |row: &selection::ScenarioRow<'_>| {
        let (id, mark) = (cell(&row.today.id), mark(row.today.verdict));
        let used = value(&selection::used(row.today));
        let holds_to = value(&number::multiplier(row.today.breaking_point));
        let mut line = format!("| {id} | {mark} {used} | {holds_to} |");
        for cell in row.cells.iter().take(COLUMNS) {
            let shown = cell.meter.map(|meter| judged(meter, cell.before));
            let _ = write!(line, " {} |", shown.unwrap_or_default());
        }
        line.push('\n');
        line
    };
    let groups = groups(report, |project| {
        let matrix = selection::matrix(project, comparing);
        let mut head = "| Meter | Today | Holds to |".to_owned();
        let mut rule = "|:--|:--|--:|".to_owned();
        for scenario in project.scenarios.iter().take(COLUMNS) {
            let assumed = if scenario.assumed { " (assumed)" } else { "" };
            let _ = write!(head, " {}{assumed} |", cell(&scenario.name));
            rule.push_str(":--|");
        }
        let head = format!("{head}\n{rule}\n");
        (head, matrix.rows.iter().map(row).collect())
    });
    Section::new("**Scenarios**\n\n", "meter", groups, 12)
}

/// A verdict in a scenario with the share in use, and what the verdict was.
fn judged(meter: &Meter, before: Option<Verdict>) -> String {
    let before = before.map_or_else(String::new, |before| format!("{} → ", mark(before)));
    let used = match meter.verdict {
        Verdict::Unlimited => String::new(),
        _ => format!(" {}", value(&selection::used(meter))),
    };
    format!("{before}{}{used}", verdict(meter.verdict))
}

fn findings(report: &Report, options: &Options) -> Section {
    let groups = vec![listed(report, options, |it| it > Severity::Info)];
    Section::new("**Findings**\n\n", "finding", groups, 25)
}

fn infos(report: &Report, options: &Options) -> Section {
    let groups = vec![listed(report, options, |it| it <= Severity::Info)];
    Section::folded("info", "", groups)
}

fn listed(report: &Report, options: &Options, wanted: fn(Severity) -> bool) -> Group {
    let found = view::findings(report, options, Standing::Active).into_iter();
    let found = found.filter(|(_, finding)| wanted(finding.severity));
    let items = found.map(|(project, finding)| item(project, finding, options));
    Group {
        head: String::new(),
        items: items.collect(),
    }
}

/// A finding: what is wrong, where, what to do, and other places.
fn item(project: &Project, finding: &Finding, options: &Options) -> String {
    let mark = match finding.severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        _ => "ℹ️ info",
    };
    let state = view::state(finding).map_or_else(String::new, |state| format!(", {state}"));
    let rule = linked(escape::address(&finding.url), name(&finding.rule));
    let file = view::file(project, finding);
    let place = place(&file, finding.line, finding.end_line, options);
    let message = prose(&finding.message, Context::Text);
    let mut out = format!("- {mark} {rule}{state} at {place}: {message}\n");
    for (index, line) in view::help(finding).iter().take(8).enumerate() {
        // A hard break before each line: help reads as written.
        out.truncate(out.len() - 1);
        let _ = write!(
            out,
            "\\\n  {}{}\n",
            if index == 0 { "💡 " } else { "" },
            prose(line, Context::Text)
        );
    }
    for related in finding.related.iter().take(RELATED) {
        let place = self::place(&related.file, Some(related.line), None, options);
        let message = prose(&related.message, Context::Text);
        let _ = writeln!(out, "  - see {place}: {message}");
    }
    if finding.related.len() > RELATED {
        let _ = writeln!(
            out,
            "  - and {} more places",
            finding.related.len() - RELATED
        );
    }
    out
}

/// A file and line, with a link if the address of files is known.
fn place(file: &str, line: Option<u32>, end: Option<u32>, options: &Options) -> String {
    let number = line.map_or_else(String::new, |line| format!(":{line}"));
    let label = code(
        &format!("{}{number}", text::name(file, NAME)),
        Context::Text,
    );
    linked(view::link(file, line, end, options), label)
}

fn linked(address: Option<String>, label: String) -> String {
    match address {
        Some(address) => format!("[{label}]({address})"),
        None => label,
    }
}

fn edits(report: &Report) -> Section {
    let item = |edit: &Edit| {
        let text = diff::unified(edit);
        let fence = "`".repeat(escape::backticks(&text).max(2) + 1);
        let title = code(&diff::title(edit), Context::Text);
        format!("{title}\n\n{fence}diff\n{text}{fence}\n\n")
    };
    let groups = groups(report, |project| {
        (String::new(), project.edits.iter().map(item).collect())
    });
    Section::folded("declaration", " changed", groups)
}

fn unchanged(report: &Report, comparing: bool) -> Section {
    let row = |row: &Row<'_>| {
        let demand = value(&selection::with_unit(&row.demand(), row.unit));
        let (limit, used) = (value(&row.limit()), value(&row.used()));
        format!("| {} | {demand} | {limit} | {used} |\n", cell(row.id))
    };
    let groups = groups(report, |project| {
        let head = "| Meter | Demand | Limit | Used |\n|:--|--:|--:|--:|\n";
        let rows = selection::rows(project, comparing).rest;
        (head.to_owned(), rows.iter().map(row).collect())
    });
    let said = if comparing {
        " unchanged"
    } else {
        " without a limit"
    };
    Section::folded("meter", said, groups)
}

fn assumptions(report: &Report) -> Section {
    let item = |assumption: &String| format!("- {}\n", prose(assumption, Context::Text));
    let groups = groups(report, |project| {
        let items = project.assumptions.iter().map(item);
        (String::new(), items.collect())
    });
    Section::folded("assumption", "", groups)
}
