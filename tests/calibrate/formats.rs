//! The same usage in every format that is read gives the same values.

use std::io::Cursor;

use caplint::cli::{World, main};
use caplint::states::Environment;
use caplint::units::Date;

use super::scene::{AS_OF, Rows, Scene, number, of};

const CAPACITY: &str = r#"[tenants]
free = 1000
[apis.a]
rate_limit = "1000/min"
[apis.a.endpoints]
"/e/" = { credits = 1 }
[databases.main]
storage = "1TB"
[tables.log]
kind = "event"
row_size = "100B"
existing = "1GB"
[features.x]
calls = [{ id = "e", endpoint = "/e/", rate = "10/day" }]
"#;

fn rows() -> Rows {
    Rows::default()
        .each("x.e", "calls", 30, 17_000.0)
        .each("tenants.free", "count", 30, 1250.0)
        .each("tables.log", "bytes", 1, 3e9)
        .each("tables.log", "rows-live", 1, 2e7)
}

fn path(subject: &str) -> String {
    subject.replace("x.e", "features.x.calls.e")
}

#[test]
fn csv_json_lines_prometheus_and_postgres_agree() {
    let rows = rows();
    let csv = rows.csv();
    let lines = csv.lines().skip(1).map(|row| {
        let [date, feature, line, quantity, unit, subject] =
            row.split(',').collect::<Vec<_>>().try_into().unwrap();
        let subject = match subject {
            "" => format!("features.{feature}.calls.{line}"),
            subject => subject.to_owned(),
        };
        format!(
            r#"{{"date":"{date}","subject":"{subject}","quantity":{quantity},"unit":"{unit}"}}"#
        ) + "\n"
    });
    let lines: String = lines.collect();
    // A gauge at midnight is of the day that begins, a counter's increase of the day before.
    let counted = rows.clone().only(|_, subject, _| subject == "x.e");
    let sampled = rows.clone().only(|_, subject, _| subject != "x.e");
    let prometheus = counted.prometheus(path) + &sampled.prometheus(path);
    let postgres = "date,subject,unit,quantity\n\
        2026-11-21,tables.log,bytes,3000000000\n\
        2026-11-21,tables.log,rows-live,20000000\n";
    let scene = Scene::new(CAPACITY);
    let without_tables = rows.only(|_, subject, _| subject != "tables.log").csv();
    for files in [
        vec![("usage.csv", &*csv)],
        vec![("usage.jsonl", &lines)],
        vec![("prom.json", &prometheus)],
        vec![("pg.csv", postgres), ("usage.csv", &without_tables)],
    ] {
        let mut arguments = vec!["calibrate", "--as-of", "2026-11-22", "--json"];
        for (name, text) in &files {
            scene.write(name, text);
            arguments.extend(["--usage", name]);
        }
        let ran = scene.run(&arguments);
        assert_eq!(ran.code, 0, "{files:?} {}", ran.said);
        let report = ran.json();
        for (path, known) in [
            ("features.x.calls.e.rate", 13.6),
            ("tenants.free.now", 1250.0),
            ("tables.log.row_size", 150.0),
            ("tables.log.existing", 3e9),
        ] {
            let measured = number(&of(&report, "values", path)["measured"]);
            assert!(
                (measured / known - 1.0).abs() < 1e-9,
                "{path} {measured} {files:?}"
            );
        }
    }
}

#[test]
fn the_formats_of_the_report_say_the_same() {
    let scene = Scene::new(CAPACITY);
    scene.write("usage.csv", &rows().csv());
    for (format, words) in [
        (
            "human",
            &["features.x.calls.e", "values to write", "apis.a.credits"][..],
        ),
        (
            "csv",
            &["Lines\n", "features.x.calls.e,calls,30,510000,300000,1.7"],
        ),
        (
            "markdown",
            &["### Values", "`features.x.calls.e.rate`", "| forecast |"],
        ),
        ("json", &["\"format\":\"caplint.calibrate/1\""]),
    ] {
        let out = scene.calibrate(&["--format", format]).out;
        for word in words {
            assert!(out.contains(word), "{format}: {word}\n{out}");
        }
    }
    let schema = caplint::schema::calibration();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report = scene.calibrate(&[]).json();
    assert!(validator.is_valid(&report), "{report}");
    let mut broken = report;
    broken["values"][0]["measured"] = serde_json::Value::Null;
    assert!(!validator.is_valid(&broken));
}

/// Names that anyone may have written act on no terminal and no spreadsheet.
#[test]
fn hostile_names_are_shown_as_text() {
    let capacity = CAPACITY.replace("id = \"e\"", "id = \"=1+1\\u001b[31m|`x\"");
    let scene = Scene::new(&capacity);
    let csv = "date,feature,line,quantity,unit\n";
    let rows = (1..=21).map(|day| format!("2026-11-{day:02},x,=1+1\u{1b}[31m|`x,9000,calls\n"));
    scene.write("usage.csv", &(csv.to_owned() + &rows.collect::<String>()));
    for format in ["human", "csv", "markdown", "json"] {
        let ran = scene.calibrate(&["--format", format]);
        assert!(!ran.out.contains('\u{1b}'), "{format} {}", ran.out);
        assert_eq!(ran.code, 0, "{}", ran.said);
    }
}

/// In a terminal where a table does not fit, its rows stand below each other: nothing is cut off.
#[test]
fn paths_are_whole_in_narrow_terminals() {
    let long = "a-feature-of-quite-a-long-name";
    let scene = Scene::new(&CAPACITY.replace("features.x", &format!("features.{long}")));
    scene.write(
        "usage.csv",
        &rows().csv().replace(",x,", &format!(",{long},")),
    );
    let printed = |width: usize| {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut world = World {
            dir: scene.path(""),
            environment: Environment::default(),
            today: Date::parse(AS_OF).unwrap(),
            terminal: Some(width),
            threads: 1,
            stdin: &mut Cursor::new(""),
            asks: false,
            stdout: &mut stdout,
            stderr: &mut stderr,
        };
        let arguments = ["caplint", "calibrate", "--usage", "usage.csv"];
        main(arguments.map(Into::into), &mut world);
        assert_eq!(String::from_utf8_lossy(&stderr), "");
        String::from_utf8(stdout).unwrap()
    };
    let narrow = printed(80);
    let value = format!(
        "  features.{long}.calls.e.rate\n    declared 10, measured 13.6, to write \"13.6/day\", place capacity.toml:14\n"
    );
    assert!(narrow.contains(&value), "{narrow}");
    let line =
        format!("  features.{long}.calls.e\n    unit calls, days 30, measured 510,000, forecast");
    assert!(narrow.contains(&line), "{narrow}");
    assert!(!narrow.contains('…'), "{narrow}");
    let wide = printed(200);
    assert!(wide.contains("declared"), "{wide}");
    assert!(!wide.contains("declared 10"), "{wide}");
}
