//! What is folded away: growth, the text of what changed, assumptions.

use crate::report::{Edit, Report};

use super::super::growth::Growth;
use super::super::{diff, number, selection, text};
use super::budget::Section;
use super::{NAME, cell, groups, mark, value};
use crate::render::escape::{self, Context, code, prose};

/// A table of more columns is not read.
const COLUMNS: usize = 6;

/// How far limits hold: the worst in a few words, and each meter that does not fit everywhere.
pub(super) fn growth(report: &Report) -> Section {
    let comparing = report.base.is_some();
    let several = report.projects.len() > 1;
    let said = report.projects.iter().flat_map(|project| {
        let growth = Growth::of(project, comparing);
        let worst = growth.days.into_iter().max_by_key(|said| said.verdict);
        let mut all: Vec<_> = worst.into_iter().chain(growth.scenarios).collect();
        if several {
            // Of each the worst; of equals the first.
            all = all
                .into_iter()
                .rev()
                .max_by_key(|said| said.verdict)
                .into_iter()
                .collect();
        }
        all.into_iter().map(move |said| {
            let of = match several {
                true => format!("{}: ", escape::xml(&text::name(&project.name, NAME))),
                false => String::new(),
            };
            format!("{} {of}{}", mark(said.verdict), html(&said.brief))
        })
    });
    let said: Vec<String> = said.take(COLUMNS).collect();
    let groups = groups(report, |project| {
        let matrix = selection::matrix(project, comparing);
        let scenarios = selection::scenarios(project);
        let mut head = "| | Today | Max tenants |".to_owned();
        let mut rule = "|:--|:--|--:|".to_owned();
        for scenario in scenarios.iter().take(COLUMNS) {
            let assumed = if scenario.assumed { " (assumed)" } else { "" };
            head.push_str(&format!(" {}{assumed} |", cell(&scenario.name)));
            rule.push_str(":--|");
        }
        let note = Growth::of(project, comparing).note;
        let note = note.map_or(String::new(), |note| {
            let note = prose(&note, Context::Text);
            format!("{note}\n\n")
        });
        let row = |row: &selection::ScenarioRow<'_>| {
            let name = row.today.named();
            let today = value(&selection::of_limit_today(project, row.today));
            let times = value(&number::times(row.today.breaking_point));
            let mut line = format!(
                "| {} {} | {} {today} | {times} |",
                cell(&name.thing),
                value(&name.what),
                mark(row.today.today())
            );
            for cell in row.cells.iter().take(COLUMNS) {
                let shown = cell.meter.map(|meter| {
                    let before = cell.before.map(|before| format!("{} → ", mark(before)));
                    let before = before.unwrap_or_default();
                    let said = value(&selection::of_limit(project, meter));
                    format!("{before}{} {said}", mark(meter.verdict))
                });
                line.push_str(&format!(" {} |", shown.unwrap_or_default()));
            }
            line.push('\n');
            line
        };
        let items = matrix.rows.iter().map(row).collect();
        (format!("{note}{head}\n{rule}\n"), items)
    });
    let title = format!("Growth: {}", said.join(", "));
    Section::titled(title, "meter", groups)
}

/// Words in a summary, which is HTML: names, which are in backticks, as code.
fn html(said: &str) -> String {
    let parts = said.split('`').enumerate();
    let written = parts.map(|(index, part)| match index % 2 {
        1 => format!("<code>{}</code>", escape::xml(part)),
        _ => escape::xml(part),
    });
    written.collect()
}

/// The text of what changed.
pub(super) fn edits(report: &Report) -> Section {
    let item = |edit: &Edit| {
        let text = diff::unified(edit);
        let fence = "`".repeat(escape::backticks(&text).max(2) + 1);
        let title = code(&diff::title(edit), Context::Text);
        format!("{title}\n\n{fence}diff\n{text}{fence}\n\n")
    };
    let groups = groups(report, |project| {
        (String::new(), project.edits.iter().map(item).collect())
    });
    Section::folded("edit", "", groups)
}

pub(super) fn assumptions(report: &Report) -> Section {
    let item = |assumption: &String| format!("- {}\n", prose(assumption, Context::Text));
    let groups = groups(report, |project| {
        let items = project.assumptions.iter().map(item);
        (String::new(), items.collect())
    });
    Section::folded("assumption", "", groups)
}
