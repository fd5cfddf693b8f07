//! Runs the whole of caplint over one capacity.toml, and gives what its rules find.

use caplint::report::Finding;

use super::lint::check;

/// What is found in a project of one file, as of 2026-11-22, waivers aside.
pub fn findings(text: &str) -> Vec<Finding> {
    let report = check(&[("capacity.toml", text), ("spec.md", "")], "");
    let projects = report.projects.into_iter();
    projects
        .flat_map(|project| project.findings)
        .filter(|finding| finding.waived.is_none())
        .collect()
}

/// What one rule finds.
pub fn of_rule(text: &str, rule: &str) -> Vec<Finding> {
    let mut found = findings(text);
    found.retain(|finding| finding.rule == rule);
    found
}

/// The only finding of a rule.
pub fn only(text: &str, rule: &str) -> Finding {
    let mut found = of_rule(text, rule);
    assert_eq!(found.len(), 1, "{rule}: {found:#?}\n{text}");
    found.remove(0)
}

/// Asserts that a rule says nothing.
pub fn silent(text: &str, rule: &str) {
    let found = of_rule(text, rule);
    assert!(found.is_empty(), "{rule}: {found:#?}\n{text}");
}

/// The words that a finding points to.
pub fn words<'a>(text: &'a str, finding: &Finding) -> &'a str {
    let span = finding.span.expect("a span");
    &text[span.start as usize..span.end as usize]
}
