use crate::calibrate::lines::Observed;
use crate::calibrate::{self, Calibrated, Trial, Window, has_drifted};
use crate::changes::given::asked_each;
use crate::collections::IndexMap;
use crate::document::TomlPath;
use crate::model::{Feature, Line, Model};
use crate::rules::measurements::{is_allowed, judging};
use crate::rules::prelude::*;
use crate::rules::support::{against, listed};
use crate::source::Span;

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

    /// `` `posts` of `features.x` is 149% of its forecast ``
    fn words(&self, feature: &str) -> String {
        let share = number::whole(Some(self.ratio));
        format!("`{}` of `{feature}` is {share} of its forecast", self.id)
    }
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.usage.is_empty() {
        return;
    }
    let window = Window::of_rules(context.as_of);
    let threads = context.threads;
    let (project, outlook) = (context.project, context.outlook);
    let measured = calibrate::Measured::judged(context.usage, project, context.as_of);
    if measured.is_empty() {
        return;
    }
    let calibrated = calibrate::calibrated(project, outlook, &measured, window, threads);
    let mut features: Vec<(&str, Vec<Off<'_>>)> =
        drifted(context, &calibrated, window).into_iter().collect();
    for (_, lines) in &mut features {
        // More than is declared can break something.
        lines.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
    }
    // Where there are many, those are tried that come to the most.
    let most = |lines: &[Off<'_>]| lines.first().map_or(0.0, |line| line.ratio);
    features.sort_by(|(_, a), (_, b)| most(b).total_cmp(&most(a)));
    let trial = Trial {
        project,
        outlook,
        policy: context.policy,
        sources: context.sources,
        threads,
    };
    unjudged(context, &calibrated, window, findings);
    for (index, (feature, lines)) in features.iter().enumerate() {
        let broken = (index < TRIED).then(|| trial.of(&calibrated, feature));
        let broken = broken.flatten().map(|fitted| {
            let (id, figures) = (&fitted.meter.id, against(context, &fitted));
            format!("`{id}` reaches {figures}")
        });
        let finding = finding(findings, feature, lines, broken);
        finding.into_iter().for_each(|it| findings.push(it));
    }
}

/// Says which features have lines that were measured for long enough, and can't be judged as every
/// week lacks a day.
fn unjudged(
    context: &Context<'_>,
    calibrated: &Calibrated<'_>,
    window: Window,
    findings: &mut Findings,
) {
    let errors = calibrated.errors(context.outlook, window, context.threads);
    let mut told: IndexMap<&str, Span> = IndexMap::default();
    for (line, errors) in calibrated.lines.iter().zip(errors) {
        let errors = errors.first();
        if errors.is_some_and(|errors| errors.blocks == 0 && errors.gaps > 0) && line.is_measured()
        {
            told.entry(&*line.feature.name)
                .or_insert_with(|| line.written.span());
        }
    }
    for (feature, span) in told {
        let path = TomlPath::new(&["features", feature, "measured"]).to_string();
        let message =
            "no week of measured usage has rows on every day, so the feature is not checked";
        let help = "provide rows for every day, with quantity 0 for days without usage";
        let mut finding = findings.finding(path, message).at(span).help(help);
        finding.severity = Severity::Info;
        findings.push(finding);
    }
}

/// What part a line is of all that a change has made of it: what was measured of it before is about
/// all of them. All of it where others than it come to more than it was.
fn share_of_split(context: &Context<'_>, line: &Observed<'_>) -> f64 {
    let feature = &*line.feature.name;
    let of_split = || {
        let comparison = context.comparison?;
        let base = comparison.base()?;
        let path = TomlPath::parse(&line.path).ok()?;
        let was = comparison.origins.of(&path).unwrap_or(path);
        let [_, old, _, id] = &was.0[..] else {
            return None;
        };
        let old = base.model.features.get(old)?;
        let kind = line.line.kind;
        let is = |it: &Line, id: &str| it.kind == kind && *it.id == *id;
        let before: Vec<f64> = occurrences(&base.model, old, |it| is(it, id)).collect();
        let own: f64 = occurrences(&context.project.model, line.feature, |it| {
            is(it, &line.line.id)
        })
        .sum();
        let come = occurrences(&context.project.model, line.feature, |it| {
            let path = ["features", feature, kind.list(), &it.id].map(str::to_owned);
            let origin = comparison.origins.of(&TomlPath(path.to_vec()));
            it.kind == kind
                && it.id != line.line.id
                && it.target_name() == line.line.target_name()
                && !old.lines.iter().any(|was| is(was, &it.id))
                && origin.is_none_or(|origin| origin == was)
        });
        let all = own + come.sum::<f64>();
        (all <= before.first()? * ROUNDED).then_some(own / all)
    };
    of_split().filter(|share| *share > 0.0).unwrap_or(1.0)
}

/// More than that is more than rounding.
const ROUNDED: f64 = 1.0 + 1e-9;

/// How many of what they use some lines of a feature ask for in a day.
fn occurrences<'m>(
    model: &'m Model,
    feature: &'m Feature,
    is_meant: impl Fn(&&Line) -> bool,
) -> impl Iterator<Item = f64> {
    let lines = feature.lines.iter().zip(asked_each(model, feature));
    let lines = lines.filter(move |(line, _)| is_meant(line));
    lines.map(|(_, (_, [weight, count, _]))| f64::from_bits(weight) * f64::from_bits(count))
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
        let ratio = ratio.map(|ratio| ratio * share_of_split(context, line));
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
            rates: calibrated.rates(line, context.sources, context.policy.tolerance()),
        });
    }
    features
}

fn finding(
    findings: &Findings,
    feature: &str,
    lines: &[Off<'_>],
    broken: Option<String>,
) -> Option<Finding> {
    let (first, others) = lines.split_first()?;
    let path = TomlPath::new(&["features", feature]).to_string();
    let (words, rates) = (first.words(&path), first.rates.as_ref());
    let mut message = match (&broken, rates) {
        (None, None) => words,
        (None, Some((measured, declared))) => {
            format!("{words}: `{measured}` measured, `{declared}` declared")
        }
        (Some(broken), None) => format!("with measured usage, {broken}: {words}"),
        (Some(broken), Some((measured, declared))) => {
            format!("with `{measured}` measured, {broken}: {words}, `{declared}` is declared")
        }
    };
    if !others.is_empty() {
        let share = |it: &Off<'_>| number::whole(Some(it.ratio));
        let others = others
            .iter()
            .map(|it| format!("`{}` ({})", it.id, share(it)));
        let others = listed(&others.collect::<Vec<_>>(), ", ");
        message.push_str(&format!("; also off: {others}"));
    }
    let mut finding = findings
        .finding(path, message)
        .at(first.span)
        .help("run `caplint calibrate --usage FILE --write` to declare the measured values")
        .figure(lines.iter().map(Off::by).fold(0.0, f64::max));
    if broken.is_some() {
        finding.severity = Severity::Error;
    }
    for other in lines {
        finding = finding.part(other.path, Some(other.by()));
    }
    for other in others.iter().take(4) {
        finding = finding.also(other.span, other.words(feature));
    }
    Some(finding)
}
