//! `review`: a quarter made by the tests, told in every format.

mod decisions;
mod measured;

use std::fmt::Write as _;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::repo::Repo;

fn caplint(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint().args(arguments).output().unwrap()
}

fn commit(repo: &Repo, day: &str, rate: u32, subject: &str) {
    let text = format!(
        "[project]\nname = \"media\"\nowner = \"platform\"\n[tenants]\npro = 100\n[apis.a]\n\
         plan = {{ credits = 100_000, price = 10 }}\n[apis.a.endpoints]\n\
         \"/e/\" = {{ credits = 1, cacheable = false }}\n[features.f]\nowner = \"team\"\n\
         calls = [{{ endpoint = \"/e/\", rate = \"{rate}/day\" }}]\n"
    );
    commit_text(repo, day, &text, subject);
}

fn commit_text(repo: &Repo, day: &str, text: &str, subject: &str) {
    repo.write("capacity.toml", text);
    repo.git(&["add", "--all"]);
    let made = Command::new("git")
        .args(["commit", "--quiet", "-m", subject])
        .env_clear()
        .envs(repo.environment())
        .env("GIT_COMMITTER_DATE", format!("{day}T12:00:00Z"))
        .current_dir(&repo.path)
        .status();
    assert!(made.unwrap().success());
}

/// A rate of 10 a day, of 20 from August 15 on; 12 and 24 are measured.
fn quarter() -> Repo {
    let repo = Repo::new();
    commit(&repo, "2026-06-01", 10, "Start");
    commit(&repo, "2026-08-15", 20, "Double it (#7)");
    let mut rows = String::from("date,feature,line,quantity,unit\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let is_late = month == 9 || (month == 8 && day >= 15);
            let credits = if is_late { 2400 } else { 1200 };
            for unit in ["calls", "credits"] {
                let _ = writeln!(rows, "2026-{month:02}-{day:02},f,/e/,{credits},{unit}");
            }
        }
    }
    repo.write("usage.csv", rows);
    repo
}

fn review(repo: &Repo, more: &[&str]) -> Output {
    let arguments = [
        "review",
        "--usage",
        "usage.csv",
        "--quarter",
        "2026-Q3",
        "--as-of",
        "2026-10-05",
    ];
    caplint(repo, &[&arguments[..], more].concat())
}

fn json(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn is_near(value: &Value, expected: f64) -> bool {
    (value.as_f64().unwrap() - expected).abs() < 1e-6 * expected.abs().max(1.0)
}

#[test]
fn the_forecast_that_was_made_is_led_to_what_was_measured() {
    let review = json(&review(&quarter(), &["--json"]));
    let bridge = &review["projects"][0]["bridges"][0];
    assert_eq!(bridge["meter"], "apis.a.credits");
    // 92 days at 10; 47 of them 10 more by the change that was merged.
    assert!(is_near(&bridge["forecast"], 92.0 * 1000.0), "{bridge}");
    let change = &bridge["changes"][0];
    assert_eq!(change["pull_request"], 7);
    assert!(is_near(&change["effect"], 47.0 * 1000.0), "{bridge}");
    assert!(
        is_near(&bridge["actual"], 45.0 * 1200.0 + 47.0 * 2400.0),
        "{bridge}"
    );
    let effects = bridge["effects"].as_array().unwrap().iter();
    let effects: f64 = effects.map(|it| it["effect"].as_f64().unwrap()).sum();
    let moved = bridge["actual"].as_f64().unwrap() - 139_000.0;
    assert!((effects - moved).abs() < 1e-6, "{bridge}");
    let effect = |factor: &str| {
        let mut effects = bridge["effects"].as_array().unwrap().iter();
        effects.find(|it| it["factor"] == factor).unwrap()["effect"].clone()
    };
    assert!(effect("tenants").as_f64().unwrap().abs() < 1e-6, "{bridge}");
    assert!(is_near(&effect("rate"), 27_800.0), "{bridge}");
    // The feature is judged by what was forecast before the quarter.
    let line = &review["projects"][0]["features"][0];
    assert!(is_near(&line["forecast"], 92_000.0), "{line}");
    assert!(
        is_near(&line["bias"], (91.0 * 1000.0 - 165_600.0) / 165_600.0),
        "{line}"
    );
}

#[test]
fn decisions_are_followed_from_one_review_to_the_next() {
    let repo = quarter();
    let first = review(&repo, &["--json"]);
    repo.write("first.json", &first.stdout);
    let first = json(&first);
    let decisions = first["decisions"].as_array().unwrap();
    assert!(!decisions.is_empty(), "{first}");
    assert!(decisions.iter().all(|it| it["status"] == "new"), "{first}");
    let second = json(&review(&repo, &["--json", "--previous", "first.json"]));
    let previous = second["previous"].as_array().unwrap();
    assert_eq!(previous.len(), decisions.len());
    let is_open = |it: &Value| it["status"] == "open (1st quarter)";
    assert!(previous.iter().all(is_open), "{second}");
    let wrong = review(&repo, &["--previous", "usage.csv"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn without_usage_there_is_nothing_to_review() {
    let repo = quarter();
    repo.write("usage.csv", "date,feature,line,quantity,unit\n");
    assert_eq!(review(&repo, &[]).status.code(), Some(2));
}

#[test]
fn every_number_of_the_page_is_one_of_the_json() {
    let repo = quarter();
    let all = json(&review(&repo, &["--json"]));
    let page = String::from_utf8(review(&repo, &["--format", "html"]).stdout).unwrap();
    agree(&all, &page);
    assert!(
        !page.contains("<script") && !page.contains("http://"),
        "{page}"
    );
    let markdown = String::from_utf8(review(&repo, &[]).stdout).unwrap();
    for part in [
        "## Decisions",
        "## From forecast to actual",
        "## Purchases and cash",
    ] {
        assert!(markdown.contains(part), "{markdown}");
    }
}

/// Holds every number in a page's tables against the JSON of the same review.
pub fn agree(all: &Value, page: &str) {
    let mut numbers = Vec::new();
    collect(all, &mut numbers);
    let is_number = |cell: &&str| {
        let attributes = cell.split('>').next().unwrap_or_default();
        attributes.contains("class=\"number\"")
    };
    let cells: Vec<&str> = page.split("<td ").skip(1).filter(is_number).collect();
    assert!(cells.len() >= 8, "{page}");
    // Of figures with a unit the shown text.
    let mut shown = Vec::new();
    for project in all["projects"].as_array().unwrap() {
        for scenario in project["scenarios"].as_array().unwrap() {
            let of = |key: &str| scenario[key].as_f64();
            let (unit, currency) = (&scenario["unit"], &project["currency"]);
            shown.extend(caplint::words::number::row(
                [of("demand"), of("limit")],
                unit.as_str().unwrap(),
                currency.as_str().unwrap(),
            ));
        }
    }
    for cell in cells {
        let (attributes, rest) = cell.split_once('>').unwrap();
        let text = rest.split_once("</td>").unwrap().0;
        match attributes.split_once("data-value=\"") {
            _ if shown.contains(&text.to_owned()) => {}
            Some((_, value)) => {
                let value: f64 = value.split('"').next().unwrap().parse().unwrap();
                let is_known = numbers.contains(&value);
                assert!(is_known, "{text} ({value}) is not in the JSON");
            }
            None => {
                let text = text.replace("&gt;", ">").replace("&lt;", "<");
                assert!(
                    text == "∞" || text == "–" || shown.contains(&text),
                    "{text} is not in the JSON"
                );
            }
        }
    }
}

fn collect(value: &Value, into: &mut Vec<f64>) {
    match value {
        Value::Number(number) => {
            assert_ne!(number.to_string(), "-0.0");
            into.extend(number.as_f64());
        }
        // Money, and as it is shown: to the cent.
        Value::String(text) => {
            if let Ok(money) = text.parse::<rust_decimal::Decimal>() {
                let both = [money, money.round_dp(2)];
                into.extend(both.map(|it| it.to_string().parse::<f64>().unwrap()));
            }
        }
        Value::Array(all) => all.iter().for_each(|it| collect(it, into)),
        Value::Object(all) => all.values().for_each(|it| collect(it, into)),
        _ => {}
    }
}

#[test]
fn days_without_rows_are_named() {
    let repo = quarter();
    let whole = json(&review(&repo, &["--json"]));
    let told = |review: &Value| {
        let notes = review["notes"].as_array().unwrap().iter();
        let mut notes = notes.map(|it| it.as_str().unwrap().to_owned());
        let note = notes.find(|it| it.starts_with("No rows of"));
        (
            note,
            review["summary"][0].as_str().unwrap().contains(" days"),
        )
    };
    assert_eq!(told(&whole), (None, false));
    assert_eq!(whole["projects"][0]["bridges"][0]["days"], 92);
    // Without September, and without a day of July.
    let rows = std::fs::read_to_string(repo.path.join("usage.csv")).unwrap();
    let rows = rows.lines();
    let rows = rows.filter(|row| !row.starts_with("2026-09") && !row.starts_with("2026-07-14"));
    let rows: Vec<&str> = rows.collect();
    repo.write("usage.csv", rows.join("\n"));
    let part = json(&review(&repo, &["--json"]));
    let bridge = &part["projects"][0]["bridges"][0];
    assert_eq!(bridge["days"], 61);
    let named = "No rows of `apis.a.credits` on 31 of 92 days (2026-07-14, 2026-09-01 to \
        2026-09-30): they count neither as forecast nor as measured.";
    assert_eq!(told(&part), (Some(named.to_owned()), true));
    assert!(is_near(&bridge["forecast"], 61.0 * 1000.0), "{bridge}");
    assert!(is_near(&bridge["actual"], 44.0 * 1200.0 + 17.0 * 2400.0));
    let page = String::from_utf8(review(&repo, &["--format", "markdown"]).stdout).unwrap();
    assert!(page.contains("forecast on 61 of 92 days"), "{page}");
}
