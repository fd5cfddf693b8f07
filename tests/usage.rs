//! What measured usage is read from, and what is said of what cannot be read.

mod committed;
mod formats;
mod given;
mod recipes;

use caplint::report::{Finding, Report, State};
use caplint::usage::{Reading, Usage};

use crate::support::lint::{check, compare};

const HEADER: &str = "date,feature,line,quantity,unit\n";

fn read(text: &str) -> Result<Usage, String> {
    let mut usage = Usage::default();
    usage
        .read("usage.csv", text.as_bytes(), &Reading::default())
        .map_err(|error| error.to_string())?;
    Ok(usage)
}

#[test]
fn csv_and_json_lines_say_the_same() {
    let csv = "\u{feff}unit,date, feature,line,quantity,extra\r\ncredits,2026-11-01,sync,\"a,b\",12.5,x\n";
    let json = "\n{\"date\":\"2026-11-01\",\"feature\":\"sync\",\"line\":\"a,b\",\"quantity\":12.5,\"unit\":\"credits\",\"extra\":[]}\n\n";
    assert_eq!(read(csv).unwrap(), read(json).unwrap());
    let other = json.replace("12.5", "12.6");
    assert_ne!(read(csv).unwrap(), read(&other).unwrap());
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let row = |row: &str| format!("{HEADER}2026-11-01,a,b,1,credits\n{row}\n");
    for (text, start) in [
        ("", "`usage.csv` is empty"),
        (" \n", "`usage.csv` is empty"),
        (HEADER, "`usage.csv` has no rows"),
        (
            "date,feature\n",
            "usage.csv:1: there is no column `quantity`",
        ),
        (
            "date,quantity,unit\n",
            "usage.csv:1: there is no column `feature`",
        ),
        (
            &*row("2026-13-01,a,b,1,calls"),
            "usage.csv:3: there is no day",
        ),
        (&row("2026-11-02T25:00:00Z,a,b,1,calls"), "usage.csv:3: "),
        (
            &row("2026-11-02,a,b,many,calls"),
            "usage.csv:3: `quantity`: `many` is not a finite number: write 1234.5",
        ),
        (
            &row("2026-11-02,a,b,\"1,234.5\",calls"),
            "usage.csv:3: `quantity`: `1,234.5` has separators: write 1234.5",
        ),
        (&row("2026-11-02,a,b,inf,calls"), "usage.csv:3: `quantity`"),
        (&row("2026-11-02,a,b,NaN,calls"), "usage.csv:3: `quantity`"),
        (
            &row("2026-11-02,a,b,1e400,calls"),
            "usage.csv:3: `quantity`",
        ),
        (&row("2026-11-02,a,b,1_0,calls"), "usage.csv:3: `quantity`"),
        (
            &row("2026-11-02,a,b,,calls"),
            "usage.csv:3: `quantity` is empty",
        ),
        (&row("2026-11-02,a,b,1,"), "usage.csv:3: `unit` is empty"),
        (
            &row("2026-11-02,,b,1,calls"),
            "usage.csv:3: it names neither",
        ),
        (&row("2026-11-02,a"), "usage.csv:3: the row has 2 fields"),
        // Blank lines, lines in a field, and a last line without an end.
        (&row("\n\n2026-11-02,a,b,NaN,calls"), "usage.csv:5: "),
        (
            &row("2026-11-02,a,\"b\nc\",1,calls\n\r\n2026-11-02,a,b,NaN,calls"),
            "usage.csv:6: ",
        ),
        (&row("2026-11-02,a,\"b\nc\",NaN,calls"), "usage.csv:3: "),
        ("date,unit,quantity,feature\n\nx,y,1,z", "usage.csv:3: "),
        ("{\"date\":\"2026-11-01\"}\n", "usage.csv:1: missing field"),
        ("{\n", "usage.csv:1: "),
        ("[{}]", "usage.csv:1: this is a JSON array"),
        (
            "{\"date\":\"2026-11-01\",\"subject\":\"apis.a\",\"quantity\":1e400,\"unit\":\"calls\"}",
            "usage.csv:1: ",
        ),
    ] {
        let problem = read(text).map(|_| text.to_owned()).unwrap_err();
        assert!(problem.starts_with(start), "{problem}");
    }
    assert!(read(&row("2026-11-02T23:00:00+02:00,a,b,-1e3,calls")).is_ok());
}

#[test]
fn a_header_that_is_nearly_right_is_told_what_is_not() {
    for (header, word) in [
        (
            "date;feature;line;quantity;unit",
            "separate columns with commas",
        ),
        ("Date,Feature,Line,Quantity,Unit", "in lower case"),
        (
            "day,feature,line,quantity,unit",
            "usage is CSV with the columns",
        ),
    ] {
        let mut usage = Usage::default();
        let text = format!("{header}\n1,2,3,4,5\n");
        let read = usage.read("usage.csv", text.as_bytes(), &Reading::default());
        let error = read.unwrap_err();
        assert!(error.help().unwrap().contains(word), "{error}");
    }
}

#[test]
fn what_is_no_text_is_said() {
    for (bytes, start) in [
        (&b"\x1f\x8b\x08\x00"[..], "`u` is compressed"),
        (b"\xff\xfed\x00", "`u` is UTF-16"),
        (
            b"date,subject,quantity,unit\n2026-11-01,\xff,1,calls\n",
            "u:2: it is not UTF-8",
        ),
    ] {
        let problem = Usage::default().read("u", bytes, &Reading::default());
        let problem = problem.unwrap_err().to_string();
        assert!(problem.starts_with(start), "{problem}");
    }
}

const MEASURED: &str = r#"
[tenants]
free = 1000

[apis.a]
rate_limit = "100000/min"
plan = { credits = 600_000, price = 10 }

[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }

[models.m]
price = { input = 0.001 }
budget = 100_000
tenant_quota = { all = { input = "100/month" } }

[features.x]
spec = "capacity.toml"
owner = "o"
calls = [{ endpoint = "/e/", rate = "10/day", peak = 2 }]
inference = [{ model = "m", rate = "1/day", units = { input = 2 } }]
"#;

fn judged(usage: &str) -> Report {
    check(&[("capacity.toml", MEASURED)], usage)
}

fn unmatched(report: &Report) -> Vec<&Finding> {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    findings.filter(|it| it.rule == "usage-unmatched").collect()
}

const MATCHED: &str = "2026-11-02,x,/e/,7,credits\n";

#[test]
fn rows_that_match_nothing_are_said() {
    for row in [
        "2026-11-02,x,/e/,7,credits",
        "2026-11-02,x,/e/,7,calls",
        "2026-11-02,x,/e/,7,occurrences",
        "2026-11-02,x,m,7,input",
        "2026-11-02,x,m,7,requests",
        "2026-11-02,x,,7,credits",
        "2026-10-23,x,/e/,7,credits",
        "2026-11-22,x,/e/,7,credits",
    ] {
        let report = judged(&format!("{row}\n"));
        assert!(unmatched(&report).is_empty(), "{row}");
        let rows = report.usage.unwrap();
        assert_eq!((rows.rows, rows.matched, rows.outside), (1, 1, 0), "{row}");
    }
    for (row, outside, help) in [
        (
            "2026-11-02,feature,/e/,7,credits",
            0,
            "name a feature that is declared",
        ),
        ("2026-11-02,x,/ee/,7,credits", 0, "did you mean `/e/`?"),
        ("2026-11-02,x,/e/,7,credit", 0, "did you mean `credits`?"),
        ("2026-11-02,x,m,7,output", 0, "its units are"),
        ("2026-11-02,x,m,7,credits", 0, "its units are"),
        ("2026-11-02,x,,7,rows", 0, "its units are"),
        (
            "2026-10-22,x,/e/,7,credits",
            1,
            "from 2026-10-23 to 2026-11-22",
        ),
        (
            "2026-11-23,x,/e/,7,credits",
            1,
            "from 2026-10-23 to 2026-11-22",
        ),
    ] {
        // Alone it is an error: nothing is judged by it. Beside one that counts it is a warning,
        // and nothing where it is only of another day.
        let alone = judged(&format!("{row}\n"));
        let found = unmatched(&alone);
        assert_eq!(found.len(), 1, "{row}");
        assert!(found[0].help.as_ref().unwrap().contains(help), "{found:?}");
        assert_eq!(found[0].severity.as_str(), "error", "{row}");
        assert_eq!(alone.summary.exit_code, 1, "{row}");
        let beside = judged(&format!("{MATCHED}{row}\n"));
        let found = unmatched(&beside);
        assert_eq!(found.len(), 1 - outside, "{row}");
        assert!(found.iter().all(|it| it.severity.as_str() == "warning"));
        let rows = beside.usage.unwrap();
        let sum: usize = rows.unmatched.iter().map(|it| it.rows).sum();
        assert_eq!((rows.matched, rows.outside, sum), (1, outside, 1 - outside));
    }
}

#[test]
fn unmatched_rows_are_summed_by_what_they_name() {
    let rows = "2026-11-02,y,l,7,calls\n2026-11-03,y,l,5,calls\n2026-11-03,x,/e/,5,rows\n";
    let rows = judged(&format!("{MATCHED}{rows}")).usage.unwrap();
    let unmatched: Vec<_> = rows
        .unmatched
        .iter()
        .map(|it| (&*it.subject, &*it.unit, it.rows, it.quantity, it.line))
        .collect();
    assert_eq!(
        unmatched,
        [
            ("features.x.calls.\"/e/\"", "rows", 1, 5.0, 5),
            ("features.y.l", "calls", 2, 12.0, 3),
        ]
    );
    assert!(check(&[("capacity.toml", MEASURED)], "").usage.is_none());
}

/// Both sides are held against the same measurements, so what matches nothing is always new.
#[test]
fn unmatched_usage_is_new_in_every_comparison() {
    let files = [("capacity.toml", MEASURED)];
    let report = compare(&files, &files, "2026-11-02,y,/e/,7,credits\n");
    let found = unmatched(&report);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].state, Some(State::New));
    assert_eq!(report.summary.exit_code, 1);
    let report = compare(&files, &files, MATCHED);
    assert_eq!(report.summary.exit_code, 0);
}

/// A row counts where any project declares what it names, and one project says what none does.
#[test]
fn projects_share_one_finding() {
    let one = format!("[project]\nname = \"one\"\n{MEASURED}");
    let other = one
        .replace("\"one\"", "\"other\"")
        .replace("features.x", "features.z");
    let files = [("a/capacity.toml", &*one), ("b/capacity.toml", &*other)];
    let report = check(&files, "2026-11-02,z,/e/,7,credits\n");
    assert!(unmatched(&report).is_empty());
    let report = check(&files, "2026-11-02,y,/e/,7,credits\n");
    assert_eq!(unmatched(&report).len(), 1);
}

#[test]
fn two_files_do_not_say_the_same_twice() {
    let read = |texts: [&str; 2]| {
        let mut usage = Usage::default();
        for (name, rows) in ["one.csv", "two.csv"].into_iter().zip(texts) {
            let text = format!("{HEADER}{rows}");
            usage
                .read(name, text.as_bytes(), &Reading::default())
                .unwrap();
        }
        usage.refuse_twice().map_err(|error| error.to_string())
    };
    let row = "2026-11-02,x,/e/,7,credits\n";
    let problem = read([
        row,
        "2026-11-01,x,/e/,7,credits\n2026-11-02,x,/e/,9,credits\n",
    ]);
    assert!(
        problem
            .unwrap_err()
            .contains("two.csv:3 says again what one.csv:2 says")
    );
    assert_eq!(read([row, "2026-11-03,x,/e/,7,credits\n"]), Ok(()));
    assert_eq!(read([row, "2026-11-02,x,/e/,7,calls\n"]), Ok(()));
    assert_eq!(read([&row.repeat(2), "2026-11-03,x,/e/,7,calls\n"]), Ok(()));
}

#[test]
fn the_program_takes_each_file_once_and_none_that_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("capacity.toml", MEASURED);
    write("u.csv", &format!("{HEADER}{MATCHED}"));
    write("same.csv", &format!("{HEADER}{MATCHED}"));
    write("empty.csv", HEADER);
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_caplint"))
            .env_remove("CI")
            .current_dir(folder.path())
            .args(["check", "--as-of", "2026-11-22", "--format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    assert_eq!(run(&["--usage", "u.csv"]).0, Some(0));
    let (code, said) = run(&["--usage", "u.csv", "--usage", "./u.csv"]);
    assert_eq!(
        (code, said.contains("`./u.csv` is given twice")),
        (Some(2), true),
        "{said}"
    );
    let (code, said) = run(&["--usage", "u.csv", "--usage", "same.csv"]);
    let places = said.contains("same.csv:2 says again what u.csv:2 says");
    assert_eq!((code, places), (Some(2), true), "{said}");
    let added = run(&["--usage", "u.csv", "--usage", "same.csv", "--sum-files"]);
    assert_eq!(added.0, Some(0));
    let (code, said) = run(&["--usage", "empty.csv"]);
    assert_eq!(
        (code, said.contains("has no rows")),
        (Some(2), true),
        "{said}"
    );
}
