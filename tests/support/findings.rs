//! Runs the whole of caplint over one capacity.toml, and gives what its rules find.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "lint.rs"]
mod lint;

use caplint::report::Finding;

/// What is found in a project of one file beside a spec.md, as of 2026-11-22.
pub fn findings(text: &str) -> Vec<Finding> {
    let files = [("capacity.toml", text), ("spec.md", "")];
    lint::check(&files, "date,feature,line,quantity,unit\n")
        .projects
        .into_iter()
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
