//! How far lines are off: ratio, bias and WAPE of whole blocks, and coverage.

use super::scene::{AS_OF, Rows, Scene, number, of};

const CAPACITY: &str = r#"[tenants]
free = 100
[apis.a]
rate_limit = "1000/min"
[apis.a.endpoints]
"/e/" = { credits = 1 }
[features.x]
calls = [{ id = "e", endpoint = "/e/", rate = "10/day" }]
"#;

fn line(rows: Rows, arguments: &[&str]) -> serde_json::Value {
    let scene = Scene::measured(CAPACITY, &rows.csv());
    let report = scene.calibrate(arguments).json();
    of(&report, "lines", "features.x.calls.e").clone()
}

/// 1.2 on weekdays and 0.5 at weekends is what weeks do: days would be off by 28.6%.
#[test]
fn a_plain_week_has_no_error() {
    // The last day is a Saturday.
    let weekday = |before: i64| {
        if before % 7 < 1 || before % 7 == 6 {
            500.0
        } else {
            1200.0
        }
    };
    let line = line(Rows::default().by_day("x.e", "calls", 28, weekday), &[]);
    for key in ["bias", "wape"] {
        assert!(number(&line[key]).abs() < 1e-12, "{line}");
    }
    assert!((number(&line["ratio"]) - 1.0).abs() < 1e-12, "{line}");
    assert_eq!(
        (&line["days"], &line["coverage"]),
        (&28.into(), &serde_json::Value::Null)
    );
}

/// By hand: two weeks of 14,000 and of 7,000 against 7,000 a week.
#[test]
fn errors_are_those_of_blocks() {
    let rows = Rows::default().by_day(
        "x.e",
        "calls",
        28,
        |before| {
            if before < 14 { 2000.0 } else { 500.0 }
        },
    );
    let line = line(rows, &[]);
    assert!((number(&line["actual"]) - 35_000.0).abs() < 1e-9);
    assert!((number(&line["forecast"]) - 28_000.0).abs() < 1e-9);
    assert!((number(&line["ratio"]) - 1.25).abs() < 1e-12);
    assert!((number(&line["bias"]) + 0.2).abs() < 1e-12);
    assert!((number(&line["wape"]) - 21_000.0 / 35_000.0).abs() < 1e-12);
}

/// Measured values are those of all days, errors those of whole blocks that end with the window.
#[test]
fn a_block_with_a_gap_is_left_out_and_said() {
    let scene = Scene::new(CAPACITY);
    let rows = Rows::default().by_day(
        "x.e",
        "calls",
        28,
        |before| {
            if before < 7 { 3000.0 } else { 1000.0 }
        },
    );
    let csv: String = rows
        .csv()
        .lines()
        .filter(|row| !row.starts_with("2026-11-18"))
        .map(|row| format!("{row}\n"))
        .collect();
    scene.write("usage.csv", &csv);
    let report = scene.calibrate(&[]).json();
    let found = of(&report, "lines", "features.x.calls.e");
    assert_eq!(found["days"], 27);
    assert!((number(&found["ratio"]) - 1.0).abs() < 1e-12, "{found}");
    let rate = of(&report, "values", "features.x.calls.e.rate");
    let measured = number(&rate["measured"]);
    assert!(
        (measured - (6.0 * 30.0 + 21.0 * 10.0) / 27.0).abs() < 1e-9,
        "{measured}"
    );
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("no rows on 1 day") && notes.contains("1 block"),
        "{notes}"
    );
    // The day counts as 0 where that is what a gap means.
    let report = scene.calibrate(&["--gaps-are-zero"]).json();
    let found = of(&report, "lines", "features.x.calls.e");
    assert_eq!(
        (&found["days"], report["notes"].as_array().unwrap().len()),
        (&28.into(), 0)
    );
    assert!(
        (number(&found["ratio"]) - (18.0 + 21.0) / 28.0).abs() < 1e-12,
        "{found}"
    );
}

#[test]
fn six_days_are_shown_and_not_judged() {
    let scene = Scene::new(CAPACITY);
    for (days, is_judged) in [(6, false), (7, true)] {
        scene.write(
            "usage.csv",
            &Rows::default().each("x.e", "calls", days, 2000.0).csv(),
        );
        let report = scene.calibrate(&[]).json();
        let line = of(&report, "lines", "features.x.calls.e");
        assert_eq!(line["days"], days);
        assert_eq!(line["ratio"].is_null(), !is_judged, "{line}");
        assert_eq!(
            report["values"].as_array().unwrap().is_empty(),
            !is_judged,
            "{report}"
        );
        assert_eq!(
            report["notes"].to_string().contains("at least 7"),
            !is_judged
        );
    }
}

/// From 8 blocks on: the share of them below the forecast's 80th percentile.
#[test]
fn coverage_counts_blocks_below_the_80th_percentile() {
    let scene =
        Scene::new(&CAPACITY.replace("\"10/day\"", "{ p50 = \"10/day\", p90 = \"20/day\" }"));
    // p80 = 10 · 2^(0.8416/1.2816) = 15.8 a day; two weeks of ten are at 16.
    let rows = |days| {
        Rows::default().by_day("x.e", "calls", days, |before| {
            if (14..28).contains(&before) {
                1600.0
            } else {
                1570.0
            }
        })
    };
    for (days, coverage) in [(70, Some(0.8)), (56, Some(0.75)), (55, None)] {
        scene.write("usage.csv", &rows(days).csv());
        let report = scene.calibrate(&["--days", "70"]).json();
        let line = of(&report, "lines", "features.x.calls.e");
        assert_eq!(line["coverage"].as_f64(), coverage, "{days}");
    }
}

#[test]
fn the_line_is_judged_by_what_is_first() {
    let rows = Rows::default()
        .each("x.e", "credits", 14, 4000.0)
        .each("x.e", "occurrences", 14, 3000.0)
        .each("x.e", "calls", 14, 2000.0);
    let scene = Scene::measured(CAPACITY, &rows.csv());
    let report = scene.calibrate(&[]).json();
    let lines = report["lines"].as_array().unwrap();
    let units: Vec<&str> = lines
        .iter()
        .map(|it| it["unit"].as_str().unwrap())
        .collect();
    assert_eq!(units, ["calls", "occurrences", "credits"]);
}

#[test]
fn the_window_is_days_before_the_date_of_judging_or_as_asked() {
    let scene = Scene::new(CAPACITY);
    let rows = Rows::default().each("x.e", "calls", 60, 1000.0);
    let csv = format!("{}{AS_OF},x,e,9e9,calls\n", rows.csv());
    scene.write("usage.csv", &csv);
    for (arguments, from, to, days) in [
        (&[][..], "2026-10-23", AS_OF, 30),
        (&["--days", "7"], "2026-11-15", AS_OF, 7),
        (
            &["--from", "2026-11-01", "--to", "2026-11-15"],
            "2026-11-01",
            "2026-11-15",
            14,
        ),
    ] {
        let report = scene.calibrate(arguments).json();
        assert_eq!((&report["from"], &report["to"]), (&from.into(), &to.into()));
        let line = of(&report, "lines", "features.x.calls.e");
        assert_eq!(
            (&line["days"], number(&line["actual"])),
            (&days.into(), 1000.0 * f64::from(days))
        );
    }
    for arguments in [
        &["--from", "2026-11-01"][..],
        &["--from", "2026-11-02", "--to", "2026-11-02"],
        &["--from", "2026-11-02", "--to", "2026-11-23"],
        &["--days", "0"],
        &["--days", "7", "--from", "2026-11-01", "--to", "2026-11-15"],
        &["--as-of", "22.11.2026"],
    ] {
        assert_eq!(scene.calibrate(arguments).code, 2, "{arguments:?}");
    }
}
