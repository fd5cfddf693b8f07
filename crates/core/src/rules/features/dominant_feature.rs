use std::collections::BTreeMap;

use crate::model::lines::events::Amount;
use crate::rules::support::percent;
use crate::rules::{Context, Findings, Rule, Severity, TomlPath};
use crate::words::number;

pub(super) static RULE: Rule = Rule::project("dominant-feature", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let graph = &context.outlook.graph;
    // The lines of a feature stand together, and features are sorted.
    let mut apis: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    let lines = context.lines();
    for line in lines {
        if let Some(credits) = line.flow.amount(Amount::Credits) {
            let features = apis.entry(&line.line.uses.thing).or_default();
            let credits = graph.point(credits);
            match features.last_mut() {
                Some((feature, sum)) if *feature == line.feature => *sum += credits,
                _ => features.push((line.feature, credits)),
            }
        }
    }
    let declared = &context.project.declarations.root.features;
    for (api, features) in apis {
        let total: f64 = features.iter().map(|(_, credits)| credits).sum();
        let several = features
            .iter()
            .filter(|(_, credits)| *credits > 0.0)
            .count()
            > 1;
        let dominant = features.iter().find(|(_, credits)| *credits > total / 2.0);
        let (Some((feature, credits)), true) = (dominant, several) else {
            continue;
        };
        let mut finding = findings
            .finding(
                TomlPath::new(&["features", feature]).to_string(),
                format!(
                    "`{feature}` burns {} of {api}'s credits: {} of {} a day",
                    percent(credits / total),
                    number::count(*credits),
                    number::count(total)
                ),
            )
            .figure(credits / total)
            .help("watch its rate, measure it often, and look for a cache or a cheaper endpoint");
        let entry = declared.entry(feature);
        finding.span = entry.map(|entry| entry.name);
        findings.push(finding);
    }
}
