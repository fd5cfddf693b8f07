//! The numbers of the article that caplint started from, to the digit, as the examples' reports
//! show them.

use std::process::Command;

use serde_json::Value;

fn report(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        // As a developer runs it, wherever the test does.
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .args(["--as-of", "2026-11-22", "--format", "json", "--exit-zero"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn check(folder: &str) -> Value {
    let report = report(&["check", &format!("examples/seed-numbers/{folder}")]);
    report["projects"][0].clone()
}

/// The entry of a list with this value under a key.
fn entry<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    list.as_array()
        .unwrap()
        .iter()
        .find(|entry| entry[key] == value)
        .unwrap_or_else(|| panic!("nothing has `{key}` = `{value}`"))
}

fn demand(project: &Value, meter: &str) -> f64 {
    entry(&project["meters"], "id", meter)["demand"]["point"]
        .as_f64()
        .unwrap()
}

#[track_caller]
fn same(found: f64, expected: f64) {
    let close = (found - expected).abs() <= 1e-12 * expected.abs();
    assert!(close, "{found} is not {expected}");
}

#[test]
fn credits() {
    let project = check("credits");
    let lines = [
        ("features.profile-sync.calls.profile", 4_800.0),
        ("features.video-discovery.calls.posts", 19_200.0),
        ("features.watermark-removal.calls.detail", 36_000.0),
        ("features.comment-ingest.calls.comments", 9_600.0),
    ];
    let mut total = 0.0;
    for (path, credits) in lines {
        let line = entry(&project["lines"], "path", path);
        same(line["per_day"]["credits"].as_f64().unwrap(), credits);
        total += credits;
    }
    same(total, 69_600.0);
    same(demand(&project, "apis.tiklive.credits"), 2_088_000.0);
    let credits = entry(&project["meters"], "id", "apis.tiklive.credits");
    same(credits["utilization"].as_f64().unwrap(), 0.8352);
    let rate = entry(&project["meters"], "id", "apis.tiklive.rate.min");
    let breaks_at = rate["breaking_point"].as_f64().unwrap();
    // 69,600 calls a day are 48 1/3 a minute, of 200.
    same(breaks_at, 200.0 / (69_600.0 / 1_440.0));
    assert_eq!(format!("{breaks_at:.4}"), "4.1379");
}

#[test]
fn watermark_removal_at_45_a_day() {
    let report = report(&[
        "diff",
        "./examples/tiktok-pipeline/before",
        "./examples/tiktok-pipeline/after",
    ]);
    let project = &report["projects"][0];
    let line = "features.watermark-removal.calls.detail";
    let line = entry(&project["lines"], "path", line);
    same(line["per_day"]["credits"].as_f64().unwrap(), 36_000.0 * 1.5);
    let change = entry(&project["changes"], "meter", "apis.tiklive.credits");
    same(change["delta"].as_f64().unwrap(), 30.0 * 18_000.0);
    let attribution = change["attribution"].as_array().unwrap();
    assert_eq!(attribution.len(), 1);
    assert_eq!(
        attribution[0]["path"],
        "features.watermark-removal.calls.detail.rate"
    );
    assert_eq!(attribution[0]["before"], "30/day");
    assert_eq!(attribution[0]["after"], "45/day");
}

#[test]
fn snapshots() {
    let project = check("snapshots");
    let day = project["horizons"]
        .as_array()
        .unwrap()
        .iter()
        .find(|horizon| horizon["day"] == 1)
        .unwrap();
    same(demand(day, "tables.daily.storage"), 4e6);
    same(demand(&project, "tables.daily.storage"), 1.46e9);
    same(demand(&project, "tables.hourly.storage"), 35.04e9);
    same(demand(&project, "tables.quarter_hourly.storage"), 1.4016e12);
}

#[test]
fn queues() {
    let project = check("queues");
    same(demand(&project, "queues.fetches.throughput"), 1e6);
    same(demand(&project, "queues.fetches.retained"), 604.8e9);
    same(
        demand(&project, "queues.fetches-replicated.retained"),
        3.0 * 604.8e9,
    );
    let workers = entry(&project["meters"], "id", "queues.jobs.workers");
    same(workers["detail"]["scale_up_at"].as_f64().unwrap(), 3_000.0);
}
