use crate::rules::burn::burns;
use crate::rules::support::percent;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("burn-soft", Severity::Warning, check)
    .reads(&[PolicyKey::Burn])
    .needs_usage();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    let hard = context.policy.hard_alert();
    for burn in burns(context) {
        let by_then = burn.used_by(by_day);
        if by_then <= share * burn.plan || burn.used() > hard * burn.plan {
            continue;
        }
        let message = format!(
            "`{}` had used {} of {} credits by day {}, {}: the soft alert is at {}",
            burn.api,
            number::count(by_then),
            number::count(burn.plan),
            number::day(by_day.min(burn.today)),
            percent(by_then / burn.plan),
            percent(share)
        );
        let finding = findings
            .finding(&burn.meter, message)
            .at(burn.span)
            .figure(by_then / burn.plan)
            .help(burn.help());
        findings.push(finding);
    }
}
