//! The verdict as a sentence about the world: what runs out and when, how far it holds, and what
//! moved it. The same words in every format.

use crate::document::TomlPath;
use crate::finding::Severity;
use crate::report::named::days;
use crate::report::{Change, Finding, Meter, Outcome, Project, Report, Verdict};

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
                    _ if view::is_over_a_limit(report) => "Over a limit, with a warning",
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
fn compared(report: &Report, counts: &Counts, headroom: Option<&Headroom<'_>>) -> String {
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
struct Headroom<'a> {
    compared: bool,
    before: Option<Room>,
    after: Option<Room>,
    /// What gives way first.
    least: Option<&'a Meter>,
}

/// The growth that limits leave.
#[derive(Clone, Copy)]
struct Room {
    times: f64,
    /// Whether a limit may break sooner, because its demand is not known.
    is_open: bool,
}

impl Room {
    fn of(points: &[f64], is_open: bool) -> Option<Self> {
        let times = points.iter().copied().min_by(f64::total_cmp);
        let times = times.or(is_open.then_some(f64::INFINITY))?;
        Some(Self {
            times,
            is_open: is_open && times >= 1.0,
        })
    }

    fn figure(room: Option<Self>) -> String {
        match room {
            Some(room) if room.is_open => "not known".to_owned(),
            room => number::times(room.map(|it| it.times)),
        }
    }
}

/// The headroom of one project: `1.19× → 0.95×`.
pub(super) fn project_headroom(project: &Project, compared: bool) -> String {
    let headroom = Headroom::among(std::slice::from_ref(project), compared);
    headroom.map_or_else(String::new, |it| {
        it.moved().unwrap_or_else(|| Room::figure(it.after))
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

impl<'a> Headroom<'a> {
    fn of(report: &'a Report) -> Option<Self> {
        Self::among(&report.projects, report.base.is_some())
    }

    fn among(projects: &'a [Project], compared: bool) -> Option<Self> {
        let meters = projects.iter().flat_map(|project| {
            let meters = project.meters.iter();
            meters.map(move |meter| (meter, change(project, &meter.id)))
        });
        let meters: Vec<(&Meter, Option<&Change>)> = meters.collect();
        let now = meters
            .iter()
            .map(|(meter, _)| (meter.breaking_point, meter.verdict));
        let unchanged = meters.iter().filter(|(_, change)| change.is_none());
        let unchanged = unchanged.map(|(meter, _)| (meter.breaking_point, meter.verdict));
        let changes = projects.iter().flat_map(|project| &project.changes);
        let moved = changes.filter_map(|it| Some((it.breaking_point.before, it.verdict.before?)));
        let room = |all: Vec<(Option<f64>, Verdict)>| {
            let points: Vec<f64> = all.iter().filter_map(|(point, _)| *point).collect();
            Room::of(&points, all.iter().any(|(_, it)| *it == Verdict::Unknown))
        };
        let (before, after) = (room(unchanged.chain(moved).collect()), room(now.collect()));
        let limited = meters.iter().map(|(meter, _)| *meter);
        let limited = limited.filter(|meter| meter.breaking_point.is_some());
        // What is over its limit now comes before what only comes to be.
        let order = |meter: &&Meter| {
            let point = meter.breaking_point.unwrap_or(f64::INFINITY);
            (point >= 1.0 || meter.today() != Verdict::Breaks, point)
        };
        let least = limited.min_by(|one, other| {
            let ((one, point), (other, other_point)) = (order(one), order(other));
            one.cmp(&other).then(point.total_cmp(&other_point))
        });
        (before.is_some() || after.is_some()).then_some(Self {
            compared,
            before,
            after,
            least,
        })
    }

    /// `1.19× → 0.95×`, where it moved as far as is shown.
    fn moved(&self) -> Option<String> {
        let [before, after] = [self.before, self.after].map(Room::figure);
        let is_moved = self.compared && self.before.is_some() && before != after;
        is_moved.then(|| format!("{before} → {after}"))
    }

    fn sentence(&self) -> String {
        let figures = self.moved().unwrap_or_else(|| Room::figure(self.after));
        let before = self.before.filter(|it| self.compared && !it.is_open);
        let before = before.map(|it| it.times);
        let room = match (before, self.after) {
            (_, None) => "No limit stops growth".to_owned(),
            (_, Some(room)) if room.is_open => self.at_most(room.times),
            (Some(before), Some(Room { times, .. })) if before >= 1.0 && times < 1.0 => {
                let room = match before >= 2.0 {
                    true => format!("tenants could grow to {}", number::times(Some(before))),
                    false => format!("you could add {} more tenants", more(before)),
                };
                let over = match self.coming() {
                    Some(coming) => coming,
                    None => format!("you are over one{}", self.name()),
                };
                format!("Before this change {room} before hitting a limit. Now {over}")
            }
            (_, Some(Room { times, .. })) if times < 1.0 => match self.coming() {
                Some(coming) => coming,
                None => format!("You are over a limit{}", self.name()),
            },
            (_, Some(Room { times, .. })) => {
                let name = self.name();
                let room = match times >= 2.0 {
                    true => format!("Tenants can grow to {}", number::times(Some(times))),
                    false => format!("You can add {} more tenants", more(times)),
                };
                format!("{room} before a limit breaks{name}")
            }
        };
        format!("Headroom: {figures}. {room}.")
    }

    fn name(&self) -> String {
        let name = self.least.map(|meter| told(&meter.named().short()));
        name.map_or(String::new(), |name| format!(" ({name})"))
    }

    /// How far tenants may grow by what is known.
    fn at_most(&self, times: f64) -> String {
        match times.is_finite() {
            true => format!(
                "Part of the demand is unknown; tenants can grow to {} at most{}",
                number::times(Some(times)),
                self.name()
            ),
            false => "Part of the demand is unknown".to_owned(),
        }
    }

    /// When the limit breaks, where it is not over now.
    fn coming(&self) -> Option<String> {
        let meter = self.least.filter(|it| it.today() != Verdict::Breaks)?;
        let name = told(&meter.named().short());
        Some(match (meter.detail.full_on_day.flatten(), meter.day) {
            (Some(day), _) => format!("{name} is full in {}", days(day)),
            (None, Some(day)) => format!("{name} is over its limit in {}", days(day)),
            (None, None) => return None,
        })
    }
}

/// How many more tenants there may be: `19%`.
fn more(times: f64) -> String {
    match ((times - 1.0) * 100.0).floor() / 100.0 {
        0.0 => "less than 1%".to_owned(),
        share => number::whole(Some(share)),
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
    // A scenario that the change makes stricter does not judge yet.
    let breaks = |it: &&Meter| it.verdict == Verdict::Breaks;
    let name = told(&find(&scenario.meters, id).filter(breaks)?.named());
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
