use crate::changes::Comparison;
use crate::changes::limits::{Declared, GRANTED, named_as};
use crate::document::tables::Api;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule::new("limit-raised", Severity::Info, Check::Change(check));

const ELSEWHERE: &str =
    "editing this file does not raise the real limit: link the order or ticket in the pull request";

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    let Some(base) = comparison.base() else {
        return;
    };
    let (old, new) = (
        named_as(base, context.project),
        &context.project.declarations.root,
    );
    findings.each(&comparison.limits.pairs, |findings, pair| {
        raised(
            (context, comparison),
            findings,
            &pair.before,
            pair.after.as_ref()?,
        )
    });
    findings.each(new.apis.iter(), |findings, (name, after)| {
        packs(findings, name, old.apis.get(name)?, after)
    });
}

/// More credits that can be bought ahead, which raise a plan in scenarios.
fn packs(findings: &Findings, name: &str, before: &Api, after: &Api) -> Option<Finding> {
    let most = |api: &Api| -> Option<f64> {
        let packs = api.packs.iter().flat_map(|packs| &packs.value.0);
        let most = packs.map(|pack| {
            let (credits, max) = (pack.value.credits.as_ref()?, pack.value.max.as_ref()?);
            Some(credits.value.0 * max.value.0)
        });
        most.sum()
    };
    let (old, new) = (most(before)?, most(after)?);
    if new <= old {
        return None;
    }
    let [from, to] = [old, new].map(number::count);
    let message =
        format!("`apis.{name}.packs` add up to {to} credits, no longer to {from}: {GRANTED}");
    let finding = findings.about(&["apis", name, "packs"], message);
    Some(finding.at(after.packs.as_ref()?.span).help(ELSEWHERE))
}

fn raised(
    (context, comparison): (&Context<'_>, &Comparison<'_>),
    findings: &Findings,
    before: &Declared,
    after: &Declared,
) -> Option<Finding> {
    let rise = |value: fn(&Declared) -> f64| {
        let (old, new) = (value(before), value(after));
        (new > old && new.is_finite()).then(|| new / old)
    };
    let times = rise(|limit| limit.now).or_else(|| rise(|limit| limit.most))?;
    let text = |span: Span| context.sources.text(span).trim_matches('"');
    let (from, to, question) = (text(before.span), text(after.span), before.question);
    let path = comparison.origins.named(&after.path);
    let message = format!("{path} is raised from {from} to {to}: {question}");
    let finding = findings
        .finding(after.path.to_string(), message)
        .at(after.span)
        .figure(times.is_finite().then_some(times))
        .help(ELSEWHERE);
    Some(finding)
}
