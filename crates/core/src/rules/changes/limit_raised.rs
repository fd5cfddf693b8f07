use crate::changes::Comparison;
use crate::document::forms::PerName;
use crate::document::tables::{Api, Database, Model, Queue, Table};
use crate::document::values::Flow;
use crate::document::{Limit, Map, TomlPath};
use crate::rules::{Check, Context, Findings, Rule, Severity};
use crate::source::{SourceMap, Span, Spanned};

pub(super) static RULE: Rule = Rule::new("limit-raised", Severity::Info, Check::Change(check));

const BOUGHT: &str = "has it been bought?";
const APPROVED: &str = "has it been approved?";
const DEPLOYED: &str = "has it been deployed?";
const GRANTED: &str = "has the provider granted it?";

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    let Some(base) = comparison.base() else {
        return;
    };
    let (old, new) = (&base.declarations.root, &context.project.declarations.root);
    let mut raised = Raised {
        days_per_month: context.project.model.calendar.days_per_month,
        sources: context.sources,
        findings,
    };
    raised.things("apis", &old.apis, &new.apis, Limits::api);
    let (before, after) = (&old.databases, &new.databases);
    raised.things("databases", before, after, Limits::database);
    raised.things("tables", &old.tables, &new.tables, Limits::table);
    raised.things("queues", &old.queues, &new.queues, Limits::queue);
    raised.things("models", &old.models, &new.models, Limits::model);
}

struct Raised<'a> {
    days_per_month: f64,
    sources: &'a SourceMap,
    findings: &'a mut Findings,
}

impl Raised<'_> {
    /// Compares the limits of the things that both sides have.
    fn things<'m, T>(
        &mut self,
        list: &str,
        old: &'m Map<T>,
        new: &'m Map<T>,
        limits: fn(&mut Limits<'m>, &'m T),
    ) {
        for (name, new) in new.iter() {
            let Some(old) = old.get(name) else {
                continue;
            };
            let [before, after] = [old, new].map(|thing| {
                let mut declared = Limits {
                    thing: TomlPath::new(&[list, name]),
                    days_per_month: self.days_per_month,
                    all: Vec::new(),
                };
                limits(&mut declared, thing);
                declared.all
            });
            for before in &before {
                let is_same = |after: &&Declared<'_>| {
                    (&after.path, after.window) == (&before.path, before.window)
                };
                self.limit(before, after.iter().find(is_same));
            }
        }
    }

    fn limit(&mut self, before: &Declared<'_>, after: Option<&Declared<'_>>) {
        let rise = |value: fn(&Declared<'_>) -> f64| match after.map(value) {
            None => Some(f64::INFINITY),
            Some(after) => (after > value(before)).then(|| after / value(before)),
        };
        let Some(times) = rise(|limit| limit.now).or_else(|| rise(|limit| limit.most)) else {
            return;
        };
        let text = |span: Span| self.sources.text(span).trim_matches('"');
        let (path, from) = (before.path.to_string(), text(before.span));
        let mut finding = match after {
            Some(after) => {
                let (to, question) = (text(after.span), before.question);
                let message = format!("`{path}` is raised from {from} to {to}: {question}");
                self.findings.finding(path, message).at(after.span)
            }
            None => {
                let message = format!("`{path}` is no longer limited to {from}");
                let finding = self.findings.finding(path, message);
                finding.also(before.span, "the limit was declared here")
            }
        };
        finding.figure = times.is_finite().then_some(times);
        self.findings.push(finding.help(
            "a limit is declared here and made elsewhere: say in the change where that was done",
        ));
    }
}

/// A limit of a thing.
struct Declared<'a> {
    path: TomlPath,
    /// Of a rate limit its window: an API may have several.
    window: Option<&'a str>,
    now: f64,
    most: f64,
    span: Span,
    /// What to ask whoever raises it.
    question: &'static str,
}

/// The limits that one side declares of a thing.
struct Limits<'a> {
    thing: TomlPath,
    days_per_month: f64,
    all: Vec<Declared<'a>>,
}

impl<'a> Limits<'a> {
    fn api(&mut self, api: &'a Api) {
        let plan = api.plan.as_ref();
        let credits = plan.and_then(|plan| plan.value.credits.as_deref());
        self.limit(
            &["plan", "credits"],
            credits,
            |credits, _| credits.0,
            BOUGHT,
        );
        let budget = api.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
        for limit in api.rate_limit.iter().flat_map(|limits| &limits.value.0) {
            self.limit(&["rate_limit"], Some(limit), per_second, GRANTED);
            if let Some(declared) = self.all.last_mut() {
                declared.window = Some(limit.value.now.period.name());
            }
        }
    }

    fn database(&mut self, database: &'a Database) {
        let storage = database.storage.as_deref();
        self.limit(&["storage"], storage, |size, _| size.bytes, DEPLOYED);
        let writes = database.writes.as_deref();
        self.limit(&["writes"], writes, per_second, DEPLOYED);
    }

    fn table(&mut self, table: &'a Table) {
        let max_size = table.max_size.as_deref();
        self.limit(&["max_size"], max_size, |size, _| size.bytes, APPROVED);
    }

    fn queue(&mut self, queue: &'a Queue) {
        let partitions = queue.partitions.as_deref();
        self.limit(&["partitions"], partitions, |count, _| count.0, DEPLOYED);
        let storage = queue.storage.as_deref();
        self.limit(&["storage"], storage, |size, _| size.bytes, DEPLOYED);
        let max_depth = queue.max_depth.as_deref();
        self.limit(&["max_depth"], max_depth, |count, _| count.0, DEPLOYED);
        if let Some(declared) = &queue.partition_throughput {
            let bytes = declared.value.bytes_per_second(self.days_per_month);
            self.push(
                &["partition_throughput"],
                [bytes; 2],
                declared.span,
                DEPLOYED,
            );
        }
        if let Some(drain) = &queue.drain {
            self.push(&["drain"], [drain.value.seconds; 2], drain.span, APPROVED);
        }
        let workers = queue.workers.as_ref();
        if let Some(max) = workers.and_then(|workers| workers.value.max.as_ref()) {
            self.push(&["workers", "max"], [max.value.0; 2], max.span, DEPLOYED);
        }
    }

    fn model(&mut self, model: &'a Model) {
        let budget = model.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
        let month = self.days_per_month;
        if let Some(capacity) = &model.capacity {
            for (unit, limit, span) in named(&capacity.value, capacity.span) {
                let values = [&limit.now, limit.most()].map(|flow| per_second(flow, month));
                self.push(&["capacity", unit], values, span, GRANTED);
            }
        }
        if let Some(quotas) = &model.tenant_quota {
            for (tier, quota, span) in named(&quotas.value, quotas.span) {
                for (unit, flow, span) in named(quota, span) {
                    let values = [per_second(flow, month); 2];
                    self.push(&["tenant_quota", tier, unit], values, span, APPROVED);
                }
            }
        }
    }

    fn limit<T>(
        &mut self,
        keys: &[&str],
        limit: Option<&Spanned<Limit<T>>>,
        number: fn(&T, f64) -> f64,
        question: &'static str,
    ) {
        if let Some(limit) = limit {
            let values = [&limit.value.now, limit.value.most()];
            let values = values.map(|value| number(value, self.days_per_month));
            self.push(keys, values, limit.span, question);
        }
    }

    /// Adds a limit with its values now and at most. An empty key stands for all names.
    fn push(&mut self, keys: &[&str], values: [f64; 2], span: Span, question: &'static str) {
        let [now, most] = values;
        let named = keys.iter().filter(|key| !key.is_empty());
        let path = named.fold(self.thing.clone(), |path, key| path.join(key));
        self.all.push(Declared {
            path,
            window: None,
            now,
            most,
            span,
            question,
        });
    }
}

fn per_second(flow: &Flow, days_per_month: f64) -> f64 {
    flow.count / flow.period.seconds(days_per_month)
}

/// The values by name, and where they are; that for all has an empty name.
fn named<T>(values: &PerName<T>, span: Span) -> Vec<(&str, &T, Span)> {
    match values {
        PerName::Same(value) => vec![("", value, span)],
        PerName::By(map) => map
            .entries()
            .map(|(name, entry)| (name, &entry.body.value, entry.body.span))
            .collect(),
    }
}
