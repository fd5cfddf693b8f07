//! `calibration-stale`

use crate::render::number;
use crate::rules::measurements::calibrated;
use crate::rules::support::listed;
use crate::rules::{Check, Context, Findings};
use crate::units::{DAY, Date};

crate::rule! {
    /// A feature's lines, or the costs of endpoints that it calls, were measured too long ago.
    ///
    /// ## Why
    ///
    /// The source article, of how often to recalibrate: "Monthly at minimum, weekly during a product
    /// launch. Every shipped feature changes calls per tenant per day. If you only recalibrate quarterly,
    /// you will be three months behind reality by the time the forecast looks wrong." From 14 days before
    /// a feature's `launch` to 30 days after, `launch_max_age` holds, else `max_age`.
    ///
    /// ## Example
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [apis.tiklive]
    /// rate_limit = "200/min"
    /// plan = { credits = 500_000, price = 400.00 }
    ///
    /// [apis.tiklive.endpoints]
    /// "/post-comments/" = { credits = 1, cacheable = false, measured = 2026-11-16 }
    ///
    /// [features.comment-ingest]
    /// spec = "spec.md"
    /// owner = "inbox"
    ///
    /// [[features.comment-ingest.calls]]
    /// id = "comments"
    /// endpoint = "tiklive:/post-comments/"
    /// rate = "1/day"
    /// peak = 2
    /// measured = 2026-09-01
    /// ```
    ///
    /// ## Mended
    ///
    /// ```toml passes spec.md
    /// [tenants]
    /// pro = { now = 1_000, 30d = 1_100 }
    ///
    /// [apis.tiklive]
    /// rate_limit = "200/min"
    /// plan = { credits = 500_000, price = 400.00 }
    ///
    /// [apis.tiklive.endpoints]
    /// "/post-comments/" = { credits = 1, cacheable = false, measured = 2026-11-16 }
    ///
    /// [features.comment-ingest]
    /// spec = "spec.md"
    /// owner = "inbox"
    ///
    /// [[features.comment-ingest.calls]]
    /// id = "comments"
    /// endpoint = "tiklive:/post-comments/"
    /// rate = "1/day"
    /// peak = 2
    /// measured = 2026-11-16
    /// ```
    ///
    /// ## Configuration
    ///
    /// `max_age` and `launch_max_age` in `[policy.calibration]`. A line may `allow = ["calibration-stale"]` with a `reason`. `calibration-stale = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// The days since the oldest of the measurements; more is worse.
    "calibration-stale", Warning, Check::Project(check)
}

/// The days around a launch in which measurements have to be fresher.
const BEFORE_LAUNCH: i64 = 14;
const AFTER_LAUNCH: i64 = 30;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (usual, around_launch) = context.policy.calibration_days();
    for feature in calibrated(context, "calibration-stale") {
        let launch = feature.feature.launch.as_ref().map(|launch| launch.value);
        let launching = launch.is_some_and(|launch| is_near(context.as_of, launch));
        let allowed = if launching { around_launch } else { usual };
        let mut stale: Vec<_> = feature
            .facts
            .iter()
            .filter_map(|fact| {
                let measured = fact.measured?;
                let days = context.as_of.days_since(measured.value) as f64;
                (days > allowed).then(|| (days, measured.span, fact.what()))
            })
            .collect();
        // The oldest first; of equals as they are declared.
        stale.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        let Some((oldest, span, _)) = stale.first() else {
            continue;
        };
        let names: Vec<String> = stale.iter().map(|(.., what)| what.clone()).collect();
        let message = format!(
            "`{}` was measured {} days ago, and {}{} are allowed: {}",
            feature.path(),
            number::count(*oldest),
            number::duration(allowed * DAY),
            if launching { " around its launch" } else { "" },
            listed(&names, ", "),
        );
        let mut finding = findings
            .finding(feature.path(), message)
            .at(*span)
            .help("measure again, and set `measured` to that day")
            .figure(*oldest);
        for (days, span, _) in stale.iter().skip(1).take(4) {
            let days = number::count(*days);
            finding = finding.also(*span, format!("measured {days} days ago"));
        }
        findings.push(finding);
    }
}

fn is_near(today: Date, launch: Date) -> bool {
    (-BEFORE_LAUNCH..=AFTER_LAUNCH).contains(&today.days_since(launch))
}
