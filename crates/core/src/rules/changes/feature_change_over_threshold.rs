use crate::analysis::{Outlook, Project};
use crate::changes::{Before, Comparison, renamed};
use crate::collections::{HashMap, HashSet};
use crate::document::TomlPath;
use crate::model::lines::events::Amount;
use crate::rules::changes::change_over_threshold;
use crate::rules::changes::change_over_threshold::allowed;
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
    let before: HashMap<&str, f64> = match comparison.before {
        Before::Nothing => return,
        Before::Project(project, outlook) => credits(project, outlook).collect(),
        Before::Report(report) => {
            let month = context.project.model.calendar.days_per_month;
            let mut sums: HashMap<&str, f64> = HashMap::default();
            for line in &report.lines {
                if let Some(credits) = line.per_day.credits {
                    *sums.entry(&line.feature).or_default() += credits * month;
                }
            }
            sums
        }
    };
    let renamed = comparison
        .base()
        .map(|base| renamed::features(base, context.project));
    let renamed = renamed.unwrap_or_default();
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
        let before = before.get(old_name).copied().unwrap_or(0.0);
        if !limit.is_passed(before, after) {
            return None;
        }
        let delta = after - before;
        let path = TomlPath::new(&["features", name]).to_string();
        let grows = if before == 0.0 {
            format!("`{path}` is new, with {} {unit}", amount(after))
        } else {
            format!(
                "`{path}` grows by {} to {} {unit} ({})",
                amount(delta),
                amount(after),
                number::change(Some(before), Some(after), Some(delta / before)),
            )
        };
        let allowed = allowed(limit, before, unit, currency);
        let span = changed.get(name).copied();
        let finding = findings
            .finding(path, format!("{grows}: {allowed} to a feature"))
            .figure(delta)
            .at(span.or_else(|| name_span(context.project, name)));
        Some(
            finding.help("make it smaller or cache it, or have the owners of the policy accept it"),
        )
    });
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
