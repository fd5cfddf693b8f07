//! One project, from its files to its judged meters: today, on days to come, in scenarios.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::finding::Finding;
use crate::fit::{Fitted, Unjudged, judge};
use crate::forecast::meters::{Metering, Today};
use crate::forecast::storage::Sources;
use crate::forecast::totals::{Forecast, Keep};
use crate::forecast::{Kind, Situation};
use crate::model::merge::merge;
use crate::model::policy::Side;
use crate::model::scenarios::{scenarios, with_set};
use crate::model::{Declarations, Model, Policy, ProjectFiles, Scenario, build};
use crate::quantity::Graph;
use crate::source::SourceMap;

/// A project, resolved.
#[derive(Debug)]
pub struct Project {
    /// What it declares.
    pub declarations: Declarations,
    /// What the arithmetic reads.
    pub model: Model,
    /// Its scenarios, sorted by name, each with the model that its `set` makes, where it has
    /// one.
    pub scenarios: Vec<(Scenario, Option<Model>)>,
    /// Its policy.
    pub policy: Policy,
    /// What is wrong with its files.
    pub findings: Vec<Finding>,
}

impl Project {
    /// Resolves the files of a project.
    #[must_use]
    pub fn new(sources: &SourceMap, files: &ProjectFiles<'_>) -> Self {
        let (declarations, findings) = merge(sources, files);
        Self::of(declarations, findings)
    }

    /// Resolves declarations.
    #[must_use]
    pub fn of(declarations: Declarations, mut findings: Vec<Finding>) -> Self {
        findings.extend(crate::model::resolve::resolve(&declarations));
        let model = build(&declarations);
        let scenarios = scenarios(&declarations)
            .into_iter()
            .map(|scenario| {
                let changed = scenario.sets.then(|| {
                    let (changed, wrong) = with_set(&declarations, &scenario.name);
                    findings.extend(wrong);
                    build(&changed)
                });
                (scenario, changed)
            })
            .collect();
        Self {
            policy: Policy::new(&declarations),
            model,
            scenarios,
            declarations,
            findings,
        }
    }

    /// The ISO 4217 code of its money.
    #[must_use]
    pub fn currency(&self) -> &str {
        let project = self.declarations.root.value.project.as_ref();
        project
            .and_then(|project| project.value.currency.as_ref())
            .map_or("USD", |currency| currency.value.0.as_str())
    }

    /// The days for which it is forecast: 30, 60, 90, and every day that a projection declares.
    #[must_use]
    pub fn days(&self) -> Vec<u32> {
        use crate::model::Entity;
        let of_entities = self
            .model
            .entities
            .values()
            .filter_map(|entity| match entity {
                Entity::Count { count, .. } => Some(count),
                Entity::PerTenant(_) => None,
            });
        let mut days: Vec<u32> = self
            .model
            .tiers
            .values()
            .chain(of_entities)
            .flat_map(|projected| projected.points.iter().map(|(day, _)| *day))
            .filter(|day| *day > 0)
            .chain([30, 60, 90])
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}

/// A project's judged meters.
#[derive(Debug)]
pub struct Outlook {
    /// Today, sorted by id.
    pub today: Vec<Fitted>,
    /// By day.
    pub horizons: Vec<(u32, Vec<Fitted>)>,
    /// By scenario, in the project's order.
    pub scenarios: Vec<Vec<Fitted>>,
    /// Today's demand, with its lines.
    pub forecast: Forecast,
    /// What its quantities belong to.
    pub graph: Rc<Graph>,
}

/// Forecasts and judges projects, each by a policy, in one graph: what base and head have in
/// common is evaluated once.
#[must_use]
pub fn outlooks(projects: &[(&Project, &Policy)], threads: usize) -> Vec<Outlook> {
    let mut graph = Graph::new();
    let mut all: Vec<Unjudged<'_>> = Vec::new();
    let mut forecasts = Vec::new();
    for (project, policy) in projects {
        forecasts.push(unjudged(project, policy, &mut graph, &mut all));
    }
    let mut judged = judge(&all, &mut graph, threads).into_iter();
    let graph = Rc::new(graph);
    projects
        .iter()
        .zip(forecasts)
        .map(|((project, _), forecast)| {
            let mut next = || judged.next().unwrap_or_default();
            Outlook {
                today: next(),
                horizons: project
                    .days()
                    .into_iter()
                    .map(|day| (day, next()))
                    .collect(),
                scenarios: project.scenarios.iter().map(|_| next()).collect(),
                forecast,
                graph: graph.clone(),
            }
        })
        .collect()
}

/// Adds the meters of every situation of a project: today, its days, its scenarios. Returns
/// today's demand.
fn unjudged<'a>(
    project: &'a Project,
    policy: &'a Policy,
    graph: &mut Graph,
    all: &mut Vec<Unjudged<'a>>,
) -> Forecast {
    let model = &project.model;
    let today = Forecast::new(model, Situation::Today, Keep::Lines, graph);
    let sources = Sources::new(model, graph);
    let meters = |model: &Model,
                  situation: Situation<'_>,
                  forecast: &Forecast,
                  sources: &Sources,
                  graph: &mut Graph| {
        let side = match situation {
            Situation::Scenario(_) => Side::Scenario,
            _ => Side::Today,
        };
        let metering = Metering {
            model,
            situation,
            forecast,
            today: Today {
                forecast: &today,
                model: &project.model,
            },
            sources,
            full_share: policy.bar(Kind::Storage, side).breaks,
            points: OnceCell::new(),
        };
        metering.all(graph)
    };
    let multiplied = Forecast::new(model, Situation::Multiplied, Keep::Totals, graph);
    all.push(Unjudged {
        situation: Situation::Today,
        model,
        policy,
        meters: meters(model, Situation::Today, &today, &sources, graph),
        multiplied: Some(meters(
            model,
            Situation::Multiplied,
            &multiplied,
            &sources,
            graph,
        )),
    });
    for day in project.days() {
        let situation = Situation::Day(day);
        let forecast = Forecast::new(model, situation, Keep::Totals, graph);
        all.push(Unjudged {
            situation,
            model,
            policy,
            meters: meters(model, situation, &forecast, &sources, graph),
            multiplied: None,
        });
    }
    for (scenario, changed) in &project.scenarios {
        let situation = Situation::Scenario(scenario);
        let own_sources = changed.as_ref().map(|model| Sources::new(model, graph));
        let model = changed.as_ref().unwrap_or(model);
        let forecast = Forecast::new(model, situation, Keep::Totals, graph);
        let sources = own_sources.as_ref().unwrap_or(&sources);
        all.push(Unjudged {
            situation,
            model,
            policy,
            meters: meters(model, situation, &forecast, sources, graph),
            multiplied: None,
        });
    }
    today
}
