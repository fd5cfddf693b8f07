//! The base, changed into the head one declaration at a time, with its meters kept up to date.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use crate::analysis::Project;
use crate::document::Declared;
use crate::document::declared::Difference;
use crate::document::tables::Root;
use crate::forecast::meters::{Demand, Metered, Metering, Today};
use crate::forecast::population::Populations;
use crate::forecast::storage::{Sources, Storage};
use crate::forecast::totals::{Forecast, Keep};
use crate::forecast::{Effect, Flow, Situation};
use crate::model::build::Builder;
use crate::model::names::Endpoints;
use crate::model::{Model, Per, Population, Target, Timing, build};
use crate::quantity::{Graph, Sum};
use crate::source::Spanned;

/// The base on its way to the head.
pub(super) struct Steps {
    root: Spanned<Root>,
    endpoints: Endpoints,
    model: Model,
    graph: Graph,
    forecast: Forecast,
    sources: Sources,
    users: Users,
    databases: HashMap<String, DatabaseSums>,
    of_table: HashMap<String, (String, f64, f64)>,
    /// The demand of every meter after the last step.
    demands: HashMap<String, f64>,
}

/// What the tables of a database add up to.
#[derive(Default)]
struct DatabaseSums {
    bytes: Sum,
    writes: Sum,
}

/// What a step reaches.
#[derive(Default)]
struct Reached {
    apis: BTreeSet<String>,
    tables: BTreeSet<String>,
    databases: BTreeSet<String>,
    queues: BTreeSet<String>,
    models: BTreeSet<String>,
}

/// Which features use what, in the base or in the head; and which rollups stand on which table.
#[derive(Default)]
struct Users {
    features: HashMap<String, HashMap<&'static str, BTreeSet<String>>>,
    rollups: HashMap<String, BTreeSet<String>>,
}

impl Users {
    fn add(&mut self, model: &Model) {
        for (name, feature) in &model.features {
            for line in &feature.lines {
                let (table, target) = match &line.target {
                    Target::Call { api, .. } => ("apis", api),
                    Target::Write { table, .. } => ("tables", table),
                    Target::Message { queue, .. } => ("queues", queue),
                    Target::Inference { model, .. } => ("models", model),
                };
                self.insert(table, target, name);
                if let Timing::Rate {
                    population:
                        Population {
                            per: Per::Entity(entity),
                            ..
                        },
                    ..
                } = &line.timing
                {
                    self.insert("entities", entity, name);
                }
            }
        }
        for (name, table) in &model.tables {
            if let Some((from, _)) = &table.from {
                self.rollups
                    .entry(from.clone())
                    .or_default()
                    .insert(name.clone());
            }
        }
    }

    fn insert(&mut self, table: &'static str, target: &str, feature: &str) {
        self.features
            .entry(target.to_owned())
            .or_default()
            .entry(table)
            .or_default()
            .insert(feature.to_owned());
    }

    /// The features that use something.
    fn of(&self, table: &str, name: &str) -> BTreeSet<String> {
        let by_name = self.features.get(name);
        by_name
            .and_then(|tables| tables.get(table))
            .cloned()
            .unwrap_or_default()
    }

    /// A table and all that stands on it.
    fn stack(&self, table: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([table.to_owned()]);
        let mut pending = vec![table.to_owned()];
        while let Some(next) = pending.pop() {
            for rollup in self.rollups.get(&next).into_iter().flatten() {
                if all.insert(rollup.clone()) {
                    pending.push(rollup.clone());
                }
            }
        }
        all
    }
}

impl Steps {
    /// The base, ready for the first step.
    pub(super) fn new(base: &Project, head: &Project) -> Self {
        let root = base.declarations.root.clone();
        let mut users = Users::default();
        users.add(&base.model);
        users.add(&head.model);
        let mut graph = Graph::at_points();
        let model = base.model.clone();
        let mut steps = Self {
            endpoints: Endpoints::new(root.value.apis.as_ref().map(|apis| &apis.value)),
            forecast: Forecast::new(&model, Situation::Today, Keep::Lines, &mut graph),
            sources: Sources::new(&model, &mut graph),
            root,
            model,
            graph,
            users,
            databases: HashMap::new(),
            of_table: HashMap::new(),
            demands: HashMap::new(),
        };
        let tables: BTreeSet<String> = steps.model.tables.keys().cloned().collect();
        steps.weigh(&tables);
        steps.demands = steps.measure(&steps.everything());
        steps
    }

    /// Applies one declaration and returns the meters that it moves, each with how much.
    pub(super) fn apply(&mut self, difference: &Difference, head: &Project) -> Vec<(String, f64)> {
        let keys = &difference.path.0;
        let Some(table) = keys.first().map(String::as_str) else {
            return Vec::new();
        };
        let name = keys.get(1).map_or("", String::as_str);
        if name.is_empty() || matches!(table, "tenants" | "project") {
            return self.apply_to_all(difference, head);
        }
        let features: BTreeSet<String> = if table == "features" {
            BTreeSet::from([name.to_owned()])
        } else {
            self.users.of(table, name)
        };
        let mut reached = Reached::default();
        self.reach(table, name, &mut reached);
        self.reach_features(&features, &mut reached);
        let before = self.measure(&reached).into_keys().collect();
        self.assign(difference, head);
        self.rebuild(table, name, &features);
        self.reach(table, name, &mut reached);
        self.reach_features(&features, &mut reached);
        let tables = reached.tables.clone();
        self.weigh(&tables);
        let after = self.measure(&reached);
        self.moved(before, after)
    }

    /// A step that reaches everything: the calendar, or the tenants of a tier.
    fn apply_to_all(&mut self, difference: &Difference, head: &Project) -> Vec<(String, f64)> {
        let mut reached = self.everything();
        let before = self.measure(&reached).into_keys().collect();
        self.assign(difference, head);
        let declarations = crate::model::Declarations {
            root: self.root.clone(),
            ..head.declarations.clone()
        };
        self.model = build(&declarations);
        self.forecast = Forecast::new(&self.model, Situation::Today, Keep::Lines, &mut self.graph);
        self.sources = Sources::new(&self.model, &mut self.graph);
        self.databases.clear();
        self.of_table.clear();
        let tables: BTreeSet<String> = self.model.tables.keys().cloned().collect();
        self.weigh(&tables);
        reached.append(self.everything());
        let after = self.measure(&reached);
        self.moved(before, after)
    }

    fn assign(&mut self, difference: &Difference, head: &Project) {
        let mut root = Some(std::mem::replace(
            &mut self.root,
            Spanned {
                value: Root::default(),
                span: crate::document::declared::NOWHERE,
            },
        ));
        let from = Some(&head.declarations.root);
        Root::assign(&mut root, from, &difference.path.0);
        for key in &difference.with {
            let mut path = difference.path.0.clone();
            path.pop();
            path.push((*key).to_owned());
            Root::assign(&mut root, from, &path);
        }
        if let Some(root) = root {
            self.root = root;
        }
        if difference.path.0.first().is_some_and(|key| key == "apis") {
            let apis = self.root.value.apis.as_ref().map(|apis| &apis.value);
            self.endpoints = Endpoints::new(apis);
        }
    }

    /// Makes the changed thing anew, and evaluates the features that use it.
    fn rebuild(&mut self, table: &str, name: &str, features: &BTreeSet<String>) {
        let root = &self.root.value;
        let builder = Builder::new(root, &self.endpoints);
        macro_rules! replace {
            ($field:ident, $declared:ident => $built:expr) => {{
                let declared = root.$field.as_ref().and_then(|all| all.value.get(name));
                match declared.and_then(|$declared| $built) {
                    Some(built) => drop(self.model.$field.insert(name.to_owned(), built)),
                    None => drop(self.model.$field.swap_remove(name)),
                }
            }};
        }
        match table {
            "entities" => replace!(entities, entity => builder.entity(name, entity)),
            "apis" => replace!(apis, api => Some(builder.api(name, api))),
            "databases" => replace!(databases, database => Some(builder.database(database))),
            "tables" => replace!(tables, table => builder.table(name, table)),
            "queues" => replace!(queues, queue => builder.queue(name, queue)),
            "models" => replace!(models, model => Some(builder.compute_model(name, model))),
            _ => {}
        }
        for name in features {
            let declared = root.features.as_ref().and_then(|all| all.value.get(name));
            match declared {
                Some(feature) => {
                    let built = builder.feature(name, feature);
                    self.model.features.insert(name.clone(), built);
                }
                None => drop(self.model.features.swap_remove(name)),
            }
        }
        if table == "databases" {
            self.place_tables();
        }
        if table == "entities" {
            self.forecast.populations =
                Populations::new(&self.model, Situation::Today, &mut self.graph);
        }
        if table == "tables" {
            let stack = self.users.stack(name);
            let names = stack.iter().map(String::as_str);
            self.sources.refresh(&self.model, names, &mut self.graph);
        }
        for name in features {
            self.forecast
                .refresh(&self.model, Situation::Today, name, &mut self.graph);
        }
    }

    /// A database that comes or goes can become, or cease to be, the only one, which tables
    /// need not name.
    fn place_tables(&mut self) {
        let root = &self.root.value;
        let builder = Builder::new(root, &self.endpoints);
        let Some(tables) = &root.tables else { return };
        let unnamed: Vec<(&str, Option<crate::model::Table>)> = tables
            .value
            .iter()
            .filter(|(_, table)| table.database.is_none())
            .map(|(name, table)| (name, builder.table(name, table)))
            .collect();
        let names: BTreeSet<String> = unnamed.iter().map(|(name, _)| (*name).to_owned()).collect();
        for (name, built) in unnamed {
            if let Some(built) = built {
                self.model.tables.insert(name.to_owned(), built);
            }
        }
        self.weigh(&names);
    }

    /// Keeps the sums of databases true for tables that changed.
    fn weigh(&mut self, tables: &BTreeSet<String>) {
        use crate::quantity::Quantity;
        for name in tables {
            if let Some((database, bytes, writes)) = self.of_table.remove(name) {
                let sums = self.databases.entry(database).or_default();
                sums.bytes.remove(Quantity::certain(bytes));
                sums.writes.remove(Quantity::certain(writes));
            }
            let Some(table) = self.model.tables.get(name) else {
                continue;
            };
            let Some(database) = table.database.clone() else {
                continue;
            };
            let storage = Storage {
                model: &self.model,
                situation: Situation::Today,
                forecast: &self.forecast,
                sources: &self.sources,
            };
            let horizon = f64::from(self.model.calendar.horizon);
            let bytes = storage.bytes(name, table, horizon, &mut self.graph);
            let bytes = self.graph.point(bytes);
            let writes = storage.writes(name, table, &mut self.graph);
            let writes = self.graph.point(writes);
            let sums = self.databases.entry(database.clone()).or_default();
            sums.bytes.add(Quantity::certain(bytes));
            sums.writes.add(Quantity::certain(writes));
            self.of_table
                .insert(name.clone(), (database, bytes, writes));
        }
    }

    /// Adds what one declared thing is counted by.
    fn reach(&self, table: &str, name: &str, reached: &mut Reached) {
        match table {
            "apis" => drop(reached.apis.insert(name.to_owned())),
            "queues" => drop(reached.queues.insert(name.to_owned())),
            "models" => drop(reached.models.insert(name.to_owned())),
            "databases" => drop(reached.databases.insert(name.to_owned())),
            "tables" => self.reach_table(name, reached),
            "entities" => {
                // State tables are counted per entity too.
                let counted = self.model.tables.iter().filter(|(_, table)| {
                    matches!(&table.rows, Some((_, Population { per: Per::Entity(entity), .. }))
                        if entity == name)
                });
                for (table, _) in counted {
                    self.reach_table(table, reached);
                }
            }
            _ => {}
        }
    }

    fn reach_table(&self, name: &str, reached: &mut Reached) {
        for table in self.users.stack(name) {
            let database = self
                .model
                .tables
                .get(&table)
                .and_then(|table| table.database.clone());
            reached.databases.extend(database);
            reached.tables.insert(table);
        }
    }

    fn reach_features(&self, features: &BTreeSet<String>, reached: &mut Reached) {
        let flows = features
            .iter()
            .filter_map(|name| self.forecast.flows.get(name));
        for Flow { effect, .. } in flows.flatten() {
            match effect {
                Effect::Call { api, .. } => drop(reached.apis.insert(api.to_string())),
                Effect::Write { table, .. } => self.reach_table(table, reached),
                Effect::Message { queue, .. } => drop(reached.queues.insert(queue.to_string())),
                Effect::Inference { model, .. } => drop(reached.models.insert(model.to_string())),
            }
        }
    }

    fn everything(&self) -> Reached {
        Reached {
            apis: self.model.apis.keys().cloned().collect(),
            tables: self.model.tables.keys().cloned().collect(),
            databases: self.model.databases.keys().cloned().collect(),
            queues: self.model.queues.keys().cloned().collect(),
            models: self.model.models.keys().cloned().collect(),
        }
    }

    /// The point demands of what a step reaches.
    fn measure(&mut self, reached: &Reached) -> HashMap<String, f64> {
        let graph = &mut self.graph;
        let metering = Metering {
            model: &self.model,
            situation: Situation::Today,
            forecast: &self.forecast,
            today: Today {
                forecast: &self.forecast,
                model: &self.model,
            },
            sources: &self.sources,
            full_share: f64::INFINITY,
            points: OnceCell::new(),
        };
        let mut meters: Vec<Metered> = Vec::new();
        let mut out = HashMap::new();
        for name in &reached.apis {
            if let Some(api) = self.model.apis.get(name) {
                metering.api(name, api, graph, &mut meters);
            }
        }
        for name in &reached.queues {
            if let Some(queue) = self.model.queues.get(name) {
                metering.queue(name, queue, graph, &mut meters);
            }
        }
        for name in &reached.models {
            if let Some(model) = self.model.models.get(name) {
                metering.compute_model(name, model, graph, &mut meters);
            }
        }
        for name in &reached.tables {
            if let Some(table) = self.model.tables.get(name) {
                meters.push(metering.table(name, table, graph));
            }
        }
        for metered in meters {
            out.insert(metered.id.to_string(), point(&metered.demand, graph));
        }
        for name in &reached.databases {
            let Some(database) = self.model.databases.get(name) else {
                continue;
            };
            let mut meters = Vec::new();
            metering.database(name, database, &[], graph, &mut meters);
            let none = DatabaseSums::default();
            let sums = self.databases.get(name).unwrap_or(&none);
            let bytes = graph.sum(&sums.bytes).times(1.0 + database.overhead);
            let writes = graph.sum(&sums.writes);
            for (metered, quantity) in meters.into_iter().zip([bytes, writes]) {
                out.insert(metered.id.to_string(), graph.point(quantity));
            }
        }
        out
    }

    /// The meters that a step moved, with how much: those that it reached, and those of them
    /// that are gone.
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

impl Reached {
    fn append(&mut self, mut other: Self) {
        self.apis.append(&mut other.apis);
        self.tables.append(&mut other.tables);
        self.databases.append(&mut other.databases);
        self.queues.append(&mut other.queues);
        self.models.append(&mut other.models);
    }
}

fn point(demand: &Demand, graph: &Graph) -> f64 {
    match demand {
        Demand::Amount(amount) => graph.point(*amount),
        Demand::Price { credits, tariff } => {
            tariff.price(graph.point(*credits)).unwrap_or(f64::NAN)
        }
    }
}
