//! The same usage in every format that is read gives the same values.

use caplint::units::Date;

use super::scene::{Rows, Scene, number, of};
use crate::support::csv::fields;
use crate::support::terminal::printed;

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
    let scene = Scene::measured(CAPACITY, &rows().csv());
    for (format, words) in [
        (
            "human",
            &["features.x.calls.e", "values to write", "apis.a.credits"][..],
        ),
        (
            "csv",
            &[
                "record,project,meter,path,",
                "line,,,features.x.calls.e,calls,,30,,510000,300000,1.7",
            ],
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

/// One table: each record fills columns of its own, and numbers and dates have some of theirs.
#[test]
fn csv_is_one_table() {
    let scene = Scene::measured(CAPACITY, &(rows().csv() + "2026-11-20,x,none,4,calls,\n"));
    let ran = scene.calibrate(&["--format", "csv"]);
    let mut rows: Vec<Vec<String>> = ran.out.lines().map(fields).collect();
    let columns = rows.remove(0);
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    let of = |row: &[String], name: &str| {
        let place = columns.iter().position(|it| it == name).expect(name);
        row[place].clone()
    };
    let report = scene.calibrate(&[]).json();
    for (record, key) in [("line", "lines"), ("value", "values"), ("meter", "meters")] {
        let found = rows.iter().filter(|row| of(row, "record") == record);
        assert_eq!(found.count(), report[key].as_array().unwrap().len());
    }
    let dates = ["measured_on", "declared_on"];
    let words = [
        "record", "project", "meter", "path", "unit", "factor", "to_write", "place",
    ];
    for (row, name) in rows
        .iter()
        .flat_map(|row| columns.iter().map(move |it| (row, it)))
    {
        let cell = of(row, name);
        let is_sound = match &**name {
            _ if cell.is_empty() => true,
            name if words.contains(&name) => true,
            name if dates.contains(&name) => Date::parse(&cell).is_ok(),
            _ => cell.parse::<f64>().is_ok(),
        };
        assert!(is_sound, "{name} {cell}");
    }
    let effects = rows.iter().filter(|row| of(row, "record") == "effect");
    let effects = effects.map(|row| of(row, "effect").parse::<f64>().unwrap());
    assert!((effects.sum::<f64>() - 210_000.0).abs() < 1e-6);
    let unmatched = rows.last().unwrap();
    let [path, measured, place] = ["path", "measured", "place"].map(|it| of(unmatched, it));
    assert_eq!((&*path, &*measured), ("features.x.none", "4"));
    assert!(place.starts_with("usage.csv:"), "{place}");
    // What multiplying has rounded is no figure.
    assert!(!ran.out.contains("99999"), "{}", ran.out);
}

#[test]
fn a_file_has_the_format_of_its_ending() {
    let scene = Scene::measured(CAPACITY, &rows().csv());
    let usage = [
        "calibrate",
        "--usage",
        "usage.csv",
        "--as-of",
        "2026-11-22",
        "-o",
    ];
    for (file, starts) in [
        ("c.csv", "record,"),
        ("c.json", "{"),
        ("c.md", "5 values to write"),
        ("c.txt", "Lines\n"),
    ] {
        let ran = scene.run(&[&usage[..], &[file]].concat());
        assert_eq!(ran.code, 0, "{}", ran.said);
        let text = scene.read(file);
        assert!(text.starts_with(starts), "{file}: {text}");
    }
    // Nothing is written where that is not clear.
    let ran = scene.run(&[&usage[..], &["c", "--write"]].concat());
    assert_eq!(ran.code, 2);
    assert_eq!(scene.read("capacity.toml"), CAPACITY);
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
    let scene = Scene::measured(
        &CAPACITY.replace("features.x", &format!("features.{long}")),
        &rows().csv().replace(",x,", &format!(",{long},")),
    );
    let printed = |width| {
        printed(
            scene.path(""),
            width,
            &["calibrate", "--usage", "usage.csv"],
        )
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
    assert!(!wide.contains('…'), "{wide}");
}
