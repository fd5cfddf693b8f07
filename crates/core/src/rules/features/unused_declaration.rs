use crate::collections::HashSet;
use crate::document::values::TableKind;
use crate::model::{Model, Per, Population, Timing};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule::project("unused-declaration", Severity::Warning, check).needs_every_file();

fn check(context: &Context<'_>, findings: &mut Findings) {
    let used = Used::new(context);
    let root = &context.project.declarations.root;
    let mut say = |keys: &[&str], what: &str, span: Span| {
        let message = format!("nothing uses the {what} `{}`", keys[keys.len() - 1]);
        let finding = findings.about(keys, message).at(span);
        let path = &finding.subject;
        let help = format!("remove `{path}`, or declare the demand that uses it");
        findings.push(finding.help(help));
    };
    macro_rules! unused {
        ($field:ident, $what:literal, $is_used:expr) => {
            for (name, entry) in root.$field.entries() {
                if !$is_used(name) {
                    say(&[stringify!($field), name], $what, entry.name);
                }
            }
        };
    }
    unused!(tenants, "tier", |name| used.tiers.contains(name));
    unused!(entities, "entity", |name| used.entities.contains(name));
    for (name, entry) in root.apis.entries() {
        if !used.has(Family::Api, name) {
            say(&["apis", name], "API", entry.name);
            continue;
        }
        for (path, entry) in entry.body.value.endpoints.entries() {
            if !used.endpoints.contains(&(name, path)) {
                say(&["apis", name, "endpoints", path], "endpoint", entry.name);
            }
        }
    }
    unused!(tables, "table", |name| used.has(Family::Table, name));
    unused!(queues, "queue", |name| used.has(Family::Queue, name));
    unused!(models, "model", |name| used.has(Family::Model, name));
}

#[derive(Default)]
struct Used<'a> {
    tiers: HashSet<&'a str>,
    entities: HashSet<&'a str>,
    things: HashSet<(Family, &'a str)>,
    endpoints: HashSet<(&'a str, &'a str)>,
}

impl<'a> Used<'a> {
    fn new(context: &Context<'a>) -> Self {
        let model = &context.project.model;
        let mut used = Self::default();
        // Many lines share one.
        let mut populations = HashSet::default();
        for line in model.features.values().flat_map(|feature| &feature.lines) {
            if let Timing::Rate { population, .. } = &line.timing
                && populations.insert(population.id)
            {
                used.population(model, population);
            }
            used.things.insert((line.kind.family(), &line.uses.thing));
            used.endpoints.extend(line.called());
        }
        for (name, table) in &model.tables {
            if let Some((from, _)) = &table.from {
                used.things.insert((Family::Table, from));
            }
            if table.from.is_some() || table.kind == TableKind::State || table.existing > 0.0 {
                used.things.insert((Family::Table, name));
            }
            if let Some((_, population)) = table.rows.as_deref() {
                used.population(model, population);
            }
        }
        for queue in model.queues.values() {
            if let Some((_, population)) = queue.compact.as_deref() {
                used.population(model, population);
            }
        }
        for (_, queue) in context.project.declarations.root.queues.iter() {
            let workers = queue.workers.as_ref();
            if let Some(api) = workers.and_then(|workers| workers.value.api.as_ref()) {
                used.things.insert((Family::Api, &api.value.0));
            }
        }
        used
    }

    fn has(&self, family: Family, name: &'a str) -> bool {
        self.things.contains(&(family, name))
    }

    fn population(&mut self, model: &'a Model, population: &'a Population) {
        match &population.per {
            Per::Project => return,
            Per::Entity(entity) => drop(self.entities.insert(entity)),
            Per::Tenant => {}
        }
        for (tier, _) in &population.tiers {
            self.tiers
                .extend(model.tiers.get_index(*tier).map(|(name, _)| name.as_str()));
        }
    }
}
