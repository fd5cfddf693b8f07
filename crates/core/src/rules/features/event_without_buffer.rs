use crate::rules::prelude::*;
use crate::rules::support::{added, find};

pub(super) static RULE: Rule = Rule::project("event-without-buffer", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let month = context.project.model.calendar.days_per_month;
    findings.each(context.scenarios(), |findings, (scenario, meters)| {
        let event = scenario.event?;
        let over = context.as_of.days_since(event.on) as f64 >= event.days.unwrap_or(month);
        if event.buffer.is_some() || over {
            return None;
        }
        let (increase, fitted) = meters
            .iter()
            .filter(|fitted| fitted.id.kind == MeterKind::Credits)
            .filter_map(|fitted| {
                let today = find(&context.outlook.today, &fitted.meter.id)?;
                let increase = fitted.meter.demand.point? - today.meter.demand.point?;
                Some((increase, fitted))
            })
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .filter(|(increase, _)| *increase > 0.0)?;
        let (name, api, more) = (&scenario.name, &fitted.id.name, number::count(increase));
        let message = format!("`{name}` needs {more} more `{api}` credits and has no `buffer`");
        let scenarios = &context.project.declarations.root.scenarios;
        let declared = scenarios.entry(&scenario.name);
        let span = declared.map(|entry| match &entry.body.value.on {
            Some(on) => on.span,
            None => entry.name,
        });
        let more = number::count(increase * 0.25);
        let finding = findings
            .about(&["scenarios", &scenario.name, "buffer"], message)
            .at(span)
            .figure(increase)
            .help("add `buffer`, the share to buy on top")
            .ways(declared.map(|entry| {
                let entries = vec![("buffer", "\"25%\"".to_owned())];
                let words = format!("{}: {more} credits more", added(&entries));
                let set = Set::Keys {
                    file: entry.name.file,
                    table: vec!["scenarios".to_owned(), scenario.name.clone()],
                    entries,
                };
                Way::new("buffer", words, set)
            }));
        Some(finding)
    });
}
