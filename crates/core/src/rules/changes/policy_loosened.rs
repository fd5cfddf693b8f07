use crate::report;
use crate::rules::loosening::Loosening;
use crate::rules::{Check, Findings, Rule, Severity};
use crate::words::number;

pub(super) static RULE: Rule =
    Rule::new("policy-loosened", Severity::Warning, Check::Policy(check)).shown(11);

/// The most findings that are named.
const NAMED: usize = 3;

fn check(
    loosenings: &[Loosening],
    through: &[report::Finding],
    accepted: bool,
    findings: &mut Findings,
) {
    let judged = if accepted {
        "it takes effect, because of `--accept-policy`"
    } else {
        "this change is checked without it"
    };
    for loosening in loosenings {
        let passing: Vec<&report::Finding> = through
            .iter()
            .filter(|finding| loosening.concerns(finding))
            .collect();
        let help = if loosening.counts {
            "it takes effect now because its subject is new: review the reason or remove it"
                .to_owned()
        } else if passing.is_empty() {
            format!("no finding of this change depends on it; {judged}")
        } else {
            format!("it would hide {}; {judged}", listed(&passing))
        };
        let mut finding = findings
            .finding(&loosening.path, &loosening.message)
            .help(help)
            .at(loosening.span);
        if let (Some(before), None) = (loosening.before, loosening.span) {
            finding = finding.also(before, "it was declared here");
        }
        findings.push(finding);
    }
}

/// `1 error: over-limit of apis.x.credits`.
fn listed(passing: &[&report::Finding]) -> String {
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .filter_map(|(severity, word)| {
            let of_severity = |finding: &&&report::Finding| finding.severity == severity;
            let count = passing.iter().filter(of_severity).count();
            (count > 0).then(|| number::plural(count, word))
        })
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
