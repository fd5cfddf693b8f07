//! `limit-raised`

use crate::changes::Comparison;
use crate::document::TomlPath;
use crate::document::declared::Map;
use crate::document::forms::PerName;
use crate::document::limit::Limit;
use crate::document::tables::{Api, Model, Queue, Root};
use crate::document::values::Flow;
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
            let (before, after) = (old.storage.as_deref(), new.storage.as_deref());
            self.limit(&path.join("storage"), before, after, |s| s.bytes, DEPLOYED);
            let (before, after) = (old.writes.as_deref(), new.writes.as_deref());
            self.flow(&path.join("writes"), before, after, DEPLOYED);
        }
        for (name, old, new) in both(&old.tables, &new.tables) {
            let path = TomlPath::new(&["tables", name, "max_size"]);
            let (before, after) = (old.max_size.as_deref(), new.max_size.as_deref());
            self.limit(&path, before, after, |size| size.bytes, APPROVED);
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
        let plan = |api: &'_ Api| {
            api.plan
                .as_ref()
                .and_then(|plan| plan.value.credits.clone())
        };
        let (before, after) = (plan(old), plan(new));
        let credits = path.join("plan").join("credits");
        self.limit(
            &credits,
            before.as_deref(),
            after.as_deref(),
            |c| c.0,
            BOUGHT,
        );
        let (before, after) = (old.budget.as_deref(), new.budget.as_deref());
        self.limit(
            &path.join("budget"),
            before,
            after,
            |m| m.to_f64(),
            APPROVED,
        );
        let windows = |api: &'_ Api| {
            let limits = api.rate_limit.as_ref();
            limits
                .map(|limits| limits.value.0.clone())
                .unwrap_or_default()
        };
        let after = windows(new);
        for before in windows(old) {
            let window = before.value.now.period.name().to_owned();
            let same = after
                .iter()
                .find(|after| after.value.now.period.name() == window);
            self.flow(&path.join("rate_limit"), Some(&before), same, GRANTED);
        }
    }

    fn queue(&mut self, name: &str, old: &Queue, new: &Queue) {
        let path = TomlPath::new(&["queues", name]);
        let (before, after) = (old.partitions.as_deref(), new.partitions.as_deref());
        self.limit(&path.join("partitions"), before, after, |c| c.0, DEPLOYED);
        let (before, after) = (old.storage.as_deref(), new.storage.as_deref());
        self.limit(&path.join("storage"), before, after, |s| s.bytes, DEPLOYED);
        let (before, after) = (old.max_depth.as_deref(), new.max_depth.as_deref());
        self.limit(&path.join("max_depth"), before, after, |c| c.0, DEPLOYED);
        let throughput = |queue: &Queue| -> Bound {
            let declared = queue.partition_throughput.as_ref()?;
            let bytes = declared.value.bytes_per_second(self.days_per_month);
            Some((bytes, declared.span))
        };
        let bounds = [throughput(old), throughput(new)];
        self.bound(&path.join("partition_throughput"), bounds, DEPLOYED);
        let drain = |queue: &Queue| -> Bound {
            let drain = queue.drain.as_ref()?;
            Some((drain.value.seconds, drain.span))
        };
        self.bound(&path.join("drain"), [drain(old), drain(new)], APPROVED);
        let ceiling = |queue: &Queue| -> Bound {
            let max = queue.workers.as_ref()?.value.max.as_ref()?;
            Some((max.value.0, max.span))
        };
        let path = path.join("workers").join("max");
        self.bound(&path, [ceiling(old), ceiling(new)], DEPLOYED);
    }

    fn model(&mut self, name: &str, old: &Model, new: &Model) {
        let path = TomlPath::new(&["models", name]);
        let (before, after) = (old.budget.as_deref(), new.budget.as_deref());
        self.limit(
            &path.join("budget"),
            before,
            after,
            |m| m.to_f64(),
            APPROVED,
        );
        let capacity = |model: &Model| named(model.capacity.as_deref());
        for (unit, before) in capacity(old) {
            let after = capacity(new).into_iter().find(|(other, _)| *other == unit);
            let path = below(path.join("capacity"), &unit);
            let after = after.map(|(_, after)| after);
            self.flow(&path, Some(&before), after.as_ref(), GRANTED);
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
                .map(|flow| Some((self.per_second(&flow?.value), flow?.span)));
            self.bound(&path, bounds, APPROVED);
        }
    }

    fn per_second(&self, flow: &Flow) -> f64 {
        flow.count / flow.period.seconds(self.days_per_month)
    }

    fn flow(
        &mut self,
        path: &TomlPath,
        before: Option<&Spanned<Limit<Flow>>>,
        after: Option<&Spanned<Limit<Flow>>>,
        question: &str,
    ) {
        let days = self.days_per_month;
        let per_second = |flow: &Flow| flow.count / flow.period.seconds(days);
        self.limit(path, before, after, per_second, question);
    }

    /// A limit whose `now` or `max` may be raised.
    fn limit<T>(
        &mut self,
        path: &TomlPath,
        before: Option<&Spanned<Limit<T>>>,
        after: Option<&Spanned<Limit<T>>>,
        number: impl Fn(&T) -> f64,
        question: &str,
    ) {
        let bound = |limit: Option<&Spanned<Limit<T>>>, value: fn(&Limit<T>) -> &T| -> Bound {
            limit.map(|limit| (number(value(&limit.value)), limit.span))
        };
        let now = [before, after].map(|limit| bound(limit, |limit| &limit.now));
        let most = [before, after].map(|limit| bound(limit, Limit::most));
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
