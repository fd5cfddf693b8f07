use crate::meter::MeterKind;
use crate::rules::support::find;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("event-without-buffer", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let declared = &context.project.declarations.root.scenarios;
    for (scenario, meters) in context.scenarios() {
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
            .filter(|fitted| fitted.id.kind == MeterKind::Credits)
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
        let entry = declared.entry(&scenario.name);
        finding.span = entry.map(|entry| match &entry.body.value.on {
            Some(on) => on.span,
            None => entry.name,
        });
        findings.push(finding);
    }
}
