//! What moves between two sides, and what moves it.

use serde_json::Value;

use super::{entry, project};

fn diff(base: &str, head: &str) -> Value {
    let named = |text: &str| format!("[project]\nname = \"p\"\n{text}");
    let (base, head) = (named(base), named(head));
    let files = [
        ("base/capacity.toml", base.as_str()),
        ("head/capacity.toml", head.as_str()),
    ];
    project(&files, &["diff", "./base", "./head"])
}

fn moved(project: &Value) -> Vec<&str> {
    let changes = project["changes"].as_array().unwrap().iter();
    changes
        .map(|change| change["meter"].as_str().unwrap())
        .collect()
}

/// The contributions to a meter: paths and amounts.
fn causes<'a>(project: &'a Value, meter: &str) -> Vec<(&'a str, f64)> {
    let change = entry(&project["changes"], "meter", meter);
    let attribution = change["attribution"].as_array().unwrap().iter();
    attribution
        .map(|cause| {
            let delta = cause["delta"].as_f64().unwrap();
            (cause["path"].as_str().unwrap(), delta.round())
        })
        .collect()
}

const API: &str = "[apis.a]\nplan = { credits = 100_000 }\nendpoints.\"/x\" = { credits = 1 }\n";
const CALL: &str = "[features.f]\ncalls = [{ endpoint = \"/x\", rate = \"1/day\" }]\n";

#[test]
fn a_meter_moves_with_what_is_said_of_it_alone() {
    // Of what has no limit the verdict says nothing.
    let api = API.replace("plan = { credits = 100_000 }\n", "");
    let known = |free: &str| format!("[tenants]\npro = 10\nfree = {free}\n{api}{CALL}");
    let both = ["apis.a.credits", "apis.a.rate.s"];
    assert_eq!(moved(&diff(&known("0"), &known("\"unknown\""))), both);
    assert_eq!(moved(&diff(&known("0"), &known("0"))), [""; 0]);
    // A count that stays as it is breaks nothing, however many tenants there are.
    let counted = |fixed: bool| {
        format!(
            "[tenants]\npro = 10\n[entities]\ndevice = {{ count = 100, fixed = {fixed} }}\n{API}\
             [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\", per = \"device\" }}]\n\
             [scenarios.s]\ntenants = 1\n"
        )
    };
    assert_eq!(
        moved(&diff(&counted(true), &counted(false))),
        ["apis.a.credits"]
    );
}

#[test]
fn a_scenario_that_one_side_has_moves_no_meter() {
    let text = |scenario: &str| format!("[tenants]\npro = 10\n{API}{CALL}{scenario}");
    let scenario = "[scenarios.s]\ntenants = 5\n";
    for (base, head) in [("", scenario), (scenario, "")] {
        assert_eq!(moved(&diff(&text(base), &text(head))), [""; 0]);
    }
}

/// A feature goes before what it uses: it takes all of its demand along.
#[test]
fn removals_in_features_come_before_other_removals() {
    let text = |endpoint: &str, feature: &str| {
        format!("[tenants]\npro = 10\n{API}{endpoint}{CALL}{feature}")
    };
    let base = text(
        "endpoints.\"/y\" = { credits = 5 }\n",
        "[features.g]\ncalls = [{ endpoint = \"/y\", rate = \"2/day\" }]\n",
    );
    let project = diff(&base, &text("", ""));
    assert_eq!(
        causes(&project, "apis.a.credits"),
        [("features.g", -3000.0)]
    );
}

/// Its credits are 0: its calls tell more.
#[test]
fn a_line_that_is_gone_says_what_it_asked_for() {
    let text = |line: &str| {
        format!(
            "[tenants]\npro = 10\n[apis.a]\nendpoints.\"/x\" = {{ credits = 0 }}\n[features.f]\n\
             calls = [{line}{{ id = \"b\", endpoint = \"/x\", rate = \"1/day\" }}]\n"
        )
    };
    let gone = "{ endpoint = \"/x\", rate = \"7/day\" }, ";
    let project = diff(&text(gone), &text(""));
    let change = entry(&project["changes"], "meter", "apis.a.rate.s");
    assert_eq!(change["attribution"][0]["before"], "70 calls/day");
}

#[test]
fn what_stands_on_a_table_moves_with_it_on_every_level() {
    let text = |rate: u32| {
        let rollup = |name: &str, from: &str| {
            format!(
                "[tables.{name}]\nkind = \"rollup\"\nfrom = \"{from}\"\nratio = 0.5\nrow_size = 10\nretention = \"30d\"\n"
            )
        };
        format!(
            "[tenants]\npro = 10\n[databases.d]\n\
             [tables.t]\nkind = \"event\"\nrow_size = 10\nretention = \"30d\"\n{}{}\
             [features.f]\nwrites = [{{ table = \"t\", rate = \"{rate}/day\" }}]\n",
            rollup("u", "t"),
            rollup("v", "u"),
        )
    };
    let project = diff(&text(1), &text(2));
    let cause = ("features.f.writes.t.rate", 3000.0 + 1500.0 + 750.0);
    assert_eq!(causes(&project, "databases.d.storage"), [cause]);
}

#[test]
fn a_table_that_moves_leaves_one_database_for_another() {
    let text = |database: &str| {
        let table = |name: &str, database: &str| {
            format!(
                "[tables.{name}]\ndatabase = \"{database}\"\nkind = \"event\"\nrow_size = 10\nretention = \"30d\"\n"
            )
        };
        format!(
            "[tenants]\npro = 10\n[databases.d]\n[databases.e]\n{}{}\
             [features.f]\nwrites = [{{ table = \"t\", rate = \"1/day\" }}]\n\
             [features.g]\nwrites = [{{ table = \"u\", rate = \"1/day\" }}]\n",
            table("t", database),
            table("u", "e"),
        )
    };
    let project = diff(&text("d"), &text("e"));
    for (database, delta) in [("d", -3000.0), ("e", 3000.0)] {
        let meter = format!("databases.{database}.storage");
        assert_eq!(causes(&project, &meter), [("tables.t.database", delta)]);
    }
}

#[test]
fn each_line_that_goes_takes_its_own_demand_along() {
    let api = |name: &str, path: &str| {
        format!("[apis.{name}]\nendpoints.\"{path}\" = {{ credits = 1 }}\n")
    };
    let apis = api("a", "/x") + &api("b", "/y") + &api("c", "/z");
    let text = |more: &str| {
        format!(
            "[tenants]\npro = 10\n{apis}[features.f]\n\
             calls = [{{ endpoint = \"/x\", rate = \"1/day\" }}{more}]\n"
        )
    };
    let base =
        text(", { endpoint = \"/y\", rate = \"1/day\" }, { endpoint = \"/z\", rate = \"1/day\" }");
    let project = diff(&base, &text(""));
    for (meter, path) in [
        ("apis.b.credits", "features.f.calls.\"/y\""),
        ("apis.c.credits", "features.f.calls.\"/z\""),
    ] {
        assert_eq!(causes(&project, meter), [(path, -300.0)]);
    }
}

#[test]
fn a_path_means_the_api_that_declares_it_at_each_step() {
    let text = |a: &str, b: &str| {
        format!(
            "[tenants]\npro = 10\n[apis.a]\nendpoints.\"/x\" = {{ credits = 1 }}\n{a}\
             [apis.b]\nendpoints.\"/z\" = {{ credits = 1 }}\n{b}[features.f]\n\
             calls = [{{ endpoint = \"/x\", rate = \"1/day\" }}, {{ endpoint = \"/y\", rate = \"1/day\" }}]\n"
        )
    };
    let (three, two) = (
        "endpoints.\"/y\" = { credits = 3 }\n",
        "endpoints.\"/y\" = { credits = 2 }\n",
    );
    // While both declare it, it means neither.
    let project = diff(&text("", two), &text(three, ""));
    let came = ("apis.b.endpoints.\"/y\"", 900.0);
    assert_eq!(causes(&project, "apis.a.credits"), [came]);
    let went = ("apis.a.endpoints.\"/y\"", -600.0);
    assert_eq!(causes(&project, "apis.b.credits"), [went]);
}

#[test]
fn keys_that_exclude_each_other_change_as_one() {
    let text = |key: &str| {
        format!(
            "[tenants]\npro = 10\n{API}{}",
            CALL.replace("calls", &format!("{key}\ncalls"))
        )
    };
    let (some, half) = (text("active = 4"), text("adoption = 0.5"));
    for (base, head, delta) in [(&some, &half, 30.0), (&half, &some, -30.0)] {
        let cause = ("features.f.adoption", delta);
        assert_eq!(causes(&diff(base, head), "apis.a.credits"), [cause]);
    }
}

/// Ten tenants with 7 KB each, at 2 a MB, and messages of 1 KB that are kept for an hour.
const PRICED: &str = "[tenants]\npro = 10\n\
    [databases.d]\nprice = { per = \"1MB\", month = 2 }\n\
    [tables.s]\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 7\n\
    [queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nretention = \"1h\"\nprice = { per = \"1KB\", month = 1 }\n\
    [features.f]\nmessages = [{ queue = \"q\", rate = \"24/day\" }]\n\
    [costs.c]\nprice = 5\n\
    [budgets.data]\nof = [\"databases.*\", \"costs.c\"]\nbudget = 100\n";

#[test]
fn a_budget_moves_with_what_it_counts() {
    let head = PRICED
        .replace("rows = 7", "rows = 500_007")
        .replace("rate = \"24/day\"", "rate = \"48/day\"")
        .replace("price = 5", "price = 15");
    let project = diff(PRICED, &head);
    // 5 million rows more are 5 GB.
    let rows = ("tables.s.rows", 10_000.0);
    let cost = ("costs.c.price", 10.0);
    let messages = ("features.f.messages.q.rate", 10.0);
    assert_eq!(causes(&project, "databases.d.spend"), [rows]);
    assert_eq!(causes(&project, "costs.c.spend"), [cost]);
    assert_eq!(causes(&project, "queues.q.spend"), [messages]);
    assert_eq!(causes(&project, "budgets.data.spend"), [cost, rows]);
    assert_eq!(
        causes(&project, "budgets.total.spend"),
        [cost, rows, messages]
    );
}

#[test]
fn a_budget_moves_with_what_it_is_for_and_what_comes_and_goes() {
    let more = PRICED.replace("\"costs.c\"]", "\"costs.*\"]") + "[costs.d]\nprice = 20\n";
    // A cost that is new comes first, and the budget does not count it yet.
    let project = diff(PRICED, &more);
    assert_eq!(
        causes(&project, "budgets.data.spend"),
        [("budgets.data.of", 20.0)]
    );
    assert_eq!(causes(&project, "budgets.total.spend"), [("costs.d", 20.0)]);
    let back = diff(&more, PRICED);
    assert_eq!(causes(&back, "budgets.total.spend"), [("costs.d", -20.0)]);
    assert_eq!(
        causes(&back, "budgets.data.spend"),
        [("budgets.data.of", -20.0)]
    );
    // A queue that is no longer told by time but by keys changes as one.
    let compacted = PRICED.replace("retention = \"1h\"", "compact = { keys = 3 }");
    let project = diff(PRICED, &compacted);
    // 30 KB, and 10 KB before.
    let both = ("queues.q.retention", 20_000.0);
    assert_eq!(causes(&project, "queues.q.retained"), [both]);
}

/// A price of bytes is one value: what it is for, and what that costs, change together.
#[test]
fn a_price_of_bytes_changes_as_one() {
    let file = |price: &str| {
        format!(
            "[queues.q]\nbroker = \"kafka\"\nmessage_size = 100\nretention = \"1d\"\n\
             price = {price}\n[features.f]\nmessages = [{{ queue = \"q\", rate = \"1/s\", per = \"project\" }}]\n"
        )
    };
    for after in [
        "{ per = \"2KB\", month = 1.00 }",
        "{ per = \"1KB\", month = 2.00 }",
        "{ per = \"3KB\", month = 2.00 }",
    ] {
        let project = diff(&file("{ per = \"1KB\", month = 1.00 }"), &file(after));
        let causes = causes(&project, "queues.q.spend");
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert_eq!(causes[0].0, "queues.q.price");
    }
}
