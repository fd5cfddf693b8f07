//! `change-over-threshold`

use crate::changes::Comparison;
use crate::forecast::meters::MeterId;
use crate::render::number;
use crate::rules::support::limit_span;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// ## What it checks
    ///
    /// A meter grew by more than `policy.change` allows.
    "change-over-threshold", Error, Check::Change(check)
}

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    if comparison.base.is_none() {
        return;
    }
    for change in &comparison.changes {
        let Some(fitted) = find(context, &change.meter) else {
            continue;
        };
        let Some(limit) = context.policy.change_limit(fitted.kind) else {
            continue;
        };
        let (Some(before), Some(after)) = (change.before, change.after) else {
            continue;
        };
        if !limit.is_passed(before, after) {
            continue;
        }
        let mut finding = findings.finding(
            &change.meter,
            format!(
                "`{}` grows by {}: more than one change may add",
                change.meter,
                number::change(change.before, change.after, change.percent)
            ),
        );
        finding.figure = Some(after - before);
        finding.span = limit_span(context, fitted);
        findings.push(finding.help("split the change, make it smaller, or have the policy's owners accept it"));
    }
}

fn find<'a>(context: &'a Context<'_>, id: &str) -> Option<&'a MeterId> {
    let meters = &context.outlook.today;
    let index = meters.binary_search_by(|fitted| fitted.meter.id.as_str().cmp(id)).ok()?;
    Some(&meters[index].id)
}
