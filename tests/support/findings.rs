//! Runs the whole of caplint over one capacity.toml, and gives what its rules find.

use caplint::analysis::Figures;
use caplint::finding::Severity;
use caplint::report::Finding;
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;

/// What is found in a project of one file, as of 2026-11-22.
pub fn findings(text: &str) -> Vec<Finding> {
    let mut sources = SourceMap::default();
    let file = sources.add(SourceFile {
        path: "capacity.toml".into(),
        text: text.into(),
        flaw: None,
    });
    let head = Snapshot {
        name: "head".to_owned(),
        commit: None,
        files: vec![file],
        listing: Listing::new(vec!["capacity.toml", "spec.md"]),
    };
    let settings = Settings {
        as_of: Date::new(2026, 11, 22).unwrap(),
        fail_on: Severity::Error,
        all: false,
        accept_policy: false,
        overrides: Vec::new(),
        paths: Vec::new(),
        projects: Vec::new(),
        owners: Vec::new(),
        figures: Figures::All,
        threads: 1,
        usage: Default::default(),
    };
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    let report = run(&inputs, &settings);
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
