//! What is to be decided, and what becomes of it.

use std::fmt::Write as _;

use serde_json::Value;

use super::{caplint, commit_text, json};
use crate::support::repo::Repo;

/// A project whose API `a` is asked for 30,000 credits a month.
fn project(api: &str, rest: &str) -> String {
    format!(
        "[project]\nname = \"media\"\nowner = \"platform\"\n[tenants]\npro = 100\n[apis.a]\n\
         owner = \"api-team\"\n{api}\n[apis.a.endpoints]\n\
         \"/e/\" = {{ credits = 1, cacheable = false }}\n[features.f]\nowner = \"team\"\n\
         calls = [{{ endpoint = \"/e/\", rate = \"10/day\" }}]\n{rest}"
    )
}

fn plan(credits: u32) -> String {
    format!("plan = {{ credits = {credits}, price = 10 }}")
}

/// So many calls on each day of the third quarter.
fn rows(calls: u32) -> String {
    let mut rows = String::from("date,feature,line,quantity,unit\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let _ = writeln!(rows, "2026-{month:02}-{day:02},f,/e/,{calls},calls");
        }
    }
    rows
}

fn review(repo: &Repo, more: &[&str]) -> Value {
    json(&super::review(repo, &[&["--json"], more].concat()))
}

/// The review of a project, and that of what became of it by a commit in the quarter.
fn twice(before: &str, after: &str) -> (Value, Value) {
    let repo = Repo::new();
    repo.write("usage.csv", rows(1000));
    commit_text(&repo, "2026-06-01", before, "Start");
    let first = review(&repo, &[]);
    repo.write("first.json", first.to_string());
    if before != after {
        commit_text(&repo, "2026-09-01", after, "Change it");
    }
    let second = review(&repo, &["--previous", "first.json"]);
    (first, second)
}

fn ids(review: &Value) -> Vec<String> {
    let decisions = review["decisions"].as_array().unwrap().iter();
    decisions
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What has become of a decision.
#[track_caller]
fn followed(review: &Value, id: &str) -> (String, String) {
    let previous = review["previous"].as_array().unwrap();
    let found = previous.iter().find(|it| it["id"] == id);
    let found = found.unwrap_or_else(|| panic!("{id} is not in {previous:#?}"));
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    (text("status"), text("evidence"))
}

const LIMIT: &str = "limit-ahead:apis.a.credits";

#[test]
fn a_decision_is_done_where_a_change_makes_its_limit_hold() {
    let small = project(&plan(20_000), "");
    let (first, second) = twice(&small, &project(&plan(60_000), ""));
    assert!(ids(&first).contains(&LIMIT.to_owned()), "{first}");
    let (status, evidence) = followed(&second, LIMIT);
    assert_eq!(status, "done");
    assert_eq!(
        evidence,
        "`apis.a.credits` needs 30,000 of 60,000 credits/month, 50%"
    );
    assert!(!ids(&second).contains(&LIMIT.to_owned()));
    // So it is where less is asked for.
    let (_, second) = twice(&small, &small.replace("10/day", "5/day"));
    assert_eq!(followed(&second, LIMIT).0, "done");
    let (_, second) = twice(&small, &small);
    assert_eq!(followed(&second, LIMIT).0, "open (1st quarter)");
}

#[test]
fn taking_the_judge_away_decides_nothing() {
    let small = project(&plan(20_000), "");
    let growth = "[scenarios.10x]\ntenants = 10\nrequire = \"report\"\n";
    let rate = "rate_limit = \"1/min\"";
    let rearchitect = "scenario-over-limit:apis.a.rate.min";
    let drift = "calibration-drift:features.f";
    let large = project(&plan(60_000), "");
    let cases = [
        // No limit, another name, a scenario that is gone, a rule that is turned off.
        (small.clone(), project("", ""), LIMIT),
        (
            small.clone(),
            small.replace("apis.a", "apis.b"),
            "limit-ahead:apis.b.credits",
        ),
        (
            project(rate, growth),
            project(rate, &growth.replace("10x", "2x")),
            rearchitect,
        ),
        (
            large.replace("10/day", "3/day"),
            large.replace("10/day", "3/day") + "[rules]\ncalibration-drift = \"off\"\n",
            drift,
        ),
        // A waiver, and an unknown.
        (
            large.replace("10/day", "3/day"),
            large.replace("10/day", "3/day")
                + "[[waivers]]\nrule = \"calibration-drift\"\nsubject = \"features.f\"\n\
                   reason = \"later\"\nowner = \"team\"\nuntil = 2026-12-01\n",
            drift,
        ),
        (
            small.clone(),
            small.replace("\"10/day\"", "\"unknown\""),
            LIMIT,
        ),
        // A policy that lets it pass.
        (
            small.clone(),
            small.clone()
                + "[policy.limits.credits]\ntoday = { tight = \"190%\", breaks = \"200%\" }\n",
            LIMIT,
        ),
    ];
    for (before, after, id) in cases {
        let (_, second) = twice(&before, &after);
        let (status, evidence) = followed(&second, id);
        assert_eq!(status, "open (1st quarter)", "{id}: {evidence}\n{after}");
        assert!(ids(&second).contains(&id.to_owned()), "{second:#}");
    }
}

#[test]
fn a_decision_is_moot_where_what_it_is_about_ends_by_itself() {
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", &project(&plan(90_000), ""), "Start");
    repo.write("usage.csv", rows(1300));
    let first = review(&repo, &[]);
    let drift = "calibration-drift:features.f".to_owned();
    assert!(ids(&first).contains(&drift), "{first}");
    repo.write("first.json", first.to_string());
    repo.write("usage.csv", rows(1000));
    let second = review(&repo, &["--previous", "first.json"]);
    assert_eq!(followed(&second, &drift).0, "moot");
    assert!(!ids(&second).contains(&drift), "{second}");
}

/// A call a day of quarters to come, so that there is something to review.
fn later() -> String {
    let days = ["2026-08-02", "2026-11-02", "2027-02-02", "2027-05-02"];
    let rows = days.map(|day| format!("{day},f,/e/,1000,calls\n"));
    format!("date,feature,line,quantity,unit\n{}", rows.concat())
}

#[test]
fn quarters_are_counted_and_not_reviews() {
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", &project(&plan(20_000), ""), "Start");
    repo.write("usage.csv", later());
    let of = |from: &str, to: &str| {
        let window = ["--from", from, "--to", to, "--as-of", to, "--json"];
        let all = [&["review", "--usage", "usage.csv"][..], &window].concat();
        let review = json(&caplint(
            &repo,
            &[&all[..], &["--previous", "last.json"]].concat(),
        ));
        repo.write("last.json", review.to_string());
        review
    };
    repo.write("last.json", review(&repo, &[]).to_string());
    // Reviews of one quarter, and of every month, are no quarters.
    for (from, to, status) in [
        ("2026-07-01", "2026-10-01", "open (1st quarter)"),
        ("2026-07-01", "2026-10-01", "open (1st quarter)"),
        ("2026-08-01", "2026-11-01", "open (1st quarter)"),
        ("2026-09-30", "2026-12-31", "open (1st quarter)"),
        ("2026-10-01", "2027-01-01", "open (2nd quarter)"),
        ("2026-10-01", "2027-01-01", "open (2nd quarter)"),
        ("2027-01-01", "2027-04-01", "open (3rd quarter)"),
    ] {
        let last = of(from, to);
        assert_eq!(followed(&last, LIMIT).0, status, "{from}");
        let decisions = last["decisions"].as_array().unwrap();
        let own = decisions.iter().find(|it| it["id"] == LIMIT).unwrap();
        assert_eq!(own["since"], "2026-07-01");
    }
    // So they are where it stays open because nobody can tell, and what was said is not repeated.
    commit_text(&repo, "2027-01-02", &project("", ""), "Take the limit away");
    for (from, to, status) in [
        ("2027-01-01", "2027-04-01", "open (3rd quarter)"),
        ("2027-04-01", "2027-07-01", "open (4th quarter)"),
    ] {
        let last = of(from, to);
        assert_eq!(followed(&last, LIMIT).0, status);
        let decisions = last["decisions"].as_array().unwrap().iter();
        let own: Vec<&Value> = decisions.filter(|it| it["id"] == LIMIT).collect();
        assert_eq!(own.len(), 1);
        let evidence = own[0]["evidence"].as_str().unwrap();
        assert_eq!(
            evidence,
            "today, `apis.a.credits` needs 30,000 of 20,000 credits/month, 150%; now \
             `apis.a.credits` has no limit"
        );
    }
}

#[test]
fn a_limit_that_is_nearly_reached_is_watched_though_its_rule_is_silent() {
    let near = "near-limit:apis.a.credits".to_owned();
    let off = "[rules]\nnear-limit = \"off\"\n";
    let (first, _) = twice(&project(&plan(32_000), off), &project(&plan(32_000), off));
    assert!(ids(&first).contains(&near), "{first}");
    let (first, _) = twice(&project(&plan(60_000), off), &project(&plan(60_000), off));
    assert!(!ids(&first).contains(&near), "{first}");
}

/// Waivers are told that end before the next review.
#[test]
fn waivers_that_end_soon_are_told() {
    let told = |until: &str| {
        let waiver = format!(
            "[[waivers]]\nrule = \"over-limit\"\nsubject = \"apis.a.credits\"\nreason = \"later\"\n\
             owner = \"team\"\nuntil = {until}\n"
        );
        let text = project(&plan(20_000), &waiver);
        let (first, _) = twice(&text, &text);
        first["projects"][0]["waivers"].as_array().unwrap().len()
    };
    // 90 days after 2026-10-05.
    assert_eq!(
        ["2026-10-05", "2027-01-03", "2027-01-04"].map(told),
        [1, 1, 0]
    );
}

/// A scenario may have the name of tenfold growth and be something else.
#[test]
fn evidence_says_what_the_scenario_is() {
    let evidence = |tenants: u32| {
        let growth = format!("[scenarios.10x]\ntenants = {tenants}\nrequire = \"report\"\n");
        let (first, _) = twice(
            &project("rate_limit = \"1/min\"", &growth),
            &project("rate_limit = \"1/min\"", &growth),
        );
        let decisions = first["decisions"].as_array().unwrap().iter();
        let mut own = decisions.filter(|it| it["kind"] == "rearchitect");
        own.next().unwrap()["evidence"].as_str().unwrap().to_owned()
    };
    assert!(evidence(10).starts_with("with ten times the tenants, `apis.a.rate.min` needs "));
    assert!(evidence(12).starts_with("in `10x`, `apis.a.rate.min` needs "));
}

#[test]
fn a_decision_that_got_worse_is_not_done() {
    // Another finding may speak for it: the limit is still nearly reached.
    let (first, second) = twice(
        &project(&plan(32_000), ""),
        &project(
            &plan(31_000),
            "[policy.limits]\ncredits = { tight = 0.99 }\n",
        ),
    );
    let near = "near-limit:apis.a.credits";
    assert!(ids(&first).contains(&near.to_owned()), "{first}");
    let (status, evidence) = followed(&second, near);
    assert_eq!(status, "open (1st quarter)", "{evidence}");
}

#[test]
fn a_disk_that_fills_in_the_next_90_days_is_decided_on() {
    let first = |storage: &str| {
        let text = project(
            "",
            &format!(
                "[databases.d]\nengine = \"postgres\"\nstorage = \"{storage}\"\n[tables.t]\ndatabase = \"d\"\nkind = \"event\"\nrow_size = \"1GB\"\nretention = \"1y\"\n[[features.f.writes]]\ntable = \"t\"\nrate = \"0.01/day\"\n"
            ),
        );
        let repo = Repo::new();
        repo.write("usage.csv", rows(1000));
        commit_text(&repo, "2026-06-01", &text, "Start");
        let review = review(&repo, &[]);
        let decisions = review["decisions"].as_array().unwrap().clone();
        let mut all = decisions.into_iter();
        all.find(|it| it["id"] == "limit-ahead:databases.d.storage")
    };
    // 1 GB a day, and a tenth of the disk stays free: full on days 90 and 91.
    assert!(first("99GB").is_some());
    assert_eq!(first("100GB"), None);
}

#[test]
fn one_decision_buys_for_all_months_and_keeps_its_id() {
    let packs = "packs = [{ name = \"p\", credits = 10_000, price = 9 }]\nlead_time = \"14d\"";
    let text = project(packs, "");
    let (first, second) = twice(&text, &text);
    let decisions = first["decisions"].as_array().unwrap().iter();
    let buys: Vec<&Value> = decisions
        .filter(|it| it["id"].as_str().unwrap().starts_with("purchase:"))
        .collect();
    assert_eq!(buys.len(), 1, "{first}");
    assert_eq!(buys[0]["id"], "purchase:apis.a");
    assert_eq!(buys[0]["owner"], "api-team");
    // The first of November less 14 days.
    assert_eq!(buys[0]["due"], "2026-10-18");
    let evidence = buys[0]["evidence"].as_str().unwrap();
    for month in ["2026-11", "2026-12", "2027-01"] {
        assert!(
            evidence.contains(&format!("{month} needs 3 × `p` for 27.00 USD")),
            "{evidence}"
        );
    }
    assert_eq!(followed(&second, "purchase:apis.a").0, "open (1st quarter)");
    let (_, bought) = twice(&text, &project(&format!("{packs}\n{}", plan(60_000)), ""));
    assert_eq!(followed(&bought, "purchase:apis.a").0, "done");
}

#[test]
fn what_no_packs_cover_is_told_by_how_much() {
    let packs = "packs = [{ name = \"p\", credits = 10_000, price = 9, max = 2 }]\nbudget = 40";
    let text = project(packs, "");
    let (first, _) = twice(&text, &text);
    let evidence = |id: &str| {
        let mut decisions = first["decisions"].as_array().unwrap().iter();
        let found = decisions.find(|it| it["id"] == id);
        let found = found.unwrap_or_else(|| panic!("{first}"));
        found["evidence"].as_str().unwrap().to_owned()
    };
    let short = "2026-11 runs short by 10,000 credits, even with 2 × `p` for 18.00 USD";
    assert!(evidence("purchase:apis.a").starts_with(short));
    assert_eq!(
        evidence("limit-ahead:apis.a.spend"),
        "today, `apis.a.spend` needs more credits than all packs have"
    );
    let repo = Repo::new();
    repo.write("usage.csv", rows(1000));
    commit_text(&repo, "2026-06-01", &text, "Start");
    let page = super::review(&repo, &[]);
    let page = String::from_utf8(page.stdout).unwrap();
    let short = "- `apis.a`: 2026-11 to 2027-01 each run short by 10,000 credits, even with all packs that can be bought.";
    assert!(page.contains(short), "{page}");
}

#[test]
fn another_project_changes_no_id() {
    let repo = Repo::new();
    repo.write("usage.csv", rows(1000));
    let text = project(&plan(20_000), "");
    repo.write("media/capacity.toml", &text);
    repo.commit("Start");
    let first = review(&repo, &[]);
    repo.write("first.json", first.to_string());
    repo.write("other/capacity.toml", text.replace("media", "other"));
    let second = review(&repo, &["--previous", "first.json", "--sum-files"]);
    let previous = second["previous"].as_array().unwrap().iter();
    let open = previous.filter(|it| it["status"] == "open (1st quarter)");
    assert_eq!(
        open.count(),
        first["decisions"].as_array().unwrap().len(),
        "{second:#}"
    );
}
