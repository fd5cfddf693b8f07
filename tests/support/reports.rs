//! Reports made by hand, with figures that agree with each other.

mod odd;
mod parts;

use caplint::finding::Severity;
use caplint::report::*;
use caplint::source::SourceMap;

pub(crate) use self::odd::*;
pub(crate) use self::parts::*;

/// The text of the sample project's root file.
pub(crate) const ROOT: &str = r#"[project]
name = "creator-analytics"

[tenants]
free = 3600
pro  = { now = 1200, 90d = 1500 }

[apis.tiklive]
rate_limit = "200/min"
plan = { credits = 2_500_000, price = 499.00 }

[databases.main]
storage = "500GB"
"#;

/// The text of one of its features.
pub(crate) const FEATURE: &str = r#"[features.watermark-removal]
spec = "README.md"
tenants = ["pro"]

[[features.watermark-removal.calls]]
endpoint = "/video/"
rate = "45/day"		# was 30

[tables.user_snapshots]
kind = "snapshot"
row_size = "400B"
"#;

/// The sample project, as `check` reports it.
pub(crate) fn check() -> Report {
    let mut sources = SourceMap::default();
    sources.add(source("capacity.toml", ROOT));
    sources.add(source("features/watermark-removal/capacity.toml", FEATURE));
    let mut project = project("creator-analytics");
    let mut credits = meter(
        "apis.tiklive.credits",
        "credits/month",
        2_628_000.0,
        Some(2_500_000.0),
    );
    credits.detail = Detail {
        soft_on_day: Some(Some(21.4)),
        hard_on_day: Some(Some(25.7)),
        empties_on_day: Some(Some(28.5)),
        ..Detail::default()
    };
    let mut depth = meter("queues.media.depth", "messages", 120.0, Some(50_000.0));
    depth.lower_bound = true;
    depth.verdict = Verdict::Unknown;
    let mut table = meter("tables.user_snapshots.storage", "bytes", 1.46e9, None);
    table.breaking_point = None;
    project.meters = vec![
        credits,
        meter(
            "apis.tiklive.rate.min",
            "calls/min",
            48.333_333,
            Some(200.0),
        ),
        meter("apis.tiklive.spend", "money/month", 499.0, Some(600.0)),
        meter("databases.main.storage", "bytes", 438.2e9, Some(500e9)),
        meter("databases.main.writes", "writes/s", 0.055_56, Some(2000.0)),
        depth,
        meter("queues.media.drain", "seconds", 320.0, Some(3600.0)),
        table,
    ];
    project.horizons = [(30, 1.02), (60, 1.05), (90, 1.1)]
        .map(|(day, factor)| {
            let meters = project.meters.iter().map(|meter| scaled(meter, factor));
            Horizon::new(day, meters.collect(), &project.meters)
        })
        .into();
    project.scenarios = [("100x", "report", 100.0), ("10x", "fit", 10.0)]
        .map(|(name, require, factor)| Scenario {
            name: name.into(),
            require: require.into(),
            meters: project
                .meters
                .iter()
                .map(|meter| scaled(meter, factor))
                .collect(),
            assumed: false,
        })
        .into();
    project.lines = vec![
        line("comment-ingest", "comments", "tiklive:/comments/", 9_600.0),
        line(
            "profile-sync",
            "profile",
            "tiklive:/userinfo-by-username/",
            4_800.0,
        ),
        line("video-discovery", "posts", "tiklive:/user-posts/", 19_200.0),
        line("watermark-removal", "video", "tiklive:/video/", 54_000.0),
    ];
    let mut over = finding(
        "over-limit",
        Severity::Error,
        "apis.tiklive.credits",
        "apis.tiklive.credits needs 2,628,000 of 2,500,000 credits/month (110% at p80): the plan is used up on day 28.5",
    );
    over.help = Some("lower features.watermark-removal.calls.video.rate to 39/day, or raise the plan to 2,760,000 credits".into());
    over.figure = Some(1.1);
    point(
        &mut over,
        &sources,
        "features/watermark-removal/capacity.toml",
        "\"45/day\"",
    );
    also(
        &mut over,
        &sources,
        "capacity.toml",
        "2_500_000",
        "the plan",
    );
    let mut retention = finding(
        "table-without-retention",
        Severity::Warning,
        "tables.user_snapshots",
        "`tables.user_snapshots` has no retention: it takes 1.46 GB in a year and never stops",
    );
    point(
        &mut retention,
        &sources,
        "features/watermark-removal/capacity.toml",
        "[tables.user_snapshots]",
    );
    also(
        &mut retention,
        &sources,
        "features/watermark-removal/capacity.toml",
        "\"400B\"",
        "rows of this size",
    );
    retention.help = Some(
        "add `retention = \"90d\"`\nor say why not: retention = \"forever\", reason = \"…\"".into(),
    );
    let mut stale = finding(
        "price-stale",
        Severity::Info,
        "models.whisper",
        "the price of models.whisper is 120 days old",
    );
    stale.file = Some("capacity.toml".into());
    stale.line = Some(1);
    stale.column = Some(1);
    let mut waived = finding(
        "table-without-rollup",
        Severity::Error,
        "tables.audit_log",
        "tables.audit_log has no rollup",
    );
    waived.waived = Some(Waived {
        reason: Some("read row by row, for the auditors".into()),
        owner: Some("data-platform".into()),
        until: Some("2027-06-30".into()),
    });
    project.findings = vec![stale, over, retention, waived];
    project.assumptions = vec!["replay of queues.media is 0: none is declared".into()];
    report(vec![project], sources)
}

/// The same, as `diff` reports it.
pub(crate) fn diff() -> Report {
    let mut report = check();
    report.base = Some(Side {
        name: "main".into(),
        commit: Some("0b2706e51c2b8f6e0d3a4b5c6d7e8f9012345678".into()),
    });
    report.head = Side {
        name: "9624c7b".into(),
        commit: Some("9624c7bd00112233445566778899aabbccddeeff".into()),
    };
    report.notes = vec!["compared the pull request's merge commit with its first parent".into()];
    let project = &mut report.projects[0];
    let path = "features.watermark-removal.calls.video.rate";
    let because = |delta: f64| Attribution {
        path: path.into(),
        kind: EditKind::Changed,
        before: Some("30/day".into()),
        after: Some("45/day".into()),
        delta,
    };
    let gone = Change {
        meter: "tables.old_events.storage".into(),
        before: Some(6e9),
        after: None,
        delta: Some(-6e9),
        percent: Some(-1.0),
        limit: BeforeAfter {
            before: None,
            after: None,
        },
        verdict: BeforeAfter {
            before: Some(Verdict::Unlimited),
            after: None,
        },
        breaking_point: BeforeAfter {
            before: None,
            after: None,
        },
        scenarios: Vec::new(),
        attribution: vec![Attribution {
            path: "tables.old_events".into(),
            kind: EditKind::Removed,
            before: Some("snapshot, 400B".into()),
            after: None,
            delta: -6e9,
        }],
        was: Some(Box::new(meter(
            "tables.old_events.storage",
            "bytes",
            6e9,
            None,
        ))),
    };
    project.changes = vec![
        change(&project.meters[0], 2_088_000.0, vec![because(540_000.0)]),
        change(&project.meters[1], 35.833_333, vec![because(12.5)]),
        change(&project.meters[7], 0.0, Vec::new()),
        gone,
    ];
    project.changes[2].limit.before = None;
    project.unchanged = 5;
    project.edits = vec![Edit {
        path: path.into(),
        kind: EditKind::Changed,
        before: Some(Excerpt {
            file: "features/watermark-removal/capacity.toml".into(),
            line: 5,
            text: "[[features.watermark-removal.calls]]\nendpoint = \"/video/\"\nrate = \"30/day\"\n".into(),
        }),
        after: Some(Excerpt {
            file: "features/watermark-removal/capacity.toml".into(),
            line: 5,
            text: "[[features.watermark-removal.calls]]\nendpoint = \"/video/\"\nrate = \"45/day\"\t\t# was 30\n".into(),
        }),
    }];
    project.findings[1].state = Some(State::New);
    project.findings[2].state = Some(State::Existing);
    project.findings[0].state = Some(State::Existing);
    project.findings[3].state = Some(State::Existing);
    let mut mended = finding(
        "cache-missing",
        Severity::Warning,
        "features.profile-sync.calls.profile",
        "a cache of 1h would save 2,400 credits a day",
    );
    mended.state = Some(State::Fixed);
    let mut worse = finding(
        "near-limit",
        Severity::Warning,
        "databases.main.storage",
        "databases.main.storage fills 92% of 500 GB",
    );
    worse.state = Some(State::Worsened);
    worse.file = Some("capacity.toml".into());
    worse.line = Some(13);
    worse.column = Some(11);
    worse.end_line = Some(13);
    worse.end_column = Some(18);
    project.findings.extend([mended, worse]);
    summarize(&mut report);
    report
}

/// A sound project in which nothing is wrong and nothing changes.
pub(crate) fn nothing(comparing: bool) -> Report {
    let mut project = project("quiet");
    project.meters = vec![meter(
        "apis.tiklive.credits",
        "credits/month",
        1_000_000.0,
        Some(2_500_000.0),
    )];
    project.unchanged = 1;
    let mut report = report(vec![project], SourceMap::default());
    if comparing {
        report.base = Some(Side {
            name: "main".into(),
            commit: None,
        });
    }
    report
}

/// Several projects in one repository: one that fails, and one that has nothing to say.
pub(crate) fn several() -> Report {
    let mut report = diff();
    report.projects[0].root = "apps/creator".into();
    let mut quiet = nothing(true).projects.remove(0);
    quiet.root = "apps/quiet".into();
    report.projects.push(quiet);
    report
}
