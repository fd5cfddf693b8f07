use crate::collections::HashMap;
use crate::model::lines::events::Arrival;
use crate::rules::prelude::*;
use crate::rules::support::limit_span;
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
        let short = api.rate_limits.iter().find(|limit| limit.seconds < DAY)?;
        if *declared.get(name.as_str())? {
            return None;
        }
        let window = vec![short.window.clone()];
        let id = MeterId::new(Family::Api, name, MeterKind::Rate, window);
        let message =
            format!("`{id}` is judged as if every call came evenly: no line declares `peak`");
        let finding = findings.about(&["apis", name, "rate_limit"], message);
        let finding = finding.at(limit_span(context, &id));
        Some(finding.help(
            "declare `peak`, peak over average, on the lines that call it, or `project.peak`",
        ))
    });
}
