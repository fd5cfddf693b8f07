//! The limits of the real world that both sides of a comparison declare of the same things.

use std::collections::BTreeSet;

use crate::document::forms::PerName;
use crate::document::tables::{
    self, Api, ApiLimit, Budget, Database, LimitKeys, ModelLimit, Queue, Root, Table,
};
use crate::document::values::Flow;
use crate::document::{Limit, Lines, TomlPath, dotted};
use crate::meter::{Family, MeterId, MeterKind};
use crate::model::{Counts, Entity, Model, Per, UsageLimit};
use crate::source::{Span, Spanned};
use crate::units::{Period, Throughput};

const BOUGHT: &str = "has it been bought?";
const APPROVED: &str = "has it been approved?";
const DEPLOYED: &str = "has it been deployed?";
pub(crate) const GRANTED: &str = "has the provider granted it?";

/// A limit of a thing.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) path: TomlPath,
    /// Of a limit over a window how long that is, in seconds: a thing may have several.
    seconds: Option<f64>,
    pub(crate) now: f64,
    pub(crate) most: f64,
    pub(crate) span: Span,
    /// What to ask whoever raises it.
    pub(crate) question: &'static str,
    /// The meter that it limits, where there is one.
    pub(crate) meter: Option<MeterId>,
    /// The keys of what findings about it are about: that meter, or a quota.
    pub(crate) about: Vec<String>,
    pub(crate) counts: Counted,
}

/// What counts against a limit, and for whom it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    /// What kind of limit it is, where other declarations can say the same.
    group: Option<Group>,
    units: Vec<String>,
    /// Endpoints of an API, or paths of what a budget is for.
    pub(super) names: BTreeSet<String>,
    per: Option<Per>,
    largest: f64,
    /// Where each tenant has its own, the tiers.
    pub(crate) tiers: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Group {
    Usage(MeterKind),
    Quota,
    Budgets,
}

/// Numbers that are the same but for rounding.
const SAME: f64 = 1.0 + 1e-12;

impl Declared {
    /// Whether another limit of the thing is this one, in the other side.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.path == other.path && self.seconds == other.seconds
    }

    /// Whether all counts against it that counts against another one, but for the tiers.
    pub(super) fn counts_all_of(&self, other: &Self) -> bool {
        let (own, other) = (&self.counts, &other.counts);
        own.group == other.group
            && own.units == other.units
            && own.per == other.per
            && own.largest >= other.largest
            && own.names.is_superset(&other.names)
    }

    /// The same, for a tier of the other one.
    pub(super) fn stands_for(&self, other: &Self, tier: Option<&str>) -> bool {
        let is_for = match (&self.counts.tiers, tier) {
            (Some(tiers), Some(tier)) => tiers.iter().any(|own| own == tier),
            (tiers, tier) => tiers.is_some() == tier.is_some(),
        };
        let is_told = self.counts.group.is_some() || self.path == other.path;
        is_told && is_for && self.counts_all_of(other)
    }

    /// Whether it is a budget for nothing but what another one is for.
    pub(super) fn is_for_part_of(&self, other: &Self) -> bool {
        self.is_budget() && self.counts.names.is_subset(&other.counts.names)
    }

    /// Whether it allows as much, now and at most.
    pub(super) fn allows(&self, now: f64, most: f64) -> bool {
        now <= self.now * SAME && most <= self.most * SAME
    }

    /// Whether it allows no more than another one, in its window or a shorter one.
    pub(super) fn is_as_tight_as(&self, other: &Self) -> bool {
        let is_within = match (self.seconds, other.seconds) {
            (Some(short), Some(long)) => short <= long,
            (short, long) => short.is_some() == long.is_some(),
        };
        is_within && other.allows(self.now, self.most)
    }

    pub(super) fn has_window_of(&self, other: &Self) -> bool {
        self.seconds == other.seconds
    }

    /// Whether it limits what another one does, whatever it allows.
    pub(super) fn limits_as(&self, other: &Self) -> bool {
        let (own, other_counts) = (&self.counts, &other.counts);
        self.kind() == other.kind()
            && own.per == other_counts.per
            && own.units == other_counts.units
    }

    pub(super) fn is_budget(&self) -> bool {
        self.counts.group == Some(Group::Budgets)
    }

    fn limits(&mut self, meter: MeterId) {
        let keys = [meter.owner.as_str(), &meter.name, meter.kind.as_str()];
        let keys = keys.into_iter().map(str::to_owned);
        self.about = keys.chain(meter.rest.iter().cloned()).collect();
        self.meter = Some(meter);
    }

    /// The key that declares it, from the thing that it is a limit of.
    pub(crate) fn key(&self) -> &str {
        self.path.0.get(2).map_or("", String::as_str)
    }

    /// The kind of the meters that it limits.
    fn kind(&self) -> Option<MeterKind> {
        let list = self.path.0.first().map_or("", String::as_str);
        Some(match (list, self.key()) {
            (_, "plan") => MeterKind::Credits,
            (_, "budget") => MeterKind::Spend,
            (_, "rate_limit" | "capacity") => MeterKind::Rate,
            (_, "limits") if self.seconds.is_some() => MeterKind::Rate,
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
    thing: [&'a str; 2],
    model: &'a Model,
    days_per_month: f64,
    all: Vec<Declared>,
}

/// The limits of a thing, as one side declares it and as that side's model has it.
pub(super) fn limits_of(
    root: &Root,
    model: &Model,
    (list, name): (&str, &str),
    days_per_month: f64,
) -> Vec<Declared> {
    let mut limits = Limits {
        thing: [list, name],
        model,
        days_per_month,
        all: Vec::new(),
    };
    match list {
        "apis" => root.apis.get(name).map(|it| limits.api(it)),
        "databases" => root.databases.get(name).map(|it| limits.database(it)),
        "tables" => root.tables.get(name).map(|it| limits.table(it)),
        "queues" => root.queues.get(name).map(|it| limits.queue(it)),
        "models" => root.models.get(name).map(|it| limits.model(it)),
        _ => root.budgets.get(name).map(|it| limits.together(it)),
    };
    limits.all
}

impl Limits<'_> {
    fn api(&mut self, api: &Api) {
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
            if let Some(flow) = limit.value.now() {
                self.over(&flow.period, |name| name == [flow.period.name()]);
            }
        }
        self.usage(&api.limits, ApiLimit::keys);
    }

    /// The limits beside an API's windows and a model's capacity.
    fn usage<T>(&mut self, limits: &Lines<T>, keys: fn(&T) -> LimitKeys<'_>) {
        for (id, limit) in limits.iter() {
            let keys = keys(&limit.value);
            let month = self.days_per_month;
            if let Some(rate) = keys.rate {
                for (tier, limit, span) in named(&rate.value, rate.span) {
                    let Some(flow) = limit.now() else { continue };
                    let values = values(limit, |flow| per_second(flow, month));
                    self.push(&["limits", id, "rate", tier], values, span, GRANTED);
                    self.over(&flow.period, |name| name == [&**id]);
                    self.of_tier(tier);
                }
            }
            if let Some(concurrent) = keys.concurrent {
                for (tier, limit, span) in named(&concurrent.value, concurrent.span) {
                    if limit.now().is_none() {
                        continue;
                    }
                    let values = values(limit, |count| count.0);
                    self.push(&["limits", id, "concurrent", tier], values, span, GRANTED);
                    self.used(MeterKind::Concurrency, |name| name == [&**id]);
                    self.of_tier(tier);
                }
            }
        }
    }

    fn database(&mut self, database: &Database) {
        let storage = database.storage.as_deref();
        self.limit(&["storage"], storage, |size, _| size.bytes, DEPLOYED);
        let writes = database.writes.as_deref();
        self.limit(&["writes"], writes, per_second, DEPLOYED);
        let reads = database.reads.as_deref();
        self.limit(&["reads"], reads, per_second, DEPLOYED);
        let budget = database.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
    }

    fn table(&mut self, table: &Table) {
        let max_size = table.max_size.as_deref();
        self.limit(&["max_size"], max_size, |size, _| size.bytes, APPROVED);
    }

    fn queue(&mut self, queue: &Queue) {
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
            self.push(&["max_message"], [max.value.0; 2], max.span, DEPLOYED);
        }
        if let Some(drain) = &queue.drain {
            self.push(&["drain"], [drain.value.seconds; 2], drain.span, APPROVED);
        }
        let workers = queue.workers.as_ref();
        if let Some(max) = workers.and_then(|workers| workers.value.max.as_ref()) {
            self.push(&["workers", "max"], [max.value.0; 2], max.span, DEPLOYED);
        }
    }

    fn model(&mut self, model: &tables::Model) {
        let budget = model.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
        let month = self.days_per_month;
        if let Some(capacity) = &model.capacity {
            for (unit, limit, span) in named(&capacity.value, capacity.span) {
                let Some(flow) = limit.now() else { continue };
                let values = values(limit, |flow| per_second(flow, month));
                self.push(&["capacity", unit], values, span, GRANTED);
                let window = flow.period.name();
                self.over(&flow.period, |name| match name {
                    [own, over] => over == window && (unit.is_empty() || own == unit),
                    _ => false,
                });
            }
        }
        self.usage(&model.limits, ModelLimit::keys);
        if let Some(quotas) = &model.tenant_quota {
            for (tier, quota, span) in named(&quotas.value, quotas.span) {
                for (unit, flow, span) in named(quota, span) {
                    let values = [per_second(flow, month); 2];
                    self.push(&["tenant_quota", tier, unit], values, span, APPROVED);
                    self.quota(&quotas.value, tier, unit, flow.period.seconds(month));
                }
            }
        }
    }

    fn together(&mut self, budget: &Budget) {
        let budget = budget.budget.as_deref();
        self.limit(&["budget"], budget, |money, _| money.to_f64(), APPROVED);
        let [_, name] = self.thing;
        let model = self.model;
        if let (Some(limit), Some(budget)) = (self.all.last_mut(), model.budgets.get(name)) {
            let priced = priced(model).filter(|path| budget.is_for(path));
            limit.counts.names = priced.collect();
        }
    }

    /// Says of the limit that was added last which window it is over.
    fn over(&mut self, period: &Period, is_it: impl Fn(&[String]) -> bool) {
        let seconds = period.seconds(self.days_per_month);
        if let Some(limit) = self.all.last_mut() {
            limit.seconds = Some(seconds);
        }
        self.used(MeterKind::Rate, is_it);
    }

    /// Says of the limit that was added last what counts against it: that of the meter of a kind
    /// of which `is_it` tells the name.
    fn used(&mut self, kind: MeterKind, is_it: impl Fn(&[String]) -> bool) {
        let [list, name] = self.thing;
        let model = self.model;
        let api = model.apis.get(name).filter(|_| list == "apis");
        let computed = model.models.get(name).filter(|_| list == "models");
        let limits = api.map(|it| &it.limits).or(computed.map(|it| &it.limits));
        let mut limits = limits.into_iter().flatten().zip(0_u16..);
        let is_it = |(limit, _): &(&UsageLimit, u16)| limit.kind() == kind && is_it(&limit.name);
        let (Some((used, place)), Some(limit)) = (limits.find(is_it), self.all.last_mut()) else {
            return;
        };
        let family = if api.is_some() {
            Family::Api
        } else {
            Family::Model
        };
        limit.limits(MeterId::new(family, name, kind, used.name.clone()));
        let endpoints = api.into_iter().flat_map(|api| &api.endpoints);
        let counted = endpoints.filter(|(_, endpoint)| endpoint.counted.contains(&place));
        limit.counts = Counted {
            group: Some(Group::Usage(kind)),
            units: match &used.counts {
                Counts::Events => vec!["calls".to_owned()],
                Counts::Credits => vec!["credits".to_owned()],
                Counts::Units(units) => units
                    .iter()
                    .cloned()
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
            },
            names: counted.map(|(path, _)| path.clone()).collect(),
            per: used.members().map(|members| members.per.clone()),
            largest: used.members().map_or(1.0, |members| members.largest),
            tiers: None,
        };
    }

    /// Says for which tiers the limit is that was added last, where each member has one: for one of
    /// them, or for all.
    fn of_tier(&mut self, tier: &str) {
        let Some(limit) = self.all.last_mut() else {
            return;
        };
        let is_by_tier = match &limit.counts.per {
            Some(Per::Entity(name)) => {
                matches!(self.model.entities.get(name), Some(Entity::PerTenant(_)))
            }
            Some(Per::Tenant) => true,
            Some(Per::Project) | None => false,
        };
        if is_by_tier {
            let tiers = self
                .model
                .tiers
                .keys()
                .filter(|own| tier.is_empty() || *own == tier);
            limit.counts.tiers = Some(tiers.cloned().collect());
        }
    }

    /// Says for which tiers and what the quota is that was added last.
    fn quota(&mut self, all: &PerName<PerName<Flow>>, tier: &str, unit: &str, seconds: f64) {
        let [_, name] = self.thing;
        let is_of = |own: &&String| match (tier, all) {
            ("" | "all", PerName::By(by_tier)) => by_tier.get(own).is_none(),
            ("", PerName::Same(_)) => true,
            _ => *own == tier,
        };
        let only = self.model.models.get(name).and_then(|it| it.units.first());
        let unit = match (unit, only) {
            ("", Some(only)) => only.clone(),
            _ => unit.to_owned(),
        };
        if let Some(limit) = self.all.last_mut() {
            limit.seconds = Some(seconds);
            limit.about.clone_from(&limit.path.0);
            limit.about.truncate(if tier.is_empty() { 3 } else { 4 });
            limit.counts = Counted {
                group: Some(Group::Quota),
                units: vec![unit],
                per: Some(Per::Tenant),
                tiers: Some(self.model.tiers.keys().filter(is_of).cloned().collect()),
                ..Counted::default()
            };
        }
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
        let [list, name] = self.thing;
        let named = keys.iter().filter(|key| !key.is_empty());
        let mut limit = Declared {
            path: named.fold(TomlPath::new(&[list, name]), |path, key| path.join(key)),
            seconds: None,
            now,
            most,
            span,
            question,
            meter: None,
            about: Vec::new(),
            counts: Counted::default(),
        };
        if let (Some(family), Some(kind)) = (Family::of_key(list), limit.kind()) {
            limit.limits(MeterId::new(family, name, kind, Vec::new()));
        }
        // Others may say the same, of this thing alone or together with more.
        if limit.key() == "budget" {
            limit.counts.group = Some(Group::Budgets);
            limit.counts.names.insert(dotted([list, name].into_iter()));
        }
        self.all.push(limit);
    }
}

/// What a limit is now and at most; infinite where there is none.
fn values<T, const N: bool>(limit: &Limit<T, N>, number: impl Fn(&T) -> f64) -> [f64; 2] {
    [limit.now(), limit.most()].map(|value| value.map_or(f64::INFINITY, &number))
}

/// The paths of what can have a price.
fn priced(model: &Model) -> impl Iterator<Item = String> + '_ {
    let apis = model.apis.keys().map(|name| ["apis", name]);
    let models = model.models.keys().map(|name| ["models", name]);
    let databases = model.databases.keys().map(|name| ["databases", name]);
    let queues = model.queues.keys().map(|name| ["queues", name]);
    let costs = model.costs.keys().map(|name| ["costs", name]);
    let things = apis.chain(models).chain(databases).chain(queues);
    things.chain(costs).map(|keys| dotted(keys.into_iter()))
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
