use crate::changes::Comparison;
use crate::changes::limits::{Declared, paired};
use crate::finding::Finding;
use crate::rules::{Check, Context, Findings, Rule, Severity};
use crate::source::Span;

pub(super) static RULE: Rule = Rule::new("limit-raised", Severity::Info, Check::Change(check));

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    let Some(base) = comparison.base() else {
        return;
    };
    let (old, new) = (&base.declarations.root, &context.project.declarations.root);
    let paired = paired(old, new, context.project.model.calendar.days_per_month);
    findings.each(paired, |findings, (before, after)| {
        raised(context, findings, &before, &after?)
    });
}

fn raised(
    context: &Context<'_>,
    findings: &Findings,
    before: &Declared<'_>,
    after: &Declared<'_>,
) -> Option<Finding> {
    let rise = |value: fn(&Declared<'_>) -> f64| {
        let (old, new) = (value(before), value(after));
        (new > old).then(|| new / old)
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
        .help("a limit is declared here and made elsewhere: say in the change where that was done");
    Some(finding)
}
