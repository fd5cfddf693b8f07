//! `policy-loosened`

use crate::changes::loosening::Loosening;
use crate::finding::Severity;
use crate::render::number;
use crate::report;
use crate::rules::{Check, Findings};

crate::rule! {
    /// The change makes its own judge milder: a higher threshold, a lower severity, a new or wider waiver or `allow`, a scenario that asks for less.
    ///
    /// ## Why
    ///
    /// A linter that a pull request can talk out of its findings protects nothing. The policy of
    /// the base judges a change, so what a change loosens does not help it; but the next change
    /// profits, and whoever reviews this one should see that. The finding says which of this
    /// change's findings the loosened policy would let through. An `allow` on something that the
    /// change itself adds counts at once, and is reported here for the same reason.
    ///
    /// ## Example
    ///
    /// ```toml before
    /// [tenants]
    /// pro = 1000
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "100GB"
    ///
    /// [tables.orders]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 100
    ///
    /// [policy]
    /// runway = "180d"
    ///
    /// [scenarios.2x]
    /// tenants = 2
    /// ```
    ///
    /// ```toml fails
    /// [tenants]
    /// pro = 1000
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "100GB"
    ///
    /// [tables.orders]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 100
    ///
    /// [policy]
    /// runway = "30d"
    ///
    /// [scenarios.2x]
    /// tenants = 2
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes
    /// [tenants]
    /// pro = 1000
    ///
    /// [databases.main]
    /// engine = "postgres"
    /// storage = "100GB"
    ///
    /// [tables.orders]
    /// kind = "state"
    /// row_size = "1KB"
    /// rows = 100
    ///
    /// [policy]
    /// runway = "1y"
    ///
    /// [scenarios.2x]
    /// tenants = 2
    /// ```
    ///
    /// ## Configuration
    ///
    /// `--accept-policy` lets the head's policy judge; what is looser is then an info. In a
    /// pipeline, bind it to a label that only the policy's owners may set. `policy-loosened =
    /// "error"` in `[rules]` fails every such change, `"off"` turns the rule off.
    ///
    /// ## Figure
    ///
    /// None.
    "policy-loosened", Warning, Check::Policy(check)
}

/// The most findings that are named.
const NAMED: usize = 3;

fn check(loosenings: &[Loosening], through: &[report::Finding], findings: &mut Findings) {
    for loosening in loosenings {
        let passing: Vec<&report::Finding> = through
            .iter()
            .filter(|finding| loosening.concerns.finding(finding))
            .collect();
        let help = if loosening.counts {
            "it counts, because what it is about is new: agree with the reason or take it out"
                .to_owned()
        } else if passing.is_empty() {
            "no finding of this change depends on it; this change is judged as before".to_owned()
        } else {
            format!(
                "it would let through {}; this change is judged without it",
                listed(&passing)
            )
        };
        let mut finding = findings
            .finding(&loosening.path, &loosening.message)
            .help(help);
        finding.span = loosening.span;
        if let (Some(before), None) = (loosening.before, loosening.span) {
            finding = finding.also(before, "it was declared here");
        }
        findings.push(finding);
    }
}

/// `1 error: over-limit of apis.x.credits`.
fn listed(passing: &[&report::Finding]) -> String {
    let count = |severity: Severity, word: &str| {
        let count = passing
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        (count > 0).then(|| number::plural(count, word))
    };
    let counts: Vec<String> = [
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut names: Vec<String> = passing
        .iter()
        .take(NAMED)
        .map(|finding| format!("{} of `{}`", finding.rule, finding.subject))
        .collect();
    if passing.len() > NAMED {
        names.push(format!("{} more", passing.len() - NAMED));
    }
    format!("{}: {}", counts.join(" and "), names.join(", "))
}
