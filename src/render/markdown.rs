//! The report for a pull request's comment and a job's summary, as GitHub's Markdown.

mod budget;

use std::fmt::Write as _;

use crate::finding::Severity;
use crate::report::{Finding, Project, Report, Verdict};

use super::escape::{self, Place, code, prose};
use super::number::{self, plural};
use super::selection;
use super::view::{self, Counts, Outcome, Standing};
use super::{Options, diff, text};
use budget::{Group, Section};

/// The widest name shown.
const NAME: usize = 80;
/// Other places of one finding.
const RELATED: usize = 4;

/// The report as Markdown: never longer than [`Options::max_bytes`], which drops first what
/// did not change, then diffs, scenarios and meters, and last findings, each time saying how
/// much. It begins with a comment, `<!-- caplint:ID COMMIT -->`, by which it is found again.
#[must_use]
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

/// The beginning of a head that does not fit itself: whole lines, so nothing stays open.
fn cut(head: &str, most: usize) -> String {
    let mut out = String::new();
    for line in head.lines() {
        if out.len() + line.len() + 1 > most {
            break;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The marker and the verdict.
fn head(report: &Report, options: &Options) -> String {
    let counts = Counts::of(report, options);
    let mark = match view::outcome(report, &counts) {
        Outcome::Fail => "❌",
        Outcome::Warn => "⚠️",
        Outcome::Pass => "✅",
    };
    format!(
        "<!-- caplint:{} {} -->\n### {mark} {}\n\n{}.\n\n",
        plain(&options.comment_id),
        plain(report.head.commit.as_deref().unwrap_or("none")),
        view::headline(report, options),
        prose(&view::capital(&view::limits(report)), Place::Text),
    )
}

/// What can stand in a comment: nothing that ends it.
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
    let side = |side: &crate::report::Side| {
        let name = code(&text::name(&side.name, NAME), Place::Text);
        match &side.commit {
            Some(commit) if *commit == side.name => name,
            Some(commit) => format!("{name} ({})", code(&text::name(commit, 64), Place::Text)),
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
        prose(&report.as_of, Place::Text),
        prose(&report.caplint, Place::Text)
    );
    for note in report.notes.iter().take(5) {
        let _ = write!(
            out,
            " {}.",
            prose(&view::capital(note.trim_end_matches('.')), Place::Text)
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

/// A mark with its word, for those who read it aloud.
fn verdict(verdict: Verdict) -> String {
    let word = match verdict {
        Verdict::Unlimited => "no limit",
        verdict => verdict.as_str(),
    };
    format!("{} {word}", mark(verdict))
}

/// The beginning of a project's part, where there are several.
fn title(report: &Report, project: &Project) -> String {
    if report.projects.len() < 2 {
        return String::new();
    }
    format!(
        "Project {}\n\n",
        code(&text::name(&project.name, NAME), Place::Text)
    )
}

fn cell(name: &str) -> String {
    code(&text::name(name, NAME), Place::Cell)
}

/// A quantity or anything else that caplint wrote, or a name in it.
fn value(text: &str) -> String {
    prose(text, Place::Cell)
}

fn meters(report: &Report, comparing: bool) -> Section {
    let header = if comparing {
        "| | Meter | Before | After | Change | Limit | Used |\n|:--|:--|--:|--:|--:|--:|--:|\n"
    } else {
        "| | Meter | Demand | Limit | Used |\n|:--|:--|--:|--:|--:|\n"
    };
    let groups = report.projects.iter().map(|project| {
        let currency = project.currency.as_str();
        let rows = selection::rows(project, comparing).rows;
        let items = rows.iter().map(|row| {
            let limit = selection::with_unit(&row.limit(currency), row.unit);
            let demand = value(&row.demand(currency));
            let moved = if comparing {
                let before = row
                    .before(currency)
                    .map_or_else(String::new, |before| value(&before));
                let change = row.change.map_or_else(String::new, |change| {
                    let percent = number::change(change.before, change.after, change.percent);
                    let delta = number::delta(change.delta, row.unit, currency);
                    if percent.is_empty() {
                        value(&delta)
                    } else {
                        value(&format!("{delta} ({percent})"))
                    }
                });
                format!("{before} | {demand} | {change}")
            } else {
                demand
            };
            format!(
                "| {} | {} | {moved} | {} | {} |\n",
                verdict(row.verdict()),
                cell(row.id),
                value(&limit),
                value(&row.used())
            )
        });
        Group {
            head: format!("{}{header}", title(report, project)),
            items: items.collect(),
        }
    });
    Section::new("", "meter", groups.collect(), 25)
}

fn causes(report: &Report) -> Section {
    let groups = report.projects.iter().map(|project| {
        let items = selection::causes(project).into_iter().map(|cause| {
            let mut moved: Vec<String> = cause
                .moved
                .iter()
                .take(3)
                .map(|(id, delta)| {
                    let delta = number::delta(
                        Some(*delta),
                        selection::unit(project, id),
                        &project.currency,
                    );
                    format!(
                        "{} of {}",
                        prose(&delta, Place::Text),
                        code(&text::name(id, NAME), Place::Text)
                    )
                })
                .collect();
            if cause.moved.len() > 3 {
                moved.push(format!("{} more", cause.moved.len() - 3));
            }
            let path = code(&text::name(&cause.first.path, NAME), Place::Text);
            format!("- {path} {}: {}\n", said(cause.first), moved.join(", "))
        });
        Group {
            head: title(report, project),
            items: items.collect(),
        }
    });
    Section::new("**Because of**\n\n", "declaration", groups.collect(), 5)
}

/// What a declaration said and says, each as code.
fn said(attribution: &crate::report::Attribution) -> String {
    let written = |value: &Option<String>| {
        value
            .as_deref()
            .map(|value| code(&text::name(value, 60), Place::Text))
    };
    match (written(&attribution.before), written(&attribution.after)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("added {after}"),
        (Some(before), None) => format!("removed {before}"),
        (None, None) => "changed".to_owned(),
    }
}

fn scenarios(report: &Report, comparing: bool) -> Section {
    /// A table of more columns is not read.
    const COLUMNS: usize = 8;
    let groups = report.projects.iter().map(|project| {
        let matrix = selection::matrix(project, comparing);
        let mut head = format!("{}| Meter | Today | Holds to |", title(report, project));
        let mut rule = "|:--|:--|--:|".to_owned();
        for scenario in matrix.scenarios.iter().take(COLUMNS) {
            let assumed = if scenario.assumed { " (assumed)" } else { "" };
            let _ = write!(head, " {}{assumed} |", cell(&scenario.name));
            rule.push_str(":--|");
        }
        let items = matrix.rows.iter().map(|row| {
            let mut line = format!(
                "| {} | {} {} | {} |",
                cell(&row.today.id),
                mark(row.today.verdict),
                value(&selection::used(row.today)),
                value(&number::multiplier(row.today.breaking_point))
            );
            for cell in row.cells.iter().take(COLUMNS) {
                let shown = cell.meter.map_or_else(String::new, |meter| {
                    let before = cell
                        .before
                        .map_or_else(String::new, |before| format!("{} → ", mark(before)));
                    let used = match meter.verdict {
                        Verdict::Unlimited => String::new(),
                        _ => format!(" {}", value(&selection::used(meter))),
                    };
                    format!("{before}{}{used}", verdict(meter.verdict))
                });
                let _ = write!(line, " {shown} |");
            }
            line.push('\n');
            line
        });
        let items: Vec<String> = items.collect();
        Group {
            head: format!("{head}\n{rule}\n"),
            items,
        }
    });
    Section::new("**Scenarios**\n\n", "meter", groups.collect(), 12)
}

fn findings(report: &Report, options: &Options) -> Section {
    let mut found = view::findings(report, options, Standing::Active);
    found.retain(|(_, finding)| finding.severity > Severity::Info);
    Section::new(
        "**Findings**\n\n",
        "finding",
        vec![listed(&found, options)],
        25,
    )
}

fn infos(report: &Report, options: &Options) -> Section {
    let mut found = view::findings(report, options, Standing::Active);
    found.retain(|(_, finding)| finding.severity <= Severity::Info);
    Section::folded("info", "", vec![listed(&found, options)])
}

fn listed(found: &[(&Project, &Finding)], options: &Options) -> Group {
    Group {
        head: String::new(),
        items: found
            .iter()
            .map(|(project, finding)| item(project, finding, options))
            .collect(),
    }
}

/// A finding: what is wrong, where, what to do, and other places.
fn item(project: &Project, finding: &Finding, options: &Options) -> String {
    let mark = match finding.severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        _ => "ℹ️ info",
    };
    let state = match finding.state {
        Some(crate::report::State::Worsened) => ", worse than before",
        Some(crate::report::State::Existing) => ", existing",
        _ => "",
    };
    let rule = code(&text::name(&finding.rule, NAME), Place::Text);
    let rule = escape::address(&finding.url).map_or(rule.clone(), |url| format!("[{rule}]({url})"));
    let own = view::root_file(project);
    let place = link(
        finding.file.as_deref().unwrap_or(&own),
        finding.line,
        finding.end_line,
        options,
    );
    let mut out = format!(
        "- {mark} {rule}{state} at {place}: {}\n",
        prose(&finding.message, Place::Text)
    );
    let help = text::messages(finding.help.as_deref().unwrap_or_default());
    for (index, line) in help.iter().take(8).enumerate() {
        // A hard break before each line: help reads as written.
        out.truncate(out.len() - 1);
        let _ = write!(
            out,
            "\\\n  {}{}\n",
            if index == 0 { "💡 " } else { "" },
            prose(line, Place::Text)
        );
    }
    for related in finding.related.iter().take(RELATED) {
        let place = link(&related.file, Some(related.line), None, options);
        let _ = writeln!(
            out,
            "  - see {place}: {}",
            prose(&related.message, Place::Text)
        );
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

/// A file and line, linked where it is known where files are shown.
fn link(file: &str, line: Option<u32>, end: Option<u32>, options: &Options) -> String {
    let number = line.map_or_else(String::new, |line| format!(":{line}"));
    let label = code(&format!("{}{number}", text::name(file, NAME)), Place::Text);
    let Some(base) = options.link.as_deref().and_then(escape::address) else {
        return label;
    };
    let mut anchor = line.map_or_else(String::new, |line| format!("#L{line}"));
    if let (Some(line), Some(end)) = (line, end)
        && end > line
    {
        let _ = write!(anchor, "-L{end}");
    }
    format!(
        "[{label}]({}/{}{anchor})",
        base.trim_end_matches('/'),
        escape::uri(file)
    )
}

/// The text of every declaration that changed.
fn edits(report: &Report) -> Section {
    let groups = report.projects.iter().map(|project| {
        let items = project.edits.iter().map(|edit| {
            let text = diff::unified(edit);
            let longest = text.lines().map(backticks).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            format!(
                "{}\n\n{fence}diff\n{text}{fence}\n\n",
                code(&diff::title(edit), Place::Text)
            )
        });
        Group {
            head: title(report, project),
            items: items.collect(),
        }
    });
    Section::folded("declaration", " changed", groups.collect())
}

/// The longest run of backticks in a line.
fn backticks(line: &str) -> usize {
    line.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

fn unchanged(report: &Report, comparing: bool) -> Section {
    let groups = report.projects.iter().map(|project| {
        let items = selection::rows(project, comparing)
            .rest
            .into_iter()
            .map(|meter| {
                let quantity = |value| number::quantity(value, &meter.unit, &project.currency);
                let bound = if meter.lower_bound { "≥" } else { "" };
                format!(
                    "| {} | {} | {} | {} |\n",
                    cell(&meter.id),
                    value(&selection::with_unit(
                        &format!("{bound}{}", quantity(meter.demand.point)),
                        &meter.unit
                    )),
                    meter
                        .limit
                        .map_or_else(|| "none".to_owned(), |limit| value(&quantity(Some(limit)))),
                    value(&selection::used(meter)),
                )
            });
        Group {
            head: format!(
                "{}| Meter | Demand | Limit | Used |\n|:--|--:|--:|--:|\n",
                title(report, project)
            ),
            items: items.collect(),
        }
    });
    let said = if comparing {
        " unchanged"
    } else {
        " without a limit"
    };
    Section::folded("meter", said, groups.collect())
}

fn assumptions(report: &Report) -> Section {
    let groups = report.projects.iter().map(|project| Group {
        head: title(report, project),
        items: project
            .assumptions
            .iter()
            .map(|assumption| format!("- {}\n", prose(assumption, Place::Text)))
            .collect(),
    });
    Section::folded("assumption", "", groups.collect())
}

/// `3 findings`, for the notes on what was left out.
fn counted(count: usize, noun: &str) -> String {
    plural(count, noun)
}
