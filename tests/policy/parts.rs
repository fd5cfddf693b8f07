//! A finding about several things is worse where any of them is, also where it was there before.

use super::*;

fn project(a: u32, b: u32) -> String {
    format!(
        r#"
[project]
name = "t"
[tenants]
free = {{ now = 1000, 90d = 1000 }}
[apis.a]
rate_limit = "100000/min"
plan = {{ credits = 3_000_000, price = 10 }}
[apis.a.endpoints]
"/a/" = {{ credits = 1, cacheable = false }}
[apis.b]
rate_limit = "100000/min"
plan = {{ credits = 3_000_000, price = 10 }}
[apis.b.endpoints]
"/b/" = {{ credits = 1, cacheable = false }}
[features.x]
calls = [
    {{ endpoint = "/a/", rate = "{a}/day" }},
    {{ endpoint = "/b/", rate = "{b}/day" }},
]
[scenarios.4x]
tenants = 4
require = "fit"
"#
    )
}

fn state(before: (u32, u32), after: (u32, u32)) -> Option<State> {
    let (before, after) = (project(before.0, before.1), project(after.0, after.1));
    let report = diff(&[("capacity.toml", &before)], &[("capacity.toml", &after)]);
    let mut findings = report.projects[0].findings.iter();
    findings.find(|it| it.rule == "scenario-over-limit")?.state
}

#[test]
fn what_breaks_behind_another_misfit_is_not_hidden() {
    // 4 × 30 days × 1,000 tenants: 25 a day fit.
    assert_eq!(state((10, 10), (10, 40)), Some(State::New));
    assert_eq!(state((60, 10), (60, 40)), Some(State::Worsened));
    assert_eq!(state((60, 40), (60, 50)), Some(State::Worsened));
    assert_eq!(state((60, 40), (60, 40)), Some(State::Existing));
    assert_eq!(state((60, 40), (60, 30)), Some(State::Existing));
    assert_eq!(state((60, 40), (60, 10)), Some(State::Existing));
}

fn state_of_quota(rule: &str, before: (&str, u32), after: (&str, u32)) -> Option<State> {
    let project = |(quota, output): (&str, u32)| {
        format!(
            r#"
[project]
name = "t"
[tenants]
free = {{ now = 10, 90d = 10 }}
pro = {{ now = 10, 90d = 10 }}
other = {{ now = 0, 90d = 0 }}
[models.m]
price = {{ per = 1_000_000, input = 3.00, output = 15.00 }}
price_as_of = 2026-11-01
budget = 1_000_000
tenant_quota = {{ {quota} }}
[features.x]
inference = [{{ model = "m", rate = "10/day", units = {{ input = 2000, output = {output} }} }}]
"#
        )
    };
    let (before, after) = (project(before), project(after));
    let report = diff(&[("capacity.toml", &before)], &[("capacity.toml", &after)]);
    let mut findings = report.projects[0].findings.iter();
    findings.find(|it| it.rule == rule)?.state
}

#[test]
fn another_unit_or_tier_without_room_is_not_hidden() {
    let both = r#"all = { input = "300k/month", output = "300k/month" }"#;
    let below = "quota-below-use";
    assert_eq!(
        state_of_quota(below, (both, 200), (both, 200)),
        Some(State::Existing)
    );
    assert_eq!(
        state_of_quota(below, (both, 200), (both, 1100)),
        Some(State::Worsened)
    );
    let free = r#"free = { input = "9M/month", output = "9M/month" }"#;
    let none = r#"other = { input = "9M/month", output = "9M/month" }"#;
    let missing = "model-without-tenant-quota";
    let with_other = |quota: &'static str| (quota, 1);
    assert_eq!(
        state_of_quota(missing, with_other(free), with_other(free)),
        Some(State::Existing)
    );
    assert_eq!(
        state_of_quota(missing, with_other(free), with_other(none)),
        Some(State::Worsened)
    );
}
