//! `limit-raised`

use crate::changes::Comparison;
use crate::document::forms::PerName;
use crate::document::tables::{Api, Model, Queue, Root};
use crate::document::values::Flow;
use crate::document::{Limit, Map, Optional, TomlPath};
use crate::rules::{Check, Context, Findings, Rule, Severity};
use crate::source::{SourceMap, Span, Spanned};

pub(in crate::rules) static RULE: Rule =
    Rule::new("limit-raised", Severity::Info, Check::Change(check));

const BOUGHT: &str = "has it been bought?";
const APPROVED: &str = "has it been approved?";
const DEPLOYED: &str = "has it been deployed?";
const GRANTED: &str = "has the provider granted it?";

fn check(context: &Context<'_>, comparison: &Comparison<'_>, findings: &mut Findings) {
    let Some(base) = comparison.base() else {
        return;
    };
    let mut raised = Raised {
        days_per_month: context.project.model.calendar.days_per_month,
        sources: context.sources,
        findings,
    };
    let (old, new) = (&base.declarations.root, &context.project.declarations.root);
    raised.roots(old, new);
}

struct Raised<'a> {
    days_per_month: f64,
    sources: &'a SourceMap,
    findings: &'a mut Findings,
}

/// The things that both sides have.
fn both<'a, T>(old: &'a Map<T>, new: &'a Map<T>) -> impl Iterator<Item = (&'a str, &'a T, &'a T)> {
    new.iter()
        .filter_map(move |(name, new)| Some((name, old.get(name)?, new)))
}

/// A value that is a limit, and where it is written.
type Bound = Option<(f64, Span)>;

impl Raised<'_> {
    fn roots(&mut self, old: &Root, new: &Root) {
        for (name, old, new) in both(&old.apis, &new.apis) {
            self.api(name, old, new);
        }
        for (name, old, new) in both(&old.databases, &new.databases) {
            let path = TomlPath::new(&["databases", name]);
            let storage = [&old.storage, &new.storage];
            self.limit(&path.join("storage"), storage, |s| s.bytes, DEPLOYED);
            let writes = [old.writes.as_deref(), new.writes.as_deref()];
            self.flow(&path.join("writes"), writes, DEPLOYED);
        }
        for (name, old, new) in both(&old.tables, &new.tables) {
            let path = TomlPath::new(&["tables", name, "max_size"]);
            let max_size = [&old.max_size, &new.max_size];
            self.limit(&path, max_size, |size| size.bytes, APPROVED);
        }
        for (name, old, new) in both(&old.queues, &new.queues) {
            self.queue(name, old, new);
        }
        for (name, old, new) in both(&old.models, &new.models) {
            self.model(name, old, new);
        }
    }

    fn api(&mut self, name: &str, old: &Api, new: &Api) {
        let path = TomlPath::new(&["apis", name]);
        let credits = [old, new].map(|api| api.plan.as_ref()?.value.credits.as_deref());
        self.between(&path.join("plan").join("credits"), credits, |c| c.0, BOUGHT);
        let budget = [&old.budget, &new.budget];
        self.limit(&path.join("budget"), budget, |m| m.to_f64(), APPROVED);
        let windows = |api: &'_ Api| {
            let limits = api.rate_limit.as_ref();
            limits.map_or_else(Vec::new, |limits| limits.value.0.clone())
        };
        let after = windows(new);
        for before in windows(old) {
            let window = before.value.now.period.name();
            let mut after = after.iter();
            let same = after.find(|after| after.value.now.period.name() == window);
            self.flow(&path.join("rate_limit"), [Some(&before), same], GRANTED);
        }
    }

    fn queue(&mut self, name: &str, old: &Queue, new: &Queue) {
        let path = TomlPath::new(&["queues", name]);
        let partitions = [&old.partitions, &new.partitions];
        self.limit(&path.join("partitions"), partitions, |c| c.0, DEPLOYED);
        let storage = [&old.storage, &new.storage];
        self.limit(&path.join("storage"), storage, |s| s.bytes, DEPLOYED);
        let max_depth = [&old.max_depth, &new.max_depth];
        self.limit(&path.join("max_depth"), max_depth, |c| c.0, DEPLOYED);
        let throughput = [old, new].map(|queue| {
            let declared = queue.partition_throughput.as_ref()?;
            let bytes = declared.value.bytes_per_second(self.days_per_month);
            Some((bytes, declared.span))
        });
        self.bound(&path.join("partition_throughput"), throughput, DEPLOYED);
        let drain = [old, new].map(|queue| {
            let drain = queue.drain.as_ref()?;
            Some((drain.value.seconds, drain.span))
        });
        self.bound(&path.join("drain"), drain, APPROVED);
        let ceiling = [old, new].map(|queue| {
            let max = queue.workers.as_ref()?.value.max.as_ref()?;
            Some((max.value.0, max.span))
        });
        self.bound(&path.join("workers").join("max"), ceiling, DEPLOYED);
    }

    fn model(&mut self, name: &str, old: &Model, new: &Model) {
        let path = TomlPath::new(&["models", name]);
        let budget = [&old.budget, &new.budget];
        self.limit(&path.join("budget"), budget, |m| m.to_f64(), APPROVED);
        let [before, after] = [old, new].map(|model| named(model.capacity.as_deref()));
        for (unit, before) in before {
            let mut after = after.iter();
            let same = after.find(|(other, _)| *other == unit);
            let limits = [Some(&before), same.map(|(_, after)| after)];
            self.flow(&below(path.join("capacity"), &unit), limits, GRANTED);
        }
        let quotas = |model: &Model| -> Vec<(Vec<String>, Spanned<Flow>)> {
            let mut all = Vec::new();
            for (tier, quota) in named(model.tenant_quota.as_deref()) {
                for (unit, quota) in named(Some(&quota)) {
                    all.push((vec![tier.clone(), unit], quota));
                }
            }
            all
        };
        let after = quotas(new);
        for (keys, before) in quotas(old) {
            let path = below(below(path.join("tenant_quota"), &keys[0]), &keys[1]);
            let same = after.iter().find(|(other, _)| *other == keys);
            let bounds = [Some(&before), same.map(|(_, after)| after)]
                .map(|flow| Some((per_second(&flow?.value, self.days_per_month), flow?.span)));
            self.bound(&path, bounds, APPROVED);
        }
    }

    fn flow(
        &mut self,
        path: &TomlPath,
        limits: [Option<&Spanned<Limit<Flow>>>; 2],
        question: &str,
    ) {
        let days = self.days_per_month;
        self.between(path, limits, |flow| per_second(flow, days), question);
    }

    fn limit<T>(
        &mut self,
        path: &TomlPath,
        limits: [&Optional<Limit<T>>; 2],
        number: impl Fn(&T) -> f64,
        question: &str,
    ) {
        self.between(path, limits.map(Option::as_deref), number, question);
    }

    /// A limit whose `now` or `max` may be raised.
    fn between<T>(
        &mut self,
        path: &TomlPath,
        limits: [Option<&Spanned<Limit<T>>>; 2],
        number: impl Fn(&T) -> f64,
        question: &str,
    ) {
        let bounds = |value: fn(&Limit<T>) -> &T| {
            limits.map(|limit| limit.map(|limit| (number(value(&limit.value)), limit.span)))
        };
        let (now, most) = (bounds(|limit| &limit.now), bounds(Limit::most));
        let bounds = if rise(now).is_some() { now } else { most };
        self.bound(path, bounds, question);
    }

    fn bound(&mut self, path: &TomlPath, bounds: [Bound; 2], question: &str) {
        let Some(times) = rise(bounds) else { return };
        let [Some((_, before)), after] = bounds else {
            return;
        };
        let text = |span: Span| self.sources.text(span).trim_matches('"').to_owned();
        let finding = match after {
            Some((_, after)) => {
                let message = format!(
                    "`{path}` is raised from {} to {}: {question}",
                    text(before),
                    text(after)
                );
                let finding = self.findings.finding(path.to_string(), message);
                finding.at(after)
            }
            None => {
                let message = format!("`{path}` is no longer limited to {}", text(before));
                let finding = self.findings.finding(path.to_string(), message);
                finding.also(before, "the limit was declared here")
            }
        };
        let mut finding = finding.help(
            "a limit is declared here and made elsewhere: say in the change where that was done",
        );
        finding.figure = times.is_finite().then_some(times);
        self.findings.push(finding);
    }
}

fn per_second(flow: &Flow, days_per_month: f64) -> f64 {
    flow.count / flow.period.seconds(days_per_month)
}

/// How many times as large a bound has become, where it has.
fn rise([before, after]: [Bound; 2]) -> Option<f64> {
    let (before, _) = before?;
    let times = match after {
        None => f64::INFINITY,
        Some((after, _)) if after > before => after / before,
        Some(_) => return None,
    };
    Some(times)
}

/// The values by name; that for all has no name.
fn named<T: Clone>(values: Option<&Spanned<PerName<T>>>) -> Vec<(String, Spanned<T>)> {
    match values.map(|values| (&values.value, values.span)) {
        None => Vec::new(),
        Some((PerName::Same(value), span)) => vec![(
            String::new(),
            Spanned {
                value: value.clone(),
                span,
            },
        )],
        Some((PerName::By(map), _)) => map
            .entries()
            .map(|(name, entry)| (name.to_owned(), Spanned::clone(&entry.body)))
            .collect(),
    }
}

fn below(path: TomlPath, name: &str) -> TomlPath {
    if name.is_empty() {
        path
    } else {
        path.join(name)
    }
}
