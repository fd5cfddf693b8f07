//! What a change is said to add: to the limit that the finding is about, in its situation, at the
//! percentile that is judged, with the declaration that does it.

use crate::support::lint::compare;
use caplint::report::{Finding, State};

const MAPS: &str = r#"
[project]
currency = "USD"

[policy.change]
storage = "20%"

[tenants]
basic = { now = 500, 30d = 520, 60d = 540, 90d = 560 }

[apis.maps]
plan = { credits = CREDITS, price = 500.00 }
rate_limit = "1000/min"

[apis.maps.endpoints]
"/geo" = { credits = 1 }

[databases.db]
storage = "50GB"

[tables.log]
kind = "event"
row_size = "1KB"
retention = "1y"

[features.checkout]

[[features.checkout.calls]]
id = "geo"
endpoint = "/geo"
rate = RATE

[[features.checkout.writes]]
id = "row"
table = "log"
rate = "WRITES/day"

[scenarios.3x]
tenants = 3
"#;

fn maps(credits: &str, rate: &str, writes: u32) -> String {
    MAPS.replace("CREDITS", credits)
        .replace("RATE", rate)
        .replace("WRITES", &writes.to_string())
}

/// The new and worsened findings of a rule.
fn found(rule: &str, base: &str, head: &str) -> Vec<Finding> {
    let [base, head] = [base, head].map(|toml| [("capacity.toml", toml), ("spec.md", "")]);
    let report = compare(&base, &head, "");
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    let is_found =
        |it: &Finding| it.rule == rule && matches!(it.state, Some(State::New | State::Worsened));
    findings.filter(is_found).collect()
}

fn only(rule: &str, base: &str, head: &str) -> Finding {
    let mut found = found(rule, base, head);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// The words of a file in which a finding stands.
fn at<'t>(finding: &Finding, toml: &'t str) -> &'t str {
    let line = finding.line.unwrap() as usize;
    toml.lines().nth(line - 1).unwrap()
}

#[track_caller]
fn ends(finding: &Finding, words: &str) {
    assert!(finding.message.ends_with(words), "{}", finding.message);
}

#[test]
fn a_scenario_names_the_limit_that_the_change_makes_worse() {
    // Credits break in the scenario before and after, and first.
    let (base, head) = (
        maps("950_000", "\"60/day\"", 100),
        maps("950_000", "\"60/day\"", 150),
    );
    let finding = only("scenario-over-limit", &base, &head);
    let named = "`databases.db.storage` does not fit scenario `3x`";
    assert!(finding.message.starts_with(named), "{}", finding.message);
    assert_eq!(at(&finding, &head), "rate = \"150/day\"");
    // Where the credits get worse, these are named.
    let head = maps("950_000", "\"61/day\"", 100);
    let finding = only("scenario-over-limit", &base, &head);
    let named = "`apis.maps.credits` does not fit scenario `3x`";
    assert!(finding.message.starts_with(named), "{}", finding.message);
}

#[test]
fn what_a_change_adds_is_of_the_situation() {
    let (base, head) = (
        maps("5_000_000", "\"60/day\"", 1),
        maps("5_000_000", "\"120/day\"", 1),
    );
    // Today it is 900,000.
    let finding = only("scenario-over-limit", &base, &head);
    ends(&finding, "; changing 60/day to 120/day adds 2,700,000");
    let (base, head) = (
        maps("1_000_000", "\"30/day\"", 1),
        maps("1_000_000", "\"60/day\"", 1),
    );
    let finding = only("limit-ahead", &base, &head);
    assert!(finding.message.contains("by day 90"), "{}", finding.message);
    ends(&finding, "; changing 30/day to 60/day adds 504,000");
}

#[test]
fn of_several_changes_the_sum_is_told_where_no_other_is_known() {
    let base = maps("5_000_000", "\"60/day\"", 1);
    let head = maps("5_000_000", "\"100/day\"", 1).replace("now = 500", "now = 600");
    let finding = only("scenario-over-limit", &base, &head);
    ends(
        &finding,
        "; this change adds 2,700,000 (largest cause: changing 60/day to 100/day)",
    );
}

#[test]
fn a_day_to_come_is_decided_by_what_is_declared_for_it() {
    let base = maps("1_000_000", "\"55/day\"", 1);
    let later = base.replace("60d = 540", "60d = 900");
    let finding = only("limit-ahead", &base, &later);
    ends(&finding, "; changing 540 to 900 adds 594,000");
    assert!(at(&finding, &later).starts_with("basic ="));
    assert_eq!(finding.cause.unwrap().path, "tenants.basic.60d");
    // Not by today's count.
    let both = later.replace("now = 500", "now = 560");
    let finding = only("limit-ahead", &base, &both);
    ends(&finding, "; changing 540 to 900 adds 594,000");
    // What adds to every day is named as ever.
    let rate = maps("1_000_000", "\"60/day\"", 1);
    let finding = only("limit-ahead", &base, &rate);
    assert_eq!(at(&finding, &rate), "rate = \"60/day\"");
}

#[test]
fn what_was_removed_is_to_be_put_back() {
    let compress = "retention = \"1y\"\ncompress = { after = \"2d\", ratio = 0.1 }";
    let head = maps("1_000_000", "\"1/day\"", 250);
    let base = head.replace("retention = \"1y\"", compress);
    for rule in ["limit-ahead", "change-over-threshold"] {
        for finding in found(rule, &base, &head) {
            assert!(
                finding
                    .message
                    .contains("; removing `tables.log.compress` adds "),
                "{}",
                finding.message
            );
            assert_eq!(at(&finding, &head), "[tables.log]");
            let help = finding.help.unwrap();
            assert!(help.contains("back"), "{help}");
            assert!(!help.contains("reduce it"), "{help}");
        }
        assert!(!found(rule, &base, &head).is_empty(), "{rule}");
    }
    // One that is added is not.
    for finding in found("change-over-threshold", &maps("1", "\"1/day\"", 1), &head) {
        assert!(finding.help.unwrap().contains("reduce it"));
    }
}

#[test]
fn a_wider_estimate_adds_to_what_is_judged() {
    let base = maps("1_000_000", "\"55/day\"", 1);
    let head = maps("1_000_000", "{ p50 = \"55/day\", p90 = \"110/day\" }", 1);
    let finding = only("over-limit", &base, &head);
    let wider = "; changing 55/day to { p50 = \"55/day\", p90 = \"110/day\" } adds 475,608 at p80";
    ends(&finding, wider);
    assert!(at(&finding, &head).starts_with("rate = {"));
}

#[test]
fn a_limit_that_went_down_is_the_cause() {
    let base = maps("1_000_000", "\"50/day\"", 1);
    let head = maps("700_000", "\"50/day\"", 1);
    let finding = only("over-limit", &base, &head);
    ends(&finding, "; the limit went from 1,000,000 to 700,000");
    assert!(at(&finding, &head).starts_with("plan ="));
    // Also where the demand grows, as long as that had room.
    let head = maps("700_000", "\"52/day\"", 1);
    let finding = only("over-limit", &base, &head);
    ends(
        &finding,
        "; the limit went from 1,000,000 to 700,000; changing 50/day to 52/day adds 30,000",
    );
    assert!(at(&finding, &head).starts_with("plan ="));
    // Else the demand is.
    let head = maps("900_000", "\"80/day\"", 1);
    let finding = only("over-limit", &base, &head);
    assert_eq!(at(&finding, &head), "rate = \"80/day\"");
    // One that went up is none.
    let head = maps("1_100_000", "\"80/day\"", 1);
    let finding = only("over-limit", &base, &head);
    ends(&finding, "; changing 50/day to 80/day adds 450,000");
}
