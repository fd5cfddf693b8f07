use crate::changes::{Before, Comparison};
use crate::model::policy::ChangeLimit;
use crate::report::Change;
use crate::rules::support::{find, limit_span};
use crate::rules::{Check, Context, Findings, PolicyKey, Rule, Severity};
use crate::source::Span;
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::new(
    "change-over-threshold",
    Severity::Error,
    Check::Change(check),
)
.reads(&[PolicyKey::Change])
.shown(9);

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    if matches!(comparison.before, Before::Nothing) {
        return;
    }
    for change in &comparison.changes {
        let Some(fitted) = find(&context.outlook.today, &change.meter) else {
            continue;
        };
        let Some(limit) = context.policy.change_limit(fitted.id.kind) else {
            continue;
        };
        let (Some(before), Some(after)) = (change.before, change.after) else {
            continue;
        };
        if !limit.is_passed(before, after) {
            continue;
        }
        let (unit, currency) = (&fitted.meter.unit, context.project.currency());
        let mut finding = findings
            .finding(
                &change.meter,
                format!(
                    "`{}` grows by {} to {} ({}): {}",
                    change.meter,
                    number::quantity(change.delta, unit, currency),
                    number::quantity(change.after, unit, currency),
                    number::change(change.before, change.after, change.percent),
                    allowed(limit, before, unit, currency),
                ),
            )
            .figure(after - before);
        let cause = largest(change);
        finding.span = cause
            .and_then(|(path, _)| declared(comparison, path))
            .or_else(|| limit_span(context, &fitted.id));
        let help = match cause {
            Some((path, delta)) => format!(
                "most of it is `{path}`, {}: make it smaller, or have the owners of the policy accept it",
                number::delta(Some(delta), unit, currency)
            ),
            None => "make it smaller, or have the owners of the policy accept it".to_owned(),
        };
        findings.push(finding.help(help));
    }
}

/// What one change may add to what was before, in words.
pub(in crate::rules) fn allowed(
    limit: ChangeLimit,
    before: f64,
    unit: &str,
    currency: &str,
) -> String {
    let amount = |value: f64| number::quantity(Some(value), unit, currency);
    match (limit.percent, limit.above) {
        (Some(percent), above) if percent * before > above.unwrap_or(0.0) => format!(
            "one change may add {} ({})",
            amount(percent * before),
            number::share(Some(percent))
        ),
        (_, above) => format!("one change may add {}", amount(above.unwrap_or(0.0))),
    }
}

/// The declaration that adds most.
fn largest(change: &Change) -> Option<(&str, f64)> {
    change
        .attribution
        .iter()
        .filter(|cause| cause.delta > 0.0)
        .max_by(|a, b| {
            a.delta
                .total_cmp(&b.delta)
                .then_with(|| b.path.cmp(&a.path))
        })
        .map(|cause| (cause.path.as_str(), cause.delta))
}

/// Where the head has a declaration that changed.
fn declared(comparison: &Comparison<'_>, path: &str) -> Option<Span> {
    comparison
        .differences
        .iter()
        .find(|difference| difference.path.to_string() == path)?
        .after
}
