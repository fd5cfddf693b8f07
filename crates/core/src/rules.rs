//! The catalogue of rules, and what a rule sees.
//!
//! A rule is one file, `rules/<section>/<rule>.rs`, with a [`rule!`](crate::rule), and one line in
//! the `catalogue!` below. What
//! `[rules]`, waivers and `allow` make of its findings is not its business: see
//! [`crate::verdicts`].

mod burn;
mod caches;
pub mod causes;
mod hanging;
mod lines;
mod measurements;
mod model_facts;
mod queue_facts;
mod remedy;
mod support;
mod table_facts;

use crate::analysis::{Outlook, Project};
use std::sync::OnceLock;

use crate::changes::Comparison;
use crate::changes::loosening::Loosening;
use crate::finding::{Finding, Severity};
use crate::model::Policy;
use crate::parallel;
use crate::report;
use crate::source::{Listing, SourceMap};
use crate::units::Date;
use crate::usage::Usage;

pub use lines::{LineOf, lines as demand_lines};

/// One rule.
pub struct Rule {
    /// Its name: its identity everywhere.
    pub name: &'static str,
    /// How much its findings matter by default.
    pub severity: Severity,
    /// How it finds what it finds.
    pub check: Check,
}

/// Where the pages of rules are published.
const PAGES: &str = "https://github.com/caplint/caplint/blob/main/docs/rules/";

impl Rule {
    /// Where its page is published.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{PAGES}{}.md", self.name)
    }
}

/// How a rule finds what it finds.
#[derive(Clone, Copy)]
pub enum Check {
    /// Files are read and resolved by it: its findings come with the project.
    Reading,
    /// It looks at a project.
    Project(fn(&Context<'_>, &mut Findings)),
    /// It looks at a change, and is silent where nothing is compared.
    Change(fn(&Context<'_>, &Comparison<'_>, &mut Findings)),
    /// It looks at what the other rules find in a project.
    Findings(fn(&Context<'_>, &[Finding], &mut Findings)),
    /// It looks at what a change loosens, at what of the change that lets through, and at whether
    /// that was accepted.
    Policy(fn(&[Loosening], &[report::Finding], bool, &mut Findings)),
}

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
    /// Every demand line, in the model's order, once a rule asks. See [`demand_lines`].
    pub lines: OnceLock<Vec<LineOf<'a>>>,
    /// Bytes of every table today, by the table's number, once a rule asks for some that are
    /// uncertain: see `rules/table_facts.rs`.
    pub bytes: OnceLock<Vec<Option<f64>>>,
    /// How many threads may be used.
    pub threads: usize,
}

impl<'a> Context<'a> {
    /// Every demand line, in the model's order.
    fn lines(&self) -> &[LineOf<'a>] {
        self.lines
            .get_or_init(|| demand_lines(self.project, self.outlook))
    }
}

/// Collects the findings of one rule.
pub struct Findings {
    rule: &'static str,
    severity: Severity,
    found: Vec<Finding>,
}

impl Findings {
    fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.name,
            severity: rule.severity,
            found: Vec::new(),
        }
    }

    /// A finding of this rule about a path in the model.
    pub fn finding(&self, subject: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(self.rule, self.severity, subject, message)
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}

/// Defines a rule. Its page is `docs/rules/<name>.md`.
#[macro_export]
macro_rules! rule {
    ($name:literal, $severity:ident, $check:expr) => {
        /// The rule.
        pub(in $crate::rules) static RULE: $crate::rules::Rule = $crate::rules::Rule {
            name: $name,
            severity: $crate::finding::Severity::$severity,
            check: $check,
        };
    };
}

/// Names the rules of each section, one line a rule, in the order of the documentation. The
/// file is `rules/<section>/<rule>.rs`.
macro_rules! catalogue {
    ($($section:ident { $($rule:ident,)* })*) => {
        $(mod $section {
            $(pub(super) mod $rule;)*
        })*

        /// All rules, in the order of the documentation.
        pub static RULES: &[&Rule] = &[$($(&$section::$rule::RULE,)*)*];

        /// The sections of the documentation, each with how many rules it has.
        pub static SECTIONS: &[(&str, usize)] =
            &[$((stringify!($section), [$(stringify!($rule)),*].len()),)*];
    };
}

catalogue! {
    file {
        syntax,
        unknown_key,
        invalid_value,
        missing_key,
        duplicate_name,
        unknown_reference,
        reference_cycle,
        outside_project,
        version_too_old,
    }
    limits {
        over_limit,
        near_limit,
        limit_ahead,
        scenario_over_limit,
        lower_bound,
        limit_missing,
        peak_assumed,
        burst_undeclared,
    }
    features {
        spec_without_feature,
        feature_without_spec,
        feature_without_owner,
        feature_without_demand,
        unused_declaration,
        endpoint_without_cost,
        cache_missing,
        cache_undecided,
        cache_on_fresh_endpoint,
        cache_too_long,
        cache_saves_nothing,
        cache_hit_ratio_implausible,
        retry_ratio_missing,
        dominant_feature,
        alert_blind_zone,
        alert_lead_too_short,
        burn_soft,
        burn_hard,
        budget_missing,
        pack_not_cheapest,
        event_without_buffer,
        event_bought_late,
    }
    tables {
        table_without_retention,
        retention_forever_unexplained,
        table_without_rollup,
        rollup_shorter_than_raw,
        rollup_too_fine,
        table_without_partition,
        partition_coarser_than_retention,
        too_many_partitions,
        expire_detaches_only,
        expire_by_delete,
        row_size_implausible,
        indexes_undeclared,
    }
    queues {
        workers_without_ceiling,
        workers_scale_on_cpu,
        worker_ceiling_over_rate_limit,
        queue_unstable,
        drain_target_missing,
        replay_missing,
        replay_too_small,
        replication_undeclared,
        consumers_over_partitions,
        queue_unbounded,
        queue_evicts,
        retention_below_drain,
        broker_retention_limit,
        broker_message_limit,
        queue_shared_by_tiers,
    }
    models {
        model_without_budget,
        model_without_tenant_quota,
        quota_below_use,
        quota_over_budget,
        quota_oversubscribed,
        price_stale,
    }
    governance {
        calibration_missing,
        calibration_stale,
        projection_missing,
        irreversible_undecided,
        waiver_expired,
        waiver_unused,
        waiver_without_end,
    }
    changes {
        change_over_threshold,
        feature_change_over_threshold,
        policy_loosened,
        limit_raised,
    }
}

/// The rule with a name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}

/// Runs all rules but those about policy, on as many threads as are allowed. Their findings are
/// in the order of the catalogue.
#[must_use]
pub fn run(context: &Context<'_>, threads: usize) -> Vec<Finding> {
    let one = |rule: &'static Rule| {
        let mut findings = Findings::of(rule);
        match (rule.check, context.comparison) {
            (Check::Project(check), _) => check(context, &mut findings),
            (Check::Change(check), Some(comparison)) => check(context, comparison, &mut findings),
            _ => {}
        }
        findings.found
    };
    // One at a time: some take many times as long as others.
    let found = parallel::map(RULES.len(), threads, || (), |(), index| one(RULES[index]));
    let mut all: Vec<Finding> = found.into_iter().flatten().collect();
    let mut about_findings = Vec::new();
    for rule in RULES {
        if let Check::Findings(check) = rule.check {
            let mut findings = Findings::of(rule);
            check(context, &all, &mut findings);
            about_findings.append(&mut findings.found);
        }
    }
    all.append(&mut about_findings);
    all
}

/// Runs the rules about what a change loosens; `through` is what of the change's findings the
/// head's own policy would let pass.
#[must_use]
pub fn run_on_policy(
    loosenings: &[Loosening],
    through: &[report::Finding],
    accepted: bool,
) -> Vec<Finding> {
    let mut all = Vec::new();
    for rule in RULES {
        if let Check::Policy(check) = rule.check {
            let mut findings = Findings::of(rule);
            check(loosenings, through, accepted, &mut findings);
            all.append(&mut findings.found);
        }
    }
    all
}
