//! What a change may not do to what judges it: silence, escape, loosen, forget.

mod departures;
mod existing;
mod followed;
mod husks;
mod kept;
mod keys;
mod knowledge;
mod limits;
mod loosened;
#[cfg(unix)]
mod measured;
mod members;
mod merged;
mod moved;
mod names;
mod paired;
mod parts;
mod renames;
mod severities;
mod since;
mod taken_over;

use caplint::finding::Severity;
use caplint::report::{Finding, Report, State};
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::SourceMap;
use caplint::units::Date;

use crate::support::lint::snapshot;

type Files<'a> = &'a [(&'a str, &'a str)];

/// The report of a change, as of 2026-11-22.
fn diff_with(base: Files<'_>, head: Files<'_>, adjust: impl FnOnce(&mut Settings)) -> Report {
    let mut sources = SourceMap::default();
    let before = snapshot("base", base, &mut sources);
    let after = snapshot("head", head, &mut sources);
    let mut settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    adjust(&mut settings);
    let inputs = Inputs {
        sources: &sources,
        head: &after,
        base: Before::State(&before),
    };
    run(&inputs, &settings)
}

fn diff(base: Files<'_>, head: Files<'_>) -> Report {
    diff_with(base, head, |_| {})
}

/// The subjects and messages of what is wrong with a file.
fn check(text: &str) -> Vec<(String, String)> {
    let mut sources = SourceMap::default();
    let head = snapshot("head", &[("capacity.toml", text)], &mut sources);
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    let report = run(&inputs, &Settings::new(Date::new(2026, 11, 22).unwrap()));
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    let errors = findings.filter(|it| it.severity == Severity::Error);
    errors.map(|it| (it.subject, it.message)).collect()
}

/// The report of a change, compared with what a check of the base says.
fn diff_since(base: Files<'_>, head: Files<'_>) -> Report {
    let mut sources = SourceMap::default();
    let [before, after] = [base, head].map(|files| snapshot("side", files, &mut sources));
    let settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let report = |head, base| {
        let sources = &sources;
        run(
            &Inputs {
                sources,
                head,
                base,
            },
            &settings,
        )
    };
    let saved = report(&before, Before::NotCompared);
    report(&after, Before::Report(&saved))
}

fn change_since(base: &str, head: &str) -> Report {
    diff_since(&[("capacity.toml", base)], &[("capacity.toml", head)])
}

/// The report of a change to one file.
fn change(base: &str, head: &str) -> Report {
    diff(&[("capacity.toml", base)], &[("capacity.toml", head)])
}

/// What a rule finds new in a change.
fn new_of<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    let projects = report.projects.iter();
    projects
        .flat_map(|project| &project.findings)
        .filter(|finding| finding.rule == rule && finding.waived.is_none())
        .filter(|finding| matches!(finding.state, Some(State::New | State::Worsened)))
        .collect()
}

/// The subjects and severities of what a rule finds new in a change.
fn subjects(report: &Report, rule: &str) -> Vec<(String, Severity)> {
    new_of(report, rule)
        .into_iter()
        .map(|finding| (finding.subject.clone(), finding.severity))
        .collect()
}

fn fails(report: &Report) -> bool {
    report.summary.exit_code == 1
}

/// One API with a plan, and a feature that calls it ten times a day.
const ROOT: &str = r#"
[project]
name = "t"
[tenants]
free = 1000
[apis.a]
rate_limit = "100000/min"
plan = { credits = 600_000, price = 10 }
[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }
[scenarios.2x]
tenants = 2
require = "report"
[policy.change]
credits = "20%"
"#;

fn feature(name: &str, rate: &str) -> String {
    format!(
        "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
         calls = [{{ endpoint = \"/e/\", rate = \"{rate}\" }}]\n"
    )
}
