use crate::rules::burn::{Moved, burns};
use crate::rules::support::percent;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};

pub(in crate::rules) static RULE: Rule = Rule::project("burn-soft", Severity::Warning, check)
    .reads(&[PolicyKey::Burn])
    .needs_usage();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    if f64::from(context.as_of.day()) > by_day {
        return;
    }
    let moved = Moved::new(context);
    findings.each(burns(context), |findings, burn| {
        (burn.used > share * burn.most).then(|| {
            let alert = format!("the soft alert is at {}", percent(share));
            burn.finding(findings, &moved, &alert)
        })
    });
}
