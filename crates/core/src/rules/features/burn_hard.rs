use crate::rules::burn::burns;
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
    findings.each(burns(context), |findings, burn| {
        let used = burn.used();
        (used > share * burn.plan).then(|| {
            let figures = burn.figures(used, burn.today);
            let alert = format!("the hard alert is at {}", percent(share));
            let message = format!("`{}` has used {figures}: {alert}", burn.api);
            burn.finding(findings, message, used)
        })
    });
}
