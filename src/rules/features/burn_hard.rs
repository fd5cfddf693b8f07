//! `burn-hard`

use crate::render::number;
use crate::rules::burn::burns;
use crate::rules::support::percent;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// Measured usage of the running month has passed the hard alert's share of the plan.
    ///
    /// It needs `--usage FILE`: CSV with a header, or JSON lines, with `date, feature, line,
    /// quantity, unit`. Records of the running month up to the date of judging count, in the unit
    /// `credits`, or in `calls` at what the line's endpoint costs.
    ///
    /// ## Why
    ///
    /// "A hard alert at 90 percent at any point in the month for the immediate top-up decision."
    ///
    /// ## Example
    ///
    /// ```csv usage
    /// date,feature,line,quantity,unit
    /// 2026-11-10,map,/reverse,500000,credits
    /// 2026-11-19,map,/reverse,420000,credits
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
    /// hard = "90%"
    /// ```
    ///
    /// ## Figure
    ///
    /// The measured share of the plan. Higher is worse.
    "burn-hard", Error, Check::Project(check)
}

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
