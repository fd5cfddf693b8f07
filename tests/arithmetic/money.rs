//! Reads, what bytes cost, fixed costs, budgets, and what kafka keeps: worked out by hand.

use serde_json::Value;

use super::{check, entry, same};

fn demand(meters: &Value, id: &str) -> f64 {
    entry(meters, "id", id)["demand"]["point"].as_f64().unwrap()
}

#[track_caller]
fn comes_to(meters: &Value, id: &str, expected: f64) {
    let found = demand(meters, id);
    let close = (found - expected).abs() <= 1e-9 * expected.abs();
    assert!(close, "{id} comes to {found}, not {expected}");
}

fn has(meters: &Value, id: &str) -> bool {
    let mut meters = meters.as_array().unwrap().iter();
    meters.any(|meter| meter["id"] == id)
}

fn scenario<'a>(project: &'a Value, name: &str) -> &'a Value {
    &entry(&project["scenarios"], "name", name)["meters"]
}

fn found<'a>(project: &'a Value, rule: &str) -> Vec<(&'a str, &'a str)> {
    let findings = project["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["rule"] == rule);
    findings
        .map(|it| {
            (
                it["subject"].as_str().unwrap(),
                it["severity"].as_str().unwrap(),
            )
        })
        .collect()
}

/// Ten tenants, a database with a price, a table of each kind, and what uses them.
const DATABASE: &str = r#"
[tenants]
pro = { now = 10, 30d = 40 }
[databases.d]
storage = "1TB"
overhead = 0.5
price = { per = "1MB", month = 2 }
[tables.e]
kind = "event"
row_size = "1KB"
retention = "10d"
existing = "100KB"
[tables.s]
kind = "state"
row_size = "1KB"
rows = 7
[features.f]
writes = [{ table = "e", rate = "3/day" }]
"#;

/// Of 86,400 reads a day for each of ten tenants a quarter misses, and each of those reads 8 rows
/// at twice the average: 10 · 1/4 · 8 · 2 = 40 rows a second. A batch of 10 tenants' 6 rows comes
/// within one.
#[test]
fn rows_that_are_read_count_behind_their_cache() {
    let lines = "reads = [{ table = \"e\", rate = \"1/s\", rows = 8, peak = 2, cache = { hit_ratio = 0.75 } }, \
                 { id = \"batch\", table = \"s\", rate = \"every 1h\", rows = 6, spread = \"1s\" }]\n";
    let project = check(&format!("{DATABASE}{lines}"));
    comes_to(&project["meters"], "databases.d.reads", 100.0);
    assert_eq!(
        entry(&project["meters"], "id", "databases.d.reads")["verdict"],
        "unlimited"
    );
    let line = entry(&project["lines"], "path", "features.f.reads.e");
    same(&line["per_day"]["requested"], 864_000.0);
    same(&line["per_day"]["reached"], 216_000.0);
    same(&line["per_day"]["rows"], 1_728_000.0);
    same(&line["peak_per_second"], 40.0);
    // They write nothing: 3 rows a day for each.
    comes_to(&project["meters"], "databases.d.writes", 30.0 / 86_400.0);
    // A limit makes the meter without reads too, and neither without both.
    let limited = check(&DATABASE.replace("storage", "reads = \"50/s\"\nstorage"));
    comes_to(&limited["meters"], "databases.d.reads", 0.0);
    assert!(!has(&check(DATABASE)["meters"], "databases.d.reads"));
}

#[test]
fn a_read_of_the_same_table_as_a_write_has_an_id_of_its_own() {
    let project = check(&format!(
        "{DATABASE}reads = [{{ table = \"e\", rate = \"1/day\" }}]\n"
    ));
    let paths: Vec<&str> = project["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["features.f.reads.e", "features.f.writes.e"]);
}

/// Today 1.5 · (100 KB + 10 · 7 KB) = 255 KB, at 2 a MB. On day 30 the 100 KB are gone, and of the
/// last ten days there are the rows of 30 to 39 tenants, on average 34.5, three each: 1,035 KB, and
/// 40 · 7 KB.
#[test]
fn bytes_cost_what_is_on_disk_today_and_then_what_is_there() {
    let project = check(DATABASE);
    comes_to(&project["meters"], "databases.d.spend", 0.51);
    comes_to(&project["meters"], "budgets.total.spend", 0.51);
    let budget = DATABASE.replace("price", "budget = { now = 1, max = 2 }\nprice");
    let project = check(&format!(
        "{budget}[scenarios.s]\ntenants = 2\n\
         [scenarios.event]\ntenants = 2\non = 2027-01-01\nlasts = \"3d\"\nbuffer = 0.1\n"
    ));
    let day = on_day(&project, 30);
    comes_to(day, "databases.d.spend", 3.945);
    // At the horizon: the rows of ten days and the state of twice ten tenants, 1.11 MB.
    let twice = scenario(&project, "s");
    comes_to(twice, "databases.d.spend", 2.22);
    same(&entry(twice, "id", "databases.d.spend")["limit"], 2.0);
    comes_to(twice, "databases.d.storage", 1_110_000.0);
    // While an event lasts the disk fills as it does today, with 40 tenants in the end.
    let event = scenario(&project, "event");
    comes_to(event, "databases.d.spend", 0.51);
    comes_to(event, "databases.d.storage", 2_220_000.0);
    // 500 KB cost a month's budget: 1.5 · (100 KB + k · 70 KB).
    let point = &entry(&project["meters"], "id", "databases.d.spend")["breaking_point"];
    let point = point.as_f64().unwrap();
    assert!(
        (point - (500.0 / 1.5 - 100.0) / 70.0).abs() < 1e-5,
        "{point}"
    );
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

/// Ten tenants that send a message of 1 KB in ten seconds each: 1 KB a second.
fn topic(keys: &str) -> Value {
    check(&format!(
        "[tenants]\npro = 10\n[queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nreplication = 2\n\
         {keys}\n[features.f]\nmessages = [{{ queue = \"q\", rate = \"8640/day\" }}]\n\
         [scenarios.s]\ntenants = 2\npayload = 3\nrequire = \"warn\"\n\
         [scenarios.event]\ntenants = 2\non = 2027-01-01\nlasts = \"3d\"\nbuffer = 0.1\n"
    ))
}

#[test]
fn a_topic_keeps_what_its_time_and_its_bytes_allow() {
    let retained = "queues.q.retained";
    // An hour is 3.6 MB, four partitions hold 400 KB, ten times as many 4 MB: a scenario with
    // twice the messages of three times the size fills those in 4 MB / (6 KB/s).
    let bytes =
        "retention_bytes = \"100KB\"\npartitions = { now = 4, max = 40 }\nstorage = \"1TB\"";
    let cases = [
        (format!("retention = \"1h\"\n{bytes}"), 800e3, 400.0, 8e6),
        (bytes.to_owned(), 800e3, 400.0, 8e6),
        (
            "retention = \"1h\"\nstorage = \"1TB\"".to_owned(),
            7.2e6,
            3600.0,
            43.2e6,
        ),
        (
            "retention = \"1min\"\nstorage = \"1TB\"".to_owned(),
            120e3,
            60.0,
            720e3,
        ),
    ];
    for (keys, today, seconds, then) in cases {
        let project = topic(&keys);
        comes_to(&project["meters"], retained, today);
        same(
            &entry(&project["meters"], "id", retained)["detail"]["kept_for"],
            seconds,
        );
        comes_to(scenario(&project, "s"), retained, then);
    }
    let compacted = topic("compact = { keys = 5 }\nstorage = \"1TB\"");
    // 5 keys for each of ten tenants, in two copies.
    comes_to(&compacted["meters"], retained, 100e3);
    comes_to(scenario(&compacted, "s"), retained, 600e3);
    let meter = entry(&compacted["meters"], "id", retained);
    assert_eq!(meter["detail"], serde_json::json!({}));
    let per_project = topic("compact = { keys = 5, per = \"project\" }\nstorage = \"1TB\"");
    comes_to(&per_project["meters"], retained, 10e3);
    // Without any of them it keeps everything, where that is asked for.
    let endless = topic("price = { per = \"1MB\", month = 3 }");
    let meter = entry(&endless["meters"], "id", retained);
    assert!(meter["demand"]["point"].is_null(), "{meter}");
}

/// 100 KB at 3 a MB; for three days of an event, twice as much.
#[test]
fn what_a_queue_keeps_costs_as_much_as_its_days() {
    let project = topic(
        "compact = { keys = 5 }\nstorage = \"1TB\"\nprice = { per = \"1MB\", month = 3 }\nbudget = 1",
    );
    comes_to(&project["meters"], "queues.q.spend", 0.3);
    let event = scenario(&project, "event");
    comes_to(event, "queues.q.spend", 0.3 * 0.9 + 0.6 * 0.1);
    comes_to(event, "queues.q.retained", 200e3);
}

#[test]
fn a_topic_carries_what_its_partitions_and_its_cluster_do() {
    let limit =
        |keys: &str| entry(&topic(keys)["meters"], "id", "queues.q.throughput")["limit"].clone();
    same(&limit("partitions = 4\nthroughput = \"10MB/s\""), 10e6);
    same(&limit("partitions = 2\nthroughput = \"10MB/s\""), 6e6);
    same(&limit("throughput = \"10MB/s\""), 10e6);
}

#[test]
fn bytes_that_cut_the_retention_short_are_an_error_today_and_a_warning_in_scenarios() {
    let rule = "retention-cut-short";
    let keys =
        |bytes: &str| format!("retention = \"1h\"\npartitions = 4\nretention_bytes = \"{bytes}\"");
    // An hour takes 900 KB of each partition today, six times as much in the scenario.
    assert_eq!(found(&topic(&keys("899KB")), rule), [("queues.q", "error")]);
    assert_eq!(
        found(&topic(&keys("900KB")), rule),
        [("queues.q", "warning")]
    );
    assert_eq!(
        found(&topic(&keys("5399KB")), rule),
        [("queues.q", "warning")]
    );
    assert_eq!(found(&topic(&keys("5400KB")), rule), []);
    let reported = topic(&keys("900KB")).to_string();
    assert!(
        reported.contains("keeps messages for 30m in `event`, not for 1h"),
        "{reported}"
    );
}

/// 150 messages a second that each take 1,000 seconds.
#[test]
fn sqs_lets_so_many_messages_be_in_flight() {
    let rule = "broker-inflight-limit";
    let in_flight = |broker: &str, max: &str| {
        let project = check(&format!(
            "[tenants]\npro = 10\n[queues.q]\nbroker = \"{broker}\"\nmessage_size = 1\n\
             workers = {{ {max} rate = \"3.6/h\", scale_on = \"queue-depth\" }}\n\
             [features.f]\nmessages = [{{ queue = \"q\", rate = \"7.5/s\", peak = 2 }}]\n"
        ));
        !found(&project, rule).is_empty()
    };
    assert!(in_flight("sqs", ""));
    assert!(in_flight("sqs-fifo", "max = 120_001,"));
    assert!(!in_flight("sqs", "max = 120_000,"));
    assert!(!in_flight("rabbitmq", ""));
}

#[test]
fn a_refresh_reaches_back_to_what_is_there() {
    let rule = "rollup-refresh-past-retention";
    let refresh = |days: &str, retention: &str| {
        let project = check(&format!(
            "[tenants]\npro = 1\n[databases.d]\nstorage = \"1TB\"\n\
             [tables.raw]\nkind = \"event\"\nrow_size = 1\nretention = {retention}\n\
             [tables.sums]\nkind = \"rollup\"\nfrom = \"raw\"\nratio = 0.1\nrow_size = 1\n\
             retention = \"9y\"\nrefresh = \"{days}\"\n"
        ));
        found(&project, rule).len()
    };
    assert_eq!(refresh("31d", "\"30d\""), 1);
    assert_eq!(refresh("30d", "\"30d\""), 0);
    assert_eq!(refresh("31d", "\"forever\"\nreason = \"r\""), 0);
}

/// 300 credits a month at the median; of those past the 100 of the plan, each hundred costs 10.
fn with_packs(rest: &str) -> Value {
    check(&format!(
        "[tenants]\npro = 10\n[apis.a]\nplan = {{ credits = 100, price = 10 }}\nbudget = 1000\n\
         packs = [{{ name = \"small\", credits = 100, price = 10 }}]\nendpoints.\"/x\" = {{ credits = 1 }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = {{ p50 = \"1/day\", p90 = \"2/day\" }} }}]\n\
         [costs.a]\nprice = 7\n[costs.b]\nprice = 0.25\n{rest}"
    ))
}

#[test]
fn the_spend_of_uncertain_credits_is_added_up_draw_by_draw() {
    let project = with_packs(
        "[budgets.costs]\nof = [\"costs.*\", \"costs.a\"]\nbudget = 8\n[budgets.total]\nbudget = 57.25\n",
    );
    let meters = &project["meters"];
    comes_to(meters, "costs.b.spend", 0.25);
    comes_to(meters, "budgets.costs.spend", 7.25);
    // Two packs at the median; at p80 there are 300 · 2^(0.8416/1.2816) = 473 credits: four.
    comes_to(meters, "budgets.total.spend", 37.25);
    let total = entry(meters, "id", "budgets.total.spend");
    same(&total["demand"]["p80"], 57.25);
    same(&total["utilization"], 1.0);
    assert_eq!(total["verdict"], "tight");
    // Four packs are enough for 500 credits.
    let at_p80 = 300.0 * 2f64.powf(0.841_621_233_572_914_3 / 1.281_551_565_544_600_4);
    let point = total["breaking_point"].as_f64().unwrap();
    assert!((point * at_p80 / 500.0 - 1.0).abs() < 1e-3, "{point}");
    assert!(has(meters, "costs.a.spend"));
}

/// A database that costs 0.51, and becomes no larger, and two budgets that count it.
fn budgets(own: &str, data: &str, total: &str) -> Value {
    let database = DATABASE
        .replace("{ now = 10, 30d = 40 }", "10")
        .replace("3/day", "0/day")
        .replace("price", &format!("budget = {own}\nprice"));
    check(&format!(
        "{database}[budgets.data]\nof = [\"databases.*\"]\nbudget = {data}\n\
         [budgets.total]\nbudget = {total}\n[scenarios.s]\ntenants = 1\n"
    ))
}

#[test]
fn of_a_budget_and_its_parts_only_the_parts_are_told() {
    let part = [("databases.d.spend", "error")];
    assert_eq!(found(&budgets("0.5", "0.5", "0.5"), "over-limit"), part);
    let project = budgets("0.5", "0.5", "0.5");
    let finding = project["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "over-limit")
        .unwrap();
    let related = finding["related"].to_string();
    assert!(related.contains("budgets.data.spend"), "{related}");
    assert!(related.contains("budgets.total.spend"), "{related}");
    // Where no part is over, the budget is told; one that is near hides nothing worse.
    let alone = found(&budgets("9", "0.5", "9"), "over-limit").len();
    assert_eq!(alone, 1);
    let worse = budgets("0.55", "0.5", "9");
    assert_eq!(
        found(&worse, "over-limit"),
        [("budgets.data.spend", "error")]
    );
    assert_eq!(
        found(&worse, "near-limit"),
        [("databases.d.spend", "warning")]
    );
}

/// 0.51 of 0.57 are under 90%, of 0.56 over it.
#[test]
fn spend_is_near_its_budget_from_nine_tenths_on() {
    assert_eq!(found(&budgets("0.57", "9", "9"), "near-limit"), []);
    let near = [("databases.d.spend", "warning")];
    assert_eq!(found(&budgets("0.56", "9", "9"), "near-limit"), near);
}

#[test]
fn a_scenario_in_which_nothing_scales_says_nothing() {
    let text = |per: &str, rate: &str| {
        format!(
            "[tenants]\npro = 1\n[apis.a]\nrate_limit = \"5/s\"\nendpoints.\"/x\" = {{ credits = 1 }}\n\
             [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"{rate}\", per = \"{per}\" }}, \
             {{ id = \"own\", endpoint = \"/x\", rate = \"1/day\" }}]\n"
        )
    };
    let rule = "scenario-over-limit";
    let fixed = check(&text("project", "6/s").replace("\"1/day\"", "\"0/day\""));
    assert_eq!(found(&fixed, "over-limit").len(), 1);
    assert_eq!(found(&fixed, rule), []);
    assert_eq!(found(&check(&text("tenant", "1/s")), rule).len(), 1);
}

#[test]
fn a_budget_for_several_is_a_budget_for_each_but_that_of_everything() {
    let model = |budgets: &str| {
        check(&format!(
            "[tenants]\npro = 1\n[models.m]\nprice = 1\ntenant_quota = \"9/day\"\n\
             [features.f]\ninference = [{{ model = \"m\", rate = \"1/day\", units = 1 }}]\n{budgets}"
        ))
    };
    let rule = "model-without-budget";
    assert_eq!(
        found(&model("[budgets.total]\nbudget = 100\n"), rule).len(),
        1
    );
    assert_eq!(
        found(
            &model("[budgets.a]\nof = [\"models.*\"]\nbudget = 100\n"),
            rule
        ),
        []
    );
    let other = "[costs.c]\nprice = 1\n[budgets.a]\nof = [\"costs.*\"]\nbudget = 100\n";
    assert_eq!(found(&model(other), rule).len(), 1);
}
