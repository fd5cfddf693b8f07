//! A quarter: the forecast that was made against what was measured, and what is to be decided.
//!
//! The forecast that is judged is the one of the last commit before the first day, on each day with
//! the tenants that it projected. A feature that came later is judged from its commit on.

mod bridge;
mod decisions;
mod followed;
mod made;
pub mod report;
mod spend;
mod stocks;
mod summary;
mod tenants;

use std::collections::BTreeMap;

use crate::analysis::Project;
use crate::calibrate::report::Calibration;
use crate::calibrate::{Measured, Settings, Window, calibrate};
use crate::history::{Commit, Moved, Past, Walk};
use crate::meter::MeterKind;
use crate::purchases::{Asked, Extent, MONTHS, purchases};
use crate::report::{Meter, Project as Reported, Report, UsageRows, Verdict};
use crate::source::SourceMap;
use crate::units::Date;
use crate::usage::{Days, Usage};
use crate::words::number::by_leading;

use made::Made;
use report::{FORMAT, Review};

/// What a review is made of.
pub struct Inputs<'a> {
    /// The history since the first day.
    pub past: &'a Past,
    /// What was measured.
    pub usage: &'a Usage,
    /// The projects as they are.
    pub projects: &'a [Project],
    /// Their files.
    pub sources: &'a SourceMap,
    /// What is said of them today.
    pub report: &'a Report,
    /// The days that are looked back at.
    pub window: Window,
    /// The day from which is looked ahead.
    pub as_of: Date,
    /// The review before.
    pub previous: Option<&'a report::Before>,
    /// How many threads may be used.
    pub threads: usize,
}

/// What a project was from a day on, by a commit; nothing where it was so before the first day.
struct Span<'a> {
    from: Date,
    commit: Option<&'a Commit>,
    project: Project,
}

/// What became of projects since the first day.
#[derive(Default)]
struct Since<'a> {
    /// By folder, up to the last day.
    spans: BTreeMap<String, Vec<Span<'a>>>,
    made: BTreeMap<String, Made>,
    /// What was moved up to today.
    moved: Vec<Moved>,
}

impl<'a> Since<'a> {
    fn new(inputs: &Inputs<'a>) -> Self {
        let Inputs { past, window, .. } = *inputs;
        let mut since = Self::default();
        let mut walk = Walk::new(past, inputs.threads);
        for project in walk.known.values() {
            since.add(project, window, (window.from, None));
        }
        for commit in &past.commits {
            let (moved, _) = walk.step(commit);
            since.moved.extend(moved);
            if commit.day >= window.to {
                continue;
            }
            for project in walk.touched() {
                let from = commit.day.max(window.from);
                since.add(project, window, (from, Some(commit)));
            }
        }
        since
    }

    /// What became of the rows: a row may name what was declared on its day. Where that had another
    /// name, it counts nowhere.
    fn rows(&self, inputs: &Inputs<'_>) -> UsageRows {
        let window = inputs.window;
        let days = |from: Date, to: Date| Days {
            from,
            last: Window { from, to }.last(),
            last_sampled: to,
        };
        let whole = Some(days(window.from, window.to));
        let mut all: Vec<(Option<Days>, &Project)> = Vec::new();
        for project in inputs.projects {
            let spans = self.spans.get(&project.declarations.folder);
            let spans = spans.map_or(&[][..], Vec::as_slice);
            let ends = spans.iter().skip(1).map(|span| span.from);
            let own = spans.iter().zip(ends.chain([window.to]));
            let own = own.filter(|(span, end)| span.from < *end);
            all.extend(own.map(|(span, end)| (Some(days(span.from, end)), &span.project)));
            if spans.is_empty() {
                all.push((whole, project));
            }
        }
        inputs.usage.rows_by_span(&all, whole).0
    }

    fn add(
        &mut self,
        project: &Project,
        window: Window,
        (from, commit): (Date, Option<&'a Commit>),
    ) {
        let folder = &project.declarations.folder;
        let made = self.made.entry(folder.clone()).or_default();
        made.add(project, window, from);
        self.spans.entry(folder.clone()).or_default().push(Span {
            from,
            commit,
            project: project.clone(),
        });
    }
}

/// Reviews.
#[must_use]
pub fn review(inputs: &Inputs<'_>) -> Review {
    let Inputs { past, window, .. } = *inputs;
    let since = Since::new(inputs);
    let mut review = Review {
        format: FORMAT.to_owned(),
        from: window.from.to_string(),
        to: window.to.to_string(),
        as_of: inputs.as_of.to_string(),
        forecast_made: past.before.clone(),
        summary: Vec::new(),
        decisions: Vec::new(),
        previous: Vec::new(),
        projects: Vec::new(),
        usage: since.rows(inputs),
        notes: past.notes.clone(),
    };
    if past.before.is_none() {
        review.notes.push(format!(
            "No commit from before {} is known: features are judged from their first commit on.",
            window.from
        ));
    }
    let mut all = Vec::new();
    for project in inputs.projects {
        let folder = &project.declarations.folder;
        let spans = since.spans.get(folder).map_or(&[][..], |spans| spans);
        let own = Own {
            inputs,
            project,
            reported: inputs.report.projects.iter().find(|it| it.root == *folder),
            then: spans.last().map_or(project, |span| &span.project),
            spans,
            made: since.made.get(folder),
        };
        let (part, notes) = own.review();
        review
            .notes
            .extend(notes.into_iter().map(|note| match inputs.projects.len() {
                1 => note,
                _ => format!("{}: {note}", part.name),
            }));
        review.projects.push(part);
        all.push(own);
    }
    decisions::decide(&mut review, &all, &since.moved);
    review.summary = summary::summary(&review);
    review
}

/// One project, and all that is known of it.
struct Own<'a> {
    inputs: &'a Inputs<'a>,
    project: &'a Project,
    reported: Option<&'a Reported>,
    /// The project as it was on the last day.
    then: &'a Project,
    /// The project as it was in the window.
    spans: &'a [Span<'a>],
    made: Option<&'a Made>,
}

/// How many days ahead a waiver that ends is told.
const WAIVERS: i64 = 90;

impl Own<'_> {
    /// The project as it was before the first day.
    fn before(&self) -> Option<&Project> {
        let first = self.spans.first().filter(|span| span.commit.is_none());
        first.map(|span| &span.project)
    }

    fn review(&self) -> (report::Project, Vec<String>) {
        let Inputs { window, as_of, .. } = *self.inputs;
        let measured = Measured::new(self.inputs.usage, self.then, window, false);
        let calibration = self.calibration();
        let (queues, mut notes) = self.queues(&measured);
        if measured.is_empty() {
            let name = &self.project.declarations.name;
            notes.push(format!("Nothing of {name} was measured in these days."));
        }
        notes.extend(calibration.notes.iter().cloned());
        let months = MONTHS.max(12 - u32::from(as_of.month()));
        let asked = Asked {
            as_of,
            months,
            usage: self.inputs.usage,
            extent: Extent::All,
        };
        let (project, policy) = (self.project, &self.project.policy);
        let plan = purchases(project, policy, asked, self.inputs.threads);
        notes.extend(plan.notes);
        let (bridges, missing) = self.bridges();
        notes.extend(missing);
        let spend = self.spend(&measured);
        notes.extend(self.without_cost(&bridges, &spend));
        let reported = self.reported;
        let part = report::Project {
            name: project.declarations.name.clone(),
            currency: project.currency().to_owned(),
            bridges,
            features: self.lines(&measured),
            databases: self.databases(&measured),
            row_sizes: stocks::row_sizes(&calibration),
            queues,
            spend,
            tenants: self.spenders(),
            over_quota: self.over_quota(),
            tripling: self.tripling(),
            populations: self.populations(),
            scenarios: self.scenarios(),
            purchases: plan.purchases,
            cash: plan.cash,
            assumptions: reported.map_or_else(Vec::new, |it| it.assumptions.clone()),
            waivers: self.waivers(),
        };
        (part, notes)
    }

    /// What was measured against what was declared on the last day.
    fn calibration(&self) -> Calibration {
        let policy = &self.then.policy;
        let figures = crate::analysis::Figures::Moves;
        let threads = self.inputs.threads;
        let [outlook] = crate::analysis::outlooks_of([(self.then, policy)], figures, threads);
        let settings = Settings {
            window: self.inputs.window,
            gaps_are_zero: false,
            threads,
        };
        let sources = match std::ptr::eq(self.then, self.project) {
            true => self.inputs.sources,
            false => &self.inputs.past.sources,
        };
        calibrate(
            &[(self.then, &outlook)],
            sources,
            self.inputs.usage,
            settings,
        )
        .report
    }

    /// How many tenants there are, today and in each scenario.
    fn populations(&self) -> Vec<report::Population> {
        let model = &self.project.model;
        let now = model.tiers.iter().enumerate();
        let now = now
            .filter_map(|(place, (tier, it))| Some((place, tier, it.points.first()?.1.point()?)));
        let now: Vec<(usize, &String, f64)> = now.collect();
        let row = |situation: &str, tier: &str, tenants| report::Population {
            situation: situation.to_owned(),
            tier: tier.to_owned(),
            tenants,
        };
        let mut rows: Vec<_> = now
            .iter()
            .map(|(_, tier, now)| row("today", tier, *now))
            .collect();
        let scenarios = self.project.scenarios.iter().map(|(scenario, _)| scenario);
        let mut scenarios: Vec<_> = scenarios.collect();
        by_leading(&mut scenarios, |it| &it.name);
        for scenario in scenarios {
            rows.extend(now.iter().map(|(place, tier, now)| {
                row(&scenario.name, tier, now * scenario.tenants.of(*place))
            }));
        }
        rows
    }

    /// What doesn't fit in a scenario, and whatever is to be bought or paid in it.
    fn scenarios(&self) -> Vec<report::Scenario> {
        let Some(reported) = self.reported else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let mut scenarios: Vec<_> = reported.scenarios.iter().collect();
        by_leading(&mut scenarios, |it| &it.name);
        for scenario in scenarios {
            let is_told = |meter: &&Meter| {
                let kind = MeterKind::of_key(&meter.kind);
                let is_total = *meter.id == *decisions::everything();
                let is_bought = kind == Some(MeterKind::Credits) || is_total;
                is_bought || (meter.verdict > Verdict::Fits && meter.limit.is_some())
            };
            let mut own: Vec<&Meter> = scenario.meters.iter().filter(is_told).collect();
            own.sort_by(|one, other| {
                let verdict = other.verdict.cmp(&one.verdict);
                let share = |meter: &Meter| meter.utilization.unwrap_or(f64::INFINITY);
                verdict.then(share(other).total_cmp(&share(one)))
            });
            rows.extend(own.into_iter().map(|meter| report::Scenario {
                scenario: scenario.name.clone(),
                meter: meter.id.to_string(),
                unit: meter.unit.to_string(),
                demand: meter.judged(reported.confidence),
                limit: meter.limit,
                utilization: meter.utilization,
                verdict: meter.verdict,
            }));
        }
        rows
    }

    fn waivers(&self) -> Vec<report::Waiver> {
        let findings = self.reported.map_or(&[][..], |it| &it.findings);
        let last = self.inputs.as_of.plus_days(WAIVERS);
        let mut waivers = Vec::new();
        for finding in findings {
            let Some(waived) = &finding.waived else {
                continue;
            };
            let until = waived.until.as_deref();
            let ends = until.and_then(|day| Date::parse(day).ok());
            if let Some(day) = ends.filter(|day| last.is_none_or(|last| *day <= last)) {
                waivers.push(report::Waiver {
                    rule: finding.rule.clone(),
                    subject: finding.subject.clone(),
                    owner: waived.owner.clone(),
                    until: day.to_string(),
                });
            }
        }
        waivers
    }
}
