//! The meters of a project in all situations, which compare with today's demand or blend it in.

use std::sync::{Arc, Mutex, PoisonError};

use crate::analysis::{Figures, Project};
use crate::collections::{HashMap, HashSet};
use crate::fit::{Meters, Unjudged, judge};
use crate::forecast::Situation;
use crate::forecast::delta::Delta;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::meters::{Gathered, Metered, Metering, Stored, Tables, Thresholds};
use crate::forecast::per_member::{AtPoints, PerMember, Things};
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::meter::MeterKind;
use crate::model::policy::Side;
use crate::model::{Id, Model, Policy, Scenario};
use crate::parallel;
use crate::quantity::Graph;

/// What a change reaches.
#[derive(Debug)]
pub(super) struct Reached {
    /// The tables of which anything may differ.
    pub(super) tables: HashSet<Id>,
    things: Things,
}

/// Today's demand, which other situations compare with or blend in.
#[derive(Clone, Debug)]
pub(super) struct Today {
    pub(super) forecast: Forecast,
    per_member: PerMember,
    at_points: AtPoints,
    sources: Sources,
    ids: TableMeters,
}

impl Today {
    /// The graph is there where something is uncertain. Else quantities are numbers, which belong
    /// to no graph, so that parts can be evaluated beside each other.
    pub(super) fn new(
        model: &Model,
        figures: Figures,
        threads: usize,
        graph: Option<&mut Graph>,
    ) -> Self {
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
            forecast,
            per_member,
            at_points: AtPoints::default(),
            sources,
            // Those that few tables have are made one by one.
            ids: match figures {
                Figures::Judged => TableMeters::default(),
                _ => TableMeters::new(model, threads),
            },
        }
    }

    /// Makes it that of another model, which is certain. Returns what this reaches.
    pub(super) fn change(&mut self, model: &Model, delta: &Delta) -> Reached {
        let mut graph = Graph::new();
        self.forecast.change(model, delta, &mut graph);
        self.at_points = AtPoints::default();
        Reached {
            things: self.per_member.change(model, delta, &mut graph),
            tables: delta.reach(model, &mut self.sources, &mut graph),
        }
    }

    fn storage<'a>(&'a self, model: &'a Model) -> Storage<'a> {
        Storage::new(model, Situation::Today, &self.forecast, &self.sources)
    }
}

/// The names of the tables that come to other bytes in one project than in another today, or that
/// only one of them has; of tables that a change reaches, where that is known.
pub(super) fn differing<'m>(
    sides: [(&'m Model, &Today); 2],
    reached: Option<&HashSet<Id>>,
    graph: &mut Graph,
) -> Vec<&'m str> {
    let mut bytes = |(model, today): (&'m Model, &Today)| -> HashMap<&'m str, (f64, bool)> {
        let storage = today.storage(model);
        let horizon = f64::from(Situation::Today.horizon(model.calendar.horizon));
        let mut of = |table| {
            let bytes = storage.bytes(table, horizon, graph);
            (graph.point(bytes), bytes.is_unknown())
        };
        let tables = model.tables.iter();
        let tables = tables.filter(|(_, it)| reached.is_none_or(|all| all.contains(&it.id)));
        tables.map(|(name, table)| (&**name, of(table))).collect()
    };
    let [one, other] = sides.map(&mut bytes);
    let differ = |name: &&str| one.get(name) != other.get(name);
    let names = one.keys().chain(other.keys()).copied();
    names.filter(differ).collect()
}

/// Which tables have meters today, and which with all tenants multiplied, on days to come and in
/// scenarios.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) today: Tables<'a>,
    pub(super) others: Tables<'a>,
    /// Whether the days are told on which disks fill.
    pub(super) full_days: bool,
}

struct View<'a> {
    situation: Situation<'a>,
    model: &'a Model,
}

impl Project {
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

/// A project in all situations.
pub(super) struct Views<'a> {
    side: (&'a Project, &'a Policy),
    today: &'a Today,
    shown: Shown<'a>,
    views: Vec<View<'a>>,
}

/// What one situation was evaluated to, of which a change reaches a part; of today also with all
/// tenants multiplied, by the nodes of its graph.
#[derive(Debug, Default)]
pub(super) struct Kept {
    stored: Stored,
    multiplied: Stored,
    /// What is asked for; of today with all tenants multiplied. Nothing where a line does not grow
    /// with its population.
    forecast: Option<Forecast>,
    graph: Graph,
}

/// What was before a change, by situation, and what the change reaches.
pub(super) type Before<'r> = (Vec<Kept>, &'r Reached);

impl<'a> Views<'a> {
    pub(super) fn new(
        side: (&'a Project, &'a Policy),
        (today, shown): (&'a Today, Shown<'a>),
        days: &[u32],
    ) -> Self {
        Self {
            side,
            today,
            shown,
            views: side.0.views(days),
        }
    }

    /// The judged meters of a certain project, given what was before a change.
    pub(super) fn judged(&self, before: Option<Before<'_>>, threads: usize) -> Vec<Meters> {
        self.each(before, threads, |(meters, _)| meters)
    }

    /// The same, with what they were made of.
    pub(super) fn judged_and_kept(
        &self,
        before: Option<Before<'_>>,
        threads: usize,
    ) -> (Vec<Meters>, Vec<Kept>) {
        self.each(before, threads, |both| both).into_iter().unzip()
    }

    fn each<T: Send>(
        &self,
        before: Option<Before<'_>>,
        threads: usize,
        of: impl Fn((Meters, Kept)) -> T + Sync,
    ) -> Vec<T> {
        let (kept, reached) = before.unzip();
        let mut kept = kept.into_iter().flatten();
        let views = self.views.iter();
        let all: Vec<_> = views.map(|view| (view, Mutex::new(kept.next()))).collect();
        parallel::each(&all, threads, |(view, kept)| {
            let kept = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            of(self.one(view, kept.zip(reached)))
        })
    }

    /// All quantities but the multiplier's are numbers, which belong to no graph.
    fn one(&'a self, view: &View<'a>, before: Option<(Kept, &Reached)>) -> (Meters, Kept) {
        let (mut kept, reached) = before.unzip();
        let mut graph = kept
            .as_mut()
            .map_or_else(Graph::new, |kept| std::mem::take(&mut kept.graph));
        let (mut unjudged, mut kept) = self.unjudged(view, kept.zip(reached), &mut graph);
        let meters = judge(std::slice::from_ref(&unjudged), &mut graph, 1);
        kept.stored = std::mem::take(&mut unjudged.gathered.stored);
        kept.graph = graph;
        match meters.into_iter().next() {
            Some(meters) => (meters, kept),
            None => unreachable!("every situation is judged"),
        }
    }

    /// The meters of one situation; of today also with all tenants multiplied. With what they were
    /// made of, but for the graph and what tables come to in the situation itself.
    fn unjudged(
        &'a self,
        view: &View<'a>,
        before: Option<(Kept, &Reached)>,
        graph: &mut Graph,
    ) -> (Unjudged<'a>, Kept) {
        let ((project, policy), today, shown) = (self.side, self.today, self.shown);
        let own_model = !std::ptr::eq(view.model, &project.model);
        let own_sources = own_model.then(|| Sources::new(view.model, graph));
        let sources = own_sources.as_ref().unwrap_or(&today.sources);
        // Where a scenario changes more than populations, its lines are evaluated anew.
        let alike = |scenario: &Scenario| {
            scenario.payload == 1.0 && scenario.rates.is_empty() && scenario.taken.is_empty()
        };
        let only_populations = !own_model && view.situation.scenario().is_none_or(alike);
        let side = match view.situation {
            Situation::Scenario(_) => Side::Scenario,
            _ => Side::Today,
        };
        let (kept, reached) = before.unzip();
        let kept = kept.unwrap_or_default();
        let tables = reached.map(|reached| &reached.tables);
        let gather = |situation, forecast: &Forecast, of, before: Stored, graph: &mut Graph| {
            let full_share = policy.bar(MeterKind::Storage, side).breaks;
            let thresholds = Thresholds {
                full_share: shown.full_days.then_some(full_share),
                partition_above: policy.partition_above(),
            };
            let storage = Storage::new(view.model, situation, forecast, sources);
            let of_today = today.storage(&project.model);
            Metering::new(storage, of_today, &today.ids, thresholds)
                .at_points(only_populations.then_some(&today.at_points))
                .all(of, tables.map(|tables| (before, tables)), graph)
        };
        let is_straight = only_populations && today.per_member.is_straight();
        let evaluate = |situation, before: Option<Forecast>, graph: &mut Graph| {
            let (model, per_member) = (view.model, &today.per_member);
            match before.zip(reached).filter(|_| is_straight) {
                Some((before, reached)) => {
                    per_member.changed(before, &reached.things, (model, situation), graph)
                }
                None if only_populations => per_member.forecast(model, situation, graph),
                None => Forecast::new(model, situation, Keep::Sums, graph),
            }
        };
        let is_today = matches!(view.situation, Situation::Today);
        let evaluated = match is_today {
            true => Situation::Multiplied,
            false => view.situation,
        };
        let mut forecast = evaluate(evaluated, kept.forecast, graph);
        let (multiplied, gathered) = if is_today {
            let multiplied = gather(evaluated, &forecast, shown.others, kept.multiplied, graph);
            let (of, before) = (shown.today, kept.stored);
            (
                multiplied,
                gather(view.situation, &today.forecast, of, before, graph),
            )
        } else {
            let gathered = gather(evaluated, &forecast, shown.others, kept.stored, graph);
            (Gathered::default(), gathered)
        };
        let unjudged = Unjudged {
            situation: view.situation,
            model: view.model,
            policy,
            gathered,
            multiplied: multiplied.meters,
        };
        // Else it would have to be copied where it is changed.
        forecast.demand.growth = Arc::default();
        let kept = Kept {
            multiplied: multiplied.stored,
            forecast: is_straight.then_some(forecast),
            ..Kept::default()
        };
        (unjudged, kept)
    }
}

/// The judged meters of projects of which any may be uncertain, in one graph: of each its views, in
/// their order.
pub(super) fn judged(sides: &[Views<'_>], graph: &mut Graph, threads: usize) -> Vec<Meters> {
    let views = sides
        .iter()
        .flat_map(|side| side.views.iter().map(move |view| (side, view)));
    let unjudged: Vec<Unjudged<'_>> = views
        .map(|(side, view)| side.unjudged(view, None, graph).0)
        .collect();
    judge(&unjudged, graph, threads)
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
    let today = Today::new(&project.model, Figures::Judged, threads, Some(&mut graph));
    let none = HashSet::default();
    let shown = Shown {
        today: Tables::Judged(&none),
        others: Tables::Judged(&none),
        full_days: true,
    };
    let views = situations.iter().map(|&situation| {
        let scenario = situation.scenario();
        let model = scenario.and_then(|scenario| {
            let mut all = project.scenarios.iter();
            let (_, model) = all.find(|(other, _)| other.name == scenario.name)?;
            model.as_ref()
        });
        let model = model.unwrap_or(&project.model);
        View { situation, model }
    });
    let side = Views {
        side,
        today: &today,
        shown,
        views: views.collect(),
    };
    let unjudged = side.views.iter().map(|view| {
        let (mut unjudged, _) = side.unjudged(view, None, &mut graph);
        // Judging takes the longest: draws, and the search for breaking points.
        let meters = &mut unjudged.gathered.meters;
        meters.retain(|it| only.is_none_or(|kind| it.id.kind == kind));
        unjudged.multiplied.clear();
        unjudged
    });
    let all: Vec<Unjudged<'_>> = unjudged.collect();
    let metered = all.iter().map(|unjudged| unjudged.gathered.meters.clone());
    Demands {
        metered: metered.collect(),
        meters: judge(&all, &mut graph, threads),
        graph,
    }
}
