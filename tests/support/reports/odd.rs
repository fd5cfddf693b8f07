//! Reports that are large, hostile, or of what has no number.

use caplint::finding::Severity;
use caplint::report::*;
use caplint::source::SourceMap;

use super::parts::{
    change, finding, fingerprint, line, meter, point, project, report, scaled, source, summarize,
};
use super::{FEATURE, diff};

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
