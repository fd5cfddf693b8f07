use std::collections::BTreeSet;

use crate::collections::HashMap;
use crate::fit::Fitted;
use crate::model::{Entity, Model, Multiplier, Per, Population, Scenario};
use crate::report::Verdict;
use crate::rules::model_facts::adopted;
use crate::rules::prelude::*;
use crate::rules::queue_facts::queues;
use crate::rules::support::{against, listed, utilization};

pub(crate) static RULE: Rule = Rule::project("queue-shared-by-tiers", Severity::Off, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The first of equals.
    let scenarios = context.scenarios().rev();
    let largest = scenarios.max_by(|(a, _), (b, _)| multiplier(a).total_cmp(&multiplier(b)));
    let Some((scenario, meters)) = largest else {
        return;
    };
    let mut broken: HashMap<&str, &Fitted> = HashMap::default();
    for fitted in meters {
        if fitted.id.owner == Family::Queue && fitted.meter.verdict == Verdict::Breaks {
            let fullest = broken.entry(&fitted.id.name).or_insert(fitted);
            if utilization(fitted) > utilization(fullest) {
                *fullest = fitted;
            }
        }
    }
    let senders = senders(&context.project.model);
    for queue in queues(context) {
        let (Some(fitted), Some(tiers)) = (broken.get(queue.name), senders.get(queue.name)) else {
            continue;
        };
        if tiers.len() < 2 {
            continue;
        }
        let names: Vec<String> = tiers.iter().map(|tier| format!("`{tier}`")).collect();
        let (name, tiers) = (&scenario.name, listed(&names, ", "));
        let (id, figures) = (&fitted.meter.id, against(context, fitted));
        let message =
            format!("`{queue}` breaks in `{name}`, and {tiers} share it: `{id}` is at {figures}");
        let finding = queue
            .finding(&RULE, message)
            .help("use a queue for each tier, so that one cannot starve the others")
            .figure(fitted.meter.utilization);
        findings.push(finding);
    }
}

/// How many times as many tenants a scenario has, in the tier that grows most.
fn multiplier(scenario: &Scenario) -> f64 {
    match &scenario.tenants {
        Multiplier::All(times) => *times,
        Multiplier::Tiers(times) => times.iter().copied().fold(0.0, f64::max),
    }
}

/// Of each queue the names of the tiers whose tenants cause its messages.
fn senders(model: &Model) -> HashMap<&str, BTreeSet<&str>> {
    let mut senders: HashMap<&str, BTreeSet<&str>> = HashMap::default();
    for feature in model.features.values() {
        for line in &feature.lines {
            let population = feature.population_of(line);
            if let (Some(queue), Some(population)) = (line.uses_any(Family::Queue), population) {
                let tiers = senders.entry(queue).or_default();
                tiers.extend(tiers_of(model, population));
            }
        }
    }
    senders
}

fn tiers_of<'a>(model: &'a Model, population: &'a Population) -> impl Iterator<Item = &'a str> {
    let none = |value: Option<f64>| value == Some(0.0);
    population.tiers.iter().filter_map(move |(tier, adoption)| {
        let each = match &population.per {
            Per::Entity(entity) => match model.entities.get(entity)? {
                Entity::PerTenant(each) => each.get(*tier)?.point(),
                Entity::Count { .. } => None,
            },
            _ => None,
        };
        let (name, _) = model.tiers.get_index(*tier)?;
        (!none(adopted(adoption)) && !none(each)).then_some(name.as_str())
    })
}
