//! The catalogue of rules, and what a rule sees.
//!
//! A rule is one file, `rules/<section>/<rule>.rs`, with a static [`Rule`], and its line in the
//! section. What `[rules]`, waivers and `allow` make of its findings is not its business: see
//! [`crate::verdicts`].

mod burn;
mod caches;
pub mod causes;
mod changes;
pub(crate) mod departures;
mod features;
mod file;
pub(crate) mod governance;
pub(crate) mod hanging;
pub(crate) mod limits;
mod lines;
pub mod listed;
pub(crate) mod loosening;
mod measurements;
mod model_facts;
mod models;
pub mod names;
mod prelude;
mod queue_facts;
mod queues;
mod remedy;
mod renamed;
mod reporting;
mod rule;
mod support;
mod table_facts;
mod tables;
mod unread;

use std::sync::{LazyLock, OnceLock};

use crate::analysis::{Outlook, Project};
use crate::changes::Comparison;
use crate::collections::HashMap;
use crate::finding::Finding;
use crate::fit::Meters;
use crate::model::{Policy, Scenario};
use crate::parallel;
use crate::report;
use crate::source::{Listing, SourceMap};
use crate::units::Date;
use crate::usage::{Matching, Usage};
use departures::Departed;
use loosening::Loosening;
use model_facts::models;
use queue_facts::queues;
use table_facts::tables;

pub(crate) use crate::document::TomlPath;
pub use crate::exceptions::AllowedOn;
pub(crate) use crate::finding::Severity;
pub(crate) use crate::model::policy::PolicyKey;
pub use lines::{LineOf, lines as demand_lines};
pub use rule::Rule;
pub(crate) use rule::{Check, Speaks};

/// What a limit that breaks ahead is decided by, and one that breaks with tenfold growth.
pub(crate) const DECIDED: [&Rule; 2] = [
    &limits::limit_ahead::RULE,
    &limits::scenario_over_limit::RULE,
];

/// The rules whose findings a review watches.
pub(crate) const WATCHED: [&Rule; 6] = [
    &limits::near_limit::RULE,
    &limits::lower_bound::RULE,
    &governance::calibration_drift::RULE,
    &governance::calibration_stale::RULE,
    &governance::tenants_stale::RULE,
    &models::price_stale::RULE,
];

/// What a rule sees.
pub struct Context<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its meters.
    pub outlook: &'a Outlook,
    /// The policy that judges.
    pub policy: &'a Policy,
    /// What it is compared with, where it is.
    pub comparison: Option<&'a Comparison<'a>>,
    /// The date as of which is judged.
    pub as_of: Date,
    /// Which files there are.
    pub listing: &'a Listing,
    /// The text behind spans.
    pub sources: &'a SourceMap,
    /// What was measured.
    pub usage: &'a Usage,
    /// Which of its rows match what is declared, where the project reports it for all.
    pub matching: Option<&'a Matching>,
    /// Every demand line, in the model's order, once a rule asks. See [`demand_lines`].
    pub lines: OnceLock<Vec<LineOf<'a>>>,
    /// Bytes of every table today, by the table's number, once a rule asks for some that are
    /// uncertain: see `rules/table_facts.rs`.
    pub bytes: OnceLock<Vec<Option<f64>>>,
    /// How many threads may be used.
    pub threads: usize,
}

impl<'a> Context<'a> {
    /// Its scenarios, each with the meters in it.
    fn scenarios(&self) -> impl DoubleEndedIterator<Item = (&'a Scenario, &'a Meters)> {
        let scenarios = self.project.scenarios.iter();
        let scenarios = scenarios.zip(&self.outlook.scenarios);
        scenarios.map(|((scenario, _), meters)| (scenario, meters))
    }

    /// Every demand line, in the model's order.
    fn lines(&self) -> &[LineOf<'a>] {
        self.lines
            .get_or_init(|| demand_lines(self.project, self.outlook))
    }
}

/// Collects the findings of one rule.
pub struct Findings {
    rule: &'static Rule,
    found: Vec<Finding>,
}

impl Findings {
    pub(crate) fn finding(
        &self,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        self.rule.finding(subject, message)
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.found.extend(findings);
    }
}

/// A section of the documentation.
pub struct Section {
    /// The folder of its rules.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its rules, in the order of the documentation.
    pub rules: &'static [&'static Rule],
}

/// All rules, by section, in the order of the documentation.
pub static SECTIONS: [&Section; 8] = [
    &file::SECTION,
    &limits::SECTION,
    &features::SECTION,
    &tables::SECTION,
    &queues::SECTION,
    &models::SECTION,
    &governance::SECTION,
    &changes::SECTION,
];

/// All rules, in the order of the documentation.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let rules = SECTIONS.iter().flat_map(|section| section.rules);
    rules.copied().collect()
});

/// The rule with a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    static BY_NAME: LazyLock<HashMap<&str, &Rule>> =
        LazyLock::new(|| RULES.iter().map(|rule| (rule.name, *rule)).collect());
    BY_NAME.get(name).copied()
}

fn found(rule: &'static Rule, check: impl FnOnce(&mut Findings)) -> Vec<Finding> {
    let found = Vec::new();
    let mut findings = Findings { rule, found };
    check(&mut findings);
    findings.found
}

/// Runs all rules but those about policy, on as many threads as are allowed. Their findings are
/// in the order of the catalogue.
pub fn run(context: &Context<'_>, threads: usize) -> Vec<Finding> {
    let one = |rule: &'static Rule| match (rule.check, context.comparison) {
        (Check::Project(check), _) => found(rule, |findings| check(context, findings)),
        (Check::Tables(check), _) => tables(context).filter_map(|it| check(&it)).collect(),
        (Check::Queues(check), _) => queues(context).filter_map(|it| check(&it)).collect(),
        (Check::Models(check), _) => models(context).filter_map(|it| check(&it)).collect(),
        (Check::Change(check), Some(comparison)) => {
            found(rule, |findings| check(context, comparison, findings))
        }
        _ => Vec::new(),
    };
    // One at a time: some take many times as long as others.
    let by_rule = parallel::map(RULES.len(), threads, || (), |(), index| one(RULES[index]));
    let mut all: Vec<Finding> = by_rule.into_iter().flatten().collect();
    let about_findings = |rule: &&'static Rule| match rule.check {
        Check::Findings(check) => found(rule, |findings| check(context, &all, findings)),
        _ => Vec::new(),
    };
    let more: Vec<Finding> = RULES.iter().flat_map(about_findings).collect();
    all.extend(more);
    all
}

/// Runs the rules about what leaves a project.
pub fn run_on_departures(departed: &[Departed<'_>]) -> Vec<Finding> {
    let about_departures = |rule: &&'static Rule| match rule.check {
        Check::Departures(check) => found(rule, |findings| {
            departed
                .iter()
                .for_each(|departed| check(departed, findings));
        }),
        _ => Vec::new(),
    };
    RULES.iter().flat_map(about_departures).collect()
}

/// Runs the rules about what a change loosens; `through` is what of the change's findings the
/// head's own policy would let pass.
pub fn run_on_policy(
    loosenings: &[Loosening],
    through: &[report::Finding],
    accepted: bool,
) -> Vec<Finding> {
    let about_policy = |rule: &&'static Rule| match rule.check {
        Check::Policy(check) => found(rule, |it| check(loosenings, through, accepted, it)),
        _ => Vec::new(),
    };
    RULES.iter().flat_map(about_policy).collect()
}
