//! One cause, one finding: which findings are left where others speak for them.

mod kept;

use caplint::analysis::{Figures, Project, outlooks};
use caplint::finding::{Finding, Severity};
use caplint::model::projects::projects;
use caplint::report::{self, Waived};
use caplint::rules::Context;
use caplint::rules::causes::{judgeable, silence};
use caplint::source::{FileId, Listing, SourceFile, SourceMap, Span};
use caplint::units::Date;
use caplint::usage::Usage;
use caplint::verdicts::Judge;
use caplint::{changes, document};

/// The findings that are left of some, each a rule and a subject, where a project declares this.
fn left(toml: &str, findings: &[(&'static str, &str)]) -> Vec<String> {
    left_of(toml, None, findings, |_| {})
}

fn left_of(
    toml: &str,
    base: Option<&str>,
    findings: &[(&'static str, &str)],
    adjust: impl Fn(&mut report::Finding),
) -> Vec<String> {
    silenced(toml, base, findings, adjust)
        .into_iter()
        .map(|finding| format!("{} {}", finding.rule, finding.subject))
        .collect()
}

fn silenced(
    toml: &str,
    base: Option<&str>,
    findings: &[(&'static str, &str)],
    adjust: impl Fn(&mut report::Finding),
) -> Vec<report::Finding> {
    let mut sources = SourceMap::default();
    let mut read = |text: &str| -> FileId {
        sources.add(SourceFile {
            path: "capacity.toml".into(),
            text: text.into(),
            flaw: None,
        })
    };
    let files: Vec<FileId> = [Some(toml), base]
        .into_iter()
        .flatten()
        .map(&mut read)
        .collect();
    let projects: Vec<Project> = files
        .iter()
        .map(|file| {
            let document = document::read(*file, sources.file(*file));
            let (mut files, _) = projects(&sources, vec![document.into()]);
            Project::new(files.swap_remove(0), 1)
        })
        .collect();
    let policy = &projects[0].policy;
    let sides: Vec<_> = projects.iter().map(|project| (project, policy)).collect();
    let outlooks = outlooks(&sides, Figures::All, 1);
    let comparison = projects.get(1).map(|base| {
        let before = changes::Before::Project(base, &outlooks[1]);
        let nothing = (base, &outlooks[1]);
        changes::compare(before, (&projects[0], &outlooks[0]), nothing, &sources, 1)
    });
    let context = Context {
        project: &projects[0],
        outlook: &outlooks[0],
        policy,
        comparison: comparison.as_ref(),
        as_of: Date::new(2026, 11, 22).unwrap(),
        listing: &Listing::default(),
        sources: &sources,
        usage: &Usage::default(),
        matching: None,
        lines: Default::default(),
        bytes: Default::default(),
        threads: 1,
    };
    let found = findings
        .iter()
        .map(|(rule, subject)| {
            let span = Span {
                file: files[0],
                start: 0,
                end: 0,
            };
            Finding::new(rule, Severity::Error, *subject, "said").at(span)
        })
        .collect();
    let judge = Judge::new(&projects[0].declarations, &[], context.as_of, &sources);
    let mut left = judge.judge(judgeable(&context, found));
    left.iter_mut().for_each(adjust);
    silence(&context, &mut left);
    left.retain(|finding| !finding.silenced);
    left.sort_by_key(|left| {
        let is_it = |(rule, subject): &(&str, &str)| left.rule == *rule && left.subject == *subject;
        findings.iter().position(is_it)
    });
    left
}

const CREDITS: &str = "apis.a.credits";

#[test]
fn a_meter_that_is_over_is_not_near_and_not_ahead() {
    let all = [
        ("near-limit", CREDITS),
        ("over-limit", CREDITS),
        ("limit-ahead", CREDITS),
        ("near-limit", "apis.b.credits"),
    ];
    assert_eq!(
        left("", &all),
        ["over-limit apis.a.credits", "near-limit apis.b.credits"]
    );
}

#[test]
fn what_breaks_on_a_day_to_come_is_not_near() {
    let all = [("limit-ahead", CREDITS), ("near-limit", CREDITS)];
    assert_eq!(left("", &all), ["limit-ahead apis.a.credits"]);
}

#[test]
fn over_limit_speaks_for_alerts_and_the_change_of_its_meter() {
    let all = [
        ("alert-blind-zone", CREDITS),
        ("alert-lead-too-short", CREDITS),
        ("change-over-threshold", CREDITS),
        ("change-over-threshold", "apis.a.rate.min"),
        ("over-limit", CREDITS),
    ];
    assert_eq!(
        left("", &all),
        [
            "change-over-threshold apis.a.rate.min",
            "over-limit apis.a.credits"
        ]
    );
}

#[test]
fn what_is_waived_speaks_for_nothing() {
    let all = [("over-limit", CREDITS), ("change-over-threshold", CREDITS)];
    let waive = |finding: &mut report::Finding| {
        finding.waived = (finding.rule == "over-limit").then_some(Waived {
            reason: None,
            owner: None,
            until: None,
        });
    };
    assert_eq!(left_of("", None, &all, waive).len(), 2);
}

#[test]
fn queues_without_bound_or_ceiling_speak_for_the_missing_limit() {
    for rule in ["queue-unbounded", "workers-without-ceiling"] {
        let all = [
            ("limit-missing", "queues.q"),
            (rule, "queues.q.workers.max"),
            ("limit-missing", "queues.other"),
        ];
        let left = left("", &all);
        assert_eq!(left.len(), 2, "{left:?}");
        assert_eq!(left[1], "limit-missing queues.other");
    }
}

#[test]
fn workers_without_ceiling_speak_for_the_drain_that_has_no_capacity() {
    let all = [
        ("workers-without-ceiling", "queues.q"),
        ("over-limit", "queues.q.drain"),
        ("over-limit", "queues.q.depth"),
    ];
    assert_eq!(
        left("", &all),
        [
            "workers-without-ceiling queues.q",
            "over-limit queues.q.depth"
        ]
    );
}

#[test]
fn an_unstable_queue_speaks_for_its_workers_and_drain() {
    let all = [
        ("queue-unstable", "queues.\"q.1\""),
        ("over-limit", "queues.\"q.1\".workers"),
        ("near-limit", "queues.\"q.1\".workers"),
        ("over-limit", "queues.\"q.1\".drain"),
        ("limit-ahead", "queues.\"q.1\".drain"),
        ("over-limit", "queues.\"q.1\".depth"),
        ("over-limit", "queues.q.drain"),
    ];
    assert_eq!(
        left("", &all),
        [
            "queue-unstable queues.\"q.1\"",
            "over-limit queues.\"q.1\".depth",
            "over-limit queues.q.drain"
        ]
    );
}

const FEATURES: &str = r#"
[tenants]
pro = 1000
[apis.a]
rate_limit = "1000/min"
plan = { credits = 1_000_000, price = 1.00 }
[apis.a.endpoints."/x"]
credits = 1
[policy.change]
credits = "20%"
[features.f]
[[features.f.calls]]
endpoint = "/x"
rate = "F/day"
[features.g]
[[features.g.calls]]
endpoint = "/x"
rate = "G/day"
"#;

fn features(f: u32, g: u32) -> String {
    FEATURES
        .replace("F/", &format!("{f}/"))
        .replace("G/", &format!("{g}/"))
}

#[test]
fn a_feature_speaks_for_the_meter_that_it_alone_takes_past_the_threshold() {
    let all = [
        ("change-over-threshold", CREDITS),
        ("feature-change-over-threshold", "features.f"),
    ];
    let left = |f, g| left_of(&features(f, g), Some(&features(10, 10)), &all, |_| {});
    assert_eq!(left(15, 10), ["feature-change-over-threshold features.f"]);
    // Neither of two alone adds more than a fifth.
    assert_eq!(left(13, 13).len(), 2);
}

const DISK: &str = r#"
[tenants]
pro = 1000
[databases.d]
storage = "100GB"
overhead = 0.5
[tables.log]
kind = "event"
row_size = "1KB"
[tables.rest]
kind = "event"
row_size = "REST"
retention = "30d"
[features.f]
[[features.f.writes]]
table = "log"
rate = "500/day"
[[features.f.writes]]
table = "rest"
rate = "500/day"
"#;

#[test]
fn a_table_without_retention_speaks_for_the_disk_that_it_fills() {
    let all = [
        ("table-without-retention", "tables.log"),
        ("limit-ahead", "databases.d.storage"),
        ("scenario-over-limit", "scenarios.10x"),
    ];
    // 182.5 GB of the one; of the other 22.5 GB with overhead, ten times as much at 10x.
    let left_at = |rest: &str| left(&DISK.replace("REST", rest), &all);
    assert_eq!(left_at("100B"), ["table-without-retention tables.log"]);
    assert_eq!(
        left_at("1KB"),
        [
            "table-without-retention tables.log",
            "scenario-over-limit scenarios.10x"
        ]
    );
    assert_eq!(left_at("10KB").len(), 3);
    let full = [
        ("table-without-retention", "tables.log"),
        ("over-limit", "databases.d.storage"),
    ];
    // What is full today has to be seen today.
    assert_eq!(left(&DISK.replace("REST", "100B"), &full).len(), 2);
}

const WORKERS: &str = r#"
[tenants]
pro = 1000
[apis.a]
rate_limit = "100/min"
[apis.a.endpoints."/x"]
[queues.q]
broker = "sqs"
message_size = "1KB"
workers = { count = 1, max = 10, rate = "20/min", api = "a" }
[features.f]
[[features.f.messages]]
id = "job"
queue = "q"
rate = "250/day"
[[features.f.calls]]
id = "work"
endpoint = "/x"
after = "job"
[[features.f.calls]]
id = "direct"
endpoint = "/x"
rate = "DIRECT/day"
"#;

#[test]
fn a_worker_ceiling_speaks_for_the_rate_that_the_workers_cause() {
    let all = [
        ("worker-ceiling-over-rate-limit", "apis.a"),
        ("over-limit", "apis.a.rate.min"),
    ];
    let left_at = |direct: &str| left(&WORKERS.replace("DIRECT", direct), &all).len();
    assert_eq!(left_at("10"), 1);
    // 208 calls a minute come past the workers.
    assert_eq!(left_at("300"), 2);
}

#[test]
fn a_scenario_takes_up_what_can_not_be_undone() {
    let toml = DISK.replace("REST", "1KB").replace(
        "kind = \"event\"\nrow_size = \"1KB\"\n[",
        "kind = \"event\"\nrow_size = \"1KB\"\nretention = \"90d\"\n[",
    );
    let all = [
        ("irreversible-undecided", "databases.d.decision"),
        ("scenario-over-limit", "scenarios.10x"),
        ("irreversible-undecided", "queues.other"),
    ];
    let left = silenced(&toml, None, &all, |_| {});
    assert_eq!(left.len(), 2);
    assert_eq!(left[0].rule, "scenario-over-limit");
    assert_eq!(left[0].related.len(), 1);
    assert_eq!(left[0].related[0].message, "said");
    assert_eq!(left[1].subject, "queues.other");
}

#[test]
fn nothing_is_said_of_what_hangs_on_a_broken_value() {
    let toml = WORKERS
        .replace("DIRECT", "10")
        .replace("\"1KB\"", "\"1XB\"");
    let all = [
        ("drain-target-missing", "queues.q"),
        ("over-limit", "queues.q.throughput"),
        ("queue-unstable", "queues.q"),
        ("over-limit", "apis.a.rate.min"),
        ("feature-without-spec", "features.f.spec"),
        // The broken file may use the one, and does not have the name of the other.
        ("unused-declaration", "tables.q"),
        ("unused-declaration", "tables.t"),
    ];
    assert_eq!(
        left(&toml, &all),
        [
            "over-limit queues.q.throughput",
            "over-limit apis.a.rate.min",
            "feature-without-spec features.f.spec",
            "unused-declaration tables.t"
        ]
    );
}

#[test]
fn a_broken_line_leaves_what_is_over_without_it() {
    let all = [
        ("over-limit", "apis.a.rate.min"),
        ("cache-missing", "features.f.calls.direct.cache"),
        ("cache-missing", "features.f.calls.work.cache"),
    ];
    // Without its rate the line counts for nothing, and the rest is over all the same.
    let rate = WORKERS.replace("DIRECT/day", "often");
    assert_eq!(
        left(&rate, &all),
        [
            "over-limit apis.a.rate.min",
            "cache-missing features.f.calls.work.cache"
        ]
    );
    // Nor does it without its cache.
    let cache = WORKERS.replace("\"DIRECT/day\"", "\"10/day\"\ncache = { ttl = \"soon\" }");
    assert_eq!(
        left(&cache, &all),
        [
            "over-limit apis.a.rate.min",
            "cache-missing features.f.calls.work.cache"
        ]
    );
}
