//! The example of a year: built by its script, its review is the one that is committed.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use snapbox::IntoData;
use snapbox::assert::Assert;

use crate::support::repo::Repo;

fn example() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/year-in-review"
    ))
}

fn run(repo: &Repo, arguments: &[&str]) -> Output {
    repo.caplint().args(arguments).output().unwrap()
}

/// The review of a quarter, of the state that was checked out, with all usage that is known.
fn review(repo: &Repo, quarter: &str, as_of: &str, more: &[&str]) -> String {
    let mut files: Vec<String> = std::fs::read_dir(repo.path.join("usage"))
        .unwrap()
        .map(|entry| format!("usage/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    files.sort();
    let mut arguments = vec!["review", "--usage"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--quarter", quarter, "--as-of", as_of]);
    arguments.extend(more);
    let output = run(repo, &arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The repository at its last commit, with the review before beside it.
fn year() -> Option<&'static Repo> {
    static YEAR: OnceLock<Option<Repo>> = OnceLock::new();
    let year = YEAR.get_or_init(|| {
        let repo = Repo::folder();
        let built = Command::new(example().join("build"))
            .arg(&repo.path)
            .env_clear()
            .envs(repo.environment())
            .output();
        match built {
            Ok(built) => assert!(
                built.status.success(),
                "{}",
                String::from_utf8_lossy(&built.stderr)
            ),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "{error}");
                eprintln!("skipped: the example's script does not run: {error}");
                return None;
            }
        }
        let then = repo.git(&["rev-list", "-1", "--before=2026-07-02T00:00:00Z", "main"]);
        repo.git(&["checkout", "--quiet", &then]);
        let before = review(&repo, "2026-Q2", "2026-07-02", &["--json"]);
        repo.git(&["checkout", "--quiet", "main"]);
        repo.write("q2.json", before);
        Some(repo)
    });
    year.as_ref()
}

fn third(more: &[&str]) -> Option<String> {
    let more = [&["--previous", "q2.json"], more].concat();
    Some(review(year()?, "2026-Q3", "2026-10-02", &more))
}

fn json() -> Option<Value> {
    Some(serde_json::from_str(&third(&["--json"])?).unwrap())
}

#[test]
fn its_review_is_the_one_that_is_committed() {
    for (format, file) in [("markdown", "review.md"), ("html", "review.html")] {
        let Some(text) = third(&["--format", format]) else {
            return;
        };
        let committed = snapbox::Data::read_from(&example().join(file), None);
        Assert::new()
            .action_env("SNAPSHOTS")
            .eq(text.into_data().raw(), committed.raw());
    }
}

#[test]
fn the_forecast_that_was_made_is_the_table_of_the_article() {
    let Some(year) = year() else { return };
    let then = year.git(&["rev-list", "-1", "--before=2026-07-01T00:00:00Z", "main"]);
    let output = run(
        year,
        &[
            "check",
            "--rev",
            &then,
            "--as-of",
            "2026-07-01",
            "--json",
            "--exit-zero",
        ],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = report["projects"][0]["lines"].as_array().unwrap();
    let table = [
        ("features.profile-sync.calls.profile", 4_800.0),
        ("features.video-discovery.calls.posts", 19_200.0),
        ("features.watermark-removal.calls.detail", 36_000.0),
        ("features.comment-ingest.calls.comments", 9_600.0),
    ];
    for (path, credits) in table {
        let line = lines.iter().find(|line| line["path"] == path).unwrap();
        let found = line["per_day"]["credits"].as_f64().unwrap();
        assert!((found - credits).abs() < 1e-6, "{path}: {found}");
    }
    let all: f64 = lines
        .iter()
        .filter_map(|line| line["per_day"]["credits"].as_f64())
        .sum();
    assert!((all * 30.0 - 2_088_000.0).abs() < 1e-3, "{all}");
}

#[test]
fn every_number_of_its_page_is_one_of_the_json() {
    let (Some(review), Some(page)) = (json(), third(&["--format", "html"])) else {
        return;
    };
    crate::review::agree(&review, &page);
}

#[test]
fn every_cause_is_told_by_its_own_step() {
    let Some(review) = json() else { return };
    let bridges = review["projects"][0]["bridges"].as_array().unwrap();
    let credits = bridges
        .iter()
        .find(|it| it["meter"] == "apis.tiklive.credits");
    let credits = credits.unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let effect = |factor: &str| {
        let mut effects = credits["effects"].as_array().unwrap().iter();
        number(&effects.find(|it| it["factor"] == factor).unwrap()["effect"])
    };
    // A script that nobody declared took 64,000 credits on each of two days.
    assert!(
        (effect("undeclared") - 128_000.0).abs() < 1_000.0,
        "{credits}"
    );
    // Four days at 22% retries, 88 at 0.4%.
    assert!(
        (110_000.0..130_000.0).contains(&effect("retry")),
        "{credits}"
    );
    // Comments cost 22% more for 30 days.
    assert!((60_000.0..80_000.0).contains(&effect("cost")), "{credits}");
    // The tenants came nearly as they were projected.
    let forecast = number(&credits["forecast"]);
    assert!(effect("tenants").abs() < 0.05 * forecast, "{credits}");
    let merged = credits["changes"].as_array().unwrap();
    let of = |pull: u64| merged.iter().find(|it| it["pull_request"] == pull).unwrap();
    // 15 a day more for 1,200 tenants, from August 12 on.
    assert!(
        (number(&of(31)["effect"]) - 15.0 * 1200.0 * 50.0).abs() < 1.0,
        "{credits}"
    );
    let merged: f64 = merged.iter().map(|it| number(&it["effect"])).sum();
    let effects = credits["effects"].as_array().unwrap().iter();
    let effects: f64 = effects.map(|it| number(&it["effect"])).sum();
    let actual = number(&credits["actual"]);
    assert!(
        (forecast + merged + effects - actual).abs() < 1e-6 * actual,
        "{credits}"
    );
}

#[test]
fn tenants_are_named_that_cost_most_triple_or_pass_their_quota() {
    let Some(review) = json() else { return };
    let project = &review["projects"][0];
    let tenants = |list: &str| -> Vec<String> {
        let rows = project[list].as_array().unwrap().iter();
        rows.map(|row| row["tenant"].as_str().unwrap().to_owned())
            .collect()
    };
    let name = |number: u32| format!("acct-{}", 1000 + number * 37 % 4001);
    let spenders = tenants("tenants");
    assert_eq!(spenders.len(), 10);
    assert_eq!(spenders[0], name(1));
    let costs = project["tenants"].as_array().unwrap().iter();
    let costs: Vec<f64> = costs.map(|it| it["cost"].as_f64().unwrap()).collect();
    assert!(costs.is_sorted_by(|a, b| a >= b), "{costs:?}");
    assert!(tenants("tripling").iter().all(|it| *it == name(9)));
    assert!(!tenants("tripling").is_empty());
    let over = project["over_quota"].as_array().unwrap();
    assert_eq!(over[0]["tenant"], name(1));
    assert_eq!(over[0]["quota"], 400.0);
    assert!(over.iter().all(|it| it["used"].as_f64().unwrap() > 400.0));
}

#[test]
fn queues_are_over_their_target_while_the_api_fails() {
    let Some(review) = json() else { return };
    let queue = &review["projects"][0]["queues"][0];
    // Ten workers at one a second empty 3,000 in five minutes; on four days the queue was deeper
    // for six hours.
    assert_eq!(queue["scale_up_at"], 3000.0);
    assert_eq!(queue["minutes_over"], 4.0 * 6.0 * 60.0);
}

#[test]
fn earlier_decisions_are_followed() {
    let Some(review) = json() else { return };
    let previous = review["previous"].as_array().unwrap();
    let status = |id: &str| {
        let found = previous.iter().find(|it| it["id"] == id);
        found.unwrap_or_else(|| panic!("{previous:#?}"))["status"].clone()
    };
    // A larger volume was ordered, and packs are still to be bought.
    assert_eq!(status("limit-ahead:databases.main.storage"), "done");
    assert_eq!(status("purchase:apis.tiklive"), "open (2nd quarter)");
    assert_eq!(
        status("scenario-over-limit:queues.media-jobs.drain"),
        "open (2nd quarter)"
    );
    for decision in review["decisions"].as_array().unwrap() {
        for key in ["owner", "due", "evidence"] {
            assert!(decision[key].is_string(), "{decision}");
        }
    }
}
