//! `limits` of APIs and models, with figures worked out by hand.

use serde_json::Value;

use super::{check, entry, same};

/// Three endpoints that ten tenants call once, twice and three times a day.
fn media(limits: &str) -> Value {
    check(&format!(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n[apis.a]\n{limits}\n\
         endpoints.\"search.list\" = {{ credits = 100 }}\n\
         endpoints.\"search.more\" = {{ credits = 50 }}\n\
         endpoints.\"videos.list\" = {{ credits = 1 }}\n\
         [features.f]\ncalls = [\n\
         {{ endpoint = \"search.list\", rate = \"1/day\" }},\n\
         {{ endpoint = \"search.more\", rate = \"2/day\" }},\n\
         {{ endpoint = \"videos.list\", rate = \"3/day\" }} ]\n"
    ))
}

/// A hundred standard and ten plus tenants, each of whose limit counts credits, 5 a call.
fn shops(limit: &str, lines: &str, rest: &str) -> Value {
    check(&format!(
        "[project]\nname = \"p\"\n[tenants]\nstandard = 100\nplus = 10\n\
         [entities]\nstore = {{ per_tenant = {{ standard = 2, plus = 4 }} }}\n\
         terminal = {{ per_tenant = 6 }}\ndevice = {{ count = 1000 }}\n\
         [apis.a]\nlimits = [{{ id = \"own\", {limit} }}]\n\
         endpoints.\"/x\" = {{ credits = 5 }}\n\
         [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\n\
         [features.f]\nadoption = 0.1\n{lines}\n{rest}\n"
    ))
}

fn today<'a>(project: &'a Value, meter: &str) -> &'a Value {
    entry(&project["meters"], "id", meter)
}

fn point(project: &Value, meter: &str) -> f64 {
    today(project, meter)["demand"]["point"].as_f64().unwrap()
}

fn has(project: &Value, meter: &str) -> bool {
    let mut meters = project["meters"].as_array().unwrap().iter();
    meters.any(|it| it["id"] == meter)
}

const BY_TIER: &str =
    "rate = { standard = \"10/s\", plus = \"20/s\" }, counts = \"credits\", per = \"tenant\"";

#[test]
fn a_limit_counts_calls_or_what_they_cost() {
    let project = media(
        "limits = [{ id = \"units\", rate = \"10_000/day\", counts = \"credits\" },\n\
         { id = \"calls\", rate = \"100/day\" }]",
    );
    // 10 · (1·100 + 2·50 + 3·1), and 10 · (1 + 2 + 3).
    let units = today(&project, "apis.a.rate.units");
    same(&units["demand"]["point"], 2030.0);
    assert_eq!(units["unit"], "credits/day");
    same(&units["breaking_point"], 10_000.0 / 2030.0);
    assert_eq!(point(&project, "apis.a.rate.calls"), 60.0);
    assert!(!has(&project, "apis.a.rate.s"));
}

#[test]
fn an_exclusive_limit_takes_its_endpoints_out_of_the_others() {
    let exclusive =
        "{ id = \"search\", rate = \"100/day\", endpoints = [\"search.*\"], exclusive = true }";
    let named = "{ id = \"list\", rate = \"50/day\", endpoints = [\"search.list\"] }";
    let others = "{ id = \"units\", rate = \"10_000/day\", counts = \"credits\" }";
    let limits = |list: &str| format!("rate_limit = \"1000/day\"\nlimits = [{list}]");
    let project = media(&limits(&format!("{exclusive}, {named}, {others}")));
    assert_eq!(point(&project, "apis.a.rate.search"), 30.0);
    // It names the endpoint.
    assert_eq!(point(&project, "apis.a.rate.list"), 10.0);
    assert_eq!(point(&project, "apis.a.rate.day"), 30.0);
    assert_eq!(point(&project, "apis.a.rate.units"), 30.0);
    // Credits count all: 30 days of 2,030.
    assert_eq!(point(&project, "apis.a.credits"), 60_900.0);
    // The control: nothing is taken out.
    let shared = exclusive.replace("true", "false");
    let project = media(&limits(&format!("{shared}, {named}, {others}")));
    assert_eq!(point(&project, "apis.a.rate.search"), 30.0);
    assert_eq!(point(&project, "apis.a.rate.day"), 60.0);
    assert_eq!(point(&project, "apis.a.rate.units"), 2030.0);
    // None is a limit, and still takes them out.
    let none = exclusive.replace("\"100/day\"", "\"none\"");
    let project = media(&limits(&format!("{none}, {others}")));
    assert!(!has(&project, "apis.a.rate.search"));
    assert_eq!(point(&project, "apis.a.rate.day"), 30.0);
}

#[test]
fn of_several_exclusive_limits_the_one_that_names_the_endpoint_counts_it() {
    let one = |id: &str, pattern: &str| {
        format!(
            "{{ id = \"{id}\", rate = \"100/day\", endpoints = [\"{pattern}\"], exclusive = true }}"
        )
    };
    let both = |a: &str, b: &str| media(&format!("limits = [{}, {}]", one("a", a), one("b", b)));
    let project = both("search.*", "search.list");
    assert_eq!(point(&project, "apis.a.rate.a"), 20.0);
    assert_eq!(point(&project, "apis.a.rate.b"), 10.0);
    // Neither names it, or both do.
    let project = both("search.*", "*list");
    assert_eq!(point(&project, "apis.a.rate.a"), 30.0);
    assert_eq!(point(&project, "apis.a.rate.b"), 40.0);
    let project = both("search.list", "search.list");
    assert_eq!(point(&project, "apis.a.rate.a"), 10.0);
    assert_eq!(point(&project, "apis.a.rate.b"), 10.0);
}

#[test]
fn calls_of_a_second_are_counted_where_no_limit_counts_all() {
    let narrow = "limits = [{ id = \"l\", rate = \"100/day\", endpoints = [\"search.*\"] }]";
    let project = media(narrow);
    same(
        &today(&project, "apis.a.rate.s")["demand"]["point"],
        60.0 / 86_400.0,
    );
    assert_eq!(today(&project, "apis.a.rate.s")["limit"], Value::Null);
    let all = narrow.replace(", endpoints = [\"search.*\"]", "");
    assert!(!has(&media(&all), "apis.a.rate.s"));
    let own = all.replace("\"100/day\"", "\"100/day\", per = \"tenant\"");
    assert!(has(&media(&own), "apis.a.rate.s"));
}

/// One call a second of all tenants, three times as many at the peak, and half of them again.
#[test]
fn what_runs_at_the_same_time_comes_within_its_duration() {
    let calls = |duration: &str, line: &str| {
        check(&format!(
            "[project]\nname = \"p\"\n[tenants]\npro = 10\n[apis.a]\nretry_ratio = 0.5\n\
             limits = [{{ id = \"slots\", concurrent = 36 }}]\n\
             endpoints.\"/x\" = {{ duration = {duration} }}\n\
             [features.f]\ncalls = [{{ endpoint = \"/x\", {line} }}]\n"
        ))
    };
    let steady = "rate = \"8640/day\", peak = 3";
    let project = calls("\"4s\"", steady);
    let meter = today(&project, "apis.a.concurrency.slots");
    same(&meter["demand"]["point"], 18.0);
    assert_eq!(meter["unit"], "calls");
    assert_eq!(meter["kind"], "concurrency");
    same(&meter["breaking_point"], 2.0);
    // Half an hour of a batch of ten that arrives in 100 s: 10 · 1.5 · 4/100.
    let project = calls("\"4s\"", "rate = \"every 30min\", spread = \"100s\"");
    same(
        &today(&project, "apis.a.concurrency.slots")["demand"]["point"],
        0.6,
    );
    // Longer than a day the mean: 1.5 calls a second for two days.
    let project = calls("\"2d\"", steady);
    same(
        &today(&project, "apis.a.concurrency.slots")["demand"]["point"],
        259_200.0,
    );
    // One duration of which nobody is sure.
    let project = calls("{ p50 = \"4s\", p90 = \"8s\" }", steady);
    let demand = &today(&project, "apis.a.concurrency.slots")["demand"];
    same(&demand["point"], 18.0);
    let p90 = demand["p90"].as_f64().unwrap();
    assert!((p90 / 36.0 - 1.0).abs() < 0.015, "{p90}");
    // Below a day three times the mean, above it the mean: p50 is 2 days' calls, p90 8 days'.
    let project = calls("{ p10 = \"12h\", p50 = \"2d\", p90 = \"8d\" }", steady);
    let demand = &today(&project, "apis.a.concurrency.slots")["demand"];
    let p90 = demand["p90"].as_f64().unwrap();
    assert!((p90 / (8.0 * 129_600.0) - 1.0).abs() < 0.015, "{p90}");
    // Durations that differ from call to call count with their mean: p50 · e^(s²/2).
    let project = calls("{ each = { p50 = \"4s\", p90 = \"8s\" } }", steady);
    let demand = &today(&project, "apis.a.concurrency.slots")["demand"];
    let s = 2.0_f64.ln() / 1.281_551_565_544_600_4;
    let found = demand["point"].as_f64().unwrap();
    assert!((found / (18.0 * (s * s / 2.0).exp()) - 1.0).abs() < 1e-9);
    assert_eq!(demand["p95"], demand["point"]);
    let project = calls("\"unknown\"", steady);
    let meter = today(&project, "apis.a.concurrency.slots");
    assert_eq!(meter["lower_bound"], true);
    assert_eq!(meter["verdict"], "unknown");
}

/// A call of 5 credits a second, 15 at the peak, and twice that of the largest tenant: three times
/// what a standard tenant may use, 1.5 times what a plus tenant may.
#[test]
fn a_limit_of_each_tenant_is_judged_for_the_closest_tier() {
    let line = "calls = [{ endpoint = \"/x\", rate = \"1/s\", peak = 3 }]";
    let rest = "[scenarios.s]\ntenants = 7\n";
    let project = shops(&format!("{BY_TIER}, largest = 2"), line, rest);
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 30.0);
    same(&meter["limit"], 10.0);
    same(&meter["utilization"], 3.0);
    assert_eq!(meter["detail"]["tier"], "standard");
    assert_eq!(meter["verdict"], "breaks");
    assert_eq!(meter["breaking_point"], 0.0);
    // It does not grow with tenants.
    let scenario = entry(&project["scenarios"], "name", "s");
    let grown = entry(&scenario["meters"], "id", "apis.a.rate.own");
    same(&grown["demand"]["point"], 30.0);
    // Only plus tenants have a limit, or call.
    let plus = BY_TIER.replace("standard = \"10/s\", ", "");
    let of_plus = line.replace("peak = 3", "peak = 3, tenants = [\"plus\"]");
    for (limit, line) in [(plus.as_str(), line), (BY_TIER, &of_plus)] {
        let project = shops(limit, line, rest);
        let meter = today(&project, "apis.a.rate.own");
        assert_eq!(meter["detail"]["tier"], "plus");
        same(&meter["utilization"], 0.75);
        assert_eq!(meter["breaking_point"], Value::Null);
    }
    // Equals: the first by name.
    let same_for_all = "rate = \"30/s\", counts = \"credits\", per = \"tenant\"";
    let project = shops(same_for_all, line, rest);
    assert_eq!(today(&project, "apis.a.rate.own")["detail"]["tier"], "plus");
    // Nobody has one.
    let nobody = "rate = { plus = \"none\" }, per = \"tenant\"";
    let project = shops(nobody, line, rest);
    assert!(!has(&project, "apis.a.rate.own"));
}

#[test]
fn a_batch_of_one_tenant_comes_whole_but_for_its_spread() {
    let own = |line: &str| {
        let project = shops(
            BY_TIER,
            &format!("calls = [{{ endpoint = \"/x\", {line} }}]"),
            "",
        );
        point(&project, "apis.a.rate.own")
    };
    assert_eq!(own("rate = \"every 1h\""), 5.0);
    assert_eq!(own("rate = \"every 1h\", spread = \"10s\""), 0.5);
    // Eight batches in a second, each of one call.
    assert_eq!(own("rate = \"every 125ms\""), 40.0);
}

/// Each message is followed by 30 calls: 150 credits at once, however rare.
#[test]
fn one_occurrence_alone_may_be_more_than_the_limit() {
    let lines = |line: &str| {
        format!(
            "messages = [{{ queue = \"q\", {line} }}]\n\
             calls = [{{ endpoint = \"/x\", after = \"q\", fanout = 30 }}]"
        )
    };
    let limit = format!("{BY_TIER}, largest = 2");
    let project = shops(&limit, &lines("rate = \"1/day\""), "");
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 150.0);
    assert_eq!(meter["detail"]["tier"], "standard");
    // Over a minute they are 2.5 credits a second, which fit; the mean is what counts then.
    let project = shops(&limit, &lines("rate = \"1/day\", spread = \"1min\""), "");
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 2.0 * 150.0 / 86_400.0);
    // Over six seconds 25 credits a second: too many for both.
    let project = shops(&limit, &lines("rate = \"1/day\", spread = \"6s\""), "");
    same(&today(&project, "apis.a.rate.own")["demand"]["point"], 25.0);
    // The same without a limit of each tenant.
    let all = "rate = \"10/s\", counts = \"credits\"";
    let project = shops(all, &lines("rate = \"1/day\""), "");
    same(
        &today(&project, "apis.a.rate.own")["demand"]["point"],
        11.0 * 150.0 / 86_400.0,
    );
}

/// Workers that let one job through a second limit what a tenant can use in one.
#[test]
fn workers_limit_what_one_tenant_uses() {
    let text = |workers: &str| {
        check(&format!(
            "[project]\nname = \"p\"\n[tenants]\npro = 10\n[apis.a]\n\
             limits = [{{ id = \"own\", rate = \"100/s\", per = \"tenant\", largest = 3 }}]\n\
             endpoints.\"/x\" = {{ credits = 5 }}\n\
             [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\n{workers}\n\
             [features.f]\nmessages = [{{ queue = \"q\", rate = \"8/s\" }}]\n\
             calls = [{{ endpoint = \"/x\", after = \"q\" }}]\n"
        ))
    };
    assert_eq!(point(&text(""), "apis.a.rate.own"), 24.0);
    let project = text("workers = { max = 2, rate = \"1/s\" }");
    assert_eq!(point(&project, "apis.a.rate.own"), 6.0);
}

/// A standard tenant has two stores, three terminals for each, and 60 calls an hour of its own.
#[test]
fn a_limit_of_each_entity_counts_its_share_of_the_tenant() {
    let lines = "calls = [\n\
        { endpoint = \"/x\", rate = \"60/h\" },\n\
        { id = \"b\", endpoint = \"/x\", rate = \"10/h\", per = \"store\" },\n\
        { id = \"c\", endpoint = \"/x\", rate = \"1/h\", per = \"terminal\" },\n\
        { id = \"d\", endpoint = \"/x\", rate = \"999/h\", per = \"project\" },\n\
        { id = \"e\", endpoint = \"/x\", rate = \"999/h\", per = \"device\" } ]";
    let project = shops("rate = \"86/h\", per = \"store\"", lines, "");
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 60.0 / 2.0 + 10.0 + 6.0 / 2.0);
    same(&meter["utilization"], 0.5);
    assert_eq!(meter["detail"]["tier"], "standard");
    // Of what is counted by itself, only what it does.
    let project = shops("rate = \"86/h\", per = \"device\"", lines, "");
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 999.0);
    assert_eq!(meter["detail"], serde_json::json!({}));
}

#[test]
fn what_is_unknown_of_tenants_is_unknown_of_their_limits() {
    let line = "calls = [{ endpoint = \"/x\", rate = \"1/s\" }]";
    let project = shops(BY_TIER, line, "");
    assert_eq!(today(&project, "apis.a.rate.own")["lower_bound"], false);
    let text = "[project]\nname = \"p\"\n[tenants]\npro = \"unknown\"\n[apis.a]\n\
        limits = [{ id = \"own\", rate = \"10/s\", per = \"tenant\" }]\n\
        endpoints.\"/x\" = { credits = 1 }\n\
        [features.f]\ncalls = [{ endpoint = \"/x\", rate = \"1/s\" }]\n";
    let project = check(text);
    let meter = today(&project, "apis.a.rate.own");
    assert_eq!(meter["verdict"], "unknown");
    let nobody = check(&text.replace("\"unknown\"", "0"));
    let meter = today(&nobody, "apis.a.rate.own");
    same(&meter["demand"]["point"], 0.0);
    assert_eq!(meter["limit"], Value::Null);
}

/// A run a minute with 50 units in and 25 out, that takes half a minute.
#[test]
fn models_have_limits_on_units_and_on_what_runs_at_the_same_time() {
    let project = check(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n[models.m]\n\
         price = { input = 1, output = 2 }\nduration = \"30s\"\ncapacity = { input = \"1000/min\" }\n\
         limits = [{ id = \"tokens\", rate = \"1000/min\", counts = [\"input\", \"output\"] },\n\
         { id = \"runs\", rate = \"10/min\" }, { id = \"out\", rate = \"50/min\", counts = \"output\" },\n\
         { id = \"own\", rate = \"1/min\", per = \"tenant\" }, { id = \"jobs\", concurrent = 5 }]\n\
         [features.f]\n\
         inference = [{ model = \"m\", rate = \"144/day\", units = { input = 50, output = 25 } }]\n",
    );
    for (id, demand, unit) in [
        ("rate.tokens", 75.0, "input+output/min"),
        ("rate.runs", 1.0, "requests/min"),
        ("rate.out", 25.0, "output/min"),
        ("rate.own", 0.1, "requests/min"),
        ("rate.input.min", 50.0, "input/min"),
        ("concurrency.jobs", 0.5, "runs"),
    ] {
        let meter = today(&project, &format!("models.m.{id}"));
        same(&meter["demand"]["point"], demand);
        assert_eq!(meter["unit"], unit);
    }
}

#[test]
fn what_a_limit_can_be_raised_to_holds_in_scenarios() {
    let line = "calls = [{ endpoint = \"/x\", rate = \"1/s\" }]";
    let rest = "[scenarios.s]\ntenants = 1\nset = { \"apis.a.limits.own.largest\" = 4 }\n";
    let limit = "rate = { now = \"10/s\", max = \"40/s\" }, counts = \"credits\", per = \"tenant\"";
    let project = shops(limit, line, rest);
    same(&today(&project, "apis.a.rate.own")["utilization"], 0.5);
    let scenario = entry(&project["scenarios"], "name", "s");
    let meter = entry(&scenario["meters"], "id", "apis.a.rate.own");
    same(&meter["demand"]["point"], 20.0);
    same(&meter["limit"], 40.0);
}

/// One occurrence counts by itself only where it alone is more than the limit.
#[test]
fn one_occurrence_below_the_limit_is_no_floor() {
    let line = "calls = [{ endpoint = \"/x\", rate = \"24/day\" }]";
    let project = shops("rate = \"100/min\", per = \"tenant\"", line, "");
    same(
        &today(&project, "apis.a.rate.own")["demand"]["point"],
        24.0 / 1_440.0,
    );
}

/// A tier whose tenants have none of an entity has no member that could be over.
#[test]
fn a_tier_without_members_is_no_candidate() {
    let project = check(
        "[project]\nname = \"p\"\n[tenants]\nfree = 100\npro = 10\n\
         [entities]\nstore = { per_tenant = { free = 0, pro = 2 } }\n\
         [apis.a]\nlimits = [{ id = \"own\", rate = \"10/h\", per = \"store\" }]\n\
         endpoints.\"/x\" = {}\n[features.f]\ncalls = [{ endpoint = \"/x\", rate = \"8/h\" }]\n",
    );
    let meter = today(&project, "apis.a.rate.own");
    same(&meter["demand"]["point"], 4.0);
    assert_eq!(meter["detail"]["tier"], "pro");
}

/// What workers let through of one tenant's calls counts as what the calls cost.
#[test]
fn workers_limit_the_credits_of_one_tenant_too() {
    let project = check(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n[apis.a]\n\
         limits = [{ id = \"own\", rate = \"100/s\", counts = \"credits\", per = \"tenant\" }]\n\
         endpoints.\"/x\" = { credits = 5 }\n\
         [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\nworkers = { max = 2, rate = \"1/s\" }\n\
         [features.f]\nmessages = [{ queue = \"q\", rate = \"8/s\" }]\n\
         calls = [{ endpoint = \"/x\", after = \"q\" }]\n",
    );
    assert_eq!(point(&project, "apis.a.rate.own"), 10.0);
}

/// Limits on what runs at once, and on windows, are exclusive among themselves; and a window that is
/// called `s` is one of the limits.
#[test]
fn kinds_of_limits_take_nothing_from_each_other() {
    let project = check(
        "[project]\nname = \"p\"\n[tenants]\npro = 10\n[apis.a]\n\
         limits = [{ id = \"at-once\", concurrent = 5, endpoints = [\"/x\"], exclusive = true },\n\
         { id = \"s\", rate = \"100/day\", endpoints = [\"/*\"] }]\n\
         endpoints.\"/x\" = { duration = \"1s\" }\n[features.f]\n\
         calls = [{ endpoint = \"/x\", rate = \"2/day\" }]\n",
    );
    let mut meters = project["meters"].as_array().unwrap().iter();
    let rates = meters.by_ref().filter(|it| it["kind"] == "rate");
    let rates: Vec<&Value> = rates.collect();
    assert_eq!(rates.len(), 1, "{rates:?}");
    assert_eq!(rates[0]["id"], "apis.a.rate.s");
    same(&rates[0]["demand"]["point"], 20.0);
}
