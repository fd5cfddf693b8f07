//! What providers publish about their limits and bills, beside what caplint makes of it. Each
//! example's `spec.md` names the source of its figures and shows the working.

use std::process::Command;

use serde_json::Value;

/// The project of an example. It is sound: nothing is found, infos included.
fn project(example: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_remove("CI")
        .env_remove("GITHUB_ACTIONS")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["check", &format!("examples/published/{example}")])
        .args([
            "--as-of",
            "2026-11-22",
            "--format",
            "json",
            "--fail-on",
            "info",
        ])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let project = report["projects"][0].clone();
    assert_eq!(project["findings"], serde_json::json!([]), "{example}");
    project
}

/// A meter today, or in a scenario.
fn meter(project: &Value, scenario: Option<&str>, id: &str) -> Value {
    let named = |list: &Value, key: &str, value: &str| {
        let mut entries = list.as_array().unwrap().iter();
        let found = entries.find(|entry| entry[key] == value);
        found
            .unwrap_or_else(|| panic!("nothing has `{key}` = `{value}`"))
            .clone()
    };
    let meters = match scenario {
        None => project["meters"].clone(),
        Some(name) => named(&project["scenarios"], "name", name)["meters"].clone(),
    };
    named(&meters, "id", id)
}

fn holds(meter: &Value, demand: f64, limit: f64, verdict: &str) {
    let close = |found: &Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs(),
            "{found} is not {expected}: {meter}"
        );
    };
    close(&meter["demand"]["point"], demand);
    close(&meter["limit"], limit);
    assert_eq!(meter["verdict"], verdict, "{meter}");
}

#[test]
fn a_social_api_counts_units_and_limits_users() {
    let project = project("social-api");
    let units = meter(&project, None, "apis.youtube.rate.units");
    holds(&units, 1_600.0 + 3_000.0 + 1_440.0, 10_000.0, "fits");
    let units = meter(&project, Some("10x"), "apis.youtube.rate.units");
    holds(&units, 1_600.0 + 30_000.0 + 14_400.0, 1_000_000.0, "fits");
    holds(
        &meter(&project, None, "apis.x.rate.posts-app"),
        720.0,
        10_000.0,
        "fits",
    );
    let user = meter(&project, Some("10x"), "apis.x.rate.posts-user");
    holds(&user, 5.0 * 0.25, 100.0, "fits");
    assert_eq!(user["detail"]["tier"], "creators");
}

#[test]
fn maps_have_graduated_prices() {
    let project = project("maps");
    let spend = meter(&project, None, "apis.geocoding.spend");
    holds(&spend, 900.0, 1_200.0, "fits");
    let holds_to = spend["breaking_point"].as_f64().unwrap();
    assert!((holds_to - 1.3).abs() < 2e-6, "{holds_to}");
    let spend = meter(&project, Some("10x"), "apis.geocoding.spend");
    holds(&spend, 9_900.0, 12_000.0, "fits");
}

#[test]
fn messages_are_billed_by_segment() {
    let project = project("messaging");
    // 8,000 segments of templates, and 1.47656986650057 on average of each note.
    let segments = 8_000.0 + 1_200.0 * 1.476_569_866_500_57;
    let spend = meter(&project, None, "apis.sms.spend");
    holds(&spend, segments * 30.0 * 0.0079, 3_000.0, "fits");
    let rate = meter(&project, None, "apis.sms.rate.segments");
    holds(&rate, segments * 6.0 / 86_400.0, 60.0, "fits");
}

#[test]
fn every_store_has_a_limit_of_its_own() {
    let project = project("shop-platform");
    for scenario in [None, Some("10x")] {
        let store = meter(&project, scenario, "apis.shopify.rate.store");
        holds(&store, 620.0, 1_000.0, "fits");
        assert_eq!(store["detail"]["tier"], "plus");
        assert!(store["breaking_point"].is_null());
    }
}

#[test]
fn topics_are_kept_by_time_by_size_or_by_key() {
    let project = project("event-log");
    let kept = |queue: &str| meter(&project, None, &format!("queues.{queue}.retained"));
    holds(&kept("events"), 907.2e12, 1.25e15, "fits");
    assert_eq!(kept("events")["detail"]["kept_for"], 604_800.0);
    holds(&kept("clicks"), 24e9, 40e9, "fits");
    assert_eq!(kept("clicks")["detail"]["kept_for"], 8_000.0);
    holds(&kept("profiles"), 12e9, 40e9, "fits");
    assert_eq!(kept("profiles")["detail"], serde_json::json!({}));
    holds(
        &meter(&project, None, "queues.events.throughput"),
        2e9,
        3e9,
        "fits",
    );
}

#[test]
fn requests_are_billed_by_started_chunks_after_a_free_million() {
    let project = project("cloud-requests");
    holds(&meter(&project, None, "apis.sqs.spend"), 6.80, 10.0, "fits");
    let write = meter(&project, None, "apis.dynamodb-writes.rate.table");
    holds(&write, 4e6 / 2_592_000.0 * 4.0, 40_000.0, "fits");
    let writes = meter(&project, None, "apis.dynamodb-writes.spend");
    holds(&writes, 2.50, 50.0, "fits");
    let reads = meter(&project, None, "apis.dynamodb-reads.spend");
    holds(&reads, 6.75, 50.0, "fits");
}

#[test]
fn a_project_and_its_users_have_limits_of_their_own() {
    let project = project("workplace");
    let in_all = |scenario, kind: &str| meter(&project, scenario, &format!("apis.{kind}"));
    holds(&in_all(None, "sheets.rate.reads"), 160.0, 300.0, "fits");
    holds(
        &in_all(Some("10x"), "sheets.rate.reads"),
        1_600.0,
        3_000.0,
        "fits",
    );
    holds(&in_all(None, "sheets.rate.writes"), 40.0, 300.0, "fits");
    for scenario in [None, Some("10x")] {
        holds(
            &in_all(scenario, "sheets.rate.reads-user"),
            8.0,
            60.0,
            "fits",
        );
        holds(
            &in_all(scenario, "sheets.rate.writes-user"),
            0.5,
            60.0,
            "fits",
        );
        holds(
            &in_all(scenario, "slack.rate.post"),
            12.0 / 3_600.0,
            1.0,
            "fits",
        );
        let history = in_all(scenario, "slack.rate.history");
        holds(&history, 25.0 * 4.0 * 2.0 / 60.0 * 5.0, 50.0, "fits");
    }
}
