use crate::collections::HashSet;
use crate::document::tables::{Api, ApiLimit, LineKind, Queue};
use crate::document::values::Counts;
use crate::model::{Model, Value};
use crate::rules::prelude::*;
use crate::source::Spanned;

pub(in crate::rules) static RULE: Rule = Rule::project("limit-missing", Severity::Warning, check);

fn check(context: &Context<'_>, findings: &mut Findings) {
    let model = &context.project.model;
    let root = &context.project.declarations.root;
    let used = Used::new(model);
    let mut say = |keys: &[&str], message: String, help: &str, span: Span| {
        findings.push(findings.about(keys, message).at(span).help(help));
    };
    for (name, entry) in root.apis.entries() {
        let api = &entry.body.value;
        let counts_credits = |limit: &Spanned<ApiLimit>| {
            let counts = limit.value.counts.as_ref();
            counts.is_some_and(|counts| counts.value == Counts::Credits)
        };
        let limits = api.limits.all();
        let is_limited = is_paid(api) || limits.iter().any(counts_credits);
        if used.costly.contains(name) && !is_limited {
            say(
                &["apis", name, "plan"],
                format!("`{name}` charges credits but declares no plan, packs or overage"),
                "declare a `plan`, `packs`, `overage`, or a limit that counts credits",
                entry.name,
            );
        }
        let is_rated = api.rate_limit.is_some() || limits.iter().any(|it| it.value.rate.is_some());
        if used.things.contains(&(Family::Api, name)) && !is_rated {
            say(
                &["apis", name, "rate_limit"],
                format!("`{name}` has no `rate_limit`"),
                "declare `rate_limit`, such as `\"200/min\"`",
                entry.name,
            );
        }
    }
    for (name, entry) in root.databases.entries() {
        if used.databases.contains(name) && entry.body.value.storage.is_none() {
            say(
                &["databases", name, "storage"],
                format!("`{name}` has no `storage` limit"),
                "declare `storage`, such as `\"100GB\"`",
                entry.name,
            );
        }
        let database = &entry.body.value;
        let counts_rows = database
            .engine
            .as_ref()
            .is_none_or(|it| it.value.has_rows());
        if used.written.contains(name) && counts_rows && database.writes.is_none() {
            say(
                &["databases", name, "writes"],
                format!("`{name}` has no `writes` limit"),
                "declare `writes`, rows and index entries per second, such as `\"5000/s\"`",
                entry.name,
            );
        }
    }
    for (name, entry) in root.queues.entries() {
        if used.things.contains(&(Family::Queue, name)) && !is_bounded(&entry.body.value) {
            say(
                &["queues", name],
                format!("queue `{name}` has no limit"),
                "declare `max_depth`, `storage`, `partitions` or `workers.max`",
                entry.name,
            );
        }
    }
}

pub(in crate::rules) fn is_paid(api: &Api) -> bool {
    api.plan.is_some() || api.packs.is_some() || api.overage.is_some()
}

fn is_bounded(queue: &Queue) -> bool {
    let workers = queue.workers.as_ref();
    queue.max_depth.is_some()
        || queue.storage.is_some()
        || queue.partitions.is_some()
        || workers.is_some_and(|workers| workers.value.max.is_some())
}

#[derive(Default)]
struct Used<'a> {
    things: HashSet<(Family, &'a str)>,
    costly: HashSet<&'a str>,
    databases: HashSet<&'a str>,
    written: HashSet<&'a str>,
}

impl<'a> Used<'a> {
    fn new(model: &'a Model) -> Self {
        let free = |value: &Value| *value == Value::Certain(0.0);
        let mut used = Self::default();
        for line in model.features.values().flat_map(|feature| &feature.lines) {
            used.things.insert((line.kind.family(), &line.uses.thing));
            if line.kind == LineKind::Write {
                let table = model.tables.get(&*line.uses.thing);
                used.written
                    .extend(table.and_then(|table| table.database.as_deref()));
            }
            if let Some((api, endpoint)) = line.called()
                && let Some(api_model) = model.apis.get(api)
                && let Some(cost) = api_model.endpoints.get(endpoint)
                && (!free(&cost.credits) || !free(&cost.credits_per_item) || cost.min_credits > 0.0)
            {
                used.costly.insert(api);
            }
        }
        let tables = model.tables.values();
        used.databases
            .extend(tables.filter_map(|table| table.database.as_deref()));
        used
    }
}
