use crate::collections::HashMap;
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::lines::events::Arrival;
use crate::rules::support::limit_span;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};
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
        let (Some((api, _)), Arrival::Steady { .. }) = (line.line.called(), line.flow.arrival)
        else {
            continue;
        };
        let root = lines.get(line.root).unwrap_or(line);
        *declared.entry(api).or_default() |= root.written.keys().peak.is_some();
    }
    for (name, api) in &context.project.model.apis {
        let short = api.rate_limits.iter().find(|limit| limit.seconds < DAY);
        let (Some(limit), Some(false)) = (short, declared.get(name.as_str())) else {
            continue;
        };
        let id = MeterId::new(
            Family::Api,
            name,
            MeterKind::Rate,
            vec![limit.window.clone()],
        );
        let subject = TomlPath::new(&["apis", name, "rate_limit"]).to_string();
        let finding = findings
            .finding(
                subject,
                format!("`{id}` is judged as if every call came evenly: no line declares `peak`"),
            )
            .at(limit_span(context, &id));
        findings.push(finding.help(
            "declare `peak`, peak over average, on the lines that call it, or `project.peak`",
        ));
    }
}
