//! The parts of reports, each with figures that agree with each other.

use caplint::finding::Severity;
use caplint::report::*;
use caplint::source::{Flaw, SourceFile, SourceMap, Span};

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
pub(super) fn fingerprint(text: &str) -> String {
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
