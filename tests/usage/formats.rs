//! Formats of others: bills, answers of Prometheus; and what `caplint usage` makes of them.

use std::process::Command;

use caplint::usage::{Reading, Usage};
use serde_json::Value;

use crate::support::lint::check_with;

const PROJECT: &str = r#"
[tenants]
free = 1000

[apis.a]
rate_limit = "100000/min"
plan = { credits = 600_000, price = 10 }

[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }

[databases.main]
storage = "1TB"

[tables.seen]
database = "main"
row_size = "100B"
relation = "app.it's; -- :v"

[features.x]
owner = "o"
calls = [{ id = "one", endpoint = "/e/", rate = "10/day" }]
reads = [{ id = "one", table = "seen", rows = 1, rate = "10/day" }]

[metrics]
"apis.a.credits" = { counter = 'credits_total{a="\"b"}', tenant = "who" }
"tenants.*.count" = { gauge = 'tenants{tier="$name"}' }
"#;

/// What the program prints and says, in a folder with files.
pub(super) fn run(files: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_caplint"))
        .env_remove("CI")
        .env("CAPLINT_TENANT_KEY", "key")
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn understood(files: &[(&str, &str)], arguments: &[&str]) -> Value {
    let all = [&["usage", "--format", "json"], arguments].concat();
    let (code, printed, said) = run(files, &all);
    assert_eq!(code, Some(0), "{said}");
    serde_json::from_str(&printed).unwrap()
}

/// The rows and quantity of a subject and unit.
fn of<'v>(understood: &'v Value, subject: &str, unit: &str) -> Option<(&'v Value, &'v Value)> {
    let subjects = understood["subjects"].as_array().unwrap().iter();
    let mut found = subjects.filter(|it| it["subject"] == subject && it["unit"] == unit);
    found.next().map(|it| (&it["rows"], &it["quantity"]))
}

const SAMPLE: &str = include_str!("focus-1.0-sample.csv");

/// By Python's `decimal`: 24 sums by service and unit, and 1.154371643 billed.
#[test]
fn a_bill_is_added_up_as_python_does() {
    let understood = understood(&[("bill.csv", SAMPLE)], &["bill.csv"]);
    assert_eq!(understood["rows"], 150);
    let subjects = understood["subjects"].as_array().unwrap();
    let (costs, quantities): (Vec<_>, Vec<_>) =
        subjects.iter().partition(|it| it["unit"] == "cost");
    assert_eq!(quantities.len(), 24);
    let cost: f64 = costs
        .iter()
        .map(|it| it["quantity"].as_f64().unwrap())
        .sum();
    assert!((cost - 1.154_371_643).abs() < 1e-12, "{cost}");
    let lambda = of(&understood, "AWS Lambda", "Seconds").unwrap();
    assert_eq!(lambda.1.as_f64(), Some(142.628));
    let steps = of(&understood, "AWS Step Functions", "GB").unwrap();
    assert_eq!(steps.1.as_f64(), Some(1.490_000_00e-7));
}

const BILL: &str = "ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,ServiceName,ChargeCategory,ChargeClass,CommitmentDiscountStatus,BilledCost,BillingCurrency,Tags
2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,10,Calls,A,Usage,,,1,USD,\"{\"\"app\"\": \"\"x\"\"}\"
2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,-2,Calls,A,Usage,Correction,,-0.2,USD,\"{\"\"app\"\": \"\"x\"\"}\"
2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,5,Calls,A,Usage,NULL,Unused,7,USD,\"{\"\"app\"\": \"\"x\"\"}\"
2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,NULL,NULL,A,Purchase,,,99,USD,NULL
2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,NULL,Calls,A,Usage,,,3,USD,NULL
2026-11-03T00:00:00Z,2026-11-05T00:00:00Z,4,Calls,A,Usage,,,0,USD,\"{\"\"app\"\": \"\"xy\"\"}\"
2026-11-03T00:00:00Z,2026-11-04T00:00:00Z,4,Calls,A,Usage,,,0,USD,\"{\"\"app\"\": \"\"other\"\"}\"
";

const MAP: &str = r#"
[[usage.map]]
where = { ServiceName = "A", "Tags.app" = "x*" }
to = { subject = "features.x.calls.one", unit = "calls", scale = 0.5 }
"#;

#[test]
fn maps_say_what_a_bill_is_about() {
    let project = format!("{PROJECT}{MAP}");
    let files = [("capacity.toml", &*project), ("bill.csv", BILL)];
    let understood = understood(&files, &["bill.csv"]);
    let line = of(&understood, "features.x.calls.one", "calls").unwrap();
    // 10 − 2 + 4, halved: no purchase, nothing unused, nothing without a quantity.
    assert_eq!((line.0.as_u64(), line.1.as_f64()), (Some(3), Some(6.0)));
    let cost = of(&understood, "features.x.calls.one", "cost").unwrap();
    assert_eq!(cost.1.as_f64(), Some(0.8));
    assert_eq!(understood["rows"], 4);
    assert_eq!(understood["unmatched"][0]["subject"], "A");
    assert_eq!(understood["unmatched"][0]["line"], 8);
    // Two days each have their half, and what is printed says the same again.
    let (_, lines, _) = run(&files, &["usage", "--by", "day", "bill.csv"]);
    assert!(
        lines.contains(
            r#""date":"2026-11-04","subject":"features.x.calls.one","unit":"calls","quantity":1}"#
        ),
        "{lines}"
    );
    let again = [("capacity.toml", &*project), ("u.jsonl", &*lines)];
    let again = self::understood(&again, &["u.jsonl"]);
    assert_eq!(
        of(&again, "features.x.calls.one", "calls").unwrap().1,
        line.1
    );
    assert_eq!(
        of(&again, "features.x.calls.one", "cost").unwrap().1,
        cost.1
    );
}

#[test]
fn tenants_are_hashed_by_a_key() {
    let rows = "date,subject,quantity,unit,tenant\n2026-11-01,apis.a,1,credits,acme\n2026-11-03,apis.a,3,credits,acme\n2026-11-03,apis.a,3,credits,\n";
    let files = [("u.csv", rows)];
    let (_, lines, _) = run(
        &files,
        &["usage", "--by", "month", "--hash-tenants", "u.csv"],
    );
    // By Python's `hmac`.
    let hashed = r#"{"date":"2026-11-03","until":"2026-11-03","subject":"apis.a","tenant":"2a0c2d9f96b5b1a7675b436bb43ee0c0","unit":"credits","quantity":3}"#;
    assert!(lines.contains(hashed), "{lines}");
    assert!(!lines.contains("acme"), "{lines}");
    // A day without a row stays one.
    assert_eq!(lines.lines().count(), 3);
    let again = understood(&[("u.jsonl", &lines)], &["u.jsonl"]);
    assert_eq!(
        of(&again, "apis.a", "credits").unwrap().1.as_f64(),
        Some(7.0)
    );
}

fn prometheus(text: &str) -> Result<Usage, String> {
    let mut usage = Usage::default();
    let read = usage.read("p", text.as_bytes(), &Reading::default());
    read.map(|()| usage).map_err(|error| error.to_string())
}

fn answer(labels: &str, values: &str) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{{labels}}},"values":[{values}]}}]}}}}"#
    )
}

/// 1793491200 is 2026-11-01 at midnight.
#[test]
fn answers_are_of_the_time_before_them() {
    let day = answer(
        r#""caplint":"apis.a credits","caplint_step":"1d""#,
        r#"[1793491200,"5"],[1793577600,"NaN"],[1793664000,"7"]"#,
    );
    let gauge = answer(r#""caplint":"tenants.free count""#, r#"[1793491200,"900"]"#);
    let files = [
        ("capacity.toml", PROJECT),
        ("p.json", &*format!("{day}{gauge}\n")),
    ];
    let understood = understood(&files, &["p.json"]);
    assert_eq!(
        (&understood["rows"], &understood["matched"]),
        (&3.into(), &3.into())
    );
    let subjects = understood["subjects"].as_array().unwrap();
    let days = |it: &Value| (it["first"].clone(), it["last"].clone(), it["gaps"].clone());
    assert_eq!(
        days(&subjects[0]),
        ("2026-10-31".into(), "2026-11-02".into(), 1.into())
    );
    assert_eq!(days(&subjects[1]).0, "2026-11-01");
    for (text, said) in [
        (
            r#"{"status":"error","error":"too many"}"#.to_owned(),
            "too many",
        ),
        (day.replace("1d", "5m"), "it is 1d or 1h"),
        (
            answer(r#""caplint":"apis.a credits""#, r#"[1793491230,"5"]"#),
            "is not known",
        ),
        (day[..day.len() - 3].to_owned(), "EOF"),
    ] {
        let problem = prometheus(&text).unwrap_err();
        assert!(
            problem.starts_with("p:1: ") && problem.contains(said),
            "{problem}"
        );
    }
    let warned = day.replacen('{', r#"{"warnings":["half"],"#, 1);
    assert_eq!(
        prometheus(&warned).unwrap().notes,
        ["warning: p:1: Prometheus warns: half"]
    );
}

#[test]
fn ids_of_several_lists_are_written_with_their_list() {
    let rows = |line: &str| {
        format!("date,feature,line,quantity,unit\n2026-11-20,x,{line},1,occurrences\n")
    };
    let matched = |line: &str| {
        let report = check_with(&[("capacity.toml", PROJECT)], |settings| {
            let rows = rows(line);
            let read = settings
                .usage
                .read("u", rows.as_bytes(), &Reading::default());
            read.unwrap();
        });
        report.usage.unwrap().matched
    };
    assert_eq!(
        ["one", "reads.one", "calls.one", "writes.one"].map(matched),
        [0, 1, 1, 0]
    );
}

#[test]
fn committed_files_are_read_or_found_fault_with() {
    let project = format!("{PROJECT}[usage]\nfiles = [\"usage/*.csv\"]\n");
    let good = "date,subject,quantity,unit\n2026-11-20,apis.a,1,credits\n";
    let check = |text: &str, name: &str| {
        let files = [("capacity.toml", &*project), (name, text)];
        let arguments = ["check", "--as-of", "2026-11-22", "--format", "json"];
        let (_, printed, said) = run(&files, &arguments);
        let report: Value = serde_json::from_str(&printed).expect(&said);
        let findings = report["projects"][0]["findings"]
            .as_array()
            .unwrap()
            .clone();
        let flaws = findings
            .into_iter()
            .filter(|it| it["rule"] == "invalid-value");
        let flaws: Vec<String> = flaws
            .map(|it| it["message"].as_str().unwrap().to_owned())
            .collect();
        (report["usage"]["matched"].clone(), flaws)
    };
    assert_eq!(check(good, "usage/a.csv"), (1.into(), vec![]));
    let (matched, flaws) = check("date\n", "usage/a.csv");
    assert_eq!(matched, Value::Null);
    assert_eq!(flaws, ["usage/a.csv:1: there is no column `quantity`"]);
    let (_, flaws) = check(good, "usage/below/a.csv");
    assert_eq!(flaws, ["`usage/*.csv` matches no file"]);
}

#[test]
fn money_of_another_currency_is_refused() {
    let rows = "date,subject,quantity,unit,currency\n2026-11-20,apis.a,1,cost,EUR\n";
    let files = [("capacity.toml", PROJECT), ("u.csv", rows)];
    let arguments = ["check", "--as-of", "2026-11-22", "--usage", "u.csv"];
    let (code, _, said) = run(&files, &arguments);
    assert_eq!(
        (code, said.contains("u.csv:2: the cost is in EUR")),
        (Some(2), true),
        "{said}"
    );
    let dollars = rows.replace("EUR", "USD");
    let files = [("capacity.toml", PROJECT), ("u.csv", &*dollars)];
    assert_ne!(run(&files, &arguments).0, Some(2));
}

#[test]
fn requests_describe_their_answers() {
    let files = [("capacity.toml", PROJECT)];
    let asked = [
        "usage",
        "request",
        "prometheus",
        "--url",
        "https://p",
        "--as-of",
        "2026-11-22",
    ];
    let (code, printed, said) = run(&files, &[&asked[..], &["--curl", "netrc"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let transfers: Vec<&str> = printed.split("next\n").collect();
    assert_eq!(transfers.len(), 2);
    // One that fails is not forgotten for the next.
    assert!(printed.starts_with("fail-early\n"), "{printed}");
    assert!(transfers.iter().all(|it| it.contains("\nnetrc\n")));
    assert!(
        transfers[0].contains(r#"sum by (who)(increase(credits_total{a=\"\\\"b\"}[1d]))"#),
        "{printed}"
    );
    assert!(
        transfers[0].contains(r#"\"caplint\", \"apis.a credits\""#),
        "{printed}"
    );
    // A year of hours takes a second transfer for each.
    let hours = [&asked[..], &["--step", "1h", "--days", "450"]].concat();
    assert_eq!(run(&files, &hours).1.split("next\n").count(), 4);
    let bad = ["usage", "request", "prometheus", "--url", "p\n"];
    assert_eq!(run(&files, &bad).0, Some(2));
    let (code, script, said) = run(&files, &["usage", "request", "postgres"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        script.contains("('tables.seen', 'app', 'it''s; -- :v')"),
        "{script}"
    );
    assert!(script.contains("'databases.main', 'bytes'"), "{script}");
}

#[test]
fn a_row_without_an_end_is_not_held() {
    let header = "date,feature,line,quantity,unit\n";
    let row = "2026-11-20,x,e,1,calls\n";
    let reads = |text: String, byte: u8| {
        let endless = std::io::Read::chain(std::io::Cursor::new(text), std::io::repeat(byte));
        let mut endless = std::io::Read::take(endless, 64 << 20);
        let read = Usage::default().read("u.csv", &mut endless, &Reading::default());
        (read.unwrap_err().to_string(), (64 << 20) - endless.limit())
    };
    for byte in [b'a', b'"', b'\0', b'{'] {
        for text in [
            String::new(),
            header.to_owned(),
            format!("{header}{row}{row}"),
        ] {
            let (message, read) = reads(text.clone(), byte);
            assert!(read < 4 << 20, "{byte}: {text:?}: {message}: {read} bytes");
        }
    }
    let (message, _) = reads(format!("{header}{row}{row}"), b'a');
    assert!(
        message.contains("u.csv:4: the line has more than 1048576 bytes"),
        "{message}"
    );
    // Many rows are more than that together.
    let rows = format!("{header}{}", row.repeat(100_000));
    let read = Usage::default().read("u.csv", rows.as_bytes(), &Reading::default());
    assert!(read.is_ok());
}

#[test]
fn too_many_tenants_are_refused_with_what_helps() {
    let text = |tenants: u32| {
        let rows = (0..tenants).map(|tenant| format!("2026-11-20,x,e,1,calls,{tenant}\n"));
        "date,feature,line,quantity,unit,tenant\n".to_owned() + &rows.collect::<String>()
    };
    let read = |text: String| Usage::default().read("u.csv", text.as_bytes(), &Reading::default());
    assert!(read(text(100_000)).is_ok());
    let error = format!("{:?}", read(text(100_001)).unwrap_err());
    assert!(
        error.contains("there are more than 100000 tenants"),
        "{error}"
    );
    // `--by day` would be refused too.
    assert!(error.contains("leave out the column `tenant`"), "{error}");
}
