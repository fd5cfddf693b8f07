use std::collections::BTreeMap;

use crate::model::lines::events::Amount;
use crate::rules::prelude::*;
use crate::rules::support::percent;

pub(super) static RULE: Rule = Rule::project("dominant-feature", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The lines of a feature stand together, and features are sorted.
    let mut apis: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    for line in context.lines() {
        if let Some(credits) = line.flow.amount(Amount::Credits) {
            let features = apis.entry(&line.line.uses.thing).or_default();
            let credits = context.outlook.graph.point(credits);
            match features.last_mut() {
                Some((feature, sum)) if *feature == line.feature => *sum += credits,
                _ => features.push((line.feature, credits)),
            }
        }
    }
    let declared = &context.project.declarations.root.features;
    findings.each(apis, |findings, (api, features)| {
        let total: f64 = features.iter().map(|(_, credits)| credits).sum();
        let burning = features.iter().filter(|(_, credits)| *credits > 0.0);
        let mut all = features.iter();
        let (feature, credits) = all.find(|(_, credits)| *credits > total / 2.0)?;
        if burning.count() < 2 {
            return None;
        }
        let share = credits / total;
        let (part, all) = (number::count(*credits), number::count(total));
        let burnt = percent(share);
        let message = format!("`{feature}` uses {burnt} of {api}'s credits: {part} of {all} a day");
        let finding = findings
            .about(&["features", feature], message)
            .at(declared.entry(feature).map(|entry| entry.name))
            .figure(share)
            .help("watch its rate, measure it often, and look for a cache or a cheaper endpoint");
        Some(finding)
    });
}
