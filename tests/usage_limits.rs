//! Limits of APIs and models: what is wrong with them, what rules say of them, and what changes to
//! them do.

mod advice;
mod changes;
mod rules;

use caplint::report::Verdict;

use crate::support::lint::check;

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
