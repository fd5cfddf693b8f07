//! A rename resets no threshold.

use caplint::finding::Severity;

use super::{ROOT, change, feature, new_of, subjects};

const RULE: &str = "change-over-threshold";

fn with(rate: &str) -> String {
    format!("{ROOT}{}", feature("x", rate))
}

#[test]
fn an_api_that_is_renamed_is_compared_with_what_it_was() {
    let base = with("10/day");
    let renamed = |rate: &str| with(rate).replace("apis.a", "apis.b");
    let grown = change(&base, &renamed("15/day"));
    let found = new_of(&grown, RULE);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].subject, "apis.b.credits");
    assert!(found[0].message.contains("which was `apis.a.credits`"));
    assert_eq!(found[0].figure, Some(150_000.0));
    // The same without the rename, and the rename without growth.
    let control = change(&base, &with("15/day"));
    assert_eq!(subjects(&control, RULE).len(), 1);
    assert!(subjects(&change(&base, &renamed("11/day")), RULE).is_empty());
    // An API that comes beside the old one is new.
    let beside = format!(
        "{base}[apis.b]\nrate_limit = \"9/s\"\nplan = {{ credits = 900_000, price = 1 }}\n\
         [apis.b.endpoints]\n\"/f/\" = {{ credits = 1 }}\n{}",
        feature("y", "20/day").replace("/e/", "/f/")
    );
    assert!(subjects(&change(&base, &beside), RULE).is_empty());
}

#[test]
fn the_scenario_of_the_base_follows_names() {
    let project = |tier: &str, name: &str, rate: &str, factors: &str| {
        let root = ROOT.replace("free", tier).replace("\"report\"", "\"fit\"");
        let root = root
            .replace("credits = \"20%\"", "")
            .replace("tenants = 2", factors);
        format!("{root}{}", feature(name, rate))
    };
    let misfits =
        |base: &str, head: &str| subjects(&change(base, head), "scenario-over-limit").len();
    let tiers = project("free", "x", "10/day", "tenants = { free = 2 }");
    assert_eq!(
        misfits(
            &tiers,
            &project("free", "x", "11/day", "tenants = { free = 2 }")
        ),
        1
    );
    // With its factor, with another one, and without any.
    for factors in [
        "tenants = { pro = 2 }",
        "tenants = { pro = 1 }",
        "payload = 1",
    ] {
        assert_eq!(
            misfits(&tiers, &project("pro", "x", "11/day", factors)),
            1,
            "{factors}"
        );
        assert_eq!(
            misfits(&tiers, &project("pro", "x", "9/day", factors)),
            0,
            "{factors}"
        );
    }
    let rates = project("free", "x", "10/day", "rates = { x = 2 }");
    for factors in ["rates = { z = 2 }", "rates = { z = 0.1 }", "payload = 1"] {
        assert_eq!(
            misfits(&rates, &project("free", "z", "11/day", factors)),
            1,
            "{factors}"
        );
        assert_eq!(
            misfits(&rates, &project("free", "z", "9/day", factors)),
            0,
            "{factors}"
        );
    }
}

#[test]
fn parts_of_what_was_one_count_together() {
    let base = with("10/day");
    let half = |rate: &str| {
        let root = ROOT.replace("apis.a", "apis.b");
        format!(
            "{root}{}[apis.c]\nrate_limit = \"9/s\"\nplan = {{ credits = 900_000, price = 1 }}\n\
             [apis.c.endpoints]\n\"/f/\" = {{ credits = 1 }}\n\
             [[features.x.calls]]\nendpoint = \"/f/\"\nrate = \"{rate}\"\n",
            feature("x", "1/day")
                .replace("calls = [{ ", "[[features.x.calls]]\n")
                .replace(" }]", "")
                .replace(", rate", "\nrate")
        )
    };
    let grown = change(&base, &half("12/day"));
    assert_eq!(subjects(&grown, RULE).len(), 1);
    assert_eq!(subjects(&change(&base, &half("9/day")), RULE), []);
}

#[test]
fn tables_and_queues_are_things_as_apis_are() {
    let project = |table: &str, rate: &str| {
        format!(
            "[tenants]\nfree = 1000\n[databases.d]\nengine = \"postgres\"\nstorage = \"9TB\"\n\
             [tables.{table}]\nkind = \"event\"\nrow_size = \"4KB\"\nretention = \"90d\"\n\
             max_size = \"1TB\"\n\
             [features.w]\nwrites = [{{ table = \"{table}\", rate = \"{rate}\" }}]\n\
             [policy.change]\nstorage = \"20%\"\n"
        )
    };
    let found =
        |table, rate| subjects(&change(&project("s", "1/day"), &project(table, rate)), RULE);
    let named = |found: Vec<(String, _)>| found.into_iter().map(|(it, _)| it).collect::<Vec<_>>();
    // The table is part of its database's.
    assert_eq!(named(found("z", "2/day")), ["databases.d.storage"]);
    assert!(found("z", "1/day").is_empty());
}

#[test]
fn a_table_that_grows_with_its_database_is_told_with_that() {
    let project = |rates: [&str; 2]| {
        let table = |name: &str| {
            format!(
                "[tables.{name}]\nkind = \"event\"\nrow_size = \"4KB\"\nretention = \"90d\"\n\
                 partition = \"day\"\n"
            )
        };
        let [s, z] = rates;
        format!(
            "[tenants]\nfree = 1000\n[databases.d]\nengine = \"postgres\"\nstorage = \"900TB\"\n{}{}\
             [features.w]\nwrites = [{{ table = \"s\", rate = \"{s}/day\" }}, \
             {{ table = \"z\", rate = \"{z}/day\" }}]\n[policy.change]\nstorage = \"20%\"\n",
            table("s"),
            table("z")
        )
    };
    let of = |rates| subjects(&change(&project(["100", "1"]), &project(rates)), RULE);
    let alone = |name: &str| vec![(name.to_owned(), Severity::Error)];
    assert_eq!(of(["200", "1"]), alone("databases.d.storage"));
    // Its own where the database's does not fire.
    assert_eq!(of(["100", "2"]), alone("tables.z.storage"));
}

#[test]
fn another_window_is_no_new_demand() {
    let project = |limit: &str, rate: &str| {
        let root = ROOT.replace("\"100000/min\"", limit);
        let root = root.replace("credits = \"20%\"", "rate = \"20%\"");
        format!("{root}{}", feature("x", rate))
    };
    let base = project("\"100000/min\"", "10/day");
    let found = |limit, rate| subjects(&change(&base, &project(limit, rate)), RULE).len();
    assert_eq!(found("\"1000/s\"", "15/day"), 1);
    assert_eq!(found("\"1000/s\"", "10/day"), 0);
    // A batch comes whole in every window.
    let batch = project("\"100000/min\"", "every 1d");
    let shorter = project("\"1000/s\"", "every 1d");
    assert!(subjects(&change(&batch, &shorter), RULE).is_empty());
}
