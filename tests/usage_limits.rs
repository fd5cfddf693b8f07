//! Limits of APIs and models: what is wrong with them, what rules say of them, and what changes to
//! them do.

use caplint::finding::Severity;
use caplint::report::{Finding, Verdict};

use crate::support::lint::{check, compare, findings, only};

/// An API whose limits say this, and that a tenant calls twice a day for 100 credits.
fn api(limits: &str) -> String {
    format!(
        "[project]\npeak = 2\n[tenants]\npro = 10\nfree = 5\n\
         [entities]\ndevice = {{ count = 7 }}\nstore = {{ per_tenant = 2 }}\n[apis.a]\n{limits}\n\
         endpoints.\"/x\" = {{ credits = 100 }}\nendpoints.\"/y\" = {{ credits = 1 }}\n\
         [features.f]\nspec = \"spec.md\"\nowner = \"o\"\n\
         calls = [{{ endpoint = \"/x\", rate = \"2/day\" }}, {{ endpoint = \"/y\", rate = \"1/day\" }}]\n"
    )
}

fn entry(keys: &str) -> String {
    api(&format!("limits = [{{ id = \"l\", {keys} }}]"))
}

fn errors(toml: &str) -> Vec<(String, String)> {
    let report = check(&[("capacity.toml", toml), ("spec.md", "")], "");
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    let files = [
        "invalid-value",
        "missing-key",
        "unknown-key",
        "unknown-reference",
        "duplicate-name",
    ];
    findings
        .filter(|it| files.contains(&&*it.rule))
        .map(|it| (it.rule.to_string(), it.message.to_string()))
        .collect()
}

#[test]
fn keys_that_do_not_go_together_are_refused_once() {
    for (keys, rule, message) in [
        (
            "rate = \"1/s\", concurrent = 1",
            "invalid-value",
            "either `rate` or `concurrent`",
        ),
        (
            "largest = 2, rate = \"1/s\"",
            "invalid-value",
            "`largest` goes with `per` only",
        ),
        (
            "counts = \"calls\", concurrent = \"none\"",
            "invalid-value",
            "`counts` does not go",
        ),
        (
            "exclusive = true, rate = \"1/s\"",
            "missing-key",
            "which endpoints",
        ),
        (
            "per = \"tenant\"",
            "missing-key",
            "neither `rate` nor `concurrent`",
        ),
        (
            "rate = \"1/s\", endpoints = []",
            "invalid-value",
            "for no endpoint",
        ),
        (
            "rate = \"1/s\", endpoints = [\"/z\"]",
            "unknown-reference",
            "no endpoint of the API matches `/z`",
        ),
        (
            "rate = \"1/s\", endpoints = [\"/z*\"]",
            "unknown-reference",
            "matches `/z*`",
        ),
        (
            "rate = \"1/s\", per = \"project\"",
            "invalid-value",
            "`per` tenant or entity",
        ),
        (
            "rate = \"1/s\", per = \"shop\"",
            "unknown-reference",
            "no entity `shop`",
        ),
        (
            "rate = { pro = \"1/s\" }",
            "invalid-value",
            "goes with `per` only",
        ),
        (
            "rate = { pro = \"1/s\" }, per = \"device\"",
            "invalid-value",
            "belongs to no tier",
        ),
        (
            "rate = { pro = \"1/s\", free = \"1/min\" }, per = \"tenant\"",
            "invalid-value",
            "different periods",
        ),
        (
            "rate = { max = \"1/s\" }, per = \"tenant\"",
            "unknown-reference",
            "no tier `max`",
        ),
        (
            "rate = { por = \"1/s\" }, per = \"tenant\"",
            "unknown-reference",
            "no tier `por`",
        ),
        ("rate = \"every 1s\"", "invalid-value", "cannot be a batch"),
        ("concurrent = 3", "missing-key", "`/x` has no `duration`"),
        (
            "rate = \"1/s\", counts = \"call\"",
            "invalid-value",
            "cannot be `call`",
        ),
        (
            "rate = \"1/s\", per = \"tenant\", largest = 0.5",
            "invalid-value",
            "below 1",
        ),
        ("rat = \"1/s\"", "unknown-key", "unknown key `rat`"),
    ] {
        let found = errors(&entry(keys));
        let of_x = found.iter().filter(|(_, it)| !it.contains("`/y` has no"));
        let of_x: Vec<_> = of_x.collect();
        assert_eq!(of_x.len(), 1, "{keys}: {found:?}");
        assert_eq!(of_x[0].0, rule, "{keys}: {found:?}");
        assert!(of_x[0].1.contains(message), "{keys}: {found:?}");
    }
    for keys in [
        "rate = \"1/s\", endpoints = [\"/*\", \"/x\"], exclusive = true, counts = \"credits\"",
        "rate = { pro = \"1/s\", free = \"none\" }, per = \"tenant\", largest = 3",
        "rate = { pro = { now = \"1/s\", max = \"2/s\" } }, per = \"store\"",
        "rate = \"1/s\", per = \"device\"",
        "concurrent = \"none\"",
    ] {
        assert_eq!(errors(&entry(keys)), Vec::new(), "{keys}");
    }
}

#[test]
fn ids_are_unique_among_all_limits_of_a_thing() {
    let twice = "limits = [{ id = \"l\", rate = \"1/s\" }, { id = \"l\", concurrent = \"none\" }]";
    let window = "rate_limit = \"1/min\"\nlimits = [{ id = \"min\", rate = \"1/s\" }]";
    for limits in [twice, window] {
        let found = errors(&api(limits));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "duplicate-name");
    }
    assert_eq!(
        errors(&api(&window.replace("\"min\"", "\"l\""))),
        Vec::new()
    );
    let model = "[tenants]\npro = 1\n[models.m]\nlimits = [{ id = \"l\", rate = \"1/s\", counts = [\"tokens\", \"tokens\"] }]\n";
    let found = errors(model);
    assert!(
        found.iter().any(|(rule, _)| rule == "unknown-reference"),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(_, it)| it.contains("counted twice")),
        "{found:?}"
    );
}

#[test]
fn what_cannot_be_read_of_a_limit_is_unknown() {
    let meter = |toml: &str, id: &str| {
        let report = check(&[("capacity.toml", toml), ("spec.md", "")], "");
        let mut meters = report.projects.into_iter().flat_map(|it| it.meters);
        meters.find(|it| &*it.id == id).unwrap()
    };
    let sound = meter(
        &entry("rate = \"1000/day\", endpoints = [\"/x\"]"),
        "apis.a.rate.l",
    );
    assert_eq!(sound.verdict, Verdict::Fits);
    for keys in [
        "rate = 5",
        "rate = \"1000/day\", counts = 5",
        "rate = \"1000/day\", per = 5",
        "rate = \"1000/day\", per = \"tenant\", largest = 0",
        "rate = \"1000/day\", pre = \"tenant\"",
    ] {
        let unread = meter(&entry(keys), "apis.a.rate.l");
        assert_eq!(unread.verdict, Verdict::Unknown, "{keys}");
        assert!(unread.lower_bound, "{keys}");
    }
    // Which endpoints it takes away may concern every limit.
    for keys in ["endpoints = 5", "endpoints = [\"/x\"], exclusive = 5"] {
        let limits = format!(
            "rate_limit = \"1000/day\"\nlimits = [{{ id = \"l\", rate = \"1000/day\", {keys} }}]"
        );
        for id in ["apis.a.rate.l", "apis.a.rate.day"] {
            assert_eq!(
                meter(&api(&limits), id).verdict,
                Verdict::Unknown,
                "{keys} {id}"
            );
        }
    }
}

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

fn changed(rule: &str, before: &str, after: &str) -> Vec<Finding> {
    let file = |limits: &str| api(limits);
    let (before, after) = (file(before), file(after));
    let report = compare(
        &[("capacity.toml", &before), ("spec.md", "")],
        &[("capacity.toml", &after), ("spec.md", "")],
        "",
    );
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    findings.filter(|it| it.rule == rule).collect()
}

#[test]
fn a_limit_that_goes_or_rises_is_told() {
    let limits = |keys: &str| {
        format!("limits = [{{ id = \"l\", {keys} }}, {{ id = \"m\", rate = \"9000/day\" }}]")
    };
    let before = limits("rate = \"5000/day\", counts = \"credits\"");
    let none = limits("rate = \"none\", counts = \"credits\"");
    let gone = "limits = [{ id = \"m\", rate = \"9000/day\" }]";
    for after in [none.as_str(), gone] {
        let removed = changed("limit-removed", &before, after);
        assert_eq!(removed.len(), 1, "{after}");
        assert_eq!(&*removed[0].subject, "apis.a.limits.l.rate");
        assert_eq!(removed[0].severity, Severity::Warning);
    }
    // 3,015 credits a day pass a limit of 3,000.
    let tight = before.replace("5000", "3000");
    let removed = changed("limit-removed", &tight, gone);
    assert_eq!(removed[0].severity, Severity::Error, "{removed:?}");
    // Another id is no other limit.
    let renamed = before.replace("id = \"l\"", "id = \"k\"");
    assert_eq!(changed("limit-removed", &before, &renamed).len(), 0);
    // To count calls is a fact, but where the credits would break.
    let calls = before.replace("credits", "calls");
    assert_eq!(changed("limit-removed", &before, &calls).len(), 0);
    let calls = tight.replace("credits", "calls");
    let removed = changed("limit-removed", &tight, &calls);
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0].severity, Severity::Error);
    assert!(
        removed[0].message.contains("no longer counts what it did"),
        "{removed:?}"
    );
    // Where it breaks all the same, that says it.
    let other = tight
        .replace("3000/day", "3/day")
        .replace("credits", "calls");
    assert_eq!(
        changed("limit-removed", &tight.replace("3000", "3"), &other).len(),
        0
    );
    let raised = changed("limit-raised", &before, &before.replace("5000", "6000"));
    assert_eq!(raised.len(), 1);
    assert_eq!(&*raised[0].subject, "apis.a.limits.l.rate");
    let by_tier = |pro: u32| {
        limits(&format!(
            "rate = {{ pro = \"{pro}/day\" }}, per = \"tenant\""
        ))
    };
    let raised = changed("limit-raised", &by_tier(5), &by_tier(6));
    assert_eq!(&*raised[0].subject, "apis.a.limits.l.rate.pro");
    assert_eq!(changed("limit-raised", &by_tier(6), &by_tier(5)).len(), 0);
}

/// Whoever takes endpoints for a limit of their own takes them out of the others, which they may
/// have broken.
#[test]
fn what_an_exclusive_entry_takes_out_of_a_limit_is_told_where_it_would_break() {
    // 45 calls a day, 30 of them to `/x`.
    let limits = |most: &str, others: &str| {
        format!("limits = [{{ id = \"l\", rate = \"{most}/day\" }}{others}]")
    };
    let takes = |keys: &str| format!(", {{ id = \"e\", endpoints = [\"/x\"], {keys} }}");
    let errors = |before: &str, after: &str| {
        let removed = changed("limit-removed", before, after);
        let errors = removed.iter().filter(|it| it.severity == Severity::Error);
        errors.map(|it| it.subject.to_string()).collect::<Vec<_>>()
    };
    let exclusive = takes("rate = \"none\", exclusive = true");
    let tight = limits("40", "");
    assert_eq!(
        errors(&tight, &limits("40", &exclusive)),
        ["apis.a.limits.l.rate"]
    );
    let window = "rate_limit = \"40/day\"";
    let with = format!(
        "{window}\nlimits = [{}]",
        exclusive.trim_start_matches(", ")
    );
    assert_eq!(errors(window, &with), ["apis.a.rate_limit"]);
    // An entry that becomes exclusive, and one that takes more.
    let shared = takes("rate = \"99/day\"");
    let own = takes("rate = \"99/day\", exclusive = true");
    assert_eq!(
        errors(&limits("40", &shared), &limits("40", &own)),
        ["apis.a.limits.l.rate"]
    );
    let little = own.replace("[\"/x\"]", "[\"/y\"]");
    let more = own.replace("[\"/x\"]", "[\"/x\", \"/y\"]");
    assert_eq!(
        errors(&limits("31", &little), &limits("31", &more)),
        Vec::<String>::new()
    );
    assert_eq!(
        errors(&limits("29", &little), &limits("29", &more)),
        ["apis.a.limits.l.rate"]
    );
    assert_eq!(
        errors(&limits("14", &own), &limits("14", &more)),
        ["apis.a.limits.l.rate"]
    );
    // What fits as it was counted before, and what is exclusive already, is nobody's fault.
    for (before, after) in [
        (limits("50", ""), limits("50", &exclusive)),
        (limits("40", &own), limits("40", &own.replace("99", "98"))),
        (limits("40", ""), limits("50", &exclusive)),
        (
            tight.clone(),
            limits("40", &takes("concurrent = 9, exclusive = true")),
        ),
    ] {
        assert_eq!(errors(&before, &after), Vec::<String>::new(), "{after}");
    }
}

/// A budget that goes is held against what things cost while they had a price.
#[test]
fn a_budget_that_goes_with_its_price_is_told_where_it_would_break() {
    let file = |money: &str, runs: u32| {
        format!(
            "[tenants]\npro = 10\n[models.m]\nunit = \"token\"\n{money}\n[features.f]\n\
             spec = \"spec.md\"\nowner = \"o\"\n\
             inference = [{{ model = \"m\", units = 1, rate = \"{runs}/day\" }}]\n"
        )
    };
    let severities = |after: &str| {
        let before = file("price = 1\nbudget = 1000", 1);
        let report = compare(
            &[("capacity.toml", &before), ("spec.md", "")],
            &[("capacity.toml", after), ("spec.md", "")],
            "",
        );
        let findings = report.projects.into_iter().flat_map(|it| it.findings);
        let removed = findings.filter(|it| it.rule == "limit-removed");
        removed.map(|it| it.severity).collect::<Vec<_>>()
    };
    assert_eq!(severities(&file("", 9)), [Severity::Error]);
    assert_eq!(severities(&file("price = 1", 9)), [Severity::Error]);
    assert_eq!(severities(&file("", 2)), [Severity::Warning]);
    // What it costs now is a fact.
    assert_eq!(severities(&file("price = 0.1", 9)), [Severity::Warning]);
}

/// Contributions sum to the delta: debug builds check it of every meter.
#[test]
fn changes_of_limits_are_told_apart() {
    let base = "limits = [{ id = \"l\", rate = \"10/s\" }, { id = \"s\", rate = \"5/day\", per = \"store\" }]";
    let report = |before: &str, after: &str| {
        compare(
            &[("capacity.toml", before), ("spec.md", "")],
            &[("capacity.toml", after), ("spec.md", "")],
            "",
        )
    };
    let head = base.replace("rate = \"10/s\"", "rate = \"10/s\", counts = \"credits\"");
    let report_of = report(&api(base), &api(&head));
    let changes = &report_of.projects[0].changes;
    let change = changes
        .iter()
        .find(|it| it.meter == "apis.a.rate.l")
        .unwrap();
    assert_eq!(change.attribution.len(), 1, "{change:?}");
    assert_eq!(change.attribution[0].path, "apis.a.limits.l.counts");
    assert_eq!(change.attribution[0].delta, change.delta.unwrap());
    // A store's limit follows how many stores a tenant has.
    let more = api(base).replace("per_tenant = 2", "per_tenant = 4");
    let report_of = report(&api(base), &more);
    let changes = &report_of.projects[0].changes;
    let change = changes
        .iter()
        .find(|it| it.meter == "apis.a.rate.s")
        .unwrap();
    assert_eq!(change.before, Some(1.5));
    assert_eq!(change.after, Some(0.75));
    assert_eq!(change.attribution[0].delta, -0.75);
    // An exclusive limit that is new takes its calls out of the other.
    let new = base.replace(
        "limits = [",
        "limits = [{ id = \"e\", rate = \"9/s\", endpoints = [\"/y\"], exclusive = true }, ",
    );
    let report_of = report(&api(base), &api(&new));
    let changes = &report_of.projects[0].changes;
    let change = changes
        .iter()
        .find(|it| it.meter == "apis.a.rate.l")
        .unwrap();
    assert_eq!(change.attribution[0].path, "apis.a.limits.e");
}

/// The help of the only finding of a rule, which writing the last value that it names ends.
fn advised(rule: &str, toml: &str, from: &str, to: &str) -> String {
    let help = only(rule, toml).help.unwrap_or_default();
    assert!(toml.contains(from), "{from}");
    let fixed = findings(rule, &toml.replace(from, to));
    assert_eq!(fixed.len(), 0, "{rule}: {fixed:?}");
    // What it is enough for is held in `fix::advice`.
    let words = help.split(" (enough ");
    let mut words = words.map(|it| it.split_once(')').map_or(it, |(_, rest)| rest));
    let first = help.split(" (enough ").next().unwrap_or_default();
    words.next();
    format!("{first}{}", words.collect::<String>())
}

#[test]
fn advice_about_limits_names_a_value_that_ends_the_finding() {
    let file = |limits: &str, rate: &str, scenario: &str| {
        format!(
            "[project]\npeak = 2\n[tenants]\npro = 100\n[apis.a]\nlimits = [{limits}, {{ id = \"all\", rate = \"none\" }}]\n\
             endpoints.\"/x\" = {{ duration = \"2s\", cacheable = false }}\n[features.f]\nspec = \"spec.md\"\n\
             owner = \"o\"\ncalls = [{{ endpoint = \"/x\", rate = \"{rate}\" }}]\n[scenarios.s]\ntenants = 1\n{scenario}"
        )
    };
    let over = |limits: &str, from: &str, to: &str| {
        advised("over-limit", &file(limits, "2/min", ""), from, to)
    };
    assert_eq!(
        over(
            "{ id = \"l\", rate = { pro = \"3/min\" }, per = \"tenant\" }",
            "3/min",
            "6/min"
        ),
        "raise `apis.a.limits.l.rate.pro` to `\"6/min\"`"
    );
    assert_eq!(
        over(
            "{ id = \"l\", concurrent = 10 }",
            "concurrent = 10",
            "concurrent = 18"
        ),
        "raise `apis.a.limits.l.concurrent` to `18`, or lower `features.f.calls.\"/x\".rate` to `1.12/min`"
    );
    assert_eq!(
        over(
            "{ id = \"l\", concurrent = { pro = 0.1 }, per = \"tenant\" }",
            "0.1",
            "2"
        ),
        "raise `apis.a.limits.l.concurrent.pro` to `2`"
    );
    // A waiver that has reached its ceiling says so, beside the value.
    let waived = "[[waivers]]\nrule = \"near-limit\"\nsubject = \"apis.a.rate.l\"\nreason = \"r\"\n\
                  owner = \"o\"\nuntil = 2027-01-01\nceiling = 0.8\n";
    let near = file("{ id = \"l\", rate = \"450/min\" }", "2/min", waived);
    let help = advised("near-limit", &near, "450/min", "534/min");
    assert!(
        help.starts_with("raise `apis.a.limits.l.rate` to `\"534/min\"`")
            && help.ends_with("its waiver ends at its ceiling of 0.8"),
        "{help}"
    );
    let batch = file("{ id = \"l\", rate = \"50/min\" }", "every 1h", "");
    assert_eq!(
        advised(
            "burst-undeclared",
            &batch,
            "\"every 1h\"",
            "\"every 1h\", spread = \"3min\""
        ),
        "add `spread = \"3min\"`, or longer"
    );
    let units = "[project]\npeak = 2\n[tenants]\npro = 10\n[models.m]\ncapacity = { requests = \"15/min\", tokens = \"1M/min\" }\n\
                 [features.f]\ninference = [{ model = \"m\", units = { tokens = 3 }, rate = \"1/min\" }]\n\
                 [scenarios.s]\ntenants = 1\n";
    assert_eq!(
        advised("over-limit", units, "15/min", "27/min"),
        "raise `models.m.capacity.requests` to `\"27/min\"`, or lower `features.f.inference.m.rate` to `0.562/min`"
    );
}

#[test]
fn advice_about_topics_and_queues_names_a_value_that_ends_the_finding() {
    let topic = |keys: &str, tenants: f64| {
        format!(
            "[tenants]\npro = 100\n[queues.q]\nbroker = \"kafka\"\nmessage_size = \"1KB\"\nretention = \"1d\"\n\
             replay = 5\nreplication = 3\n{keys}\n[features.f]\nspec = \"spec.md\"\nowner = \"o\"\n\
             messages = [{{ queue = \"q\", rate = \"100/s\" }}]\n\
             [scenarios.s]\ntenants = {tenants}\nrequire = \"fit\"\n"
        )
    };
    // Both what the cluster takes and what the partitions do.
    let both = topic("partitions = 10\nthroughput = \"50MB/s\"", 1.0);
    let fixed = "partitions = 27\nthroughput = \"80MB/s\"";
    assert_eq!(
        advised(
            "over-limit",
            &both,
            "partitions = 10\nthroughput = \"50MB/s\"",
            fixed
        ),
        "raise `queues.q.throughput` to `\"80MB/s\"`, and raise `queues.q.partitions` to `27`"
    );
    let cluster = topic("partitions = 100\nthroughput = \"50MB/s\"", 1.0);
    assert_eq!(
        advised("over-limit", &cluster, "50MB/s", "80MB/s"),
        "raise `queues.q.throughput` to `\"80MB/s\"`"
    );
    // What is enough today stays as it is.
    let later = topic("throughput = { now = \"100MB/s\", max = \"120MB/s\" }", 5.0);
    assert_eq!(
        advised(
            "scenario-over-limit",
            &later,
            "max = \"120MB/s\"",
            "max = \"300MB/s\""
        ),
        "raise the `max` of `queues.q.throughput` to `\"300MB/s\"`"
    );
    // As much as the scenarios need that have to fit.
    let cut = topic("partitions = 100\nretention_bytes = \"1GB\"", 2.0);
    assert_eq!(
        advised("retention-cut-short", &cut, "\"1GB\"", "\"17.3GB\""),
        "set `retention_bytes = \"17.3GB\"`"
    );
    let sqs = |rate: &str| {
        format!(
            "[queues.q]\nbroker = \"sqs\"\nmessage_size = \"1KB\"\ndrain = \"1h\"\n\
             workers = {{ max = 900_000, rate = \"{rate}\" }}\n[features.f]\nspec = \"spec.md\"\nowner = \"o\"\n\
             messages = [{{ queue = \"q\", rate = \"160k/h\", per = \"project\" }}]\n"
        )
    };
    assert_eq!(
        advised("broker-inflight-limit", &sqs("1/h"), "\"1/h\"", "\"2/h\""),
        "shorten the jobs, so that a worker does `rate = \"2/h\"`"
    );
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

/// What nothing in a scenario moves is no matter of that scenario.
#[test]
fn a_scenario_that_changes_nothing_breaks_nothing_for_good() {
    let file = |scenario: &str| {
        format!(
            "[tenants]\npro = 10\n[databases.d]\nstorage = \"1TB\"\nwrites = \"1/s\"\n[tables.t]\n\
             kind = \"state\"\nrow_size = \"1KB\"\nrows = 5\n[features.f]\n\
             writes = [{{ table = \"t\", rate = \"1/s\" }}]\n[scenarios.s]\n{scenario}\n"
        )
    };
    assert_eq!(
        findings("irreversible-undecided", &file("tenants = 1")).len(),
        0
    );
    // That it does not fit speaks for what is undecided, as related.
    let silent = "[rules]\nscenario-over-limit = \"off\"";
    let grown = file(&format!("tenants = 2\n{silent}"));
    assert_eq!(
        &*only("irreversible-undecided", &grown).subject,
        "databases.d"
    );
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

#[test]
fn the_verdict_of_a_comparison_names_a_limit_that_moved_alone() {
    let file = |limit: u32| {
        format!(
            "[tenants]\npro = 10\n[apis.a]\nrate_limit = \"{limit}/min\"\nendpoints.\"/x\" = {{}}\n[features.f]\n\
             spec = \"spec.md\"\nowner = \"o\"\ncalls = [{{ endpoint = \"/x\", rate = \"6/min\" }}]\n\
             [scenarios.s]\ntenants = 2\n"
        )
    };
    let [before, after] = [file(5_000), file(3_000)];
    let report = compare(
        &[("capacity.toml", &before), ("spec.md", "")],
        &[("capacity.toml", &after), ("spec.md", "")],
        "",
    );
    let out = caplint::render::markdown(&report, &caplint::render::Options::default());
    let said = "Largest change: `a` calls limit 5,000 → 3,000 (2% of the limit)";
    assert!(out.contains(said), "{out}");
}
