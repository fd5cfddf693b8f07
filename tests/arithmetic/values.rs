//! Growth, the busiest day, the keys of caches and limits that are none, worked out by hand.

use serde_json::Value;

use super::{check, entry, project, same};

#[track_caller]
fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    let close = (found - expected).abs() <= 1e-9 * expected.abs();
    assert!(close, "{found} is not {expected}");
}

fn point<'a>(meters: &'a Value, id: &str) -> &'a Value {
    &entry(meters, "id", id)["demand"]["point"]
}

fn horizon(project: &Value, day: u32) -> &Value {
    let mut horizons = project["horizons"].as_array().unwrap().iter();
    let horizon = horizons.find(|horizon| horizon["day"] == day).unwrap();
    match horizon["same_as_today"].as_bool() {
        Some(true) => &project["meters"],
        _ => &horizon["meters"],
    }
}

fn scenario<'a>(project: &'a Value, name: &str) -> &'a Value {
    &entry(&project["scenarios"], "name", name)["meters"]
}

/// One call and one row of 1,000 bytes a day for each of what is counted.
fn growing(tenants: &str, per: &str, rest: &str) -> Value {
    check(&format!(
        "[project]\nname = \"p\"\n{tenants}\n\
         [apis.a]\nplan = {{ credits = 1e9 }}\nendpoints.\"/x\" = {{ credits = 1 }}\n\
         [tables.t]\nkind = \"event\"\nrow_size = 1000\nretention = \"10y\"\nmax_size = \"1TB\"\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\", per = \"{per}\" }}]\n\
         writes = [{{ table = \"t\", rate = \"1/day\", per = \"{per}\" }}]\n{rest}"
    ))
}

#[test]
fn tenants_grow_by_so_much_a_period() {
    let tenants = "[tenants]\nteam = { now = 40, growth = \"10%/month\" }";
    let project = growing(tenants, "tenant", "[scenarios.s]\ntenants = 10\n");
    // 40 · 1.1^(t/30) tenants, 30 credits a month each.
    same(point(&project["meters"], "apis.a.credits"), 1200.0);
    for (day, tenants) in [(30, 44.0), (60, 48.4), (90, 53.24)] {
        near(
            point(horizon(&project, day), "apis.a.credits"),
            30.0 * tenants,
        );
        let rows: f64 = (0..day)
            .map(|day| 40.0 * 1.1_f64.powf(f64::from(day) / 30.0))
            .sum();
        near(
            point(horizon(&project, day), "tables.t.storage"),
            1000.0 * rows,
        );
    }
    let rows: f64 = (0..365)
        .map(|day| 40.0 * 1.1_f64.powf(f64::from(day) / 30.0))
        .sum();
    near(point(&project["meters"], "tables.t.storage"), 1000.0 * rows);
    // In a scenario every day is like the first.
    let times_10 = scenario(&project, "s");
    same(point(times_10, "apis.a.credits"), 12_000.0);
    near(point(times_10, "tables.t.storage"), 1000.0 * 400.0 * 365.0);
}

#[test]
fn growth_may_be_by_any_period_and_downwards() {
    let on_90 = |growth: &str| {
        let tenants = format!("[tenants]\nteam = {{ now = 40, growth = \"{growth}\" }}");
        let project = growing(&tenants, "tenant", "");
        horizon(&project, 90)
            .as_array()
            .unwrap()
            .iter()
            .find(|meter| meter["id"] == "apis.a.credits")
            .unwrap()["demand"]["point"]
            .as_f64()
            .unwrap()
    };
    for (growth, times) in [
        ("2%/week", 1.02_f64.powf(90.0 / 7.0)),
        ("0.1/month", 1.1_f64.powi(3)),
        ("50%/year", 1.5_f64.powf(90.0 / 365.0)),
        ("-10%/month", 0.9_f64.powi(3)),
        ("21%/60d", 1.1_f64.powi(3)),
        ("0%/day", 1.0),
        ("-100%/month", 0.0),
    ] {
        let found = on_90(growth);
        let expected = 1200.0 * times;
        assert!(
            (found - expected).abs() <= 1e-9 * expected,
            "{growth}: {found}, not {expected}"
        );
    }
}

#[test]
fn a_month_of_growth_has_the_projects_days() {
    let tenants = "days_per_month = 31\n[tenants]\nteam = { now = 40, growth = \"10%/month\" }\n\
                   pro = { now = 0, 31d = 0 }";
    let project = growing(tenants, "tenant", "");
    near(point(horizon(&project, 31), "apis.a.credits"), 31.0 * 44.0);
}

#[test]
fn a_fixed_count_grows_with_time_and_with_no_scenario() {
    for (fixed, in_scenario) in [(true, 3000.0), (false, 6000.0)] {
        let counts = format!(
            "[tenants]\npro = 1\n[entities]\ndevice = {{ count = {{ now = 100, growth = \"10%/month\" }}, fixed = {fixed} }}"
        );
        let project = growing(&counts, "device", "[scenarios.s]\ntenants = 2\n");
        near(point(horizon(&project, 30), "apis.a.credits"), 3300.0);
        same(
            point(scenario(&project, "s"), "apis.a.credits"),
            in_scenario,
        );
    }
}

#[test]
fn a_disk_fills_on_the_day_that_growth_fills_it() {
    // 0.9 of the disk is passed by the first day whose rows are more than that.
    let bytes = |days: u32| -> f64 {
        let days = 0..days;
        days.map(|day| 40_000.0 * 1.1_f64.powf(f64::from(day) / 30.0))
            .sum()
    };
    let disk = (bytes(200) / 0.9 + 1.0).ceil();
    let tenants = "[tenants]\nteam = { now = 40, growth = \"10%/month\" }";
    let database = format!("[databases.d]\nstorage = {disk}\n");
    let project = growing(tenants, "tenant", &database);
    let meter = entry(&project["meters"], "id", "databases.d.storage");
    assert_eq!(meter["detail"]["full_on_day"], 201);
}

/// Calls and messages of the project, 600 a day.
fn peaks(keys: &str, of_project: &str) -> Value {
    check(&format!(
        "[project]\nname = \"p\"\n{of_project}\n[apis.a]\n\
         rate_limit = [\"10/s\", \"90k/12h\", \"1000/day\", \"90k/2d\", \"90k/5d\", \"5000/week\", \"100k/month\"]\n\
         endpoints.\"/x\" = {{ credits = 1 }}\n\
         [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\nworkers = {{ max = 1, rate = \"1/s\" }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"600/day\", per = \"project\"{keys} }}]\n\
         messages = [{{ queue = \"q\", after = \"/x\" }}]\n\
         [scenarios.s]\nset = {{ 'features.f.calls.\"/x\".peak_day' = 7 }}\n"
    ))
}

#[test]
fn the_busiest_day_counts_in_every_window() {
    let windows = |keys: &str, of_project: &str, expected: [f64; 7]| {
        let project = peaks(keys, of_project);
        let names = ["s", "12h", "day", "2d", "5d", "week", "month"];
        for (window, expected) in names.into_iter().zip(expected) {
            let id = format!("apis.a.rate.{window}");
            near(point(&project["meters"], &id), expected);
        }
        project
    };
    let second = 600.0 / 86_400.0;
    let month = 18_000.0;
    let flat = [second, 300.0, 600.0, 1200.0, 3000.0, 4200.0, month];
    windows("", "", flat);
    // Within a day the larger of both; a week holds no more than its mean: in five days
    // 7/5 = 1.4 of the mean.
    let peak = [3.0 * second, 900.0, 1200.0, 2400.0, 4200.0, 4200.0, month];
    let project = windows(", peak = 3, peak_day = 2", "", peak);
    near(point(&project["meters"], "queues.q.workers"), 3.0 * second);
    let day = [2.0 * second, 600.0, 1200.0, 2400.0, 4200.0, 4200.0, month];
    let project = windows("", "peak_day = 2", day);
    // What follows inherits it.
    near(point(&project["meters"], "queues.q.workers"), 2.0 * second);
    // Credits are of a month.
    near(point(&project["meters"], "apis.a.credits"), month);
    near(point(scenario(&project, "s"), "apis.a.rate.day"), 4200.0);
    near(point(scenario(&project, "s"), "apis.a.rate.5d"), 4200.0);
}

/// Ten tenants that call an API through a cache.
fn cached(rate: &str, cache: &str) -> f64 {
    let project = check(&format!(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n\
         [apis.a]\nendpoints.\"/x\" = {{ credits = 1 }}\nendpoints.\"/y\" = {{ credits = 0 }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", {rate}, cache = {{ {cache} }} }}, \
         {{ id = \"first\", endpoint = \"/y\", rate = \"every 1h\" }}]\n"
    ));
    let credits = point(&project["meters"], "apis.a.credits");
    credits.as_f64().unwrap() / 30.0
}

#[test]
fn each_tenant_may_ask_for_several_objects() {
    let close = |found: f64, expected: f64| {
        assert!(
            (found - expected).abs() <= 1e-9 * expected,
            "{found} is not {expected}"
        );
    };
    // λT is 1 for one object, a quarter for each of four: h = 1/2 and 1/5 of 240 requests.
    let hourly = "rate = \"24/day\"";
    close(cached(hourly, "ttl = \"1h\""), 120.0);
    close(cached(hourly, "ttl = \"1h\", keys = 1"), 120.0);
    close(cached(hourly, "ttl = \"1h\", keys = 4"), 192.0);
    close(
        cached(hourly, "ttl = \"1h\", scope = \"tenant\", keys = 4"),
        192.0,
    );
    // All ask for the same: 10 times as often for each of forty.
    close(
        cached(hourly, "ttl = \"1h\", scope = \"shared\", keys = 40"),
        192.0,
    );
    // A batch has one request of each tenant; of two objects each comes every second time, so
    // that four hours hold two of them and not four: h = 1/2 and 3/4.
    let batch = "rate = \"every 1h\"";
    close(cached(batch, "ttl = \"4h\""), 60.0);
    close(cached(batch, "ttl = \"4h\", keys = 2"), 120.0);
    // With two requests of each in a batch two objects come every time.
    let twice = "after = \"first\", fanout = 2";
    close(cached(twice, "ttl = \"4h\", keys = 2"), 120.0);
    close(cached(twice, "ttl = \"4h\", keys = 4"), 240.0);
    // One of each comes no more often than batches do.
    close(cached(twice, "ttl = \"4h\", keys = 1"), 120.0);
    // Asked for every second batch on average.
    close(
        cached("after = \"first\", fanout = 0.5", "ttl = \"4h\", keys = 1"),
        60.0,
    );
}

/// A budget, a rate limit and a disk as these say.
fn limited(budget: &str, rate_limit: &str, storage: &str) -> String {
    format!(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n\
         [apis.a]\nrate_limit = {rate_limit}\nbudget = {budget}\noverage = {{ price = 1, per = 1 }}\n\
         endpoints.\"/x\" = {{ credits = 1 }}\n\
         [databases.d]\nstorage = {storage}\n\
         [tables.t]\nkind = \"state\"\nrow_size = 100\nrows = 1\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\" }}]\n\
         [scenarios.s]\ntenants = 2\n"
    )
}

#[test]
fn a_limit_may_be_none() {
    let project = check(&limited("\"none\"", "\"none\"", "\"none\""));
    for id in ["apis.a.spend", "apis.a.rate.s", "databases.d.storage"] {
        let meter = entry(&project["meters"], "id", id);
        assert_eq!(
            (&meter["limit"], &meter["verdict"]),
            (&Value::Null, &"unlimited".into()),
            "{id}"
        );
    }
    // Decided against, and not forgotten.
    let asks = |project: &Value| -> Vec<String> {
        let findings = project["findings"].as_array().unwrap().iter();
        let rules = findings.map(|finding| finding["rule"].as_str().unwrap().to_owned());
        rules
            .filter(|rule| rule.ends_with("-missing") && rule.starts_with(['l', 'b']))
            .collect()
    };
    assert_eq!(asks(&project), [""; 0]);
    let forgotten = limited("\"none\"", "\"none\"", "\"none\"");
    let forgotten = forgotten
        .replace("budget = \"none\"\n", "")
        .replace("rate_limit = \"none\"\n", "");
    let mut asked = asks(&check(&forgotten));
    asked.sort();
    assert_eq!(asked, ["budget-missing", "limit-missing"]);
}

/// Of what has no limit a scenario shows nothing.
fn is_unlimited(meters: &Value, id: &str) -> bool {
    let mut meters = meters.as_array().unwrap().iter();
    let meter = meters.find(|meter| meter["id"] == id);
    meter.is_none_or(|meter| meter["verdict"] == "unlimited")
}

#[test]
fn a_limit_may_be_none_in_scenarios_alone() {
    let project = check(&limited(
        "{ now = 400, max = \"none\" }",
        "{ now = \"1/s\", max = \"none\" }",
        "{ now = 2000, max = \"none\" }",
    ));
    for (id, limit) in [
        ("apis.a.spend", 400.0),
        ("apis.a.rate.s", 1.0),
        ("databases.d.storage", 2000.0),
    ] {
        same(&entry(&project["meters"], "id", id)["limit"], limit);
        assert!(is_unlimited(scenario(&project, "s"), id), "{id}");
    }
    let set = limited("{ now = 400, max = 500 }", "\"1/s\"", "2000")
        + "set = { \"apis.a.budget.max\" = \"none\", \"databases.d.storage\" = \"none\" }\n";
    let set = check(&set);
    for id in ["apis.a.spend", "databases.d.storage"] {
        assert!(is_unlimited(scenario(&set, "s"), id), "{id}");
    }
}

fn diff(base: &str, head: &str) -> Value {
    let files = [("base/capacity.toml", base), ("head/capacity.toml", head)];
    project(&files, &["diff", "./base", "./head"])
}

#[test]
fn a_limit_that_becomes_none_is_taken_away() {
    let removed = |before: &str, after: &str| -> Vec<String> {
        let diff = diff(
            &limited(before, "\"1/s\"", "2000"),
            &limited(after, "\"1/s\"", "2000"),
        );
        let findings = diff["findings"].as_array().unwrap().iter();
        let removed = findings.filter(|finding| finding["rule"] == "limit-removed");
        removed
            .map(|finding| finding["message"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        removed("400", "\"none\""),
        ["`apis.a.budget` is no longer limited to 400"]
    );
    assert_eq!(
        removed("{ now = 400, max = 800 }", "{ now = 400, max = \"none\" }"),
        [
            "`apis.a.budget` is no longer limited to { now = 400, max = 800 } in scenarios: it is { now = 400, max = \"none\" }"
        ]
    );
    for (before, after) in [
        ("\"none\"", "400"),
        ("\"none\"", "\"none\""),
        ("{ now = 400, max = \"none\" }", "400"),
    ] {
        assert_eq!(removed(before, after), [""; 0], "{before} {after}");
    }
}

#[test]
fn growth_and_days_to_come_change_as_one() {
    let with = |tenants: &str| {
        format!(
            "[project]\nname = \"p\"\n[tenants]\nteam = {{ {tenants} }}\n\
             [tables.t]\nkind = \"event\"\nrow_size = 1000\nretention = \"10y\"\n\
             [features.f]\nwrites = [{{ table = \"t\", rate = \"1/day\" }}]\n"
        )
    };
    let causes = |before: &str, after: &str| -> Vec<String> {
        let diff = diff(&with(before), &with(after));
        let change = entry(&diff["changes"], "meter", "tables.t.storage");
        let attribution = change["attribution"].as_array().unwrap().iter();
        let sum: f64 = attribution
            .clone()
            .map(|cause| cause["delta"].as_f64().unwrap())
            .sum();
        near(&change["delta"], sum);
        attribution
            .map(|cause| cause["path"].as_str().unwrap().to_owned())
            .collect()
    };
    let days = "now = 40, 30d = 44, 60d = 48";
    assert_eq!(
        causes(days, "now = 40, growth = \"10%/month\""),
        ["tenants.team.growth"]
    );
    assert_eq!(
        causes("now = 40, growth = \"10%/month\"", days),
        ["tenants.team.growth"]
    );
    assert_eq!(
        causes(
            "now = 40, growth = \"10%/month\"",
            "now = 50, growth = \"20%/month\""
        ),
        ["tenants.team.growth", "tenants.team.now"]
    );
    assert_eq!(
        causes(days, "now = 40, 30d = 44, 60d = 50"),
        ["tenants.team.60d"]
    );
}
