//! How far limits hold on days to come and in scenarios, in a few words.

use crate::report::{Meter, Project, Scenario, Verdict};

use super::number::plural;
use super::selection::{self, change, find, fullness, told, worst_first};
use super::text;

/// The days and the scenarios, each with the worst verdict and what is said of it.
pub(super) struct Growth {
    pub(super) days: Vec<Said>,
    pub(super) scenarios: Vec<Said>,
    pub(super) note: Option<String>,
}

/// What is said of a day or a scenario: `90 days 117.1%`, and what it is of: ` (tiklive credits)`.
pub(super) struct Said {
    pub(super) verdict: Verdict,
    pub(super) brief: String,
    more: String,
}

impl Said {
    pub(super) fn whole(&self) -> String {
        format!("{}{}", self.brief, self.more)
    }
}

impl Growth {
    pub(super) fn of(project: &Project, comparing: bool) -> Self {
        let scenarios = selection::scenarios(project);
        let raised = scenarios
            .iter()
            .any(|scenario| is_raised(project, scenario));
        let assumed = scenarios.iter().filter(|scenario| scenario.assumed);
        let assumed: Vec<String> = assumed.map(|it| named(it)).collect();
        let mut notes = Vec::new();
        if raised {
            notes.push("scenarios count limits at their declared `max`".to_owned());
        }
        if leaves_out(project) {
            notes.push("budgets without a `max` are not counted".to_owned());
        }
        if !assumed.is_empty() {
            let names = assumed.join(" and ");
            notes.push(format!("{names} assumed, as no scenario is declared"));
        }
        let said = |scenario: &&Scenario| in_scenario(project, scenario, comparing);
        Self {
            days: days(project),
            scenarios: scenarios.iter().map(said).collect(),
            note: (!notes.is_empty()).then(|| notes.join("; ")),
        }
    }
}

/// The worst meter of each day; its name once, where it is the same throughout.
fn days(project: &Project) -> Vec<Said> {
    let worst: Vec<(u32, &Meter)> = project
        .horizons
        .iter()
        .filter_map(|horizon| {
            let meters = match horizon.same_as_today {
                true => &project.meters,
                false => &horizon.meters,
            };
            let limited = meters.iter().filter(|it| it.verdict != Verdict::Unlimited);
            Some((
                horizon.day,
                limited.min_by(|one, other| worst_first(one, other))?,
            ))
        })
        .collect();
    let last = worst.len().saturating_sub(1);
    let is_same = worst.windows(2).all(|pair| match pair {
        [(_, one), (_, other)] => one.id == other.id,
        _ => true,
    });
    let said = |(index, (day, meter)): (usize, &(u32, &Meter))| {
        let more = match is_same && index < last {
            true => String::new(),
            false => format!(" ({})", told(&meter.named().short())),
        };
        let used = selection::used(meter);
        Said {
            verdict: meter.verdict,
            brief: format!("{day} days {used}"),
            more,
        }
    };
    worst.iter().enumerate().map(said).collect()
}

fn in_scenario(project: &Project, scenario: &Scenario, comparing: bool) -> Said {
    let of = |verdict: Verdict| move |meter: &&Meter| meter.verdict == verdict;
    let breaking = scenario.meters.iter().filter(of(Verdict::Breaks)).count();
    let was = |meter: &Meter| match change(project, &meter.id) {
        None => Some(meter.verdict),
        Some(changed) => {
            let mut judged = changed.scenarios.iter();
            judged.find(|it| it.name == scenario.name)?.before
        }
    };
    let breaks = |meter: &&Meter| was(meter) == Some(Verdict::Breaks);
    let before = scenario.meters.iter().filter(breaks);
    let is_gone = |meter: &&Meter| meter.verdict == Verdict::Unlimited;
    let gone = before.clone().filter(is_gone).count();
    let (before, worst) = (before.count(), worst(scenario));
    let name = named(scenario);
    // What is not known may break as well.
    let is_open = scenario
        .meters
        .iter()
        .any(|it| it.verdict == Verdict::Unknown);
    let at_least = if is_open { "at least " } else { "" };
    let is_known = project.changes.iter().any(|it| !it.scenarios.is_empty());
    let than = match comparing && is_known {
        _ if is_open => String::new(),
        true if before == breaking && breaking > 0 => " (as before)".to_owned(),
        true if before != breaking && breaking > 0 => match before {
            0 => " (none before)".to_owned(),
            _ => format!(" ({before} before)"),
        },
        true if before > 0 => ended(before, gone),
        _ => String::new(),
    };
    let (said, most) = match (breaking, worst) {
        (0, Some(meter)) if meter.verdict == Verdict::Unknown => {
            let so_far = meter.utilization.map(|_| selection::used(meter));
            let so_far = so_far.map_or(String::new(), |used| format!(" ({used} so far)"));
            ("not known".to_owned(), so_far)
        }
        (0, Some(meter)) => (
            "fits".to_owned(),
            format!(" ({} at most)", selection::used(meter)),
        ),
        (0, None) => ("no limit".to_owned(), String::new()),
        (1, _) => (format!("{at_least}1 limit breaks"), String::new()),
        (many, _) => (format!("{at_least}{many} limits break"), String::new()),
    };
    Said {
        verdict: worst.map_or(Verdict::Unlimited, |meter| meter.verdict),
        brief: format!("{name} {said}"),
        more: format!("{most}{than}"),
    }
}

/// How many limits broke before, of a scenario in which none does, and whether that is because so
/// many are gone.
fn ended(before: usize, gone: usize) -> String {
    let broke = format!("{} broke before", plural(before, "limit"));
    match gone {
        0 => format!(" ({broke})"),
        _ if gone == before => format!(" ({broke}, now removed)"),
        _ => format!(" ({broke}, {gone} now removed)"),
    }
}

fn named(scenario: &Scenario) -> String {
    let name = text::name(&scenario.name, 30).replace('`', "'");
    format!("`{name}`")
}

fn worst(scenario: &Scenario) -> Option<&Meter> {
    let limited = scenario.meters.iter();
    let limited = limited.filter(|meter| meter.verdict != Verdict::Unlimited);
    limited.max_by(|one, other| {
        let full = |meter: &Meter| fullness(meter.utilization, meter.verdict);
        let by_verdict = one.verdict.cmp(&other.verdict);
        by_verdict.then(full(one).total_cmp(&full(other)))
    })
}

/// Whether a limit is over today that no scenario judges, though some scenario fits.
fn leaves_out(project: &Project) -> bool {
    let mut over = project
        .meters
        .iter()
        .filter(|it| it.today() == Verdict::Breaks);
    let judges = |scenario: &Scenario, id: &str| {
        let then = find(&scenario.meters, id);
        then.is_some_and(|then| then.verdict != Verdict::Unlimited)
    };
    over.any(|meter| {
        let mut scenarios = project.scenarios.iter();
        scenarios.any(|scenario| !judges(scenario, &meter.id))
    })
}

/// Whether limits in a scenario are higher than today's.
fn is_raised(project: &Project, scenario: &Scenario) -> bool {
    scenario.meters.iter().any(|meter| {
        let today = find(&project.meters, &meter.id).and_then(|today| today.limit);
        meter.limit.zip(today).is_some_and(|(then, now)| then > now)
    })
}
