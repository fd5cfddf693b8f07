//! Limits of what is split or merged: what each thing limited is held against its own.

use caplint::finding::Severity;

use super::{change, fails, subjects};

const RULE: &str = "limit-removed";

const HEAD: &str = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
    [scenarios.s]\ntenants = 1\nrequire = \"report\"\n";

/// An API with a plan of some credits, or none.
fn api(name: &str, credits: &str, endpoints: &[&str]) -> String {
    let plan = match credits {
        "" => String::new(),
        credits => format!("plan = {{ credits = {credits} }}\n"),
    };
    let endpoints = endpoints
        .iter()
        .map(|path| format!("\"{path}\" = {{ credits = 1 }}\n"));
    let endpoints: String = endpoints.collect();
    format!("[apis.{name}]\nrate_limit = \"1000000/s\"\n{plan}[apis.{name}.endpoints]\n{endpoints}")
}

const WORKERS: &str = "drain = \"1h\"\nworkers = { count = 1, max = 2, rate = \"100/s\", scale_on = \"queue-depth\" }\n";

fn queue(name: &str, limits: &str) -> String {
    format!(
        "[queues.{name}]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\nretention = \"4d\"\n{limits}"
    )
}

/// A feature whose lines are an id, what it uses, and how often a day.
fn feature(name: &str, list: &str, lines: &[(&str, &str, u32)]) -> String {
    let key = match list {
        "calls" => "endpoint",
        "messages" => "queue",
        _ => "table",
    };
    let lines = lines.iter().map(|(id, uses, rate)| {
        format!("{{ id = \"{id}\", {key} = \"{uses}\", rate = \"{rate}/day\" }}, ")
    });
    let lines: String = lines.collect();
    format!("[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n{list} = [{lines}]\n")
}

/// The limits that a change breaks by taking them away.
fn broken(base: &[String], head: &[String]) -> Vec<String> {
    let [before, after] = [base, head].map(|parts| format!("{HEAD}{}", parts.concat()));
    let report = change(&before, &after);
    let found = subjects(&report, RULE).into_iter();
    let errors = found.filter(|(_, severity)| *severity == Severity::Error);
    let errors: Vec<String> = errors.map(|(subject, _)| subject).collect();
    assert_eq!(
        fails(&report),
        !errors.is_empty(),
        "{:?}",
        report.projects[0].findings
    );
    errors
}

fn calls(x: u32, y: u32) -> String {
    feature("f", "calls", &[("c", "/x/", x), ("e", "/y/", y)])
}

#[test]
fn two_that_are_merged_keep_the_limits_of_each() {
    let base = [
        api("a", "1_000_000", &["/x/"]),
        api("d", "1_000_000_000", &["/y/", "/z/"]),
        calls(10, 1),
    ];
    let merged = |credits| api("m", credits, &["/x/", "/y/", "/z/"]);
    for credits in ["1_000_000_000", ""] {
        assert_eq!(
            broken(&base, &[merged(credits), calls(20, 1)]),
            [""; 0],
            "{credits}"
        );
        assert_eq!(
            broken(&base, &[merged(credits), calls(100, 1)]),
            ["apis.a.plan.credits"],
            "{credits}"
        );
    }
    // Whatever they are called.
    let other = |rate| {
        let lines = [("k", "/x/", rate), ("l", "/y/", 1)];
        [merged("1_000_000_000"), feature("g", "calls", &lines)]
    };
    assert_eq!(broken(&base, &other(20)), [""; 0]);
    assert_eq!(broken(&base, &other(100)), ["apis.a.plan.credits"]);
    // One as large as both is both.
    assert_eq!(
        broken(&base, &[merged("1_001_000_000"), calls(100, 1)]),
        [""; 0]
    );
    // What was there before has its own.
    let d = |credits| api("d", credits, &["/x/", "/y/", "/z/"]);
    assert_eq!(broken(&base, &[d("1_000_000_000"), calls(100, 1)]), [""; 0]);
    let open = [
        api("a", "1_000_000", &["/x/"]),
        api("d", "", &["/y/"]),
        calls(10, 1),
    ];
    assert_eq!(broken(&open, &[d(""), calls(20, 1)]), [""; 0]);
    assert_eq!(
        broken(&open, &[d(""), calls(100, 1)]),
        ["apis.a.plan.credits"]
    );
}

#[test]
fn what_is_split_is_limited_together() {
    let base = [api("a", "1_000_000", &["/x/", "/y/"]), calls(10, 10)];
    assert!(fails(&change(
        &format!("{HEAD}{}", base.concat()),
        &format!("{HEAD}{}{}", base[0], calls(20, 20))
    )));
    let split =
        |credits: &str, other: &str| [api("a", credits, &["/x/"]), api("m", other, &["/y/"])];
    let with = |split: [String; 2], calls| [&split[..], &[calls]].concat();
    for credits in ["1_000_000", ""] {
        let fits = with(split(credits, ""), calls(11, 11));
        assert_eq!(broken(&base, &fits), [""; 0], "{credits}");
        let breaks = broken(&base, &with(split(credits, ""), calls(20, 20)));
        assert!(
            breaks.contains(&"apis.m.plan.credits".to_owned()),
            "{credits}: {breaks:?}"
        );
    }
    // Each with a plan of its own.
    let both = with(split("1_000_000", "1_000_000"), calls(20, 20));
    assert_eq!(broken(&base, &both), [""; 0]);
    // Neither has the name that it had.
    let renamed = |rate| {
        let apis = ["b", "m"].into_iter().zip(["/x/", "/y/"]);
        let apis = apis.map(|(name, path)| api(name, "", &[path]));
        apis.chain([calls(rate, rate)]).collect::<Vec<_>>()
    };
    assert_eq!(broken(&base, &renamed(11)), [""; 0]);
    assert_eq!(
        broken(&base, &renamed(20)),
        ["apis.b.plan.credits", "apis.m.plan.credits"]
    );
}

#[test]
fn queues_and_databases_are_merged_and_split_as_apis_are() {
    let messages = |q: (&str, u32), r: (&str, u32)| {
        feature("f", "messages", &[("n", q.0, q.1), ("o", r.0, r.1)])
    };
    let base = [
        queue("q", WORKERS),
        queue("r", WORKERS),
        messages(("q", 10), ("r", 10)),
    ];
    let one = |limits, rate| [queue("z", limits), messages(("z", rate), ("z", 10))];
    assert_eq!(broken(&base, &one(WORKERS, 20)), [""; 0]);
    assert_eq!(broken(&base, &one("", 20)), [""; 0]);
    assert!(!broken(&base, &one("", 100_000)).is_empty());
    let whole = [queue("q", WORKERS), messages(("q", 10), ("q", 10))];
    let two = |rate| {
        [
            queue("y", ""),
            queue("z", ""),
            messages(("y", rate), ("z", rate)),
        ]
    };
    assert_eq!(broken(&whole, &two(20)), [""; 0]);
    assert!(!broken(&whole, &two(10_000)).is_empty());

    let database = |name: &str, storage: &str| {
        format!("[databases.{name}]\nengine = \"s3\"\nstorage = \"{storage}\"\nwrites = \"none\"\n")
    };
    let table = |name: &str, database: &str| {
        format!(
            "[tables.{name}]\ndatabase = \"{database}\"\nkind = \"event\"\nrow_size = \"1KB\"\n\
             retention = \"30d\"\npartition = \"day\"\n"
        )
    };
    let writes = |s, t| feature("f", "writes", &[("s", "s", s), ("t", "t", t)]);
    let base = [
        database("a", "1GB"),
        database("d", "1TB"),
        table("s", "a"),
        table("t", "d"),
        writes(10, 10),
    ];
    let merged = |storage, rate| {
        [
            database("m", storage),
            table("s", "m"),
            table("t", "m"),
            writes(rate, 10),
        ]
    };
    assert_eq!(broken(&base, &merged("1TB", 20)), [""; 0]);
    assert_eq!(broken(&base, &merged("1TB", 100)), ["databases.a.storage"]);
    assert_eq!(broken(&base, &merged("1.1TB", 100)), [""; 0]);
}

#[test]
fn a_feature_is_merged_into_another_one() {
    let head = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
                [policy.change]\nfeature = \"40%\"\n";
    let scenario =
        |rates: &str| format!("[scenarios.r]\nrates = {{ {rates} }}\nrequire = \"fit\"\n");
    let apis = api("a", "1_000_000_000", &["/x/"]);
    let of = |name: &str, lines: &[(&str, &str, u32)]| feature(name, "calls", lines);
    let base = head.to_owned()
        + &scenario("f = 3, g = 3")
        + &apis
        + &of("f", &[("x", "/x/", 10)])
        + &of("g", &[("y", "/x/", 20)]);
    let merged = |name: &str, times: u32, rate| {
        let rates = scenario(&format!("{name} = {times}"));
        let lines = of(name, &[("x", "/x/", 10), ("y", "/x/", rate)]);
        change(&base, &format!("{head}{rates}{apis}{lines}"))
    };
    let found = |report: &caplint::report::Report, rule| subjects(report, rule).len();
    for name in ["f", "n"] {
        let same = merged(name, 3, 20);
        assert_eq!(found(&same, "feature-change-over-threshold"), 0, "{name}");
        assert_eq!(found(&same, "policy-loosened"), 0, "{name}");
        let larger = merged(name, 3, 50);
        assert_eq!(found(&larger, "feature-change-over-threshold"), 1, "{name}");
        let milder = merged(name, 1, 20);
        assert!(found(&milder, "policy-loosened") > 0, "{name}");
    }
}

#[test]
fn a_budget_is_written_in_parts() {
    let model = |name: &str, budget: &str| {
        format!("[models.{name}]\nprice = 0.01\ntenant_quota = \"1/month\"\n{budget}")
    };
    let lines = "[features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\ninference = [\
                 { model = \"a\", rate = \"1/day\", units = 1 }, \
                 { model = \"b\", rate = \"1/day\", units = 1 }]\n";
    let group = |name: &str, of: &str, budget: u32| {
        format!("[budgets.{name}]\nof = [{of}]\nbudget = {budget}\n")
    };
    let both = model("a", "") + &model("b", "");
    let base = format!(
        "{HEAD}{both}{}{lines}",
        group("g", "\"models.a\", \"models.b\"", 1000)
    );
    let found = |parts: String| {
        let report = change(&base, &format!("{HEAD}{parts}{lines}"));
        subjects(&report, RULE).len()
    };
    let own = |a: u32, b: u32| {
        let own = |name, budget| model(name, &format!("budget = {budget}\n"));
        found(own("a", a) + &own("b", b))
    };
    let groups = |a: u32, b: u32| {
        let groups = group("g1", "\"models.a\"", a) + &group("g2", "\"models.b\"", b);
        found(both.clone() + &groups)
    };
    assert_eq!([own(500, 500), groups(500, 500)], [0, 0]);
    assert!(own(500, 501) > 0 && groups(500, 501) > 0);
    // One of them has none.
    assert!(found(model("a", "budget = 500\n") + &model("b", "")) > 0);
}
