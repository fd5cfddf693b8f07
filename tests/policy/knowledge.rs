//! `"unknown"` in place of a value is a loss of knowledge.

use caplint::finding::Severity;
use caplint::render::{Format, Options, render};
use caplint::report::{Report, State};

use super::{ROOT, change, change_since, fails, feature, subjects};

const RULE: &str = "lower-bound";

fn with(rate: &str) -> String {
    format!("{ROOT}{}", feature("x", rate))
}

fn severities(report: &Report) -> Vec<Severity> {
    subjects(report, RULE)
        .into_iter()
        .map(|(_, it)| it)
        .collect()
}

fn fixed(report: &Report) -> usize {
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    findings.filter(|it| it.state == Some(State::Fixed)).count()
}

#[test]
fn whatever_was_known_and_is_not_any_more_is_an_error() {
    let base = with("10/day");
    let both = [Severity::Error, Severity::Error];
    let rate = |id: &str| base.replace("\"10/day\"", &format!("VALUE{id}"));
    for (text, known) in [
        (rate(""), "\"10/day\""),
        // By another id, by another name of the feature, and of the API.
        (rate(", id = \"z\""), "\"10/day\""),
        (rate("").replace("features.x", "features.z"), "\"10/day\""),
        (rate("").replace("apis.a", "apis.b"), "\"10/day\""),
        (base.replace("free = 1000", "free = VALUE"), "1000"),
        (
            base.replace("owner = \"o\"", "owner = \"o\"\nadoption = VALUE"),
            "1",
        ),
        (
            base.replace(
                "owner = \"o\"",
                "owner = \"o\"\nadoption = { free = VALUE }",
            ),
            "1",
        ),
        (
            base.replace("rate_limit", "retry_ratio = VALUE\nrate_limit"),
            "0",
        ),
    ] {
        let report = change(&base, &text.replace("VALUE", "\"unknown\""));
        assert_eq!(severities(&report), both, "{text}");
        assert!(fails(&report), "{text}");
        let control = change(&base, &text.replace("VALUE", known));
        assert!(!fails(&control), "{text}");
        assert!(fixed(&report) <= fixed(&control), "{text}");
    }
    let unknown = base.replace("\"10/day\"", "\"unknown\"");
    assert_eq!(severities(&change_since(&base, &unknown)), both);
    let more = format!("{base}{}", feature("y", "unknown"));
    assert_eq!(
        severities(&change_since(&base, &more)),
        [Severity::Warning; 2]
    );
    let credits = change(
        &base,
        &base.replace("credits = 1,", "credits = \"unknown\","),
    );
    assert_eq!(severities(&credits), [Severity::Error]);
}

#[test]
fn what_nobody_ever_knew_is_a_warning() {
    let base = with("10/day");
    let more = format!("{base}{}", feature("y", "unknown"));
    let new = change(&base, &more);
    assert_eq!(severities(&new), [Severity::Warning, Severity::Warning]);
    assert!(!fails(&new));
    // Also beside a line that is known and has another id.
    let beside = more.replace("\"10/day\"", "\"10/day\", id = \"z\"");
    assert_eq!(severities(&change(&base, &beside)), [Severity::Warning; 2]);
    assert!(
        severities(&change(&more, &more)).is_empty(),
        "the base has it too"
    );
    // Also under another name.
    for renamed in [
        more.replace("features.y", "features.z"),
        more.replace("\"unknown\"", "\"unknown\", id = \"z\""),
        more.replace("apis.a", "apis.b"),
    ] {
        let found = severities(&change(&more, &renamed));
        assert!(!found.contains(&Severity::Error), "{renamed}");
    }
    // Where one is unknown, another is no less known.
    let second = change(&more, &more.replace("\"10/day\"", "\"unknown\""));
    assert_eq!(severities(&second), [Severity::Error; 2]);
    // What was unknown may stay so, and what is known may change.
    let known = change(&more, &more.replace("10/day", "11/day"));
    assert!(severities(&known).is_empty());
    let learned = change(&more, &more.replace("\"unknown\"", "\"1/day\""));
    assert!(severities(&learned).is_empty() && !fails(&learned));
    assert!(fixed(&learned) > 0);
}

#[test]
fn only_what_a_value_reaches_is_forgotten() {
    let with = |work: &str, other: &str| {
        let lines = format!(
            "calls = [{{ id = \"job\", endpoint = \"/e/\", rate = \"10/day\" }},\n\
             {{ id = \"work\", endpoint = \"/f/\", rate = \"{work}\" }},\n\
             {{ id = \"then\", endpoint = \"/g/\", after = \"work\" }},\n\
             {{ id = \"other\", endpoint = \"/h/\", rate = \"{other}\" }}]\n"
        );
        let apis = ["b", "c", "d"].into_iter().zip(["f", "g", "h"]);
        let apis = apis.map(|(api, path)| {
            format!(
                "[apis.{api}]\nplan = {{ credits = 900_000, price = 1 }}\n\
                 [apis.{api}.endpoints]\n\"/{path}/\" = {{ credits = 1 }}\n"
            )
        });
        let apis: String = apis.collect();
        format!("{ROOT}{apis}[features.x]\nspec = \"capacity.toml\"\nowner = \"o\"\n{lines}")
    };
    let report = change(&with("10/day", "unknown"), &with("unknown", "unknown"));
    let found = subjects(&report, RULE);
    let meters: Vec<&str> = found.iter().map(|(meter, _)| meter.as_str()).collect();
    assert_eq!(meters, ["apis.b.credits", "apis.c.credits"]);
}

/// A comparison in which the one meter that breaks is no longer known.
fn lost() -> Report {
    change(
        &with("30/day"),
        &with("30/day").replace("\"30/day\"", "\"unknown\""),
    )
}

#[test]
fn no_format_shows_it_as_an_improvement() {
    assert_eq!(fixed(&lost()), 0, "{:#?}", lost().projects[0].findings);
    let control = change(&with("30/day"), &with("1/day"));
    assert!(fixed(&control) > 0);
    for format in [
        Format::Human,
        Format::Markdown,
        Format::Html,
        Format::Sarif,
        Format::Junit,
    ] {
        let text = render(format, &lost(), &Options::default());
        for improvement in ["-900,000", "-100%", "gone", "-20.83", "absent"] {
            assert!(
                !text.contains(improvement),
                "{format:?}: {improvement}\n{text}"
            );
        }
        let text = render(format, &control, &Options::default());
        assert!(text.contains("-870,000") || !matches!(format, Format::Human | Format::Markdown));
    }
    let json: serde_json::Value =
        serde_json::from_str(&render(Format::Json, &lost(), &Options::default())).unwrap();
    let credits = &json["projects"][0]["changes"][0];
    assert_eq!(
        credits["delta"], -900_000.0,
        "the figures are those of what is known"
    );
    assert_eq!(json["projects"][0]["meters"][0]["lower_bound"], true);
}

/// What only a rule holds against a limit: the largest message that a broker accepts.
#[test]
fn an_unknown_size_of_messages_is_a_loss_where_a_broker_limits_it() {
    let project = |broker: &str, size: &str, own: &str| {
        format!(
            "{ROOT}[queues.q]\nbroker = \"{broker}\"\nmessage_size = {size}\nretention = \"4d\"\n\
             max_depth = 1_000_000\n[features.m]\nspec = \"capacity.toml\"\nowner = \"o\"\n\
             messages = [{{ queue = \"q\", rate = \"1/day\"{own} }}]\n"
        )
    };
    let lost = |base: &str, head: &str| {
        let report = change(base, head);
        let errors = subjects(&report, "lower-bound").into_iter();
        let errors = errors.filter(|(_, severity)| *severity == Severity::Error);
        (errors.map(|it| it.0).collect::<Vec<_>>(), fails(&report))
    };
    let (known, unknown) = ("\"2KB\"", "\"unknown\"");
    let of_queue = project("sqs", known, "");
    assert_eq!(
        lost(&of_queue, &project("sqs", unknown, "")),
        (vec!["queues.q".to_owned()], true)
    );
    let own = |size: &str| project("sqs", known, &format!(", size = {size}"));
    assert_eq!(
        lost(&own(known), &own(unknown)),
        (vec!["features.m.messages.q".to_owned()], true)
    );
    // Nobody knew it, or nothing limits it.
    let never = project("sqs", unknown, "");
    let none = (Vec::new(), false);
    assert_eq!(lost(&never, &never.replace("1/day", "2/day")), none);
    let rabbit = |size: &str| project("rabbitmq", size, "").replace("retention = \"4d\"\n", "");
    assert_eq!(lost(&rabbit(known), &rabbit(unknown)), none);
    assert_eq!(lost(&of_queue, &project("sqs", "\"3KB\"", "")), none);
}
