//! What a rule says of itself: its name and severity, where `allow` may name it, what it reads of
//! the policy, and which findings of other rules its own speak for.

use crate::changes::Comparison;
use crate::exceptions::AllowedOn;
use crate::finding::{Finding, Severity};
use crate::meter::MeterKind;
use crate::model::policy::PolicyKey;
use crate::report;
use crate::rules::departures::Departed;
use crate::rules::loosening::Loosening;
use crate::rules::model_facts::DeclaredModel;
use crate::rules::queue_facts::DeclaredQueue;
use crate::rules::table_facts::DeclaredTable;
use crate::rules::{Context, Findings};

/// One rule.
pub struct Rule {
    /// Its name: its identity everywhere.
    pub name: &'static str,
    /// How much its findings matter by default.
    pub severity: Severity,
    pub(crate) check: Check,
    /// Whose `allow` may name it. Its findings are about those, or count them one by one.
    pub allowed_on: Option<AllowedOn>,
    /// Among findings that matter as much, those of the rule with the lowest rank are shown first:
    /// those that speak of a limit.
    pub rank: u8,
    pub(crate) speaks_for: &'static [Speaks],
    reads: &'static [PolicyKey],
    /// Whether its findings can be worse than its severity, by what they find.
    pub(crate) escalates: bool,
    /// Whether what it misses may stand in a file that could not be read.
    pub(crate) needs_every_file: bool,
    /// Whether it is silent where nothing was measured.
    pub(crate) needs_usage: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// Reading and resolving files report it: its findings come with the project.
    Reading,
    /// Checks a project.
    Project(fn(&Context<'_>, &mut Findings)),
    Tables(fn(&DeclaredTable<'_, '_>) -> Option<Finding>),
    Queues(fn(&DeclaredQueue<'_, '_>) -> Option<Finding>),
    Models(fn(&DeclaredModel<'_, '_>) -> Option<Finding>),
    /// Checks a change, and is silent where nothing is compared.
    Change(fn(&Context<'_>, &Comparison<'_>, &mut Findings)),
    /// Checks what the other rules find in a project.
    Findings(fn(&Context<'_>, &[Finding], &mut Findings)),
    /// Checks what leaves a project.
    Departures(fn(&Departed<'_>, &mut Findings)),
    /// Checks what a change loosens, what of the change that lets through, and whether that was
    /// accepted.
    Policy(fn(&[Loosening], &[report::Finding], bool, &mut Findings)),
}

pub(crate) type Rules = &'static [&'static Rule];

/// Which findings of other rules a rule's findings speak for.
///
/// A finding speaks for others whether or not something speaks for it too, and only for those that
/// are no more severe; one that is turned off or waived speaks for none: whoever accepts that a
/// plan runs out has not accepted that it runs out unseen, or twice as fast.
pub(crate) enum Speaks {
    /// Those of these rules with the same subject.
    Subject(Rules),
    /// The same, also where the finding is waived until what they announce.
    Ahead(Rules),
    /// Those of these rules about the same thing, such as the same queue.
    Thing(Rules),
    /// Those of these rules about the thing's own meters of these kinds. A scenario in which no
    /// other meter breaks is spoken for, too.
    Meters(Rules, &'static [MeterKind]),
    /// As [`Self::Meters`], about the meters that these subjects cause to break.
    Caused(Rules, fn(&Context<'_>, &[&str]) -> Vec<String>),
    /// Those of these rules about storage that breaks only because the finding's tables grow. A
    /// scenario in which nothing else breaks is spoken for, too.
    Growth(Rules),
    /// Those of these rules about an API's meter that the feature alone takes past the threshold.
    Feature(Rules),
    /// Those of these rules about budgets that count the finding's meter, which become places of
    /// the finding.
    Budgets(Rules),
    /// Those of these rules about the tables of the database that the finding is about, which
    /// become places of the finding.
    Tables(Rules),
    /// Those of these rules about what breaks in the scenario, which become places of the finding.
    Scenario(Rules),
}

/// Where the pages of rules are published.
const PAGES: &str = "https://github.com/caplint/caplint/blob/main/docs/rules/";

impl Rule {
    /// A rule that speaks for no other, reads nothing of the policy, and that no `allow` may name.
    pub(crate) const fn new(name: &'static str, severity: Severity, check: Check) -> Self {
        Self {
            name,
            severity,
            check,
            allowed_on: None,
            rank: u8::MAX,
            speaks_for: &[],
            reads: &[],
            escalates: false,
            needs_every_file: false,
            needs_usage: false,
        }
    }

    pub(crate) const fn project(
        name: &'static str,
        severity: Severity,
        check: fn(&Context<'_>, &mut Findings),
    ) -> Self {
        Self::new(name, severity, Check::Project(check))
    }

    pub(crate) const fn tables(
        name: &'static str,
        severity: Severity,
        check: fn(&DeclaredTable<'_, '_>) -> Option<Finding>,
    ) -> Self {
        Self::new(name, severity, Check::Tables(check))
    }

    pub(crate) const fn queues(
        name: &'static str,
        severity: Severity,
        check: fn(&DeclaredQueue<'_, '_>) -> Option<Finding>,
    ) -> Self {
        Self::new(name, severity, Check::Queues(check))
    }

    pub(crate) const fn models(
        name: &'static str,
        severity: Severity,
        check: fn(&DeclaredModel<'_, '_>) -> Option<Finding>,
    ) -> Self {
        Self::new(name, severity, Check::Models(check))
    }

    pub(crate) const fn reading(name: &'static str) -> Self {
        Self::new(name, Severity::Error, Check::Reading)
    }

    pub(crate) const fn allowed_on(mut self, what: AllowedOn) -> Self {
        self.allowed_on = Some(what);
        self
    }

    pub(crate) const fn shown(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    pub(crate) const fn speaks_for(mut self, what: &'static [Speaks]) -> Self {
        self.speaks_for = what;
        self
    }

    pub(crate) const fn reads(mut self, keys: &'static [PolicyKey]) -> Self {
        self.reads = keys;
        self
    }

    pub(crate) const fn escalates(mut self) -> Self {
        self.escalates = true;
        self
    }

    pub(crate) const fn needs_every_file(mut self) -> Self {
        self.needs_every_file = true;
        self
    }

    pub(crate) const fn needs_usage(mut self) -> Self {
        self.needs_usage = true;
        self
    }

    pub(crate) fn finding(
        &self,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding::new(self.name, self.severity, subject, message)
    }

    /// Where its page is published.
    pub fn url(&self) -> String {
        format!("{PAGES}{}.md", self.name)
    }

    /// Whether it is an error of a file itself.
    pub fn is_file_error(&self) -> bool {
        matches!(self.check, Check::Reading)
    }

    /// Whether no project has a choice about it: nothing turns it off or waives it.
    pub fn is_binding(&self) -> bool {
        matches!(self.check, Check::Reading | Check::Departures(_))
    }

    /// Whether it checks a project as it is, so that it always runs.
    pub(crate) fn sees_project(&self) -> bool {
        matches!(
            self.check,
            Check::Project(_) | Check::Tables(_) | Check::Queues(_) | Check::Models(_)
        )
    }

    /// Whether it is silent where nothing is compared.
    #[must_use]
    pub fn is_about_changes(&self) -> bool {
        matches!(self.check, Check::Change(_))
    }

    pub(crate) fn depends_on(&self, key: PolicyKey) -> bool {
        self.reads.contains(&key)
    }
}
