//! Data made from a model with known numbers gives those numbers.

use serde_json::Value;

use super::scene::{AS_OF, Rows, Scene, number, of};

const DECLARED: &str = r#"[project]
name = "t"
[tenants]
free = 1000
[apis.a]
rate_limit = "1000/min"
[apis.a.endpoints]
"/e/" = { credits = 1 }
"/m/" = { credits_per_item = 1 }
[databases.main]
storage = "1TB"
[tables.log]
kind = "event"
row_size = "100B"
[queues.jobs]
broker = "sqs"
message_size = "1KB"
[models.llm]
price = { per = 1_000, input = 0.01, output = 0.02 }
[features.x]
calls = [
  { id = "direct", endpoint = "/e/", rate = "10/day" },
  { id = "derived", endpoint = "/e/", rate = "10/day", cache = { ttl = "2h" } },
  { id = "shared", endpoint = "/e/", rate = "10/day", cache = { ttl = "1h", scope = "shared", keys = 500 } },
  { id = "declared", endpoint = "/e/", rate = "10/day", cache = { ttl = "2h", hit_ratio = 0.5 } },
  { id = "child", endpoint = "/e/", after = "declared", fanout = 2 },
  { id = "items", endpoint = "/m/", rate = "1/day", items = 3 },
]
reads = [{ id = "r", table = "log", rate = "5/day", rows = 10, cache = { hit_ratio = 0.5 } }]
writes = [{ id = "w", table = "log", rate = "5/day", rows = 10 }]
messages = [{ id = "m", queue = "jobs", rate = "5/day", count = 2, size = "1KB" }]
inference = [{ id = "i", model = "llm", rate = "5/day", units = { input = 100, output = 50 } }]
"#;

/// What is true: half as much again of everything, and other numbers besides.
fn truth() -> Rows {
    let day = 1000.0;
    let steady = |rate: f64, per_key: f64| {
        let asked = per_key / 86_400.0;
        rate * day / (1.0 + asked)
    };
    Rows::default()
        .each("x.direct", "calls", 30, 17.3 * day)
        // h = λT/(1 + λT), of one's own objects and of 500 shared ones.
        .each("x.derived", "calls", 30, steady(23.0, 23.0 * 7200.0))
        .each(
            "x.shared",
            "calls",
            30,
            steady(23.0, 23.0 * day / 500.0 * 3600.0),
        )
        .each("x.declared", "occurrences", 30, 12.0 * day)
        .each("x.declared", "reached", 30, 12.0 * day * 0.2)
        .each("x.child", "calls", 30, 12.0 * day * 0.2 * 3.5)
        .each("x.items", "calls", 30, 1.4 * day)
        .each("x.items", "credits", 30, 1.4 * day * 3.0)
        .each("x.r", "occurrences", 30, 7.0 * day)
        .each("x.r", "reached", 30, 7.0 * day * 0.3)
        .each("x.r", "rows", 30, 7.0 * day * 0.3 * 25.0)
        .each("x.w", "occurrences", 30, 4.0 * day)
        .each("x.w", "rows", 30, 4.0 * day * 12.0)
        .each("x.m", "occurrences", 30, 6.0 * day)
        .each("x.m", "messages", 30, 6.0 * day * 3.0)
        .each("x.m", "bytes", 30, 6.0 * day * 3.0 * 1300.0)
        .each("x.i", "requests", 30, 8.0 * day)
        .each("x.i", "input", 30, 8.0 * day * 140.0)
        .each("x.i", "output", 30, 8.0 * day * 45.0)
}

#[test]
fn known_numbers_come_back() {
    let scene = Scene::measured(DECLARED, &truth().csv());
    let report = scene.calibrate(&[]).json();
    for (path, known) in [
        ("calls.direct.rate", 17.3),
        ("calls.derived.rate", 23.0),
        ("calls.shared.rate", 23.0),
        ("calls.declared.rate", 12.0),
        ("calls.declared.cache.hit_ratio", 0.8),
        ("calls.child.fanout", 3.5),
        ("calls.items.rate", 1.4),
        ("reads.r.rate", 7.0),
        ("reads.r.cache.hit_ratio", 0.7),
        ("reads.r.rows", 25.0),
        ("writes.w.rate", 4.0),
        ("writes.w.rows", 12.0),
        ("messages.m.rate", 6.0),
        ("messages.m.count", 3.0),
        ("messages.m.size", 1300.0),
        ("inference.i.rate", 8.0),
        ("inference.i.units.input", 140.0),
        ("inference.i.units.output", 45.0),
    ] {
        let value = of(&report, "values", &format!("features.x.{path}"));
        let measured = number(&value["measured"]);
        assert!((measured / known - 1.0).abs() < 1e-8, "{value}");
        assert!(value["written"].is_string(), "{value}");
    }
}

/// An hour that one in a hundred passes, over the mean hour.
#[test]
fn a_peak_is_that_of_the_busiest_hours() {
    let capacity = "[tenants]\nfree = 1000\n[apis.a]\nplan = { credits = 1 }\n\
        [apis.a.endpoints.\"/e/\"]\ncredits = 1\n[features.x]\n\
        calls = [{ id = \"c\", endpoint = \"/e/\", rate = \"24/day\", peak = 2 }]\n";
    // 100 an hour; of every day the ninth has 400.
    let rows = |days: u8| {
        let mut text = "date,feature,line,quantity,unit\n".to_owned();
        for (day, hour) in (1..=days).flat_map(|day| (0..24).map(move |hour| (day, hour))) {
            let many = if hour == 8 { 400 } else { 100 };
            let at = format!("2026-11-{:02}T{hour:02}:30:00Z", 22 - day);
            text.push_str(&format!("{at},x,c,{many},occurrences\n"));
        }
        text
    };
    let peak = |days: u8| {
        let scene = Scene::measured(capacity, &rows(days));
        let report = scene.calibrate(&[]).json();
        let values = report["values"].as_array().unwrap().iter();
        let mut peaks = values.filter(|it| it["path"] == "features.x.calls.c.peak");
        peaks
            .next()
            .map(|it| (number(&it["measured"]), it["written"].clone()))
    };
    // 400 over a mean of 112.5.
    let (measured, written) = peak(14).unwrap();
    assert!((measured - 400.0 / 112.5).abs() < 1e-12, "{measured}");
    assert_eq!(written, "3.56");
    assert!(peak(7).is_some());
    // Six days of hours are too few.
    assert_eq!(peak(6), None);
}

/// What was written is what is measured the next time, and what `check` then judges: of usage that
/// follows the model nothing is said.
#[test]
fn what_was_written_is_measured_again() {
    let scene = Scene::measured(DECLARED, &truth().csv());
    let judged = || {
        let usage = ["--usage", "usage.csv", "--as-of", AS_OF];
        let check = ["check", "--json", "--exit-zero"];
        let report = scene.run(&[&check[..], &usage].concat()).json();
        report["projects"][0].clone()
    };
    let of_usage = |project: &Value| {
        let findings = project["findings"].as_array().unwrap().iter();
        let rules = findings.map(|it| it["rule"].as_str().unwrap().to_owned());
        let needs_usage = [
            "usage-unmatched",
            "calibration-drift",
            "quota-exceeded",
            "burn-soft",
            "burn-hard",
        ];
        rules
            .filter(|rule| needs_usage.contains(&&**rule))
            .collect::<Vec<_>>()
    };
    assert!(of_usage(&judged()).contains(&"calibration-drift".to_owned()));
    assert_eq!(scene.calibrate(&["--write"]).code, 0);
    let written = scene.read("capacity.toml");
    let again = scene.calibrate(&["--write", "--format", "human"]);
    assert!(again.out.contains("Nothing to write"), "{}", again.out);
    assert_eq!(scene.read("capacity.toml"), written);
    let report = scene.calibrate(&[]).json();
    for line in report["lines"].as_array().unwrap() {
        let ratio = number(&line["ratio"]);
        assert!((ratio - 1.0).abs() < 0.01, "{line}");
    }
    let project = judged();
    assert_eq!(of_usage(&project), [""; 0]);
    let calls = report["lines"].as_array().unwrap().iter();
    let mut calls = calls.filter(|it| it["unit"] == "calls").peekable();
    assert!(calls.peek().is_some());
    for line in calls {
        let path = line["path"].as_str().unwrap();
        let day = number(&of(&project, "lines", path)["per_day"]["billed"]);
        let measured = number(&line["actual"]) / number(&line["days"]);
        // Three digits are written.
        assert!(
            (day / measured - 1.0).abs() < 0.01,
            "{path}: {day}, {measured}"
        );
    }
}

/// A cache lets at most one request through each time that it is empty: more can't be explained by
/// any rate.
#[test]
fn what_no_rate_explains_is_not_measured() {
    let scene = Scene::new(DECLARED);
    for (calls, is_measured) in [(11.9, true), (12.1, false)] {
        let rows = Rows::default().each("x.derived", "calls", 30, calls * 1000.0);
        scene.write("usage.csv", &rows.csv());
        let report = scene.calibrate(&[]).json();
        let values = report["values"].as_array().unwrap();
        let rates = values
            .iter()
            .filter(|it| it["path"] == "features.x.calls.derived.rate");
        assert_eq!(rates.count(), usize::from(is_measured), "{report}");
    }
}
