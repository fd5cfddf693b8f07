//! What is sampled, and what APIs as a whole say: tenants, users, retries, tables and queues.

use serde_json::Value;

use super::scene::{AS_OF, Rows, Scene, number, of};

const CAPACITY: &str = r#"[project]
name = "t"
tenants_counted = 2026-10-01
[tenants]
free = { now = 1000, 30d = 1200 }
pro = 100
[entities]
device = { count = 5000 }
[apis.a]
rate_limit = "1000/min"
retry_ratio = "5%"
[apis.a.endpoints]
"/e/" = { credits = 2 }
[databases.main]
storage = "1TB"
[tables.log]
kind = "event"
row_size = "100B"
indexes = 1
existing = "1GB"
[queues.jobs]
broker = "sqs"
message_size = "1KB"
depth = 100
[features.x]
calls = [
  { id = "e", endpoint = "/e/", rate = "10/day", tenants = ["free"] },
  { id = "d", endpoint = "/e/", rate = "1/day", per = "device" },
]
[features.y]
active = 50
tenants = ["pro"]
calls = [{ id = "u", endpoint = "/e/", rate = "4/day" }]
[features.z]
adoption = 0.5
tenants = ["pro"]
calls = [{ id = "v", endpoint = "/e/", rate = "4/day" }]
"#;

/// What is true: other populations, more retries, a dearer call.
fn truth() -> Rows {
    let billed = |reached: f64| reached * 1.25;
    let calls = [
        ("x.e", billed(1500.0 * 12.0)),
        ("x.d", billed(6000.0 * 1.3)),
        ("y.u", billed(80.0 * 5.0)),
        ("z.v", billed(30.0 * 5.0)),
    ];
    let all: f64 = calls.iter().map(|(_, calls)| calls).sum();
    let mut rows = Rows::default();
    for (line, calls) in calls {
        rows = rows.each(line, "calls", 30, calls);
        rows = rows.each(line, "credits", 30, calls * 3.0);
    }
    rows.each("apis.a", "calls", 30, all)
        .each("apis.a", "retries", 30, all * 0.2)
        .each("apis.a", "credits", 30, all * 3.0)
        .each("tenants.free", "count", 30, 1500.0)
        .each("tenants.pro", "count", 30, 120.0)
        .each("entities.device", "count", 30, 6000.0)
        .each("features.y", "count", 30, 80.0)
        .each("features.z", "count", 30, 30.0)
        .each("tables.log", "bytes", 3, 2.4e9)
        .each("tables.log", "rows-live", 3, 2e7)
        .each("tables.log", "indexes", 3, 3.0)
        .by_day("queues.jobs", "depth", 30, |before| {
            if before == 9 { 900.0 } else { 250.0 }
        })
}

fn report(rows: &Rows) -> Value {
    let scene = Scene::measured(CAPACITY, &rows.csv());
    scene.calibrate(&[]).json()
}

#[test]
fn known_numbers_come_back() {
    let report = report(&truth());
    for (path, known) in [
        ("tenants.free.now", 1500.0),
        ("tenants.pro.now", 120.0),
        ("entities.device.count.now", 6000.0),
        ("features.y.active", 80.0),
        ("features.z.adoption", 0.25),
        ("apis.a.retry_ratio", 0.25),
        ("apis.a.endpoints.\"/e/\".credits", 3.0),
        ("features.x.calls.e.rate", 12.0),
        ("features.x.calls.d.rate", 1.3),
        ("features.y.calls.u.rate", 5.0),
        ("features.z.calls.v.rate", 5.0),
        ("tables.log.row_size", 120.0),
        ("tables.log.indexes", 3.0),
        ("tables.log.existing", 2.4e9),
        ("queues.jobs.depth", 900.0),
    ] {
        let value = of(&report, "values", path);
        let measured = number(&value["measured"]);
        assert!((measured / known - 1.0).abs() < 1e-9, "{value}");
        assert!(value["written"].is_string(), "{value}");
    }
    let counted = of(&report, "values", "project.tenants_counted");
    assert_eq!(counted["written"], "2026-11-21");
    // What was projected from the old count is left, and said.
    assert!(
        report["notes"]
            .to_string()
            .contains("`tenants.free` is projected"),
        "{report}"
    );
}

#[test]
fn what_was_written_is_measured_again() {
    let scene = Scene::measured(CAPACITY, &truth().csv());
    assert_eq!(scene.calibrate(&["--write"]).code, 0);
    let written = scene.read("capacity.toml");
    for line in [
        "free = { now = 1500, 30d = 1200 }",
        "device = { count = 6000 }",
        "retry_ratio = \"25%\"",
        "existing = \"2.4GB\"",
        "adoption = 0.25",
    ] {
        assert!(written.contains(line), "{line}\n{written}");
    }
    let again = scene.calibrate(&["--write", "--format", "human"]);
    assert!(again.out.contains("Nothing to write"), "{}", again.out);
    assert_eq!(scene.read("capacity.toml"), written);
    let report = scene.calibrate(&[]).json();
    for line in report["lines"].as_array().unwrap() {
        assert!((number(&line["ratio"]) - 1.0).abs() < 0.01, "{line}");
    }
}

/// One factor after the other: tenants, rate, retries, unit cost.
#[test]
fn effects_tell_tenants_from_rates_and_retries_from_costs() {
    let report = report(&truth());
    let meter = &report["meters"][0];
    assert_eq!(meter["meter"], "apis.a.credits");
    let effect = |factor: &str| {
        let mut effects = meter["effects"].as_array().unwrap().iter();
        let found = effects.find(|it| it["factor"] == factor && it["path"] == "features.x.calls.e");
        number(&found.unwrap()["effect"]) / 30.0
    };
    for (factor, expected) in [
        ("tenants", 500.0 * 10.0 * 1.05 * 2.0),
        ("rate", 1500.0 * 2.0 * 1.05 * 2.0),
        ("cache", 0.0),
        ("retry", 1500.0 * 12.0 * 0.2 * 2.0),
        ("cost", 1500.0 * 12.0 * 1.25),
    ] {
        assert!(
            (effect(factor) - expected).abs() < 1e-6,
            "{factor}: {meter:#}"
        );
    }
    let effects = meter["effects"].as_array().unwrap();
    let sum: f64 = effects.iter().map(|it| number(&it["effect"])).sum();
    let moved = number(&meter["actual"]) - number(&meter["forecast"]);
    assert!(
        (sum - moved).abs() <= 1e-12 * number(&meter["actual"]),
        "{meter:#}"
    );
    assert!(effects.iter().all(|it| it["tenants_counted"] == true));
}

/// What the API billed and no line says is an effect of its own.
#[test]
fn what_no_line_declares_is_undeclared() {
    let rows = |more: f64| {
        truth()
            .only(|_, subject, unit| (subject, unit) != ("apis.a", "credits"))
            .each(
                "apis.a",
                "credits",
                30,
                (1500.0 * 12.0 + 6000.0 * 1.3 + 80.0 * 5.0 + 30.0 * 5.0) * 1.25 * 3.0 + more,
            )
    };
    for more in [0.0, 4321.0] {
        let report = report(&rows(more));
        let meter = &report["meters"][0];
        let mut effects = meter["effects"].as_array().unwrap().iter();
        let undeclared = effects.find(|it| it["factor"] == "undeclared").unwrap();
        assert_eq!(undeclared["path"], "apis.a");
        assert!(
            (number(&undeclared["effect"]) / 30.0 - more).abs() < 1e-6,
            "{undeclared}"
        );
    }
}

/// A rate is that of the tenants of each day, and not of the last.
#[test]
fn tenants_that_grow_leave_the_rate() {
    let tenants = |before: i64| 1000.0 + 20.0 * (29 - before) as f64;
    let rows = Rows::default()
        .by_day("tenants.free", "count", 30, tenants)
        .by_day("x.e", "calls", 30, |before| tenants(before) * 10.0 * 1.05);
    let report = report(&rows);
    let rate = of(&report, "values", "features.x.calls.e.rate");
    assert!((number(&rate["measured"]) - 10.0).abs() < 1e-9, "{rate}");
    assert!(rate["written"].is_null(), "{rate}");
    let now = of(&report, "values", "tenants.free.now");
    assert_eq!(number(&now["measured"]), 1580.0);
    // Only one tier was counted.
    let values = report["values"].as_array().unwrap();
    assert!(
        values
            .iter()
            .all(|it| it["path"] != "project.tenants_counted")
    );
}

#[test]
fn what_is_sampled_counts_through_the_date_of_judging() {
    let csv = format!(
        "{}{AS_OF},,,1700,count,tenants.free\n2026-11-23,,,9999,count,tenants.free\n",
        truth().csv()
    );
    let scene = Scene::measured(CAPACITY, &csv);
    let report = scene.calibrate(&[]).json();
    assert_eq!(
        number(&of(&report, "values", "tenants.free.now")["measured"]),
        1700.0
    );
    assert_eq!(report["usage"]["outside"], 1);
}

#[test]
fn the_size_of_rows_needs_rows_and_statistics() {
    let sized = |report: &Value| {
        let values = report["values"].as_array().unwrap();
        values.iter().any(|it| it["path"] == "tables.log.row_size")
    };
    let rows = |unit: &'static str, amount: f64| {
        truth()
            .only(move |_, subject, of| subject != "tables.log" || of != unit)
            .each("tables.log", unit, 1, amount)
    };
    for (rows, is_sized, said) in [
        (truth(), true, "never analyzed"),
        (rows("never-analyzed", 0.0), true, "never analyzed"),
        (rows("never-analyzed", 1.0), false, "never analyzed"),
        (rows("rows-live", 1000.0), true, "too few rows"),
        (rows("rows-live", 999.0), false, "too few rows"),
    ] {
        let report = report(&rows);
        assert_eq!(sized(&report), is_sized, "{said}");
        assert_eq!(
            report["notes"].to_string().contains(said),
            !is_sized,
            "{report}"
        );
    }
}

#[test]
fn rows_that_match_nothing_are_counted() {
    let csv = format!(
        "{}2026-11-02,,,7,calls,apis.b\n2026-01-02,,,7,calls,apis.a\n",
        truth().csv()
    );
    let scene = Scene::measured(CAPACITY, &csv);
    let report = scene.calibrate(&[]).json();
    let usage = &report["usage"];
    let count = |key: &str| usage[key].as_u64().unwrap();
    assert_eq!(
        (count("outside"), usage["unmatched"][0]["subject"].as_str()),
        (1, Some("apis.b"))
    );
    assert_eq!(count("rows"), count("matched") + 2);
    let human = scene.calibrate(&["--format", "human"]).out;
    assert!(human.contains("Unmatched rows: 1."), "{human}");
}

/// A running counter is the rows of all that write to a table: shown, and not written. One that
/// falls begins anew.
#[test]
fn a_tables_counter_is_shown() {
    let capacity = CAPACITY.replace(
        "[features.y]",
        "writes = [{ id = \"w\", table = \"log\", rate = \"10/day\", tenants = [\"free\"] }]\n[features.y]",
    );
    let scene = Scene::new(&capacity);
    // 15,000 a day; it was reset 10 days ago, after as many rows.
    let counter = |before: i64| {
        let day = 29 - before;
        if before >= 10 {
            1e6 + 15_000.0 * day as f64
        } else {
            15_000.0 * (10 - before) as f64
        }
    };
    let rows = Rows::default().by_day("tables.log", "rows-total", 30, counter);
    scene.write("usage.csv", &rows.csv());
    let report = scene.calibrate(&[]).json();
    let line = of(&report, "lines", "tables.log");
    assert_eq!(
        (&line["unit"], &line["days"]),
        (&"rows-total".into(), &29.into())
    );
    assert_eq!(number(&line["actual"]), 29.0 * 15_000.0);
    assert_eq!(number(&line["forecast"]), 29.0 * 10_000.0);
    assert!((number(&line["ratio"]) - 1.5).abs() < 1e-12, "{line}");
    assert!(report["values"].as_array().unwrap().is_empty(), "{report}");
}
