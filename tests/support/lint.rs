//! Lints texts as if they were a repository's.

use caplint::report::{Finding, Report};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::{Listing, Snapshot, SourceFile, SourceMap};
use caplint::units::Date;
use caplint::usage::{Reading, Usage};

/// Checks files, by path, as of 2026-11-22. Those that are no capacity.toml only exist;
/// measured usage is CSV without its header.
pub fn check(files: &[(&str, &str)], usage: &str) -> Report {
    check_with(files, |settings| settings.usage = measured(usage))
}

/// The report of files, as of 2026-11-22, with other settings.
pub fn check_with(files: &[(&str, &str)], adjust: impl FnOnce(&mut Settings)) -> Report {
    let mut settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    settings.advise = true;
    adjust(&mut settings);
    let mut sources = SourceMap::default();
    let head = snapshot("head", files, &mut sources);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    run(&inputs, &settings)
}

/// Compares files with what they were.
pub fn compare(base: &[(&str, &str)], head: &[(&str, &str)], usage: &str) -> Report {
    let mut settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    settings.usage = measured(usage);
    settings.advise = true;
    let mut sources = SourceMap::default();
    let base = snapshot("base", base, &mut sources);
    let head = snapshot("head", head, &mut sources);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::State(&base),
    };
    run(&inputs, &settings)
}

fn measured(usage: &str) -> Usage {
    let mut measured = Usage::default();
    let header = "date,feature,line,quantity,unit\n";
    let text = format!("{header}{usage}");
    if !usage.is_empty() {
        let reading = Reading::default();
        measured
            .read("usage.csv", text.as_bytes(), &reading)
            .unwrap();
    }
    measured
}

pub fn snapshot(name: &str, files: &[(&str, &str)], sources: &mut SourceMap) -> Snapshot {
    let is_capacity = |path: &str| path.rsplit('/').next() == Some("capacity.toml");
    let read = files.iter().filter(|(path, _)| is_capacity(path));
    Snapshot {
        name: name.to_owned(),
        files: read
            .map(|(path, text)| sources.add(SourceFile::new(*path, *text)))
            .collect(),
        listing: Listing::new(files.iter().map(|(path, _)| *path).collect()),
        ..Snapshot::default()
    }
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
