//! Advice names first what the change brought, and only what can be done.

use caplint::report::Report;

use crate::support::lint::{check, compare};

const BASE: &str = r#"
[project]
name = "shop"
days_per_month = 30
[tenants]
pro = 100
[apis.maps]
plan = { credits = 120_000, price = 100.00 }
endpoints."/at" = { credits = 1, cacheable = false }
[[features.find.calls]]
id = "at"
endpoint = "maps:/at"
rate = "30/day"
"#;

const ALSO: &str = r#"
[[features.also.calls]]
id = "at"
endpoint = "maps:/at"
rate = "15/day"
"#;

fn help(report: &Report, rule: &str) -> String {
    let mut findings = report.projects.iter().flat_map(|it| &it.findings);
    let finding = findings.find(|it| it.rule == rule);
    finding.and_then(|it| it.help.clone()).unwrap_or_default()
}

#[test]
fn the_line_that_the_change_brought_is_named_first() {
    let head = format!("{BASE}{ALSO}");
    let compared = compare(&[("capacity.toml", BASE)], &[("capacity.toml", &head)], "");
    let said = help(&compared, "over-limit");
    assert!(
        said.contains("lower `features.also.calls.at.rate`"),
        "{said}"
    );
    // Without a change the largest user.
    let said = help(&check(&[("capacity.toml", &head)], ""), "over-limit");
    assert!(
        said.contains("lower `features.find.calls.at.rate`"),
        "{said}"
    );
    // A changed line that is too small to help leaves the largest.
    let small = head.replace("30/day", "50/day").replace("15/day", "1/day");
    let was = small
        .replace("1/day", "0.5/day")
        .replace("120_000", "200_000");
    let compared = compare(&[("capacity.toml", &was)], &[("capacity.toml", &small)], "");
    let said = help(&compared, "over-limit");
    assert!(
        said.contains("lower `features.find.calls.at.rate`"),
        "{said}"
    );
}

#[test]
fn a_feature_that_grows_too_far_is_told_how_far_it_may() {
    let policy = "[policy.change]\nfeature = { percent = \"40%\", above = 10_000 }\n";
    let said = |base: &str| {
        let base = format!("{base}{policy}");
        let head = base.replace("30/day", "60/day");
        let compared = compare(&[("capacity.toml", &base)], &[("capacity.toml", &head)], "");
        help(&compared, "feature-change-over-threshold")
    };
    let base = BASE.replace("120_000", "900_000");
    let (asked, ask) = (
        said(&base),
        "or ask the owners of the policy to accept the change",
    );
    let lower = "lower `features.find.calls.at.rate` to `42/day`";
    assert_eq!(asked, format!("{lower}, {ask}"));
    // Where no one rate is the cause: what may not be cached is not to be.
    let estimated = base.replace("\"30/day\"", "{ p50 = \"30/day\", p90 = \"90/day\" }");
    assert_eq!(said(&estimated), format!("reduce the calls, {ask}"));
    let cacheable = estimated.replace("cacheable = false", "cacheable = \"15m\"");
    assert_eq!(
        said(&cacheable),
        format!("reduce or cache the calls, {ask}")
    );
}

#[test]
fn a_batch_takes_no_longer_than_its_interval() {
    let toml = |each: u32, steady: &str| {
        format!(
            "[tenants]\npro = {each}\n[apis.maps]\nrate_limit = \"20/min\"\n\
             endpoints.\"/at\" = {{ credits = 1 }}\n\
             [[features.find.calls]]\nendpoint = \"maps:/at\"\nrate = \"every 1h\"\n{steady}"
        )
    };
    let said = |each, steady| {
        let report = check(&[("capacity.toml", &toml(each, steady))], "");
        help(&report, "burst-undeclared")
    };
    // Beside these there is room for the batch only over the whole hour.
    let steady =
        "[[features.tell.calls]]\nendpoint = \"maps:/at\"\nrate = \"10.8/day\"\npeak = 1\n";
    assert_eq!(said(800, steady), "add `spread = \"1h\"`");
    assert_eq!(said(500, ""), "add `spread = \"38min\"`, or longer");
}
