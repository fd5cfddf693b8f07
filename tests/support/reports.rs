//! Reports made by hand, with figures that agree with each other.

use caplint::finding::Severity;
use caplint::report::*;
use caplint::source::{Flaw, SourceFile, SourceMap, Span};

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

pub(crate) fn meter(id: &str, unit: &str, point: f64, limit: Option<f64>) -> Meter {
    let utilization = limit.map(|limit| point * 1.05 / limit);
    let verdict = match utilization {
        None => Verdict::Unlimited,
        Some(used) if used > 1.0 => Verdict::Breaks,
        Some(used) if used > 0.9 => Verdict::Tight,
        Some(_) => Verdict::Fits,
    };
    Meter {
        id: id.into(),
        kind: id.split('.').nth(2).unwrap_or_default().to_owned().into(),
        unit: unit.to_owned().into(),
        demand: Percentiles {
            point: Some(point),
            p50: Some(point),
            p80: Some(point * 1.05),
            p90: Some(point * 1.1),
            p95: Some(point * 1.2),
        },
        lower_bound: false,
        limit,
        utilization,
        verdict,
        breaking_point: limit.map(|limit| limit / point / 1.05),
        detail: Detail::default(),
        on_disk: None,
        day: None,
    }
}

/// The meter in a scenario or on a day: that many times the demand.
pub(crate) fn scaled(meter: &Meter, factor: f64) -> Meter {
    let mut grown = self::meter(
        &meter.id,
        &meter.unit,
        meter.demand.point.unwrap_or(0.0) * factor,
        meter.limit,
    );
    grown.breaking_point = None;
    grown
}

pub(crate) fn change(meter: &Meter, before: f64, attribution: Vec<Attribution>) -> Change {
    let after = meter.demand.point.unwrap_or(0.0);
    Change {
        meter: meter.id.to_string(),
        before: Some(before),
        after: Some(after),
        delta: Some(after - before),
        percent: (before != 0.0).then(|| (after - before) / before),
        limit: BeforeAfter {
            before: meter.limit,
            after: meter.limit,
        },
        verdict: BeforeAfter {
            before: Some(Verdict::Fits),
            after: Some(meter.verdict),
        },
        breaking_point: BeforeAfter {
            before: None,
            after: meter.breaking_point,
        },
        was: Some(Box::new(self::meter(
            &meter.id,
            &meter.unit,
            before,
            meter.limit,
        ))),
        scenarios: vec![ScenarioChange {
            name: "10x".into(),
            before: Some(Verdict::Tight),
            after: Some(Verdict::Breaks),
        }],
        attribution,
    }
}

pub(crate) fn line(feature: &str, id: &str, target: &str, credits: f64) -> Line {
    Line {
        path: format!("features.{feature}.calls.{id}").into(),
        feature: feature.into(),
        list: "calls".into(),
        target: target.into(),
        file: format!("features/{feature}/capacity.toml").into(),
        line: 5,
        population: 4800.0,
        per_day: PerDay {
            requested: Some(credits),
            reached: Some(credits),
            billed: Some(credits),
            credits: Some(credits),
            ..PerDay::default()
        },
        peak_per_second: credits / 86_400.0,
    }
}

pub(crate) fn finding(rule: &str, severity: Severity, subject: &str, message: &str) -> Finding {
    Finding {
        parts: Vec::new(),
        when: Default::default(),
        cause: None,
        silenced: false,
        rule: rule.to_owned(),
        severity,
        subject: subject.to_owned(),
        state: None,
        message: message.to_owned(),
        help: None,
        url: format!("https://caplint.example/rules/{rule}"),
        fingerprint: fingerprint(&format!("{rule}/{subject}")),
        figure: None,
        file: None,
        line: None,
        column: None,
        end_line: None,
        end_column: None,
        related: Vec::new(),
        waived: None,
        span: None,
        worse: Default::default(),
        tail: String::new(),
        cost: None,
        blame: None,
        fix: None,
        ways: Vec::new(),
    }
}

/// Thirty-two hexadecimal digits that depend on a text.
fn fingerprint(text: &str) -> String {
    let fold = |seed: u64| {
        text.bytes().fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    format!("{:016x}{:016x}", fold(0xcbf2_9ce4_8422_2325), fold(7))
}

/// Points a finding to the first place of these words in a file.
pub(crate) fn point(finding: &mut Finding, sources: &SourceMap, path: &str, words: &str) {
    let span = span(sources, path, words);
    let (start, end) = (
        sources.position(span.file, span.start),
        sources.position(span.file, span.end),
    );
    finding.file = Some(path.to_owned());
    finding.line = Some(start.line);
    finding.column = Some(start.column);
    finding.end_line = Some(end.line);
    finding.end_column = Some(end.column);
    finding.span = Some(span);
}

pub(crate) fn also(
    finding: &mut Finding,
    sources: &SourceMap,
    path: &str,
    words: &str,
    message: &str,
) {
    let span = span(sources, path, words);
    let start = sources.position(span.file, span.start);
    finding.related.push(Related {
        file: path.to_owned(),
        line: start.line,
        column: start.column,
        message: message.to_owned(),
        span: Some(span),
    });
}

fn span(sources: &SourceMap, path: &str, words: &str) -> Span {
    let (index, file) = sources
        .files()
        .iter()
        .enumerate()
        .find(|(_, file)| &*file.path == path)
        .expect("a source with this path");
    let start = file.text.find(words).expect("these words in the source");
    Span {
        file: caplint::source::FileId(index as u32),
        start: start as u32,
        end: (start + words.len()) as u32,
    }
}

pub(crate) fn source(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: path.into(),
        text: text.into(),
        flaw: None::<Flaw>,
    }
}

pub(crate) fn project(name: &str) -> Project {
    Project {
        name: name.to_owned(),
        root: String::new(),
        currency: "USD".into(),
        verdict: Verdict::Fits,
        confidence: 0.8,
        ..Project::default()
    }
}

pub(crate) fn report(projects: Vec<Project>, sources: SourceMap) -> Report {
    let mut report = Report {
        format: FORMAT.into(),
        caplint: "0.1.0".into(),
        as_of: "2026-11-22".into(),
        base: None,
        comparison: None,
        head: Side {
            name: "worktree".into(),
            commit: None,
        },
        projects,
        usage: None,
        summary: Summary::default(),
        notes: Vec::new(),
        sources,
    };
    summarize(&mut report);
    report
}

/// Sets what follows from the rest: verdicts, counts, the exit code.
pub(crate) fn summarize(report: &mut Report) {
    let mut summary = Summary::default();
    for project in &mut report.projects {
        project
            .changes
            .sort_by(|left, right| left.meter.cmp(&right.meter));
        project.verdict = project
            .meters
            .iter()
            .map(|meter| meter.verdict)
            .max()
            .unwrap_or(Verdict::Fits);
        for finding in &project.findings {
            if finding.waived.is_some() {
                summary.waived += 1;
            } else if finding.state != Some(State::Fixed) {
                match finding.severity {
                    Severity::Error => summary.errors += 1,
                    Severity::Warning => summary.warnings += 1,
                    _ => summary.infos += 1,
                }
                if finding.severity == Severity::Error && finding.state != Some(State::Existing) {
                    summary.exit_code = 1;
                }
            }
        }
    }
    summary.verdict = match summary.exit_code {
        0 => caplint::report::Outcome::Passes,
        _ => caplint::report::Outcome::Fails,
    };
    report.summary = summary;
}

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

/// A pull request that touches this many of 400 features: each adds a table and breaks it.
pub(crate) fn touching(features: usize) -> Report {
    let mut sources = SourceMap::default();
    let mut project = project("monolith");
    let mut credits = meter(
        "apis.tiklive.credits",
        "credits/month",
        2_300_000.0,
        Some(2_500_000.0),
    );
    let mut causes = Vec::new();
    for number in 0..400 {
        let name = format!("feature-{number:03}");
        let table = meter(
            &format!("tables.events_{number:03}.storage"),
            "bytes",
            1e9 * f64::from(number + 1),
            Some(100e9),
        );
        project
            .lines
            .push(line(&name, "posts", "tiklive:/user-posts/", 190.0));
        project.meters.push(table);
        if number as usize >= features {
            continue;
        }
        let path = format!("features/{name}/capacity.toml");
        sources.add(source(&path, FEATURE));
        causes.push(Attribution {
            path: format!("features.{name}.calls.posts"),
            kind: EditKind::Added,
            before: None,
            after: Some("1/day".into()),
            delta: 5_700.0,
        });
        let last = project.meters.len() - 1;
        let mut changed = change(&project.meters[last], 0.0, Vec::new());
        changed.verdict.before = None;
        project.changes.push(changed);
        let mut found = finding(
            "table-without-rollup",
            if number % 2 == 0 {
                Severity::Warning
            } else {
                Severity::Error
            },
            &format!("tables.events_{number:03}"),
            &format!("tables.events_{number:03} has no rollup"),
        );
        found.state = Some(State::New);
        point(&mut found, &sources, &path, "[tables.user_snapshots]");
        project.findings.push(found);
        project.edits.push(Edit {
            path: format!("features.{name}"),
            kind: EditKind::Added,
            before: None,
            after: Some(Excerpt {
                file: path,
                line: 1,
                text: FEATURE.into(),
            }),
        });
    }
    if features < 400 {
        // Those that the change leaves alone fit.
        for table in &mut project.meters[features..] {
            *table = meter(&table.id, "bytes", 1e9, Some(100e9));
        }
    }
    credits.demand.point = Some(2_280_000.0);
    project.changes.insert(
        0,
        change(&credits, 2_280_000.0 - 5_700.0 * features as f64, causes),
    );
    project.meters.insert(0, credits);
    project.unchanged = 400 - features;
    project.scenarios = vec![Scenario {
        name: "10x".into(),
        require: "warn".into(),
        meters: project
            .meters
            .iter()
            .map(|meter| scaled(meter, 10.0))
            .collect(),
        assumed: true,
    }];
    let mut report = report(vec![project], sources);
    report.base = Some(Side {
        name: "main".into(),
        commit: None,
    });
    summarize(&mut report);
    report
}

/// Names and texts that try to be something else.
pub(crate) const HOSTILE: [&str; 14] = [
    "a|b\\|c",
    "`tick` ``two`` ```",
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "line\nbreak\r\n::error file=x::pwned",
    "::error::pwned%0A::set-output name=x::y",
    "-->\n</details></td></table><!--",
    "rtl\u{202e}cod\u{2066}e\u{200f}",
    "\u{1b}[31mred\u{1b}]8;;http://evil.example\u{7}link\u{9b}2J",
    "@octocat and @org/team #123 GH-1",
    "![x](https://evil.example/p.png) [y](javascript:alert(1)) <https://evil.example>",
    "https://evil.example/x www.evil.example a@evil.example",
    "```\n</summary>\n# heading\n- list\n---\n| a | b |\n|---|---|",
    "&lt;b&gt; &amp; \"quotes' $x$ ~~s~~ **b** _i_ :tada:",
    "",
];

/// The comparison, with each hostile text as every name and message once.
pub(crate) fn hostile() -> Report {
    let mut report = diff();
    let long = "x".repeat(10_000);
    let project = &mut report.projects[0];
    project.name = HOSTILE.join(" ");
    let template = project.findings[1].clone();
    let mut texts: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    texts.push(long);
    for (index, text) in texts.iter().enumerate() {
        let mut found = template.clone();
        found.subject = format!("tables.{text}");
        found.message = format!("{text} and {text}: the table {text} is full");
        found.help = Some(format!("{text}\n{text}"));
        found.file = Some(format!("dir/{text}/capacity.toml"));
        found.fingerprint = fingerprint(&format!("hostile {index}"));
        found.related[0].file = format!("dir/{text}");
        found.related[0].message = text.clone();
        project.findings.push(found);
        let mut row = meter(
            &format!("tables.\"{text}\".storage"),
            "bytes",
            9e9,
            Some(8e9),
        );
        row.detail = Detail::default();
        let mut changed = change(
            &row,
            1e9,
            vec![Attribution {
                path: format!("tables.{text}"),
                kind: EditKind::Changed,
                before: Some(text.clone()),
                after: Some(format!("{text}{text}")),
                delta: 8e9,
            }],
        );
        changed.limit.before = None;
        for horizon in &mut project.horizons {
            horizon.meters.push(scaled(&row, 1.1));
        }
        for scenario in &mut project.scenarios {
            scenario.meters.push(scaled(&row, 10.0));
        }
        project.meters.push(row);
        project.changes.push(changed);
        project.assumptions.push(format!("{text} is assumed"));
        project.edits.push(Edit {
            path: format!("tables.{text}"),
            kind: EditKind::Changed,
            before: Some(Excerpt {
                file: format!("dir/{text}/capacity.toml"),
                line: 3,
                text: format!("a = \"{text}\"\n"),
            }),
            after: Some(Excerpt {
                file: format!("dir/{text}/capacity.toml"),
                line: 3,
                text: format!("a = \"{text}!\""),
            }),
        });
        let mut line = line(text, "posts", "tiklive:/user-posts/", 190.0 + index as f64);
        line.target = format!("{text}:/x/").into();
        project.lines.push(line);
    }
    let sort = |meters: &mut Vec<Meter>| meters.sort_by(|left, right| left.id.cmp(&right.id));
    sort(&mut project.meters);
    project
        .horizons
        .iter_mut()
        .for_each(|horizon| sort(&mut horizon.meters));
    project
        .scenarios
        .iter_mut()
        .for_each(|scenario| sort(&mut scenario.meters));
    project.scenarios[0].name = HOSTILE[2].to_owned();
    report.notes = vec![HOSTILE.join(" ")];
    report.head.name = HOSTILE[5].to_owned();
    summarize(&mut report);
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

/// What has no number, or none that anyone expects.
pub(crate) fn edges() -> Report {
    let mut project = project("edges");
    let mut endless = meter("queues.q.drain", "seconds", 60.0, Some(3600.0));
    endless.demand = Percentiles::default();
    (endless.utilization, endless.verdict, endless.breaking_point) =
        (None, Verdict::Breaks, Some(0.0));
    let mut unlimited = meter("apis.a.credits", "credits/month", 1e30, None);
    unlimited.lower_bound = true;
    let mut unknown = meter("apis.b.credits", "credits/month", 5.0, None);
    unknown.verdict = Verdict::Unknown;
    let mut nothing = meter("databases.d.writes", "writes/s", 0.0, Some(0.0));
    (nothing.utilization, nothing.verdict, nothing.breaking_point) =
        (Some(0.0), Verdict::Fits, None);
    let mut forbidden = meter("databases.e.writes", "writes/s", 1e-7, Some(0.0));
    (
        forbidden.utilization,
        forbidden.verdict,
        forbidden.breaking_point,
    ) = (None, Verdict::Breaks, Some(0.0));
    let close = meter(
        "models.m.spend",
        "money/month",
        12_345_678.9,
        Some(12_963_000.0),
    );
    project.meters = vec![unlimited, unknown, nothing, forbidden, close, endless];
    let mut was_endless = change(&project.meters[5], 60.0, Vec::new());
    (was_endless.after, was_endless.delta, was_endless.percent) = (None, None, None);
    let mut raised = change(&project.meters[4], 12_345_678.9, Vec::new());
    raised.limit.before = Some(10_000_000.0);
    let mut tenfold = change(&project.meters[0], 1e28, Vec::new());
    tenfold.verdict.before = Some(Verdict::Unlimited);
    project.changes = vec![tenfold, raised, was_endless];
    project.horizons = vec![Horizon::new(30, project.meters.clone(), &project.meters)];
    project.scenarios = vec![Scenario {
        name: "10x".into(),
        require: "warn".into(),
        meters: project.meters.clone(),
        assumed: true,
    }];
    let mut report = report(vec![project], SourceMap::default());
    report.base = Some(Side {
        name: "main".into(),
        commit: None,
    });
    report
}
