//! What a change makes milder does not help it, and is said.

use caplint::finding::Severity;
use caplint::report::Report;

use super::{Files, ROOT, change, diff, diff_with, fails, feature, new_of, subjects};

const RULE: &str = "policy-loosened";

/// The project where twice the tenants have to fit, and what is asked for a day.
fn fitting(scenario: &str, rate: &str) -> String {
    let root = ROOT.replace("600_000", "900_000");
    let (root, _) = root.split_once("[policy").unwrap();
    let root = root.replace("tenants = 2\nrequire = \"report\"", scenario);
    format!("{root}{}", feature("x", rate))
}

const STRICT: &str = "tenants = 2\nrequire = \"fit\"";

#[test]
fn the_scenario_of_the_base_judges() {
    let base = fitting(STRICT, "10/day");
    let control = change(&base, &fitting(STRICT, "20/day"));
    assert_eq!(subjects(&control, "scenario-over-limit").len(), 1);
    let control_is_sound = change(&base, &fitting(STRICT, "12/day"));
    assert!(!fails(&control_is_sound));
    for milder in [
        "tenants = 2\nrequire = \"fit\"\nset = { \"apis.a.plan.credits\" = 1e12 }",
        "tenants = 2\nrequire = \"fit\"\nset = { \"features.x.calls.'/e/'.rate\" = \"1/day\" }",
        "tenants = 2\nrequire = \"fit\"\nrates = { x = 0.1 }",
        "tenants = 2\nrequire = \"fit\"\non = 2027-01-01\nlasts = \"1h\"",
        "tenants = 1\nrequire = \"fit\"",
        "tenants = 2\nrequire = \"report\"",
    ] {
        let report = change(&base, &fitting(milder, "20/day"));
        assert_eq!(
            subjects(&report, "scenario-over-limit").len(),
            1,
            "{milder}"
        );
        assert!(fails(&report), "{milder}");
        let loosened = new_of(&report, RULE);
        assert_eq!(loosened.len(), 1, "{milder}: {loosened:#?}");
        let help = loosened[0].help.as_deref().unwrap();
        assert!(help.contains("hide 1 error: scenario-over-limit"), "{help}");
    }
    // Gone, it still judges the change that takes it.
    let gone = fitting(STRICT, "20/day").replace("[scenarios.2x]", "[scenarios.other]");
    assert!(fails(&change(
        &base,
        &gone.replace("\"fit\"", "\"report\"")
    )));
    // What asks for more is not looser, whatever it sets.
    for stricter in [
        "tenants = 2\nrequire = \"fit\"\nset = { \"apis.a.retry_ratio\" = 0.2 }",
        "tenants = 2\nrequire = \"fit\"\nset = { \"apis.a.plan.credits\" = 100 }",
        "tenants = 3\nrequire = \"fit\"\nrates = { x = 2 }",
    ] {
        let report = change(&base, &fitting(stricter, "10/day"));
        assert!(subjects(&report, RULE).is_empty(), "{stricter}");
    }
}

#[test]
fn with_the_policy_accepted_the_scenario_of_the_head_judges() {
    let (base, head) = (
        fitting(STRICT, "10/day"),
        fitting("tenants = 1\nrequire = \"fit\"", "20/day"),
    );
    let (base, head): (Files<'_>, Files<'_>) =
        (&[("capacity.toml", &base)], &[("capacity.toml", &head)]);
    let report = diff_with(base, head, |settings| settings.accept_policy = true);
    assert!(!fails(&report));
    assert_eq!(new_of(&report, RULE)[0].severity, Severity::Info);
    assert!(fails(&diff(base, head)));
}

fn with_project(keys: &str, rate: &str) -> String {
    let root = ROOT.replace("name = \"t\"\n", &format!("name = \"t\"\n{keys}"));
    format!("{root}{}", feature("x", rate))
}

#[test]
fn of_the_calendar_the_larger_of_both_sides_counts() {
    let demand = |report: &Report, meter: &str| {
        let mut meters = report.projects[0].meters.iter();
        meters
            .find(|it| &*it.id == meter)
            .unwrap()
            .demand
            .point
            .unwrap()
    };
    let long = with_project("days_per_month = 31\npeak = 3\n", "10/day");
    let short = with_project("days_per_month = 28\n", "10/day");
    let report = change(&long, &short);
    assert_eq!(demand(&report, "apis.a.credits"), 310_000.0);
    assert!((demand(&report, "apis.a.rate.min") - 3.0 * 10_000.0 / 1440.0).abs() < 1e-9);
    assert_eq!(report.projects[0].changes.len(), 0, "nothing shrinks by it");
    let found = subjects(&report, RULE);
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["project.days_per_month", "project.peak"]);
    // A change of demand beside it is what it is.
    let grown = change(&long, &with_project("days_per_month = 28\n", "11/day"));
    let credits = &grown.projects[0].changes[0];
    assert_eq!(
        (credits.delta, credits.attribution.len()),
        (Some(31_000.0), 1)
    );
    // A longer month is a change as any other.
    let report = change(&short, &long);
    assert!(subjects(&report, RULE).is_empty());
    assert_eq!(demand(&report, "apis.a.credits"), 310_000.0);
    assert_eq!(report.projects[0].changes[0].before, Some(280_000.0));
}

#[test]
fn months_and_horizons_have_bounds() {
    let errors = |keys: &str| {
        let head = with_project(keys, "10/day");
        subjects(&change(&with_project("", "10/day"), &head), "invalid-value").len()
    };
    for keys in [
        "days_per_month = 27\n",
        "days_per_month = 32\n",
        "horizon = \"29d\"\n",
        "horizon = \"21y\"\n",
    ] {
        assert_eq!(errors(keys), 1, "{keys}");
    }
    for keys in [
        "days_per_month = 28\n",
        "days_per_month = 31\n",
        "horizon = \"30d\"\n",
        "horizon = \"20y\"\n",
    ] {
        assert_eq!(errors(keys), 0, "{keys}");
    }
}

#[test]
fn specs_that_nobody_asks_for_any_more_are_not_fixed() {
    let base = with_project("specs = [\"specs/*.md\"]\n", "10/day");
    let head = with_project("", "10/day");
    let files = |root| [("capacity.toml", root), ("specs/a.md", "a")];
    let mut after = files(head.as_str()).to_vec();
    after.push(("specs/b.md", "b"));
    let report = diff(&files(&base), &after);
    assert_eq!(
        subjects(&report, RULE),
        [("project.specs".to_owned(), Severity::Warning)]
    );
    assert_eq!(subjects(&report, "spec-without-feature").len(), 1);
    let fixed = report.projects[0].findings.iter();
    assert_eq!(
        fixed
            .filter(|it| it.state == Some(caplint::report::State::Fixed))
            .count(),
        0
    );
    let more = with_project("specs = [\"specs/*.md\", \"b/*.md\"]\n", "10/day");
    assert!(subjects(&change(&base, &more), RULE).is_empty());
}
