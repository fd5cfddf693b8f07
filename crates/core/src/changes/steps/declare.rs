//! Applying declarations: what they change is resolved again, and what uses it evaluated again.

use std::collections::BTreeSet;

use super::reach::{placed_by, reaches_all};
use super::{Steps, Untouched, parts};
use crate::document::Difference;
use crate::forecast::demand::{Forecast, Keep};
use crate::forecast::population::Populations;
use crate::forecast::situation::Situation;
use crate::forecast::storage::Sources;
use crate::meter::Family;
use crate::model::builder::Builder;
use crate::model::resolve::{self, Check};
use crate::model::{Declarations, build};

impl Steps<'_> {
    pub(super) fn declare(&mut self, differences: &[&Difference], features: &BTreeSet<String>) {
        for difference in differences {
            self.assign(difference);
        }
        if differences.iter().any(|difference| reaches_all(difference)) {
            self.rebuild_all();
        } else {
            self.rebuild(differences, features);
        }
    }

    fn assign(&mut self, difference: &Difference) {
        self.declare_endpoints(difference, false);
        let from = self.head.judged();
        for path in difference.paths() {
            self.root.copy(from, &path);
        }
        self.declare_endpoints(difference, true);
    }

    /// Says which paths an API declares, before and after it is changed.
    fn declare_endpoints(&mut self, difference: &Difference, declared: bool) {
        let ("apis", name, rest) = parts(difference) else {
            return;
        };
        let Some(api) = self.root.apis.get(name) else {
            return;
        };
        let paths: Vec<&str> = match rest {
            [] => api.endpoints.names().collect(),
            [endpoints, path, ..] if endpoints == "endpoints" => {
                let is_declared = api.endpoints.get(path).is_some();
                is_declared.then_some(path.as_str()).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for path in paths {
            self.endpoints.declare(name, path, declared);
        }
    }

    fn rebuild_all(&mut self) {
        let declarations = Declarations {
            root: self.root.clone(),
            ..self.head.declarations.clone()
        };
        self.model = build(&declarations, 1);
        self.forecast = Forecast::new(&self.model, Situation::Today, Keep::Lines, &mut self.graph);
        self.untouched = Untouched::default();
        self.sources = Sources::new(&self.model, &mut self.graph);
        self.stored.clear();
    }

    fn rebuild(&mut self, differences: &[&Difference], features: &BTreeSet<String>) {
        for name in features {
            self.untouched.touch(&mut self.forecast, name);
        }
        for difference in differences {
            self.rebuild_thing(difference);
        }
        self.rebuild_tables(differences);
        let builder = Builder::new(&self.root, &self.endpoints, &self.model.numbers);
        let mut check = Check::quiet(&builder);
        for name in features {
            check.again(&mut self.model.features, name, resolve::feature);
        }
        for name in features {
            self.model.link(name);
        }
        if differences.iter().any(|it| parts(it).0 == "entities") {
            self.forecast.populations =
                Populations::new(&self.model, Situation::Today, &mut self.graph);
        }
        for difference in differences {
            if let ("tables", name, _) = parts(difference) {
                let stack = self.users.stack(name);
                let names = stack.iter().map(String::as_str);
                self.sources.refresh(&self.model, names, &mut self.graph);
            }
        }
        for name in features {
            self.forecast
                .refresh(&self.model, Situation::Today, name, &mut self.graph);
        }
    }

    /// Resolves the tables and queues again that depend on a database or an entity that comes or goes.
    fn rebuild_tables(&mut self, differences: &[&Difference]) {
        let builder = Builder::new(&self.root, &self.endpoints, &self.model.numbers);
        let mut check = Check::quiet(&builder);
        for difference in differences {
            let tables: Vec<&str> = match parts(difference) {
                ("databases", name, []) => placed_by(&self.root, name).collect(),
                ("entities", name, []) => self.users.counted_per(name),
                _ => continue,
            };
            for name in tables {
                check.again(&mut self.model.tables, name, resolve::table);
            }
            if let ("entities", name, []) = parts(difference) {
                let queues = [&self.model, &self.head.model].map(|it| it.compacted_per(name));
                let queues: BTreeSet<String> =
                    queues.into_iter().flatten().map(str::to_owned).collect();
                for name in queues {
                    check.again(&mut self.model.queues, &name, resolve::queue);
                }
            }
        }
    }

    fn rebuild_thing(&mut self, difference: &Difference) {
        let (table, name, rest) = parts(difference);
        let numbers = &mut self.model.numbers;
        if let Some(family) = Family::of_key(table) {
            numbers[family].add(name);
        }
        let builder = Builder::new(&self.root, &self.endpoints, &self.model.numbers);
        let mut check = Check::quiet(&builder);
        match (table, rest) {
            ("apis", [endpoints, path, ..]) if endpoints == "endpoints" => {
                let declared = self.root.apis.get(name);
                let declared = declared.and_then(|api| api.endpoints.get(path));
                let Some(api) = self.model.apis.get_mut(name) else {
                    return;
                };
                match declared.map(|declared| resolve::endpoint(&builder, name, path, declared)) {
                    Some(mut built) => {
                        built.counted = api.limits_on(path);
                        api.endpoints.insert(path.to_owned(), built);
                    }
                    None => drop(api.endpoints.swap_remove(path)),
                }
            }
            ("apis", _) => check.again(&mut self.model.apis, name, resolve::api),
            ("entities", _) => check.again(&mut self.model.entities, name, resolve::entity),
            ("databases", _) => check.again(&mut self.model.databases, name, resolve::database),
            ("tables", _) => check.again(&mut self.model.tables, name, resolve::table),
            ("queues", _) => check.again(&mut self.model.queues, name, resolve::queue),
            ("costs", _) => check.again(&mut self.model.costs, name, resolve::cost),
            ("budgets", _) => check.again(&mut self.model.budgets, name, resolve::budget),
            ("models", _) => check.again(&mut self.model.models, name, resolve::compute_model),
            _ => {}
        }
    }
}
