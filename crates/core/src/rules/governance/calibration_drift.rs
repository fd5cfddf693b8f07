use crate::calibrate::{self, Broken, Calibrated, Trial, Window, has_drifted};
use crate::collections::IndexMap;
use crate::document::TomlPath;
use crate::rules::measurements::{is_allowed, judging};
use crate::rules::prelude::*;
use crate::rules::support::percent;
use crate::source::Span;
use crate::words::number::plural;

pub(crate) static RULE: Rule = Rule::project("calibration-drift", Severity::Warning, check)
    .reads(&[PolicyKey::Calibration])
    .allowed_on(AllowedOn::Lines)
    .escalates()
    .needs_usage();

/// The most features that are tried with what was measured of them.
const TRIED: usize = 50;

/// A line that is off.
struct Off<'c> {
    id: &'c str,
    path: &'c str,
    span: Span,
    /// What was measured over what is forecast.
    ratio: f64,
    /// How often it occurs, as measured and as declared.
    rates: Option<(String, String)>,
}

impl Off<'_> {
    fn by(&self) -> f64 {
        (self.ratio - 1.0).abs()
    }

    fn words(&self) -> String {
        let off = format!("`{}` comes to {} of it", self.id, percent(self.ratio));
        match &self.rates {
            Some((measured, declared)) => {
                format!("{off}, {measured} measured and {declared} declared")
            }
            None => off,
        }
    }
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.usage.records.is_empty() {
        return;
    }
    let window = Window::of_rules(context.as_of);
    let threads = context.threads;
    let (project, outlook) = (context.project, context.outlook);
    let measured = calibrate::measured(context.usage, project, window);
    let calibrated = calibrate::calibrated(project, outlook, &measured, window, threads);
    let mut features: Vec<(&str, Vec<Off<'_>>)> =
        drifted(context, &calibrated, window).into_iter().collect();
    for (_, lines) in &mut features {
        lines.sort_by(|a, b| b.by().total_cmp(&a.by()));
    }
    // Where there are many, those are tried that are off the most.
    let most = |lines: &[Off<'_>]| lines.first().map_or(0.0, Off::by);
    features.sort_by(|(_, a), (_, b)| most(b).total_cmp(&most(a)));
    let trial = Trial {
        project,
        outlook,
        policy: context.policy,
        sources: context.sources,
        threads,
    };
    for (index, (feature, lines)) in features.iter().enumerate() {
        let broken = (index < TRIED).then(|| trial.of(&calibrated, feature));
        let finding = finding(findings, feature, lines, broken.flatten());
        finding.into_iter().for_each(|it| findings.push(it));
    }
}

/// The lines that are off by more than the policy allows, by feature.
fn drifted<'c>(
    context: &Context<'_>,
    calibrated: &'c Calibrated<'_>,
    window: Window,
) -> IndexMap<&'c str, Vec<Off<'c>>> {
    let most = context.policy.drift();
    let base = judging(context);
    let mut features: IndexMap<&str, Vec<Off<'_>>> = IndexMap::default();
    let errors = calibrated.errors(context.outlook, window, context.threads);
    for (line, errors) in calibrated.lines.iter().zip(errors) {
        let feature = &*line.feature.name;
        let before = base.and_then(|base| base.features.get(feature));
        let ratio = errors.first().and_then(|errors| errors.ratio);
        let Some(ratio) = ratio.filter(|ratio| has_drifted(*ratio, most)) else {
            continue;
        };
        if is_allowed(RULE.name, before, (&line.line.id, line.written)) {
            continue;
        }
        let keys = line.written.keys();
        let rate = keys.rate.map(|rate| rate.span);
        let span = rate.or(keys.fanout.map(|fanout| fanout.span));
        features.entry(feature).or_default().push(Off {
            id: &line.line.id,
            path: &line.path,
            span: span.unwrap_or_else(|| line.written.span()),
            ratio,
            rates: calibrated.rates(line, context.sources),
        });
    }
    features
}

fn finding(
    findings: &Findings,
    feature: &str,
    lines: &[Off<'_>],
    broken: Option<Broken>,
) -> Option<Finding> {
    let (first, others) = lines.split_first()?;
    let path = TomlPath::new(&["features", feature]).to_string();
    let mut message = format!("`{path}` is not what was measured: {}", first.words());
    if !others.is_empty() {
        message.push_str(&format!("; {} are off too", plural(others.len(), "line")));
    }
    if let Some(Broken { meter, share }) = &broken {
        let broken = match share {
            Some(share) => format!("is at {}", percent(*share)),
            None => "breaks".to_owned(),
        };
        message.push_str(&format!("; with what was measured, `{meter}` {broken}"));
    }
    let mut finding = findings
        .finding(path, message)
        .at(first.span)
        .help("`caplint calibrate --usage FILE --write` writes what was measured")
        .figure(first.by());
    if broken.is_some() {
        finding.severity = Severity::Error;
    }
    for other in lines {
        finding = finding.part(other.path, Some(other.by()));
    }
    for other in others.iter().take(4) {
        finding = finding.also(other.span, other.words());
    }
    Some(finding)
}
