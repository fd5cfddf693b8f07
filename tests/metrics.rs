//! Which metrics measure what.

use caplint::analysis::Project;
use caplint::document::{TomlPath, read};
use caplint::metrics::{Metrics, Query};
use caplint::model::projects;
use caplint::source::{SourceFile, SourceMap};

const DECLARED: &str = r#"
[tenants]
free = 1
pro = 2
[apis.twilio]
endpoints."/a" = { credits = 1 }
[apis.other]
endpoints."/b" = { credits = 1 }
[models.asr]
unit = "audio-minute"
price = 0.1
[models.llm]
price = { per = 1_000_000, input = 3, output = 15 }
[queues.jobs]
broker = "sqs"
message_size = 1
[queues.mail]
broker = "sqs"
message_size = 1
[features.f]
calls = [{ endpoint = "/a", id = 'a"\b', rate = "1/day" }, { endpoint = "/b", rate = "1/day" }]
inference = [
  { model = "asr", id = "hear", rate = "1/day", units = 1 },
  { model = "llm", rate = "1/day", units = { input = 1, output = 1 } },
]
[features.g]
calls = [{ endpoint = "/b", rate = "1/day" }]
"#;

fn metrics(of: &str) -> Metrics {
    let mut sources = SourceMap::default();
    let file = sources.add(SourceFile::new(
        "capacity.toml",
        format!("{DECLARED}\n[metrics]\n{of}\n"),
    ));
    let document = read(file, sources.file(file));
    let (mut files, _) = projects(&sources, vec![document.into()]);
    let project = Project::new(files.swap_remove(0), 1);
    assert_eq!(project.findings, []);
    Metrics::new(&project)
}

/// What is asked for, by subject and unit.
fn asked(of: &str) -> Vec<(String, String)> {
    let metrics = metrics(of);
    assert_eq!(metrics.unusable, []);
    let text = |query: &Query| match query {
        Query::Counter(text) | Query::Gauge(text) => text.clone(),
    };
    let all = metrics.iter();
    all.map(|(subject, unit, measure)| (format!("{subject}.{unit}"), text(&measure.query)))
        .collect()
}

fn pairs<'a>(found: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    let pair = |(key, query): &'a (String, String)| (key.as_str(), query.as_str());
    found.iter().map(pair).collect()
}

#[test]
fn the_most_literal_key_counts() {
    let found = asked(
        r#"
"queues.*.depth" = { gauge = 'depth{queue="$name"}' }
"queues.mail.depth" = { gauge = "mail_depth" }
"features.*.calls.*.calls" = { counter = "any" }
"features.f.calls.*.calls" = { counter = "of_f" }
'features.*.calls."/b".credits' = { counter = "of_b" }
"features.*.calls.*.credits" = { counter = "any_credits" }"#,
    );
    let expected = [
        (r#"features.f.calls."/b".calls"#, "of_f"),
        (r#"features.f.calls."/b".credits"#, "of_b"),
        (r#"features.f.calls."a\"\\b".calls"#, "of_f"),
        (r#"features.f.calls."a\"\\b".credits"#, "any_credits"),
        (r#"features.g.calls."/b".calls"#, "any"),
        (r#"features.g.calls."/b".credits"#, "of_b"),
        ("queues.jobs.depth", r#"depth{queue="jobs"}"#),
        ("queues.mail.depth", "mail_depth"),
    ];
    assert_eq!(pairs(&found), expected);
}

#[test]
fn words_become_names_that_cannot_end_a_string() {
    let found = asked(
        r#"
"features.f.calls.*.calls" = { counter = 'c{f="$feature",l="$line",n="$name",a="$api"}' }
"features.f.calls.*.credits" = { counter = """c{l='$line',x="\\\\"}""" }
"features.*.inference.*.cost" = { counter = '{m="$model"}' }
"tenants.*.count" = { gauge = 'sum(active{tier="$tier"})' }"#,
    );
    let expected = [
        (
            r#"features.f.calls."/b".calls"#,
            r#"c{f="f",l="/b",n="/b",a="other"}"#,
        ),
        (r#"features.f.calls."/b".credits"#, r#"c{l='/b',x="\\"}"#),
        (
            r#"features.f.calls."a\"\\b".calls"#,
            r#"c{f="f",l="a\"\\b",n="a\"\\b",a="twilio"}"#,
        ),
        (
            r#"features.f.calls."a\"\\b".credits"#,
            r#"c{l='a"\\b',x="\\"}"#,
        ),
        ("features.f.inference.hear.cost", r#"{m="asr"}"#),
        ("features.f.inference.llm.cost", r#"{m="llm"}"#),
        ("tenants.free.count", r#"sum(active{tier="free"})"#),
        ("tenants.pro.count", r#"sum(active{tier="pro"})"#),
    ];
    assert_eq!(pairs(&found), expected);
}

#[test]
fn a_unit_is_that_of_the_model_that_a_line_runs() {
    let found = asked(
        r#"
"features.*.inference.*.input" = { counter = 'a{line="$line"}' }
"models.*.audio-minute" = { counter = 'b{model="$model"}' }
"models.*.requests" = { counter = 'c{model="$model"}' }"#,
    );
    let expected = [
        ("features.f.inference.llm.input", r#"a{line="llm"}"#),
        ("models.asr.audio-minute", r#"b{model="asr"}"#),
        ("models.asr.requests", r#"c{model="asr"}"#),
        ("models.llm.requests", r#"c{model="llm"}"#),
    ];
    assert_eq!(pairs(&found), expected);
}

#[test]
fn a_name_that_is_no_word_is_refused_outside_of_quotes() {
    let metrics = metrics(
        r#""features.f.calls.*.calls" = { counter = 'calls{id=`$line`}' }
"queues.*.depth" = { gauge = "depth_$name # '$name'" }
"tenants.*.count" = { gauge = "x # '$name'\n + active_$name" }"#,
    );
    let refused = |subject: &[&str]| metrics.get(&TomlPath::new(subject), "calls").is_none();
    assert!(refused(&["features", "f", "calls", "/b"]));
    let problems: Vec<&str> = metrics.unusable.iter().map(|it| it.2.as_str()).collect();
    assert_eq!(
        problems,
        [
            r#"`a"\b` can only stand between `"` and `"`"#,
            r#"`/b` can only stand between `"` and `"`"#,
        ]
    );
    let get = |subject: &[&str], unit| metrics.get(&TomlPath::new(subject), unit).unwrap();
    let depth = get(&["queues", "jobs"], "depth");
    assert_eq!(depth.query, Query::Gauge("depth_jobs # 'jobs'".to_owned()));
    let count = get(&["tenants", "pro"], "count");
    let text = "x # 'pro'\n + active_pro".to_owned();
    assert_eq!(count.query, Query::Gauge(text));
}
