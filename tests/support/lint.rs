//! Lints texts as if they were a repository's.

use caplint::analysis::Figures;
use caplint::finding::Severity;
use caplint::report::{Finding, Report};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;
use caplint::usage::Usage;

/// Checks files, by path, as of 2026-11-22. Those that are no capacity.toml only exist;
/// measured usage is CSV without its header.
pub fn check(files: &[(&str, &str)], usage: &str) -> Report {
    let mut sources = SourceMap::default();
    let mut head = Snapshot {
        name: "head".to_owned(),
        listing: Listing::new(files.iter().map(|(path, _)| *path).collect()),
        ..Snapshot::default()
    };
    for (path, text) in files {
        if path.rsplit('/').next() == Some("capacity.toml") {
            head.files.push(sources.add(SourceFile {
                path: (*path).into(),
                text: (*text).into(),
                flaw: None,
            }));
        }
    }
    let mut measured = Usage::default();
    let header = "date,feature,line,quantity,unit\n";
    measured
        .read("usage.csv", &format!("{header}{usage}"))
        .unwrap();
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
        usage: measured,
    };
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    run(&inputs, &settings)
}

/// The findings of a rule in one capacity.toml beside a spec.md.
pub fn findings(rule: &str, toml: &str) -> Vec<Finding> {
    findings_in(rule, &[("capacity.toml", toml), ("spec.md", "")], "")
}

/// The findings of a rule in files, with measured usage.
pub fn findings_in(rule: &str, files: &[(&str, &str)], usage: &str) -> Vec<Finding> {
    check(files, usage)
        .projects
        .into_iter()
        .flat_map(|project| project.findings)
        .filter(|finding| finding.rule == rule)
        .collect()
}

/// The one finding of a rule.
pub fn only(rule: &str, toml: &str) -> Finding {
    let mut found = findings(rule, toml);
    assert_eq!(found.len(), 1, "{rule}: {found:#?}");
    found.remove(0)
}

/// The text that a finding points to.
pub fn pointed<'a>(finding: &Finding, text: &'a str) -> &'a str {
    let span = finding.span.unwrap();
    &text[span.start as usize..span.end as usize]
}
