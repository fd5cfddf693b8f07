use crate::changes::limits::{CHEAPER, MOVED, RECOUNTED, Removed, UNMEASURED, UNPRICED};
use crate::changes::since::Since;
use crate::changes::{Before, Comparison};
use crate::document::TomlPath;
use crate::document::values::Require;
use crate::exceptions::name_span;
use crate::fit::Fitted;
use crate::model::Per;
use crate::model::policy::Side;
use crate::report::{self, Verdict};
use crate::rules::limits::limit_missing;
use crate::rules::models::quota_below_use;
use crate::rules::prelude::*;
use crate::rules::support::{against, find, judged_demand};
use crate::units::Period;

pub(super) static RULE: Rule = Rule::new("limit-removed", Severity::Warning, Check::Change(check))
    .reads(&[PolicyKey::Confidence, PolicyKey::Runway])
    .speaks_for(&[Speaks::Thing(&[&limit_missing::RULE])])
    .escalates()
    .shown(0);

const SAY: &str = "explain in the pull request why the limit is gone";
const AGREED: &str = "link the offer or the price list in the pull request";
const KEEP: &str =
    "keep the limit, or ask the owners of the policy to accept the change with `--accept-policy`";

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    if let Before::Report(before) = comparison.before {
        return reported(context, before, findings);
    }
    // The head with the limits that it takes away.
    let limited = comparison
        .limited
        .as_ref()
        .map(|(project, outlook)| Context {
            project,
            outlook,
            policy: context.policy,
            comparison: None,
            as_of: context.as_of,
            listing: context.listing,
            sources: context.sources,
            usage: context.usage,
            matching: context.matching,
            lines: Default::default(),
            bytes: Default::default(),
            threads: context.threads,
        });
    let all = &comparison.limits.removed;
    let broken = all.iter().enumerate().map(|(index, removed)| {
        let limited = limited.as_ref()?;
        let mut own = comparison.revealed.iter().filter(|(of, _)| *of == index);
        broken(limited, removed, !comparison.forgotten.is_empty())
            .or_else(|| own.next().map(|(_, message)| message.clone()))
    });
    let broken: Vec<Option<String>> = broken.collect();
    // A limit speaks for what it needs.
    let needs = |it: &Removed| matches!(it.instead, Some((UNMEASURED, _)));
    let is_told = |index: usize, removed: &Removed| {
        let mut others = all.iter().zip(&broken).enumerate();
        needs(removed)
            && others.any(|(at, (other, broken))| {
                let is_before = !needs(other) || at < index;
                broken.is_some() && is_before && other.path.0.get(..2) == removed.path.0.get(..2)
            })
    };
    let each = all.iter().zip(&broken).enumerate();
    findings.each(each, |findings, (index, (removed, broken))| {
        if is_told(index, removed) {
            return None;
        }
        let broken = broken.as_ref();
        let mut message = message((context, comparison), removed, broken.is_some())?;
        let mut help = SAY;
        // A price is a fact, as a plan is: reviewers have to see that the budget holds by it.
        let is_fact = matches!(removed.instead, Some((CHEAPER, _)));
        let is_broken = broken.is_some() && !is_fact;
        if let Some(broken) = broken {
            message = format!("{message}; {broken}");
            help = if is_fact { AGREED } else { KEEP };
        }
        let mut finding = findings
            .finding(removed.path.to_string(), message)
            .help(help);
        if is_broken {
            finding.severity = Severity::Error;
        }
        Some(match removed.instead {
            Some((_, Some(span))) => finding.at(span).also(removed.before, "the limit"),
            _ => {
                let mut keys = removed.path.0.iter();
                let (root, thing) = (
                    &context.project.declarations.root,
                    keys.next().zip(keys.next()),
                );
                let place = thing.and_then(|(list, name)| name_span(root, list, name));
                finding
                    .at(place)
                    .also(removed.before, "the limit was declared here")
            }
        })
    });
}

/// What is gone, and what stands there instead; nothing where that is only a fact.
fn message(
    (context, comparison): (&Context<'_>, &Comparison<'_>),
    removed: &Removed,
    is_broken: bool,
) -> Option<String> {
    let from = context.sources.text(removed.before).trim_matches('"');
    let path = comparison.origins.named(&removed.path);
    Some(match removed.instead {
        Some(("packs", _)) => {
            format!("{path} is no longer limited to {from}: any number of packs can be held")
        }
        // What counts is a fact, as long as what counted before would fit.
        Some((RECOUNTED | UNMEASURED | CHEAPER | MOVED, _))
            if !is_broken || breaks_itself(context, removed) =>
        {
            return None;
        }
        Some((UNMEASURED, _)) => {
            format!("{path} was `{from}` and is removed: a limit depends on it")
        }
        Some((MOVED, _)) => {
            let taker = removed.taker.as_ref()?;
            format!("{path} of {from} no longer limits what `{taker}` takes over")
        }
        Some((RECOUNTED, _)) => {
            format!("{path} of {from} no longer counts what it did")
        }
        Some((CHEAPER, Some(span))) => {
            let to = context.sources.text(span);
            format!("{path} goes from {from} to {to}: has that been agreed?")
        }
        Some((UNPRICED, None)) => {
            format!("{path} of {from} is gone: the spend no longer counts against a budget")
        }
        Some((UNPRICED, Some(span))) => {
            let to = context.sources.text(span);
            format!(
                "{path} goes from {from} to {to}: next to nothing of the spend counts against \
                 a budget"
            )
        }
        Some(("max", Some(span))) => {
            let to = context.sources.text(span);
            format!("{path} is no longer limited to {from} in scenarios: it is {to}")
        }
        Some(("overage", _)) => {
            format!("{path} is no longer limited to {from}: overage pays for the rest")
        }
        _ => format!("{path} is no longer limited to {from}"),
    })
}

/// The limits of a saved report that are gone. Only their figures are known.
fn reported(context: &Context<'_>, before: &report::Project, findings: &mut Findings) {
    findings.each(&before.meters, |findings, old| {
        let fitted = find(&context.outlook.today, &old.id)?;
        let is_gone = fitted.meter.verdict == Verdict::Unlimited;
        let demand = judged_demand(context, fitted);
        let demand = (demand, fitted.meter.lower_bound);
        is_gone.then(|| gone(context, findings, (old, &old.id), demand))?
    });
    let since = Since::new(before, (context.project, context.outlook));
    findings.each(&since.moved, |findings, moved| {
        let old = moved.old;
        let path = TomlPath::parse(&old.id).unwrap_or_default();
        let rest = path.0.iter().skip(2);
        let subject = rest
            .fold(moved.heir.clone(), |path, key| path.join(key))
            .to_string();
        let days = context.project.model.calendar.days_per_month;
        let now = moved.now.iter();
        let counted = now.filter_map(|it| in_unit(judged_demand(context, it)?, it, old, days));
        let counted: Vec<f64> = counted.collect();
        let is_least = moved.now.iter().any(|it| it.meter.lower_bound);
        let demand = (!counted.is_empty()).then(|| counted.iter().sum());
        gone(context, findings, (old, &subject), (demand, is_least))
    });
}

/// A demand in the unit of a meter; none where it is another kind of thing.
fn in_unit(demand: f64, fitted: &Fitted, old: &report::Meter, days: f64) -> Option<f64> {
    if fitted.meter.unit == old.unit {
        return Some(demand);
    }
    let window = |unit: &str| {
        let (what, window) = unit.split_once('/')?;
        let seconds = Period::parse("", window).ok()?.seconds(days);
        Some((what.to_owned(), seconds))
    };
    let ((what, from), (of, to)) = (window(&fitted.meter.unit)?, window(&old.unit)?);
    (what == of).then_some(demand / from * to)
}

/// A limit of a saved report that is gone, and the demand that it would be held against: infinite or
/// unknown where there is none.
fn gone(
    context: &Context<'_>,
    findings: &Findings,
    (old, subject): (&report::Meter, &str),
    (demand, is_least): (Option<f64>, bool),
) -> Option<Finding> {
    let (limit, currency) = (old.limit?, context.project.currency());
    let [figures, from] =
        [demand, Some(limit)].map(|value| number::quantity(value, &old.unit, currency));
    let kind = MeterKind::of_key(&old.kind)?;
    let breaks = context.policy.bar(kind, Side::Today).breaks;
    let named = match subject == &*old.id {
        true => format!("`{subject}`"),
        false => format!("`{subject}`, in place of `{}`,", old.id),
    };
    let message = format!("{named} is no longer limited to {from}");
    if !is_least && demand.is_some_and(|it| it <= limit * breaks) {
        return Some(findings.finding(subject, message).help(SAY));
    }
    let message = format!("{message}; the demand of {figures} breaks that limit");
    let mut finding = findings.finding(subject, message).help(KEEP);
    finding.severity = Severity::Error;
    Some(finding)
}

/// Whether the head breaks a limit as it counts now.
fn breaks_itself(context: &Context<'_>, removed: &Removed) -> bool {
    let mut today = context.outlook.today.iter();
    today.any(|fitted| removed.limited(&fitted.id) && fitted.meter.verdict == Verdict::Breaks)
}

/// Where the demand breaks a limit that is taken away, in words: today, or in a scenario that has
/// to fit; or where the change forgets it.
fn broken(limited: &Context<'_>, removed: &Removed, forgets: bool) -> Option<String> {
    let is_quota = removed
        .path
        .0
        .get(2)
        .is_some_and(|key| key == "tenant_quota");
    if is_quota && let Some(passed) = quota_below_use::passed(limited, &removed.path) {
        return Some(passed);
    }
    let what = match removed.instead {
        Some((UNPRICED | CHEAPER, _)) => "the budget at the price before",
        _ => "that limit",
    };
    let of = |fitted: &&Fitted| removed.limited(&fitted.id);
    let runway = limited.policy.runway_days();
    let breaks = |fitted: &&Fitted| match fitted.on_disk {
        Some(on_disk) => {
            let full = fitted.meter.detail.full_on_day.flatten();
            on_disk.verdict == Verdict::Breaks || full.is_some_and(|day| f64::from(day) <= runway)
        }
        None => fitted.meter.verdict == Verdict::Breaks,
    };
    let mut today = limited.outlook.today.iter().filter(of);
    if let Some(fitted) = today.find(breaks) {
        let figures = against(limited, fitted);
        return Some(format!("the demand breaks {what} today: {figures}"));
    }
    let is_unknown = |fitted: &&Fitted| fitted.meter.verdict == Verdict::Unknown;
    if forgets
        && limited
            .outlook
            .today
            .iter()
            .filter(of)
            .any(|it| is_unknown(&it))
    {
        return Some("whether the demand breaks that limit is no longer known".to_owned());
    }
    let required = limited
        .scenarios()
        .filter(|(it, _)| it.require == Require::Fit);
    let in_scenario = required.into_iter().find_map(|(scenario, meters)| {
        let mut meters = meters.iter().filter(of);
        let fitted = meters.find(|fitted| fitted.meter.verdict == Verdict::Breaks)?;
        let (name, figures) = (&scenario.name, against(limited, fitted));
        Some(format!("the demand breaks {what} in `{name}`: {figures}"))
    });
    in_scenario.or_else(|| {
        let per = match removed.lost.as_ref()? {
            Per::Entity(name) => name,
            Per::Tenant => "tenant",
            Per::Project => "project",
        };
        Some(format!(
            "a line that it counted is counted per `{per}` now, so that it no longer applies"
        ))
    })
}
