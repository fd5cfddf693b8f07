use crate::collections::HashMap;
use crate::model::UsageLimit;
use crate::model::lines::events::Arrival;
use crate::rules::prelude::*;
use crate::rules::support::{limit_key, limit_span};
use crate::units::DAY;

pub(super) static RULE: Rule = Rule::project("peak-assumed", Severity::Info, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let project = context.project.declarations.root.project.as_ref();
    if project.is_some_and(|project| project.value.peak.is_some()) {
        return;
    }
    let lines = context.lines();
    // Whether some line says how uneven the calls of an API are.
    let mut declared: HashMap<&str, bool> = HashMap::default();
    for line in lines {
        if let (Some((api, _)), Arrival::Steady { .. }) = (line.line.called(), line.flow.arrival) {
            let root = lines.get(line.root).unwrap_or(line);
            *declared.entry(api).or_default() |= root.written.keys().peak.is_some();
        }
    }
    findings.each(&context.project.model.apis, |findings, (name, api)| {
        let is_short = |limit: &&UsageLimit| limit.seconds().is_some_and(|it| it < DAY);
        let short = api.limits.iter().find(is_short)?;
        if *declared.get(name.as_str())? {
            return None;
        }
        let id = MeterId::new(Family::Api, name, MeterKind::Rate, short.name.clone());
        let message = format!("`{id}` assumes perfectly even traffic because no `peak` is set");
        let key = limit_key(&context.project.declarations.root, &id, None);
        let finding = findings.finding(key.to_string(), message);
        let finding = finding.at(limit_span(context, &id));
        Some(finding.help(
            "set `peak` (busiest rate ÷ average) on the lines that call it, or `project.peak`",
        ))
    });
}
