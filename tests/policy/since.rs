//! What takes over from what only a saved report knows is judged by the limits that are in there.

use caplint::finding::Severity;
use caplint::report::{Outcome, Report};

use super::{change_since, fails, new_of, subjects};

const RULE: &str = "limit-removed";

/// A project with APIs, each with its plan and endpoint, and features, each with a line.
fn project(apis: &[(&str, &str, &str)], lines: &[(&str, &str, u32)]) -> String {
    let mut text = "[project]\nname = \"t\"\n[tenants]\nfree = { now = 1000, 90d = 1000 }\n\
                    [scenarios.s]\ntenants = 1\nrequire = \"report\"\n"
        .to_owned();
    for (name, credits, path) in apis {
        let plan = match *credits {
            "" => String::new(),
            credits => format!("plan = {{ credits = {credits} }}\n"),
        };
        text.push_str(&format!(
            "[apis.{name}]\nrate_limit = \"1000000/s\"\n{plan}[apis.{name}.endpoints]\n\
             \"{path}\" = {{ credits = 1 }}\n"
        ));
    }
    for (name, path, rate) in lines {
        text.push_str(&format!(
            "[features.{name}]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             calls = [{{ id = \"{name}\", endpoint = \"{path}\", rate = \"{rate}/day\" }}]\n"
        ));
    }
    text
}

fn message(report: &Report) -> &str {
    new_of(report, RULE)
        .first()
        .map_or("", |it| it.message.as_str())
}

#[test]
fn a_rename_takes_no_limit_out_of_a_saved_report() {
    let base = project(&[("a", "1_000_000", "/x/")], &[("f", "/x/", 10)]);
    let plan = "1_000_000";
    for (name, path, line) in [
        ("a", "/x/", "f"),
        ("b", "/x/", "f"),
        ("b", "/z/", "f"),
        ("b", "/z/", "g"),
    ] {
        let with = |credits, rate| {
            let head = project(&[(name, credits, path)], &[(line, path, rate)]);
            change_since(&base, &head)
        };
        assert_eq!(subjects(&with(plan, 11), RULE), [], "{name}");
        let subject = format!("apis.{name}.credits");
        let severity = |severity| vec![(subject.clone(), severity)];
        assert_eq!(subjects(&with("", 11), RULE), severity(Severity::Warning));
        let breaks = with("", 100);
        assert_eq!(subjects(&breaks, RULE), severity(Severity::Error));
        let is_said = message(&breaks).contains("in place of `apis.a.credits`");
        assert_eq!(is_said, name != "a", "{}", message(&breaks));
    }
    // What is new beside it takes nothing over.
    let apis = [("a", plan, "/x/"), ("b", "", "/y/")];
    let beside = project(&apis, &[("f", "/x/", 10), ("g", "/y/", 100)]);
    assert_eq!(subjects(&change_since(&base, &beside), RULE), []);
}

#[test]
fn a_part_that_has_moved_counts_with_the_rest_of_a_saved_report() {
    let lines = |rate| [("f", "/x/", rate), ("g", "/y/", rate)];
    let one = |name: &str| {
        let both = project(&[(name, "1_000_000", "/x/")], &lines(10));
        both.replace("\"/x/\" = ", "\"/y/\" = { credits = 1 }\n\"/x/\" = ")
    };
    let moved = |rate| project(&[("a", "1_000_000", "/x/"), ("b", "", "/y/")], &lines(rate));
    assert!(!fails(&change_since(&one("a"), &moved(11))));
    let report = change_since(&one("a"), &moved(20));
    assert_eq!(
        subjects(&report, RULE),
        [("apis.b.credits".to_owned(), Severity::Error)]
    );
}

#[test]
fn what_a_saved_report_does_not_tell_is_said() {
    let plan = "1_000_000";
    let base = project(
        &[("a", plan, "/x/"), ("b", plan, "/y/")],
        &[("f", "/x/", 1), ("g", "/y/", 1)],
    );
    let other = project(
        &[("c", "", "/v/"), ("d", "", "/w/")],
        &[("k", "/v/", 1), ("l", "/w/", 1)],
    );
    let report = change_since(&base, &other);
    let reason = report.comparison.and_then(|it| it.reason).unwrap();
    assert!(reason.contains("`apis.a`"), "{reason}");
    assert_eq!(report.summary.verdict, Outcome::NotFullyChecked);
    // Where nothing comes, they are only gone.
    let gone = project(&[("b", plan, "/y/")], &[("g", "/y/", 1)]);
    let report = change_since(&base, &gone);
    assert_eq!(report.summary.verdict, Outcome::Passes);
    assert_eq!(report.comparison.and_then(|it| it.reason), None);
}
