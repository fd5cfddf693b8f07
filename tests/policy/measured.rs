//! A change that takes a measurement away is held against it all the same.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::repo::Repo;

const ROOT: &str = r#"
[project]
name = "t"
[usage]
files = ["usage/*.csv"]
[tenants]
free = 100
[apis.a]
rate_limit = "1000000/s"
plan = { credits = 50_000, price = 1 }
[apis.a.endpoints]
"/x/" = { credits = 1, cacheable = false }
[scenarios.s]
tenants = 1
require = "report"
[features.f]
spec = "capacity.toml"
owner = "o"
calls = [{ id = "c", endpoint = "/x/", rate = "15/day" }]
"#;

/// Calls of each day of November, up to the 21st.
fn rows(feature: &str, line: &str, calls: &str, days: std::ops::RangeInclusive<u32>) -> String {
    let mut text = "date,feature,line,quantity,unit\n".to_owned();
    for day in days {
        let _ = writeln!(text, "2026-11-{day:02},{feature},{line},{calls},calls");
    }
    text
}

fn all() -> String {
    rows("f", "c", "3000", 1..=21)
}

/// The rules that find something new in a change, the errors first, and the exit code.
fn change(
    base: (&str, &str),
    head: (&str, Option<&str>),
    options: &[&str],
) -> (Vec<String>, Option<i32>) {
    let repo = Repo::new();
    repo.write("capacity.toml", base.0);
    repo.write("usage/u.csv", base.1);
    repo.commit("base");
    repo.write("capacity.toml", head.0);
    match head.1 {
        Some(rows) => repo.write("usage/u.csv", rows),
        None => repo.remove("usage/u.csv"),
    };
    let output = repo
        .caplint()
        .args(["diff", "HEAD", "--as-of", "2026-11-22", "--json"])
        .args(options)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["projects"][0]["findings"].as_array().unwrap().iter();
    let new = findings.filter(|it| it["state"] == "new" || it["state"] == "worsened");
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    let mut new: Vec<String> = new
        .map(|it| format!("{} {}", text(it, "severity"), text(it, "rule")))
        .collect();
    new.sort();
    (new, output.status.code())
}

const DRIFT: &str = "error calibration-drift";
const LOOSENED: &str = "warning policy-loosened";

#[test]
fn what_less_is_said_of_counts() {
    let all = all();
    let lower = ROOT.replace("15/day", "14/day");
    let control = change((ROOT, &all), (&lower, Some(&all)), &[]);
    assert_eq!(control, (vec![DRIFT.to_owned()], Some(1)));
    let few = rows("f", "c", "3000", 1..=6);
    let corrected = format!(
        "{all}{}",
        rows("f", "c", "-2000", 1..=21).split_once('\n').unwrap().1
    );
    let none = lower.replace("files = [\"usage/*.csv\"]", "files = []");
    let no_table = lower.replace("[usage]\nfiles = [\"usage/*.csv\"]\n", "");
    let unread = lower.replace("*.csv", "*.old");
    for (what, root, rows) in [
        ("rows", &lower, Some(&*few)),
        ("corrections", &lower, Some(&*corrected)),
        ("files", &none, Some(&*all)),
        ("table", &no_table, Some(&*all)),
        ("file", &no_table, None),
        ("lower", &lower, Some(&*all.replace("3000", "1400"))),
        (
            "tenants",
            &unread.replace("files = [\"usage/*.old\"]", ""),
            Some(&*all),
        ),
    ] {
        let (found, code) = change((ROOT, &all), (root, rows), &[]);
        assert_eq!(
            (found, code),
            (vec![DRIFT.to_owned(), LOOSENED.to_owned()], Some(1)),
            "{what}"
        );
        // Whoever may decide on the policy may take measurements away.
        let (found, code) = change((ROOT, &all), (root, rows), &["--accept-policy"]);
        assert!(
            !found.contains(&DRIFT.to_owned()) && code == Some(0),
            "{what}: {found:?}"
        );
    }
}

#[test]
fn it_is_followed_to_new_names() {
    let all = all();
    let lower = ROOT.replace("15/day", "14/day");
    for (from, to) in [
        ("[features.f]", "[features.g]"),
        ("id = \"c\"", "id = \"k\""),
    ] {
        let (found, code) = change((ROOT, &all), (&lower.replace(from, to), None), &[]);
        // The glob matches nothing now.
        assert!(
            found.contains(&DRIFT.to_owned()) && code == Some(1),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn what_is_said_in_other_words_is_not_less() {
    let quiet = |head: &str, rows: &str| {
        let (found, code) = change((ROOT, &all()), (head, Some(rows)), &[]);
        assert_eq!((found, code), (vec![], Some(0)), "{head}");
    };
    quiet(ROOT, &all());
    // More days, and old ones that nothing is held against any more.
    quiet(ROOT, &format!("{}2026-11-22,f,c,3000,calls\n", all()));
    // The same under other names, with nothing else changed.
    for (from, to, feature, line) in [
        ("[features.f]", "[features.g]", "g", "c"),
        ("id = \"c\"", "id = \"k\"", "f", "k"),
        ("apis.a", "apis.z", "f", "c"),
        ("owner = \"o\"", "owner = \"p\"", "f", "c"),
    ] {
        quiet(
            &ROOT.replace(from, to),
            &rows(feature, line, "3000", 1..=21),
        );
    }
    // Nearer to what was measured is no new drift.
    let nearer = ROOT.replace("15/day", "15.5/day");
    let (found, _) = change((ROOT, &all()), (&nearer, Some(&all())), &[]);
    assert!(!found.contains(&DRIFT.to_owned()), "{found:?}");
}

#[test]
fn a_line_that_is_split_is_measured_with_all_that_it_is_now() {
    let tight = ROOT.replace("50_000", "40_000").replace("15/day", "10/day");
    let measured = |calls: &str| rows("f", "c", calls, 1..=21);
    let call = r#"{ id = "c", endpoint = "/x/", rate = "10/day" }"#;
    let lines = |rates: [&str; 2]| {
        let part = |id: &str, rate: &str| {
            format!(r#"{{ id = "{id}", endpoint = "/x/", rate = "{rate}/day" }}"#)
        };
        let parts = format!("{}, {}", part("c", rates[0]), part("d", rates[1]));
        tight.replace(call, &parts)
    };
    let split = |rates: [&str; 2], calls: &str| {
        let rows = measured(calls);
        change((&tight, &rows), (&lines(rates), Some(&rows)), &[]).0
    };
    let drifts = |found: Vec<String>| found.iter().any(|it| it.ends_with("calibration-drift"));
    assert!(!drifts(split(["5", "5"], "1000")));
    assert!(!drifts(split(["8", "2"], "1000")));
    // What comes beside all that it was is no part of it.
    assert!(!drifts(split(["10", "5"], "1000")));
    assert!(drifts(split(["5", "10"], "1000")));
}
