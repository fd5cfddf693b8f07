//! A finding is silenced only by one that is at least as severe.

use caplint::finding::Severity;
use caplint::report::Report;
use caplint::run::{Before, Inputs, Settings, run};
use caplint::source::SourceMap;
use caplint::units::Date;

use crate::support::lint::snapshot;

/// A table that fills its disk in ten days, and has no retention.
const FILLS: &str = r#"
[tenants]
free = 1000
[databases.main]
engine = "postgres"
storage = "1GB"
writes = "1000/s"
[tables.s]
kind = "event"
row_size = "4KB"
[features.w]
spec = "capacity.toml"
owner = "o"
writes = [{ table = "s", rate = "24/day" }]
[scenarios.a]
tenants = 1
require = "report"
"#;

fn check(text: &str, overrides: &[(&str, Severity)]) -> Report {
    let mut sources = SourceMap::default();
    let head = snapshot("head", &[("capacity.toml", text)], &mut sources);
    let mut settings = Settings::new(Date::new(2026, 11, 22).unwrap());
    let overrides = overrides.iter();
    settings.overrides = overrides
        .map(|(rule, severity)| ((*rule).to_owned(), *severity))
        .collect();
    let inputs = Inputs {
        sources: &sources,
        head: &head,
        base: Before::NotCompared,
    };
    run(&inputs, &settings)
}

fn errors(report: &Report) -> Vec<&str> {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    findings
        .filter(|finding| finding.severity == Severity::Error && finding.waived.is_none())
        .map(|finding| finding.rule.as_str())
        .collect()
}

#[test]
fn a_rule_that_is_lowered_fails_what_it_fails_where_it_is_off() {
    let rule = "table-without-retention";
    assert_eq!(errors(&check(FILLS, &[])), [rule]);
    for severity in [Severity::Off, Severity::Info, Severity::Warning] {
        let by_command = check(FILLS, &[(rule, severity)]);
        assert_eq!(errors(&by_command), ["limit-ahead"], "{severity:?}");
        let declared = format!("{FILLS}[rules]\n{rule} = \"{}\"\n", severity.as_str());
        assert_eq!(errors(&check(&declared, &[])), ["limit-ahead"]);
    }
    let waived =
        format!("{FILLS}[[waivers]]\nrule = \"{rule}\"\nsubject = \"tables.s\"\nreason = \"r\"\n");
    assert_eq!(errors(&check(&waived, &[])), ["limit-ahead"]);
}

/// A plan of which 110% are used.
const OVER: &str = r#"
[tenants]
free = 1000
[apis.a]
rate_limit = "100000/min"
plan = { credits = 300_000, price = 10 }
[apis.a.endpoints]
"/e/" = { credits = 1, cacheable = false }
[features.x]
spec = "capacity.toml"
owner = "o"
calls = [{ endpoint = "/e/", rate = "11/day" }]
[scenarios.a]
tenants = 1
require = "report"
"#;

#[test]
fn what_is_over_is_near_where_nothing_as_severe_says_that_it_is_over() {
    let near = ("near-limit", Severity::Error);
    assert_eq!(errors(&check(OVER, &[near])), ["over-limit"]);
    for severity in [Severity::Off, Severity::Warning] {
        let report = check(OVER, &[near, ("over-limit", severity)]);
        assert_eq!(errors(&report), ["near-limit"], "{severity:?}");
    }
    let ahead = [
        ("limit-ahead", Severity::Error),
        ("over-limit", Severity::Warning),
    ];
    assert_eq!(errors(&check(OVER, &ahead)), ["limit-ahead"]);
    // What is not even near its limit stays so.
    let fits = OVER.replace("11/day", "5/day");
    assert!(errors(&check(&fits, &[near])).is_empty());
}

#[test]
fn a_waived_breach_covers_what_announces_it_as_long_as_it_is_waived() {
    let found = |text: &str| {
        let report = check(text, &[]);
        let findings = report.projects.into_iter().flat_map(|it| it.findings);
        let open = findings.filter(|it| it.waived.is_none());
        open.map(|it| it.rule).collect::<Vec<_>>()
    };
    let base = OVER.replace(
        "free = 1000",
        "free = { now = 1000, 30d = 1000, 90d = 2000 }",
    );
    let waived = |until: &str| {
        format!(
            "{base}[[waivers]]\nrule = \"over-limit\"\nsubject = \"apis.a.credits\"\n\
             reason = \"r\"\nowner = \"o\"\n{until}"
        )
    };
    let ahead = |text: &str| found(text).contains(&"limit-ahead".to_owned());
    assert!(found(&base).contains(&"over-limit".to_owned()) && !ahead(&base));
    assert!(!ahead(&waived("until = 2026-12-22\n")));
    assert!(!ahead(&waived("")));
    // It ends before the day that is announced.
    assert!(ahead(&waived("until = 2026-12-21\n")));
    // What fits today is announced.
    let fits = base.replace("11/day", "9/day");
    assert!(ahead(&fits) && !found(&fits).contains(&"over-limit".to_owned()));
}
