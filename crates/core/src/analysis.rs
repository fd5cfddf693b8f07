//! One project, from its files to its judged meters: today, on days to come, in scenarios.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::{HashMap, HashSet};
use crate::document::tables::Root;
use crate::finding::Finding;
use crate::fit::{Meters, Unjudged, judge};
use crate::forecast::Situation;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::meters::{Metered, Metering, Tables, Thresholds};
use crate::forecast::per_member::{AtPoints, PerMember};
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::meter::{Family, MeterKind};
use crate::model::gaps::unread_scenarios;
use crate::model::merge::merge;
use crate::model::policy::Side;
use crate::model::resolve::resolve;
use crate::model::scenarios::{Found, clashes_of_set, with_set, without_scenarios};
use crate::model::{Declarations, Entity, Model, Policy, ProjectFiles, Scenario};
use crate::parallel;
use crate::quantity::Graph;

pub(crate) const DEFAULT_CURRENCY: &str = "USD";

/// A project, resolved.
#[derive(Clone, Debug)]
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
    /// What its model is made of, where another side's scenarios or calendar judge it.
    pub(crate) held: Option<Box<Root>>,
    /// A day that it is forecast for besides.
    pub asked_day: Option<u32>,
}

impl Project {
    /// Resolves the files of a project.
    pub fn new(files: ProjectFiles, threads: usize) -> Self {
        let (declarations, findings) = merge(files, threads);
        Self::of(declarations, findings, threads)
    }

    /// Resolves declarations.
    pub fn of(declarations: Declarations, mut findings: Vec<Finding>, threads: usize) -> Self {
        let resolved = resolve(&declarations, threads);
        findings.extend(resolved.findings);
        let unread = unread_scenarios(&declarations);
        let written = &declarations.root.scenarios;
        let mut set_wrong = Vec::new();
        let bare = resolved.scenarios.iter().any(|scenario| scenario.sets);
        let bare = bare.then(|| without_scenarios(&declarations));
        let known = Found::new(bare.as_ref().map_or(&[], |_| &findings));
        let scenarios = resolved
            .scenarios
            .into_iter()
            .map(|mut scenario| {
                scenario.is_unread |= unread.contains(&scenario.name);
                let bare = bare.as_ref().filter(|_| scenario.sets);
                let changed = bare.map(|bare| {
                    let written = written.get(&scenario.name);
                    let (changed, mut wrong) = with_set(bare, written);
                    let set = resolve(&changed, threads);
                    if let Some(written) = written.filter(|_| wrong.is_empty()) {
                        wrong = clashes_of_set(written, known.clashes(&set.findings));
                    }
                    scenario.is_unread |= !wrong.is_empty();
                    set_wrong.extend(wrong.into_iter().map(|it| it.in_set(&scenario.name)));
                    let gaps = resolved.model.gaps.clone();
                    Model { gaps, ..set.model }
                });
                (scenario, changed)
            })
            .collect();
        findings.extend(set_wrong);
        Self {
            policy: Policy::new(&declarations),
            model: resolved.model,
            scenarios,
            declarations,
            findings,
            held: None,
            asked_day: None,
        }
    }

    /// Whether it is the project of a folder.
    pub fn is_in(&self, folder: &str) -> bool {
        self.declarations.folder == folder
    }

    /// What its model is made of.
    pub(crate) fn judged(&self) -> &Root {
        self.held.as_deref().unwrap_or(&self.declarations.root)
    }

    /// The ISO 4217 code of its money.
    pub fn currency(&self) -> &str {
        let project = self.declarations.root.project.as_ref();
        let currency = project.and_then(|project| project.value.currency.as_ref());
        currency.map_or(DEFAULT_CURRENCY, |it| it.value.0.as_str())
    }

    /// The days for which it is forecast: 30, 60, 90, and every day that a projection declares.
    pub(crate) fn days(&self) -> Vec<u32> {
        let entities = self.model.entities.values();
        let counts = entities.filter_map(|entity| match entity {
            Entity::Count { count, .. } => Some(count),
            Entity::PerTenant(_) => None,
        });
        let projected = self.model.tiers.values().chain(counts);
        let declared = projected.flat_map(|projected| projected.points.iter().map(|(day, _)| *day));
        let mut days = BTreeSet::from([30, 60, 90]);
        days.extend(declared.filter(|day| *day > 0));
        // More of them are an error of the files; what is computed stays bounded.
        let most = crate::limits::PROJECTION_DAYS + 3;
        let asked = self.asked_day.filter(|asked| !days.contains(asked));
        days.into_iter().take(most).chain(asked).collect()
    }
}

/// A project's judged meters.
#[derive(Debug)]
pub struct Outlook {
    /// Today.
    pub today: Meters,
    /// By day.
    pub horizons: Vec<(u32, Meters)>,
    /// By scenario, in the project's order.
    pub scenarios: Vec<Meters>,
    pub(crate) forecast: Forecast,
    pub(crate) graph: Arc<Graph>,
}

/// How much of an outlook is worked out. Ordered from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figures {
    /// Every meter in every situation.
    All,
    /// Every meter today and in scenarios, and no days to come: what tells which meters move.
    Moves,
    /// Every line and every meter today; on days to come and in scenarios the meters that can be
    /// judged.
    Lines,
    /// Every meter today; on days to come and in scenarios those that can be judged.
    Today,
    /// In every situation the meters that can be judged: all but those of tables without a limit,
    /// which fit whatever they come to. Most tables have none. Of two projects today also those
    /// that are not the same in both.
    Judged,
}

/// Forecasts and judges projects, each by a policy.
///
/// What is uncertain is evaluated in one graph, so that what base and head, days and scenarios
/// have in common is drawn once. A project without anything uncertain needs no draws: its
/// situations are evaluated beside each other, on as many threads as are allowed.
pub fn outlooks(
    projects: &[(&Project, &Policy)],
    figures: Figures,
    threads: usize,
) -> Vec<Outlook> {
    let days = projects.iter().map(|(project, _)| match figures {
        Figures::Moves => Vec::new(),
        _ => project.days(),
    });
    let days: Vec<Vec<u32>> = days.collect();
    outlooks_on(projects, &days, figures, threads)
}

/// The same on other days than those that are declared, of each project its own.
pub(crate) fn outlooks_on(
    projects: &[(&Project, &Policy)],
    days: &[Vec<u32>],
    figures: Figures,
    threads: usize,
) -> Vec<Outlook> {
    let certain = projects.iter().all(|(project, _)| project.is_certain());
    let mut graph = Graph::new();
    let todays: Vec<Today<'_>> = if certain {
        parallel::each(projects, threads, |(project, _)| {
            Today::new(project, figures, threads, None)
        })
    } else {
        let projects = projects.iter();
        projects
            .map(|(project, _)| Today::new(project, figures, threads, Some(&mut graph)))
            .collect()
    };
    let limited = limited(projects);
    let mut shown = limited.clone();
    if let (Figures::Judged, [one, other]) = (figures, &todays[..]) {
        shown.extend(differing(one, other, &mut graph));
    }
    let (today, others) = match figures {
        Figures::All | Figures::Moves => (Tables::All, Tables::All),
        Figures::Lines | Figures::Today => (Tables::All, Tables::Judged(&limited)),
        Figures::Judged => (Tables::Judged(&shown), Tables::Judged(&limited)),
    };
    let tables = Shown { today, others };
    let mut judged = judged(projects, &todays, (days, tables), &mut graph, threads).into_iter();
    let graph = Arc::new(graph);
    projects
        .iter()
        .zip(todays)
        .zip(days)
        .map(|(((project, _), today), days)| {
            let mut next = || match judged.next() {
                Some(meters) => meters,
                None => unreachable!("every view of every project is judged"),
            };
            Outlook {
                today: next(),
                horizons: days.iter().map(|day| (*day, next())).collect(),
                scenarios: project.scenarios.iter().map(|_| next()).collect(),
                forecast: today.forecast,
                graph: graph.clone(),
            }
        })
        .collect()
}

/// The outlooks of as many projects as are written down.
pub(crate) fn outlooks_of<const N: usize>(
    projects: [(&Project, &Policy); N],
    figures: Figures,
    threads: usize,
) -> [Outlook; N] {
    match outlooks(&projects, figures, threads).try_into() {
        Ok(outlooks) => outlooks,
        Err(_) => unreachable!("every project has an outlook"),
    }
}

/// The names of the tables that have a limit: what has one on one side of a comparison is judged
/// on both.
fn limited<'p>(projects: &[(&'p Project, &Policy)]) -> HashSet<&'p str> {
    let models = projects.iter().flat_map(|(project, _)| project.models());
    let tables = models.flat_map(|model| model.tables.iter().map(move |table| (model, table)));
    let limited = tables.filter(|(model, (name, table))| {
        table.max_size.is_some() || model.gaps.reach(Family::Table, name, MeterKind::Storage)
    });
    limited.map(|(_, (name, _))| name.as_str()).collect()
}

/// The judged meters of all situations: of each project its views, in their order.
fn judged(
    projects: &[(&Project, &Policy)],
    todays: &[Today<'_>],
    (days, tables): (&[Vec<u32>], Shown<'_>),
    graph: &mut Graph,
    threads: usize,
) -> Vec<Meters> {
    let mut views = Vec::new();
    for ((side, today), days) in projects.iter().zip(todays).zip(days) {
        let own = side.0.views(days).into_iter();
        views.extend(own.map(|view| (side, today, view)));
    }
    if projects.iter().all(|(project, _)| project.is_certain()) {
        let judged = parallel::each(&views, threads, |(side, today, view)| {
            // Nothing uncertain: all quantities but the multiplier's are numbers, which belong to
            // no graph.
            let mut graph = Graph::new();
            let meters = unjudged(**side, view, today, tables, &mut graph);
            judge(vec![meters], &mut graph, 1)
        });
        return judged.into_iter().flatten().collect();
    }
    let unjudged = views
        .iter()
        .map(|(side, today, view)| unjudged(**side, view, today, tables, graph))
        .collect();
    judge(unjudged, graph, threads)
}

/// The names of the tables that come to other bytes in one project than in another today, or that
/// only one of them has.
fn differing<'m>(one: &Today<'m>, other: &Today<'m>, graph: &mut Graph) -> Vec<&'m str> {
    let mut bytes = |today: &Today<'m>| -> HashMap<&'m str, (f64, bool)> {
        let (model, situation) = (today.model, Situation::Today);
        let storage = Storage::new(model, situation, &today.forecast, &today.sources);
        let horizon = f64::from(situation.horizon(model.calendar.horizon));
        let mut of = |table| {
            let bytes = storage.bytes(table, horizon, graph);
            (graph.point(bytes), bytes.is_unknown())
        };
        let tables = model.tables.iter();
        tables.map(|(name, table)| (&**name, of(table))).collect()
    };
    let [one, other] = [one, other].map(&mut bytes);
    let differ = |name: &&str| one.get(name) != other.get(name);
    let names = one.keys().chain(other.keys()).copied();
    names.filter(differ).collect()
}

/// Which tables have meters today, and which with all tenants multiplied, on days to come and in
/// scenarios.
#[derive(Clone, Copy)]
struct Shown<'a> {
    today: Tables<'a>,
    others: Tables<'a>,
}

struct View<'a> {
    situation: Situation<'a>,
    model: &'a Model,
}

impl Project {
    pub(crate) fn is_certain(&self) -> bool {
        self.models().all(|model| !model.uncertain)
    }

    fn models(&self) -> impl Iterator<Item = &Model> {
        let scenarios = self.scenarios.iter();
        std::iter::once(&self.model).chain(scenarios.filter_map(|(_, model)| model.as_ref()))
    }

    /// Today, on these days, and in scenarios.
    fn views(&self, days: &[u32]) -> Vec<View<'_>> {
        let days = days.iter().copied().map(Situation::Day);
        let today_and_days = std::iter::once(Situation::Today).chain(days);
        let today_and_days = today_and_days.map(|situation| (situation, &self.model));
        let scenarios = self.scenarios.iter().map(|(scenario, changed)| {
            let model = changed.as_ref().unwrap_or(&self.model);
            (Situation::Scenario(scenario), model)
        });
        let all = today_and_days.chain(scenarios);
        all.map(|(situation, model)| View { situation, model })
            .collect()
    }
}

/// Today's demand, which other situations compare with or blend in.
struct Today<'m> {
    model: &'m Model,
    forecast: Forecast,
    per_member: PerMember,
    at_points: AtPoints<'m>,
    sources: Sources,
    ids: TableMeters,
}

impl<'m> Today<'m> {
    /// The graph is there where something is uncertain. Else quantities are numbers, which belong
    /// to no graph, so that parts can be evaluated beside each other.
    fn new(
        project: &'m Project,
        figures: Figures,
        threads: usize,
        graph: Option<&mut Graph>,
    ) -> Self {
        let model = &project.model;
        let forecast =
            |graph: &mut Graph| Forecast::new(model, Situation::Today, Keep::Lines, graph);
        let others = |graph: &mut Graph| (PerMember::new(model, graph), Sources::new(model, graph));
        let (forecast, (per_member, sources)) = match graph {
            Some(graph) => (forecast(graph), others(graph)),
            None => parallel::both(
                threads,
                || forecast(&mut Graph::new()),
                || others(&mut Graph::new()),
            ),
        };
        Self {
            model,
            forecast,
            per_member,
            at_points: AtPoints::new(model),
            sources,
            // Those that few tables have are made one by one.
            ids: match figures {
                Figures::Judged => TableMeters::default(),
                _ => TableMeters::new(model, threads),
            },
        }
    }
}

/// A project's meters in some situations, with the demands behind them.
pub(crate) struct Demands {
    pub(crate) graph: Graph,
    /// By situation.
    pub(crate) meters: Vec<Meters>,
    /// By situation.
    pub(crate) metered: Vec<Vec<Metered>>,
}

/// Forecasts a project in some situations, and judges its meters, or only those of one kind, but
/// for breaking points.
pub(crate) fn demands(
    side: (&Project, &Policy),
    situations: &[Situation<'_>],
    only: Option<MeterKind>,
    threads: usize,
) -> Demands {
    let (project, _) = side;
    let mut graph = Graph::new();
    let today = Today::new(project, Figures::Judged, threads, Some(&mut graph));
    let none = HashSet::default();
    let tables = Shown {
        today: Tables::Judged(&none),
        others: Tables::Judged(&none),
    };
    let mut all = Vec::new();
    for &situation in situations {
        let scenario = situation.scenario();
        let model = scenario.and_then(|scenario| {
            let mut all = project.scenarios.iter();
            let (_, model) = all.find(|(other, _)| other.name == scenario.name)?;
            model.as_ref()
        });
        let model = model.unwrap_or(&project.model);
        let view = View { situation, model };
        let mut unjudged = unjudged(side, &view, &today, tables, &mut graph);
        // Judging takes the longest: draws, and the search for breaking points.
        let meters = &mut unjudged.gathered.meters;
        meters.retain(|it| only.is_none_or(|kind| it.id.kind == kind));
        unjudged.multiplied.clear();
        all.push(unjudged);
    }
    let metered = all.iter().map(|unjudged| unjudged.gathered.meters.clone());
    let metered = metered.collect();
    Demands {
        metered,
        meters: judge(all, &mut graph, threads),
        graph,
    }
}

/// The meters of one situation; of today also with all tenants multiplied.
fn unjudged<'a>(
    (project, policy): (&'a Project, &'a Policy),
    view: &View<'a>,
    today: &Today<'_>,
    tables: Shown<'_>,
    graph: &mut Graph,
) -> Unjudged<'a> {
    let side = match view.situation {
        Situation::Scenario(_) => Side::Scenario,
        _ => Side::Today,
    };
    let own_model = !std::ptr::eq(view.model, &project.model);
    let own_sources = own_model.then(|| Sources::new(view.model, graph));
    let sources = own_sources.as_ref().unwrap_or(&today.sources);
    // Where a scenario changes more than populations, its lines are evaluated anew.
    let alike = |scenario: &Scenario| scenario.payload == 1.0 && scenario.rates.is_empty();
    let only_populations = !own_model && view.situation.scenario().is_none_or(alike);
    let gather = |situation: Situation<'_>, forecast: &Forecast, of, graph: &mut Graph| {
        let storage = Storage::new(view.model, situation, forecast, sources);
        let thresholds = Thresholds {
            full_share: policy.bar(MeterKind::Storage, side).breaks,
            partition_above: policy.partition_above(),
        };
        let at_points = only_populations.then_some(&today.at_points);
        let of_today = Storage::new(
            today.model,
            Situation::Today,
            &today.forecast,
            &today.sources,
        );
        Metering::new(storage, of_today, &today.ids, thresholds)
            .at_points(at_points)
            .all(of, graph)
    };
    let evaluate = |situation, graph: &mut Graph| {
        if only_populations {
            today.per_member.forecast(view.model, situation, graph)
        } else {
            Forecast::new(view.model, situation, Keep::Sums, graph)
        }
    };
    let (multiplied, gathered) = if matches!(view.situation, Situation::Today) {
        let many = evaluate(Situation::Multiplied, graph);
        let multiplied = gather(Situation::Multiplied, &many, tables.others, graph).meters;
        let gathered = gather(view.situation, &today.forecast, tables.today, graph);
        (multiplied, gathered)
    } else {
        let forecast = evaluate(view.situation, graph);
        let gathered = gather(view.situation, &forecast, tables.others, graph);
        (Vec::new(), gathered)
    };
    Unjudged {
        situation: view.situation,
        model: view.model,
        policy,
        gathered,
        multiplied,
    }
}
