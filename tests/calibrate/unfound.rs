//! What could not be measured is said, and gets no date.

use serde_json::Value;

use super::scene::{Rows, Scene, number, of};

const CAPACITY: &str = r#"[apis.a]
rate_limit = "500/s"
retry_ratio = 0.1
[apis.a.endpoints.x]
credits = 2
cacheable = "1h"
[features.f]
owner = "o"
[[features.f.calls]]
id = "x"
endpoint = "x"
rate = "10/day"
per = "project"
cache = { ttl = "1h" }
measured = 2026-01-01
[[features.f.calls]]
id = "y"
endpoint = "x"
after = "x"
fanout = 3
measured = 2026-01-01
"#;

fn calibrated(capacity: &str, rows: &[(&str, &str, f64)]) -> (Value, Vec<String>, String) {
    let scene = Scene::new(capacity);
    let all = rows
        .iter()
        .fold(Rows::default(), |all, (line, unit, amount)| {
            all.each(line, unit, 14, *amount)
        });
    scene.write("usage.csv", &all.csv());
    let report = scene.calibrate(&["--days", "14", "--write"]).json();
    let notes = report["notes"].as_array().unwrap().iter();
    let notes = notes.map(|it| it.as_str().unwrap().to_owned()).collect();
    (report, notes, scene.read("capacity.toml"))
}

fn has(report: &Value, path: &str) -> bool {
    let mut values = report["values"].as_array().unwrap().iter();
    values.any(|it| it["path"] == path)
}

#[test]
fn a_rate_that_no_cache_lets_through_is_said_and_not_dated() {
    let follower = ("f.y", "occurrences", 1400.0);
    let blocked = [("f.x", "reached", 700.0), ("f.x", "calls", 770.0), follower];
    let (report, notes, text) = calibrated(CAPACITY, &blocked);
    assert!(!has(&report, "features.f.calls.x.rate"));
    assert!(!has(&report, "features.f.calls.x.measured"));
    assert!(
        notes
            .iter()
            .any(|it| it.contains("no rate of `features.f.calls.x` gives its measured `reached`")),
        "{notes:?}"
    );
    // What follows it was measured, for both were.
    let fanout = of(&report, "values", "features.f.calls.y.fanout");
    assert!((number(&fanout["measured"]) - 2.0).abs() < 1e-9, "{fanout}");
    assert_eq!(text.matches("measured = 2026-01-01").count(), 1, "{text}");
    // Its occurrences say how often, and that the cache does less than its `ttl` says.
    let open = [&blocked[..], &[("f.x", "occurrences", 1000.0)]].concat();
    let (report, notes, text) = calibrated(CAPACITY, &open);
    assert!(has(&report, "features.f.calls.x.rate"));
    let said = "the cache of `features.f.calls.x` serves 30%";
    assert!(notes.iter().any(|it| it.contains(said)), "{notes:?}");
    assert!(!text.contains("measured = 2026-01-01"), "{text}");
    // Where it does what is declared nothing is said.
    let declared = CAPACITY.replace("ttl = \"1h\"", "hit_ratio = 0.3");
    let (_, notes, _) = calibrated(&declared, &open);
    assert!(!notes.iter().any(|it| it.contains("cache of")), "{notes:?}");
}

#[test]
fn what_follows_an_unmeasured_line_is_said_and_not_dated() {
    let uncached = CAPACITY
        .replace("cacheable = \"1h\"", "cacheable = false")
        .replace("cache = { ttl = \"1h\" }\n", "");
    let said = "the `fanout` of `features.f.calls.y` was not measured";
    let (report, notes, text) = calibrated(&uncached, &[("f.y", "calls", 100.0)]);
    assert!(!has(&report, "features.f.calls.y.measured"));
    assert!(notes.iter().any(|it| it.contains(said)), "{notes:?}");
    assert_eq!(text.matches("measured = 2026-01-01").count(), 2);
    let both = [("f.y", "calls", 100.0), ("f.x", "calls", 100.0)];
    let (report, notes, text) = calibrated(&uncached, &both);
    assert!(has(&report, "features.f.calls.y.measured"));
    assert!(!notes.iter().any(|it| it.contains(said)), "{notes:?}");
    assert!(!text.contains("measured = 2026-01-01"));
}
