//! The base, changed into the head a few declarations at a time, with its meters kept up to
//! date.

mod declare;
mod measure;
mod purse;
mod reach;

use std::collections::BTreeSet;

use crate::analysis::{Outlook, Project};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::Difference;
use crate::document::tables::Root;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::storage::{Sources, Storage};
use crate::forecast::{Flows, Situation};
use crate::meter::Family;
use crate::model::Model;
use crate::model::names::Endpoints;
use crate::parallel;
use crate::quantity::Graph;

use super::users::Users;
use crate::document::dotted;
use measure::Stored;
use purse::Purse;
use reach::Reached;

/// The base on its way to the head. What no step reaches is neither evaluated again nor copied.
pub(super) struct Steps<'a> {
    head: &'a Project,
    users: Users<'a>,
    root: Root,
    endpoints: Endpoints,
    /// Only with the features that a step has reached.
    model: Model,
    graph: Graph,
    /// Only with the lines of those, where the others' can be read from `untouched`.
    forecast: Forecast,
    untouched: Untouched<'a>,
    sources: Sources,
    stored: Stored,
    purse: Purse,
    /// The demand of every meter that a step has reached, after the last one at which it was
    /// finite.
    demands: HashMap<String, f64>,
    /// Those that the last step that reached them left infinite.
    infinite: HashSet<String>,
}

/// The lines of features as they are in the base, where no step has reached them.
#[derive(Default)]
struct Untouched<'a> {
    base: Option<&'a IndexMap<String, Flows>>,
    touched: HashSet<String>,
}

impl<'a> Untouched<'a> {
    fn get(&self, feature: &str) -> Option<&'a Flows> {
        let base = self.base.filter(|_| !self.touched.contains(feature))?;
        base.get(feature)
    }

    /// Puts the lines of a feature into a forecast, so that a step can change them.
    fn touch(&mut self, forecast: &mut Forecast, feature: &str) {
        if let Some(flows) = self.get(feature) {
            forecast.flows.insert(feature.to_owned(), flows.clone());
        }
        self.touched.insert(feature.to_owned());
    }
}

/// The table, the name in it, and what is below that, of a declaration's path.
fn parts(difference: &Difference) -> (&str, &str, &[String]) {
    let keys = &difference.path.0;
    (
        keys.first().map_or("", String::as_str),
        keys.get(1).map_or("", String::as_str),
        keys.get(2..).unwrap_or_default(),
    )
}

impl<'a> Steps<'a> {
    /// The base, ready for the first of the steps that these declarations take.
    pub(super) fn new(
        base: (&'a Project, &'a Outlook),
        head: &'a Project,
        differences: &[Difference],
        threads: usize,
    ) -> Self {
        let (steps, users) = parallel::both(
            threads,
            || Self::at(base, head),
            || Users::new(base.0, head, differences),
        );
        Self { users, ..steps }
    }

    fn at((base, outlook): (&'a Project, &'a Outlook), head: &'a Project) -> Self {
        let root = base.declarations.root.clone();
        let mut graph = Graph::at_points();
        let mut untouched = Untouched::default();
        let forecast = if base.model.uncertain {
            Forecast::new(&base.model, Situation::Today, Keep::Lines, &mut graph)
        } else {
            untouched.base = Some(&outlook.forecast.flows);
            outlook.forecast.without_lines()
        };
        let model = base.model.without_features();
        let sources = Sources::new(&model, &mut graph);
        let storage = today(&model, &forecast, &sources);
        let stored = Stored::of_all(&storage, &mut graph);
        Self {
            head,
            users: Users::default(),
            endpoints: Endpoints::new(&root.apis),
            root,
            model,
            graph,
            forecast,
            untouched,
            sources,
            stored,
            purse: Purse::new(&base.model, &outlook.today),
            demands: HashMap::default(),
            infinite: HashSet::default(),
        }
    }

    /// Whether the last step that reached a meter left it infinite. Where it is none in the end,
    /// numbers on the way were too large to be written.
    pub(super) fn is_infinite(&self, meter: &str) -> bool {
        self.infinite.contains(meter)
    }

    /// What applying a declaration costs, in evaluations of a line.
    pub(super) fn cost(&self, difference: &Difference) -> usize {
        self.users.cost(&difference.path.0)
    }

    /// Applies declarations together and returns the meters that they move, each with how much.
    pub(super) fn apply(&mut self, differences: &[&Difference]) -> Vec<(String, f64)> {
        let features: BTreeSet<String> = differences
            .iter()
            .flat_map(|difference| self.features_of(difference))
            .collect();
        let mut reached = Reached::default();
        self.reach(differences, &features, &mut reached);
        let before = self.measure_before(&reached);
        self.declare(differences, &features);
        self.reach(differences, &features, &mut reached);
        let storage = today(&self.model, &self.forecast, &self.sources);
        for table in reached.names(Family::Table) {
            self.stored.count(table, &storage, &mut self.graph);
        }
        let mut after = self.measure(&reached);
        let mut before = before;
        self.count_budgets(&reached, &mut before, &mut after);
        self.moved(before, after)
    }

    fn count_budgets(
        &mut self,
        reached: &Reached,
        before: &mut BTreeSet<String>,
        after: &mut HashMap<String, f64>,
    ) {
        let sides = (&*before, &*after);
        let budgets = self
            .purse
            .update(&self.model, reached, sides, &mut self.graph);
        for (name, [old, new]) in budgets {
            let id = dotted(["budgets", &name, "spend"].into_iter());
            if let Some(old) = old.filter(|old| old.is_finite()) {
                self.demands.entry(id.clone()).or_insert(old);
            }
            before.insert(id.clone());
            after.extend(new.map(|new| (id, new)));
        }
    }

    /// The meters that a step moved, with how much: those that it reached, and those of them
    /// that are gone. A demand that is infinite for a while moves when it is finite again.
    fn moved(
        &mut self,
        before: BTreeSet<String>,
        after: HashMap<String, f64>,
    ) -> Vec<(String, f64)> {
        let mut ids = before;
        ids.extend(after.keys().cloned());
        let mut moved = Vec::new();
        for id in ids {
            let new = after.get(&id).copied();
            if new.is_some_and(|new| !new.is_finite()) {
                self.infinite.insert(id);
                continue;
            }
            self.infinite.remove(&id);
            let old = match new {
                Some(new) => self.demands.insert(id.clone(), new),
                None => self.demands.remove(&id),
            };
            let delta = new.unwrap_or(0.0) - old.unwrap_or(0.0);
            if delta != 0.0 {
                moved.push((id, delta));
            }
        }
        moved
    }
}

fn today<'s>(model: &'s Model, forecast: &'s Forecast, sources: &'s Sources) -> Storage<'s> {
    Storage::new(model, Situation::Today, forecast, sources)
}
