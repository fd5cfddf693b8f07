//! What stays with little of its demand, however that left, leaves the rest to what comes.

use caplint::finding::Severity;

use super::{change, diff, fails, subjects};

const HEAD: &str = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
    [scenarios.s]\ntenants = 1\nrequire = \"report\"\n";

fn feature(lists: &str) -> String {
    format!("[features.f]\nspec = \"capacity.toml\"\nowner = \"o\"\n{lists}\n")
}

/// The limits that a change breaks by taking them away.
fn broken(base: &str, head: &str) -> Vec<String> {
    let [before, after] = [base, head].map(|text| format!("{HEAD}{text}"));
    let report = change(&before, &after);
    let found = subjects(&report, "limit-removed").into_iter();
    let errors = found.filter(|(_, severity)| *severity == Severity::Error);
    let errors: Vec<String> = errors.map(|(subject, _)| subject).collect();
    let findings = &report.projects[0].findings;
    assert_eq!(fails(&report), !errors.is_empty(), "{findings:?}");
    errors
}

/// A limited thing and its line; what takes less of it; what comes beside it, which asks for too
/// much, and what asks for little; and whose limit that breaks.
struct Husk<'a> {
    base: &'a str,
    list: (&'a str, &'a str, &'a str),
    less: (&'a str, &'a str),
    large: (&'a str, &'a str),
    breaks: &'a str,
}

const HUSKS: [Husk<'_>; 7] = [
    Husk {
        base: "[queues.q]\nbroker = \"sqs\"\nmessage_size = \"10KB\"\nretention = \"4d\"\n\
               max_depth = 100000\nthroughput = \"1MB/s\"\n",
        list: (
            "messages",
            "{ id = \"c\", queue = \"q\", rate = \"1000/day\" }",
            "{ id = \"d\", queue = \"p\", rate = \"1000/day\" }",
        ),
        less: ("message_size = \"10KB\"", "message_size = \"100B\""),
        large: (
            "[queues.p]\nbroker = \"sqs\"\nmessage_size = \"500KB\"\nretention = \"4d\"\n\
             max_depth = 100000\n",
            "500KB",
        ),
        breaks: "queues.p.throughput",
    },
    Husk {
        base: "[queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nreplay = 5\n\
               replication = 1\npartitions = 10\ncompact = { keys = 100, per = \"tenant\" }\n\
               storage = \"1GB\"\n",
        list: (
            "messages",
            "{ id = \"c\", queue = \"q\", rate = \"1000/day\" }",
            "{ id = \"d\", queue = \"p\", rate = \"1000/day\" }",
        ),
        less: ("keys = 100", "keys = 1"),
        large: (
            "[queues.p]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nreplay = 5\n\
             replication = 1\npartitions = 10\ncompact = { keys = 10000, per = \"tenant\" }\n",
            "10000",
        ),
        breaks: "queues.p.storage",
    },
    Husk {
        base: "[databases.d]\nwrites = \"100000/s\"\nstorage = \"1GB\"\n[tables.t]\n\
               database = \"d\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 900\nindexes = 1\n",
        list: (
            "writes",
            "{ id = \"c\", table = \"t\", rate = \"1/day\" }",
            "{ id = \"d\", table = \"u\", rate = \"1/day\" }",
        ),
        less: ("rows = 900", "rows = 1"),
        large: (
            "[databases.e]\nwrites = \"100000/s\"\nengine = \"clickhouse\"\n[tables.u]\n\
             database = \"e\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 5000\nindexes = 1\n",
            "5000",
        ),
        breaks: "databases.e.storage",
    },
    Husk {
        base: "[databases.d]\nwrites = \"100000/s\"\nstorage = \"1TB\"\n[tables.t]\n\
               database = \"d\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 900\nindexes = 1\n\
               max_size = \"1GB\"\n",
        list: (
            "writes",
            "{ id = \"c\", table = \"t\", rate = \"1/day\" }",
            "{ id = \"d\", table = \"u\", rate = \"1/day\" }",
        ),
        less: ("rows = 900", "rows = 1"),
        large: (
            "[tables.u]\ndatabase = \"d\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 5000\n\
             indexes = 1\n",
            "5000",
        ),
        breaks: "tables.u.max_size",
    },
    Husk {
        base: "[databases.d]\nwrites = \"100000/s\"\nstorage = \"1GB\"\n[tables.t]\n\
               database = \"d\"\nkind = \"event\"\nrow_size = \"1KB\"\nretention = \"1y\"\n\
               indexes = 1\nexisting = \"1MB\"\n",
        list: (
            "writes",
            "{ id = \"c\", table = \"t\", rate = \"1/day\" }",
            "{ id = \"d\", table = \"u\", rate = \"1/day\" }",
        ),
        less: ("row_size = \"1KB\"", "row_size = \"30B\""),
        large: (
            "[databases.e]\nwrites = \"100000/s\"\nengine = \"clickhouse\"\n[tables.u]\n\
             database = \"e\"\nkind = \"event\"\nrow_size = \"30KB\"\nretention = \"1y\"\n\
             indexes = 1\nexisting = \"1MB\"\n",
            "30KB",
        ),
        breaks: "databases.e.storage",
    },
    Husk {
        base: "[apis.a]\nrate_limit = \"1000000/s\"\nplan = { credits = 1000000 }\n\
               [apis.a.endpoints]\n\"/x/\" = { credits = 1, cacheable = \"2h\" }\n",
        list: (
            "calls",
            "{ id = \"c\", endpoint = \"/x/\", rate = \"10/day\" }",
            "{ id = \"d\", endpoint = \"/x2/\", rate = \"290/day\" }",
        ),
        less: (
            "rate = \"10/day\" }",
            "rate = \"10/day\", cache = { ttl = \"1h\", hit_ratio = 0.99 } }",
        ),
        large: (
            "[apis.b]\nrate_limit = \"1000000/s\"\n[apis.b.endpoints]\n\
             \"/x2/\" = { credits = 1, cacheable = false }\n",
            "290/day",
        ),
        breaks: "apis.b.plan.credits",
    },
    Husk {
        base: "[apis.a]\nrate_limit = \"1000000/s\"\nplan = { credits = 1000000 }\n\
               [apis.a.endpoints]\n\"/x/\" = { credits = 10, cacheable = false }\n",
        list: (
            "calls",
            "{ id = \"c\", endpoint = \"/x/\", rate = \"1/day\" }",
            "{ id = \"d\", endpoint = \"/x2/\", rate = \"290/day\" }",
        ),
        less: ("credits = 10,", "credits = 0.01,"),
        large: (
            "[apis.b]\nrate_limit = \"1000000/s\"\n[apis.b.endpoints]\n\
             \"/x2/\" = { credits = 1, cacheable = false }\n",
            "290/day",
        ),
        breaks: "apis.b.plan.credits",
    },
];

#[test]
fn demand_that_leaves_by_what_it_takes_keeps_its_limit() {
    for husk in HUSKS {
        let (list, old, new) = husk.list;
        let base = format!("{}{}", husk.base, feature(&format!("{list} = [{old}]")));
        let beside = |large: &str, new: &str| {
            let lines = feature(&format!("{list} = [{old}, {new}]"));
            format!("{}{large}{lines}", husk.base)
        };
        let (from, to) = husk.less;
        let taken = beside(husk.large.0, new).replacen(from, to, 1);
        assert_eq!(broken(&base, &taken), [husk.breaks], "{from}");
        // What comes beside what asks for as much as before takes nothing over.
        assert_eq!(broken(&base, &beside(husk.large.0, new)), [""; 0], "{from}");
        // Nor is anything broken that takes over as much as there was.
        let (large, size) = husk.large;
        let small = |text: &str| text.replace(size, small_of(size));
        let moved = beside(&small(large), &small(new)).replacen(from, to, 1);
        assert_eq!(broken(&base, &moved), [""; 0], "{from}");
    }
}

fn small_of(size: &str) -> &'static str {
    match size {
        "500KB" => "5KB",
        "10000" | "5000" => "90",
        "30KB" => "900B",
        _ => "9/day",
    }
}

fn plan(name: &str, plan: &str, path: &str) -> String {
    format!(
        "[apis.{name}]\nrate_limit = \"1000000/s\"\n{plan}[apis.{name}.endpoints]\n\
         \"{path}\" = {{ credits = 1, cacheable = false }}\n"
    )
}

fn call(id: &str, path: &str, rate: u32) -> String {
    format!("{{ id = \"{id}\", endpoint = \"{path}\", rate = \"{rate}/day\" }}")
}

fn calls(lines: &[String]) -> String {
    feature(&format!("calls = [{}]", lines.join(", ")))
}

#[test]
fn a_new_line_takes_over_for_what_was_there_too() {
    let apis = plan("a", "plan = { credits = 1000000 }\n", "/x/") + &plan("u", "", "/u/");
    let with = |lines: &[String]| apis.clone() + &calls(lines);
    let base = with(&[call("c", "/x/", 10), call("d", "/u/", 1)]);
    let beside = |left, rate| {
        with(&[
            call("c", "/x/", left),
            call("d", "/u/", 1),
            call("e", "/u/", rate),
        ])
    };
    assert_eq!(broken(&base, &beside(1, 300)), ["apis.a.plan.credits"]);
    assert_eq!(broken(&base, &beside(1, 9)), [""; 0]);
    // An estimate that is corrected gives nothing away.
    assert_eq!(broken(&base, &beside(10, 300)), [""; 0]);
    assert_eq!(broken(&base, &beside(6, 300)), [""; 0]);
    // It has a plan of its own.
    let planned = |text: &str| text.replace("[apis.u]\n", "[apis.u]\nplan = { credits = 1e8 }\n");
    let head = planned(&beside(1, 300));
    assert_eq!(broken(&planned(&base), &head), [""; 0]);
}

#[test]
fn a_line_of_the_project_takes_over_from_one_of_each_member() {
    let api = plan("a", "", "/x/")
        + "[[apis.a.limits]]\nid = \"m\"\nper = \"tenant\"\nrate = \"100/day\"\n";
    let with = |lines: &[String]| api.clone() + &calls(lines);
    let project = |rate| call("d", "/x/", rate).replace(" }", ", per = \"project\" }");
    let base = with(&[call("c", "/x/", 10)]);
    let broken = |left, rate| broken(&base, &with(&[call("c", "/x/", left), project(rate)]));
    assert_eq!(broken(1, 299_000), ["apis.a.limits.m"]);
    // It asks for less than has gone: no more than calls that are saved.
    assert_eq!(broken(1, 100), [""; 0]);
    assert_eq!(broken(10, 299_000), [""; 0]);
    assert_eq!(broken(6, 299_000), [""; 0]);
}

#[test]
fn a_project_that_was_there_takes_over() {
    let root = |name: &str, credits: u32| {
        let plan = plan("a", &format!("plan = {{ credits = {credits} }}\n"), "/x/");
        HEAD.replace("\"t\"", &format!("\"{name}\"")) + &plan
    };
    let of = |name: &str, rate| {
        let feature = calls(&[call("c", "/x/", rate)]);
        feature.replace("features.f", &format!("features.{name}"))
    };
    let (a, b) = (root("A", 1_000_000), root("B", 100_000_000));
    let (f, g) = (of("f", 10), of("g", 100));
    let report = |left: u32, taken: &str| {
        let left = of("f", left);
        let base = [
            ("a/capacity.toml", &*a),
            ("a/f/capacity.toml", &f),
            ("b/capacity.toml", &b),
            ("b/g/capacity.toml", &g),
        ];
        let mut head = base.to_vec();
        head[1].1 = &left;
        head.push(("b/f/capacity.toml", taken));
        let report = diff(&base, &head);
        let found = subjects(&report, "project-removed");
        found
            .into_iter()
            .map(|(_, severity)| severity)
            .collect::<Vec<_>>()
    };
    assert_eq!(report(1, &of("f", 300)), [Severity::Error]);
    // Another feature, or what is left as it was, takes nothing over.
    assert_eq!(report(1, &of("h", 300).replace("\"c\"", "\"h\"")), []);
    assert_eq!(report(10, &of("f", 300)), []);
}

#[test]
fn thresholds_count_what_is_left_with_what_comes() {
    let policy = "[policy.change]\nfeature = \"40%\"\nstorage = \"40%\"\n";
    let api = plan("a", "plan = { credits = 40000000 }\n", "/x/");
    let of =
        |name: &str, rate| calls(&[call("x", "/x/", rate)]).replace(".f]", &format!(".{name}]"));
    let found = |base: &str, head: &str, rule: &str| {
        let [before, after] = [base, head].map(|text| format!("{HEAD}{policy}{text}"));
        let report = change(&before, &after);
        let subjects = subjects(&report, rule).into_iter();
        subjects.map(|(subject, _)| subject).collect::<Vec<_>>()
    };
    let rule = "feature-change-over-threshold";
    let credits = |parts: &[String]| {
        found(
            &(api.clone() + &of("f", 10)),
            &(api.clone() + &parts.concat()),
            rule,
        )
    };
    assert_eq!(credits(&[of("f", 1), of("y", 49)]), ["features.y"]);
    assert_eq!(credits(&[of("f", 1), of("y", 9)]), [""; 0]);
    assert_eq!(credits(&[of("f", 10), of("y", 49)]), [""; 0]);
    assert_eq!(credits(&[of("f", 6), of("y", 49)]), [""; 0]);
    let table = |name: &str, database: &str, rows: u32| {
        format!(
            "[databases.{database}]\nwrites = \"100000/s\"\nstorage = \"100TB\"\n[tables.{name}]\n\
             database = \"{database}\"\nkind = \"state\"\nrow_size = \"1KB\"\nrows = {rows}\n\
             indexes = 1\n"
        )
    };
    let write = |name: &str| format!("{{ id = \"{name}\", table = \"{name}\", rate = \"1/day\" }}");
    let base = table("t", "d", 100) + &feature(&format!("writes = [{}]", write("t")));
    let both = feature(&format!("writes = [{}, {}]", write("t"), write("u")));
    let storage = |left, rows| {
        let head = table("t", "d", left) + &table("u", "e", rows) + &both;
        found(&base, &head, "change-over-threshold")
    };
    assert_eq!(storage(90, 900), ["databases.e.storage"]);
    assert_eq!(storage(90, 10), [""; 0]);
    assert_eq!(storage(100, 900), [""; 0]);
}

#[test]
fn a_tier_that_is_split_is_multiplied_in_both_parts() {
    let of = |tiers: &str, names: &str, rate: u32| {
        format!(
            "[project]\nname = \"t\"\n[tenants]\nfree = {{ now = 1000, 90d = 1000 }}\n{tiers}\
             [scenarios.p]\ntenants = {{ pro = 10 }}\nrequire = \"fit\"\n{}{}",
            plan("a", "plan = { credits = 40000000 }\n", "/x/"),
            calls(&[call("x", "/x/", rate).replace(" }", &format!(", tenants = [{names}] }}"))])
        )
    };
    let tier = |name: &str, count: u32| format!("{name} = {{ now = {count}, 90d = {count} }}\n");
    let base = of(&tier("pro", 100), "\"pro\"", 1000);
    let split = |pro, gold, rate| {
        let tiers = tier("pro", pro) + &tier("gold", gold);
        let report = change(&base, &of(&tiers, "\"pro\", \"gold\"", rate));
        fails(&report)
    };
    assert!(split(51, 49, 2000));
    assert!(!split(51, 49, 1000));
    // One that comes with far more than has gone is no part of it.
    assert!(!split(95, 60, 1000));
}
