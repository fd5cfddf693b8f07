//! Files that `[usage]` names, and what `caplint usage` says of them and of others.

use serde_json::Value;

use super::formats::run;

const API: &str = r#"
[apis.a]
plan = { credits = 50_000 }
endpoints."/x/" = { credits = 1 }
[features.f]
owner = "o"
calls = [{ id = "c", endpoint = "/x/", rate = "14/day" }]
"#;

fn project(name: &str, files: &str) -> String {
    let usage = match files {
        "" => String::new(),
        files => format!("[usage]\nfiles = [\"{files}\"]\n"),
    };
    format!("[project]\nname = \"{name}\"\n{usage}[tenants]\npro = 100\n{API}")
}

/// Twice of what is declared, on each day.
fn rows(days: std::ops::RangeInclusive<u8>) -> String {
    let rows = days.map(|day| format!("2026-11-{day:02},f,c,2800,calls\n"));
    format!(
        "date,feature,line,quantity,unit\n{}",
        rows.collect::<String>()
    )
}

fn checked(files: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, Value) {
    let all = [&["check", "--json", "--as-of", "2026-11-22"], arguments].concat();
    let (code, printed, said) = run(files, &all);
    (code, serde_json::from_str(&printed).expect(&said))
}

/// The rules of a project's findings that are about what was measured.
fn found(report: &Value, name: &str) -> Vec<String> {
    let mut projects = report["projects"].as_array().unwrap().iter();
    let project = projects.find(|it| it["name"] == name).unwrap();
    let findings = project["findings"].as_array().unwrap().iter();
    let rules = findings.map(|it| it["rule"].as_str().unwrap().to_owned());
    let about = [
        "burn-hard",
        "calibration-drift",
        "usage-unmatched",
        "invalid-value",
    ];
    rules
        .filter(|rule| about.contains(&rule.as_str()))
        .collect()
}

#[test]
fn they_are_named_from_the_projects_folder() {
    let (one, rows) = (project("one", "usage/*.csv"), rows(1..=21));
    for folder in ["", "p1/"] {
        let at = |name: &str| format!("{folder}{name}");
        let [capacity, usage] = [at("capacity.toml"), at("usage/u.csv")];
        let files = [
            (capacity.as_str(), one.as_str()),
            (usage.as_str(), rows.as_str()),
        ];
        let (code, report) = checked(&files, &[]);
        let expected = ["burn-hard", "calibration-drift"];
        assert_eq!(
            (code, found(&report, "one")),
            (Some(1), expected.map(str::to_owned).into())
        );
    }
    // Another folder's are not its own.
    let files = [
        ("p1/capacity.toml", one.as_str()),
        ("p2/usage/u.csv", rows.as_str()),
    ];
    assert_eq!(found(&checked(&files, &[]).1, "one"), ["invalid-value"]);
}

#[test]
fn they_are_about_the_project_that_names_them() {
    let (one, other, rows) = (project("one", "u.csv"), project("other", ""), rows(1..=21));
    let files = [
        ("one/capacity.toml", one.as_str()),
        ("one/u.csv", rows.as_str()),
        ("other/capacity.toml", other.as_str()),
    ];
    let (_, report) = checked(&files, &[]);
    assert_eq!(found(&report, "one"), ["burn-hard", "calibration-drift"]);
    assert_eq!(found(&report, "other"), [""; 0]);
    // What is given is about all.
    let (_, report) = checked(&files[..2], &[]);
    assert_eq!(report["usage"]["matched"], 21);
    let files = [files[2], ("u.csv", rows.as_str())];
    let (_, report) = checked(&files, &["--usage", "u.csv"]);
    assert_eq!(found(&report, "other"), ["burn-hard", "calibration-drift"]);
}

#[test]
fn rows_that_count_for_several_projects_are_said() {
    let (one, two) = (project("one", ""), project("two", ""));
    let (files, rows) = (
        [("p1/capacity.toml", &*one), ("p2/capacity.toml", &*two)],
        rows(1..=21),
    );
    let files = [&files[..], &[("u.csv", &*rows)]].concat();
    let shared = "Rows of `features.f.calls.c` count for each of several projects (`one`, `two`)";
    let as_of = ["--as-of", "2026-11-22"];
    let commands = [
        &["check", "--usage", "u.csv"][..],
        &["usage", "u.csv"],
        &["calibrate", "--usage", "u.csv"],
        &["purchases", "--usage", "u.csv"],
    ];
    for command in commands {
        let (_, printed, said) = run(&files, &[command, &as_of].concat());
        assert!((printed + &said).contains(shared), "{command:?}: {said}");
    }
    // One that is chosen, a file that one of them names, and projects of other things.
    let chosen = [
        &["calibrate", "--usage", "u.csv", "--project", "one"],
        &as_of[..],
    ]
    .concat();
    assert!(!run(&files, &chosen).2.contains("several projects"));
    let own = project("one", "u.csv");
    let others = two
        .replace("features.f", "features.g")
        .replace("apis.a", "apis.b");
    for (first, usage, second) in [(&own, "p1/u.csv", &two), (&one, "u.csv", &others)] {
        let files = [
            ("p1/capacity.toml", &**first),
            ("p2/capacity.toml", &**second),
            (usage, &*rows),
        ];
        let given = ["--usage", "u.csv"];
        let given = if usage == "u.csv" { &given[..] } else { &[] };
        let (_, printed, said) = run(&files, &[&["check"], given, &as_of].concat());
        assert!(printed.contains("calibration-drift"), "{printed}");
        assert!(!(printed + &said).contains("several projects"), "{said}");
    }
}

#[test]
fn rows_that_grow_old_are_an_error_only_where_they_are_given() {
    let old = "date,feature,line,quantity,unit\n2026-01-01,f,c,1400,calls\n";
    let (named, plain) = (project("one", "u.csv"), project("one", ""));
    let (code, report) = checked(&[("capacity.toml", &named), ("u.csv", old)], &[]);
    assert_eq!(
        (code, found(&report, "one")),
        (Some(0), vec!["usage-unmatched".to_owned()])
    );
    let given = [("capacity.toml", plain.as_str()), ("u.csv", old)];
    let (code, report) = checked(&given, &["--usage", "u.csv"]);
    assert_eq!(
        (code, found(&report, "one")),
        (Some(1), vec!["usage-unmatched".to_owned()])
    );
}

#[test]
fn commands_read_them_where_no_file_is_given() {
    let (named, plain, rows) = (project("one", "u.csv"), project("one", ""), rows(1..=21));
    let files = [("capacity.toml", named.as_str()), ("u.csv", rows.as_str())];
    let none = [("capacity.toml", plain.as_str()), ("u.csv", rows.as_str())];
    for command in [
        &["usage", "--json"][..],
        &["calibrate", "--json", "--as-of", "2026-11-22"],
    ] {
        let (code, printed, said) = run(&files, command);
        assert_eq!(code, Some(0), "{said}");
        let printed: Value = serde_json::from_str(&printed).unwrap();
        let usage = printed.get("usage").unwrap_or(&printed);
        assert_eq!(usage["matched"], 21, "{command:?}");
        let (code, _, said) = run(&none, command);
        let is_told = said.contains("there is no file with measured usage");
        assert_eq!((code, is_told), (Some(2), true), "{command:?} {said}");
    }
    // The same file again, and rows of the same days in another.
    let calibrate = ["calibrate", "--as-of", "2026-11-22", "--usage"];
    let (code, _, said) = run(&files, &[&calibrate[..], &["u.csv"]].concat());
    assert_eq!(
        (code, said.contains("`[usage] files` names it")),
        (Some(2), true),
        "{said}"
    );
    let both = [files[0], files[1], ("v.csv", rows.as_str())];
    let (code, _, said) = run(&both, &[&calibrate[..], &["v.csv"]].concat());
    assert_eq!(
        (code, said.contains("give rows of other days")),
        (Some(2), true),
        "{said}"
    );
    let (code, _, said) = run(&both, &[&calibrate[..], &["v.csv", "--sum-files"]].concat());
    assert_eq!(code, Some(0), "{said}");
}

/// Rows by month say of each day what rows by day do.
#[test]
fn what_is_added_up_by_month_keeps_days_without_rows() {
    let plain = project("one", "");
    let all = rows(1..=21);
    let some = all
        .lines()
        .filter(|row| !row.contains("-07,") && !row.contains("-08,"));
    let some: String = some.map(|row| format!("{row}\n")).collect();
    let files = [("capacity.toml", plain.as_str()), ("u.csv", some.as_str())];
    let (_, months, _) = run(&files, &["usage", "u.csv", "--by", "month"]);
    assert_eq!(months.lines().count(), 2, "{months}");
    let calibrated = |text: &str| {
        let files = [("capacity.toml", plain.as_str()), ("u", text)];
        let arguments = [
            "calibrate",
            "--json",
            "--as-of",
            "2026-11-22",
            "--usage",
            "u",
        ];
        let (code, printed, said) = run(&files, &arguments);
        assert_eq!(code, Some(0), "{said}");
        let printed: Value = serde_json::from_str(&printed).unwrap();
        (printed["lines"].clone(), printed["values"].clone())
    };
    assert_eq!(calibrated(&months), calibrated(&some));
    assert_eq!(calibrated(&some).0[0]["days"], 19);
}

#[test]
fn a_date_leaves_out_what_comes_after_it() {
    let (plain, rows) = (project("one", ""), rows(1..=21));
    let files = [("capacity.toml", plain.as_str()), ("u.csv", rows.as_str())];
    let counts = |arguments: &[&str]| {
        let (_, printed, said) = run(&files, &[&["usage", "u.csv", "--json"], arguments].concat());
        let found: Value = serde_json::from_str(&printed).expect(&said);
        [found["matched"].as_u64(), found["outside"].as_u64()].map(Option::unwrap)
    };
    assert_eq!(counts(&[]), [21, 0]);
    assert_eq!(counts(&["--as-of", "2026-11-20"]), [20, 1]);
}

/// In a check, as in `calibrate`.
#[test]
fn corrections_of_more_than_there_was_are_said() {
    let plain = project("one", "");
    let said = "the rows of `features.f.c` in `calls` add up to less than 0; counted as 0";
    let is_said = |first: &str| {
        let rows = format!(
            "date,feature,line,quantity,unit\n2026-11-20,f,c,{first},calls\n2026-11-21,f,c,-5,calls\n"
        );
        let files = [("capacity.toml", plain.as_str()), ("u.csv", rows.as_str())];
        let arguments = ["check", "--as-of", "2026-11-22", "--usage", "u.csv"];
        let (_, printed, _) = run(&files, &arguments);
        let words: Vec<&str> = printed.split_whitespace().collect();
        words.join(" ").contains(said)
    };
    assert!(is_said("4"));
    assert!(!is_said("5"));
}

#[test]
fn what_a_bill_has_besides_usage_is_said() {
    let bill = "ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ServiceName,ChargeCategory,BilledCost\n\
        2026-11-01T00:00:00Z,1,Calls,A,Usage,1\n\
        2026-11-01T00:00:00Z,,,A,Purchase,5\n\
        2026-11-01T00:00:00Z,,,A,Credit,-2\n\
        2026-11-01T00:00:00Z,,,A,Usage,1\n";
    let (_, _, said) = run(&[("bill.csv", bill)], &["usage", "bill.csv"]);
    let note = "note: bill.csv: 3 rows are not usage: 1 Credit, 1 Purchase, 1 without a quantity";
    assert!(said.contains(note), "{said}");
    let (usage, _) = bill
        .split_once("2026-11-01T00:00:00Z,,,A,Purchase")
        .unwrap();
    let (_, _, said) = run(&[("bill.csv", usage)], &["usage", "bill.csv"]);
    assert!(!said.contains("note: bill.csv"), "{said}");
}

#[test]
fn the_json_is_as_its_schema_says() {
    let validator = jsonschema::validator_for(&caplint::schema::usage()).unwrap();
    let plain = project("one", "");
    let text = format!("{}2026-11-02,g,c,1,calls\n", rows(1..=2));
    let files = [("capacity.toml", plain.as_str()), ("u.csv", text.as_str())];
    let (_, printed, _) = run(&files, &["usage", "u.csv", "--json"]);
    let mut found: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(found["format"], "caplint.usage/1");
    assert!(validator.validate(&found).is_ok(), "{printed}");
    found["subjects"][0]["first"] = 1.into();
    assert!(validator.validate(&found).is_err());
    // People are told what the row was probably meant to say.
    let (_, told, _) = run(&files, &["usage", "u.csv"]);
    let said = "3 rows: 2 match declarations. The first of the others: ";
    assert!(told.contains(said), "{told}");
}
