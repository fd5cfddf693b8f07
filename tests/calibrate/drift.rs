//! `calibration-drift`: what was measured is not what is declared, and what that would break.

use caplint::finding::Severity;
use caplint::report::{Finding, Report, State};

use super::scene::Rows;
use crate::support::lint::{check, check_with, compare};

const CAPACITY: &str = r#"[tenants]
pro = 1000
[apis.tiklive]
rate_limit = "2000/min"
plan = { credits = 1_300_000, price = 100.00 }
[apis.tiklive.endpoints."/w/"]
credits = 1
[features.wm]
calls = [{ id = "w", endpoint = "/w/", rate = "30/day" }]
[features.other]
calls = [{ id = "o", endpoint = "/w/", rate = "1/day" }]
"#;

/// So many calls on each day up to the date of judging.
fn calls(each: f64) -> String {
    let csv = Rows::default().each("wm.w", "calls", 30, each).csv();
    let rows = csv.lines().skip(1).map(|row| format!("{row}\n"));
    format!("{}2026-11-22,wm,w,{each},calls\n", rows.collect::<String>())
}

fn drifted(report: &Report) -> Vec<&Finding> {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    findings
        .filter(|it| it.rule == "calibration-drift")
        .collect()
}

/// A report with usage that has a header of its own.
fn judged(capacity: &str, usage: &str) -> Report {
    let mut read = caplint::usage::Usage::default();
    read.read("u.csv", usage.as_bytes(), &Default::default())
        .unwrap();
    check_with(&[("capacity.toml", capacity)], |settings| {
        settings.usage = read
    })
}

fn checked(capacity: &str, each: f64) -> Vec<Finding> {
    let report = check(&[("capacity.toml", capacity)], &calls(each));
    drifted(&report).into_iter().cloned().collect()
}

#[test]
fn a_line_is_a_finding_from_the_policys_share_on() {
    for (each, is_found) in [
        (30_000.0, false),
        (33_590.0, false),
        (33_610.0, true),
        (26_410.0, false),
        (26_390.0, true),
    ] {
        let found = checked(CAPACITY, each);
        assert_eq!(found.len(), usize::from(is_found), "{each}: {found:?}");
        for finding in found {
            assert_eq!(finding.severity, Severity::Warning);
            assert_eq!(finding.subject, "features.wm");
            let off = (each / 30_000.0 - 1.0).abs();
            assert!((finding.figure.unwrap() - off).abs() < 1e-9);
        }
    }
    let stricter = format!("{CAPACITY}[policy.calibration]\ndrift = \"11%\"\n");
    assert_eq!(checked(&stricter, 33_590.0).len(), 1);
}

/// 45.8/day × 1,000 × 30 passes 1.3M credits; what is declared does not.
#[test]
fn it_is_an_error_where_a_limit_breaks_with_what_was_measured() {
    let found = checked(CAPACITY, 44_832.0);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Error);
    let said = "with `44.8/day` measured, `apis.tiklive.credits` reaches 1,374,960 of \
                1,300,000 credits/month, 105.8%: `w` of `features.wm` is 149% of its forecast, `30/day` is declared";
    assert_eq!(found[0].message, said);
    let found = checked(&CAPACITY.replace("1_300_000", "1_370_000"), 44_832.0);
    assert!(
        found[0]
            .message
            .contains(" of 1,370,000 credits/month, 100.4%")
    );
    // The same drift within the plan, and of a plan that is passed as declared.
    for plan in ["1_500_000", "800_000"] {
        let found = checked(&CAPACITY.replace("1_300_000", plan), 44_832.0);
        assert_eq!(found[0].severity, Severity::Warning, "{plan}");
    }
}

/// The line that is the furthest over is told first, and the others by name.
#[test]
fn other_lines_that_are_off_are_named() {
    let line = |id: &str| format!(", {{ id = \"{id}\", endpoint = \"/w/\", rate = \"1/day\" }}");
    let with = |others: &[&str]| {
        let lines: String = others.iter().copied().map(line).collect();
        let capacity = CAPACITY.replace("\"30/day\" }", &format!("\"30/day\" }}{lines}"));
        let mut rows = calls(40_000.0);
        for (place, id) in others.iter().enumerate() {
            let each = 1_200 + 100 * place;
            let csv = Rows::default().each(&format!("wm.{id}"), "calls", 30, each as f64);
            rows.extend(csv.csv().lines().skip(1).map(|row| format!("{row}\n")));
        }
        let report = check(&[("capacity.toml", &capacity)], &rows);
        drifted(&report)[0].message.clone()
    };
    assert!(with(&[]).ends_with("`30/day` declared"));
    let said = with(&["a"]);
    assert!(
        said.ends_with("`30/day` declared; also off: `a` (120%)"),
        "{said}"
    );
    let said = with(&["a", "b"]);
    assert!(
        said.ends_with("; also off: `b` (130%), `a` (120%)"),
        "{said}"
    );
}

#[test]
fn an_allow_on_the_line_counts() {
    let allowed = CAPACITY.replace(
        "\"30/day\" }",
        "\"30/day\", allow = [\"calibration-drift\"], reason = \"a test\" }",
    );
    assert!(checked(&allowed, 44_832.0).is_empty());
}

/// Both sides are held against the same measurements.
#[test]
fn it_is_new_where_the_change_touches_its_feature() {
    let states = |head: &str| -> Vec<Option<State>> {
        let base = [("capacity.toml", CAPACITY)];
        let report = compare(&base, &[("capacity.toml", head)], &calls(36_000.0));
        drifted(&report).iter().map(|it| it.state).collect()
    };
    let other = CAPACITY.replace("\"1/day\"", "\"2/day\"");
    assert_eq!(states(&other), [Some(State::Existing)]);
    let own = CAPACITY.replace("\"30/day\"", "\"29/day\"");
    assert_eq!(states(&own), [Some(State::New)]);
    let nearer = CAPACITY.replace("\"30/day\"", "\"31/day\"");
    assert_eq!(states(&nearer), [Some(State::Existing)]);
    let mended = CAPACITY.replace("\"30/day\"", "\"36/day\"");
    assert_eq!(states(&mended), [Some(State::Fixed)]);
}

/// More tenants break a model that the feature has no part in.
#[test]
fn what_others_break_is_not_a_features_error() {
    let capacity = CAPACITY.replace("1_300_000", "10_000_000")
        + "[models.m]\nunit = \"minute\"\nprice = 0.01\nbudget = 330\n\
           [features.runs]\ninference = [{ id = \"i\", model = \"m\", rate = \"1/day\", units = 1 }]\n";
    let rows = |tenants: u32| {
        let with = |row: String| format!("{row},\n");
        let rows: String = calls(36_000.0)
            .lines()
            .map(|it| with(it.to_owned()))
            .collect();
        format!("{rows}2026-11-21,,,{tenants},count,tenants.pro\n")
    };
    let found = |capacity: &str, tenants: u32| {
        let text = format!("date,feature,line,quantity,unit,subject\n{}", rows(tenants));
        let report = judged(capacity, &text);
        let found = drifted(&report);
        (found[0].severity, found[0].message.clone())
    };
    // 1,200 minutes a day are 360 a month.
    assert_eq!(found(&capacity, 1200).0, Severity::Warning);
    let runs =
        "[features.wm]\ninference = [{ id = \"i\", model = \"m\", rate = \"1/day\", units = 1 }]";
    let both = CAPACITY
        .replace("1_300_000", "10_000_000")
        .replace("[features.wm]", runs)
        + "[models.m]\nunit = \"minute\"\nprice = 0.01\nbudget = 330\n";
    let (severity, message) = found(&both, 1200);
    assert_eq!(severity, Severity::Error);
    assert!(
        message.contains("`models.m.spend` reaches 360.00 USD of 330.00 USD/month, 109"),
        "{message}"
    );
    assert_eq!(found(&both, 1000).0, Severity::Warning);
}

/// Half as many tenants again, each at the rate that is declared: no other rate is told, and what
/// the packs of an API lack is told of the features that call it.
#[test]
fn more_tenants_are_no_other_rate() {
    let rows = Rows::default()
        .each("wm.w", "calls", 30, 45_000.0)
        .each("runs.i", "requests", 30, 1500.0)
        .each("tenants.pro", "count", 30, 1500.0);
    let found = |packs: &str| -> Vec<(String, Severity, String)> {
        let capacity = CAPACITY.replace("1_300_000, price = 100.00 }", packs)
            + "[models.m]\nunit = \"minute\"\nprice = 0.01\n\
               [features.runs]\ninference = [{ id = \"i\", model = \"m\", rate = \"1/day\", units = 1 }]\n";
        let report = judged(&capacity, &rows.csv());
        let found = drifted(&report).into_iter();
        found
            .map(|it| (it.subject.clone(), it.severity, it.message.clone()))
            .collect()
    };
    let runs = "`i` of `features.runs` is 150% of its forecast";
    let with_packs = found(
        "1_300_000, price = 100.00 }\npacks = [{ name = \"p\", credits = 1000, price = 1, max = 1 }]",
    );
    let [(of_wm, worse, told), (of_runs, severity, said)] = &with_packs[..] else {
        panic!("{with_packs:?}");
    };
    assert_eq!(
        (&**of_runs, *severity, &**said),
        ("features.runs", Severity::Warning, runs)
    );
    assert_eq!((&**of_wm, *worse), ("features.wm", Severity::Error));
    let starts =
        "with measured usage, `apis.tiklive.spend` reaches a demand beyond all packs: `w` of";
    assert!(told.starts_with(starts), "{told}");
    assert!(told.ends_with("is 150% of its forecast"), "{told}");
}

#[test]
fn weeks_without_a_whole_one_are_said() {
    let all = calls(60_000.0);
    let days = all.lines().filter(|row| {
        let day: u8 = row[8..10].parse().unwrap();
        !day.is_multiple_of(6)
    });
    let days: String = days.map(|row| format!("{row}\n")).collect();
    let report = check(&[("capacity.toml", CAPACITY)], &days);
    let found = drifted(&report);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Info);
    assert!(found[0].message.contains("the feature is not checked"));
    let report = check(&[("capacity.toml", CAPACITY)], &all);
    assert!(
        drifted(&report)
            .iter()
            .all(|it| it.severity == Severity::Error)
    );
}

#[test]
fn who_owns_a_feature_says_nothing_of_its_use() {
    let base = [("capacity.toml", CAPACITY)];
    let head = CAPACITY.replace("[features.wm]", "[features.wm]\nowner = \"o\"");
    let report = compare(&base, &[("capacity.toml", &head)], &calls(36_000.0));
    let states: Vec<_> = drifted(&report).iter().map(|it| it.state).collect();
    assert_eq!(states, [Some(State::Existing)]);
    let line = "Measured, as before this change: features.wm (calibration-drift).";
    assert!(
        report.notes.iter().any(|note| note == line),
        "{:?}",
        report.notes
    );
    let alone = check(&base, &calls(36_000.0));
    assert!(alone.notes.is_empty(), "{:?}", alone.notes);
}

#[test]
fn too_few_days_are_no_finding() {
    let rows = Rows::default().each("wm.w", "calls", 6, 90_000.0).csv();
    let rows = rows.split_once('\n').unwrap().1;
    let report = check(&[("capacity.toml", CAPACITY)], rows);
    assert!(drifted(&report).is_empty());
}
