use crate::rules::burn::burns;
use crate::rules::support::percent;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("burn-hard", Severity::Error, check)
    .reads(&[PolicyKey::Burn])
    .needs_usage()
    .shown(7);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let share = context.policy.hard_alert();
    for burn in burns(context) {
        let used = burn.used();
        if used <= share * burn.plan {
            continue;
        }
        let message = format!(
            "`{}` has used {} of {} credits by day {}, {}: the hard alert is at {}",
            burn.api,
            number::count(used),
            number::count(burn.plan),
            number::day(burn.today),
            percent(used / burn.plan),
            percent(share)
        );
        let finding = findings
            .finding(&burn.meter, message)
            .at(burn.span)
            .figure(used / burn.plan)
            .help(burn.help());
        findings.push(finding);
    }
}
