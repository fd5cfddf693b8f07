//! The tables of projects and meters, and what moved them.

use crate::report::{Project, Report, TenantCost, Verdict};

use super::super::rows::{self, Row};
use super::super::story::{project_headroom, project_limit};
use super::super::view::{self, Counts};
use super::super::{Options, bought, causes, number};
use super::budget::{Group, Section};
use super::{cell, figure, groups, mark, name, value};
use crate::render::escape::{Context, code, prose};

/// Rows that are not folded away.
const OPEN: usize = 3;

/// Where several projects have something to say, a row for each.
pub(super) fn projects(report: &Report, options: &Options) -> Section {
    let told = |project: &&Project| view::says(project, options);
    let told: Vec<&Project> = report.projects.iter().filter(told).collect();
    let row = |project: &&Project| {
        let counts = Counts::of_project(project, options);
        let verdict = view::project_outcome(project, &counts, options);
        let headroom = project_headroom(project, report.base.is_some());
        format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            mark(verdict),
            cell(&project.name),
            counts.errors,
            counts.warnings,
            value(&headroom),
            value(&project_limit(project, report.base.is_some()))
        )
    };
    let items = match told.len() {
        0 | 1 => Vec::new(),
        _ => told.iter().map(row).collect(),
    };
    let head =
        "| | Project | Errors | Warnings | Headroom | Closest limit |\n|:-:|:--|--:|--:|--:|:--|\n"
            .to_owned();
    let groups = vec![Group { head, items }];
    Section::new("#### Projects\n\n", "project", groups, 20)
}

fn head(comparing: bool, what: &str, project: &Project, rows: &[Row<'_>]) -> String {
    let at = match rows.iter().any(Row::is_percentile) {
        true => format!(" (p{:.0})", project.confidence * 100.0),
        false => String::new(),
    };
    if comparing {
        format!("| {what} | Before{at} | After{at} | Limit | Used |\n|:--|--:|--:|--:|:--|\n")
    } else {
        format!("| {what} | Demand{at} | Limit | Used |\n|:--|--:|--:|:--|\n")
    }
}

fn row(row: &Row<'_>, comparing: bool) -> String {
    let written = row.written();
    let name = match row.name.brief().as_str() {
        "" => cell(row.id),
        what => format!("{} {}", cell(&row.name.thing), value(what)),
    };
    let mut cells = vec![format!("{} {name}", mark(row.verdict()))];
    if comparing {
        cells.push(figure(&written.before));
    }
    cells.push(figure(&written.demand));
    cells.push(figure(&written.limit));
    cells.push(match written.used.split_once(" → ") {
        Some((was, used)) if row.verdict() == Verdict::Breaks => {
            format!("{} → **{}**", figure(was), figure(used))
        }
        _ => figure(&written.used),
    });
    format!("| {} |\n", cells.join(" | "))
}

fn several(report: &Report, options: &Options) -> bool {
    let told = |project: &&Project| view::says(project, options);
    report.projects.iter().filter(told).count() > 1
}

pub(super) fn meters(report: &Report, options: &Options) -> Section {
    let comparing = report.base.is_some();
    let what = if comparing { "What changes" } else { "Limits" };
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).rows;
        let items = rows.iter().map(|it| row(it, comparing)).collect();
        (head(comparing, what, project, &rows), items)
    });
    let noun = if comparing { "change" } else { "limit" };
    // A row for each project says what matters; the rest is folded.
    match several(report, options) {
        true => Section::folded(noun, "", groups),
        false => Section::new("", noun, groups, OPEN),
    }
}

/// What one tenant of each tier costs, where that changes.
pub(super) fn tenants(report: &Report) -> Section {
    let groups = groups(report, |project| {
        let costs = project.tenants.iter().filter(|cost| cost.has_changed());
        let row = |cost: &TenantCost| {
            let money =
                |at_least, money| value(&number::price_from(at_least, money, &project.currency));
            let [was_at_least, at_least] = cost.at_least;
            let before = cost.before.map(|before| money(was_at_least, before));
            let before = before.unwrap_or_default();
            let (tier, after) = (cell(&cost.tier), money(at_least, cost.after));
            format!("| One {tier} tenant, a month | {before} | {after} |\n")
        };
        let head = "| | Before | After |\n|:--|--:|--:|\n".to_owned();
        (head, costs.map(row).collect())
    });
    Section::titled("tenant costs".to_owned(), "tier", groups)
}

pub(super) fn smaller(report: &Report) -> Section {
    let comparing = report.base.is_some();
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).small;
        let items = rows.iter().map(|it| row(it, comparing)).collect();
        (head(comparing, "", project, &rows), items)
    });
    Section::folded("smaller change", "", groups)
}

pub(super) fn unchanged(report: &Report) -> Section {
    let comparing = report.base.is_some();
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).rest;
        let items = rows.iter().map(|it| row(it, false)).collect();
        (head(false, "", project, &rows), items)
    });
    let said = if comparing {
        " unchanged"
    } else {
        " without a limit"
    };
    Section::folded("meter", said, groups)
}

/// What is to be bought otherwise than before.
pub(super) fn purchases(report: &Report) -> Section {
    let groups = groups(report, |project| {
        let head = "| API | For | Buy before | Buy now |\n|:--|:--|:--|:--|\n".to_owned();
        let row = |row: &bought::Row| {
            let (api, what) = (cell(&row.api), value(&row.what));
            let (before, after) = (value(&row.before), value(&row.after));
            format!("| {api} | {what} | {before} | {after} |\n")
        };
        let rows = match report.base {
            Some(_) => bought::changed(project),
            None => Vec::new(),
        };
        (head, rows.iter().map(row).collect())
    });
    Section::folded("purchase", " changed", groups)
}

/// The declarations that moved limits most: where there are `many`, or else what is folded away.
pub(super) fn causes(report: &Report, many: bool) -> Section {
    /// Meters that one declaration moved, before the rest is counted.
    const MOVED: usize = 2;
    /// Fewer are folded away: what moved the worst limit is said in the head.
    const OPEN_CAUSES: usize = 5;
    let several = report.projects.len() > 1;
    let item = |(project, cause): &(&Project, causes::Cause<'_>)| {
        let moved = prose(&cause.moves(project, MOVED), Context::Text);
        let said = cause.said(|value| code(value, Context::Text));
        let of = match several {
            true => format!("{}: ", name(&project.name)),
            false => String::new(),
        };
        format!("- {of}{} {said}: {moved}\n", name(cause.path()))
    };
    let all = causes::across(report);
    let head = match report.projects.iter().any(causes::is_median) {
        true => "Figures at the median.\n\n".to_owned(),
        false => String::new(),
    };
    let total = all.len();
    let items = match (total > OPEN_CAUSES) == many {
        true => all.iter().map(item).collect(),
        false => Vec::new(),
    };
    let groups = vec![Group { head, items }];
    match many {
        true => Section::new("#### Largest causes\n\n", "cause", groups, OPEN_CAUSES),
        false => Section::folded("cause", "", groups),
    }
}
