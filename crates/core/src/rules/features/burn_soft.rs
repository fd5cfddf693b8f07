use crate::rules::burn::burns;
use crate::rules::support::percent;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};

pub(in crate::rules) static RULE: Rule = Rule::project("burn-soft", Severity::Warning, check)
    .reads(&[PolicyKey::Burn])
    .needs_usage();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    let hard = context.policy.hard_alert();
    findings.each(burns(context), |findings, burn| {
        let used = burn.used_by(by_day);
        (used > share * burn.plan && burn.used() <= hard * burn.plan).then(|| {
            let figures = burn.figures(used, by_day.min(burn.today));
            let alert = format!("the soft alert is at {}", percent(share));
            let message = format!("`{}` had used {figures}: {alert}", burn.api);
            burn.finding(findings, message, used)
        })
    });
}
