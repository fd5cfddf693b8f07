//! Reports are what their schema says.

use std::process::Command;

use serde_json::Value;

use crate::support::{top, validator};

fn report(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .args(arguments)
        .args(["--format", "json", "--as-of", "2026-11-22"])
        .env_clear()
        .current_dir(top())
        .output()
        .expect("caplint runs");
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn validate(arguments: &[&str]) -> Value {
    let report = report(arguments);
    let schema = validator(&caplint::schema::report());
    if let Err(error) = schema.validate(&report) {
        panic!("{arguments:?}: {error} at {}", error.instance_path());
    }
    report
}

#[test]
fn reports_of_the_examples_are_valid() {
    for example in [
        "iot-ingest",
        "seed-numbers",
        "support-assistant",
        "tiktok-pipeline/before",
    ] {
        let folder = format!("examples/{example}");
        let report = validate(&["-C", &folder, "check"]);
        assert_ne!(report["projects"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn reports_of_comparisons_are_valid() {
    let base = "examples/tiktok-pipeline/before";
    let head = "examples/tiktok-pipeline/after";
    let report = validate(&["diff", base, head]);
    let project = &report["projects"][0];
    assert_ne!(project["changes"].as_array().map(Vec::len), Some(0));
    assert_ne!(project["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_key_that_the_schema_does_not_know_is_refused() {
    let schema = validator(&caplint::schema::report());
    let mut report = report(&["-C", "examples/iot-ingest", "check"]);
    report["projects"][0]["meters"][0]["more"] = 1.into();
    assert!(!schema.is_valid(&report));
}
