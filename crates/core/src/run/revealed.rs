//! What of a change the limits and the policy that it takes away would say.

use crate::analysis::{Outlook, Project};
use crate::changes::{Before, Comparison};
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::finding::Severity;
use crate::report::{self, State};
use crate::rules::limits::{limit_ahead, over_limit, scenario_over_limit};
use crate::rules::{self, Context, Rule, causes};
use crate::verdicts;

use super::holding::hold;
use super::judging::{By, Run};

/// The rules about any meter.
static METERS: [&Rule; 3] = [
    &over_limit::RULE,
    &limit_ahead::RULE,
    &scenario_over_limit::RULE,
];

impl Run<'_> {
    /// The head under the limits of the base, where that judges and the head takes any away.
    pub(super) fn limited(
        &self,
        base: &Project,
        comparison: &Comparison<'_>,
    ) -> Option<(Project, Outlook)> {
        let under = comparison.limits.under.as_ref();
        let declarations = under.filter(|_| !self.settings.accept_policy)?.clone();
        let threads = self.threads;
        let mut limited = Project::of(declarations, Vec::new(), threads);
        hold(&mut limited, base, threads);
        let [outlook] = self.outlooks([(&limited, &base.policy)]);
        Some((limited, outlook))
    }

    /// What rules say, as errors, of the head under the limits of the base, and of neither side as
    /// it is: by the limit that is taken away, of the same thing where there is one.
    pub(super) fn revealed(
        &self,
        (head, outlook): (&Project, &Outlook),
        comparison: &Comparison<'_>,
        by: By<'_>,
    ) -> Vec<(usize, String)> {
        let (Before::Project(base, was), Some((limited, under))) =
            (comparison.before, &comparison.limited)
        else {
            return Vec::new();
        };
        let puts_back = comparison.limits.puts_back;
        let judge = self.judge(by).renamed(Some(&comparison.origins));
        let found = |project, outlook| {
            let context = self.context((project, outlook), None, by);
            rules::run(&context, self.threads)
        };
        let errors = |project, outlook| {
            let judged = judge.judge(found(project, outlook)).into_iter();
            // What is not declared at all is nothing that a limit says.
            let is_limit = |it: &report::Finding| !it.rule.contains("-without-");
            // Of what is put back only the limits count that no longer hold, which are looked at.
            let is_limit = move |it: &report::Finding| {
                is_limit(it) && !(puts_back && METERS.iter().any(|rule| rule.name == it.rule))
            };
            let errors = move |it: &report::Finding| it.severity == Severity::Error && is_limit(it);
            judged.filter(move |it| errors(it) && it.waived.is_none())
        };
        let before = found(base, was).into_iter();
        let mut known: HashSet<(String, String)> =
            before.map(|it| (it.rule.to_owned(), it.subject)).collect();
        known.extend(errors(head, outlook).map(|it| (it.rule, it.subject)));
        let original = |subject: &str| {
            let path = TomlPath::parse(subject).ok()?;
            let was = comparison.origins.of(&path)?;
            Some(was.to_string())
        };
        let is_known = |it: &report::Finding| {
            let subjects = [Some(it.subject.clone()), original(&it.subject)];
            let mut subjects = subjects.into_iter().flatten();
            subjects.any(|subject| known.contains(&(it.rule.clone(), subject)))
        };
        let of = |finding: report::Finding| {
            let keys = TomlPath::parse(&finding.subject).unwrap_or_default().0;
            let mut removed = comparison.limits.removed.iter();
            let same = removed.position(|it| it.path.0.get(..2) == keys.get(..2));
            (same.unwrap_or(0), finding.message)
        };
        let revealed = errors(limited, under).filter(|it| !is_known(it));
        revealed.map(of).collect()
    }
}

/// What of a change's new and worsened findings the head's own policy would let pass.
pub(super) fn let_through(
    strict: Vec<report::Finding>,
    relaxed: &[report::Finding],
) -> Vec<report::Finding> {
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

/// What is shown of a project's findings, compared with those of the base.
pub(super) fn compared(
    context: &Context<'_>,
    mut findings: Vec<report::Finding>,
    old: &[report::Finding],
) -> Vec<report::Finding> {
    verdicts::compare(&mut findings, old.to_vec(), |_, _| false);
    causes::silence(context, &mut findings);
    findings.retain(|finding| !finding.silenced);
    findings
}
