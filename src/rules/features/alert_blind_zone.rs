//! `alert-blind-zone`

use crate::finding::Worse;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::support::{at_limit, percent};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// The plan runs out within the month, and the soft alert does not fire in time.
    ///
    /// The soft alert is for a share of the plan by a day of the month, 75 % by day 20 by default. A
    /// plan that reaches the share only later runs out without it. Where `over-limit` reports the
    /// meter, it says so itself; this rule speaks where the policy lets credits pass the plan.
    ///
    /// ## Why
    ///
    /// "A soft alert at 75 percent of budget by day 20 of the month for the review trigger. A hard
    /// alert at 90 percent at any point in the month for the immediate top-up decision." A plan that
    /// lasts 27 to 30 days falls between the two.
    ///
    /// ## Example
    ///
    /// 2,000 credits a day: 75 % of 55,000 are used on day 20.6, all of them on day 27.5.
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 55_000, price = 100.00 }
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
    ///
    /// [policy.limits.credits]
    /// today = { tight = "150%", breaks = "150%" }
    ///
    /// [scenarios.10x]
    /// tenants = 10
    /// require = "report"
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 61_000, price = 100.00 }
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
    ///
    /// [policy.limits.credits]
    /// today = { tight = "150%", breaks = "150%" }
    ///
    /// [scenarios.10x]
    /// tenants = 10
    /// require = "report"
    /// ```
    ///
    /// ## Configuration
    ///
    /// The alerts and what counts as over are the policy's:
    ///
    /// ```toml
    /// [policy.burn]
    /// soft = { share = "75%", by_day = 20 }
    /// hard = "90%"
    ///
    /// [policy.limits.credits]
    /// today = { breaks = "120%" }
    /// ```
    ///
    /// ## Figure
    ///
    /// The day on which the plan is empty. Lower is worse.
    "alert-blind-zone", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (share, by_day) = context.policy.soft_alert();
    for fitted in &context.outlook.today {
        let detail = &fitted.meter.detail;
        let (Kind::Credits, Some(Some(soft)), Some(Some(empty))) =
            (fitted.id.kind, detail.soft_on_day, detail.empties_on_day)
        else {
            continue;
        };
        if soft <= by_day {
            continue;
        }
        let mut finding = findings
            .finding(
                &*fitted.meter.id,
                format!(
                    "the plan of `{}` is empty on day {}, and {} of it are used on day {}, after day {}: the soft alert stays silent",
                    fitted.id.name,
                    number::day(empty),
                    percent(share),
                    number::day(soft),
                    number::day(by_day)
                ),
            )
            .figure(empty)
            .help(format!(
                "a larger plan, or an alert that fires: `policy.burn.soft` with `by_day = {}`",
                number::day(soft.ceil())
            ));
        finding.worse = Worse::Lower;
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
