//! `quota-exceeded`: what a tenant used passes what the application should let it use.

use caplint::report::Finding;
use caplint::usage::Usage;

use crate::support::lint::check_with;

const CAPACITY: &str = r#"[tenants]
free = 1000
pro = 100
[models.whisper]
unit = "minute"
price = 0.006
budget = 4000
tenant_quota = { free = "30/month", pro = "600/month" }
[features.x]
inference = [{ id = "i", model = "whisper", rate = "1/day", units = 1 }]
"#;

const HEADER: &str = "date,subject,tenant,tier,quantity,unit\n";

fn exceeded(capacity: &str, rows: &str) -> Vec<Finding> {
    let report = check_with(&[("capacity.toml", capacity)], |settings| {
        let mut usage = Usage::default();
        let text = format!("{HEADER}{rows}");
        usage
            .read("usage.csv", text.as_bytes(), &Default::default())
            .unwrap();
        settings.usage = usage;
    });
    let findings = report.projects.into_iter().flat_map(|it| it.findings);
    findings.filter(|it| it.rule == "quota-exceeded").collect()
}

#[test]
fn use_is_added_up_over_a_month() {
    let row = |date: &str, tenant: &str, tier: &str, used: f64| {
        format!("{date},models.whisper,{tenant},{tier},{used},minute\n")
    };
    for (rows, path) in [
        // 601 in November; 600 are allowed.
        (
            row("2026-11-02", "a", "pro", 301.0) + &row("2026-11-20", "a", "pro", 300.0),
            Some("pro"),
        ),
        (
            row("2026-11-02", "a", "pro", 300.0) + &row("2026-11-20", "a", "pro", 300.0),
            None,
        ),
        // Of two months, two tenants, or another tier.
        (
            row("2026-10-30", "a", "pro", 301.0) + &row("2026-11-02", "a", "pro", 300.0),
            None,
        ),
        (
            row("2026-11-02", "a", "pro", 301.0) + &row("2026-11-02", "b", "pro", 300.0),
            None,
        ),
        (row("2026-11-02", "a", "free", 31.0), Some("free")),
        // Without a tier the largest quota counts.
        (row("2026-11-02", "a", "", 31.0), None),
        (row("2026-11-02", "a", "", 601.0), Some("pro")),
        // Nobody's.
        (row("2026-11-02", "", "", 9000.0), None),
    ] {
        let found = exceeded(CAPACITY, &rows);
        let subjects: Vec<&str> = found.iter().map(|it| &*it.subject).collect();
        let expected = path.map(|tier| format!("models.whisper.tenant_quota.{tier}"));
        assert_eq!(
            subjects,
            expected.iter().map(String::as_str).collect::<Vec<_>>(),
            "{rows}"
        );
    }
}

#[test]
fn weeks_days_and_hours_are_a_calendars() {
    let capacity = |quota: &str| {
        CAPACITY.replace(
            "{ free = \"30/month\", pro = \"600/month\" }",
            &format!("\"{quota}\""),
        )
    };
    let rows = |dates: &[&str]| -> String {
        let row = |date: &&str| format!("{date},models.whisper,a,,50,minute\n");
        dates.iter().map(row).collect()
    };
    // 2026-11-16 is a Monday.
    for (quota, dates, is_found) in [
        ("99/week", &["2026-11-16", "2026-11-22"][..], true),
        ("99/week", &["2026-11-15", "2026-11-16"], false),
        ("99/day", &["2026-11-16", "2026-11-16"], true),
        ("99/day", &["2026-11-15", "2026-11-16"], false),
        // A day's mean.
        ("2/h", &["2026-11-16"], true),
        ("3/h", &["2026-11-16"], false),
        ("99/2d", &["2026-11-15", "2026-11-16"], true),
        ("99/2d", &["2026-11-14", "2026-11-16"], false),
    ] {
        let found = exceeded(&capacity(quota), &rows(dates));
        assert_eq!(found.len(), usize::from(is_found), "{quota} {dates:?}");
    }
}

/// Rows with times tell the busiest hours; days tell the least that some hour had.
#[test]
fn parts_of_a_day_are_told_by_hours_where_rows_have_times() {
    let capacity = |quota: &str| {
        CAPACITY.replace(
            "{ free = \"30/month\", pro = \"600/month\" }",
            &format!("\"{quota}\""),
        )
    };
    let row = |date: &str, used: u32| format!("{date},models.whisper,a,,{used},minute\n");
    let busy = row("2026-11-16T09:10:00Z", 20) + &row("2026-11-16T10:00:00Z", 20);
    let day = row("2026-11-16", 40);
    for (quota, rows, said) in [
        ("30/h", &busy, None),
        (
            "19/h",
            &busy,
            Some("used 20 `minute` of `whisper` from 2026-11-16T09:00Z on"),
        ),
        (
            "39/2h",
            &busy,
            Some("used 40 `minute` of `whisper` from 2026-11-16T09:00Z on"),
        ),
        ("41/2h", &busy, None),
        ("9/30min", &busy, Some("used at least 10/")),
        (
            "1.5/h",
            &day,
            Some("used at least 1.67/h `minute` of `whisper` on 2026-11-16"),
        ),
        ("19/h", &day, None),
    ] {
        let found = exceeded(&capacity(quota), rows);
        let message = found.first().map(|it| it.message.as_str());
        match said {
            None => assert_eq!(message, None, "{quota}"),
            Some(said) => assert!(message.is_some_and(|it| it.contains(said)), "{message:?}"),
        }
    }
}

#[test]
fn lines_count_where_the_model_says_nothing_of_tenants() {
    let line = "2026-11-02,features.x.inference.i,a,pro,400,minute\n";
    assert!(exceeded(CAPACITY, line).is_empty());
    assert_eq!(exceeded(CAPACITY, &line.repeat(2)).len(), 1);
    // The model's own rows are the same use, not more of it.
    let both = format!("{line}2026-11-02,models.whisper,a,pro,400,minute\n");
    assert!(exceeded(CAPACITY, &both).is_empty());
}

#[test]
fn one_finding_speaks_for_all_tenants_of_a_quota() {
    let rows: String = (1..=3)
        .map(|n| format!("2026-11-02,models.whisper,t{n},pro,{},minute\n", 600 + n))
        .collect();
    let found = exceeded(CAPACITY, &rows);
    assert_eq!(found.len(), 1);
    let said = "tenant `t3` used 603 `minute` of `whisper` in 2026-11, and a `pro` tenant's quota \
                is 600/month; 2 other tenants exceeded it too";
    assert_eq!(found[0].message, said);
    assert!((found[0].figure.unwrap() - 603.0 / 600.0).abs() < 1e-12);
}

#[test]
fn a_month_that_ends_in_the_window_counts_from_its_first_day() {
    let row = |date: &str, used: u32| format!("{date},models.whisper,acme,pro,{used},minute\n");
    // The window begins on October 23.
    let both = row("2026-10-05", 590) + &row("2026-10-25", 11);
    let found = exceeded(CAPACITY, &both);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("601"), "{}", found[0].message);
    let fewer = row("2026-10-05", 589) + &row("2026-10-25", 11);
    assert!(exceeded(CAPACITY, &fewer).is_empty());
    // A month that ended before it does not count.
    let before = row("2026-09-25", 700) + &row("2026-10-25", 11);
    assert!(exceeded(CAPACITY, &before).is_empty());
}
