//! One pass from declarations to the model: each thing gets its units, defaults and targets, and
//! what is wrong is said on the way: references to nothing, cycles, keys that need or exclude
//! others, and what only a whole project can tell. What is wrong is left out of the model.
//!
//! One cause gives one finding: what depends on a value that could not be read, or that may be in
//! the broken part of a file, is not judged. The work is linear in the declarations.

mod apis;
mod chains;
pub(super) mod check;
mod cycles;
mod databases;
pub(super) mod endpoints;
mod features;
mod known;
mod limits;
mod lines;
mod measured;
mod models;
mod money;
mod policy;
mod population;
mod project;
mod queues;
mod scenarios;
mod tables;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::collections::IndexMap;
use crate::document::Entry;
use crate::document::reader::At;
use crate::finding::Finding;
use crate::model::builder::{Builder, TOP};
use crate::model::gaps::{self, Gaps};
use crate::model::merge::Declarations;
use crate::model::names::Endpoints;
use crate::model::scenarios::Scenario;
use crate::model::things::{Model, Numbers};
use crate::parallel;
use check::Named;

pub(crate) use apis::{api, endpoint};
pub(crate) use check::Check;
pub(super) use check::Unread;
pub(crate) use databases::database;
pub(crate) use features::feature;
pub(crate) use known::Known;
pub(crate) use models::{UNIT_KEYS, compute_model, is_by_run, units_of};
pub(crate) use money::{budget, cost};
pub(crate) use population::entity;
pub(crate) use queues::queue;
pub(crate) use tables::table;

/// What a project's declarations make.
#[derive(Debug)]
pub struct Resolved {
    pub(crate) model: Model,
    /// Sorted by name.
    pub(crate) scenarios: Vec<Scenario>,
    /// What is wrong with the declarations as a whole, in order of files and positions.
    pub findings: Vec<Finding>,
}

/// Resolves what a project declares, on as many threads as are allowed.
pub fn resolve(declarations: &Declarations, threads: usize) -> Resolved {
    with_findings(declarations, None, threads, true)
}

/// The same, given what is known of one that declares much of it.
pub(crate) fn resolve_others(declarations: &Declarations, known: Known<'_>) -> Resolved {
    with_findings(declarations, Some(known), 1, true)
}

/// The model alone, of declarations whose findings are known.
pub(crate) fn build(declarations: &Declarations, threads: usize) -> Model {
    with_findings(declarations, None, threads, false).model
}

pub(crate) fn scenarios_of(declarations: &Declarations) -> Vec<Scenario> {
    let (endpoints, numbers) = (Endpoints::default(), Numbers::default());
    let root = &declarations.root;
    let builder = Builder::new(root, &endpoints, &numbers);
    scenarios::scenarios(&mut Check::quiet(&builder))
}

fn with_findings(
    declarations: &Declarations,
    known: Option<Known<'_>>,
    threads: usize,
    findings: bool,
) -> Resolved {
    let root = &declarations.root;
    let endpoints = Endpoints::new(&root.apis);
    let (numbers, made) = match known {
        Some(known) => (known.numbers, Some((known.made, known.others))),
        None => (Numbers::of(root), None),
    };
    let mut builder = Builder::new(root, &endpoints, &numbers);
    builder.unread = Unread::of(declarations);
    let mut check = match findings {
        true => Check::new(&builder),
        false => Check::quiet(&builder),
    };
    project::check(&mut check);
    policy::check(&mut check);
    let mut model = Model {
        calendar: builder.calendar,
        tiers: check.all(population::tier),
        entities: check.all(entity),
        ..Model::default()
    };
    population::days(&mut check);
    model.apis = check.all(api);
    let mut others = None;
    match made {
        Some((made, own)) => {
            model.populations = made.populations;
            model.features = check.others(made.features, &own.features, feature);
            model.tables = check.others(made.tables, &own.tables, table);
            others = Some(own);
        }
        None => {
            model.features = check.all_on(threads, feature);
            model.tables = check.all_on(threads, table);
        }
    }
    tables::no_database(&mut check);
    if others.as_ref().is_none_or(|it| !it.tables.is_empty()) {
        tables::rollup_cycles(&mut check);
    }
    model.queues = check.all(queue);
    model.models = check.all(compute_model);
    limits::durations(&mut check, &model);
    model.databases = check.all(database);
    model.costs = check.all(cost);
    model.budgets = money::budgets(&mut check);
    measured::check(&mut check);
    let mut scenarios = scenarios::scenarios(&mut check);
    if scenarios::refuse_too_many(&mut check, &model, &scenarios) {
        scenarios.clear();
    }
    let findings = check.finish(&declarations.files);
    model.uncertain = builder.is_uncertain();
    model.numbers = numbers;
    match others {
        Some(others) => others.features.iter().for_each(|name| model.link(name)),
        None => model.link_all(),
    }
    let read = declarations.errors.iter();
    let read = read.map(|(rule, subject)| (*rule, subject.as_str()));
    let errors = read.chain(gaps::errors(&findings));
    model.gaps = Arc::new(Gaps::new(errors, declarations, &model));
    Resolved {
        model,
        scenarios,
        findings,
    }
}

impl<'a> Check<'a> {
    /// Resolves one thing again, and removes it where it is no longer declared.
    pub(crate) fn again<F: Named + 'a, M>(
        &mut self,
        things: &mut IndexMap<String, M>,
        name: &str,
        one: impl Fn(&mut Self, &At<'_>, &'a Entry<F>) -> Option<M>,
    ) {
        let list = TOP.key(F::TABLE);
        let entry = F::declared(self.root).entry(name);
        match entry.and_then(|entry| one(self, &list.key(name), entry)) {
            Some(made) => drop(things.insert(name.to_owned(), made)),
            None => drop(things.swap_remove(name)),
        }
    }

    /// Resolves all things of a family, and sorts them by name: the order of files and of
    /// declarations says nothing.
    fn all<F: Named + 'a, M>(
        &mut self,
        one: impl Fn(&mut Self, &At<'_>, &'a Entry<F>) -> Option<M>,
    ) -> IndexMap<String, M> {
        let list = TOP.key(F::TABLE);
        let declared = F::declared(self.root).entries();
        let made = declared.filter_map(|(name, entry)| {
            let made = one(self, &list.key(name), entry)?;
            Some((name.to_owned(), made))
        });
        let mut made: IndexMap<String, M> = made.collect();
        made.sort_keys();
        made
    }

    /// All things of a family of which only those with some names are not known.
    fn others<F: Named + 'a, M>(
        &mut self,
        mut made: IndexMap<String, M>,
        names: &BTreeSet<&str>,
        one: impl Fn(&mut Self, &At<'_>, &'a Entry<F>) -> Option<M>,
    ) -> IndexMap<String, M> {
        let mut are_sorted = true;
        for name in names {
            let was_there = made.contains_key(*name);
            self.again(&mut made, name, &one);
            are_sorted &= was_there == made.contains_key(*name);
        }
        if !are_sorted {
            made.sort_keys();
        }
        made
    }

    fn all_on<F: Named + Send + Sync + 'a, M: Send>(
        &mut self,
        threads: usize,
        one: impl Fn(&mut Self, &At<'_>, &'a Entry<F>) -> Option<M> + Sync,
    ) -> IndexMap<String, M> {
        let mut declared: Vec<(&str, &Entry<F>)> = F::declared(self.root).entries().collect();
        if threads <= 1 || declared.len() <= 1 {
            return self.all(one);
        }
        declared.sort_unstable_by_key(|(name, _)| *name);
        let list = TOP.key(F::TABLE);
        let share = parallel::share(declared.len(), threads);
        let shares: Vec<_> = declared.chunks(share).collect();
        let done = parallel::each(&shares, threads, |share| {
            let mut part = self.part();
            let made = share.iter().filter_map(|(name, entry)| {
                let made = one(&mut part, &list.key(name), entry)?;
                Some(((*name).to_owned(), made))
            });
            (made.collect::<Vec<_>>(), part)
        });
        let mut all = IndexMap::with_capacity_and_hasher(declared.len(), Default::default());
        let mut parts = Vec::with_capacity(done.len());
        for (made, part) in done {
            all.extend(made);
            parts.push(part);
        }
        if !self.join(parts) {
            return self.all(one);
        }
        all
    }
}
