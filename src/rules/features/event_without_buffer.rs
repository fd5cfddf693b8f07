//! `event-without-buffer`

use crate::document::declared::TomlPath;
use crate::forecast::Kind;
use crate::render::number;
use crate::rules::support::find;
use crate::rules::{Check, Context, Findings};

crate::rule! {
    /// An event needs more credits, and no `buffer` is bought on top of its increase.
    ///
    /// An event is a scenario with `on`. One that is over is left alone.
    ///
    /// ## Why
    ///
    /// "Two events justify pre-purchasing above the steady-state forecast: a product launch that
    /// touches a credit-heavy endpoint, and a known marketing push that will spike new tenants. […]
    /// Add 20 to 30 percent buffer for either and revisit pack sizing on /pricing/ before the spike,
    /// not during it."
    ///
    /// ## Example
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
    ///
    /// [scenarios.launch]
    /// tenants = 2
    /// on = 2027-01-10
    /// lasts = "5d"
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
    ///
    /// [scenarios.launch]
    /// tenants = 2
    /// on = 2027-01-10
    /// lasts = "5d"
    /// buffer = "25%"
    ///
    /// [scenarios.10x]
    /// tenants = 10
    /// require = "report"
    /// ```
    ///
    /// ## Configuration
    ///
    /// ```toml
    /// [rules]
    /// event-without-buffer = "off"
    /// ```
    ///
    /// `buffer = 0` says that none is wanted.
    ///
    /// ## Figure
    ///
    /// The credits a month by which the event raises the need. Higher is worse.
    "event-without-buffer", Warning, Check::Project(check)
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declared = context.project.declarations.root.value.scenarios.as_ref();
    let scenarios = context
        .project
        .scenarios
        .iter()
        .zip(&context.outlook.scenarios);
    for ((scenario, _), meters) in scenarios {
        let Some(event) = scenario.event else {
            continue;
        };
        let lasts = event
            .days
            .unwrap_or(context.project.model.calendar.days_per_month);
        let over = context.as_of.days_since(event.on) as f64 >= lasts;
        if event.buffer.is_some() || over {
            continue;
        }
        let most = meters
            .iter()
            .filter(|fitted| fitted.id.kind == Kind::Credits)
            .filter_map(|fitted| {
                let today = find(&context.outlook.today, &fitted.meter.id)?;
                Some((
                    fitted.meter.demand.point? - today.meter.demand.point?,
                    fitted,
                ))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((increase, fitted)) = most.filter(|(increase, _)| *increase > 0.0) else {
            continue;
        };
        let subject = TomlPath::new(&["scenarios", &scenario.name, "buffer"]).to_string();
        let mut finding = findings
            .finding(
                subject,
                format!(
                    "`{}` takes {} credits more of `{}`, and nothing is bought on top",
                    scenario.name,
                    number::count(increase),
                    fitted.id.name
                ),
            )
            .figure(increase)
            .help(format!(
                "declare `buffer = \"25%\"`: {} credits more",
                number::count(increase * 0.25)
            ));
        let entry = declared.and_then(|all| all.value.0.get(&scenario.name));
        finding.span = entry.map(|entry| match &entry.body.value.on {
            Some(on) => on.span,
            None => entry.name,
        });
        findings.push(finding);
    }
}
