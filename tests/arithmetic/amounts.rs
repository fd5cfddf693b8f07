//! What differs from event to event, what is billed in steps and with a least, and prices that
//! change with use: figures worked out by hand.

use serde_json::Value;

use super::{check, entry, project, same};

const HEAD: &str = "[project]\nname = \"p\"\n[tenants]\npro = 1000\n";

/// What is said of the meter of a project without anything wrong.
fn meter(project: &Value, id: &str) -> Value {
    entry(&project["meters"], "id", id).clone()
}

/// The credits of one call a day.
fn credits(endpoint: &str, items: &str) -> Value {
    let project = check(&format!(
        "{HEAD}[apis.a]\nplan = {{ credits = 1_000_000 }}\n\
         [apis.a.endpoints.\"/x\"]\n{endpoint}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"1/day\", per = \"project\", items = {items} }}]\n"
    ));
    project["lines"][0]["per_day"]["credits"].clone()
}

#[test]
fn items_are_billed_in_whole_steps() {
    let table = [
        // Two items short of four steps of 160.
        ("credits_per_step = 3\nstep = 160", "638", 12.0),
        ("credits_per_step = 3\nstep = 160", "640", 12.0),
        ("credits_per_step = 3\nstep = 160", "641", 15.0),
        ("credits_per_step = 3\nstep = 160", "0", 0.0),
        ("credits_per_step = 3\nstep = 160", "0.001", 3.0),
        // As many items as the steps have: 2 + 0.5 · 20.
        ("credits = 2\ncredits_per_item = 0.5\nstep = 10", "11", 12.0),
        ("credits = 2\ncredits_per_item = 0.5", "11", 7.5),
        (
            "credits = 2\ncredits_per_item = 0.5\nmin_credits = 9",
            "11",
            9.0,
        ),
        // 0.3 in steps of 0.1 are three, whatever the quotient is in binary.
        ("credits_per_step = 1\nstep = 0.1", "0.3", 3.0),
    ];
    for (endpoint, items, expected) in table {
        same(&credits(endpoint, items), expected);
    }
}

/// Half of the texts have 120 characters, one in ten 300: a text of 160 to a segment takes
/// 1 + Σ P(X > 160 k) of them, with P(X > x) = Φ(−ln(x/120)/s) and s = ln 2.5 / z90 = 0.714985.
#[test]
fn the_mean_of_steps_is_not_the_steps_of_the_mean() {
    let texts = "{ each = { p50 = 120, p90 = 300 } }";
    // The mean is 154.95 characters, which one segment holds.
    let segments = credits("credits_per_step = 1\nstep = 160", texts);
    same(&segments, 1.472_432_727_485_79);
    // An average that nobody is sure of is one number: every text has its 120 characters.
    let unsure = credits(
        "credits_per_step = 1\nstep = 160",
        "{ p50 = 120, p90 = 300 }",
    );
    same(&unsure, 1.0);
}

/// The mean of a lognormal is p50 · e^(s²/2); with p10 as far below as p90 is above.
#[test]
fn totals_follow_the_mean_of_events() {
    let s = 2.0_f64.ln() / 1.281_551_565_544_600_4;
    let mean = 1.5 * (s * s / 2.0).exp();
    let each = |value: &str| format!("{{ each = {{ p50 = {value}, p90 = {value} }} }}");
    let doubled = "{ each = { p50 = 1.5, p90 = 3.0 } }";
    same(&credits("credits_per_item = 2", doubled), 2.0 * mean);
    same(&credits("credits_per_item = 2", &each("1.5")), 3.0);
    // A message of 100 B, three for each of two events a day of 1,000 tenants: means multiply.
    let sizes = "{ each = { p50 = 150, p90 = 300 } }";
    let project = check(&format!(
        "{HEAD}[databases.d]\nstorage = \"1TB\"\n\
         [tables.t]\nkind = \"event\"\nretention = \"30d\"\nrow_size = {sizes}\n\
         [queues.q]\nbroker = \"sqs\"\nmessage_size = {sizes}\n\
         [features.f]\n\
         messages = [{{ queue = \"q\", rate = \"2/day\", count = {doubled} }}]\n\
         writes = [{{ table = \"t\", after = \"q\", fanout = {doubled}, rows = {doubled} }}]\n"
    ));
    let message = entry(&project["lines"], "list", "messages");
    same(&message["per_day"]["bytes"], 2000.0 * mean * 100.0 * mean);
    let rows = entry(&project["lines"], "list", "writes");
    same(&rows["per_day"]["rows"], 2000.0 * mean * mean * mean);
    let bytes = meter(&project, "tables.t.storage");
    same(
        &bytes["demand"]["point"],
        30.0 * 2000.0 * 100.0 * mean.powi(4),
    );
    // It is not something that nobody is sure of.
    assert_eq!(bytes["demand"]["p50"], bytes["demand"]["p95"]);
}

/// `max(12, 2 + 0.5 · n)` of items around 15: with t = 20 it is 12 + 0.5 · E[max(X − 20, 0)], and
/// E[max(X − 20, 0)] = 15 e^(s²/2) Φ(s − z) − 20 Φ(−z), z = ln(20/15)/s, s = ln(50/15)/z90.
#[test]
fn a_least_counts_for_each_event() {
    let items = "{ each = { p50 = 15, p90 = 50 } }";
    let endpoint = "credits = 2\ncredits_per_item = 0.5\nmin_credits = 12";
    same(&credits(endpoint, items), 16.793_199_427_407_05);
    // Certain costs, and costs of which nobody is sure, have the same point.
    let unsure = endpoint.replace("= 2\n", "= { p50 = 2, p90 = 3 }\n");
    same(&credits(&unsure, items), 16.793_199_427_407_05);
}

fn model(keys: &str, units: &str) -> Value {
    check(&format!(
        "{HEAD}[models.m]\nbudget = {{ now = 1_000, max = 1_000 }}\n{keys}\n\
         [features.f]\ninference = [{{ model = \"m\", rate = \"160/month\", units = {units} }}]\n\
         [scenarios.double]\npayload = 2\nrequire = \"report\"\n"
    ))
}

#[test]
fn a_runs_units_are_billed_in_steps_and_used_as_they_are() {
    let keys = "price = { per = 1_000_000, input = 1, output = 2 }\nstep = 15\nmin_units = { input = 20 }\n\
                capacity = { output = \"1M/month\" }";
    let project = model(keys, "{ input = 3, output = 16 }");
    // 160,000 runs: 20 of input, and 16 of output as 30.
    let spend = meter(&project, "models.m.spend");
    same(
        &spend["demand"]["point"],
        160_000.0 * (20.0 + 2.0 * 30.0) / 1e6,
    );
    let line = &project["lines"][0]["per_day"];
    same(&line["units"]["output"], 160_000.0 * 16.0 / 30.0);
    same(&line["billed_units"]["output"], 160_000.0 * 30.0 / 30.0);
    same(&line["billed_units"]["input"], 160_000.0 * 20.0 / 30.0);
    let rate = meter(&project, "models.m.rate.output.month");
    same(&rate["demand"]["point"], 160_000.0 * 16.0);
    // Twice the payload: 6 of input are still 20, 32 of output are 45.
    let scenario = entry(&project["scenarios"], "name", "double");
    let spend = entry(&scenario["meters"], "id", "models.m.spend");
    same(
        &spend["demand"]["point"],
        160_000.0 * (20.0 + 2.0 * 45.0) / 1e6,
    );
}

/// 10,000 free, up to 100,000 at 5.00 a thousand, then 4.00.
const STEPS: [&str; 2] = [
    "[{ up_to = 10_000, price = 0, per = 1 }, { up_to = 100_000, price = 5, per = 1000 }, { price = 4, per = 1000 }]",
    "{ per = 1000, u = [{ up_to = 10_000, price = 0 }, { up_to = 100_000, price = 5 }, { price = 4 }] }",
];

#[test]
fn graduated_prices_are_paid_step_by_step() {
    // 160,000 a month: 90,000 · 0.005 + 60,000 · 0.004 = 690.
    let [credits, units] = STEPS;
    let api = check(&format!(
        "{HEAD}[apis.a]\noverage = {credits}\nbudget = 690\nendpoints.\"/x\" = {{ credits = 1 }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"160/month\" }}]\n"
    ));
    let model = model(&format!("price = {units}").replace("u =", "units ="), "1");
    for (project, id, breaks) in [
        (api, "apis.a.spend", 1.0),
        // To 1,000: 450 + 0.004 · 137,500, of 160,000.
        (model, "models.m.spend", 237_500.0 / 160_000.0),
    ] {
        let spend = meter(&project, id);
        same(&spend["demand"]["point"], 690.0);
        let breaking = spend["breaking_point"].as_f64().unwrap();
        assert!((breaking / breaks - 1.0).abs() < 1e-6, "{id}: {breaking}");
    }
}

/// Two packs of a million, and `2M/month`, which in binary is a little more.
#[test]
fn what_rounding_adds_buys_no_pack() {
    let text = |rate: &str| {
        format!(
            "{HEAD}[apis.a]\nplan = {{ credits = 1_000_000, price = 900 }}\n\
             packs = [{{ name = \"m\", credits = 1_000_000, price = 900 }}]\nbudget = 1_800\n\
             endpoints.\"/x\" = {{ credits = 1 }}\n\
             [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"{rate}/month\" }}]\n"
        )
    };
    let spend = meter(&check(&text("2000")), "apis.a.spend");
    same(&spend["demand"]["point"], 1_800.0);
    assert_eq!(spend["verdict"], "tight");
    let breaking = spend["breaking_point"].as_f64().unwrap();
    assert!((breaking - 1.0).abs() < 2e-6, "{breaking}");
    let more = meter(&check(&text("2000.01")), "apis.a.spend");
    same(&more["demand"]["point"], 2_700.0);
}

/// What fits, if only by the tolerance of verdicts, does not break before it is multiplied.
#[test]
fn what_is_used_up_to_the_last_breaks_at_1() {
    let of = |call: &str| {
        let project = check(&format!(
            "{HEAD}[apis.a]\nplan = {{ credits = 2_000_000, price = 1_000 }}\nbudget = 1_000.00\n\
             endpoints.\"/x\" = {{ credits = 1 }}\n\
             [features.f]\ncalls = [{{ endpoint = \"/x\", {call} }}]\n"
        ));
        meter(&project, "apis.a.credits")
    };
    let scaled = of("rate = \"2000/month\"");
    let breaking = scaled["breaking_point"].as_f64().unwrap();
    assert!((breaking - 1.0).abs() < 1e-9, "{breaking}");
    // Tenants don't scale it: what is a rounding error past the plan fits, however many come.
    let fixed = of("rate = \"2M/month\", per = \"project\"");
    assert!(fixed["demand"]["point"].as_f64().unwrap() > 2e6);
    assert_eq!(
        (&fixed["verdict"], &fixed["breaking_point"]),
        (&"tight".into(), &Value::Null)
    );
    let over = of("rate = \"2.0001M/month\", per = \"project\"");
    assert_eq!(
        (&over["verdict"], &over["breaking_point"]),
        (&"breaks".into(), &0.0.into())
    );
}

/// What excludes or requires each other changes as one, and a list of steps is one value.
#[test]
fn steps_are_attributed_as_one() {
    let text = |overage: &str, endpoint: &str| {
        format!(
            "{HEAD}[apis.a]\noverage = {overage}\nbudget = 1_000\nendpoints.\"/x\" = {{ {endpoint} }}\n\
             [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"160/month\", items = 90 }}]\n"
        )
    };
    let before = text("{ price = 5, per = 1000 }", "credits_per_item = 0.01");
    let after = text(STEPS[0], "step = 100, credits_per_step = 1");
    let files = [
        ("before/capacity.toml", &*before),
        ("after/capacity.toml", &*after),
    ];
    let project = project(&files, &["diff", "./before", "./after"]);
    let paths = |meter: &str| {
        let change = entry(&project["changes"], "meter", meter);
        let causes = change["attribution"].as_array().unwrap().iter();
        causes
            .map(|cause| cause["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths("apis.a.credits"),
        ["apis.a.endpoints.\"/x\".credits_per_item"]
    );
    let spend = ["apis.a.endpoints.\"/x\".credits_per_item", "apis.a.overage"];
    assert_eq!(paths("apis.a.spend"), spend);
}

#[test]
fn a_scenario_sets_what_is_new() {
    let (steps, price) = ("step = 100, credits_per_step = 1", STEPS[0]);
    let project = check(&format!(
        "{HEAD}[apis.a]\nbudget = {{ now = 5_000, max = 5_000 }}\noverage = {{ price = 5, per = 1000 }}\nendpoints.\"/x\" = {{ {steps} }}\n\
         [features.f]\ncalls = [{{ id = \"c\", endpoint = \"/x\", rate = \"160/month\", items = 90 }}]\n\
         [scenarios.s]\nrequire = \"report\"\n\
         [scenarios.s.set]\n\"apis.a.overage\" = {price}\n\"apis.a.endpoints.'/x'.step\" = 30\n\
         \"features.f.calls.c.items\" = {{ each = {{ p50 = 90, p90 = 90 }} }}\n"
    ));
    let spend = meter(&project, "apis.a.spend");
    same(&spend["demand"]["point"], 800.0);
    let scenario = entry(&project["scenarios"], "name", "s");
    let spend = entry(&scenario["meters"], "id", "apis.a.spend");
    // Three steps each: 450 + 380,000 · 0.004.
    same(&spend["demand"]["point"], 1_970.0);
}

/// Where nothing is left of an amount there is no step to pay for.
#[test]
fn of_nothing_no_step_is_billed() {
    let units = "{ each = { p50 = 40, p90 = 120 } }";
    let project = model("price = 0.01\nstep = 100", units);
    assert!(meter(&project, "models.m.spend")["demand"]["point"].as_f64() > Some(1_600.0));
    let text = format!(
        "{HEAD}[models.m]\nprice = 0.01\nstep = 100\n[features.f]\n\
         inference = [{{ model = \"m\", rate = \"160/month\", units = {units} }}]\n\
         [scenarios.empty]\npayload = 0\nrequire = \"report\"\n[budgets.total]\nbudget = {{ now = 1, max = 1 }}\n"
    );
    let scenario = check(&text)["scenarios"].clone();
    let meters = &entry(&scenario, "name", "empty")["meters"];
    let total = entry(meters, "id", "budgets.total.spend");
    assert_eq!(total["demand"]["point"], 0.0);
}

#[test]
fn steps_that_are_not_reached_cost_nothing() {
    let price = "price = { per = 1000, units = [{ up_to = 1_000_000, price = 5 }, { price = 4 }] }";
    let spend = meter(&model(price, "1"), "models.m.spend");
    same(&spend["demand"]["point"], 800.0);
}

/// A budget of the plan's own price pays for the plan.
#[test]
fn a_budget_of_the_plans_price_holds_as_long_as_the_plan() {
    let project = check(&format!(
        "{HEAD}[apis.a]\nplan = {{ credits = 320_000, price = 10 }}\noverage = {{ price = 1, per = 1000 }}\n\
         budget = 10\nendpoints.\"/x\" = {{ credits = 1 }}\n\
         [features.f]\ncalls = [{{ endpoint = \"/x\", rate = \"160/month\" }}]\n"
    ));
    let spend = meter(&project, "apis.a.spend");
    assert_eq!(spend["demand"]["point"], 10.0);
    let breaking = spend["breaking_point"].as_f64().unwrap();
    assert!((breaking / 2.0 - 1.0).abs() < 1e-6, "{breaking}");
}
