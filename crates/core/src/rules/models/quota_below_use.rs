use std::collections::BTreeMap;

use crate::document::TomlPath;
use crate::document::values::Flow;
use crate::rules::model_facts::{DeclaredModel, Quota, Use, line_span, models, uses, written};
use crate::rules::prelude::*;
use crate::rules::support::{passes, raised};
use crate::units::DAY;

pub(crate) static RULE: Rule = Rule::project("quota-below-use", Severity::Error, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let uses = uses(context);
    for model in models(context) {
        let Some(tiers) = uses.get(model.name) else {
            continue;
        };
        for (quota, all) in passing(context, &model, tiers) {
            let worst = |one: &&Passed<'_>, other: &&Passed<'_>| one.share.total_cmp(&other.share);
            // The first of equals.
            let Some(passed) = all.iter().rev().max_by(worst) else {
                continue;
            };
            let mut finding = findings
                .finding(&quota.path, passed.message(model.name))
                .at(quota.span)
                .help("raise the quota, or run the model less often")
                .ways([raised(
                    &quota.path,
                    quota.span,
                    format!("\"{}\"", written(passed.flow, passed.used.ceil())),
                )])
                .share(passed.used, passed.flow.count);
            for each in &all {
                let name = format!("{} {}", each.tier, each.unit);
                finding = finding.part(&*name, Some(each.share));
                if !each.share.is_finite() {
                    finding = finding.part(format!("{name} used"), Some(each.used));
                }
            }
            let line = passed.line;
            let line = line.and_then(|(feature, id, _)| line_span(context, feature, id));
            findings.push(finding.also(line, "the line that uses it most"));
        }
    }
}

/// Of each quota of a model the tiers and units that pass it.
fn passing<'a>(
    context: &Context<'a>,
    model: &DeclaredModel<'_, 'a>,
    tiers: &BTreeMap<usize, Use<'a>>,
) -> Vec<(Quota<'a>, Vec<Passed<'a>>)> {
    let month = context.project.model.calendar.days_per_month;
    let quotas = model.quotas();
    let mut passing: Vec<Vec<Passed<'_>>> = quotas.list.iter().map(|_| Vec::new()).collect();
    for (tier, used) in tiers {
        let Some((tier, _)) = context.project.model.tiers.get_index(*tier) else {
            continue;
        };
        let Some(index) = quotas.index_of(tier) else {
            continue;
        };
        let (Some(quota), Some(slot)) = (quotas.list.get(index), passing.get_mut(index)) else {
            continue;
        };
        for (unit, flow) in &quota.rates {
            let per_day = used.per_day.get(unit).copied().unwrap_or(0.0);
            let days = flow.period.seconds(month) / DAY;
            let passed = Passed {
                tier,
                unit,
                per_day,
                days,
                used: per_day * days,
                share: per_day * days / flow.count,
                flow,
                line: used.line,
            };
            if passes(passed.used, flow.count) {
                slot.push(passed);
            }
        }
    }
    quotas.list.into_iter().zip(passing).collect()
}

/// What passes a quota at a path, or the one for a unit below it, in words.
pub(crate) fn passed(context: &Context<'_>, at: &TomlPath) -> Option<String> {
    let uses = uses(context);
    models(context).find_map(|model| {
        let quotas = passing(context, &model, uses.get(model.name)?);
        quotas.iter().find_map(|(quota, all)| {
            let path = TomlPath::parse(&quota.path).ok()?;
            let is_it = |passed: &&Passed<'_>| path == *at || path.join(passed.unit) == *at;
            Some(all.iter().find(is_it)?.message(model.name))
        })
    })
}

struct Passed<'a> {
    tier: &'a str,
    unit: &'a str,
    per_day: f64,
    days: f64,
    used: f64,
    share: f64,
    flow: &'a Flow,
    line: Option<(&'a str, &'a str, f64)>,
}

impl Passed<'_> {
    fn message(&self, model: &str) -> String {
        let (Self { tier, unit, .. }, period) = (self, self.flow.period.name());
        let [each, days] = [self.per_day, self.days].map(number::count);
        let [used, quota] = [self.used, self.flow.count].map(number::count);
        format!(
            "a `{tier}` tenant's use of `{model}` passes its quota: {each} {unit} a day × {days} days \
             = {used} of {quota}/{period}"
        )
    }
}
