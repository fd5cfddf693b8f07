//! The base's limits judge the head's demand, whatever either side calls things and however a limit
//! is written.

use caplint::finding::Severity;
use caplint::report::State;

use super::{change, fails, subjects};

const RULE: &str = "limit-removed";

const BASE: &str = r#"
[project]
name = "t"
[tenants]
free = { now = 1000, 90d = 1000 }
pro = { now = 10, 90d = 10 }
[scenarios.s]
tenants = 1.1
require = "report"
[apis.a]
rate_limit = ["200/min", "50000/day"]
plan = { credits = 600_000, price = 10 }
overage = { price = 1, per = 1000 }
budget = 500
lead_time = "2d"
retry_ratio = 0
[[apis.a.limits]]
id = "l"
rate = "40000/day"
endpoints = ["/e/", "/g/"]
[[apis.a.limits]]
id = "own"
rate = { free = "100/day", pro = "100/day" }
per = "tenant"
[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }
"/g/" = { credits = 1, cacheable = false }
"/h/" = { credits = 1, cacheable = false }
[models.m]
unit = "min"
price = 1.0
price_as_of = 2026-11-01
budget = 1000000
capacity = "100/min"
tenant_quota = { free = "10k/month", pro = "10k/month" }
[queues.q]
broker = "kafka"
message_size = "10KB"
partitions = 6
replay = 0
replication = 1
retention = "1d"
storage = "500GB"
price = { per = "1GB", month = 1.0 }
[costs.k]
price = 1
[budgets.g]
of = ["queues.q", "costs.k"]
budget = 100
[features.x]
spec = "capacity.toml"
owner = "o"
calls = [{ endpoint = "/e/", rate = "10/day" }, { endpoint = "/g/", rate = "1/day" }]
messages = [{ queue = "q", rate = "10/day" }]
inference = [{ model = "m", rate = "5/day", units = 1 }]
"#;

/// What takes a limit away that the larger demand breaks.
const LOOSER: [(&str, &str); 12] = [
    ("endpoints = [\"/e/\", \"/g/\"]", "endpoints = [\"/g/\"]"),
    ("rate = \"40000/day\"", "rate = \"none\""),
    ("rate = { free = \"100/day\", pro", "rate = { pro"),
    ("[\"200/min\", \"50000/day\"]", "\"200/min\""),
    ("of = [\"queues.q\", \"costs.k\"]", "of = [\"costs.k\"]"),
    ("price = 1.0\nprice_as_of = 2026-11-01\n", ""),
    ("price = 1.0\n", "price = 0.0\n"),
    ("{ free = \"10k/month\", pro", "{ pro"),
    ("price = { per = \"1GB\", month = 1.0 }\n", ""),
    (
        "overage = { price = 1, per = 1000 }",
        "overage = { price = 0, per = 1000 }",
    ),
    (
        "overage = { price = 1, per = 1000 }",
        "overage = [{ up_to = 1e12, price = 0, per = 1000 }, { price = 1, per = 1000 }]",
    ),
    ("capacity = \"100/min\"\n", ""),
];

/// What is only called otherwise.
const RENAMES: [&[(&str, &str)]; 9] = [
    &[],
    &[("apis.a", "apis.tik")],
    &[("\"/e/\"", "\"/e2/\"")],
    &[("free = ", "trial = ")],
    &[
        ("queues.q", "queues.jobs"),
        ("queue = \"q\"", "queue = \"jobs\""),
    ],
    &[
        ("models.m", "models.large"),
        ("model = \"m\"", "model = \"large\""),
    ],
    &[("budgets.g", "budgets.team")],
    &[
        ("id = \"l\"", "id = \"large\""),
        ("id = \"own\"", "id = \"each\""),
    ],
    &[("features.x", "features.y")],
];

fn replaced(text: &str, all: &[(&str, &str)]) -> String {
    all.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// The same with more demand, which breaks every limit.
fn larger(text: &str) -> String {
    let demand = [
        ("\"/e/\", rate = \"10/day\"", "\"/e/\", rate = \"200/day\""),
        ("\"q\", rate = \"10/day\"", "\"q\", rate = \"100000/day\""),
        ("\"m\", rate = \"5/day\"", "\"m\", rate = \"500/day\""),
    ];
    replaced(text, &demand)
}

#[test]
fn a_rename_takes_no_limit_along() {
    for renames in RENAMES {
        for looser in LOOSER {
            let head = |text: &str| replaced(&replaced(text, &[looser]), renames);
            let broken = change(BASE, &head(&larger(BASE)));
            let found = subjects(&broken, RULE);
            let is_error = |(_, severity): &(String, Severity)| *severity == Severity::Error;
            assert!(
                found.iter().any(is_error) && fails(&broken),
                "{renames:?} {looser:?}: {found:?}"
            );
            // The same with the demand as it is.
            let fits = change(BASE, &head(BASE));
            let found = subjects(&fits, RULE);
            assert!(
                !found.iter().any(is_error),
                "{renames:?} {looser:?}: {found:?}"
            );
            // And the other way round nothing is taken away.
            let back = change(&head(BASE), BASE);
            assert_eq!(subjects(&back, RULE), [], "{renames:?} {looser:?}");
        }
        // The same without taking anything away.
        let renamed = |text: &str| replaced(text, renames);
        let control = change(BASE, &renamed(&larger(BASE)));
        assert!(fails(&control), "{renames:?}");
        assert_eq!(subjects(&control, RULE), [], "{renames:?}");
    }
}

#[test]
fn what_says_the_same_is_no_change() {
    let spellings: [(&str, &str); 6] = [
        (
            "rate_limit = [\"200/min\", \"50000/day\"]\n",
            "limits = [{ id = \"min\", rate = \"200/min\" }, { id = \"day\", rate = \"50000/day\" }, \
             { id = \"l\", rate = \"40000/day\", endpoints = [\"/e/\", \"/g/\"] }, \
             { id = \"own\", rate = \"100/day\", per = \"tenant\" }]\n",
        ),
        (
            "capacity = \"100/min\"",
            "limits = [{ id = \"min.min\", rate = \"100/min\", counts = \"min\" }]",
        ),
        (
            "rate = { free = \"100/day\", pro = \"100/day\" }",
            "rate = \"100/day\"",
        ),
        (
            "{ free = \"10k/month\", pro = \"10k/month\" }",
            "{ all = \"10k/month\" }",
        ),
        (
            "endpoints = [\"/e/\", \"/g/\"]",
            "endpoints = [\"/e*\", \"/g*\"]",
        ),
        (
            "of = [\"queues.q\", \"costs.k\"]",
            "of = [\"queues.*\", \"costs.*\"]",
        ),
    ];
    let lists = "[[apis.a.limits]]\nid = \"l\"";
    let of_list = |text: &str| {
        let (start, rest) = text.split_once(lists).unwrap();
        let (_, end) = rest.split_once("[apis.a.endpoints]").unwrap();
        format!("{start}[apis.a.endpoints]{end}")
    };
    let spelt = spellings.map(|spelling| {
        let text = replaced(BASE, &[spelling]);
        match spelling.0.starts_with("rate_limit") {
            true => of_list(&text),
            false => text,
        }
    });
    let renamed = RENAMES.map(|renames| replaced(BASE, renames));
    for other in spelt.iter().chain(&renamed) {
        let is_renamed_line = !other.contains("\"q\", rate")
            || !other.contains("\"m\", rate")
            || !other.contains("\"/e/\", rate");
        let pairs = match is_renamed_line {
            true => vec![(BASE.to_owned(), other.clone())],
            // What exceeds its limits already is no more over them.
            false => vec![
                (BASE.to_owned(), other.clone()),
                (larger(BASE), larger(other)),
            ],
        };
        for (one, other) in pairs {
            for (base, head) in [(&one, &other), (&other, &one)] {
                let report = change(base, head);
                assert_eq!(subjects(&report, RULE), [], "{head}");
                let findings = report.projects.iter().flat_map(|it| &it.findings);
                let new = findings.filter(|it| it.state == Some(State::New));
                let new: Vec<&String> = new.map(|it| &it.message).collect();
                assert!(!fails(&report), "{new:?} {head}");
            }
        }
    }
}

#[test]
fn what_is_renamed_is_over_its_limit_as_before() {
    let base = larger(BASE);
    for renames in RENAMES {
        let report = change(&base, &replaced(&base, renames));
        for rule in [RULE, "over-limit", "quota-below-use"] {
            assert_eq!(subjects(&report, rule), [], "{renames:?}");
        }
        // What gets worse under its new name does.
        let worse = base
            .replace("500/day", "900/day")
            .replace("200/day\"", "300/day\"");
        let report = change(&base, &replaced(&worse, renames));
        assert!(!subjects(&report, "over-limit").is_empty(), "{renames:?}");
    }
}

#[test]
fn a_larger_number_under_another_name_is_raised() {
    for (from, to) in [
        (
            "id = \"l\"\nrate = \"40000",
            "id = \"large\"\nrate = \"90000",
        ),
        (
            "{ free = \"10k/month\", pro = \"10k/month\" }",
            "{ all = \"20k/month\" }",
        ),
        (
            "budgets.g]\nof = [\"queues.q\", \"costs.k\"]\nbudget = 100\n",
            "budgets.team]\nof = [\"queues.q\", \"costs.k\"]\nbudget = 200\n",
        ),
    ] {
        let report = change(BASE, &replaced(BASE, &[(from, to)]));
        assert_eq!(subjects(&report, RULE), [], "{to}");
        assert!(!subjects(&report, "limit-raised").is_empty(), "{to}");
    }
}

/// The id of a call, its endpoint, and how often a day.
type Call<'a> = (&'a str, &'a str, u32);

/// A scenario of the base that sets the rate of a line, and the calls of features.
fn setting(credits: &str, features: &[(&str, &[Call<'_>])]) -> String {
    let mut text = format!(
        "[project]\nname = \"t\"\n[tenants]\nfree = {{ now = 1000, 90d = 1000 }}\n\
         [scenarios.z]\ntenants = 1\nrequire = \"fit\"\n\
         set = {{ \"features.f.calls.c.rate\" = \"30/day\" }}\n\
         [apis.a]\nrate_limit = \"1000000/s\"\nplan = {{ credits = {credits} }}\n\
         [apis.a.endpoints]\n\"/x/\" = {{ credits = 1 }}\n\"/y/\" = {{ credits = 0.001 }}\n"
    );
    for (name, lines) in features {
        text.push_str(&format!(
            "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n"
        ));
        for (id, path, rate) in *lines {
            text.push_str(&format!(
                "[[features.{name}.calls]]\nid = \"{id}\"\nendpoint = \"{path}\"\nrate = \"{rate}/day\"\n"
            ));
        }
    }
    text
}

#[test]
fn what_a_scenario_sets_goes_with_what_the_line_used() {
    let base = setting("1_000_000", &[("f", &[("c", "/x/", 10)])]);
    for features in [
        &[("f", &[("c", "/x/", 10)][..])][..],
        // The line stays, and another one does what it did.
        &[("f", &[("c", "/y/", 1), ("k", "/x/", 10)])],
        &[("f", &[("c", "/y/", 1)]), ("g", &[("c", "/x/", 10)])],
    ] {
        assert!(!fails(&change(&base, &setting("1_000_000", features))));
        // 900,000 credits in the scenario, 300,000 today.
        let report = change(&base, &setting("600_000", features));
        let found = subjects(&report, "scenario-over-limit");
        assert_eq!(
            found,
            [("scenarios.z".to_owned(), Severity::Error)],
            "{features:?}"
        );
    }
    // A part of it is no more than that.
    let split = setting("950_000", &[("f", &[("c", "/x/", 5), ("k", "/x/", 1)])]);
    assert!(!fails(&change(&base, &split)));
}

#[test]
fn a_cost_that_falls_where_another_comes_leaves_its_budget() {
    let costs = |c: u32, d: &str| {
        format!(
            "[project]\nname = \"t\"\n[tenants]\nfree = 1\n[costs.c]\nprice = {c}\n{d}\
             [budgets.g]\nof = [\"costs.c\"]\nbudget = 2000\n"
        )
    };
    let other = |price: u32| format!("[costs.d]\nprice = {price}\n");
    let fails_with = |c, d: &str| fails(&change(&costs(1000, ""), &costs(c, d)));
    assert!(fails_with(9000, ""));
    assert!(fails_with(1, &other(9000)));
    assert!(!fails_with(1, &other(1100)));
    // One that comes beside it is none of its budget's.
    assert!(!fails_with(1000, &other(9000)));
}
