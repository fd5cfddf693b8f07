//! What several rules need: where a meter's limit is declared, and figures in words.

use std::fmt;

use rust_decimal::prelude::ToPrimitive;

use crate::advice::{Set, Way};
use crate::document::{Entry, Estimated, Knowledge, Map, Scalar, Table, TomlPath, dotted};
use crate::exceptions::name_span;
use crate::finding::Finding;
use crate::fit::Fitted;
use crate::meter::{Family, MeterId, MeterKind, TOTAL};
use crate::model::declared_limits::declared_limit;
use crate::purchases::cover;
use crate::quantity::Z90;
use crate::rules::{Context, Rule};
use crate::source::Span;
use crate::words::number;

pub(super) use crate::model::declared_limits::{limit_key, limit_of_tier};

/// Where a meter's limit is declared, else the thing that the meter belongs to.
pub(super) fn limit_span(context: &Context<'_>, id: &MeterId) -> Option<Span> {
    let root = &context.project.declarations.root;
    declared_limit(root, id).or_else(|| name_span(root, id.owner.as_str(), &id.name))
}

/// At the limit of a meter; where advice raises a plan, the plan's price is another place.
pub(super) fn at_limit(context: &Context<'_>, id: &MeterId, finding: Finding) -> Finding {
    let raises = finding.ways.iter().any(|way| way.reminder.is_some());
    let finding = match plan_price(context, id).filter(|_| raises) {
        Some(price) => finding.also(price, "a larger plan has another price"),
        None => finding,
    };
    finding.at(limit_span(context, id))
}

/// Where the price of the plan is declared that limits a meter.
pub(super) fn plan_price(context: &Context<'_>, id: &MeterId) -> Option<Span> {
    let apis = &context.project.declarations.root.apis;
    let api = apis.get(&id.name).filter(|_| id.owner == Family::Api)?;
    let plan = api
        .plan
        .as_ref()
        .filter(|_| id.kind == MeterKind::Credits)?;
    Some(plan.value.price.as_ref()?.span)
}

/// What covering the credits past a plan costs a month: `credits past the plan cost 180.00 USD a
/// month (2 × 100k)`.
pub(super) fn covering(context: &Context<'_>, fitted: &Fitted) -> Option<String> {
    if fitted.id.kind != MeterKind::Credits {
        return None;
    }
    let (name, project) = (&*fitted.id.name, context.project);
    let past = judged_demand(context, fitted)? - fitted.meter.limit?;
    let declared = project.declarations.root.apis.get(name)?;
    let bought = cover::covering(declared, project.model.apis.get(name)?, past)?;
    let how = match bought.overage > 0.0 {
        true if bought.packs.is_empty() => "billed as overage".to_owned(),
        true => format!("{}, the rest as overage", bought.packs),
        false => bought.packs,
    };
    let price = number::money(bought.price.to_f64()?, project.currency());
    Some(format!(
        "credits past the plan cost {price} a month ({how})"
    ))
}

/// A meter's figure in its unit, such as `2,628,000 credits/month`.
pub(super) fn amount(context: &Context<'_>, fitted: &Fitted, value: Option<f64>) -> String {
    number::quantity(value, &fitted.meter.unit, context.project.currency())
}

/// What a meter's demand is judged at: the policy's percentile.
pub(super) fn judged_demand(context: &Context<'_>, fitted: &Fitted) -> Option<f64> {
    fitted.meter.judged(context.policy.confidence())
}

/// A meter's figure with its unit: `2,628,000 credits/month`, `4 MB/s`, `5m 20s`.
pub(super) fn measured(context: &Context<'_>, fitted: &Fitted, value: Option<f64>) -> String {
    if let (MeterKind::Drain, Some(seconds)) = (fitted.id.kind, value) {
        return number::duration(seconds);
    }
    let figure = amount(context, fitted, value);
    match number::unit_beside(&fitted.meter.unit) {
        "" => figure,
        unit if unit.starts_with('/') => format!("{figure}{unit}"),
        unit => format!("{figure} {unit}"),
    }
}

/// The share of its limit that is in use; infinite where its demand is.
pub(super) fn utilization(fitted: &Fitted) -> f64 {
    fitted.meter.utilization.unwrap_or(f64::INFINITY)
}

/// What a meter comes to, as parts of a finding: its share of the limit. Of an infinite one its
/// demand, or where that is infinite too, what its thing's other meters come to.
pub(super) fn parts(
    context: &Context<'_>,
    meters: &[Fitted],
    fitted: &Fitted,
) -> Vec<(String, f64)> {
    let mut parts = vec![(fitted.meter.id.to_string(), utilization(fitted))];
    if fitted.meter.utilization.is_some() {
        return parts;
    }
    let is_part = |other: &&Fitted| match judged_demand(context, fitted) {
        Some(_) => other.id == fitted.id,
        None => other.id.owner == fitted.id.owner && other.id.name == fitted.id.name,
    };
    let others = meters.iter().filter(is_part);
    let demands = others.filter_map(|other| {
        let key = format!("{} {}", fitted.meter.id, other.meter.id);
        Some((key, judged_demand(context, other)?))
    });
    parts.extend(demands);
    parts
}

pub(super) fn percent(share: f64) -> String {
    number::share(Some(share))
}

/// The meter with an id, among meters that are sorted by it.
pub(super) fn find<'a>(meters: &'a [Fitted], id: &str) -> Option<&'a Fitted> {
    let index = meters.binary_search_by(|fitted| (*fitted.meter.id).cmp(id));
    meters.get(index.ok()?)
}

/// Demand against limit in words: `2,628,000 of 2,500,000 credits/month, 105.1%`.
pub(super) fn against(context: &Context<'_>, fitted: &Fitted) -> String {
    let judged = judged_demand(context, fitted);
    let confidence = match judged {
        Some(judged) if fitted.meter.demand.p50 != Some(judged) => {
            format!(" at p{:.0}", context.policy.confidence() * 100.0)
        }
        _ => String::new(),
    };
    let demand = match judged {
        None if matches!(
            (fitted.id.owner, fitted.id.kind),
            (Family::Api | Family::Budget, MeterKind::Spend)
        ) =>
        {
            "a demand beyond all packs".to_owned()
        }
        None => "an infinite demand".to_owned(),
        demand if fitted.id.kind == MeterKind::Drain => measured(context, fitted, demand),
        demand if fitted.meter.limit.is_none() => measured(context, fitted, demand),
        demand => amount(context, fitted, demand),
    };
    if fitted.meter.limit.is_none() {
        return demand;
    }
    let limit = measured(context, fitted, fitted.meter.limit);
    match fitted.meter.utilization {
        Some(share) => format!("{demand} of {limit}, {}{confidence}", percent(share)),
        None if judged.is_none() => format!("{demand} against a limit of {limit}"),
        None => format!("{demand} of {limit}"),
    }
}

/// Whether a budget, other than that of everything, is for a thing among others.
pub(super) fn has_budget(context: &Context<'_>, family: Family, name: &str) -> bool {
    let path = dotted([family.as_str(), name].into_iter());
    let budgets = context.project.model.budgets.iter();
    let mut others = budgets.filter(|(name, _)| *name != TOTAL);
    others.any(|(_, budget)| budget.is_for(&path))
}

/// Whether a number is above another by more than what multiplying them can round off.
pub(super) fn passes(number: f64, limit: f64) -> bool {
    number > limit * (1.0 + 1e-9)
}

/// An estimate at the policy's confidence, and the p90 of what differs from event to event;
/// nothing where nobody knows.
pub(super) fn at_confidence(context: &Context<'_>, estimate: &impl Estimated) -> Option<f64> {
    // The quantiles of the standard normal distribution at p50, p80, p90 and p95.
    const NORMAL: [(f64, f64); 4] = [
        (0.5, 0.0),
        (0.8, 0.841_621_233_572_914_3),
        (0.9, Z90),
        (0.95, 1.644_853_626_951_472_2),
    ];
    let confidence = context.policy.confidence();
    let (_, z) = NORMAL.iter().find(|(p, _)| *p >= confidence)?;
    match estimate.known() {
        Knowledge::Certain(value) => Some(value.size()),
        Knowledge::Each(quantiles) => Some(quantiles.p90.size()),
        Knowledge::Uncertain(quantiles) => {
            let (p50, p90) = (quantiles.p50.size(), quantiles.p90.size());
            Some(p50 * libm::pow(p90 / p50, z / Z90))
        }
        Knowledge::Unknown => None,
    }
}

/// A thing that a project declares, such as a queue, as rules see it. It is written as its path in
/// the model.
pub(crate) struct Thing<'c, 'a, T> {
    pub(super) context: &'c Context<'a>,
    list: &'static str,
    pub(super) name: &'a str,
    pub(super) entry: &'a Entry<T>,
    pub(super) declared: &'a T,
}

impl<T> Clone for Thing<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Thing<'_, '_, T> {}

impl<T> fmt::Display for Thing<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TomlPath::new(&[self.list, self.name]).fmt(f)
    }
}

/// The things of one table of the format, such as `queues`, in the order of declaration.
pub(super) fn things<'c, 'a, T>(
    context: &'c Context<'a>,
    list: &'static str,
    declared: &'a Map<T>,
) -> impl Iterator<Item = Thing<'c, 'a, T>> {
    declared.entries().map(move |(name, entry)| Thing {
        context,
        list,
        name,
        entry,
        declared: &entry.body.value,
    })
}

impl<'a, T> Thing<'_, 'a, T> {
    pub(super) fn path(&self) -> String {
        self.to_string()
    }

    /// Its declaration with these keys.
    pub(super) fn with(&self, entries: &[(&'static str, String)]) -> Set {
        Set::Keys {
            file: self.entry.name.file,
            table: vec![self.list.to_owned(), self.name.to_owned()],
            entries: entries.to_vec(),
        }
    }

    /// A finding about it that points to its name.
    pub(super) fn finding(&self, rule: &Rule, message: impl Into<String>) -> Finding {
        rule.finding(self.path(), message).at(self.entry.name)
    }

    pub(super) fn is_complete(&self) -> bool {
        let incomplete = &self.context.project.declarations.incomplete;
        !incomplete.contains(&self.entry.name.file)
    }

    pub(super) fn meter(&self, kind: MeterKind) -> Option<&'a Fitted> {
        find(&self.context.outlook.today, &self.meter_id(kind))
    }

    pub(super) fn meter_id(&self, kind: MeterKind) -> String {
        dotted([self.list, self.name, kind.as_str()].into_iter())
    }

    /// What one of its meters is judged at today.
    pub(super) fn demand(&self, kind: MeterKind) -> Option<f64> {
        judged_demand(self.context, self.meter(kind)?)
    }
}

impl<T: Table> Thing<'_, '_, T> {
    /// Whether its declaration was read wholly and says nothing of a key, whose slot this is.
    pub(super) fn lacks<V>(&self, key: &str, slot: &Option<V>) -> bool {
        slot.is_none() && self.is_complete() && !self.declared.is_broken(key)
    }
}

/// Where files have errors: what is absent there may have been meant.
pub(super) struct FileErrors(Vec<Span>);

impl FileErrors {
    pub(super) fn new(context: &Context<'_>) -> Self {
        let findings = context.project.findings.iter();
        let mut spans: Vec<Span> = findings.filter_map(|finding| finding.span).collect();
        spans.sort_unstable();
        Self(spans)
    }

    pub(super) fn within(&self, span: Span) -> bool {
        let before = |error: &Span| (error.file, error.start) < (span.file, span.start);
        let first = self.0.get(self.0.partition_point(before));
        first.is_some_and(|error| error.file == span.file && error.start < span.end)
    }
}

/// Keys that are added, in words: `add `retention = "90d"` and `partition = "day"``.
pub(super) fn added(entries: &[(&'static str, String)]) -> String {
    let entries = entries.iter();
    let entries = entries.map(|(key, value)| format!("`{key} = {value}`"));
    format!("add {}", entries.collect::<Vec<_>>().join(" and "))
}

/// The way that raises a limit, in words that show it.
pub(super) fn raised(key: &str, span: Span, now: String) -> Way {
    let words = format!("raise `{key}` to `{now}`");
    let now = Some(now);
    Way::new(
        "raised",
        words,
        Set::Limit {
            span,
            now,
            max: None,
        },
    )
}

/// The way that writes another value where one stands, in words that show it.
pub(super) fn write(key: &str, span: Span, value: impl Into<String>) -> Way {
    let value = value.into();
    let words = format!("set `{key} = {value}`");
    Way::new("write", words, Set::Value { span, value })
}

pub(super) fn listed(words: &[String], between: &str) -> String {
    const SHOWN: usize = 4;
    let first = words.iter().take(SHOWN).map(String::as_str);
    let first = first.collect::<Vec<_>>().join(between);
    match words.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first}{between}{more} more"),
    }
}
