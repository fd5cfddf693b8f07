//! The verdict as a sentence about the world: what runs out and when, how far it holds, and what
//! moved it. The same words in every format.

use crate::document::TomlPath;
use crate::finding::Severity;
use crate::report::named::{Named, days};
use crate::report::{Finding, Meter, Outcome, Project, Report, Verdict};

use super::number::{self, plural};
use super::rows::{self, Row};
use super::selection::{self, change, find, told};
use super::view::{self, Counts, Standing};
use super::{Options, text};

/// The longest part of a message in a title.
const CLAUSE: usize = 110;

/// What is said first.
pub(super) struct Story {
    pub(super) outcome: Verdict,
    /// One sentence, with names in backticks and without a final dot.
    pub(super) title: String,
    /// What moved it, where a change did.
    pub(super) because: Option<String>,
    /// How far tenants may grow, before and after.
    pub(super) headroom: Option<String>,
    /// Whether the title is all that there is to say.
    pub(super) is_all: bool,
}

impl Story {
    pub(super) fn of(report: &Report, options: &Options) -> Self {
        let counts = Counts::of(report, options);
        let outcome = view::outcome(report, &counts);
        let found = view::findings(report, options, Standing::Active).into_iter();
        let mut found = found.filter(|(_, finding)| finding.severity > Severity::Info);
        let first = found.next();
        let headroom = Headroom::of(report);
        let quiet = Self {
            outcome,
            title: String::new(),
            because: None,
            headroom: headroom.as_ref().map(Headroom::sentence),
            is_all: false,
        };
        match (&report.summary.verdict, first) {
            (Outcome::NotFullyChecked | Outcome::NothingToCheck, _) => Self {
                title: view::unearned(report).unwrap_or_default(),
                ..quiet
            },
            (_, Some((project, finding))) => {
                let word = match outcome {
                    Verdict::Breaks => "Capacity check failed",
                    _ => "Capacity OK, with a warning",
                };
                let because = because(project, finding);
                let event = event(report, project, finding, because.is_some());
                Self {
                    title: format!("{word}: {event}"),
                    because,
                    ..quiet
                }
            }
            (_, None) if outcome == Verdict::Breaks => Self {
                title: "Capacity check failed".to_owned(),
                ..quiet
            },
            (_, None) if report.base.is_some() => Self {
                title: compared(report, &counts, headroom.as_ref()),
                headroom: None,
                is_all: counts.fixed == 0,
                ..quiet
            },
            (_, None) => Self {
                title: standing(report),
                ..quiet
            },
        }
    }
}

/// What a comparison without new findings comes to.
fn compared(report: &Report, counts: &Counts, headroom: Option<&Headroom>) -> String {
    let moved = headroom
        .and_then(Headroom::moved)
        .map_or(String::new(), |moved| format!("headroom {moved}"));
    if counts.fixed > 0 {
        let fixed = format!("{} fixed", plural(counts.fixed, "problem"));
        let parts = [fixed, saved(report), moved];
        let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
        return parts.join(", ");
    }
    let is_fine = match view::is_over_a_limit(report) {
        true => "No new problems",
        false => "Capacity OK",
    };
    match largest(report) {
        Some(largest) if moved.is_empty() => format!("{is_fine}. Largest change: {largest}"),
        Some(largest) => format!(
            "{is_fine}. Largest change: {largest}. {}",
            view::capital(&moved)
        ),
        None => standing(report),
    }
}

/// How limits stand, where nothing is to be fixed.
fn standing(report: &Report) -> String {
    let limits = view::limits(report);
    match (view::is_over_a_limit(report), report.base.is_some()) {
        (false, _) => format!("Capacity OK: {limits}"),
        (true, true) => format!("No new problems: {limits}, as before"),
        (true, false) => format!("No open problems: {limits}"),
    }
}

/// `180.00 USD a month less`, where all projects count in one currency.
fn saved(report: &Report) -> String {
    let mut projects = report.projects.iter();
    let Some(currency) = projects.next().map(|project| &project.currency) else {
        return String::new();
    };
    if !projects.all(|project| project.currency == *currency) {
        return String::new();
    }
    let changes = report.projects.iter().flat_map(|project| &project.changes);
    let total = changes.filter(|change| change.meter == "budgets.total.spend");
    let moved: f64 = total.filter_map(|change| change.delta).sum();
    match moved {
        moved if moved <= -0.005 => format!("{} a month less", number::money(-moved, currency)),
        moved if moved >= 0.005 => format!("{} a month more", number::money(moved, currency)),
        _ => String::new(),
    }
}

/// The change that moves a limit most: `` `tiklive` credits per month +2% (84% of the limit)``.
fn largest(report: &Report) -> Option<String> {
    let rows = report.projects.iter().flat_map(|project| {
        let rows::Rows { rows, small, .. } = rows::rows(project, true);
        let rows = rows.into_iter().chain(small);
        rows.map(move |row| (project, row))
    });
    let size = |row: &Row<'_>| row.moved().map_or(-1.0, f64::abs);
    let (project, row) = rows.max_by(|(_, one), (_, other)| size(one).total_cmp(&size(other)))?;
    let change = row.change?;
    let limit = row.written().limit;
    let moved = match change.delta {
        Some(0.0) if limit.contains('→') => format!("limit {limit}"),
        _ => number::change(change.before, change.after, change.percent),
    };
    let name = of_project(report, project, told(&row.name.short()));
    let share = row
        .utilization()
        .filter(|_| row.verdict() != Verdict::Unlimited);
    let share = share.map_or(String::new(), |share| {
        format!(" ({} of the limit)", number::whole(Some(share)))
    });
    Some(format!("{name} {moved}{share}"))
}

/// How far all tenants may grow before a limit breaks, and which.
struct Headroom {
    compared: bool,
    before: Option<f64>,
    after: Option<f64>,
    name: Option<Named>,
}

/// The headroom of one project: `1.19× → 0.95×`.
pub(super) fn project_headroom(project: &Project, compared: bool) -> String {
    let headroom = Headroom::among(std::slice::from_ref(project), compared);
    headroom.map_or_else(String::new, |it| {
        it.moved().unwrap_or_else(|| number::times(it.after))
    })
}

/// The limit of a project that matters most: `maps credits per month 60% → 76%`.
pub(super) fn project_limit(project: &Project, compared: bool) -> String {
    let rows::Rows { rows, .. } = rows::rows(project, compared);
    let row = rows.first();
    row.map_or_else(String::new, |row| {
        format!("{}: {}", told(&row.name.short()), row.written().used)
    })
}

impl Headroom {
    fn of(report: &Report) -> Option<Self> {
        Self::among(&report.projects, report.base.is_some())
    }

    fn among(projects: &[Project], compared: bool) -> Option<Self> {
        let smaller = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let (mut before, mut after, mut name) = (None, None, None);
        for project in projects {
            for meter in &project.meters {
                let now = meter.breaking_point;
                let was = match change(project, &meter.id) {
                    Some(change) => change.breaking_point.before,
                    None => now,
                };
                before = smaller(before, was);
                if now.is_some() && (after.is_none() || now < after) {
                    (after, name) = (now, Some(meter.named()));
                }
            }
            let gone = project
                .changes
                .iter()
                .filter(|it| it.verdict.after.is_none());
            for change in gone {
                before = smaller(before, change.breaking_point.before);
            }
        }
        (before.is_some() || after.is_some()).then_some(Self {
            compared,
            before,
            after,
            name,
        })
    }

    /// `1.19× → 0.95×`, where it moved as far as is shown.
    fn moved(&self) -> Option<String> {
        let [before, after] = [self.before, self.after].map(number::times);
        let is_moved = self.compared && self.before.is_some() && before != after;
        is_moved.then(|| format!("{before} → {after}"))
    }

    fn sentence(&self) -> String {
        let now = number::times(self.after);
        let figures = self.moved().unwrap_or_else(|| now.clone());
        let name = self
            .name
            .as_ref()
            .map_or(String::new(), |name| format!(" ({})", told(&name.short())));
        let more = |times: f64| number::whole(Some(((times - 1.0) * 100.0).floor() / 100.0));
        let room = match (self.before.filter(|_| self.compared), self.after) {
            (_, None) => "No limit stops growth".to_owned(),
            (Some(before), Some(after)) if before >= 1.0 && after < 1.0 => {
                let room = match before >= 2.0 {
                    true => format!("tenants could grow to {}", number::times(Some(before))),
                    false => format!("you could add {} more tenants", more(before)),
                };
                format!(
                    "Before this change {room} before hitting a limit. Now you are over one{name}"
                )
            }
            (_, Some(after)) if after < 1.0 => format!("You are over a limit{name}"),
            (_, Some(after)) if after >= 2.0 => {
                format!("Tenants can grow to {now} before a limit breaks{name}")
            }
            (_, Some(after)) => {
                format!(
                    "You can add {} more tenants before a limit breaks{name}",
                    more(after)
                )
            }
        };
        format!("Headroom: {figures}. {room}.")
    }
}

/// A name with its project, where there are several.
fn of_project(report: &Report, project: &Project, said: String) -> String {
    match report.projects.len() {
        0 | 1 => said,
        _ => format!("`{}`: {said}", text::name(&project.name, 40)),
    }
}

/// What a finding says of the world: without the share of a limit, where that is told beside it.
fn event(report: &Report, project: &Project, finding: &Finding, is_told: bool) -> String {
    let said = match find(&project.meters, &finding.subject) {
        Some(meter) if meter.today() == Verdict::Breaks => broken(project, meter, is_told),
        Some(meter) => ahead(project, meter).unwrap_or_else(|| clause(&finding.message)),
        None => in_scenario(project, finding).unwrap_or_else(|| clause(&finding.message)),
    };
    of_project(report, project, said)
}

/// The limit that does not fit a scenario.
fn in_scenario(project: &Project, finding: &Finding) -> Option<String> {
    let mut scenarios = project.scenarios.iter();
    let scenario = scenarios.find(|it| {
        let path = TomlPath::new(&["scenarios", &it.name]);
        path.to_string() == finding.subject
    })?;
    let (id, _) = finding.parts.first()?;
    let name = told(&find(&scenario.meters, id)?.named());
    let scenario = text::name(&scenario.name, 40);
    Some(format!("`{scenario}` exceeds the limit of {name}"))
}

/// The first clause of a message.
fn clause(message: &str) -> String {
    let message = text::message(message);
    let ends = [": ", "; "].into_iter().filter_map(|end| message.find(end));
    let end = ends.min().unwrap_or(message.len());
    let clause = text::shorten(&message[..end], CLAUSE).into_owned();
    // A name that is cut leaves no half of its marks.
    match clause.matches('`').count() % 2 {
        0 => clause,
        _ => clause.replace('`', ""),
    }
}

fn broken(project: &Project, meter: &Meter, is_told: bool) -> String {
    let thing = meter.named().thing;
    let share = |of: &str| match is_told {
        true => String::new(),
        false => format!(" ({}{of})", number::whole(meter.utilization)),
    };
    match (&*meter.kind, meter.detail.empties_on_day.flatten()) {
        ("credits", Some(day)) => {
            let (day, share) = (day.floor(), share(" of the plan"));
            format!("`{thing}` credits run out on day {day:.0}{share}")
        }
        ("credits", None) => format!("`{thing}` credits exceed the plan{}", share("")),
        ("spend", _) => format!("`{thing}` spend exceeds its budget{}", share("")),
        ("storage", _) => {
            let now = selection::of_limit_today(project, meter);
            format!("`{thing}` is full: {now}")
        }
        _ => {
            let limit = number::quantity(meter.limit, &meter.unit, &project.currency);
            let limit = selection::with_unit(&limit, &meter.unit);
            let name = told(&meter.named());
            format!("{name} over the limit of {limit}{}", share(""))
        }
    }
}

/// What becomes of a meter that holds today: when it fills, or by which day it breaks.
fn ahead(project: &Project, meter: &Meter) -> Option<String> {
    let thing = meter.named().thing;
    if let Some(day) = meter.detail.full_on_day.flatten() {
        return Some(format!("`{thing}` is full in {}", days(day)));
    }
    let breaks = |it: &&crate::report::Horizon| {
        let then = find(&it.meters, &meter.id);
        then.is_some_and(|then| then.verdict == Verdict::Breaks)
    };
    match project.horizons.iter().find(breaks) {
        Some(horizon) => {
            let name = told(&meter.named());
            Some(format!(
                "{name} over the limit within {}",
                days(horizon.day)
            ))
        }
        None if meter.verdict == Verdict::Tight => {
            let (name, share) = (told(&meter.named()), number::whole(meter.utilization));
            Some(format!("{name} close to the limit ({share})"))
        }
        None => None,
    }
}

/// What the change does to the limit that a finding is about, and which declaration.
fn because(project: &Project, finding: &Finding) -> Option<String> {
    let parts = finding.parts.iter().map(|(name, _)| name.as_str());
    let mut names = std::iter::once(finding.subject.as_str()).chain(parts);
    let change = names.find_map(|name| change(project, name));
    let adds = change.iter().flat_map(|change| &change.attribution);
    let adds = adds.filter(|it| it.delta > 0.0);
    let most = adds.max_by(|one, other| one.delta.total_cmp(&other.delta));
    let most = finding.cause.as_ref().or(most)?;
    let path = text::name(&most.path, 80);
    let written = |value: &String| text::name(value, 60);
    let cause = match (most.before.as_ref(), most.after.as_ref()) {
        (Some(before), Some(after)) => {
            format!("`{path}`: {} → {}", written(before), written(after))
        }
        (_, None) => format!("`{path}` was removed"),
        (None, Some(_)) => format!("`{path}` is new"),
    };
    let Some(change) = change else {
        return Some(format!("{cause}."));
    };
    let meter = find(&project.meters, &change.meter)?;
    let row = Row::of(project, meter, change);
    let used = row.written().used;
    if !used.contains(" → ") {
        return Some(format!("{cause}."));
    }
    let over = row
        .over()
        .map_or(String::new(), |over| format!(", {over} over"));
    let name = told(&row.name.short());
    Some(format!("{cause}. {name}: {used} of the limit{over}."))
}
