use crate::rules::burn::{Moved, burns};
use crate::rules::features::burn_soft;
use crate::rules::support::percent;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity, Speaks};

pub(in crate::rules) static RULE: Rule = Rule::project("burn-hard", Severity::Error, check)
    .reads(&[PolicyKey::Burn])
    .speaks_for(&[Speaks::Subject(&[&burn_soft::RULE])])
    .needs_usage()
    .shown(7);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let share = context.policy.hard_alert();
    let moved = Moved::new(context);
    findings.each(burns(context), |findings, burn| {
        (burn.used > share * burn.most).then(|| {
            let alert = format!("the hard alert is at {}", percent(share));
            burn.finding(findings, &moved, &alert)
        })
    });
}
