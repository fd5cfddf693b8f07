//! Cases: real input in folders, run through the real program, with what it says.
//!
//! `tests/cases/<name>` holds the input (`base` and `head`, or `project`), the command line in
//! `args`, and in `expected` the exit code, what people see and the figures behind it.
//! `SNAPSHOTS=overwrite cargo test --test suite cases::` accepts what is new.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use snapbox::IntoData;
use snapbox::assert::Assert;

use crate::support::repo::Repo;

/// How many cases there are. It only grows.
const AT_LEAST: usize = 47;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

#[test]
fn every_case_says_what_is_expected() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder("cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= AT_LEAST, "{} cases", cases.len());
    let failed: Vec<String> = cases
        .iter()
        .filter(|case| std::panic::catch_unwind(|| run_case(case)).is_err())
        .map(|case| case.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(failed.is_empty(), "not as expected: {failed:?}");
}

fn run_case(case: &Path) {
    // Outside of any repository, so that a folder is what it is.
    let place = Repo::folder();
    copy(case, &place.path);
    if case
        .file_name()
        .is_some_and(|name| name == "tiktok-pipeline")
    {
        let examples = folder("../examples/tiktok-pipeline");
        copy(&examples.join("before"), &place.path.join("base"));
        copy(&examples.join("after"), &place.path.join("head"));
    }
    let arguments = std::fs::read_to_string(case.join("args")).unwrap();
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    if arguments.contains(&"./base.json") {
        let saved = caplint(&place, &["-C", "base", "check", "--format", "json"]);
        std::fs::write(place.path.join("base.json"), saved.stdout).unwrap();
    }
    let human = caplint(&place, &arguments);
    let expected = case.join("expected");
    let code = human.status.code().expect("it is not killed");
    compare(&format!("{code}\n"), &expected.join("exit"));
    let shown = text(human.stdout).replace(&*place.path.to_string_lossy(), "[PLACE]");
    compare(&shown, &expected.join("human.txt"));
    if !human.stderr.is_empty() {
        compare(&text(human.stderr), &expected.join("stderr.txt"));
    }
    let machine = caplint(&place, &[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(machine.status.code(), Some(code), "in every format");
    if code <= 1 {
        let report: Value = serde_json::from_slice(&machine.stdout).unwrap();
        let shown = serde_json::to_string_pretty(&essence(&report)).unwrap();
        let shown = shown.replace(&*place.path.to_string_lossy(), "[PLACE]");
        compare(&format!("{shown}\n"), &expected.join("report.json"));
    }
}

fn caplint(place: &Repo, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments)
        .args(["--as-of", "2026-11-22"])
        .current_dir(&place.path)
        .env_clear()
        .envs(place.environment())
        .output()
        .expect("it runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("reports are UTF-8")
}

fn compare(actual: &str, expected: &Path) {
    if let Some(folder) = expected.parent() {
        std::fs::create_dir_all(folder).unwrap();
    }
    Assert::new().action_env("SNAPSHOTS").eq(
        actual.to_owned().into_data().raw(),
        snapbox::Data::read_from(expected, None).raw(),
    );
}

/// What of a report a case is about: the shape of the whole is pinned elsewhere.
fn essence(report: &Value) -> Value {
    let projects: Vec<Value> = report["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|project| {
            let findings: Vec<Value> = project["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|finding| pick(finding, &FINDING))
                .collect();
            json!({
                "name": project["name"],
                "root": project["root"],
                "verdict": project["verdict"],
                "lines": project["lines"].as_array().unwrap().len(),
                "meters": project["meters"].as_array().unwrap().len(),
                "changes": project["changes"],
                "findings": findings,
            })
        })
        .collect();
    json!({ "base": report["base"], "projects": projects, "summary": report["summary"] })
}

const FINDING: [&str; 9] = [
    "rule", "severity", "subject", "state", "message", "figure", "file", "line", "waived",
];

fn pick(finding: &Value, keys: &[&str]) -> Value {
    keys.iter()
        .map(|key| ((*key).to_owned(), finding[*key].clone()))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            if entry.file_name() != "expected" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
