//! `alert-lead-too-short`

use crate::finding::Worse;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::support::{at_limit, percent};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// The plan runs out sooner after the hard alert than more credits can be had.
    ///
    /// It compares the days from the hard alert to the empty plan with `lead_time`. Where
    /// `over-limit` reports the meter, it says so itself; this rule speaks where the policy lets
    /// credits pass the plan.
    ///
    /// ## Why
    ///
    /// "A hard alert at 90 percent at any point in the month for the immediate top-up decision": the
    /// last tenth of a plan is two or three days, and an approval can take longer.
    ///
    /// ## Example
    ///
    /// 2,000 credits a day: 90 % of 50,000 are used on day 22.5, all of them on day 25.
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "2000/min"
    /// plan = { credits = 50_000, price = 100.00 }
    /// lead_time = "3d"
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
    /// plan = { credits = 50_000, price = 100.00 }
    /// lead_time = "1d"
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
    /// An earlier alert leaves more time: `hard = "80%"`.
    ///
    /// ## Figure
    ///
    /// The days from the hard alert to the empty plan. Lower is worse.
    "alert-lead-too-short", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let apis = context.project.declarations.root.value.apis.as_ref();
    for fitted in &context.outlook.today {
        let detail = &fitted.meter.detail;
        let (Kind::Credits, Some(Some(hard)), Some(Some(empty))) =
            (fitted.id.kind, detail.hard_on_day, detail.empties_on_day)
        else {
            continue;
        };
        let api = apis.and_then(|apis| apis.value.get(&fitted.id.name));
        let Some(lead) = api.and_then(|api| api.lead_time.as_ref()) else {
            continue;
        };
        if empty - hard >= lead.value.days() {
            continue;
        }
        let share = 1.0 - lead.value.days() / empty;
        let earlier = if share > 0.0 {
            format!(
                ", or an earlier alert: `policy.burn.hard` at {}",
                percent((share * 100.0).floor() / 100.0)
            )
        } else {
            String::new()
        };
        let mut finding = findings
            .finding(
                &*fitted.meter.id,
                format!(
                    "the hard alert ({}) on `{}` fires on day {} and the plan is empty on day {}: {} days, and more credits take {}",
                    percent(context.policy.hard_alert()),
                    fitted.id.name,
                    number::day(hard),
                    number::day(empty),
                    number::day(empty - hard),
                    lead.value
                ),
            )
            .also(lead.span, "from deciding to having them")
            .figure(empty - hard)
            .help(format!("a larger plan, a shorter lead time{earlier}"));
        finding.worse = Worse::Lower;
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
