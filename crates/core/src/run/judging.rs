//! One project, or one project compared with what it was, judged.

use std::sync::Arc;

use crate::analysis::{DEFAULT_CURRENCY, Figures, Outlook, Project, outlooks_of};
use crate::changes::forgotten::Forgotten;
use crate::changes::since::Since;
use crate::changes::{self, Comparison};
use crate::collections::HashMap;
use crate::document::Lost;
use crate::finding::{Finding, Severity};
use crate::fit::Meters;
use crate::model::{Declarations, Policy};
use crate::parallel;
use crate::report::{self, State};
use crate::rules::departures::{Departed, Departure};
use crate::rules::governance::usage_unmatched;
use crate::rules::hanging::Hanging;
use crate::rules::loosening::loosenings;
use crate::rules::{self, Context, causes};
use crate::source::FileId;
use crate::tenants;
use crate::usage::{Held, Matching};
use crate::verdicts::{self, Judge};

use super::blame::Blame;
use super::pairs::OUTSIDE;
use super::renames::follow;
use super::revealed::{compared, let_through};
use super::selection::Owned;
use super::touched::{self, Touched};
use super::{Before, Inputs, Settings, Sides, assumptions, edits, lines, nowhere};

pub(super) struct Run<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) settings: &'a Settings,
    /// How many threads one project may use.
    pub(super) threads: usize,
    pub(super) compared: bool,
    /// The empty project, which stands in for one that was not there.
    pub(super) nothing: (&'a Project, &'a Outlook),
    /// How measured usage matches what is declared, where there is some.
    pub(super) matching: Option<&'a Matching>,
    /// What was measured with what the head takes away of it, where it does.
    pub(super) held: Option<Held>,
}

#[derive(Clone, Copy)]
pub(super) struct By<'p> {
    policy: &'p Policy,
    declarations: &'p Declarations,
    other: Option<&'p Declarations>,
    folder: &'p str,
    /// Whether the measurements of the base count too.
    pub(super) holds: bool,
    /// Whether it is the base, which may call otherwise what the head has.
    pub(super) renames: bool,
}

impl<'p> By<'p> {
    pub(super) fn of(judging: &'p Project, other: Option<&'p Project>, folder: &'p str) -> Self {
        Self {
            policy: &judging.policy,
            declarations: &judging.declarations,
            other: other.map(|other| &other.declarations),
            folder,
            holds: true,
            renames: false,
        }
    }
}

impl Run<'_> {
    /// The report of a project. Outlooks that are done with are put aside, so that they need not
    /// be taken apart.
    pub(super) fn project(&self, sides: &Sides<'_>) -> (report::Project, Vec<Outlook>) {
        let mut done = Vec::new();
        let mut project = match (sides.head, sides.base, sides.saved) {
            (Some(head), ..) => self.head(head, sides, &mut done),
            (None, Some(base), _) => self.gone(base, sides.departures),
            (None, None, Some(saved)) => self.gone_from_report(saved),
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

    fn head(&self, head: &Project, sides: &Sides<'_>, done: &mut Vec<Outlook>) -> report::Project {
        let (base, saved) = (sides.base, sides.saved);
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
        let judges_itself = std::ptr::eq(judging, head);
        let other = base.map(|base| if judges_itself { base } else { head });
        let by = By {
            renames: !judges_itself,
            ..By::of(judging, other, &head.declarations.folder)
        };
        let threads = self.threads;
        let comparison = self.compared.then(|| {
            let (nothing, sources) = (self.nothing, self.inputs.sources);
            let mut it = changes::compare(was, (head, &outlook), nothing, sources, threads);
            it.limited = base.and_then(|base| self.limited(base, &it));
            it.revealed = self.revealed((head, &outlook), &it, by);
            it
        });
        let old = || match (&before, saved) {
            (Some((base, outlook)), _) => self.before(base, outlook, by),
            (None, Some(saved)) => saved.findings.clone(),
            (None, None) => Vec::new(),
        };
        let context = self.context((head, &outlook), comparison.as_ref(), by);
        let (mut findings, (mut old, assumptions)) = parallel::both(
            threads,
            || self.found(&context, by),
            || parallel::both(threads, old, || assumptions::assumptions(head, &outlook)),
        );
        if let Some(comparison) = &comparison {
            follow(&mut old, &findings, comparison, head);
            findings.extend(self.loosened(&context, comparison, by, &findings, &old));
            findings.extend(self.stricter(&context, comparison, &findings));
            if let Some((base, was)) = &before {
                let of = |how| Departed::new((base, was), Some(head), &comparison.changes, how);
                let departed: Vec<Departed<'_>> = sides.departures.iter().map(of).collect();
                findings.extend(self.departed(&departed, &self.judge(by)));
            }
            self.tell_new(&mut findings, old, (head, &outlook), comparison);
        }
        causes::silence(&context, &mut findings);
        findings.retain(|finding| !finding.silenced);
        drop(context);
        let untold = saved.filter(|_| base.is_none());
        let untold = untold.and_then(|saved| Since::new(saved, (head, &outlook)).untold);
        let tenants = self.tenants((head, &outlook), before.as_ref());
        let mut project = self.assemble((head, policy), &mut outlook, comparison, findings);
        project.tenants = tenants;
        project.untold = untold.map(|path| path.to_string());
        project.assumptions = assumptions;
        let bought = before.as_ref().map(|(base, _)| *base);
        self.buy(&mut project, (head, policy), bought, saved);
        done.push(outlook);
        done.extend(before.map(|(_, outlook)| outlook));
        project
    }

    /// Says which findings are new, and which of the base's are fixed.
    fn tell_new(
        &self,
        findings: &mut Vec<report::Finding>,
        old: Vec<report::Finding>,
        head: (&Project, &Outlook),
        comparison: &Comparison<'_>,
    ) {
        let sides = match comparison.before {
            changes::Before::Project(base, was) => Some(touched::Sides {
                base: (base, was),
                head,
                origins: &comparison.origins,
            }),
            _ => None,
        };
        let touched = Touched {
            sources: self.inputs.sources,
            differences: &comparison.differences,
            lost: &head.0.declarations.lost,
            sides,
        };
        verdicts::compare(findings, old, |now, old| {
            // Both sides are held against the same measurements.
            let is_unmatched = now.rule == usage_unmatched::RULE.name;
            (is_unmatched && self.matching.is_some_and(|it| it.is_new)) || touched.renews(now, old)
        });
        let hanging = Hanging::new(head.0, head.1, self.inputs.sources);
        findings
            .retain(|finding| finding.state != Some(State::Fixed) || !hanging.leaves_open(finding));
    }

    fn tenants(
        &self,
        head: (&Project, &Outlook),
        before: Option<&(&Project, Outlook)>,
    ) -> Vec<report::TenantCost> {
        let before = before.map(|(base, outlook)| (*base, outlook));
        match self.settings.figures {
            Figures::Judged => Vec::new(),
            _ => tenants::compared(head, before),
        }
    }

    pub(super) fn outlooks<const N: usize>(&self, sides: [(&Project, &Policy); N]) -> [Outlook; N] {
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

    pub(super) fn context<'p>(
        &'p self,
        (project, outlook): (&'p Project, &'p Outlook),
        comparison: Option<&'p Comparison<'p>>,
        by: By<'p>,
    ) -> Context<'p> {
        let listing = match &self.inputs.base {
            Before::State(base) if comparison.is_none() => &base.listing,
            _ => &self.inputs.head.listing,
        };
        Context {
            project,
            outlook,
            policy: by.policy,
            comparison,
            as_of: self.settings.as_of,
            listing,
            sources: self.inputs.sources,
            usage: match &self.held {
                Some(held) if by.holds && !self.settings.accept_policy => &held.usage,
                _ => &self.settings.usage,
            },
            matching: self
                .matching
                .filter(|it| it.speaker.as_deref() == Some(by.folder)),
            lines: Default::default(),
            bytes: Default::default(),
            threads: self.threads,
        }
    }

    /// All that is found in a project, but what hangs on something that could not be read.
    pub(super) fn found(&self, context: &Context<'_>, by: By<'_>) -> Vec<report::Finding> {
        let mut found = causes::judgeable(context, rules::run(context, self.threads));
        found.extend(context.project.findings.iter().cloned());
        let origins = context.comparison.filter(|_| by.renames);
        let origins = origins.map(|comparison| &comparison.origins);
        self.judge(by).renamed(origins).judge(found)
    }

    /// All that is found in a project that is compared with.
    fn before(&self, project: &Project, outlook: &Outlook, by: By<'_>) -> Vec<report::Finding> {
        let context = self.context((project, outlook), None, by);
        let mut findings = self.found(&context, by);
        causes::silence(&context, &mut findings);
        findings
    }

    pub(super) fn judge<'j>(&'j self, by: By<'j>) -> Judge<'j> {
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
        context: &Context<'_>,
        comparison: &Comparison<'_>,
        by: By<'_>,
        findings: &[report::Finding],
        old: &[report::Finding],
    ) -> Vec<report::Finding> {
        let Some(base) = comparison.base() else {
            return Vec::new();
        };
        let head = context.project;
        let (sources, as_of) = (self.inputs.sources, self.settings.as_of);
        let threads = self.threads;
        let lessened = self.held.as_ref();
        let lessened = lessened.and_then(|held| held.lessened.get(&head.declarations.folder));
        let lessened = lessened.map_or(&[][..], |paths| paths);
        let loosenings = loosenings(
            base,
            head,
            (&comparison.origins, lessened),
            (sources, as_of, threads),
        );
        if loosenings.is_empty() {
            return Vec::new();
        }
        let mut own = Project::of(head.declarations.clone(), Vec::new(), self.threads);
        own.findings.extend(rules::names::check(&own.declarations));
        // The head's findings as the head itself judges them.
        let by_itself = By {
            holds: false,
            ..By::of(&own, None, &head.declarations.folder)
        };
        let relaxed = self.again(&own, comparison, by_itself, old);
        let strict = match self.settings.accept_policy {
            true => self.strict(head, base, comparison, old),
            false => compared(context, findings.to_vec(), old),
        };
        let through = let_through(strict, &relaxed);
        let found = rules::run_on_policy(&loosenings, &through, self.settings.accept_policy);
        self.judge(by).judge(self.accepted(found))
    }

    pub(super) fn again(
        &self,
        project: &Project,
        comparison: &Comparison<'_>,
        by: By<'_>,
        old: &[report::Finding],
    ) -> Vec<report::Finding> {
        let [outlook] = self.outlooks([(project, by.policy)]);
        let context = self.context((project, &outlook), Some(comparison), by);
        compared(&context, self.found(&context, by), old)
    }

    /// A project that only the base has: its meters end, its findings are fixed.
    fn gone(&self, base: &Project, departures: &[Departure]) -> report::Project {
        let [outlook] = self.outlooks([(base, &base.policy)]);
        let comparison = changes::removal(base, &outlook, self.nothing.0, self.inputs.sources);
        let by = By::of(base, None, &base.declarations.folder);
        let mut project = empty(base);
        let of = |how| Departed::new((base, &outlook), None, &comparison.changes, how);
        let departed: Vec<Departed<'_>> = departures.iter().map(of).collect();
        project.findings = self.departed(&departed, &self.judge(by));
        let old = self.before(base, &outlook, by);
        verdicts::compare(&mut project.findings, old, |_, _| false);
        project.edits = edits::edits(self.inputs.sources, &comparison);
        project.unchanged = comparison.unchanged;
        project.changes = comparison.changes;
        project
    }

    /// A project of a saved report that the head does not have.
    fn gone_from_report(&self, saved: &report::Project) -> report::Project {
        let mut project = nothing_of(&saved.name, &saved.root, &saved.currency);
        let declarations = nowhere(&saved.name);
        let judge = self.judge_alone(&declarations).comparing(None, &saved.root);
        project.findings = self.departed(&[Departed::of_report(saved)], &judge);
        verdicts::compare(&mut project.findings, saved.findings.clone(), |_, _| false);
        project.changes = changes::reported_removal(saved);
        project
    }

    /// The findings about what leaves a project.
    fn departed(&self, departed: &[Departed<'_>], judge: &Judge<'_>) -> Vec<report::Finding> {
        judge.judge(self.accepted(rules::run_on_departures(departed)))
    }

    /// Findings about the policy, as infos where the change was accepted.
    fn accepted(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        if self.settings.accept_policy {
            for finding in &mut findings {
                finding.severity = finding.severity.min(Severity::Info);
            }
        }
        findings
    }

    /// Files outside every project: their findings stand in a report of their own, for the top.
    pub(super) fn outside(
        &self,
        (head, lost): (Vec<Finding>, &HashMap<FileId, Arc<Lost>>),
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
                lost,
                sides: None,
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
        (head, policy): (&Project, &Policy),
        outlook: &mut Outlook,
        comparison: Option<Comparison<'_>>,
        mut findings: Vec<report::Finding>,
    ) -> report::Project {
        let sources = self.inputs.sources;
        let mut project = empty(head);
        project.verdict = crate::fit::worst(&outlook.today);
        project.confidence = policy.confidence();
        if matches!(self.settings.figures, Figures::All | Figures::Lines) {
            project.lines = lines::lines(sources, head, outlook, self.threads);
        }
        let meters = |meters: &mut Meters| -> Vec<report::Meter> {
            let fitted = std::mem::take(&mut meters.judged).into_iter();
            fitted.map(|fitted| fitted.meter).collect()
        };
        let mut forgotten = Forgotten::default();
        if let Some(comparison) = comparison {
            let blame = Blame::new(&comparison, (head, outlook), policy, sources);
            blame.all(&mut findings);
            project.edits = edits::edits(sources, &comparison);
            project.changes = comparison.changes;
            project.unchanged = comparison.unchanged;
            forgotten = comparison.forgotten;
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
        let scenarios = &project.scenarios;
        let open = |finding: &report::Finding| forgotten.hides(finding, scenarios);
        project.findings.retain(|finding| !open(finding));
        project
    }
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
