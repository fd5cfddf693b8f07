//! One project, or one project compared with what it was, judged.

use crate::analysis::{DEFAULT_CURRENCY, Figures, Outlook, Project, outlooks_of};
use crate::changes::{self, Comparison};
use crate::collections::HashMap;
use crate::document::Difference;
use crate::finding::{Finding, Severity};
use crate::fit::Meters;
use crate::model::{Declarations, Policy, Scenario};
use crate::parallel;
use crate::report::{self, State};
use crate::rules::loosening::loosenings;
use crate::rules::{self, Context, causes};
use crate::verdicts::{self, Judge};

use super::pairs::OUTSIDE;
use super::selection::Owned;
use super::touched::Touched;
use super::{Before, Inputs, Settings, Sides, assumptions, edits, lines, nowhere};

pub(super) struct Run<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) settings: &'a Settings,
    /// How many threads one project may use.
    pub(super) threads: usize,
    pub(super) compared: bool,
    /// The empty project, which stands in for one that was not there.
    pub(super) nothing: (&'a Project, &'a Outlook),
}

/// Lets the base's `require` judge the head's scenarios: the base's word where it declares the
/// scenario, the stricter of both where it only assumed it. What only the head has keeps its
/// own.
pub(super) fn require_as_before(head: &mut Project, base: &Project) {
    for (scenario, _) in &mut head.scenarios {
        let by_name = |(before, _): &(Scenario, _)| before.name.cmp(&scenario.name);
        let Ok(found) = base.scenarios.binary_search_by(by_name) else {
            continue;
        };
        let (before, _) = &base.scenarios[found];
        if !before.assumed || before.require.is_stricter_than(scenario.require) {
            scenario.require = before.require;
        }
    }
}

#[derive(Clone, Copy)]
struct By<'p> {
    policy: &'p Policy,
    declarations: &'p Declarations,
    other: Option<&'p Declarations>,
    folder: &'p str,
}

impl<'p> By<'p> {
    fn of(judging: &'p Project, other: Option<&'p Project>, folder: &'p str) -> Self {
        Self {
            policy: &judging.policy,
            declarations: &judging.declarations,
            other: other.map(|other| &other.declarations),
            folder,
        }
    }
}

impl Run<'_> {
    /// The report of a project. Outlooks that are done with are put aside, so that they need not
    /// be taken apart.
    pub(super) fn project(&self, sides: &Sides<'_>) -> (report::Project, Vec<Outlook>) {
        let mut done = Vec::new();
        let mut project = match (sides.head, sides.base, sides.saved) {
            (Some(head), base, saved) => self.head(head, base, saved, &mut done),
            (None, Some(base), _) => self.gone(base),
            (None, None, Some(saved)) => gone_from_report(saved),
            (None, None, None) => unreachable!("a project is paired with what it was, or is new"),
        };
        if !self.settings.owners.is_empty() {
            let mut owned = Owned::default();
            for side in [sides.head, sides.base].into_iter().flatten() {
                owned.add(side, &self.settings.owners, self.inputs.sources);
            }
            owned.narrow(&mut project);
        }
        (project, done)
    }

    fn head(
        &self,
        head: &Project,
        base: Option<&Project>,
        saved: Option<&report::Project>,
        done: &mut Vec<Outlook>,
    ) -> report::Project {
        let judging = match base {
            Some(base) if !self.settings.accept_policy => base,
            _ => head,
        };
        let policy = &judging.policy;
        let (mut outlook, before) = match base {
            Some(base) => {
                let [outlook, before] = self.outlooks([(head, policy), (base, policy)]);
                (outlook, Some((base, before)))
            }
            None => {
                let [outlook] = self.outlooks([(head, policy)]);
                (outlook, None)
            }
        };
        let was = match (&before, saved) {
            (Some((base, outlook)), _) => changes::Before::Project(base, outlook),
            (None, Some(saved)) => changes::Before::Report(saved),
            (None, None) => changes::Before::Nothing,
        };
        let threads = self.threads;
        let comparison = self.compared.then(|| {
            let (nothing, sources) = (self.nothing, self.inputs.sources);
            changes::compare(was, (head, &outlook), nothing, sources, threads)
        });
        let judges_itself = std::ptr::eq(judging, head);
        let other = base.map(|base| if judges_itself { base } else { head });
        let by = By::of(judging, other, &head.declarations.folder);
        let old = || match (&before, saved) {
            (Some((base, outlook)), _) => self.findings(base, outlook, None, by),
            (None, Some(saved)) => saved.findings.clone(),
            (None, None) => Vec::new(),
        };
        let (mut findings, (old, assumptions)) = parallel::both(
            threads,
            || self.findings(head, &outlook, comparison.as_ref(), by),
            || parallel::both(threads, old, || assumptions::assumptions(head, &outlook)),
        );
        if self.compared {
            let loosened = comparison
                .as_ref()
                .map(|comparison| self.loosened(head, comparison, by, &findings, &old));
            findings.extend(loosened.into_iter().flatten());
            let differences = comparison.as_ref().map(|it| &it.differences[..]);
            let touched = Touched {
                sources: self.inputs.sources,
                differences: differences.unwrap_or_default(),
            };
            verdicts::compare(&mut findings, old, |now, old| touched.renews(now, old));
        }
        let mut project = self.assemble(head, &mut outlook, comparison, findings);
        project.assumptions = assumptions;
        done.push(outlook);
        done.extend(before.map(|(_, outlook)| outlook));
        project
    }

    fn outlooks<const N: usize>(&self, sides: [(&Project, &Policy); N]) -> [Outlook; N] {
        let figures = match (&self.inputs.base, self.settings.figures) {
            // Which tables had limits is not known of a saved report: what lost one has to be seen.
            (Before::Report(_), _) => Figures::All,
            // What comes or goes as a whole is shown, and what belongs to an owner is counted.
            (_, Figures::Judged)
                if (self.compared && N < 2) || !self.settings.owners.is_empty() =>
            {
                Figures::Today
            }
            (_, figures) => figures,
        };
        outlooks_of(sides, figures, self.threads)
    }

    fn findings(
        &self,
        project: &Project,
        outlook: &Outlook,
        comparison: Option<&Comparison<'_>>,
        by: By<'_>,
    ) -> Vec<report::Finding> {
        let listing = match &self.inputs.base {
            Before::State(base) if comparison.is_none() => &base.listing,
            _ => &self.inputs.head.listing,
        };
        let context = Context {
            project,
            outlook,
            policy: by.policy,
            comparison,
            as_of: self.settings.as_of,
            listing,
            sources: self.inputs.sources,
            usage: &self.settings.usage,
            lines: Default::default(),
            bytes: Default::default(),
            threads: self.threads,
        };
        let mut findings = project.findings.clone();
        let judge = self.judge(by);
        let found = rules::run(&context, self.threads);
        let standing = |finding: &Finding| judge.standing(finding);
        findings.extend(causes::silence(&context, found, standing));
        judge.judge(findings)
    }

    fn judge<'j>(&'j self, by: By<'j>) -> Judge<'j> {
        self.judge_alone(by.declarations)
            .comparing(by.other, by.folder)
    }

    fn judge_alone<'j>(&'j self, declarations: &'j Declarations) -> Judge<'j> {
        let settings = self.settings;
        let (overrides, sources) = (&settings.overrides, self.inputs.sources);
        Judge::new(declarations, overrides, settings.as_of, sources)
    }

    /// The findings about what the change loosens: each with what of this change it would let
    /// through, which is found by judging the change once more as the head would.
    fn loosened(
        &self,
        head: &Project,
        comparison: &Comparison<'_>,
        by: By<'_>,
        findings: &[report::Finding],
        old: &[report::Finding],
    ) -> Vec<report::Finding> {
        let Some(base) = comparison.base() else {
            return Vec::new();
        };
        let (sources, as_of) = (self.inputs.sources, self.settings.as_of);
        let loosenings = loosenings(base, head, sources, as_of);
        if loosenings.is_empty() {
            return Vec::new();
        }
        let mut own = Project::of(head.declarations.clone(), Vec::new(), self.threads);
        own.findings.extend(rules::names::check(&own.declarations));
        // The head's findings as the head itself judges them.
        let by_itself = By::of(&own, None, &head.declarations.folder);
        let relaxed = self.again(&own, comparison, by_itself);
        let mut strict = self.strict(head, base, comparison, findings);
        verdicts::compare(&mut strict, old.to_vec(), |_, _| false);
        let through = let_through(strict, &relaxed);
        let mut found = rules::run_on_policy(&loosenings, &through, self.settings.accept_policy);
        if self.settings.accept_policy {
            for finding in &mut found {
                finding.severity = finding.severity.min(Severity::Info);
            }
        }
        self.judge(by).judge(found)
    }

    /// The head's findings as the base judges them, in the base's scenarios.
    fn strict(
        &self,
        head: &Project,
        base: &Project,
        comparison: &Comparison<'_>,
        findings: &[report::Finding],
    ) -> Vec<report::Finding> {
        let of_scenarios = |difference: &Difference| difference.path.0[0] == "scenarios";
        if !self.settings.accept_policy && !comparison.differences.iter().any(of_scenarios) {
            return findings.to_vec();
        }
        let mut declarations = head.declarations.clone();
        declarations.root.scenarios = base.declarations.root.scenarios.clone();
        let mut strict = Project::of(declarations, Vec::new(), self.threads);
        strict.findings.clone_from(&head.findings);
        let by = By::of(base, Some(head), &head.declarations.folder);
        self.again(&strict, comparison, by)
    }

    fn again(
        &self,
        project: &Project,
        comparison: &Comparison<'_>,
        by: By<'_>,
    ) -> Vec<report::Finding> {
        let [outlook] = self.outlooks([(project, by.policy)]);
        self.findings(project, &outlook, Some(comparison), by)
    }

    /// A project that only the base has: its meters end, its findings are fixed.
    fn gone(&self, base: &Project) -> report::Project {
        let [outlook] = self.outlooks([(base, &base.policy)]);
        let comparison = changes::removal(base, &outlook, self.nothing.0, self.inputs.sources);
        let by = By::of(base, None, &base.declarations.folder);
        let mut project = empty(base);
        let old = self.findings(base, &outlook, None, by);
        verdicts::compare(&mut project.findings, old, |_, _| false);
        project.edits = edits::edits(self.inputs.sources, &comparison);
        project.unchanged = comparison.unchanged;
        project.changes = comparison.changes;
        project
    }

    /// Files outside every project: their findings stand in a report of their own, for the top.
    pub(super) fn outside(
        &self,
        head: Vec<Finding>,
        base: Vec<Finding>,
        saved: &[report::Project],
    ) -> Option<report::Project> {
        let declarations = nowhere(OUTSIDE);
        let judge = self.judge_alone(&declarations);
        let mut findings = judge.judge(head);
        if self.compared {
            let mut old = judge.judge(base);
            let known = saved.iter().filter(|project| project.name == OUTSIDE);
            old.extend(known.flat_map(|project| project.findings.iter().cloned()));
            let touched = Touched {
                sources: self.inputs.sources,
                differences: &[],
            };
            verdicts::compare(&mut findings, old, |now, old| touched.renews(now, old));
        }
        if findings.is_empty() {
            return None;
        }
        Some(report::Project {
            findings,
            ..nothing_of(OUTSIDE, "", DEFAULT_CURRENCY)
        })
    }

    fn assemble(
        &self,
        head: &Project,
        outlook: &mut Outlook,
        comparison: Option<Comparison<'_>>,
        findings: Vec<report::Finding>,
    ) -> report::Project {
        let sources = self.inputs.sources;
        let mut project = empty(head);
        project.verdict = crate::fit::worst(&outlook.today);
        if self.settings.figures == Figures::All {
            project.lines = lines::lines(sources, head, outlook, self.threads);
        }
        let meters = |meters: &mut Meters| -> Vec<report::Meter> {
            let fitted = std::mem::take(&mut meters.judged).into_iter();
            fitted.map(|fitted| fitted.meter).collect()
        };
        if let Some(comparison) = comparison {
            project.edits = edits::edits(sources, &comparison);
            project.changes = comparison.changes;
            project.unchanged = comparison.unchanged;
        }
        project.left_out = outlook.today.left_out;
        project.meters = meters(&mut outlook.today);
        let horizons = outlook.horizons.iter_mut();
        project.horizons = horizons
            .map(|(day, fitted)| report::Horizon::new(*day, meters(fitted), &project.meters))
            .collect();
        project.scenarios = head
            .scenarios
            .iter()
            .zip(&mut outlook.scenarios)
            .map(|((scenario, _), fitted)| report::Scenario {
                name: scenario.name.clone(),
                require: scenario.require.as_str().to_owned(),
                meters: meters(fitted),
                assumed: scenario.assumed,
            })
            .collect();
        project.findings = findings;
        project
    }
}

/// What of a change's new and worsened findings the head's own policy would let pass.
fn let_through(strict: Vec<report::Finding>, relaxed: &[report::Finding]) -> Vec<report::Finding> {
    let keyed = relaxed.iter().map(|it| (it.fingerprint.as_str(), it));
    let by_fingerprint: HashMap<&str, &report::Finding> = keyed.collect();
    strict
        .into_iter()
        .filter(|finding| {
            let of_this_change = matches!(finding.state, Some(State::New | State::Worsened));
            let counts = finding.waived.is_none() && finding.severity >= Severity::Warning;
            let passes = by_fingerprint
                .get(finding.fingerprint.as_str())
                .is_none_or(|other| other.waived.is_some() || other.severity < finding.severity);
            of_this_change && counts && passes
        })
        .collect()
}

/// A project of a saved report that the head does not have.
fn gone_from_report(saved: &report::Project) -> report::Project {
    let mut project = nothing_of(&saved.name, &saved.root, &saved.currency);
    verdicts::compare(&mut project.findings, saved.findings.clone(), |_, _| false);
    project.changes = changes::reported_removal(saved);
    project
}

fn empty(project: &Project) -> report::Project {
    let declarations = &project.declarations;
    nothing_of(&declarations.name, &declarations.folder, project.currency())
}

fn nothing_of(name: &str, root: &str, currency: &str) -> report::Project {
    report::Project {
        name: name.to_owned(),
        root: root.to_owned(),
        currency: currency.to_owned(),
        ..report::Project::default()
    }
}
