//! What was measured, and what of it is told.

use std::fmt::Write as _;

use serde_json::Value;

use super::{caplint, commit_text, json, quarter, review};
use crate::support::repo::Repo;

const MODEL: &str = "[project]\nname = \"media\"\nowner = \"platform\"\n[tenants]\npro = 10\n\
    [models.m]\nunit = \"token\"\nprice = 0.01\nbudget = 500\ntenant_quota = { pro = \"1000/month\" }\n\
    [features.f]\nowner = \"team\"\ninference = [{ id = \"run\", model = \"m\", rate = \"1/day\", units = 10 }]\n\
    [queues.q]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\nretention = \"4d\"\ndrain = \"5m\"\n\
    workers = { count = 10, rate = \"1/s\" }\n";

fn measured(rows: &str) -> Value {
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", MODEL, "Start");
    let head = "date,until,subject,unit,quantity,tenant,tier,cost\n";
    repo.write("usage.csv", format!("{head}{rows}"));
    json(&review(&repo, &["--json"]))["projects"][0].clone()
}

fn tokens(day: &str, until: &str, tenant: &str, tokens: u32) -> String {
    let cost = f64::from(tokens) / 100.0;
    format!("{day},{until},features.f.inference.run,token,{tokens},{tenant},pro,{cost}\n")
}

#[test]
fn tenants_that_cost_most_are_named_with_their_share() {
    let mut rows = String::new();
    for number in 1..=12 {
        rows += &tokens("2026-07-10", "", &format!("t{number:02}"), number * 10);
    }
    // Before the first day.
    rows += &tokens("2026-06-30", "", "t01", 100_000);
    let project = measured(&rows);
    let tenants = project["tenants"].as_array().unwrap();
    let names: Vec<&str> = tenants
        .iter()
        .map(|it| it["tenant"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (3..=12)
        .rev()
        .map(|number| format!("t{number:02}"))
        .collect();
    assert_eq!(names, expected);
    // 1.20 of 7.80.
    assert!((tenants[0]["cost"].as_f64().unwrap() - 1.2).abs() < 1e-9);
    assert!((tenants[0]["share"].as_f64().unwrap() - 12.0 / 78.0).abs() < 1e-9);
    let spend = &project["spend"][0];
    assert_eq!(spend["month"], "2026-07");
    assert!((spend["cost"].as_f64().unwrap() - 7.8).abs() < 1e-9);
    assert_eq!(spend["budget"], 500.0);
}

#[test]
fn tenants_triple_from_three_times_and_a_hundredth_on() {
    // The last 30 days begin on September 1, those before on August 2.
    let mut rows = String::new();
    for (tenant, before, last) in [
        ("thrice", 100, 300),
        ("less", 100, 299),
        ("small", 1, 9),
        ("hundredth", 3, 12),
        ("new", 0, 580),
    ] {
        if before > 0 {
            rows += &tokens("2026-08-02", "", tenant, before);
        }
        rows += &tokens("2026-09-01", "", tenant, last);
        // Neither of both.
        rows += &tokens("2026-08-01", "", tenant, 1000);
    }
    let project = measured(&rows);
    let rows = project["tripling"].as_array().unwrap().iter();
    let rows = rows.filter(|it| it["unit"] == "token");
    let names: Vec<&str> = rows.map(|it| it["tenant"].as_str().unwrap()).collect();
    // 12 of 1,200 are a hundredth, 9 are less; what is new has not tripled.
    assert_eq!(names, ["thrice", "hundredth"]);
}

#[test]
fn tenants_over_their_quota_are_told_with_the_month() {
    let mut rows = tokens("2026-07-03", "", "over", 600) + &tokens("2026-07-30", "", "over", 500);
    // As much, but in two months; and not a bit more than the quota.
    rows += &(tokens("2026-07-30", "", "two", 600) + &tokens("2026-08-01", "", "two", 500));
    rows += &tokens("2026-08-05", "", "exact", 1000);
    let project = measured(&rows);
    let over = project["over_quota"].as_array().unwrap();
    assert_eq!(over.len(), 1, "{over:?}");
    assert_eq!(over[0]["tenant"], "over");
    assert_eq!(over[0]["used"], 1100.0);
    assert_eq!(over[0]["quota"], 1000.0);
    assert_eq!(over[0]["when"], "in 2026-07");
}

#[test]
fn minutes_over_the_target_are_those_of_samples() {
    let mut rows = String::new();
    let mut sample = |hour: u32, minute: u32, depth: u32| {
        let _ = writeln!(
            rows,
            "2026-07-01T{hour:02}:{minute:02}:00Z,,queues.q,depth,{depth},,,"
        );
    };
    // Ten workers at one a second empty 3,000 in five minutes. Every ten minutes a sample, and one
    // hour without.
    for (minute, depth) in [
        (0, 0),
        (10, 3000),
        (20, 3001),
        (30, 9000),
        (40, 10),
        (50, 4000),
    ] {
        sample(8, minute, depth);
    }
    sample(10, 0, 5);
    let project = measured(&rows);
    let queue = &project["queues"][0];
    assert_eq!(queue["scale_up_at"], 3000.0);
    assert_eq!(queue["minutes_over"], 30.0, "{queue}");
    assert_eq!(queue["max"], 9000.0);
    // Nobody declared how deep it is.
    assert_eq!(queue["declared"], Value::Null);
}

#[test]
fn a_count_of_tenants_late_in_the_quarter_is_no_change_of_rates() {
    // 1,000 a day are forecast with 100 tenants; 120 were there, and each did what was declared.
    let repo = Repo::new();
    let text = |tenants: u32| {
        format!(
            "[project]\nname = \"media\"\n[tenants]\npro = {tenants}\n[apis.a]\n\
             plan = {{ credits = 100_000, price = 10 }}\n[apis.a.endpoints]\n\
             \"/e/\" = {{ credits = 1, cacheable = false }}\n[features.f]\n\
             calls = [{{ endpoint = \"/e/\", rate = \"10/day\" }}]\n"
        )
    };
    commit_text(&repo, "2026-06-01", &text(100), "Start");
    commit_text(&repo, "2026-09-29", &text(120), "Count tenants");
    let mut rows = String::from("date,subject,unit,quantity\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let date = format!("2026-{month:02}-{day:02}");
            let _ = writeln!(rows, "{date},tenants.pro,count,120");
            for unit in ["calls", "credits", "occurrences"] {
                let _ = writeln!(rows, "{date},features.f.calls.\"/e/\",{unit},1200");
            }
        }
    }
    repo.write("usage.csv", rows.replace("\"/e/\"", "'/e/'"));
    let bridge = json(&review(&repo, &["--json"]))["projects"][0]["bridges"][0].clone();
    let effect = |factor: &str| {
        let mut effects = bridge["effects"].as_array().unwrap().iter();
        let found = effects.find(|it| it["factor"] == factor);
        found.map_or(0.0, |it| it["effect"].as_f64().unwrap())
    };
    assert!(
        (bridge["forecast"].as_f64().unwrap() - 92_000.0).abs() < 1e-6,
        "{bridge}"
    );
    assert!(effect("rate").abs() < 1e-6, "{bridge}");
    // 200 a day on 90 days; on the last two they had been counted.
    assert!((effect("tenants") - 18_000.0).abs() < 1e-6, "{bridge}");
    let change = bridge["changes"][0]["effect"].as_f64().unwrap();
    assert!((change - 400.0).abs() < 1e-6, "{bridge}");
}

#[test]
fn committed_usage_is_enough() {
    let repo = quarter();
    let text = std::fs::read_to_string(repo.path.join("capacity.toml")).unwrap();
    repo.write(
        "capacity.toml",
        format!("{text}[usage]\nfiles = [\"usage.csv\"]\n"),
    );
    let arguments = [
        "review",
        "--quarter",
        "2026-Q3",
        "--as-of",
        "2026-10-05",
        "--json",
    ];
    let all = json(&caplint(&repo, &arguments));
    assert_eq!(all["usage"]["rows"], 184);
    assert_eq!(all["usage"]["unmatched"].as_array().unwrap().len(), 0);
}

#[test]
fn rows_of_other_days_are_nothing_to_review() {
    let repo = quarter();
    let arguments = [
        "review",
        "--usage",
        "usage.csv",
        "--quarter",
        "2026-Q1",
        "--as-of",
        "2026-10-05",
    ];
    let output = caplint(&repo, &arguments);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("2026-01-01 to 2026-03-31"), "{told}");
}

/// A project with these features before August 20, and with those from then on.
fn changed(before: &str, after: &str) -> Repo {
    let text = |lines: &str| {
        format!(
            "[project]\nname = \"media\"\n[tenants]\npro = 100\n[apis.a]\n\
             plan = {{ credits = 900_000, price = 10 }}\n[apis.a.endpoints]\n\
             \"/e/\" = {{ credits = 1, cacheable = false }}\n{lines}"
        )
    };
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", &text(before), "Start");
    commit_text(&repo, "2026-08-20", &text(after), "Change it (#3)");
    repo
}

/// A feature that asks for 1,000 credits a day.
fn feature(name: &str) -> String {
    format!(
        "[features.{name}]\ncalls = [{{ id = \"c\", endpoint = \"/e/\", rate = \"10/day\" }}]\n"
    )
}

/// A bridge of a quarter in which usage follows what was declared on each day.
fn followed(before: &str, after: &str) -> Value {
    let repo = changed(before, after);
    let mut rows = String::from("date,feature,line,quantity,unit\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let lines = if (month, day) < (8, 20) {
                before
            } else {
                after
            };
            for name in ["f", "g"] {
                if lines.contains(&format!("features.{name}")) {
                    let _ = writeln!(rows, "2026-{month:02}-{day:02},{name},c,1000,credits");
                }
            }
        }
    }
    repo.write("usage.csv", rows);
    json(&review(&repo, &["--json"]))["projects"][0]["bridges"][0].clone()
}

/// `f` was renamed to `g` on August 20: what still says `f` on later days counts nowhere, and is
/// told. A row of all August says something of days on which `f` was declared.
#[test]
fn rows_count_by_the_name_that_was_declared_on_their_day() {
    let review_of = |late: &str, more: &str| {
        let repo = changed(&feature("f"), &feature("g"));
        let mut rows = String::from("date,until,feature,line,quantity,unit\n");
        for (month, days) in [(7, 31), (8, 31), (9, 30)] {
            for day in 1..=days {
                let date = format!("2026-{month:02}-{day:02}");
                let name = if *date < *late { "f" } else { "g" };
                let _ = writeln!(rows, "{date},,{name},c,1000,credits");
            }
        }
        repo.write("usage.csv", rows + more);
        json(&review(&repo, &["--json"]))
    };
    let usage = |matched: u32, unmatched: Value| {
        let rows = 92 + u32::from(matched == 93);
        serde_json::json!({ "rows": rows, "matched": matched, "outside": 0, "unmatched": unmatched })
    };
    let on_time = review_of("2026-08-20", "");
    assert_eq!(on_time["usage"], usage(92, Value::Array(Vec::new())));
    let late = review_of("2026-08-23", "");
    let unmatched = serde_json::json!([{
        "subject": "features.f.c", "unit": "credits", "rows": 3, "quantity": 3000.0,
        "file": "usage.csv", "line": 52,
    }]);
    assert_eq!(late["usage"], usage(89, unmatched));
    let bridge = &late["projects"][0]["bridges"][0];
    assert_eq!(bridge["actual"], 89_000.0);
    let monthly = review_of("2026-08-20", "2026-08-01,2026-08-31,f,c,31,calls\n");
    assert_eq!(monthly["usage"], usage(93, Value::Array(Vec::new())));
}

#[test]
fn features_that_come_and_go_are_changes_alone() {
    let (one, two) = (feature("f"), feature("f") + &feature("g"));
    // 92 days, the last 42 of them after the change.
    for (before, after, made, change) in [
        (&one, &two, 92_000.0, 42_000.0),
        (&two, &one, 184_000.0, -42_000.0),
    ] {
        let bridge = followed(before, after);
        assert_eq!(bridge["forecast"], made, "{bridge}");
        assert_eq!(bridge["changes"][0]["effect"], change, "{bridge}");
        assert_eq!(bridge["actual"], made + change, "{bridge}");
        for effect in bridge["effects"].as_array().unwrap() {
            assert_eq!(effect["effect"], 0.0, "{bridge}");
        }
    }
}

/// Where a model's price falls with what all runs use, its lines have no cost of their own: what
/// they come to together is led from forecast to actual.
#[test]
fn graduated_prices_are_led_to_what_was_paid() {
    let model = |rate: u32| {
        format!(
            "[project]\nname = \"media\"\nowner = \"platform\"\n[tenants]\npro = 100\n[models.m]\n\
             unit = \"minute\"\nprice = [{{ up_to = 1000, price = 0.02 }}, {{ price = 0.01 }}]\nbudget = 900\n\
             [features.f]\nowner = \"team\"\n\
             inference = [{{ id = \"run\", model = \"m\", rate = \"{rate}/day\", units = 1 }}]\n"
        )
    };
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", &model(10), "Start");
    commit_text(&repo, "2026-08-15", &model(20), "Double it (#7)");
    // 30,000 minutes a month cost 310, 60,000 cost 610.
    let mut rows = String::from("date,subject,unit,quantity\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let is_late = month == 9 || (month == 8 && day >= 15);
            let (runs, cost) = if is_late {
                (2000, 610.0)
            } else {
                (1000, 310.0)
            };
            let date = format!("2026-{month:02}-{day:02}");
            let _ = writeln!(rows, "{date},features.f.inference.run,requests,{runs}");
            let _ = writeln!(rows, "{date},features.f.inference.run,cost,{}", cost / 30.0);
            let _ = writeln!(rows, "{date},tenants.pro,count,100");
        }
    }
    repo.write("usage.csv", rows);
    let project = json(&review(&repo, &["--json"]))["projects"][0].clone();
    let bridge = &project["bridges"][0];
    assert_eq!(bridge["meter"], "models.m.spend");
    let near = |value: &Value, expected: f64| {
        let value = value.as_f64().unwrap();
        assert!(
            (value - expected).abs() < 1e-6,
            "{value}, not {expected}: {bridge:#}"
        );
    };
    near(&bridge["forecast"], 92.0 * 310.0 / 30.0);
    assert_eq!(bridge["changes"].as_array().unwrap().len(), 1);
    near(&bridge["changes"][0]["effect"], 47.0 * 10.0);
    near(&bridge["actual"], 92.0 * 310.0 / 30.0 + 470.0);
    for effect in bridge["effects"].as_array().unwrap() {
        near(&effect["effect"], 0.0);
    }
}

#[test]
fn shares_are_of_all_use_and_not_of_what_names_a_tenant() {
    // 92 of 920 are z's, by the model's own rows and by those of its line.
    for subject in ["models.m", "features.f.inference.run"] {
        let mut rows = String::new();
        for day in 1..=30 {
            let month = 9;
            rows += &format!("2026-{month:02}-{day:02},,{subject},token,900,,,9\n");
            rows += &format!("2026-{month:02}-{day:02},,{subject},token,100,z,pro,1\n");
        }
        let project = measured(&rows);
        let tenants = project["tenants"].as_array().unwrap();
        assert_eq!(tenants.len(), 1, "{subject}");
        assert!((tenants[0]["cost"].as_f64().unwrap() - 30.0).abs() < 1e-9);
        assert!(
            (tenants[0]["share"].as_f64().unwrap() - 0.1).abs() < 1e-9,
            "{tenants:?}"
        );
    }
    // 4 of 10,004 are less than a hundredth, whoever the rest is.
    let tripled = |rest: u32| {
        let mut rows = tokens("2026-08-02", "", "tiny", 1);
        rows += &tokens("2026-09-01", "", "tiny", 4);
        rows += &tokens("2026-09-01", "", "", rest);
        measured(&rows)["tripling"].as_array().unwrap().len()
    };
    assert_eq!((tripled(10_000), tripled(100)), (0, 2));
}

#[test]
fn rows_under_an_old_name_count_once_and_everywhere() {
    let text = |names: &[&str]| {
        let features = names.iter().map(|name| {
            format!("[features.{name}]\ncalls = [{{ id = \"x\", endpoint = \"/e/\", rate = \"10/day\" }}]\n")
        });
        format!(
            "[project]\nname = \"r\"\n[tenants]\npro = 100\n[apis.a]\nplan = {{ credits = 100_000 }}\n\
             endpoints.\"/e/\" = {{ credits = 1, cacheable = false }}\n{}",
            features.collect::<String>()
        )
    };
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", &text(&["old", "gone"]), "Start");
    commit_text(
        &repo,
        "2026-08-15",
        &text(&["new"]),
        "Rename one, remove one (#7)",
    );
    let mut rows = String::from("date,feature,line,quantity,unit\n");
    for (month, days) in [(7, 31), (8, 31), (9, 30)] {
        for day in 1..=days {
            let is_before = (month, day) < (8, 15);
            for name in if is_before {
                &["old", "gone"][..]
            } else {
                &["new"]
            } {
                let _ = writeln!(rows, "2026-{month:02}-{day:02},{name},x,1000,calls");
            }
        }
    }
    repo.write("usage.csv", &rows);
    let told = json(&review(&repo, &["--json"]));
    assert_eq!(told["usage"]["unmatched"], serde_json::json!([]));
    assert_eq!(told["usage"]["matched"], 45 * 2 + 47);
    let lines = told["projects"][0]["features"].as_array().unwrap().iter();
    let days: Vec<(&str, u64)> = lines
        .map(|it| {
            (
                it["feature"].as_str().unwrap(),
                it["days"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(days, [("new", 47), ("gone", 45), ("old", 45)]);
    // A name that nobody ever declared matches nothing.
    repo.write("usage.csv", format!("{rows}2026-07-01,never,x,5,calls\n"));
    let told = json(&review(&repo, &["--json"]));
    assert_eq!(told["usage"]["unmatched"][0]["rows"], 1);
}

#[test]
fn a_model_whose_cost_was_not_measured_is_named() {
    let repo = Repo::new();
    commit_text(&repo, "2026-06-01", MODEL, "Start");
    let note = |rows: &str| {
        repo.write("usage.csv", format!("date,subject,unit,quantity\n{rows}"));
        json(&review(&repo, &["--json"]))["notes"].to_string()
    };
    let runs = "2026-07-10,features.f.inference.run,requests,10\n";
    let said =
        "No cost of the model `m` was measured: at its declared prices, what was used is 1.00 USD";
    let told = note(runs);
    assert!(told.contains(said), "{told}");
    let told = note(&format!(
        "{runs}2026-07-10,features.f.inference.run,cost,3\n"
    ));
    assert!(!told.contains("No cost of the model"), "{told}");
}
