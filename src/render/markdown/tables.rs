//! The tables of projects and meters, and what moved them.

use crate::report::{Project, Report, TenantCost, Verdict};

use super::super::rows::{self, Row};
use super::super::story::{project_headroom, project_limit};
use super::super::view::{self, Counts};
use super::super::{Options, bought, causes, number};
use super::budget::{Group, Section};
use super::{cell, groups, mark, name, value};
use crate::render::escape::{Context, code, prose};

/// Rows that are not folded away.
const OPEN: usize = 4;

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

fn head(comparing: bool, project: &Project, rows: &[Row<'_>]) -> String {
    let at = match rows.iter().any(Row::is_percentile) {
        true => format!(" (p{:.0})", project.confidence * 100.0),
        false => String::new(),
    };
    if comparing {
        format!("| | | Before{at} | After{at} | Limit | Used |\n|:-:|:--|--:|--:|--:|:--|\n")
    } else {
        format!("| | | Demand{at} | Limit | Used |\n|:-:|:--|--:|--:|:--|\n")
    }
}

fn row(row: &Row<'_>, comparing: bool) -> String {
    let written = row.written();
    let name = match row.name.what.as_str() {
        "" => cell(row.id),
        what => format!("{} {}", cell(&row.name.thing), value(what)),
    };
    let mut cells = vec![mark(row.verdict()).to_owned(), name];
    if comparing {
        cells.push(value(&written.before));
    }
    cells.push(value(&written.demand));
    cells.push(value(&written.limit));
    cells.push(match written.used.split_once(" → ") {
        Some((was, used)) if row.verdict() == Verdict::Breaks => {
            format!("{} → **{}**", value(was), value(used))
        }
        _ => value(&written.used),
    });
    format!("| {} |\n", cells.join(" | "))
}

fn several(report: &Report, options: &Options) -> bool {
    let told = |project: &&Project| view::says(project, options);
    report.projects.iter().filter(told).count() > 1
}

pub(super) fn meters(report: &Report, options: &Options) -> Section {
    let comparing = report.base.is_some();
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).rows;
        let items = rows.iter().map(|it| row(it, comparing)).collect();
        (head(comparing, project, &rows), items)
    });
    let title = match comparing {
        true => "#### What changes\n\n",
        false => "#### Limits\n\n",
    };
    let noun = if comparing { "change" } else { "limit" };
    // A row for each project says what matters; the rest is folded.
    match several(report, options) {
        true => Section::folded(noun, "", groups),
        false => Section::new(title, noun, groups, OPEN),
    }
}

/// What one tenant of each tier costs, where that changes.
pub(super) fn tenants(report: &Report) -> Section {
    let groups = groups(report, |project| {
        let costs = project.tenants.iter().filter(|cost| cost.has_changed());
        let row = |cost: &TenantCost| {
            let money = |cost: f64| value(&number::price(cost, &project.currency));
            let before = cost.before.map_or_else(String::new, money);
            let (tier, after) = (cell(&cost.tier), money(cost.after));
            format!("| One {tier} tenant, a month | {before} | {after} |\n")
        };
        let head = "| | Before | After |\n|:--|--:|--:|\n".to_owned();
        (head, costs.map(row).collect())
    });
    Section::titled("What one tenant costs".to_owned(), "tier", groups)
}

pub(super) fn smaller(report: &Report) -> Section {
    let comparing = report.base.is_some();
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).small;
        let items = rows.iter().map(|it| row(it, comparing)).collect();
        (head(comparing, project, &rows), items)
    });
    Section::folded("smaller change", "", groups)
}

pub(super) fn unchanged(report: &Report) -> Section {
    let comparing = report.base.is_some();
    let groups = groups(report, |project| {
        let rows = rows::rows(project, comparing).rest;
        let items = rows.iter().map(|it| row(it, false)).collect();
        (head(false, project, &rows), items)
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

/// The declarations that moved limits most. One is said in the head already.
pub(super) fn causes(report: &Report) -> Section {
    /// Meters that one declaration moved, before the rest is counted.
    const MOVED: usize = 2;
    let several = report.projects.len() > 1;
    let item = |(project, cause): &(&Project, causes::Cause<'_>)| {
        let moved = prose(&cause.moves(project, MOVED), Context::Text);
        let said = causes::said(cause.first, |value| code(value, Context::Text));
        let of = match several {
            true => format!("{}: ", name(&project.name)),
            false => String::new(),
        };
        format!("- {of}{} {said}: {moved}\n", name(&cause.first.path))
    };
    let all = causes::across(report);
    let head = match report.projects.iter().any(causes::is_median) {
        true => "Figures at the median.\n\n".to_owned(),
        false => String::new(),
    };
    let total = all.len();
    let items = all.iter().map(item).collect();
    let groups = vec![Group { head, items }];
    match total {
        0..=5 => Section::folded("declaration", " behind these changes", groups),
        _ => Section::new("#### Largest causes\n\n", "cause", groups, 5),
    }
}
