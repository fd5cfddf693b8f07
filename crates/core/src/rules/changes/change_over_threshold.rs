use crate::changes::{Before, Comparison, place};
use crate::document::Difference;
use crate::finding::When;
use crate::model::policy::ChangeLimit;
use crate::report::Change;
use crate::rules::renamed;
use crate::rules::rule::Speaks;
use crate::rules::support::{find, limit_span};
use crate::rules::{Check, Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(in crate::rules) static RULE: Rule = Rule::new(
    "change-over-threshold",
    Severity::Error,
    Check::Change(check),
)
.reads(&[PolicyKey::Change])
.speaks_for(&[Speaks::Budgets(&[&RULE]), Speaks::Tables(&[&RULE])])
.shown(9);

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    if matches!(comparison.before, Before::Nothing) {
        return;
    }
    let renamed = renamed::meters(context, comparison);
    findings.each(&comparison.changes, |findings, change| {
        let fitted = find(&context.outlook.today, &change.meter)?;
        let limit = context.policy.change_limit(fitted.id.kind)?;
        let was = renamed.get(&change.meter);
        // What only may be the same passes by itself, or with all that comes and goes.
        let alone = change.before.zip(change.after);
        let passes = alone.is_some_and(|(before, after)| limit.is_passed(before, after));
        let was = was.filter(|was| was.is_same || !passes);
        let (before, after) = match was {
            Some(was) => (was.before, was.after),
            None => (change.before?, change.after?),
        };
        let is_repair = !fitted.meter.lower_bound && comparison.was_unread(&change.meter);
        if is_repair || !limit.is_passed(before, after) {
            return None;
        }
        let (unit, currency) = (&fitted.meter.unit, context.project.currency());
        let delta = after - before;
        let percent = (before != 0.0).then(|| delta / before);
        let was = was.and_then(|was| Some((was.is_same, was.id.as_ref()?)));
        let was = was.map(|(is_same, id)| match is_same {
            true => format!(", which was `{id}`,"),
            false => format!(", in place of `{id}`,"),
        });
        let message = format!(
            "`{}`{} grows by {} to {} ({}){}: {}",
            change.meter,
            was.unwrap_or_default(),
            number::quantity(Some(delta), unit, currency),
            number::quantity(Some(after), unit, currency),
            number::change(Some(before), Some(after), percent),
            match fitted.meter.judged(context.policy.confidence()) == fitted.meter.demand.p50 {
                true => "",
                false => " at the median",
            },
            allowed(limit, before, unit, currency),
        );
        let cause = largest(change);
        let changed = cause.and_then(|(path, _)| difference(comparison, path));
        let declared = changed.and_then(|changed| place(context.project, changed));
        let finding = findings
            .finding(&change.meter, message)
            .figure(after - before)
            .when(When::Median)
            .at(declared.or_else(|| limit_span(context, &fitted.id)));
        let most = cause.map(|(path, delta)| {
            let delta = number::delta(Some(delta), unit, currency);
            format!("largest cause: `{path}` ({delta}); ")
        });
        Some(finding.help(format!(
            "{}{}, or ask the owners of the policy to accept the change",
            most.unwrap_or_default(),
            match changed.is_some_and(|it| it.after.is_none()) {
                true => "it was removed: put it back",
                false => "reduce it",
            }
        )))
    });
}

/// What one change may add to what was before, in words.
pub(super) fn allowed(limit: ChangeLimit, before: f64, unit: &str, currency: &str) -> String {
    let amount = |value: f64| number::quantity(Some(value), unit, currency);
    match (limit.percent, limit.above) {
        (Some(percent), above) if percent * before > above.unwrap_or(0.0) => format!(
            "the policy allows {} ({})",
            amount(percent * before),
            number::share(Some(percent))
        ),
        (_, above) => format!("the policy allows {}", amount(above.unwrap_or(0.0))),
    }
}

/// The declaration that adds most; of equals the first by path.
fn largest(change: &Change) -> Option<(&str, f64)> {
    let causes = change.attribution.iter();
    causes
        .filter(|cause| cause.delta > 0.0)
        .map(|cause| (cause.path.as_str(), cause.delta))
        .max_by(|(a_path, a), (b_path, b)| a.total_cmp(b).then_with(|| b_path.cmp(a_path)))
}

/// The difference at a path.
fn difference<'c>(comparison: &'c Comparison<'_>, path: &str) -> Option<&'c Difference> {
    let mut differences = comparison.differences.iter();
    differences.find(|difference| difference.path.to_string() == path)
}
