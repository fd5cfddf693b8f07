//! One project, from its files to its judged meters: today, on days to come, in scenarios.

mod standing;
mod today;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::{HashSet, IndexMap};
use crate::document::tables::Root;
use crate::finding::Finding;
use crate::fit::Meters;
use crate::forecast::delta::{Delta, are_few, is_same};
use crate::forecast::demand::Forecast;
use crate::forecast::meters::Tables;
use crate::meter::{Family, MeterKind};
use crate::model::gaps::unread_scenarios;
use crate::model::merge::{Exchange, merge};
use crate::model::resolve::{Known, resolve, resolve_others};
use crate::model::scenarios::{Found, clashes_of_set, sets, with_set, without_scenarios};
use crate::model::{Declarations, Entity, Model, Policy, ProjectFiles, Scenario};
use crate::parallel;
use crate::quantity::Graph;

pub(crate) use standing::Standing;
pub(crate) use today::{Demands, demands};
use today::{Reached, Shown, Today, Views, differing};

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
    pub fn of(declarations: Declarations, findings: Vec<Finding>, threads: usize) -> Self {
        Self::after(None, declarations, findings, threads)
    }

    /// Whether [`Self::change`] may put files in the place of others: where nothing differs then but
    /// some of many features, and tables of which none goes. And no feature whose rate a scenario
    /// changes is called otherwise, so that what was judges what is as it judged itself.
    pub(crate) fn can_change(&self, files: Exchange<'_>) -> bool {
        let Declarations {
            root, errors, lost, ..
        } = &self.declarations;
        let is_whole = self.findings.is_empty() && errors.is_empty() && lost.is_empty();
        let is_certain = !self.model.uncertain && !sets(root) && self.held.is_none();
        if !is_whole || !is_certain || !files.is_plain() {
            return false;
        }
        let [gone, come] = files.names(|root| &root.features);
        let mut scenarios = self.scenarios.iter();
        let are_rates_kept = gone == come || scenarios.all(|(it, _)| it.rates.is_empty());
        let few = are_few(gone.union(&come).count(), &self.model.features);
        let [gone, come] = files.names(|root| &root.tables);
        few && are_rates_kept && gone.is_subset(&come)
    }

    /// Puts files in the place of others, as far as [`Self::can_change`] can tell. Returns what
    /// differs then; nothing where there are errors or more differs: then this is taken apart.
    pub(crate) fn change(&mut self, files: Exchange<'_>) -> Option<Delta> {
        if !self.declarations.change(files) {
            return None;
        }
        let known = Known::changed(&mut self.model, &self.declarations.root, files);
        let (made, others) = (&known.made, &known.others);
        let (features, tables) = (others.features.clone(), others.tables.clone());
        let were = (some(&made.features, &features), some(&made.tables, &tables));
        let resolved = resolve_others(&self.declarations, known);
        let scenarios = self.scenarios.iter().map(|(scenario, _)| scenario);
        let is_same = resolved.findings.is_empty()
            && scenarios.eq(&resolved.scenarios)
            && is_same(&self.model, &resolved.model);
        self.model = resolved.model;
        let are = (
            some(&self.model.features, &features),
            some(&self.model.tables, &tables),
        );
        is_same.then(|| {
            let names = features.into_iter().map(str::to_owned);
            let features = were.0.into_iter().zip(are.0).map(Into::into);
            let tables = were.1.into_iter().zip(are.1).map(Into::into);
            Delta::new(names.zip(features).collect(), tables)
        })
    }

    /// Resolves declarations, given a project that may have much of them.
    pub(crate) fn after(
        base: Option<&Self>,
        declarations: Declarations,
        mut findings: Vec<Finding>,
        threads: usize,
    ) -> Self {
        let base = base.filter(|base| {
            let is_whole = findings.is_empty() && declarations.lost.is_empty();
            is_whole && base.findings.is_empty() && base.held.is_none()
        });
        let known = base.and_then(|base| {
            let before = (&base.declarations.root, &base.model);
            Known::new(before, &declarations.root)
        });
        let resolved = match known {
            Some(known) => resolve_others(&declarations, known),
            None => resolve(&declarations, threads),
        };
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

/// What some names stand for.
fn some<T: Clone>(all: &IndexMap<String, T>, names: &BTreeSet<&str>) -> Vec<Option<T>> {
    names.iter().map(|name| all.get(*name).cloned()).collect()
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
    let mut graph = Graph::new();
    let (todays, reached) = todays((projects, days), figures, threads, &mut graph);
    let limited = limited(projects);
    let mut shown = limited.clone();
    if let (Figures::Judged, [one, other], [head, base]) = (figures, &todays[..], projects) {
        let sides = [(&head.0.model, one), (&base.0.model, other)];
        let tables = reached.as_ref().map(|reached| &reached.tables);
        shown.extend(differing(sides, tables, &mut graph));
    }
    let (today, others) = match figures {
        Figures::All | Figures::Moves => (Tables::All, Tables::All),
        Figures::Lines | Figures::Today => (Tables::All, Tables::Judged(&limited)),
        Figures::Judged => (Tables::Judged(&shown), Tables::Judged(&limited)),
    };
    let shown = Shown {
        today,
        others,
        full_days: figures != Figures::Moves,
    };
    let sides = projects.iter().zip(&todays).zip(days);
    let sides = sides.map(|((side, today), days)| Views::new(*side, (today, shown), days));
    let sides: Vec<Views<'_>> = sides.collect();
    let judged = match (&reached, &sides[..]) {
        (Some(reached), [head, base]) => {
            let (base, known) = base.judged_and_kept(None, threads);
            let head = head.judged(Some((known, reached)), threads);
            vec![head, base]
        }
        _ if projects.iter().all(|(project, _)| project.is_certain()) => {
            let sides = sides.iter().map(|views| views.judged(None, threads));
            sides.collect()
        }
        _ => vec![today::judged(&sides, &mut graph, threads)],
    };
    let mut judged = judged.into_iter().flatten();
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

/// Today's demand of each project. Of two that have most in common, what is not the same in both is
/// worked out anew for the first; and what this reaches.
fn todays(
    (projects, days): (&[(&Project, &Policy)], &[Vec<u32>]),
    figures: Figures,
    threads: usize,
    graph: &mut Graph,
) -> (Vec<Today>, Option<Reached>) {
    if let ([(head, _), (base, _)], [one, other]) = (projects, days)
        && one == other
        && let Some(delta) = base.delta(head)
    {
        let before = Today::new(&base.model, figures, threads, None);
        let mut today = before.clone();
        let reached = today.change(&head.model, &delta);
        return (vec![today, before], Some(reached));
    }
    let certain = projects.iter().all(|(project, _)| project.is_certain());
    let todays = if certain {
        parallel::each(projects, threads, |(project, _)| {
            Today::new(&project.model, figures, threads, None)
        })
    } else {
        let projects = projects.iter();
        projects
            .map(|(project, _)| Today::new(&project.model, figures, threads, Some(&mut *graph)))
            .collect()
    };
    (todays, None)
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

impl Project {
    pub(crate) fn is_certain(&self) -> bool {
        self.models().all(|model| !model.uncertain)
    }

    fn models(&self) -> impl Iterator<Item = &Model> {
        let scenarios = self.scenarios.iter();
        std::iter::once(&self.model).chain(scenarios.filter_map(|(_, model)| model.as_ref()))
    }

    /// What of a project that comes after it is not the same, where that is all that its figures
    /// on the same days depend on.
    pub(crate) fn delta(&self, head: &Self) -> Option<Delta> {
        let mut scenarios = self.scenarios.iter().zip(&head.scenarios);
        let are_alike = self.scenarios.len() == head.scenarios.len()
            && scenarios.all(|((one, set), (other, other_set))| {
                one == other && set.is_none() && other_set.is_none()
            });
        let delta = are_alike.then(|| Delta::between(&self.model, &head.model));
        delta.flatten()
    }
}
