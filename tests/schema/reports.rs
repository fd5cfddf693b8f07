//! Reports are what their schema says.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{capacity_files, top, validator};

fn report(dir: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .args(arguments)
        .args(["--format", "json", "--as-of", "2026-11-22"])
        .env_clear()
        .current_dir(dir)
        .output()
        .expect("caplint runs");
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn validate(report: &Value) {
    let schema = validator(&caplint::schema::report());
    if let Err(error) = schema.validate(report) {
        panic!("{error} at {}", error.instance_path());
    }
}

/// A copy of an example outside this repository, where it stands for itself.
fn example(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = top().join("examples").join(name);
    for file in capacity_files(&from) {
        let to = folder
            .path()
            .join(file.strip_prefix(&from).expect("below it"));
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(file, to).expect("a copy");
    }
    folder
}

#[test]
fn reports_of_the_examples_are_valid() {
    for name in [
        "iot-ingest",
        "seed-numbers",
        "support-assistant",
        "tiktok-pipeline/before",
    ] {
        let folder = example(name);
        let report = report(folder.path(), &["check"]);
        validate(&report);
        let project = &report["projects"][0];
        assert_ne!(
            project["scenarios"].as_array().map(Vec::len),
            Some(0),
            "{name}"
        );
    }
}

#[test]
fn reports_of_comparisons_are_valid() {
    let base = "examples/tiktok-pipeline/before";
    let head = "examples/tiktok-pipeline/after";
    let report = report(&top(), &["diff", base, head]);
    validate(&report);
    let project = &report["projects"][0];
    assert_ne!(project["changes"].as_array().map(Vec::len), Some(0));
    assert_ne!(project["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_key_that_the_schema_does_not_know_is_refused() {
    let schema = validator(&caplint::schema::report());
    let mut report = report(example("iot-ingest").path(), &["check"]);
    validate(&report);
    report["projects"][0]["meters"][0]["more"] = 1.into();
    assert!(!schema.is_valid(&report));
}
