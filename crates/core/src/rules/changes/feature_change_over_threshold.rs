use std::collections::BTreeMap;

use crate::advice::{Set, Way};
use crate::analysis::{Outlook, Project};
use crate::changes::given::HALF;
use crate::changes::{Before, Comparison, moved, renamed};
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::document::values::Cacheable;
use crate::forecast::Flow;
use crate::model::LineKind;
use crate::model::lines::events::Amount;
use crate::rules::caches::endpoint_of;
use crate::rules::changes::change_over_threshold;
use crate::rules::changes::change_over_threshold::allowed;
use crate::rules::lines::{LineOf, slowed, touched};
use crate::rules::{Check, Context, Findings, PolicyKey, Rule, Severity, Speaks};
use crate::source::Span;
use crate::words::number;

pub(super) static RULE: Rule = Rule::new(
    "feature-change-over-threshold",
    Severity::Error,
    Check::Change(check),
)
.reads(&[PolicyKey::FeatureChange])
.speaks_for(&[Speaks::Feature(&[&change_over_threshold::RULE])])
.shown(10);

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    let Some(limit) = context.policy.feature_limit() else {
        return;
    };
    let Some(before) = credits_before(context, comparison) else {
        return;
    };
    let renamed = comparison
        .base()
        .map(|base| renamed::features(base, context.project));
    let renamed = renamed.unwrap_or_default();
    let renamed: HashMap<&str, &str> = (renamed.was.into_iter())
        .filter(|(new, _)| renamed.whole.contains(new))
        .collect();
    let swapped = swapped((context, comparison), &before, &renamed);
    let taken_over = taken_over(context, comparison, &renamed);
    let unit = "credits/month";
    let currency = context.project.currency();
    let amount = |value: f64| number::quantity(Some(value), unit, currency);
    let changed = changed_features(comparison);
    let unread = unread_features(comparison);
    let is_unread = |name: &str| unread.as_ref().is_none_or(|names| names.contains(name));
    let credits = credits(context.project, context.outlook);
    findings.each(credits, |findings, (name, after)| {
        // Nothing tells how much the repair of one adds that could not be read.
        if is_unread(name) && !is_unknown(context.outlook, name) {
            return None;
        }
        let old_name = renamed.get(name).copied().unwrap_or(name);
        let mut before = before.get(old_name).copied().unwrap_or(0.0);
        let mut after = after;
        // What nobody knew may have been there.
        before += learned(context, comparison, [old_name, name]);
        let mut place = String::new();
        if !limit.is_passed(before, after) {
            // What comes passes by itself, or with all that comes and goes.
            let mut swapped = swapped.iter().filter(|it| it.largest == name);
            let swapped = swapped.find(|it| limit.is_passed(it.gone, it.come))?;
            (before, after) = (swapped.gone, swapped.come);
            let gone = TomlPath::new(&["features", swapped.first]);
            place = format!(", in place of `{gone}`,");
        } else if let Some(taken) = taken_over.get(name) {
            before += taken;
            if !limit.is_passed(before, after) {
                return None;
            }
        }
        let delta = after - before;
        let path = TomlPath::new(&["features", name]).to_string();
        let base = comparison.base();
        let was_there = base.is_some_and(|base| base.model.features.contains_key(name));
        let grows = match before == 0.0 {
            true if was_there => format!("had no credits and now has {} {unit}", amount(after)),
            true => format!("is new, with {} {unit}", amount(after)),
            false => format!(
                "grows by {} to {} {unit} ({})",
                amount(delta),
                amount(after),
                number::change(Some(before), Some(after), Some(delta / before)),
            ),
        };
        let allowed = allowed(limit, before, unit, currency);
        let span = changed.get(name).copied();
        let finding = findings
            .finding(&path, format!("`{path}`{place} {grows}; {allowed}"))
            .figure(delta)
            .at(span.or_else(|| name_span(context.project, name)));
        let most = limit.most(before);
        let reduce = match has_cacheable(context, name) {
            true => "reduce or cache the calls",
            false => "reduce the calls",
        };
        let finding = finding.help(format!("{reduce}, or {ASK}"));
        Some(finding.ways(slower(context, name, delta - most)))
    });
}

/// What each feature of the base takes a month.
fn credits_before<'c>(
    context: &Context<'_>,
    comparison: &Comparison<'c>,
) -> Option<HashMap<&'c str, f64>> {
    match comparison.before {
        Before::Nothing => None,
        Before::Project(project, outlook) => Some(credits(project, outlook).collect()),
        Before::Report(report) => {
            let month = context.project.model.calendar.days_per_month;
            let mut sums: HashMap<&str, f64> = HashMap::default();
            for line in &report.lines {
                if let Some(credits) = line.per_day.credits {
                    *sums.entry(&line.feature).or_default() += credits * month;
                }
            }
            Some(sums)
        }
    }
}

const ASK: &str = "ask the owners of the policy to accept the change";

/// Whether a feature calls what may be cached, and does not.
fn has_cacheable(context: &Context<'_>, feature: &str) -> bool {
    let apis = &context.project.declarations.root.apis;
    let mut lines = context.lines().iter().filter(|it| it.feature == feature);
    lines.any(|line| {
        let cacheable = endpoint_of(apis, line).map(|(endpoint, _)| endpoint.cacheable.as_ref());
        let is_fresh = cacheable.is_some_and(|it| it.is_some_and(|it| it.value == Cacheable::No));
        cacheable.is_some() && !is_fresh && line.cache().is_none()
    })
}

/// Ways in which one line of a feature asks for so many fewer credits a month: of those that the
/// change touches the largest, else of all.
fn slower(context: &Context<'_>, feature: &str, excess: f64) -> Vec<Way> {
    let month = context.project.model.calendar.days_per_month;
    let lines = context.lines().iter().zip(touched(context));
    let own = lines.filter(|(line, _)| line.feature == feature);
    let credits = own.filter_map(|(line, is_touched)| {
        let credits = context
            .outlook
            .graph
            .point(line.flow.amount(Amount::Credits)?);
        Some((is_touched, credits * month, line))
    });
    let order = |(touched, credits, _): &(bool, f64, &LineOf<'_>)| (*touched, *credits);
    let most = credits.max_by(|one, other| {
        let ((touched, credits), (other, others)) = (order(one), order(other));
        touched.cmp(&other).then(credits.total_cmp(&others))
    });
    let Some((_, credits, line)) = most else {
        return Vec::new();
    };
    // What is computed in two ways differs by a hair.
    let ways = [1.0, 1.02].map(|slack| {
        let (path, span, rate) = slowed(context, line, 1.0 - excess * slack / credits)?;
        let words = format!("lower `{path}.rate` to `{rate}`, or {ASK}");
        let value = format!("\"{rate}\"");
        Some(Way::new("slower", words, Set::Value { span, value }))
    });
    ways.into_iter().flatten().collect()
}

/// Features that come, and what goes in the same change.
struct Swapped<'a> {
    /// The credits per month of all that go, and the first of them.
    gone: f64,
    first: &'a str,
    /// Those of all that come, and the largest of them.
    come: f64,
    largest: &'a str,
}

/// All that come beside all that go, where none tells that they are the same; and what comes with
/// what stays and asks for half of what it did at most.
fn swapped<'s>(
    (context, comparison): (&'s Context<'_>, &Comparison<'s>),
    before: &HashMap<&'s str, f64>,
    renamed: &HashMap<&'s str, &'s str>,
) -> Vec<Swapped<'s>> {
    let features = &context.project.declarations.root.features;
    let known: HashSet<&str> = renamed.values().copied().collect();
    let gone = before.iter();
    let gone = gone.filter(|(name, _)| features.get(name).is_none() && !known.contains(*name));
    let mut gone: Vec<(&str, f64)> = gone.map(|(name, credits)| (*name, *credits)).collect();
    gone.sort_unstable_by_key(|(name, _)| *name);
    let now: HashMap<&str, f64> = credits(context.project, context.outlook).collect();
    let come = credits(context.project, context.outlook);
    let is_new =
        |(name, _): &(&str, f64)| !before.contains_key(name) && !renamed.contains_key(name);
    let come: Vec<(&str, f64)> = come.filter(is_new).collect();
    let mut all: Vec<Swapped<'s>> = Vec::new();
    let largest = |come: &[(&'s str, f64)]| {
        come.iter()
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|it| it.0)
    };
    let sum = |all: &[(&str, f64)]| all.iter().map(|(_, credits)| credits).sum();
    if let (Some((first, _)), Some(largest)) = (gone.first(), largest(&come)) {
        all.push(Swapped {
            gone: sum(&gone),
            first,
            come: sum(&come),
            largest,
        });
    }
    let Some(base) = comparison.base().filter(|_| !come.is_empty()) else {
        return all;
    };
    let heirs = renamed::heirs(base, context.project);
    let mut beside: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for (name, credits) in come {
        let left = |old: &str| Some((*now.get(old)?, *before.get(old)?));
        let falls = |old: &str| left(old).is_some_and(|(now, was)| now < was * HALF);
        let stays = heirs.get(name).filter(|old| falls(old));
        if let Some(old) = stays {
            beside.entry(old).or_default().push((name, credits));
        }
    }
    all.extend(beside.into_iter().filter_map(|(old, come)| {
        Some(Swapped {
            gone: *before.get(old)?,
            first: old,
            come: sum(&come) + now.get(old)?,
            largest: largest(&come)?,
        })
    }));
    all
}

/// What other features had that lines which are new ask for now, by their feature.
fn taken_over<'a>(
    context: &'a Context<'_>,
    comparison: &Comparison<'a>,
    renamed: &HashMap<&str, &str>,
) -> HashMap<&'a str, f64> {
    let mut all = HashMap::default();
    let Some(base) = comparison.base() else {
        return all;
    };
    let month = context.project.model.calendar.days_per_month;
    let moved = moved::moved(base, context.project).into_iter();
    for it in moved.filter(|it| it.is_new) {
        let (feature, line) = (it.feature, it.line);
        let own = renamed.get(feature).copied().unwrap_or(feature);
        let others = it.from.iter().filter(|giver| giver.feature != own);
        let share = it.taken * others.map(|giver| giver.part).sum::<f64>();
        let mut flows = flows(context.project, context.outlook, feature);
        let flow = flows.find(|(key, _)| *key == (line.kind, &*line.id));
        if let Some(credits) = flow.and_then(|(_, flow)| flow.amount(Amount::Credits)) {
            let credits = context.outlook.graph.point(credits) * month;
            *all.entry(feature).or_default() += credits * share;
        }
    }
    all
}

/// The credits per month of each feature.
fn credits<'a>(project: &'a Project, outlook: &'a Outlook) -> impl Iterator<Item = (&'a str, f64)> {
    let month = project.model.calendar.days_per_month;
    outlook.forecast.flows.iter().map(move |(name, flows)| {
        let per_day: f64 = flows
            .iter()
            .map(|flow| {
                let credits = flow.amount(Amount::Credits);
                credits.map_or(0.0, |credits| outlook.graph.point(credits))
            })
            .sum();
        (name.as_str(), per_day * month)
    })
}

/// How many more credits per month are known of those lines of a feature that the base says are
/// unknown.
fn learned(context: &Context<'_>, comparison: &Comparison<'_>, [old, new]: [&str; 2]) -> f64 {
    let Before::Project(base, was) = comparison.before else {
        return 0.0;
    };
    let before: HashMap<(LineKind, &str), &Flow> = flows(base, was, old).collect();
    let credits = flows(context.project, context.outlook, new).filter_map(|(line, flow)| {
        let known = before.get(&line)?.amount(Amount::Credits)?;
        let credits = flow.amount(Amount::Credits)?;
        let is_learned = known.is_unknown() && !credits.is_unknown();
        is_learned.then(|| context.outlook.graph.point(credits) - was.graph.point(known))
    });
    credits.sum::<f64>() * context.project.model.calendar.days_per_month
}

/// What each line of a feature comes to.
fn flows<'a>(
    project: &'a Project,
    outlook: &'a Outlook,
    feature: &str,
) -> impl Iterator<Item = ((LineKind, &'a str), &'a Flow)> {
    let lines = project.model.features.get(feature);
    let lines = lines.into_iter().flat_map(|feature| &feature.lines);
    let lines = lines.map(|line| (line.kind, &*line.id));
    lines.zip(outlook.forecast.flows.get(feature).into_iter().flatten())
}

/// The features of which the base says something that could not be read; nothing where they may
/// be any.
fn unread_features<'a>(comparison: &Comparison<'a>) -> Option<HashSet<&'a str>> {
    let Before::Project(base, outlook) = comparison.before else {
        return Some(HashSet::default());
    };
    if base.model.gaps.is_everything() {
        return None;
    }
    let names = outlook.forecast.flows.keys().map(String::as_str);
    let names = names.filter(|_| !base.findings.is_empty());
    Some(names.filter(|name| is_unknown(outlook, name)).collect())
}

fn is_unknown(outlook: &Outlook, feature: &str) -> bool {
    let flows = outlook.forecast.flows.get(feature).into_iter().flatten();
    let mut credits = flows.filter_map(|flow| flow.amount(Amount::Credits));
    credits.any(|credits| credits.is_unknown())
}

/// Where each feature that changed first does.
fn changed_features<'a>(comparison: &'a Comparison<'_>) -> HashMap<&'a str, Span> {
    let mut first = HashMap::default();
    for difference in &comparison.differences {
        if let ([features, name, ..], Some(span)) = (&difference.path.0[..], difference.after)
            && features == "features"
        {
            first.entry(name.as_str()).or_insert(span);
        }
    }
    first
}

fn name_span(project: &Project, name: &str) -> Option<Span> {
    let features = &project.declarations.root.features;
    features.entry(name).map(|entry| entry.name)
}
