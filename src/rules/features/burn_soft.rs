//! `burn-soft`

use crate::render::number;
use crate::rules::burn::burns;
use crate::rules::support::percent;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// Measured usage of the running month has passed the soft alert's share of the plan by its day.
    ///
    /// It needs `--usage FILE`: CSV with a header, or JSON lines, with `date, feature, line,
    /// quantity, unit`. Records of the running month up to the date of judging count, in the unit
    /// `credits`, or in `calls` at what the line's endpoint costs. Usage after the alert's day does
    /// not count: 75 % on day 25 is as it should be. Where `burn-hard` fires, it speaks for this
    /// rule.
    ///
    /// ## Why
    ///
    /// "A soft alert at 75 percent of budget by day 20 of the month for the review trigger."
    ///
    /// ## Example
    ///
    /// ```csv usage
    /// date,feature,line,quantity,unit
    /// 2026-11-10,map,/reverse,400000,credits
    /// 2026-11-19,map,/reverse,380000,credits
    /// ```
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_000_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Mended
    ///
    /// The same usage of a plan that was raised.
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 1_500_000, price = 100.00 }
    ///
    /// [apis.geo.endpoints."/reverse"]
    /// credits = 1
    /// cacheable = false
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "2/day"
    /// peak = 2
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [policy.burn]
    /// soft = { share = "75%", by_day = 20 }
    /// ```
    ///
    /// ## Figure
    ///
    /// The measured share of the plan. Higher is worse.
    "burn-soft", Warning, Check::Project(check)
}

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
