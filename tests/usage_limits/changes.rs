//! What is said of a change to a limit.

use caplint::finding::Severity;
use caplint::report::Finding;

use super::api;
use crate::support::lint::{compare, findings, only};

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
