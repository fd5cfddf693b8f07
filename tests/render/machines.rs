//! SARIF, workflow commands, code quality, JUnit.

use caplint::finding::Severity;
use caplint::render::{Options, RuleInfo, github, gitlab, junit, sarif};
use caplint::report::Report;
use quick_xml::events::Event;
use serde_json::Value;

use super::{data, expect, is_harmless};
use crate::support::reports;

fn options() -> Options {
    Options {
        rules: vec![RuleInfo {
            name: "over-limit".into(),
            summary: "A meter breaks today.".into(),
            help: "# over-limit\n\nFires when …".into(),
            severity: Severity::Error,
            url: "https://caplint.example/rules/over-limit".into(),
        }],
        ..Options::default()
    }
}

fn all_reports() -> Vec<Report> {
    vec![
        reports::check(),
        reports::diff(),
        reports::hostile(),
        reports::nothing(false),
        reports::touching(400),
        reports::several(),
    ]
}

fn valid(schema: &str, document: &Value) {
    let schema: Value = serde_json::from_str(&data(schema)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn sarif_is_valid_and_says_what_is_new() {
    for report in all_reports() {
        let out = sarif(&report, &options());
        assert!(is_harmless(&out));
        valid(
            "sarif-schema-2.1.0.json",
            &serde_json::from_str(&out).unwrap(),
        );
    }
    let out = sarif(&reports::diff(), &options());
    expect("diff.sarif", &out);
    let document: Value = serde_json::from_str(&out).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let mut states: Vec<&str> = results
        .iter()
        .filter_map(|result| result["baselineState"].as_str())
        .collect();
    states.sort_unstable();
    assert_eq!(
        states,
        [
            "absent",
            "new",
            "unchanged",
            "unchanged",
            "unchanged",
            "updated"
        ]
    );
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(
            document["runs"][0]["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        assert_eq!(
            result["suppressions"].is_array(),
            result["ruleId"] == "table-without-rollup",
            "only what is waived is suppressed"
        );
        assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string());
    }
}

#[test]
fn sarif_has_the_worst_results_and_the_rules_that_fired() {
    let mut report = reports::nothing(false);
    let of = |severity| reports::finding("over-limit", severity, "x", "y");
    let findings = &mut report.projects[0].findings;
    findings.extend((0..25_000).map(|_| of(Severity::Warning)));
    findings.push(of(Severity::Error));
    let other = RuleInfo {
        name: "near-limit".into(),
        ..options().rules.remove(0)
    };
    let mut options = options();
    options.rules.insert(0, other);
    let document: Value = serde_json::from_str(&sarif(&report, &options)).unwrap();
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(
        (results.len(), &results[0]["level"]),
        (25_000, &"error".into())
    );
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(said, "1 more result left out, none worse than these");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "the other one did not fire");
    assert!(rules[0]["help"]["markdown"].is_string());
}

#[test]
fn sarif_paths_are_references() {
    let document: Value = serde_json::from_str(&sarif(&reports::hostile(), &options())).unwrap();
    for result in document["runs"][0]["results"].as_array().unwrap() {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap();
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        assert!(uri.bytes().all(safe), "{uri}");
    }
}

#[test]
fn annotations_are_commands_and_nothing_else() {
    expect("diff.github", &github(&reports::diff(), &options()));
    assert_eq!(github(&reports::nothing(true), &options()), "");
    for report in all_reports() {
        let out = github(&report, &options());
        assert!(is_harmless(&out));
        for line in out.lines() {
            let (level, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&level), "{line}");
            let (properties, message) = rest.split_once("::").unwrap();
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').unwrap();
                assert!(
                    ["file", "line", "endLine", "col", "endColumn", "title"].contains(&key),
                    "{line}"
                );
                assert!(!value.contains(':'), "{line}");
            }
            assert!(!message.is_empty());
        }
    }
}

#[test]
fn annotations_are_ten_of_each_level_worst_first() {
    let mut report = reports::touching(400);
    for index in 0..30 {
        let mut info = reports::finding(
            "price-stale",
            Severity::Info,
            &format!("models.m{index}"),
            "old",
        );
        info.state = Some(caplint::report::State::New);
        report.projects[0].findings.push(info);
    }
    let out = github(&report, &options());
    let levels: Vec<&str> = out
        .lines()
        .map(|line| line[2..].split(' ').next().unwrap())
        .collect();
    let expected: Vec<&str> = [["error"; 10], ["warning"; 10], ["notice"; 10]].concat();
    assert_eq!(levels, expected);
    assert_eq!(
        out.lines().last().unwrap(),
        "::notice title=caplint::190 errors, 190 warnings, 21 infos more: see the job's summary or its log"
    );
}

#[test]
fn code_quality_is_valid() {
    expect("diff.gitlab.json", &gitlab(&reports::diff(), &options()));
    for report in all_reports() {
        let out = gitlab(&report, &options());
        assert!(is_harmless(&out));
        let document: Value = serde_json::from_str(&out).unwrap();
        valid("gitlab-code-quality.json", &document);
        let issues = document.as_array().unwrap();
        let counted = report.summary;
        assert_eq!(
            issues.len(),
            counted.errors + counted.warnings + counted.infos
        );
        let prints: std::collections::HashSet<&str> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(prints.len(), issues.len(), "fingerprints are unique");
    }
}

/// How many of each element a JUnit report has.
fn elements(xml: &str) -> std::collections::BTreeMap<String, usize> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut counts = std::collections::BTreeMap::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.expect("attributes that can be read");
                }
                *counts.entry(tag.name().as_ref().to_owned()).or_default() += 1;
            }
            Event::Eof => return counts,
            _ => {}
        }
    }
}

#[test]
fn junit_has_a_case_for_each_finding() {
    expect("diff.junit.xml", &junit(&reports::diff(), &options()));
    for report in all_reports() {
        let out = junit(&report, &options());
        assert!(is_harmless(&out));
        let counts = elements(&out);
        let of = |name: &str| counts.get(name).copied().unwrap_or(0);
        let summary = report.summary;
        let told = summary.errors + summary.warnings + summary.infos + summary.waived;
        assert_eq!(of("testsuite"), report.projects.len());
        let silent = report
            .projects
            .iter()
            .filter(|project| project.findings.is_empty())
            .count();
        assert_eq!(of("testcase"), told + silent);
        assert_eq!(of("skipped"), summary.waived);
        let failing = |severity: Severity| {
            let counts = |finding: &&caplint::report::Finding| {
                finding.severity >= severity
                    && finding.waived.is_none()
                    && !matches!(
                        finding.state,
                        Some(caplint::report::State::Existing | caplint::report::State::Fixed)
                    )
            };
            report.projects[0].findings.iter().filter(counts).count()
        };
        assert_eq!(of("failure"), failing(Severity::Error));
        let strict = junit(
            &report,
            &Options {
                fail_on: Severity::Warning,
                ..options()
            },
        );
        assert_eq!(
            elements(&strict).get("failure").copied().unwrap_or(0),
            failing(Severity::Warning)
        );
    }
}

#[test]
fn junit_is_valid() {
    let Some(xmllint) = super::program("xmllint", &["/usr/bin/xmllint"]) else {
        return;
    };
    let schema = super::data_path("junit-10.xsd");
    for (index, report) in all_reports().iter().enumerate() {
        let file = super::scratch(&format!("junit-{index}.xml"), &junit(report, &options()));
        let run = std::process::Command::new(&xmllint)
            .args(["--noout", "--nonet", "--schema"])
            .args([&schema, &file])
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

#[test]
fn workflow_commands_cannot_be_left() {
    let mut finding = reports::finding("a:b,c", Severity::Error, "x", "50%");
    finding.help = Some("first\n::error::x".to_owned());
    let mut project = reports::project("p");
    project.findings.push(finding);
    let report = reports::report(vec![project], Default::default());
    assert_eq!(
        github(&report, &Options::default()),
        "::error file=capacity.toml,title=caplint a%3Ab%2Cc::50%25%0Afirst%0A::error::x\n"
    );
}
