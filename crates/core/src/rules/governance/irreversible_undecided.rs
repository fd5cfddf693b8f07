use crate::collections::HashMap;
use crate::document::Table;
use crate::fit::Fitted;
use crate::model::Scenario;
use crate::model::policy::Side;
use crate::report::Verdict;
use crate::rules::limits::scenario_over_limit::is_changed;
use crate::rules::prelude::*;
use crate::rules::support::{Thing, against, things, utilization};

pub(in crate::rules) static RULE: Rule =
    Rule::project("irreversible-undecided", Severity::Warning, check)
        .reads(&[PolicyKey::Confidence, PolicyKey::Limits(Side::Scenario)]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let root = &context.project.declarations.root;
    let broken = broken(context);
    for database in things(context, "databases", &root.databases) {
        let declared = database.declared;
        let reversible = declared.reversible.as_ref().map(|flag| flag.value.0);
        let undecided = database.lacks("decision", &declared.decision)
            && !declared.is_broken("reversible")
            && !reversible.unwrap_or(false);
        let misfit = broken.get(&(Family::Database, database.name));
        if let Some(misfit) = misfit.filter(|_| undecided) {
            report(context, &database, misfit, findings);
        }
    }
    for queue in things(context, "queues", &root.queues) {
        let declared = queue.declared;
        let reversible = declared.reversible.as_ref().map(|flag| flag.value.0);
        let undecided = queue.lacks("decision", &declared.decision)
            && !declared.is_broken("reversible")
            && !reversible.unwrap_or(true);
        let misfit = broken.get(&(Family::Queue, queue.name));
        if let Some(misfit) = misfit.filter(|_| undecided) {
            report(context, &queue, misfit, findings);
        }
    }
}

/// What breaks of a thing, in the scenario that breaks it with the least growth.
struct Misfit<'a> {
    scenario: &'a Scenario,
    fitted: &'a Fitted,
}

/// Of each database and queue its fullest meter in the least of the scenarios that break it.
fn broken<'a>(context: &Context<'a>) -> HashMap<(Family, &'a str), Misfit<'a>> {
    let mut broken: HashMap<(Family, &str), Misfit<'_>> = HashMap::default();
    for (scenario, meters) in context.scenarios() {
        let owned = |fitted: &&Fitted| matches!(fitted.id.owner, Family::Database | Family::Queue);
        let breaks = |fitted: &&Fitted| {
            fitted.meter.verdict == Verdict::Breaks && is_changed(context, meters, fitted)
        };
        for fitted in meters.iter().filter(owned).filter(breaks) {
            let misfit = Misfit { scenario, fitted };
            let key = (fitted.id.owner, fitted.id.name.as_str());
            let known = broken.get(&key);
            let worse = known.is_none_or(|known| {
                let same = std::ptr::eq(known.scenario, scenario);
                let (new, old) = (utilization(fitted), utilization(known.fitted));
                if same { new > old } else { new < old }
            });
            if worse {
                broken.insert(key, misfit);
            }
        }
    }
    broken
}

fn report<'a, T: Table>(
    context: &Context<'a>,
    thing: &Thing<'_, 'a, T>,
    misfit: &Misfit<'_>,
    findings: &mut Findings,
) {
    let path = thing.path();
    let (scenario, id) = (&misfit.scenario.name, &misfit.fitted.meter.id);
    let figures = against(context, misfit.fitted);
    let message = format!(
        "`{path}` breaks in `{scenario}` and is hard to change later: `{id}` is at {figures}"
    );
    let finding = findings
        .finding(&path, message)
        .at(thing.entry.name)
        .help("write down the plan and link it with `decision = \"docs/….md\"`, or set `reversible = true`");
    let scenarios = &context.project.declarations.root.scenarios;
    let scenario = scenarios.entry(&misfit.scenario.name);
    let finding = finding.also(scenario.map(|it| it.name), "the scenario that breaks it");
    findings.push(finding.figure(misfit.fitted.meter.utilization));
}
