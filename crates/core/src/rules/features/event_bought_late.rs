use crate::document::tables::Api;
use crate::meter::MeterKind;
use crate::rules::support::judged_demand;
use crate::rules::{Context, Findings, PolicyKey, Rule, Severity, TomlPath};
use crate::units::Date;
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("event-bought-late", Severity::Error, check)
    .reads(&[PolicyKey::Confidence])
    .shown(8);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root;
    for (scenario, meters) in context.scenarios() {
        let Some(event) = scenario.event else {
            continue;
        };
        if event.on <= context.as_of {
            continue;
        }
        for fitted in meters {
            let api = root.apis.get(&fitted.id.name);
            let (MeterKind::Credits, Some(api), Some(need)) =
                (fitted.id.kind, api, judged_demand(context, fitted))
            else {
                continue;
            };
            let Some(latest) = too_late(context, api, event.on) else {
                continue;
            };
            let held = held(api);
            if api.overage.is_some() || need <= held {
                continue;
            }
            let subject = TomlPath::new(&["scenarios", &scenario.name]).to_string();
            let mut finding = findings
                .finding(
                    subject,
                    format!(
                        "`{}` takes {} credits of `{}` in its month, and {} are held: more had to be ordered by {latest}",
                        scenario.name,
                        number::count(need),
                        fitted.id.name,
                        number::count(held)
                    ),
                )
                .figure(need - held)
                .help(format!(
                    "find {} credits sooner than usual, make the event smaller, or move it",
                    number::count((need - held).ceil())
                ));
            let entry = root.scenarios.entry(&scenario.name);
            finding.span = entry
                .and_then(|entry| entry.body.value.on.as_ref())
                .map(|on| on.span);
            if let Some(lead) = &api.lead_time {
                finding = finding.also(lead.span, "from deciding to having the credits");
            }
            findings.push(finding);
        }
    }
}

/// The last day on which credits for a date could be ordered, where that has passed.
fn too_late(context: &Context<'_>, api: &Api, on: Date) -> Option<Date> {
    let lead = api.lead_time.as_ref()?.value.days().ceil();
    let latest = on.plus_days(-(lead as i64))?;
    (latest < context.as_of).then_some(latest)
}

/// The month's plan, and what is left from before.
fn held(api: &Api) -> f64 {
    let Some(plan) = &api.plan else { return 0.0 };
    let credits = plan
        .value
        .credits
        .as_ref()
        .map_or(0.0, |credits| credits.value.now.0);
    let balance = plan
        .value
        .balance
        .as_ref()
        .map_or(0.0, |balance| balance.value.0);
    credits + balance
}
