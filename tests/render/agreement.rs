//! Every format says the same: how many findings, of which severity, with which help, and what came
//! of the run.

use caplint::finding::Severity;
use caplint::render::{Format, Options, write};
use caplint::report::{Finding, Report, State};
use serde_json::Value;

use super::scenarios::{borrowed, files};
use crate::support::lint;

/// The reports of all cases and examples.
fn reports() -> Vec<(String, Report)> {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut reports = Vec::new();
    for entry in std::fs::read_dir(top.join("tests/cases")).unwrap() {
        let case = entry.unwrap().file_name().into_string().unwrap();
        let folder = |side: &str| format!("tests/cases/{case}/{side}");
        let is_there = |side: &str| top.join(folder(side)).is_dir();
        if is_there("base") && is_there("head") {
            let [base, head] = ["base", "head"].map(|side| files(&folder(side)));
            reports.push((case, lint::compare(&borrowed(&base), &borrowed(&head), "")));
        } else if is_there("project") {
            let project = files(&folder("project"));
            reports.push((case, lint::check(&borrowed(&project), "")));
        }
    }
    for example in ["tiktok-pipeline/after", "support-assistant", "iot-ingest"] {
        let project = files(&format!("examples/{example}"));
        reports.push((example.to_owned(), lint::check(&borrowed(&project), "")));
    }
    let [base, head] =
        ["before", "after"].map(|side| files(&format!("examples/tiktok-pipeline/{side}")));
    let changed = lint::compare(&borrowed(&base), &borrowed(&head), "");
    reports.push(("tiktok-pipeline".to_owned(), changed));
    assert!(reports.len() >= 45, "{} reports", reports.len());
    reports
}

fn rendered(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    let rules = caplint::rules::RULES
        .iter()
        .map(|rule| caplint::render::RuleInfo {
            name: rule.name.to_owned(),
            summary: caplint::pages::summary(rule).to_owned(),
            help: caplint::pages::shown(rule),
            severity: rule.severity,
            url: rule.url(),
        });
    let options = Options {
        rules: rules.collect(),
        ..Options::default()
    };
    write(format, report, &options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.projects.iter().flat_map(|project| &project.findings)
}

fn is_active(finding: &&Finding) -> bool {
    let is_old = matches!(finding.state, Some(State::Existing | State::Fixed));
    finding.waived.is_none() && !is_old && finding.severity != Severity::Off
}

/// The first words of a finding's help, without what formats escape.
fn help(finding: &Finding) -> Option<&str> {
    let help = finding.help.as_deref()?;
    let end = help.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == ' '));
    Some(help[..end.unwrap_or(help.len())].trim())
}

fn helps(what: &str, text: &str, finding: &Finding) {
    if let Some(help) = help(finding) {
        assert!(
            text.contains(help),
            "{what}: {} leaves out {help:?}",
            finding.rule
        );
    }
}

#[test]
fn counts_are_the_same_in_every_format() {
    for (name, report) in reports() {
        let active: Vec<&Finding> = findings(&report).filter(is_active).collect();
        let of = |severity| active.iter().filter(|it| it.severity == severity).count();
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let json: Value = serde_json::from_str(&rendered(&report, Format::Json)).unwrap();
        let all = |project: &Value| project["findings"].as_array().unwrap().len();
        let in_json: usize = json["projects"].as_array().unwrap().iter().map(all).sum();
        assert_eq!(in_json, findings(&report).count(), "{name}");

        let sarif: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), in_json, "{name}");
        let new = results.iter().filter(|result| {
            let state = result["baselineState"].as_str();
            result.get("suppressions").is_none() && !matches!(state, Some("unchanged" | "absent"))
        });
        let errors_in = new
            .clone()
            .filter(|result| result["level"] == "error")
            .count();
        assert_eq!((new.count(), errors_in), (active.len(), errors), "{name}");

        let github = rendered(&report, Format::Github);
        for (level, count) in [("error", errors), ("warning", warnings)] {
            let commands = github
                .lines()
                .filter(|line| line.starts_with(&format!("::{level} ")));
            assert_eq!(commands.count(), count.min(10), "{name}: {level}");
        }

        let gitlab: Value = serde_json::from_str(&rendered(&report, Format::Gitlab)).unwrap();
        let there = |it: &&Finding| it.waived.is_none() && it.state != Some(State::Fixed);
        assert_eq!(
            gitlab.as_array().unwrap().len(),
            findings(&report).filter(there).count(),
            "{name}"
        );

        let junit = rendered(&report, Format::Junit);
        assert_eq!(junit.matches("<failure ").count(), errors, "{name}");

        for format in [Format::Human, Format::Html] {
            let text = rendered(&report, format);
            let new = if report.base.is_some() { "new " } else { "" };
            let plural = if errors == 1 { "" } else { "s" };
            let counted = format!("{errors} {new}error{plural}");
            assert_eq!(
                text.contains(&counted),
                errors > 0,
                "{name}: {format:?} {counted}"
            );
        }
    }
}

#[test]
fn the_verdict_is_the_same_in_every_format() {
    for (name, report) in reports() {
        let fails = report.summary.exit_code == 1;
        let says = |format, mark: &str| {
            let text = rendered(&report, format);
            assert_eq!(text.contains(mark), fails, "{name}: {format:?}\n{text}");
        };
        says(Format::Human, "✗ Capacity check failed");
        says(Format::Markdown, "### ❌ ");
        says(Format::Html, "class=\"verdict fail\"");
        says(Format::Junit, "<failure ");
        says(Format::Github, "::error ");
        says(Format::Sarif, "\"exitCode\": 1");
    }
}

#[test]
fn every_format_of_machines_says_what_to_do() {
    for (name, report) in reports() {
        let texts = [Format::Sarif, Format::Gitlab, Format::Junit, Format::Json]
            .map(|format| rendered(&report, format));
        let active: Vec<&Finding> = findings(&report).filter(is_active).collect();
        for finding in &active {
            texts.iter().for_each(|text| helps(&name, text, finding));
        }
        if active.len() <= 10 {
            let github = rendered(&report, Format::Github);
            active
                .iter()
                .for_each(|finding| helps(&name, &github, finding));
        }
    }
}

#[test]
fn sarif_lists_the_rules_that_fired_alone() {
    for (name, report) in reports() {
        let sarif: Value = serde_json::from_str(&rendered(&report, Format::Sarif)).unwrap();
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        let mut listed: Vec<&str> = rules
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        let mut fired: Vec<&str> = findings(&report).map(|finding| &*finding.rule).collect();
        fired.sort_unstable();
        fired.dedup();
        listed.sort_unstable();
        assert_eq!(listed, fired, "{name}");
    }
}
