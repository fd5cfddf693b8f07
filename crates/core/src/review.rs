//! A quarter: the forecast that was made against what was measured, and what is to be decided.
//!
//! The forecast that is judged is the one of the last commit before the first day, on each day with
//! the tenants that it projected. A feature that came later is judged from its commit on.

mod bridge;
mod decisions;
mod made;
pub mod report;
mod stocks;
mod tenants;

use crate::analysis::Project;
use crate::calibrate::report::Calibration;
use crate::calibrate::{Measured, Settings, Window, calibrate};
use crate::history::{Commit, Moved, Past, Walk};
use crate::purchases::{Asked, Extent, MONTHS, purchases};
use crate::report::{Project as Reported, Report, Verdict};
use crate::source::SourceMap;
use crate::units::Date;
use crate::usage::Usage;

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

/// A commit of the window, and what it moved.
struct Step<'a> {
    commit: &'a Commit,
    moved: Vec<Moved>,
}

/// Reviews.
#[must_use]
pub fn review(inputs: &Inputs<'_>) -> Review {
    let Inputs { past, window, .. } = *inputs;
    let mut walk = Walk::new(past, inputs.threads);
    let first: Vec<Project> = walk.known.values().cloned().collect();
    let mut made: Vec<Made> = Vec::new();
    for project in walk.known.values() {
        made.push(Made::of(project, window, window.from));
    }
    let mut steps = Vec::new();
    for commit in past.commits.iter().filter(|commit| commit.day < window.to) {
        let (moved, _) = walk.step(commit);
        for project in walk.known.values() {
            let name = &project.declarations.name;
            match made.iter_mut().find(|it| it.name == *name) {
                Some(made) => made.add(project, window, commit.day),
                None => made.push(Made::of(project, window, commit.day)),
            }
        }
        steps.push(Step { commit, moved });
    }
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
        usage: inputs.report.usage.clone().unwrap_or_default(),
        notes: past.notes.clone(),
    };
    if past.before.is_none() {
        review.notes.push(format!(
            "No commit from before {} is known: features are judged from their first commit on.",
            window.from
        ));
    }
    for project in inputs.projects {
        let name = &project.declarations.name;
        let reported = inputs.report.projects.iter().find(|it| it.name == *name);
        let then = walk.known.values().find(|it| it.declarations.name == *name);
        let own = Own {
            inputs,
            project,
            reported,
            then: then.unwrap_or(project),
            before: first.iter().find(|it| it.declarations.name == *name),
            made: made.iter().find(|it| it.name == *name),
            steps: &steps,
        };
        let (part, notes) = own.review();
        review.notes.extend(notes);
        review.projects.push(part);
    }
    decisions::decide(&mut review, inputs, &steps);
    review.summary = decisions::summary(&review);
    review
}

/// One project, and all that is known of it.
struct Own<'a> {
    inputs: &'a Inputs<'a>,
    project: &'a Project,
    reported: Option<&'a Reported>,
    /// The project as it was on the last day.
    then: &'a Project,
    /// The project as it was before the first day.
    before: Option<&'a Project>,
    made: Option<&'a Made>,
    steps: &'a [Step<'a>],
}

/// How many days ahead a waiver that ends is told.
const WAIVERS: i64 = 90;

impl Own<'_> {
    fn review(&self) -> (report::Project, Vec<String>) {
        let Inputs { window, as_of, .. } = *self.inputs;
        let measured = Measured::new(self.inputs.usage, self.then, window, false);
        let calibration = self.calibration();
        let (queues, mut notes) = self.queues(&measured);
        if measured.is_empty() {
            let name = &self.project.declarations.name;
            notes.push(format!("Nothing of {name} was measured in the window."));
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
        let reported = self.reported;
        let part = report::Project {
            name: project.declarations.name.clone(),
            currency: project.currency().to_owned(),
            bridges: self.bridges(&calibration, &measured),
            features: self.lines(&measured),
            databases: self.databases(&measured),
            row_sizes: stocks::row_sizes(&calibration),
            queues,
            tenants: self.spenders(),
            tripling: self.tripling(),
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

    /// Limits that don't fit in a scenario, those that break first.
    fn scenarios(&self) -> Vec<report::Scenario> {
        let Some(reported) = self.reported else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        for scenario in &reported.scenarios {
            let meters = scenario.meters.iter();
            for meter in meters.filter(|it| it.verdict > Verdict::Fits && it.limit.is_some()) {
                rows.push(report::Scenario {
                    scenario: scenario.name.clone(),
                    meter: meter.id.to_string(),
                    unit: meter.unit.to_string(),
                    demand: meter.judged(reported.confidence),
                    limit: meter.limit,
                    utilization: meter.utilization,
                    verdict: meter.verdict,
                });
            }
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
