use crate::changes::Comparison;
use crate::changes::limits::{Declared, GRANTED, named_as, paired};
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
    let paired = paired(&old, new, context.project.model.calendar.days_per_month);
    findings.each(paired, |findings, (before, after)| {
        raised(context, findings, &before, &after?)
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
    context: &Context<'_>,
    findings: &Findings,
    before: &Declared<'_>,
    after: &Declared<'_>,
) -> Option<Finding> {
    let rise = |value: fn(&Declared<'_>) -> f64| {
        let (old, new) = (value(before), value(after));
        (new > old && new.is_finite()).then(|| new / old)
    };
    let times = rise(|limit| limit.now).or_else(|| rise(|limit| limit.most))?;
    let text = |span: Span| context.sources.text(span).trim_matches('"');
    let (from, to, question) = (text(before.span), text(after.span), before.question);
    let path = before.path.to_string();
    let message = format!("`{path}` is raised from {from} to {to}: {question}");
    let finding = findings
        .finding(path, message)
        .at(after.span)
        .figure(times.is_finite().then_some(times))
        .help(ELSEWHERE);
    Some(finding)
}
