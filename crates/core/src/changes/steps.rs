//! The base, changed into the head a few declarations at a time, with its meters kept up to
//! date.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::{Outlook, Project};
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::Difference;
use crate::document::tables::{Api, Root};
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::meters::{Metered, Metering, Thing, Thresholds};
use crate::forecast::population::Populations;
use crate::forecast::storage::{Sources, Storage, TableMeters};
use crate::forecast::{Flow, Situation};
use crate::meter::Family;
use crate::model::build::Builder;
use crate::model::names::Endpoints;
use crate::model::resolve::{self, Check};
use crate::model::{Model, build};
use crate::quantity::{Graph, Quantity, Sum};

use super::users::Users;

/// The base on its way to the head.
pub(super) struct Steps<'a> {
    head: &'a Project,
    users: &'a Users<'a>,
    root: Root,
    endpoints: Endpoints,
    /// Only with the features that a step has reached.
    model: Model,
    graph: Graph,
    /// Only with the lines of those.
    forecast: Forecast,
    untouched: Untouched<'a>,
    sources: Sources,
    /// The rows on disk of each table that a step has reached, at the horizon.
    kept: HashMap<String, Sum>,
    databases: HashMap<Arc<str>, DatabaseSums>,
    /// What each table that a step has reached adds to its database.
    of_table: HashMap<String, (Arc<str>, f64, f64)>,
    /// The demand of every meter that a step has reached, after the last one at which it was
    /// finite.
    demands: HashMap<String, f64>,
}

/// What the tables of a database add up to.
#[derive(Default)]
struct DatabaseSums {
    bytes: Sum,
    writes: Sum,
}

/// The names of what a step reaches, by family.
#[derive(Default)]
struct Reached([BTreeSet<String>; Family::COUNT]);

impl Reached {
    fn of(&mut self, family: Family) -> &mut BTreeSet<String> {
        &mut self.0[family as usize]
    }

    fn names(&self, family: Family) -> &BTreeSet<String> {
        &self.0[family as usize]
    }

    fn append(&mut self, mut other: Self) {
        for (names, more) in self.0.iter_mut().zip(&mut other.0) {
            names.append(more);
        }
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

/// Whether a declaration reaches everything: the calendar, or the tenants of a tier.
fn reaches_all(difference: &Difference) -> bool {
    let (table, name, _) = parts(difference);
    name.is_empty() || matches!(table, "tenants" | "project")
}

/// The path of an endpoint that a declaration is about.
fn endpoint_of(difference: &Difference) -> Option<&str> {
    match parts(difference) {
        ("apis", _, [endpoints, path, ..]) if endpoints == "endpoints" => Some(path),
        _ => None,
    }
}

/// The lines of features as they are in the base, where no step has reached them.
struct Untouched<'a> {
    base: Cow<'a, IndexMap<String, Vec<Flow>>>,
    touched: HashSet<String>,
}

impl Untouched<'_> {
    /// The lines of a feature as the steps so far have left them.
    fn or_of<'s>(&'s self, forecast: &'s Forecast, feature: &str) -> Option<&'s Vec<Flow>> {
        let untouched = || match self.touched.contains(feature) {
            true => None,
            false => self.base.get(feature),
        };
        forecast.flows.get(feature).or_else(untouched)
    }

    /// Puts the lines of a feature into a forecast, so that a step can change them.
    fn touch(&mut self, forecast: &mut Forecast, feature: &str) {
        if self.touched.insert(feature.to_owned())
            && let Some(flows) = self.base.get(feature)
        {
            forecast.flows.insert(feature.to_owned(), flows.clone());
        }
    }
}

/// The base to start from. What no step reaches is neither looked at nor copied, but for what
/// tables add to their databases.
pub(super) struct Start<'a> {
    root: Root,
    endpoints: Endpoints,
    model: Model,
    graph: Graph,
    forecast: Forecast,
    flows: Cow<'a, IndexMap<String, Vec<Flow>>>,
    sources: Sources,
    databases: HashMap<Arc<str>, DatabaseSums>,
}

impl<'a> Start<'a> {
    /// That of a project.
    pub(super) fn new(base: &'a Project, outlook: &'a Outlook) -> Self {
        let root = base.declarations.root.clone();
        let mut graph = Graph::at_points();
        let (forecast, flows) = if base.model.uncertain {
            let (situation, keep) = (Situation::Today, Keep::Lines);
            let mut forecast = Forecast::new(&base.model, situation, keep, &mut graph);
            let flows = std::mem::take(&mut forecast.flows);
            (forecast, Cow::Owned(flows))
        } else {
            let forecast = outlook.forecast.without_lines();
            (forecast, Cow::Borrowed(&outlook.forecast.flows))
        };
        let model = base.model.without_features();
        let sources = Sources::new(&model, &mut graph);
        let storage = today(&model, &forecast, &sources);
        let databases = database_sums(&storage, &mut graph);
        Self {
            endpoints: Endpoints::new(&root.apis),
            root,
            model,
            graph,
            forecast,
            flows,
            sources,
            databases,
        }
    }
}

/// What the tables of each database add up to.
fn database_sums(storage: &Storage<'_>, graph: &mut Graph) -> HashMap<Arc<str>, DatabaseSums> {
    let horizon = f64::from(storage.model.calendar.horizon);
    let mut databases: HashMap<Arc<str>, DatabaseSums> = HashMap::default();
    for table in storage.model.tables.values() {
        let Some(database) = &table.database else {
            continue;
        };
        let bytes = storage.bytes(table, horizon, graph);
        let writes = storage.writes(table, graph);
        if !databases.contains_key(database) {
            databases.insert(database.clone(), DatabaseSums::default());
        }
        if let Some(sums) = databases.get_mut(database) {
            sums.bytes.add(Quantity::certain(graph.point(bytes)));
            sums.writes.add(Quantity::certain(graph.point(writes)));
        }
    }
    databases
}

impl<'a> Steps<'a> {
    /// The base, ready for the first step.
    pub(super) fn new(start: Start<'a>, head: &'a Project, users: &'a Users<'a>) -> Self {
        let Start {
            root,
            endpoints,
            model,
            graph,
            forecast,
            flows,
            sources,
            databases,
        } = start;
        Self {
            head,
            users,
            root,
            endpoints,
            model,
            graph,
            forecast,
            untouched: Untouched {
                base: flows,
                touched: HashSet::default(),
            },
            sources,
            kept: HashMap::default(),
            databases,
            of_table: HashMap::default(),
            demands: HashMap::default(),
        }
    }

    /// Applies declarations together and returns the meters that they move, each with how much.
    pub(super) fn apply(&mut self, differences: &[&Difference]) -> Vec<(String, f64)> {
        if differences.iter().any(|difference| reaches_all(difference)) {
            return self.apply_to_all(differences);
        }
        let mut features = BTreeSet::new();
        let mut reached = Reached::default();
        for difference in differences {
            features.extend(self.features_of(difference));
            self.reach(difference, &mut reached);
        }
        self.reach_features(&features, &mut reached);
        self.prepare(reached.names(Family::Table));
        let before = self.measure_before(&reached);
        for difference in differences {
            self.assign(difference);
        }
        self.rebuild(differences, &features);
        for difference in differences {
            self.reach(difference, &mut reached);
        }
        self.reach_features(&features, &mut reached);
        self.recount(reached.names(Family::Table));
        let after = self.measure(&reached);
        self.moved(before, after)
    }

    /// A step that reaches everything.
    fn apply_to_all(&mut self, differences: &[&Difference]) -> Vec<(String, f64)> {
        let mut reached = self.everything();
        self.prepare(reached.names(Family::Table));
        let before = self.measure_before(&reached);
        for difference in differences {
            self.assign(difference);
        }
        let declarations = crate::model::Declarations {
            root: self.root.clone(),
            ..self.head.declarations.clone()
        };
        self.model = build(&declarations, 1);
        self.forecast = Forecast::new(&self.model, Situation::Today, Keep::Lines, &mut self.graph);
        self.untouched.base = Cow::default();
        self.sources = Sources::new(&self.model, &mut self.graph);
        self.recount_all();
        reached.append(self.everything());
        let after = self.measure(&reached);
        self.moved(before, after)
    }

    /// The features that a declaration reaches. An API that comes or goes can also decide which
    /// API a path means.
    fn features_of(&self, difference: &Difference) -> BTreeSet<String> {
        let mut features = self.users.of(&difference.path.0);
        let (table, name, rest) = parts(difference);
        if table == "apis" && rest.is_empty() {
            let sides = [&self.root, &self.head.declarations.root];
            for api in sides.into_iter().filter_map(|root| api(root, name)) {
                for path in paths(api) {
                    features.extend(self.users.of_endpoint(path).map(str::to_owned));
                }
            }
        }
        features
    }

    fn assign(&mut self, difference: &Difference) {
        let (table, name, rest) = parts(difference);
        if table == "apis" {
            self.declare_endpoints(name, rest, false);
        }
        let from = &self.head.declarations.root;
        self.root.copy(from, &difference.path);
        for key in &difference.with {
            let mut path = difference.path.clone();
            path.0.pop();
            path.0.push((*key).to_owned());
            self.root.copy(from, &path);
        }
        if table == "apis" {
            self.declare_endpoints(name, rest, true);
        }
    }

    /// Says which paths an API declares, before and after it is changed.
    fn declare_endpoints(&mut self, name: &str, rest: &[String], declared: bool) {
        let Some(api) = api(&self.root, name) else {
            return;
        };
        match rest {
            [] => {
                for path in paths(api) {
                    self.endpoints.declare(name, path, declared);
                }
            }
            [endpoints, path, ..] if endpoints == "endpoints" => {
                if api.endpoints.get(path).is_some() || !declared {
                    self.endpoints.declare(name, path, declared);
                }
            }
            _ => {}
        }
    }

    /// Makes the changed things anew, and evaluates the features that use them.
    fn rebuild(&mut self, differences: &[&Difference], features: &BTreeSet<String>) {
        let databases = self.model.databases.len();
        // By the tables and populations by which they were counted.
        for name in features {
            self.untouched.touch(&mut self.forecast, name);
            self.count_rows(name, false);
        }
        for difference in differences {
            self.rebuild_thing(difference);
        }
        let builder = Builder::new(&self.root, &self.endpoints, &self.model.numbers);
        let mut check = Check::quiet(&builder);
        for name in features {
            check.again(&mut self.model.features, name, resolve::feature);
        }
        for name in features {
            self.model.link(name);
        }
        if databases.min(self.model.databases.len()) <= 1 && databases != self.model.databases.len()
        {
            self.place_tables();
        }
        let touches = |table: &str| {
            differences
                .iter()
                .any(|difference| parts(difference).0 == table)
        };
        if touches("entities") {
            self.forecast.populations =
                Populations::new(&self.model, Situation::Today, &mut self.graph);
        }
        let mut stacks = BTreeSet::new();
        for difference in differences {
            if let ("tables", name, _) = parts(difference) {
                let stack = self.users.stack(name);
                let names = stack.iter().map(String::as_str);
                self.sources.refresh(&self.model, names, &mut self.graph);
                stacks.extend(stack);
            }
        }
        for name in features {
            self.forecast
                .refresh(&self.model, Situation::Today, name, &mut self.graph);
            self.count_rows(name, true);
        }
        self.keep(&stacks);
    }

    fn rebuild_thing(&mut self, difference: &Difference) {
        let (table, name, _) = parts(difference);
        let root = &self.root;
        let numbers = &mut self.model.numbers;
        if let Some(family) = Family::of_key(table) {
            numbers[family].add(name);
        }
        let builder = Builder::new(root, &self.endpoints, &self.model.numbers);
        if let Some(path) = endpoint_of(difference) {
            let declared = api(root, name)
                .and_then(|api| api.endpoints.get(path))
                .map(|endpoint| resolve::endpoint(&builder, name, path, endpoint));
            if let Some(api) = self.model.apis.get_mut(name) {
                match declared {
                    Some(built) => drop(api.endpoints.insert(path.to_owned(), built)),
                    None => drop(api.endpoints.swap_remove(path)),
                }
            }
            return;
        }
        let mut check = Check::quiet(&builder);
        match table {
            "entities" => check.again(&mut self.model.entities, name, resolve::entity),
            "apis" => check.again(&mut self.model.apis, name, resolve::api),
            "databases" => check.again(&mut self.model.databases, name, resolve::database),
            "tables" => check.again(&mut self.model.tables, name, resolve::table),
            "queues" => check.again(&mut self.model.queues, name, resolve::queue),
            "models" => check.again(&mut self.model.models, name, resolve::compute_model),
            _ => {}
        }
    }

    /// A database that comes or goes can become, or cease to be, the only one, which tables
    /// need not name.
    fn place_tables(&mut self) {
        let names: BTreeSet<String> = unplaced(&self.root).map(str::to_owned).collect();
        self.prepare(&names);
        let root = &self.root;
        let builder = Builder::new(root, &self.endpoints, &self.model.numbers);
        let mut check = Check::quiet(&builder);
        for name in &names {
            check.again(&mut self.model.tables, name, resolve::table);
        }
        self.recount(&names);
    }

    /// Adds up the rows of tables anew.
    fn keep(&mut self, tables: &BTreeSet<String>) {
        let horizon = f64::from(self.model.calendar.horizon);
        for name in tables {
            let mut sum = Sum::default();
            let storage = today(&self.model, &self.forecast, &self.sources);
            if let Some(table) = self.model.tables.get(name)
                && let Some((source, ratio)) = self.sources.get(table.id)
            {
                let writers = self
                    .users
                    .writers(self.model.numbers[Family::Table].name(source));
                let flows = writers.filter_map(|it| self.untouched.or_of(&self.forecast, it));
                for flow in flows.flatten().filter(|flow| flow.thing == source) {
                    let Some(growth) = &flow.growth else {
                        continue;
                    };
                    let rows = storage.kept(table, growth, horizon, &mut self.graph);
                    sum.add(self.graph.mul(rows, ratio));
                }
            }
            self.kept.insert(name.clone(), sum);
        }
    }

    /// Adds the rows that a feature writes to the tables that they end in, or takes them away.
    fn count_rows(&mut self, feature: &str, add: bool) {
        let horizon = f64::from(self.model.calendar.horizon);
        let flows = self.forecast.flows.get(feature);
        for flow in flows.into_iter().flatten() {
            let Some(growth) = &flow.growth else {
                continue;
            };
            for name in self
                .users
                .stack(self.model.numbers[Family::Table].name(flow.thing))
            {
                let Some(held) = self.model.tables.get(&name) else {
                    continue;
                };
                let Some((source, ratio)) = self.sources.get(held.id) else {
                    continue;
                };
                if source != flow.thing {
                    continue;
                }
                let storage = today(&self.model, &self.forecast, &self.sources);
                let rows = storage.kept(held, growth, horizon, &mut self.graph);
                let rows = self.graph.mul(rows, ratio);
                // Of a table that no step has reached, all rows are added up once one does.
                match self.kept.get_mut(&name) {
                    Some(sum) if add => sum.add(rows),
                    Some(sum) => sum.remove(rows),
                    None => {}
                }
            }
        }
    }

    /// The bytes and the writes of a table.
    fn table(&mut self, name: &str) -> Option<(f64, f64)> {
        let horizon = f64::from(self.model.calendar.horizon);
        let rows = match self.kept.get(name) {
            Some(sum) => self.graph.sum(sum),
            None => Quantity::ZERO,
        };
        let table = self.model.tables.get(name)?;
        let storage = today(&self.model, &self.forecast, &self.sources);
        let bytes = storage.bytes_of(table, rows, horizon, &mut self.graph);
        let writes = storage.writes(table, &mut self.graph);
        Some((self.graph.point(bytes), self.graph.point(writes)))
    }

    /// Finds out about tables that no step has reached before: their rows, and what they add to
    /// their databases.
    fn prepare(&mut self, tables: &BTreeSet<String>) {
        let unseen = |name: &&String| !self.kept.contains_key(*name);
        let new: BTreeSet<String> = tables.iter().filter(unseen).cloned().collect();
        self.keep(&new);
        for name in &new {
            let database = self.model.tables.get(name).and_then(|t| t.database.clone());
            if let (Some(database), Some((bytes, writes))) = (database, self.table(name)) {
                self.of_table
                    .insert(name.clone(), (database, bytes, writes));
            }
        }
    }

    fn recount_all(&mut self) {
        self.databases.clear();
        self.of_table.clear();
        self.kept.clear();
        let tables: BTreeSet<String> = self.model.tables.keys().cloned().collect();
        self.keep(&tables);
        self.recount(&tables);
    }

    /// Keeps the sums of databases true for tables that changed.
    fn recount(&mut self, tables: &BTreeSet<String>) {
        for name in tables {
            if let Some((database, bytes, writes)) = self.of_table.remove(name) {
                let sums = self.databases.entry(database).or_default();
                sums.bytes.remove(Quantity::certain(bytes));
                sums.writes.remove(Quantity::certain(writes));
            }
            let database = self.model.tables.get(name).and_then(|t| t.database.clone());
            let (Some(database), Some((bytes, writes))) = (database, self.table(name)) else {
                continue;
            };
            let sums = self.databases.entry(database.clone()).or_default();
            sums.bytes.add(Quantity::certain(bytes));
            sums.writes.add(Quantity::certain(writes));
            self.of_table
                .insert(name.clone(), (database, bytes, writes));
        }
    }

    /// Adds what one declared thing is counted by.
    fn reach(&self, difference: &Difference, reached: &mut Reached) {
        let (table, name, rest) = parts(difference);
        if let Some(family) = Family::of_key(table) {
            self.reach_thing(family, name, reached);
            if family == Family::Database && rest.is_empty() {
                for table in unplaced(&self.root) {
                    self.reach_table(table, reached);
                }
            }
        } else if table == "entities" {
            for table in self.users.counted_per(name) {
                self.reach_table(table, reached);
            }
        }
    }

    fn reach_thing(&self, family: Family, name: &str, reached: &mut Reached) {
        match family {
            Family::Table => self.reach_table(name, reached),
            _ => drop(reached.of(family).insert(name.to_owned())),
        }
    }

    fn reach_table(&self, name: &str, reached: &mut Reached) {
        for table in self.users.stack(name) {
            for model in [&self.model, &self.head.model] {
                let database = model.tables.get(&table).and_then(|it| it.database.clone());
                reached
                    .of(Family::Database)
                    .extend(database.map(|database| database.to_string()));
            }
            reached.of(Family::Table).insert(table);
        }
    }

    /// What features use, now and in the head: what one starts to use has to be known before.
    fn reach_features(&self, features: &BTreeSet<String>, reached: &mut Reached) {
        let in_head = features
            .iter()
            .filter_map(|name| self.head.model.features.get(name));
        for line in in_head.flat_map(|feature| &feature.lines) {
            self.reach_thing(line.kind.family(), &line.uses.thing, reached);
        }
        let flows = features
            .iter()
            .filter_map(|name| self.untouched.or_of(&self.forecast, name));
        for flow in flows.flatten() {
            let family = flow.kind.family();
            let name = self.model.numbers[family].name(flow.thing);
            self.reach_thing(family, name, reached);
        }
    }

    fn everything(&self) -> Reached {
        fn names<T>(things: &IndexMap<String, T>) -> BTreeSet<String> {
            things.keys().cloned().collect()
        }
        let model = &self.model;
        Reached(Family::ALL.map(|family| match family {
            Family::Api => names(&model.apis),
            Family::Database => names(&model.databases),
            Family::Model => names(&model.models),
            Family::Queue => names(&model.queues),
            Family::Table => names(&model.tables),
        }))
    }

    /// The meters of what a step reaches, before it; what they ask for is remembered of those
    /// that no step has reached before.
    fn measure_before(&mut self, reached: &Reached) -> BTreeSet<String> {
        let before = self.measure(reached);
        for (id, demand) in &before {
            if !self.demands.contains_key(id) {
                self.demands.insert(id.clone(), *demand);
            }
        }
        before.into_keys().collect()
    }

    /// The point demands of what a step reaches.
    fn measure(&mut self, reached: &Reached) -> HashMap<String, f64> {
        let mut out = HashMap::default();
        for metered in self.meters(reached) {
            let point = metered.in_unit(self.graph.point(metered.demand));
            out.insert(metered.id.to_string(), point.unwrap_or(f64::NAN));
        }
        for name in reached.names(Family::Table) {
            if let Some((bytes, _)) = self.table(name) {
                out.insert(storage_id("tables", name), bytes);
            }
        }
        for name in reached.names(Family::Database) {
            let Some(database) = self.model.databases.get(name) else {
                continue;
            };
            let none = DatabaseSums::default();
            let sums = self.databases.get(name.as_str()).unwrap_or(&none);
            let bytes = self.graph.sum(&sums.bytes).times(1.0 + database.overhead);
            let writes = self.graph.sum(&sums.writes);
            out.insert(storage_id("databases", name), self.graph.point(bytes));
            let id = crate::document::TomlPath::new(&["databases", name, "writes"]);
            out.insert(id.to_string(), self.graph.point(writes));
        }
        out
    }

    /// The meters of the APIs, queues and models that a step reaches.
    fn meters(&mut self, reached: &Reached) -> Vec<Metered> {
        let graph = &mut self.graph;
        let storage = today(&self.model, &self.forecast, &self.sources);
        let ids = TableMeters::default();
        let metering = Metering::new(storage, &self.forecast, &ids, Thresholds::NONE);
        let mut meters: Vec<Metered> = Vec::new();
        for name in reached.names(Family::Api) {
            if let Some(api) = self.model.apis.get(name) {
                metering.add(name, Thing::Api(api), graph, &mut meters);
            }
        }
        for name in reached.names(Family::Queue) {
            if let Some(queue) = self.model.queues.get(name) {
                metering.add(name, Thing::Queue(queue), graph, &mut meters);
            }
        }
        for name in reached.names(Family::Model) {
            if let Some(model) = self.model.models.get(name) {
                metering.add(name, Thing::Model(model), graph, &mut meters);
            }
        }
        meters
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
                continue;
            }
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

/// Storage today.
fn today<'s>(model: &'s Model, forecast: &'s Forecast, sources: &'s Sources) -> Storage<'s> {
    Storage::new(model, Situation::Today, forecast, sources)
}

fn storage_id(table: &str, name: &str) -> String {
    crate::document::TomlPath::new(&[table, name, "storage"]).to_string()
}

/// The tables that name no database: those of the only one.
fn unplaced(root: &Root) -> impl Iterator<Item = &str> {
    let tables = root.tables.iter();
    tables.filter_map(|(name, table)| table.database.is_none().then_some(name))
}

fn api<'r>(root: &'r Root, name: &str) -> Option<&'r Api> {
    root.apis.get(name)
}

fn paths(api: &Api) -> impl Iterator<Item = &str> {
    api.endpoints.names()
}
