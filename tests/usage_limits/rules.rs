//! What rules say of limits, and of demand without one.

use caplint::finding::Severity;

use super::{api, entry, errors};
use crate::support::lint::{check, findings, only};

#[test]
fn limits_that_count_calls_of_unlike_costs_are_asked_about() {
    let plain = api("rate_limit = \"1000/day\"");
    let finding = only("limit-counts-calls", &plain);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(&*finding.subject, "apis.a");
    // It speaks for the credits that nothing limits.
    assert_eq!(findings("limit-missing", &plain).len(), 0);
    for answered in [
        "limits = [{ id = \"l\", rate = \"1000/day\", counts = \"credits\" }]",
        "limits = [{ id = \"l\", rate = \"1000/day\", counts = \"calls\" }]",
        "rate_limit = \"1000/day\"\nplan = { credits = 1_000_000 }",
        "rate_limit = \"1000/day\"\noverage = { price = 1, per = 1000 }\nbudget = 100",
    ] {
        assert_eq!(
            findings("limit-counts-calls", &api(answered)).len(),
            0,
            "{answered}"
        );
    }
    let by_default = "limits = [{ id = \"l\", rate = \"1000/day\", per = \"tenant\" }]";
    assert_eq!(findings("limit-counts-calls", &api(by_default)).len(), 1);
    let ones = plain.replace("credits = 100", "credits = 1");
    assert_eq!(findings("limit-counts-calls", &ones).len(), 0);
    let free = ones.replace(
        "endpoints.\"/x\" = { credits = 1 }",
        "endpoints.\"/x\" = {}",
    );
    assert_eq!(findings("limit-counts-calls", &free).len(), 0);
}

#[test]
fn demand_that_meets_no_limit_is_missed() {
    let missing = |toml: &str| -> Vec<String> {
        let found = findings("limit-missing", toml).into_iter();
        found.map(|it| it.subject.to_string()).collect()
    };
    assert_eq!(missing(&api("")), ["apis.a.plan", "apis.a.rate_limit"]);
    let at_once = "limits = [{ id = \"l\", concurrent = \"none\" }]";
    assert_eq!(missing(&api(at_once)), ["apis.a.plan", "apis.a.rate_limit"]);
    assert_eq!(
        missing(&entry("rate = \"none\", counts = \"calls\"")),
        ["apis.a.plan"]
    );
    assert_eq!(
        missing(&entry("rate = \"1000/day\", counts = \"credits\"")),
        [""; 0]
    );
    let database = |keys: &str| {
        format!(
            "[tenants]\npro = 1\n[databases.d]\nstorage = \"1TB\"\n{keys}\n\
             [tables.t]\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 1\n\
             [features.f]\nwrites = [{{ table = \"t\", rate = \"1/day\" }}]\n"
        )
    };
    assert_eq!(missing(&database("")), ["databases.d.writes"]);
    assert_eq!(
        missing(&database("engine = \"mysql\"")),
        ["databases.d.writes"]
    );
    for keys in ["writes = \"1/s\"", "writes = \"none\"", "engine = \"s3\""] {
        assert_eq!(missing(&database(keys)), [""; 0], "{keys}");
    }
    let unwritten = database("").replace("\n[features.f]", "\n[features.g]");
    let unwritten = &unwritten[..unwritten.find("[features.g]").unwrap()];
    assert_eq!(missing(unwritten), [""; 0]);
}

#[test]
fn workers_are_held_against_limits_on_what_they_call() {
    let toml = |limit: &str| {
        format!(
            "[tenants]\npro = 1\n[apis.a]\nlimits = [{{ id = \"burst\", {limit} }}]\n\
             endpoints.\"/x\" = {{ credits = 2 }}\nendpoints.\"/y\" = {{}}\n\
             [queues.q]\nbroker = \"sqs\"\nmessage_size = 1\ndrain = \"1h\"\n\
             workers = {{ max = 10, rate = \"1/s\", api = \"a\" }}\n\
             [features.f]\nmessages = [{{ queue = \"q\", rate = \"1/day\" }}]\n\
             calls = [{{ endpoint = \"/x\", after = \"q\" }}, {{ endpoint = \"/y\", rate = \"1/day\" }}]\n"
        )
    };
    let finding = only("worker-ceiling-over-rate-limit", &toml("rate = \"5/s\""));
    let help = finding.help.unwrap();
    assert_eq!(
        help,
        "set `max = 5` for the workers of `q`, or raise `apis.a.limits.burst.rate` to `\"10/s\"`"
    );
    for same in ["endpoints = [\"*\"]", "endpoints = [\"/x\"]"] {
        let finding = only(
            "worker-ceiling-over-rate-limit",
            &toml(&format!("rate = \"5/s\", {same}")),
        );
        assert_eq!(finding.help.unwrap(), help, "{same}");
    }
    let credits = "rate = \"10/s\", counts = \"credits\"";
    let finding = only("worker-ceiling-over-rate-limit", &toml(credits));
    assert_eq!(
        finding.message,
        "workers can call `a` more often than it allows: 10 workers × 1/s × 1 call × 2 credits = \
         20/s of 10/s"
    );
    assert_eq!(
        finding.help.unwrap(),
        "set `max = 5` for the workers of `q`, or raise `apis.a.limits.burst.rate` to `\"20/s\"`"
    );
    // Of the lines behind the workers the one that counts least.
    let two = toml("rate = \"5/s\", endpoints = [\"/x\"]")
        .replace("\"/y\", rate = \"1/day\"", "\"/y\", after = \"q\"");
    assert_eq!(findings("worker-ceiling-over-rate-limit", &two).len(), 0);
    for other in [
        "rate = \"10/s\"",
        "rate = \"5/s\", per = \"tenant\"",
        "rate = \"5/s\", endpoints = [\"/y\"]",
        "rate = \"20/s\", counts = \"credits\"",
        "rate = \"5/s\", endpoints = [\"/y\"], counts = \"credits\"",
        "rate = \"5/h\"",
    ] {
        let found = findings("worker-ceiling-over-rate-limit", &toml(other));
        assert_eq!(found.len(), 0, "{other}");
    }
}

#[test]
fn peaks_and_bursts_are_asked_about_for_every_limit() {
    let steady = entry("rate = \"1000/h\"").replace("peak = 2\n", "");
    assert_eq!(
        &*only("peak-assumed", &steady).subject,
        "apis.a.limits.l.rate"
    );
    let long = steady.replace("1000/h", "1000/day");
    assert_eq!(findings("peak-assumed", &long).len(), 0);
    let batch = |keys: &str| {
        let all = entry(keys).replace("rate = \"2/day\"", "rate = \"every 1day\"");
        all.replace("credits = 100 ", "credits = 100, duration = \"1s\" ")
            .replace("credits = 1 ", "credits = 1, duration = \"1s\" ")
    };
    // Fifteen calls of 100 credits at once.
    let finding = only(
        "burst-undeclared",
        &batch("rate = \"1000/min\", counts = \"credits\""),
    );
    assert!(
        finding.message.contains("1,500 credits at once"),
        "{}",
        finding.message
    );
    assert_eq!(
        findings("burst-undeclared", &batch("rate = \"1000/min\"")).len(),
        0
    );
    let at_once = only("burst-undeclared", &batch("concurrent = 4"));
    assert!(
        at_once.message.contains("15 calls at once"),
        "{}",
        at_once.message
    );
    assert_eq!(
        findings("burst-undeclared", &batch("concurrent = 40")).len(),
        0
    );
    let own = "rate = \"10/min\", per = \"tenant\"";
    assert_eq!(findings("burst-undeclared", &batch(own)).len(), 0);
}

/// A unit called `requests` is what each run is one of.
#[test]
fn runs_are_counted_once() {
    let file = |quota: &str| {
        format!(
            "[tenants]\npro = 10\n[models.m]\nunit = \"requests\"\nprice = 0.01\nbudget = 1_000_000\n\
             tenant_quota = \"{quota}\"\n[features.f]\n\
             inference = [{{ model = \"m\", rate = \"20/day\" }}]\n"
        )
    };
    assert_eq!(findings("quota-below-use", &file("20/day")).len(), 0);
    let finding = only("quota-below-use", &file("19/day"));
    assert!(
        finding.message.contains("20 requests a day"),
        "{}",
        finding.message
    );
    let report = check(&[("capacity.toml", &file("20/day"))], "");
    let mut meters = report.projects[0].meters.iter();
    let spend = meters.find(|it| &*it.id == "models.m.spend").unwrap();
    assert_eq!(spend.demand.point, Some(60.0));
}

#[test]
fn what_is_only_read_needs_no_limit_on_writes() {
    let file = |line: &str| {
        format!(
            "[databases.d]\nengine = \"postgres\"\nstorage = \"1TB\"\n[tables.t]\nkind = \"state\"\n\
             row_size = \"1KB\"\nrows = 5\nper = \"project\"\n[features.f]\n{line} = [{{ table = \"t\", rate = \"1/day\", per = \"project\" }}]\n"
        )
    };
    assert_eq!(findings("limit-missing", &file("reads")).len(), 0);
    let finding = only("limit-missing", &file("writes"));
    assert_eq!(&*finding.subject, "databases.d.writes");
}

/// Nothing is over by a price whose key is missing.
#[test]
fn a_price_for_steps_of_no_size_is_unknown() {
    let toml = api("plan = { credits = 10 }").replace(
        "endpoints.\"/x\" = { credits = 100 }",
        "endpoints.\"/x\" = { credits_per_step = 100 }",
    );
    let toml = toml.replace(
        "endpoints.\"/y\" = { credits = 1 }",
        "endpoints.\"/y\" = {}",
    );
    assert_eq!(errors(&toml).len(), 1);
    assert_eq!(findings("over-limit", &toml).len(), 0);
}
