//! Reports are what their schema says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{capacity_files, top, validator};

fn report(dir: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
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
    let base = "./examples/tiktok-pipeline/before";
    let head = "./examples/tiktok-pipeline/after";
    let report = report(&top(), &["diff", base, head]);
    validate(&report);
    let project = &report["projects"][0];
    assert_ne!(project["changes"].as_array().map(Vec::len), Some(0));
    assert_ne!(project["findings"].as_array().map(Vec::len), Some(0));
}

/// One pointer to each kind of place in a report, by the pointer with `*` for positions.
fn kinds(value: &Value, pointer: &str, kind: &str, into: &mut BTreeMap<String, String>) {
    into.entry(kind.to_owned())
        .or_insert_with(|| pointer.to_owned());
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let step = key.replace('~', "~0").replace('/', "~1");
                let (pointer, kind) = (format!("{pointer}/{step}"), format!("{kind}/{step}"));
                kinds(value, &pointer, &kind, into);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                kinds(
                    item,
                    &format!("{pointer}/{index}"),
                    &format!("{kind}/*"),
                    into,
                );
            }
        }
        _ => {}
    }
}

#[test]
fn a_report_that_differs_anywhere_is_refused() {
    let schema = validator(&caplint::schema::report());
    let support = report(example("support-assistant").path(), &["check"]);
    let sides = [
        "./examples/tiktok-pipeline/before",
        "./examples/tiktok-pipeline/after",
    ];
    let tiktok = report(&top(), &["diff", sides[0], sides[1]]);
    let mut seen = BTreeMap::new();
    for report in [&tiktok, &support] {
        let mut places = BTreeMap::new();
        kinds(report, "", "", &mut places);
        places.retain(|kind, _| !seen.contains_key(kind));
        for (kind, pointer) in &places {
            let refuses = |what: &str, change: &dyn Fn(&mut Value)| {
                let mut changed = report.clone();
                change(&mut changed);
                assert!(!schema.is_valid(&changed), "{what} at {kind} is accepted");
            };
            refuses("another type", &|report| {
                *report.pointer_mut(pointer).expect("a place") = serde_json::json!([[]]);
            });
            // Of these a report has the keys of its kind of line or meter.
            let optional = ["/per_day", "/detail", "/units", "/billed_units"];
            if let Some((parent, key)) = pointer.rsplit_once('/')
                && !kind.ends_with('*')
                && !optional.iter().any(|name| parent.ends_with(name))
            {
                refuses("no key", &|report| {
                    let parent = report.pointer_mut(parent).expect("a place");
                    parent.as_object_mut().expect("an object").remove(key);
                });
            }
            let is_object = report.pointer(pointer).is_some_and(Value::is_object);
            let by_unit = kind.ends_with("/units") || kind.ends_with("/billed_units");
            if is_object && !by_unit {
                refuses("an unknown key", &|report| {
                    report.pointer_mut(pointer).expect("a place")["more"] = 1.into();
                });
            }
        }
        seen.extend(places);
    }
    assert!(seen.len() > 120, "only {} kinds of places", seen.len());
}
