use caplint::render::{Options, json};
use caplint::report::Report;
use serde_json::Value;

use super::{expect, is_harmless};
use crate::support::{lint, reports};

fn pretty(report: &Report) -> String {
    let options = Options {
        pretty: true,
        ..Options::default()
    };
    json(report, &options)
}

#[test]
fn the_names_of_the_contract() {
    expect("check.json", &pretty(&reports::check()));
    expect("diff.json", &pretty(&reports::diff()));
}

#[test]
fn what_is_written_reads_back_the_same() {
    for report in [
        reports::check(),
        reports::diff(),
        reports::hostile(),
        reports::touching(3),
    ] {
        let written = json(&report, &Options::default());
        assert!(written.ends_with("}\n"));
        assert_eq!(written.lines().count(), 1);
        let read: Report = serde_json::from_str(&written).unwrap();
        assert_eq!(json(&read, &Options::default()), written);
        let finding = |report: &Report| report.projects[0].findings.last().unwrap().subject.clone();
        assert_eq!(finding(&read), finding(&report));
    }
}

#[test]
fn hostile_names_cannot_act_on_a_terminal() {
    assert!(is_harmless(&json(&reports::hostile(), &Options::default())));
}

#[test]
fn an_infinite_demand_is_null() {
    let mut report = reports::check();
    report.projects[0].meters[0].demand.point = Some(f64::INFINITY);
    let value: Value = serde_json::from_str(&json(&report, &Options::default())).unwrap();
    assert!(value["projects"][0]["meters"][0]["demand"]["point"].is_null());
}

#[test]
fn days_and_scenarios_list_what_has_a_limit() {
    let toml = r#"
        [tenants]
        free = { now = 100, 30d = 100, 60d = 200 }
        [apis.a]
        rate_limit = "100/min"
        plan = { credits = 600_000, price = 10 }
        endpoints."/e/" = { credits = 1, cacheable = false }
        [databases.main]
        [tables.t]
        kind = "state"
        row_size = "1KB"
        rows = 1
        [features.f]
        calls = [{ endpoint = "/e/", rate = "10/day" }]
        writes = [{ table = "t", rate = "1/day" }]
        [scenarios.10x]
        tenants = 10
    "#;
    let report = lint::check(&[("capacity.toml", toml)], "");
    let written: Value = serde_json::from_str(&json(&report, &Options::default())).unwrap();
    let project = &written["projects"][0];
    let has = |list: &Value, id: &str| list.as_array().unwrap().iter().any(|it| it["id"] == id);
    assert!(has(&project["meters"], "tables.t.storage"));
    let same = serde_json::json!({ "day": 30, "same_as_today": true });
    assert_eq!(project["horizons"][0], same);
    let later = &project["horizons"][1];
    assert_eq!(later["day"], 60);
    for listed in [&later["meters"], &project["scenarios"][0]["meters"]] {
        assert!(has(listed, "apis.a.credits"));
        assert!(!has(listed, "tables.t.storage"));
    }
}
