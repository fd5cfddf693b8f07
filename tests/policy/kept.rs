//! What is renamed keeps what was said of it, and gets nothing that was said of others; what a limit
//! needs is part of it.

use caplint::finding::Severity;

use super::{ROOT, change, fails, feature, new_of, subjects};

const RULE: &str = "limit-removed";

const WAIVER: &str = "[[waivers]]\nrule = \"over-limit\"\nsubject = \"SUBJECT\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-06-30\n";

fn waived(subject: &str, api: &str, rate: &str) -> String {
    let root = ROOT
        .replace("apis.a", &format!("apis.{api}"))
        .replace("credits = \"20%\"", "");
    format!(
        "{root}{}{}",
        WAIVER.replace("SUBJECT", subject),
        feature("x", rate)
    )
}

#[test]
fn a_rename_gets_no_waiver_and_loses_none() {
    let subject = "apis.old-*";
    let base = waived(subject, "a", "10/day");
    assert!(fails(&change(&base, &waived(subject, "a", "100/day"))));
    assert!(fails(&change(&base, &waived(subject, "old-a", "100/day"))));
    // One that is over, and waived as it was.
    let base = waived("apis.a.credits", "a", "100/day");
    for subject in ["apis.a.credits", "apis.z.credits"] {
        let report = change(&base, &waived(subject, "z", "100/day"));
        assert!(!fails(&report), "{subject}");
        assert!(new_of(&report, "policy-loosened").is_empty(), "{subject}");
    }
}

#[test]
fn a_rename_makes_no_allow_count() {
    let table = |name: &str, size: &str, allow: &str| {
        format!(
            "[tenants]\na = 1000\n[databases.d]\nengine = \"postgres\"\nstorage = \"none\"\nwrites = \"none\"\n\
             [tables.{name}]\nkind = \"event\"\nrow_size = \"{size}\"\nretention = \"1y\"\nindexes = 1\n{allow}\
             [features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             writes = [{{ id = \"w\", table = \"{name}\", rate = \"1000/day\" }}]\n"
        )
    };
    let allow = "allow = [\"table-without-partition\"]\nreason = \"r\"\n";
    let base = table("t", "1B", "");
    let rule = "table-without-partition";
    for (name, allow) in [("t", ""), ("t", allow), ("u", ""), ("u", allow)] {
        let report = change(&base, &table(name, "1KB", allow));
        assert_eq!(subjects(&report, rule).len(), 1, "{name} {allow}");
        assert!(fails(&report));
    }
    // What comes by itself may have one, and what had one keeps it.
    let report = change("[tenants]\na = 1\n", &table("t", "1KB", allow));
    assert!(subjects(&report, rule).is_empty());
    let report = change(&table("t", "1KB", allow), &table("u", "1KB", allow));
    assert!(subjects(&report, rule).is_empty() && !fails(&report));
}

const MODEL: &str = r#"
[project]
name = "t"
[tenants]
free = { now = 1000, 90d = 1000 }
[scenarios.s]
tenants = 1
require = "report"
[models.m]
price = { per = 1_000_000, input = 3.00, output = 15.00 }
price_as_of = 2026-11-01
budget = 100_000_000.0
capacity = { input = "2M/min", output = "1M/min" }
tenant_quota = { free = { input = "1M/day", output = "1M/day" } }
[[models.m.limits]]
id = "l"
rate = "10M/day"
counts = ["input", "output"]
[features.f]
spec = "capacity.toml"
owner = "o"
inference = [{ id = "c", model = "m", rate = "1/day", units = { input = 1000, output = 100 } }]
"#;

#[test]
fn units_are_followed() {
    let renamed = |text: &str| text.replace("input", "inp").replace("output", "out");
    let pure = change(MODEL, &renamed(MODEL));
    assert!(new_of(&pure, RULE).is_empty(), "{:?}", new_of(&pure, RULE));
    assert!(!fails(&pure));
    let more = |text: &str| {
        let text = text.replace("rate = \"1/day\"", "rate = \"10000/day\"");
        text.replace("[[models.m.limits]]\nid = \"l\"\nrate = \"10M/day\"\ncounts = [\"input\", \"output\"]\n", "")
            .replace("capacity = { input = \"2M/min\", output = \"1M/min\" }\n", "")
    };
    for head in [more(MODEL), renamed(&more(MODEL))] {
        let found = subjects(&change(MODEL, &head), RULE);
        let errors = found
            .iter()
            .filter(|(_, severity)| *severity == Severity::Error);
        assert!(errors.count() >= 2, "{found:?}");
    }
}

#[test]
fn a_lower_price_is_named_where_the_budget_needs_it() {
    let base = MODEL
        .replace("100_000_000.0", "1000")
        .replace("10M/day", "10G/day");
    let more = |price: &str, rate: &str| {
        let text = base.replace("input = 3.00, output = 15.00", price);
        change(
            &base,
            &text.replace("rate = \"1/day\"", &format!("rate = \"{rate}/day\"")),
        )
    };
    assert!(fails(&more("input = 3.00, output = 15.00", "20")));
    let cut = more("input = 1.00, output = 5.00", "20");
    assert_eq!(
        subjects(&cut, RULE),
        [("models.m.price".to_owned(), Severity::Warning)]
    );
    assert!(!fails(&cut));
    assert!(subjects(&more("input = 1.00, output = 5.00", "2"), RULE).is_empty());
    assert!(subjects(&more("input = 4.00, output = 16.00", "2"), RULE).is_empty());
    assert!(fails(&more("input = 0.00, output = 0.00", "20")));
}

const QUEUE: &str = r#"
[project]
name = "t"
[tenants]
free = { now = 1000, 90d = 1000 }
[scenarios.s]
tenants = 1
require = "report"
[apis.a]
rate_limit = "6000/min"
overage = { price = 0.01, per = 1 }
budget = 1e9
[apis.a.endpoints]
"/e/" = { credits = 1, duration = "1s" }
[[apis.a.limits]]
id = "units"
rate = "1M/day"
counts = "credits"
[[apis.a.limits]]
id = "open"
concurrent = 20
[queues.q]
broker = "kafka"
message_size = "1KB"
max_message = "10KB"
partitions = 3
retention = "1d"
replay = 0
replication = 1
storage = "100GB"
drain = "1h"
workers = { count = 1, max = 100, rate = "1/s", scale_on = "queue-depth", api = "a" }
[features.f]
spec = "capacity.toml"
owner = "o"
messages = [{ id = "m", queue = "q", rate = "1000/day" }]
calls = [{ id = "c", endpoint = "/e/", rate = "100/day" }]
"#;

/// A change of what is asked for, red, stays so without each of these.
#[test]
fn what_a_limit_needs_is_not_taken_along() {
    let doubled = ("rate = \"1000/day\"", "rate = \"20000/day\"");
    let larger = ("message_size = \"1KB\"", "message_size = \"50KB\"");
    let called = ("rate = \"100/day\"", "rate = \"2000/day\"");
    let workers = "workers = { count = 1, max = 100, rate = \"1/s\", scale_on = \"queue-depth\", api = \"a\" }\n";
    for (demand, tricks) in [
        (
            doubled,
            &[
                (", rate = \"1/s\"", ""),
                (workers, ""),
                ("max = 100, rate = \"1/s\", ", ""),
            ][..],
        ),
        (
            larger,
            &[
                ("max_message = \"10KB\"\n", ""),
                ("max_message = \"10KB\"", "max_message = \"1MB\""),
            ],
        ),
        (
            called,
            &[
                (
                    "{ credits = 1, duration = \"1s\" }",
                    "{ duration = \"1s\" }",
                ),
                (
                    "id = \"open\"\nconcurrent = 20\n",
                    "id = \"open\"\nconcurrent = \"none\"\n",
                ),
            ],
        ),
        (
            ("max = 100,", "max = 1000,"),
            &[("rate_limit = \"6000/min\"\n", ""), (", api = \"a\"", "")],
        ),
    ] {
        let asked = QUEUE.replace(demand.0, demand.1);
        let control = change(QUEUE, &asked);
        assert!(fails(&control), "{demand:?}");
        for (from, to) in tricks {
            let head = asked.replace(from, to);
            assert_ne!(head, asked, "{from}");
            let report = change(QUEUE, &head);
            let said: Vec<_> = report.projects[0]
                .findings
                .iter()
                .map(|it| (&it.rule, &it.message))
                .collect();
            let is_raised = to.contains("1MB");
            assert_eq!(
                fails(&report),
                !is_raised,
                "{demand:?} without {from}: {said:?}"
            );
            // Alone it is a matter of words at most.
            let alone = QUEUE.replace(from, to);
            let report = change(QUEUE, &alone);
            let errors = new_of(&report, RULE)
                .into_iter()
                .filter(|it| it.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{from}");
        }
    }
}

#[test]
fn another_broker_drops_no_limit() {
    let more = QUEUE.replace("rate = \"1000/day\"", "rate = \"200000000/day\"");
    let dropped = |broker: &str| {
        let head = more.replace("broker = \"kafka\"", &format!("broker = \"{broker}\""));
        let head = head
            .replace("partitions = 3\n", "")
            .replace("storage = \"100GB\"\n", "");
        match broker {
            "kafka" => head,
            _ => head
                .replace("replay = 0\n", "")
                .replace("replication = 1\n", ""),
        }
    };
    for broker in ["kafka", "sqs"] {
        let found = subjects(&change(QUEUE, &dropped(broker)), RULE);
        for key in ["partitions", "storage"] {
            let removed = (format!("queues.q.{key}"), Severity::Error);
            assert!(found.contains(&removed), "{broker}: {found:?}");
        }
    }
}

#[test]
fn a_scenario_sets_nothing_that_a_file_may_not_say() {
    let set = |set: &str| {
        let text = QUEUE.replace(
            "require = \"report\"",
            &format!("require = \"report\"\nset = {{ {set} }}"),
        );
        let errors = super::check(&text);
        errors
            .into_iter()
            .map(|(subject, message)| format!("{subject}: {message}"))
            .collect::<Vec<_>>()
    };
    assert!(set("\"apis.a.retry_ratio\" = 0.1").is_empty());
    for (value, said) in [
        (
            "\"features.f.calls.c.rate\" = \"every 1h\", \"features.f.calls.c.peak\" = 3",
            "`peak` does not go with a batch",
        ),
        (
            "\"queues.q.compact\" = { keys = 1 }",
            "a compacted topic has no `retention`",
        ),
        (
            "\"features.f.active\" = 3, \"features.f.adoption\" = 0.5",
            "`active` is declared beside `adoption`",
        ),
        (
            "\"features.f.calls.c.after\" = \"c\"",
            "either `rate` or `after`",
        ),
        (
            "\"features.f.calls.c.endpoint\" = \"/nope/\"",
            "no API declares the endpoint",
        ),
    ] {
        let found = set(value);
        let is_said = |it: &String| it.starts_with("scenarios.s.set.") && it.contains(said);
        assert!(found.iter().any(is_said), "{value}: {found:?}");
    }
}
