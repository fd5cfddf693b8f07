//! Figures that are worked out by hand, one for each branch that random projects rarely take.

use serde_json::{Value, json};

use super::{check, entry, same};

/// A project with APIs, databases and queues as these keys say, and a feature with these lines.
fn with(tenants: &str, things: &str, lines: &str, rest: &str) -> Value {
    check(&format!(
        "[project]\nname = \"p\"\n[tenants]\n{tenants}\n{things}\n[features.f]\n{lines}\n{rest}\n"
    ))
}

/// Ten tenants that call an API once a day: 300 credits a month.
fn api(keys: &str, rest: &str) -> Value {
    let api = format!("[apis.a]\n{keys}\nendpoints.\"/x\" = {{ credits = 1 }}");
    let call = "calls = [{ endpoint = \"/x\", rate = \"1/day\" }]";
    with("pro = 10", &api, call, rest)
}

/// Ten tenants that send these messages.
fn queue(keys: &str, messages: &str) -> Value {
    let queue = format!("[queues.q]\nmessage_size = 100\n{keys}");
    let rest = "[scenarios.s]\ntenants = 2\npayload = 3\n";
    with(
        "pro = 10",
        &queue,
        &format!("messages = [{messages}]"),
        rest,
    )
}

fn in_scenario<'a>(project: &'a Value, meter: &str) -> &'a Value {
    let scenario = entry(&project["scenarios"], "name", "s");
    entry(&scenario["meters"], "id", meter)
}

fn today<'a>(project: &'a Value, meter: &str) -> &'a Value {
    entry(&project["meters"], "id", meter)
}

/// The meters of a day to come.
fn on_day(project: &Value, day: u32) -> &Value {
    let mut horizons = project["horizons"].as_array().unwrap().iter();
    let horizon = horizons.find(|horizon| horizon["day"] == day).unwrap();
    match horizon["same_as_today"].as_bool() {
        Some(true) => &project["meters"],
        _ => &horizon["meters"],
    }
}

#[test]
fn what_follows_queues_is_as_fast_as_the_slowest_workers() {
    for (first, second) in [(2, 4), (4, 2)] {
        let queues = format!(
            "[apis.a]\nrate_limit = \"5/s\"\nendpoints.\"/x\" = {{ credits = 1 }}\n\
             [queues.one]\nbroker = \"sqs\"\nmessage_size = 1\nworkers = {{ max = {first}, rate = \"1/s\" }}\n\
             [queues.two]\nbroker = \"sqs\"\nmessage_size = 1\nworkers = {{ max = {second}, rate = \"1/s\" }}"
        );
        let lines = "messages = [{ queue = \"one\", rate = \"1/min\" }, { queue = \"two\", after = \"one\" }]\n\
                     calls = [{ endpoint = \"/x\", after = \"two\" }]";
        let project = with("pro = 1000", &queues, lines, "");
        for meters in [&project["meters"], on_day(&project, 30)] {
            let calls = entry(meters, "id", "apis.a.rate.s");
            same(&calls["demand"]["point"], 2.0);
        }
        assert_eq!(
            today(&project, "apis.a.rate.s")["breaking_point"],
            Value::Null
        );
    }
}

/// Workers start at most 8 calls a second, of which half is answered by the cache, and as many
/// follow as are not.
#[test]
fn what_follows_a_cache_is_as_fast_as_what_it_lets_through() {
    let things = "[apis.a]\nendpoints.\"/x\" = { credits = 1 }\nendpoints.\"/y\" = { credits = 1 }\n\
                  [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\nworkers = { max = 8, rate = \"1/s\" }";
    let lines = "messages = [{ queue = \"q\", rate = \"1/min\" }]\n\
                 calls = [{ endpoint = \"/x\", after = \"q\", cache = { hit_ratio = 0.5 } }, { endpoint = \"/y\", after = \"/x\" }]";
    let project = with("pro = 1000", things, lines, "");
    same(&today(&project, "apis.a.rate.s")["demand"]["point"], 8.0);
}

/// The day on which 1,000 rows of 120 bytes a day, or what a table has instead, fill 1 MB.
#[test]
fn a_disk_is_full_on_the_first_day_above_its_bar() {
    let event = "kind = \"event\"\nretention";
    let cases = [
        ("100", "1MB", format!("{event} = \"1y\""), 8),
        (
            "100",
            "2MB\"\noverhead = \"100%",
            format!("{event} = \"1y\""),
            8,
        ),
        // Five days in full, and a fifth of the others.
        (
            "100",
            "1MB",
            format!("{event} = \"1y\"\ncompress = {{ after = \"5d\", ratio = 0.2 }}"),
            18,
        ),
        // A tenth of what was there goes every day.
        (
            "100",
            "1MB",
            format!("{event} = \"10d\"\nexisting = \"630KB\""),
            5,
        ),
        // 4,800 bytes for each tenant.
        (
            "{ now = 100, 100d = 300 }",
            "1MB",
            "kind = \"state\"\nrows = 40".into(),
            44,
        ),
        // Tenants become fewer: there is never as much again.
        (
            "{ now = 100, 30d = 10 }",
            "500KB",
            format!("{event} = \"5d\""),
            4,
        ),
    ];
    for (tenants, storage, table, day) in cases {
        let things = format!(
            "[databases.d]\nstorage = \"{storage}\"\n[tables.t]\nrow_size = \"120B\"\n{table}"
        );
        let lines = "writes = [{ table = \"t\", rate = \"10/day\" }]";
        let scenario = "[scenarios.s]\npayload = 2\n";
        let project = with(&format!("pro = {tenants}"), &things, lines, scenario);
        let meter = "databases.d.storage";
        assert_eq!(
            today(&project, meter)["detail"]["full_on_day"],
            day,
            "{table}"
        );
        if storage == "1MB" && table.ends_with("\"1y\"") {
            // Scenarios may fill all of it.
            assert_eq!(in_scenario(&project, meter)["detail"]["full_on_day"], 5);
        }
    }
}

/// Of rows that are written where a shared cache missed, there are as many as it misses on that
/// day, which is no share of the tenants.
#[test]
fn rows_behind_a_shared_cache_are_counted_day_by_day() {
    let things = "[entities]\nother = { count = { now = 1, 10d = 2 } }\n\
                  [apis.a]\nendpoints.\"/x\" = { credits = 1 }\n[databases.d]\nstorage = \"1MB\"\n\
                  [tables.t]\nkind = \"event\"\nrow_size = \"12KB\"\nretention = \"1y\"";
    let lines = "calls = [{ endpoint = \"/x\", rate = \"1/day\", cache = { ttl = \"1d\", scope = \"shared\", keys = 10 } }]\n\
                 writes = [{ table = \"t\", after = \"/x\" }]";
    let project = with("pro = { now = 90, 30d = 990 }", things, lines, "");
    let missed = |day: u32| {
        let requests = 90.0 + 30.0 * f64::from(day.min(30));
        requests / (1.0 + requests / 10.0)
    };
    let bytes = |days: u32| (0..days).map(missed).sum::<f64>() * 12_000.0;
    let meter = today(&project, "databases.d.storage");
    let found = meter["demand"]["point"].as_f64().unwrap();
    assert!((found / bytes(365) - 1.0).abs() < 1e-9, "{found}");
    let full = (0..365).find(|days| bytes(*days) > 900_000.0);
    assert_eq!(meter["detail"]["full_on_day"], json!(full));
}

#[test]
fn tables_hold_what_their_rows_come_to() {
    let event = "kind = \"event\"\nretention";
    let grows = "{ now = 10, 90d = 100 }";
    let cases = [
        // 39 tenants on day 29, for half a day.
        (grows, format!("{event} = \"12h\""), 30, 39.0 * 5.0),
        // Day by day up to the last that is declared, as many on all after.
        (
            grows,
            format!("{event} = \"2y\""),
            365,
            10.0 * (4905.0 + 100.0 * 275.0),
        ),
        // Half of day 28, and day 29.
        (
            grows,
            format!("{event} = \"36h\""),
            30,
            (38.0 * 0.5 + 39.0) * 10.0,
        ),
        // A moment, which is no difference of two years.
        ("10", format!("{event} = \"1s\""), 365, 100.0 / 86_400.0),
        ("10", format!("{event} = \"1ms\""), 365, 100.0 / 86.4e6),
        (grows, format!("{event} = \"1s\""), 365, 1000.0 / 86_400.0),
        (
            grows,
            format!("{event} = \"2s\"\ncompress = {{ after = \"1s\", ratio = 0.1 }}"),
            365,
            1100.0 / 86_400.0,
        ),
        // Never kept for as long as it takes to compress them.
        (
            "10",
            format!("{event} = \"30d\"\ncompress = {{ after = \"60d\", ratio = 0.1 }}"),
            365,
            3000.0,
        ),
        // What was there is gone after 30 days.
        (
            "10",
            format!("{event} = \"30d\"\nexisting = \"9MB\""),
            365,
            3000.0,
        ),
        (grows, "kind = \"state\"\nrows = 5".into(), 365, 500.0),
        // What is there is more than its rows.
        (
            "10",
            "kind = \"state\"\nrows = 5\nexisting = \"2MB\"".into(),
            365,
            20_000.0,
        ),
    ];
    for (tenants, table, day, rows) in cases {
        let things =
            format!("[databases.d]\n[tables.t]\nmax_size = \"1GB\"\nrow_size = 100\n{table}");
        let lines = "writes = [{ table = \"t\", rate = \"10/day\" }]";
        let project = with(&format!("pro = {tenants}"), &things, lines, "");
        let meters = match day {
            365 => &project["meters"],
            day => on_day(&project, day),
        };
        let meter = entry(meters, "id", "tables.t.storage");
        same(&meter["demand"]["point"], rows * 100.0);
    }
}

#[test]
fn what_is_counted_apart_follows_the_share_of_the_tenants() {
    let devices = |count: &str, tiers: &str, free: &str, rest: &str| {
        let things = format!(
            "[entities]\ndevice = {{ count = {count} }}\n\
             [apis.a]\nplan = {{ credits = 10_000 }}\nendpoints.\"/x\" = {{ credits = 1 }}"
        );
        let lines =
            format!("{tiers}calls = [{{ endpoint = \"/x\", rate = \"1/day\", per = \"device\" }}]");
        let tenants = format!("free = {free}\npro = 10");
        with(&tenants, &things, &lines, rest)
    };
    let credits = "apis.a.credits";
    let pro = devices("100", "tenants = [\"pro\"]\n", "30", "");
    same(&today(&pro, credits)["demand"]["point"], 750.0);
    // 130 tenants instead of 40.
    let scenario = "[scenarios.s]\ntenants = { pro = 10 }\n";
    let more = devices("100", "", "30", scenario);
    same(&in_scenario(&more, credits)["demand"]["point"], 9750.0);
    let fixed = devices("100, fixed = true", "", "30", scenario);
    same(&in_scenario(&fixed, credits)["demand"]["point"], 3000.0);
    assert_eq!(today(&fixed, credits)["breaking_point"], Value::Null);
    for (free, lower_bound) in [("30", false), ("\"unknown\"", true)] {
        let project = devices("100", "", free, "");
        assert_eq!(today(&project, credits)["lower_bound"], lower_bound);
    }
}

#[test]
fn no_more_are_active_than_there_are() {
    let api = "[apis.a]\nendpoints.\"/x\" = { credits = 1 }";
    for (active, credits) in [(4, 120.0), (20, 300.0)] {
        let lines =
            format!("active = {active}\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\" }}]");
        let project = with("pro = 10", api, &lines, "");
        same(
            &today(&project, "apis.a.credits")["demand"]["point"],
            credits,
        );
    }
}

/// A plan of 600 credits for 10, at twice today's demand, and what comes on top of it.
#[test]
fn a_budget_breaks_where_the_plan_and_what_it_buys_besides_are_used() {
    let cases = [
        ("overage = { price = 1, per = 1 }", 10, json!(2.0)),
        ("overage = { price = 1, per = 1 }", 5, json!(0.0)),
        ("overage = { price = 0, per = 1 }", 10, Value::Null),
        (
            "packs = [{ name = \"small\", credits = 150, price = 1 }]",
            14,
            json!(4.0),
        ),
    ];
    for (beyond, budget, expected) in cases {
        let keys = format!("plan = {{ credits = 600, price = 10 }}\n{beyond}\nbudget = {budget}");
        let project = api(&keys, "");
        let found = &today(&project, "apis.a.spend")["breaking_point"];
        assert_eq!(found.is_null(), expected.is_null(), "{beyond}");
        if let Some(expected) = expected.as_f64() {
            let found = found.as_f64().unwrap();
            assert!(
                (found - expected).abs() <= 2e-6 * expected,
                "{beyond}: {found}"
            );
        }
    }
}

#[test]
fn a_scenario_may_use_all_that_can_be_bought() {
    let scenario = "[scenarios.s]\ntenants = 2\n";
    let cases = [
        ("plan = { credits = { now = 100, max = 1000 } }", 1000.0),
        (
            "packs = [{ name = \"small\", credits = 100, price = 1, max = 7 }]",
            700.0,
        ),
    ];
    for (keys, limit) in cases {
        let project = api(keys, scenario);
        same(&in_scenario(&project, "apis.a.credits")["limit"], limit);
    }
}

#[test]
fn an_event_takes_its_days_of_a_month() {
    let plan = "plan = { credits = 1000 }";
    for (lasts, credits) in [("", 1500.0), ("on = 2027-01-01\nlasts = \"3d\"\n", 420.0)] {
        let project = api(
            plan,
            &format!("[scenarios.s]\nrates = {{ f = 5 }}\n{lasts}"),
        );
        same(
            &in_scenario(&project, "apis.a.credits")["demand"]["point"],
            credits,
        );
    }
}

#[test]
fn meters_are_of_what_is_used_or_limited() {
    let ids = |meters: &Value| -> Vec<String> {
        let meters = meters["meters"].as_array().unwrap().iter();
        meters
            .map(|meter| meter["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let unused = check("[tenants]\npro = 10\n[apis.a]\nendpoints.\"/x\" = { credits = 1 }\n");
    let kafka = "broker = \"kafka\"\nstorage = \"1GB\"";
    let cases = [
        (unused, vec![]),
        (api("", ""), vec!["apis.a.credits", "apis.a.rate.s"]),
        (
            api("budget = 5", ""),
            vec![
                "apis.a.credits",
                "apis.a.rate.s",
                "apis.a.spend",
                "budgets.total.spend",
            ],
        ),
        (
            queue(kafka, "{ queue = \"q\", rate = \"1/day\" }"),
            vec![
                "queues.q.depth",
                "queues.q.retained",
                "queues.q.throughput",
                "queues.q.workers",
            ],
        ),
    ];
    for (project, expected) in cases {
        assert_eq!(ids(&project), expected);
    }
}

/// Ten messages in a batch each hour, ten a minute besides where those are steady.
#[test]
fn what_waits_is_what_workers_leave_of_batches() {
    let (steady, hourly) = (
        "{ id = \"steady\", queue = \"q\", rate = \"1/min\" }",
        "{ id = \"batch\", queue = \"q\", rate = \"every 1h\" }",
    );
    let spread = "{ queue = \"q\", rate = \"every 1h\", spread = \"10m\" }";
    let sqs = "broker = \"sqs\"\nmax_depth = 1000\n";
    let slow = "workers = { max = 1, rate = \"1/h\" }\n";
    let all = format!("{steady}, {hourly}");
    let busy = format!("{steady}, {spread}");
    let depth = "queues.q.depth";
    let cases = [
        ("", hourly, depth, 10.0),
        // A sixth of a message in ten minutes.
        (slow, spread, depth, 10.0 - 1.0 / 6.0),
        // No worker has time for the batch.
        (slow, busy.as_str(), depth, 10.0),
        (
            "depth = 500\nworkers = { max = 10, rate = \"1/s\" }\ndrain = \"10m\"\n",
            all.as_str(),
            "queues.q.drain",
            500.0 / (10.0 - 610.0 / 3600.0),
        ),
    ];
    for (keys, messages, meter, expected) in cases {
        let project = queue(&format!("{sqs}{keys}"), messages);
        for meters in [&project["meters"], on_day(&project, 30)] {
            same(&entry(meters, "id", meter)["demand"]["point"], expected);
        }
    }
    let project = queue(sqs, hourly);
    let found = today(&project, depth)["breaking_point"].as_f64().unwrap();
    assert!((found - 100.0).abs() < 1e-3, "{found}");
}

#[test]
fn what_waits_stays_where_nothing_is_sent() {
    let project = queue(
        "broker = \"redis\"\ndepth = 5\nmax_depth = 10\nstorage = \"1GB\"",
        "",
    );
    same(
        &in_scenario(&project, "queues.q.depth")["demand"]["point"],
        5.0,
    );
    let retained = in_scenario(&project, "queues.q.retained");
    same(&retained["demand"]["point"], 5.0 * 100.0 * 3.0);
}

#[test]
fn corners_of_limits_are_told_as_they_are_declared() {
    let none = with(
        "pro = 0",
        "[apis.a]\nplan = { credits = 0 }\nendpoints.\"/x\" = { credits = 1 }",
        "calls = [{ endpoint = \"/x\", rate = \"1/day\" }]",
        "",
    );
    let credits = today(&none, "apis.a.credits");
    assert_eq!(credits["verdict"], "fits");
    same(&credits["utilization"], 0.0);
    // A project is as bad as the worst of its meters.
    let one = api("plan = { credits = 100 }\nrate_limit = \"10/s\"", "");
    assert_eq!(today(&one, "apis.a.rate.s")["verdict"], "fits");
    assert_eq!(one["verdict"], "breaks");
    // The last day of the month is one of it.
    let full = api("plan = { credits = 300 }", "");
    let empties = &today(&full, "apis.a.credits")["detail"]["empties_on_day"];
    same(empties, 30.0);
    // 3,333 bytes a second.
    let kafka = with(
        "pro = 1000",
        "[queues.q]\nbroker = \"kafka\"\nmessage_size = 100\npartitions = 4\npartition_throughput = \"1KB/s\"",
        "messages = [{ queue = \"q\", rate = \"2/min\" }]",
        "",
    );
    let throughput = today(&kafka, "queues.q.throughput");
    same(&throughput["detail"]["partitions_needed"], 4.0);
}

/// Once to twice as much: at the default confidence of 80%, with `z` of 0.8416 against 1.2816.
#[test]
fn percentiles_are_those_that_they_are_called() {
    let factor = 2_f64.powf(0.841_621_233_572_914_3 / 1.281_551_565_544_600_4);
    let close = |found: &Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!((found / expected - 1.0).abs() < 1e-3, "{found}");
    };
    let rate = "rate = { p50 = \"1/s\", p90 = \"2/s\" }";
    let keys = format!("broker = \"sqs\"\nworkers = {{ max = 8, {rate} }}");
    let project = queue(&keys, "{ queue = \"q\", rate = \"1/min\" }");
    let workers = today(&project, "queues.q.workers");
    close(&workers["utilization"], 10.0 / 60.0 / 8.0 * factor);
    let lines = "calls = [{ endpoint = \"/x\", rate = { p50 = \"1/day\", p90 = \"2/day\" } }]";
    let api = "[apis.a]\nendpoints.\"/x\" = { credits = 1 }";
    let project = with("pro = 10", api, lines, "");
    let demand = &today(&project, "apis.a.credits")["demand"];
    close(&demand["p50"], 300.0);
    close(&demand["p80"], 300.0 * factor);
    close(&demand["p90"], 600.0);
}
