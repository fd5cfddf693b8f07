//! The limits of the real world that both sides of a comparison declare of the same things, and
//! those that the head takes away.

mod budgets;

use std::borrow::Cow;
use std::sync::Arc;

use crate::analysis::Project;
use crate::collections::{HashMap, HashSet};
use crate::document::forms::PerName;
use crate::document::tables::{
    Api, ApiLimit, Budget, Database, LimitKeys, Model, ModelLimit, Queue, Root, Table,
};
use crate::document::values::Flow;
use crate::document::{Limit, Lines, Map, TomlPath};
use crate::meter::{Family, MeterId, MeterKind};
use crate::source::{Span, Spanned};
use crate::units::Throughput;

use super::recounted::{Fate, fate};
use super::{followed, renamed};

/// What stands instead of a limit against which something else counts.
pub(crate) const RECOUNTED: &str = "counts";

const BOUGHT: &str = "has it been bought?";
const APPROVED: &str = "has it been approved?";
const DEPLOYED: &str = "has it been deployed?";
pub(crate) const GRANTED: &str = "has the provider granted it?";

/// A limit that the base declares, and what the head declares in its place.
pub(crate) type Pair<'r> = (Declared<'r>, Option<Declared<'r>>);

/// The limits that the base declares of the things that both sides have.
pub(crate) fn paired<'r>(old: &'r Root, new: &'r Root, days_per_month: f64) -> Vec<Pair<'r>> {
    let mut paired = Paired {
        days_per_month,
        all: Vec::new(),
    };
    paired.things("apis", &old.apis, &new.apis, Limits::api);
    let (before, after) = (&old.databases, &new.databases);
    paired.things("databases", before, after, Limits::database);
    paired.things("tables", &old.tables, &new.tables, Limits::table);
    paired.things("queues", &old.queues, &new.queues, Limits::queue);
    paired.things("models", &old.models, &new.models, Limits::model);
    paired.things("budgets", &old.budgets, &new.budgets, Limits::together);
    paired.all
}

struct Paired<'r> {
    days_per_month: f64,
    all: Vec<Pair<'r>>,
}

impl<'r> Paired<'r> {
    fn things<T>(
        &mut self,
        list: &str,
        old: &'r Map<T>,
        new: &'r Map<T>,
        limits: fn(&mut Limits<'r>, &'r T),
    ) {
        for (name, new) in new.iter() {
            let Some(old) = old.get(name) else {
                continue;
            };
            let [before, mut after] = [old, new].map(|thing| {
                let mut declared = Limits {
                    thing: TomlPath::new(&[list, name]),
                    days_per_month: self.days_per_month,
                    all: Vec::new(),
                };
                limits(&mut declared, thing);
                declared.all
            });
            for before in before {
                let same = after.iter().position(|after| before.is(after));
                if same.is_none() && after.iter().any(|after| before.is_covered_by(after)) {
                    continue;
                }
                let same = same.map(|index| after.remove(index));
                self.all.push((before, same));
            }
        }
    }
}

/// A limit that a change takes away.
#[derive(Debug)]
pub(crate) struct Removed {
    /// The limit.
    pub(crate) path: TomlPath,
    pub(crate) before: Span,
    /// What the head says instead, which makes it no limit: its key, and where it stands.
    pub(crate) instead: Option<(&'static str, Span)>,
    kind: Option<MeterKind>,
    window: Option<String>,
}

impl Removed {
    /// Whether it limited a meter.
    pub(crate) fn limited(&self, id: &MeterId) -> bool {
        let thing = [id.owner.as_str(), id.name.as_str()];
        let rest = self.path.0.get(2..).unwrap_or_default();
        let is_window = |window: &String| id.rest.last() == Some(window);
        self.path.0.iter().take(2).eq(thing.iter())
            && self.kind == Some(id.kind)
            && self.window.as_ref().is_none_or(is_window)
            && match rest {
                [capacity, unit] if capacity == "capacity" => id.rest.contains(unit),
                [limits, limit, ..] if limits == "limits" => id.rest.last() == Some(limit),
                _ => true,
            }
    }

    /// The declaration that makes it a limit again.
    pub(crate) fn declaration(&self) -> TomlPath {
        let mut path = self.path.clone();
        match self.instead {
            Some((key, _)) if !matches!(key, "max" | RECOUNTED) => {
                path.0.truncate(2);
                path.join(key)
            }
            _ => {
                // Windows, and values by name, are one declaration.
                let key = path.0.get(2).map(String::as_str);
                match key {
                    Some("rate_limit" | "capacity" | "tenant_quota") => path.0.truncate(3),
                    Some("limits") => path.0.truncate(4),
                    _ => {}
                }
                path
            }
        }
    }
}

/// The limits that the head takes away from things that both sides have.
pub(crate) fn removed(base: &Project, head: &Project) -> Vec<Removed> {
    let (old, new) = (&*named_as(base, head), &head.declarations.root);
    let mut removed = Vec::new();
    // Of what could not be read wholly, an error of its file speaks.
    let subjects = head.findings.iter().map(|finding| &finding.subject);
    let broken: HashSet<TomlPath> = subjects
        .filter_map(|subject| TomlPath::parse(subject).ok())
        .map(thing)
        .collect();
    removed
        .extend(budgets::narrowed(old, new).filter(|it| !broken.contains(&thing(it.path.clone()))));
    for (before, after) in paired(old, new, head.model.calendar.days_per_month) {
        if broken.contains(&thing(before.path.clone())) {
            continue;
        }
        let passable = passable(&before, old, new);
        // `{ now = …, max = "none" }`
        let is_open = |after: &Declared<'_>| after.most.is_infinite() && before.most.is_finite();
        let opened = after.as_ref().filter(|after| is_open(after));
        let passable = passable.or(opened.map(|after| ("max", after.span)));
        let fate = fate(&before.path, old, new);
        let recounted = after.as_ref().filter(|_| fate == Some(Fate::Recounted));
        let passable = passable.or(recounted.map(|after| (RECOUNTED, after.span)));
        if (after.is_some() && passable.is_none()) || fate == Some(Fate::Renamed) {
            continue;
        }
        removed.push(Removed {
            before: before.span,
            instead: passable,
            kind: before.kind(),
            window: before.window.map(|(name, _)| name.to_owned()),
            path: before.path,
        });
    }
    removed
}

/// The thing that a path leads into.
fn thing(mut path: TomlPath) -> TomlPath {
    path.0.truncate(2);
    path
}

/// What the base declares, with what the head renames also under its new name.
pub(crate) fn named_as<'p>(base: &'p Project, head: &Project) -> Cow<'p, Root> {
    let renamed = renamed::things(base, head);
    let mut root = Cow::Borrowed(&base.declarations.root);
    for ((family, new), old) in renamed {
        let root = root.to_mut();
        match family {
            Family::Api => root.apis.also(old, new),
            Family::Budget => root.budgets.also(old, new),
            Family::Cost => root.costs.also(old, new),
            Family::Database => root.databases.also(old, new),
            Family::Model => root.models.also(old, new),
            Family::Queue => root.queues.also(old, new),
            Family::Table => root.tables.also(old, new),
        }
    }
    let tiers = followed::tiers(&base.declarations.root, &head.declarations.root);
    if !tiers.is_empty() {
        rename_tiers(root.to_mut(), &tiers);
    }
    root
}

/// Lets the quotas of tiers that are gone be those of the tiers that stand for them.
fn rename_tiers(root: &mut Root, tiers: &[(&str, Vec<&str>)]) {
    let tiers: HashMap<&str, &Vec<&str>> = tiers.iter().map(|(old, heirs)| (*old, heirs)).collect();
    for (_, entry) in root.models.entries_mut() {
        let quota = entry.body.value.tenant_quota.as_ref();
        let Some(PerName::By(by_tier)) = quota.map(|quota| &quota.value) else {
            continue;
        };
        let mut renamed = by_tier.clone();
        for old in by_tier.names() {
            if let Some(heirs) = tiers.get(old) {
                heirs.iter().for_each(|heir| renamed.also(old, heir));
                renamed.remove(old);
            }
        }
        if let Some(quota) = &mut Arc::make_mut(&mut entry.body).value.tenant_quota {
            quota.value = PerName::By(renamed);
        }
    }
}

/// What newly lets a plan be passed without limit: overage, or packs of which any number can be
/// held.
fn passable(limit: &Declared<'_>, old: &Root, new: &Root) -> Option<(&'static str, Span)> {
    let name = (limit.kind() == Some(MeterKind::Credits)).then(|| limit.path.0.get(1))??;
    let [before, after] = [old, new].map(|root| root.apis.get(name));
    let open = |api: &Api| {
        let overage = api
            .overage
            .as_ref()
            .map(|overage| ("overage", overage.span));
        let packs = api.packs.iter().flat_map(|packs| &packs.value.0);
        let mut endless = packs.filter(|pack| pack.value.max.is_none());
        overage.or_else(|| endless.next().map(|pack| ("packs", pack.span)))
    };
    let (before, after) = (open(before?), open(after?)?);
    before.is_none().then_some(after)
}

/// A limit of a thing.
pub(crate) struct Declared<'a> {
    pub(crate) path: TomlPath,
    /// Of a rate limit its window, by name and in seconds: an API may have several.
    pub(crate) window: Option<(&'a str, f64)>,
    pub(crate) now: f64,
    pub(crate) most: f64,
    pub(crate) span: Span,
    /// What to ask whoever raises it.
    pub(crate) question: &'static str,
}

impl Declared<'_> {
    /// Whether another limit of the thing is this one, in the other side.
    fn is(&self, other: &Self) -> bool {
        let seconds = |limit: &Self| limit.window.map(|(_, seconds)| seconds);
        self.path == other.path && seconds(self) == seconds(other)
    }

    /// Whether another limit, of a shorter window, allows no more in this one's.
    fn is_covered_by(&self, other: &Self) -> bool {
        let (Some((_, long)), Some((_, short))) = (self.window, other.window) else {
            return false;
        };
        self.path == other.path && short < long && other.now <= self.now && other.most <= self.most
    }

    /// The key that declares it, from the thing that it is a limit of.
    pub(crate) fn key(&self) -> &str {
        self.path.0.get(2).map_or("", String::as_str)
    }

    /// The kind of the meters that it limits.
    pub(crate) fn kind(&self) -> Option<MeterKind> {
        let list = self.path.0.first().map_or("", String::as_str);
        Some(match (list, self.key()) {
            (_, "plan") => MeterKind::Credits,
            (_, "budget") => MeterKind::Spend,
            (_, "rate_limit" | "capacity") => MeterKind::Rate,
            (_, "limits") if self.window.is_some() => MeterKind::Rate,
            (_, "limits") => MeterKind::Concurrency,
            ("queues", "storage") => MeterKind::Retained,
            (_, "storage" | "max_size") => MeterKind::Storage,
            (_, "writes") => MeterKind::Writes,
            (_, "reads") => MeterKind::Reads,
            (_, "throughput") => MeterKind::Throughput,
            (_, "partitions" | "partition_throughput") => MeterKind::Throughput,
            (_, "max_depth") => MeterKind::Depth,
            (_, "drain") => MeterKind::Drain,
            (_, "workers") => MeterKind::Workers,
            _ => return None,
        })
    }
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
            if let (Some(flow), Some(declared)) = (limit.value.now(), self.all.last_mut()) {
                let period = &flow.period;
                declared.window = Some((period.name(), period.seconds(self.days_per_month)));
            }
        }
        self.usage(&api.limits, ApiLimit::keys);
    }

    /// The limits beside an API's windows and a model's capacity.
    fn usage<T>(&mut self, limits: &'a Lines<T>, keys: fn(&'a T) -> LimitKeys<'a>) {
        for (id, limit) in limits.iter() {
            let keys = keys(&limit.value);
            let month = self.days_per_month;
            if let Some(rate) = keys.rate {
                for (tier, limit, span) in named(&rate.value, rate.span) {
                    let Some(flow) = limit.now() else { continue };
                    let values = values(limit, |flow| per_second(flow, month));
                    self.push(&["limits", id, "rate", tier], values, span, GRANTED);
                    if let Some(declared) = self.all.last_mut() {
                        declared.window = Some((id, flow.period.seconds(month)));
                    }
                }
            }
            if let Some(concurrent) = keys.concurrent {
                for (tier, limit, span) in named(&concurrent.value, concurrent.span) {
                    if limit.now().is_none() {
                        continue;
                    }
                    let values = values(limit, |count| count.0);
                    self.push(&["limits", id, "concurrent", tier], values, span, GRANTED);
                }
            }
        }
    }

    fn database(&mut self, database: &'a Database) {
        let storage = database.storage.as_deref();
        self.limit(&["storage"], storage, |size, _| size.bytes, DEPLOYED);
        let writes = database.writes.as_deref();
        self.limit(&["writes"], writes, per_second, DEPLOYED);
        let reads = database.reads.as_deref();
        self.limit(&["reads"], reads, per_second, DEPLOYED);
        let budget = database.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
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
        let budget = queue.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
        let throughput = queue.throughput.as_deref();
        let bytes = |throughput: &Throughput, month| throughput.bytes_per_second(month);
        self.limit(&["throughput"], throughput, bytes, DEPLOYED);
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
        if let Some(max) = &queue.max_message {
            self.push(&["max_message"], [max.value.bytes; 2], max.span, DEPLOYED);
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
                let Some(flow) = limit.now() else { continue };
                let values = values(limit, |flow| per_second(flow, month));
                self.push(&["capacity", unit], values, span, GRANTED);
                if let Some(declared) = self.all.last_mut() {
                    let period = &flow.period;
                    declared.window = Some((period.name(), period.seconds(month)));
                }
            }
        }
        self.usage(&model.limits, ModelLimit::keys);
        if let Some(quotas) = &model.tenant_quota {
            for (tier, quota, span) in named(&quotas.value, quotas.span) {
                for (unit, flow, span) in named(quota, span) {
                    let values = [per_second(flow, month); 2];
                    self.push(&["tenant_quota", tier, unit], values, span, APPROVED);
                }
            }
        }
    }

    fn together(&mut self, budget: &'a Budget) {
        let budget = budget.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
    }

    fn limit<T, const N: bool>(
        &mut self,
        keys: &[&str],
        limit: Option<&Spanned<Limit<T, N>>>,
        number: fn(&T, f64) -> f64,
        question: &'static str,
    ) {
        if let Some(limit) = limit.filter(|limit| limit.value.now().is_some()) {
            let values = values(&limit.value, |value| number(value, self.days_per_month));
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

/// What a limit is now and at most; infinite where there is none.
fn values<T, const N: bool>(limit: &Limit<T, N>, number: impl Fn(&T) -> f64) -> [f64; 2] {
    [limit.now(), limit.most()].map(|value| value.map_or(f64::INFINITY, &number))
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
