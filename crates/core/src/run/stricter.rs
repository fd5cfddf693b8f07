//! What the scenarios of one side find of the head: the base's where the head's own judge, and the
//! head's own, which judge once the change is merged.

use crate::analysis::Project;
use crate::changes::Comparison;
use crate::finding::Severity;
use crate::report;
use crate::rules::Context;
use crate::rules::limits::scenario_over_limit;

use super::holding::hold;
use super::judging::{By, Run};

impl Run<'_> {
    /// The head's findings as the base judges them.
    pub(super) fn strict(
        &self,
        head: &Project,
        base: &Project,
        comparison: &Comparison<'_>,
        old: &[report::Finding],
    ) -> Vec<report::Finding> {
        let mut strict = Project::of(head.declarations.clone(), Vec::new(), self.threads);
        hold(&mut strict, base, self.threads);
        strict.findings.clone_from(&head.findings);
        let mut by = By::of(base, Some(head), &head.declarations.folder);
        by.renames = true;
        self.again(&strict, comparison, by, old)
    }

    /// The scenarios that the change makes stricter, and that nothing is found of as the base has
    /// them. What they find fails nothing before they judge.
    pub(super) fn stricter(
        &self,
        context: &Context<'_>,
        comparison: &Comparison<'_>,
        findings: &[report::Finding],
    ) -> Vec<report::Finding> {
        let head = context.project;
        let declared = &head.declarations.root.scenarios;
        let mut held = head.held.iter();
        if self.settings.accept_policy || held.all(|held| held.scenarios == *declared) {
            return Vec::new();
        }
        let own = Project::of(head.declarations.clone(), Vec::new(), self.threads);
        let mut by = By::of(&own, None, &head.declarations.folder);
        by.holds = false;
        let [outlook] = self.outlooks([(&own, context.policy)]);
        let own = self.context((&own, &outlook), Some(comparison), by);
        let mut found = self.found(&own, by);
        let is_known = |it: &report::Finding| {
            let mut known = findings.iter();
            known.any(|known| known.rule == it.rule && known.subject == it.subject)
        };
        found.retain(|it| {
            let is_scenario = it.rule == scenario_over_limit::RULE.name;
            is_scenario && it.severity == Severity::Error && it.waived.is_none() && !is_known(it)
        });
        for finding in &mut found {
            finding.severity = Severity::Warning;
            finding.message.push_str(
                "; this change makes the scenario stricter, which fails once it is merged",
            );
        }
        found
    }
}
