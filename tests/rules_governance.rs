//! The rules about what was measured and decided: figures, boundaries, and when they are silent.

use caplint::exceptions::wildcard;

use crate::support::findings::{only, silent, words};

/// A feature that calls an endpoint and writes a row after it.
fn feature(feature: &str, call: &str, write: &str, endpoint: &str) -> String {
    format!(
        "[tenants]\npro = {{ now = 10, 30d = 10 }}\n\
         [apis.tiklive]\nrate_limit = \"200/min\"\n\
         [apis.tiklive.endpoints]\n\"/posts/\" = {{ {endpoint} }}\n\
         [tables.posts]\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 1\n\
         [features.sync]\nspec = \"spec.md\"\nowner = \"ingest\"\n{feature}\n\
         [[features.sync.calls]]\nid = \"posts\"\nendpoint = \"tiklive:/posts/\"\n\
         rate = \"1/day\"\n{call}\n\
         [[features.sync.writes]]\nid = \"row\"\ntable = \"posts\"\nafter = \"posts\"\n{write}\n"
    )
}

const FRESH: &str = "measured = 2026-11-16";
const COST: &str = "credits = 1, measured = 2026-11-16";

#[test]
fn one_finding_names_all_that_was_never_measured() {
    let text = feature("", "", "", "credits = 1");
    let finding = only(&text, "calibration-missing");
    assert_eq!(finding.subject, "features.sync");
    assert_eq!(
        finding.message,
        "`features.sync` uses estimates that were never measured: `posts`, `row`, the cost of `/posts/`"
    );
    assert_eq!(finding.figure, Some(3.0));
    assert_eq!(finding.related.len(), 2);
}

#[test]
fn what_cannot_be_measured_is_not_asked_for() {
    const RULE: &str = "calibration-missing";
    silent(&feature("", FRESH, FRESH, COST), RULE);
    // A free endpoint, and a launch that is ahead.
    silent(&feature("", FRESH, FRESH, ""), RULE);
    silent(&feature("launch = 2026-11-23", "", "", ""), RULE);
    assert_eq!(
        only(&feature("launch = 2026-11-22", "", FRESH, ""), RULE).figure,
        Some(1.0)
    );
    silent(&feature("", "measured = \"lately\"", FRESH, COST), RULE);
    let allow = "allow = [\"calibration-missing\"]\nreason = \"one row a call\"";
    silent(&feature("", FRESH, allow, COST), RULE);
}

#[test]
fn measurements_age() {
    const RULE: &str = "calibration-stale";
    let at = |launch: &str, date: &str| feature(launch, &format!("measured = {date}"), FRESH, COST);
    silent(&at("", "2026-10-22"), RULE);
    let text = at("", "2026-10-21");
    let finding = only(&text, RULE);
    assert_eq!(
        finding.message,
        "`features.sync` was measured 32 days ago; the policy allows 31d: `posts`"
    );
    assert_eq!(finding.figure, Some(32.0));
    assert_eq!(words(&text, &finding), "2026-10-21");
    let policy = "[policy.calibration]\nmax_age = \"60d\"\n";
    silent(&(at("", "2026-10-21") + policy), RULE);
    let cost = feature("", FRESH, FRESH, "credits = 1, measured = 2026-01-01");
    assert!(only(&cost, RULE).message.ends_with("the cost of `/posts/`"));
}

#[test]
fn around_a_launch_they_age_faster() {
    const RULE: &str = "calibration-stale";
    let at = |launch: &str| {
        feature(
            &format!("launch = {launch}"),
            "measured = 2026-11-14",
            FRESH,
            COST,
        )
    };
    // 14 days before it to 30 days after.
    for near in ["2026-12-06", "2026-11-22", "2026-10-23"] {
        let message = only(&at(near), RULE).message;
        assert!(
            message.contains("8 days ago; the policy allows 7d around its launch"),
            "{message}"
        );
    }
    for far in ["2026-12-07", "2026-10-22"] {
        silent(&at(far), RULE);
    }
}

#[test]
fn a_tier_is_projected_by_any_day() {
    let tiers = |pro: &str| format!("[tenants]\npro = {pro}\n");
    for plain in ["10", "{ now = 10 }", "{ p50 = 10, p90 = 20 }"] {
        let finding = only(&tiers(plain), "projection-missing");
        assert_eq!(finding.subject, "tenants.pro");
    }
    silent(&tiers("{ now = 10, 45d = 10 }"), "projection-missing");
    silent(&tiers("{ now = 10, 45d = -1 }"), "projection-missing");
}

#[test]
fn what_breaks_and_cannot_be_changed_needs_a_decision() {
    const RULE: &str = "irreversible-undecided";
    let with = |database: &str, queue: &str| {
        format!(
            "[tenants]\npro = {{ now = 10, 30d = 10 }}\n\
             [databases.main]\nstorage = \"20KB\"\n{database}\n\
             [tables.posts]\nkind = \"state\"\nrow_size = \"1KB\"\nrows = 1\n\
             [queues.jobs]\nbroker = \"rabbitmq\"\nmessage_size = \"1KB\"\nmax_depth = 50\n\
             depth = 10\n{queue}\n\
             [features.sync]\n[[features.sync.messages]]\nid = \"job\"\nqueue = \"jobs\"\n\
             rate = \"1/day\"\n\
             [scenarios.3x]\ntenants = 3\nrequire = \"report\"\n\
             [scenarios.100x]\ntenants = 100\nrequire = \"report\"\n"
        )
    };
    // 10 KB times 3 of 20 KB: the least growth that breaks it is named.
    let text = with("", "");
    let finding = only(&text, RULE);
    assert_eq!(finding.subject, "databases.main");
    assert_eq!(
        finding.message,
        "`databases.main` breaks in `3x` and is hard to change later: `databases.main.storage` is at 30 KB of 20 KB, 150%"
    );
    assert_eq!(finding.figure, Some(1.5));
    assert_eq!(words(&text, &finding), "main");
    silent(&with("reversible = true", ""), RULE);
    silent(&with("decision = \"docs/0001.md\"", ""), RULE);
    silent(&with("decision = 1", ""), RULE);
    silent(&with("reversible = \"no\"", ""), RULE);
    let queue = with("reversible = true", "reversible = false");
    let finding = only(&queue, RULE);
    assert_eq!(finding.subject, "queues.jobs");
    assert!(
        finding.message.contains("breaks in `100x`"),
        "{}",
        finding.message
    );
}

#[test]
fn stars_in_waivers_stand_for_any_text() {
    assert!(wildcard("tables.audit_log", "tables.audit_log"));
    assert!(!wildcard("tables.audit_log", "tables.audit_logs"));
    assert!(wildcard("tables.*", "tables.audit_log"));
    assert!(wildcard("*.audit_*", "tables.audit_log"));
    assert!(wildcard("*", ""));
    assert!(wildcard("a*b*b", "abb"));
    assert!(!wildcard("a*b*b", "ab"));
    assert!(!wildcard("tables.*.storage", "tables.storage"));
}

#[test]
fn nothing_was_measured_on_a_day_to_come() {
    const RULE: &str = "calibration-stale";
    let at = |call: &str, endpoint: &str| {
        feature(
            "",
            &format!("measured = {call}"),
            FRESH,
            &format!("credits = 1, measured = {endpoint}"),
        )
    };
    silent(&at("2026-11-22", "2026-11-16"), RULE);
    let text = at("2027-11-16", "2026-11-16");
    let finding = only(&text, RULE);
    assert_eq!(
        finding.message,
        "`features.sync` was measured on 2027-11-16, which is in the future: `posts`"
    );
    assert_eq!(words(&text, &finding), "2027-11-16");
    assert_eq!(
        only(&at("2026-11-16", "2026-11-23"), RULE).subject,
        "features.sync"
    );
    // One finding a feature, about what is wrong before what is old.
    assert_eq!(only(&at("2026-11-23", "2025-11-16"), RULE).related.len(), 0);
}

#[test]
fn counts_of_tenants_age() {
    const RULE: &str = "tenants-stale";
    let counted = |day: &str, call: &str| {
        let project = format!("[project]\ntenants_counted = {day}\n");
        project + &feature("", call, "", "credits = 1")
    };
    silent(&counted("2026-10-22", ""), RULE);
    let text = counted("2026-10-21", "");
    let finding = only(&text, RULE);
    assert_eq!(finding.subject, "project.tenants_counted");
    assert_eq!(
        finding.message,
        "tenants were counted 32 days ago; the policy allows 31d"
    );
    assert_eq!(finding.figure, Some(32.0));
    assert_eq!(words(&text, &finding), "2026-10-21");
    let policy = "[policy.calibration]\nmax_age = \"40d\"\n";
    silent(&(counted("2026-10-21", "") + policy), RULE);
    assert_eq!(
        only(&counted("2026-11-23", ""), RULE).message,
        "`tenants_counted` is 2026-11-23, which is in the future"
    );
}

#[test]
fn undated_counts_matter_where_something_else_is_dated() {
    const RULE: &str = "tenants-stale";
    for text in [feature("", FRESH, "", ""), feature("", "", "", COST)] {
        let finding = only(&text, RULE);
        assert_eq!(
            finding.message,
            "`project.tenants_counted` is missing; tenants such as `pro` may be out of date"
        );
        assert_eq!(words(&text, &finding), "pro");
    }
    silent(&feature("", "", "", "credits = 1"), RULE);
    let unreadable = "[project]\ntenants_counted = \"lately\"\n";
    silent(&(unreadable.to_owned() + &feature("", FRESH, "", "")), RULE);
    // Without tenants there is nothing to count.
    let nobody = feature("", FRESH, "", COST).replace("pro = { now = 10, 30d = 10 }\n", "");
    silent(
        &nobody.replace("rate = \"1/day\"", "rate = \"1/day\"\nper = \"project\""),
        RULE,
    );
}
