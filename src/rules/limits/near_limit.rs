//! `near-limit`

use crate::forecast::Kind;
use crate::model::policy::Side;
use crate::render::number;
use crate::report::Verdict;
use crate::rules::remedy::{remedy, rounded_up};
use crate::rules::support::{against, at_limit, measured, percent};
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// A meter is tight today: it fits, and little is left.
    ///
    /// Credits are tight where the plan's hard alert fires before the month ends, storage where
    /// what is on disk is. Where a declared day already breaks it, `limit-ahead` says so instead.
    ///
    /// ## Why
    ///
    /// "Forecasting only helps if alerts fire before the system breaks." What is bought, grown or
    /// redesigned in time has to be seen while it still fits.
    ///
    /// ## Example
    ///
    /// 1,000 tenants ask 240 times a day each, 167 of 200 calls a minute.
    ///
    /// ```toml fails spec.md
    /// [tenants]
    /// pro = 1000
    ///
    /// [apis.geo]
    /// rate_limit = "200/min"
    ///
    /// [apis.geo.endpoints."/reverse"]
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "240/day"
    /// peak = 1
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
    /// rate_limit = "300/min"
    ///
    /// [apis.geo.endpoints."/reverse"]
    ///
    /// [features.map]
    /// spec = "spec.md"
    /// owner = "maps"
    ///
    /// [[features.map.calls]]
    /// endpoint = "/reverse"
    /// rate = "240/day"
    /// peak = 1
    ///
    /// [scenarios.10x]
    /// tenants = 10
    /// require = "report"
    /// ```
    ///
    /// ## Configuration
    ///
    /// From which share a meter is tight, in general and by kind; for credits the default is the
    /// hard alert's share:
    ///
    /// ```toml
    /// [rules]
    /// near-limit = "info"
    ///
    /// [policy.limits]
    /// today = { tight = "85%" }
    ///
    /// [policy.burn]
    /// hard = "90%"
    /// ```
    ///
    /// ## Figure
    ///
    /// The utilization, demand over limit; of storage that of what is on disk. Higher is worse.
    "near-limit", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    for fitted in &context.outlook.today {
        let id = &*fitted.meter.id;
        let tight = context.policy.bar(fitted.id.kind, Side::Today).tight;
        let (message, figure, help) = match fitted.on_disk {
            Some(on_disk) if on_disk.verdict == Verdict::Tight => (
                format!(
                    "`{id}` is near its limit: {} are on disk of {}{}",
                    number::bytes(on_disk.bytes),
                    measured(context, fitted, fitted.meter.limit),
                    on_disk
                        .utilization
                        .map_or(String::new(), |share| format!(", {}", percent(share)))
                ),
                on_disk.utilization,
                Some(format!(
                    "a limit of {}",
                    number::bytes(rounded_up(on_disk.bytes / tight))
                )),
            ),
            None if fitted.meter.verdict == Verdict::Tight => {
                let alert = match (fitted.id.kind, fitted.meter.detail.hard_on_day) {
                    (Kind::Credits, Some(Some(day))) => format!(
                        "; the hard alert ({}) fires on day {}",
                        percent(context.policy.hard_alert()),
                        number::day(day)
                    ),
                    _ => String::new(),
                };
                (
                    format!(
                        "`{id}` is near its limit: {}{alert}",
                        against(context, fitted)
                    ),
                    fitted.meter.utilization,
                    remedy(context, &context.outlook.today, fitted, tight, 0.0)
                        .map(|remedy| remedy.help()),
                )
            }
            _ => continue,
        };
        let mut finding = findings.finding(id, message);
        finding.figure = figure;
        finding.help = help.map(|help| format!("{help} keeps it at {}", percent(tight)));
        findings.push(at_limit(context, &fitted.id, finding));
    }
}
