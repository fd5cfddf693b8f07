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

#[test]
fn what_lines_used_that_are_gone_was_used() {
    let line = |id: &str, rate: u32| {
        format!("{{ id = \"{id}\", endpoint = \"/x/\", rate = \"{rate}/day\" }}")
    };
    let run = |id: &str, rate: u32| {
        format!("{{ id = \"{id}\", model = \"m\", rate = \"{rate}/day\", units = 1 }}")
    };
    let model = "[models.m]\nprice = 0.01\nbudget = 500\ntenant_quota = \"1G/day\"\n";
    let project = |calls: &[String], runs: &[String]| {
        let calls = format!("{}]\ninference = [{}", calls.join(", "), runs.join(", "));
        ROOT.replace(&line("c", 15), &calls) + model
    };
    let two = [line("c", 10), line("d", 10)];
    let runs = [run("i", 10), run("j", 10)];
    // Of each 42,000 until the 21st.
    let of = |list: &str, id: &str| {
        let rows = rows("f", &format!("{list}.{id}"), "1000", 1..=21);
        rows.split_once('\n')
            .map(|(_, rows)| rows.to_owned())
            .unwrap()
    };
    let measured = rows("f", "calls.c", "1000", 1..=21)
        + &of("calls", "d")
        + &of("inference", "i").replace("calls\n", "requests\n")
        + &of("inference", "j").replace("calls\n", "requests\n");
    let base = project(&two, &runs);
    let found = |head: &str| change((&base, &measured), (head, Some(&measured)), &[]).0;
    let burns = |head: &str| {
        let found = found(head);
        found.iter().filter(|it| *it == "error burn-hard").count()
    };
    let lower = |head: &str| {
        head.replace("credits = 50_000", "credits = 45_000")
            .replace("budget = 500", "budget = 450")
    };
    let merged = project(&[line("c", 20)], &[run("i", 20)]);
    let gone = project(&[line("c", 10)], &[run("i", 10)]);
    // Another API and another model from now on.
    let apart = |text: &str| {
        let other = "[apis.b]\nplan = { credits = 1, price = 1 }\n\
                     endpoints.\"/y/\" = { credits = 1, cacheable = false }\n\
                     [models.n]\nprice = 0.01\nbudget = 1\ntenant_quota = \"1G/day\"\n";
        text.replace("[scenarios.s]", &format!("{other}[scenarios.s]"))
    };
    let moved = apart(&base)
        .replace(&two[1], &two[1].replace("/x/", "/y/"))
        .replace(&runs[1], &runs[1].replace("\"m\"", "\"n\""));
    for head in [&base, &merged, &gone, &moved] {
        assert_eq!(burns(head), 0, "{head}");
        assert_eq!(burns(&lower(head)), 2, "{head}");
        let renamed = head
            .replace("apis.a", "apis.z")
            .replace("features.f", "features.g");
        assert_eq!(burns(&lower(&renamed)), 2, "{renamed}");
    }
    // Rows of what is gone match nothing any more: that is of this change.
    let unmatched = |head: &str| found(head).contains(&"warning usage-unmatched".to_owned());
    assert!(unmatched(&merged));
    assert!(!unmatched(&lower(&base)));
}
