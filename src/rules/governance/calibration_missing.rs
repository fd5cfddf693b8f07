//! `calibration-missing`

use crate::rules::measurements::calibrated;
use crate::rules::support::listed;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A launched feature has lines, or calls endpoints with costs, that were never measured.
    ///
    /// ## Why
    ///
    /// The source article: "running a sample feature for a single tenant and feeding the measured credit
    /// cost back into tab one. The model is only as good as that one calibration." Before the launch an
    /// estimate is all there is; after it, a `measured` date says that somebody looked.
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
    /// A line may `allow = ["calibration-missing"]` with a `reason`. `calibration-missing = "off"` in `[rules]` turns it off.
    ///
    /// ## Figure
    ///
    /// How many lines and costs were never measured; more is worse.
    "calibration-missing", Info, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for feature in calibrated(context, "calibration-missing") {
        let launch = feature.feature.launch.as_ref();
        if launch.is_some_and(|launch| launch.value > context.as_of) {
            continue;
        }
        let never: Vec<_> = feature
            .facts
            .iter()
            .filter(|fact| fact.is_silent && fact.measured.is_none())
            .collect();
        let Some(first) = never.first() else {
            continue;
        };
        let names: Vec<String> = never.iter().map(|fact| fact.what()).collect();
        let message = format!(
            "`{}` rests on what was never measured: {}",
            feature.path(),
            listed(&names, ", ")
        );
        let mut finding = findings
            .finding(feature.path(), message)
            .at(first.span)
            .help("measure for one tenant, and add `measured` with the date")
            .figure(never.len() as f64);
        for fact in never.iter().skip(1).take(4) {
            finding = finding.also(fact.span, "never measured, too");
        }
        findings.push(finding);
    }
}
