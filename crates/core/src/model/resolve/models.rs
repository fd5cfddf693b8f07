//! `[models.NAME]`: units of prices, capacities and quotas.

use crate::document::forms::{PerName, Price};
use crate::document::projection::Projection;
use crate::document::reader::{At, list, quotable};
use crate::document::tables::{Model, UnitPrice};
use crate::document::values::Flow;
use crate::document::{Entry, Map, Table};
use crate::meter::Family;
use crate::model::builder::{bound, span_of, value_of};
use crate::model::prices::Graduated;
use crate::model::resolve::check::{Check, unknown_reference};
use crate::model::resolve::limits;
use crate::model::things::{ComputeModel, Rounding, UsageLimit};
use crate::model::usage_limits::Counts;
use crate::source::Span;
use crate::units::Money;

/// The keys that say which units a model has.
pub(crate) const UNIT_KEYS: [&str; 3] = ["price", "capacity", "unit"];

pub(crate) fn compute_model(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<Model>,
) -> Option<ComputeModel> {
    let model = &entry.body.value;
    let builder = check.builder;
    let units = units_of(model);
    unit(check, at, model);
    if !UNIT_KEYS.iter().any(|key| model.is_broken(key)) {
        let units: Vec<&str> = units.iter().map(String::as_str).collect();
        one_unit(check, at, model, &units);
        quotas(check, at, model, &units);
    }
    let prices = match model.price.as_ref().map(|price| &price.value) {
        None => Vec::new(),
        Some(Price::One(price)) => vec![(units[0].clone(), graduated(price, 1.0))],
        Some(Price::Units(prices)) => {
            let per = prices.per.as_ref().map_or(1.0, |per| per.value.0);
            let prices = by_unit(&prices.units).into_iter();
            let prices = prices.map(|(unit, price)| (unit, graduated(price, per)));
            prices.collect()
        }
    };
    let capacity = match model.capacity.as_ref().map(|capacity| &capacity.value) {
        None => Vec::new(),
        Some(PerName::Same(limit)) => vec![(units[0].clone(), limit)],
        Some(PerName::By(limits)) => by_unit(limits),
    };
    let capacity = capacity.into_iter().filter_map(|(unit, limit)| {
        let counts = Counts::Units(vec![unit.clone()]);
        builder.rate_limit(&[&unit], limit, counts)
    });
    let mut limits: Vec<UsageLimit> = capacity.collect();
    limits.extend(limits::of_model(check, at, model, &units));
    Some(ComputeModel {
        id: builder.numbers[Family::Model].id(at.name())?,
        prices,
        retry_ratio: builder.optional(at, "retry_ratio", &model.retry_ratio, 0.0, |ratio| ratio.0),
        budget: bound(&model.budget, |money| money.to_f64()),
        limits,
        duration: builder.declared(at, "duration", &model.duration, |it| it.seconds),
        rounding: rounding(check, at, model, &units),
        units,
    })
}

/// What a unit costs, of a price for `per` of them.
fn graduated(price: &UnitPrice, per: f64) -> Graduated {
    match price {
        UnitPrice::Flat(money) => Graduated::flat(money.to_f64() / per),
        UnitPrice::Graduated(steps) => Graduated::new(steps.0.iter().map(|step| {
            let price = value_of(&step.value.price).map_or(0.0, Money::to_f64);
            (value_of(&step.value.up_to).map(|end| end.0), price / per)
        })),
    }
}

/// How each unit of a run is billed; nothing where all are billed as they are used.
fn rounding(check: &mut Check<'_>, at: &At<'_>, model: &Model, units: &[String]) -> Vec<Rounding> {
    if model.step.is_none() && model.min_units.is_none() {
        return Vec::new();
    }
    if is_by_run(units) {
        let spans = [
            ("step", span_of(&model.step)),
            ("min_units", span_of(&model.min_units)),
        ];
        for (key, span) in spans {
            let Some(span) = span else { continue };
            check.invalid(&at.key(key), span, NOT_ROUNDED, "remove it");
        }
        return Vec::new();
    }
    if !UNIT_KEYS.iter().any(|key| model.is_broken(key)) {
        let names: Vec<&str> = units.iter().map(String::as_str).collect();
        if let Some(PerName::By(steps)) = model.step.as_ref().map(|step| &step.value) {
            rounded_units(check, &at.key("step"), steps, &names);
        }
        if let Some(PerName::By(least)) = model.min_units.as_ref().map(|least| &least.value) {
            rounded_units(check, &at.key("min_units"), least, &names);
        }
    }
    let rounding = |unit: &String| Rounding {
        step: (model.step.as_ref().and_then(|step| step.value.get(unit))).map(|step| step.0),
        least: (model
            .min_units
            .as_ref()
            .and_then(|least| least.value.get(unit)))
        .map_or(0.0, |least| least.0),
    };
    units.iter().map(rounding).collect()
}

const NOT_ROUNDED: &str = "each run is one of `requests`, which is not rounded";

/// Whether a model's only unit is the request, of which each run is one.
pub(crate) fn is_by_run(units: &[String]) -> bool {
    matches!(units, [unit] if unit == "requests")
}

fn rounded_units<T>(check: &mut Check<'_>, at: &At<'_>, map: &Map<T>, units: &[&str]) {
    for (unit, entry) in map.entries() {
        if unit == "requests" {
            check.invalid(&at.key(unit), entry.name, NOT_ROUNDED, "remove it");
        } else {
            known_unit(check, at, unit, entry.name, units.iter().copied());
        }
    }
}

fn by_unit<T>(declared: &Map<T>) -> Vec<(String, &T)> {
    let units = declared.iter();
    let values = units.map(|(unit, declared)| (unit.to_owned(), declared));
    let mut values: Vec<(String, &T)> = values.collect();
    values.sort_by(|a, b| a.0.cmp(&b.0));
    values
}

/// The units of a model, `requests` aside, in the order of their names: those of its price and
/// capacity, else its `unit`. At least one.
pub(crate) fn units_of(model: &Model) -> Vec<String> {
    let price = model.price.as_ref().map(|price| &price.value);
    let capacity = model.capacity.as_ref().map(|capacity| &capacity.value);
    let mut units = Vec::new();
    if let Some(Price::Units(prices)) = price {
        units.extend(prices.units.names().map(str::to_owned));
    }
    if let Some(PerName::By(limits)) = capacity {
        units.extend(limits.names().map(str::to_owned));
    }
    units.retain(|unit| unit != "requests");
    let one = matches!(price, Some(Price::One(_))) || matches!(capacity, Some(PerName::Same(_)));
    if units.is_empty() || (one && model.unit.is_some()) {
        let unit = model.unit.as_ref().map(|unit| unit.value.0.clone());
        units.push(unit.unwrap_or_else(|| "units".to_owned()));
    }
    units.sort();
    units.dedup();
    units
}

/// Checks that a unit is named where the price is one number.
fn unit(check: &mut Check<'_>, at: &At<'_>, model: &Model) {
    let (Some(unit), Some(price)) = (&model.unit, &model.price) else {
        return;
    };
    if matches!(price.value, Price::Units(_)) {
        let message = "`unit` goes with a price that is one number";
        let help = "remove it: the price names its units";
        let note = (price.span, "the price is declared here");
        check.clash(&at.key("unit"), unit.span, message, help, note);
    }
}

/// Checks that one number stands for one unit.
fn one_unit(check: &mut Check<'_>, at: &At<'_>, model: &Model, units: &[&str]) {
    if units.len() < 2 {
        return;
    }
    let price = model.price.as_ref();
    let price = price.filter(|price| matches!(price.value, Price::One(_)));
    let capacity = model.capacity.as_ref();
    let capacity = capacity.filter(|capacity| matches!(capacity.value, PerName::Same(_)));
    let (price, capacity) = (price.map(|it| it.span), capacity.map(|it| it.span));
    let found = [
        ("price", price, "a price", "0.01"),
        ("capacity", capacity, "one", "\"2M/min\""),
    ];
    let (listed, first) = (list(units), units[0]);
    for (key, span, thing, value) in found {
        let Some(span) = span else { continue };
        let message = format!("one {key}, and the model has several units: {listed}");
        let help = format!("write {thing} for each, such as `{{ {first} = {value} }}`");
        check.invalid(&at.key(key), span, message, help);
    }
}

fn quotas(check: &mut Check<'_>, at: &At<'_>, model: &Model, units: &[&str]) {
    let Some(quota) = &model.tenant_quota else {
        return;
    };
    let at = at.key("tenant_quota");
    match &quota.value {
        PerName::Same(rates) => rates_of(check, &at, rates, quota.span, units),
        PerName::By(tiers) => {
            for (tier, entry) in tiers.entries() {
                let at = at.key(tier);
                if units_for_tiers(check, &at, entry, units) {
                    continue;
                }
                if tier != "all" {
                    check.find::<Projection>(&at, entry.name, tier);
                }
                rates_of(check, &at, &entry.body.value, entry.body.span, units);
            }
        }
    }
}

fn units_for_tiers(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<PerName<Flow>>,
    units: &[&str],
) -> bool {
    let name = at.name();
    let is_tier = name == "all" || check.root.tenants.get(name).is_some();
    let is_unit = name == "requests" || units.contains(&name);
    if is_tier || !is_unit {
        return false;
    }
    let message = format!("`{name}` is a unit, and quotas are by tier first");
    let help = format!("write `{{ all = {{ {name} = … }} }}`, or a tier's name instead of `all`");
    check.report(unknown_reference(at, entry.name, message).help(help));
    true
}

fn rates_of(check: &mut Check<'_>, at: &At<'_>, rates: &PerName<Flow>, span: Span, units: &[&str]) {
    match rates {
        PerName::Same(_) if units.len() > 1 => {
            let (all, first) = (list(units), units[0]);
            let message = format!("one quota, and the model has several units: {all}");
            let help = format!("write which it is for, such as `{{ {first} = \"2M/month\" }}`");
            check.invalid(at, span, message, help);
        }
        PerName::Same(_) => {}
        PerName::By(map) => {
            for (unit, entry) in map.entries() {
                let known = units.iter().copied().chain(["requests"]);
                known_unit(check, at, unit, entry.name, known);
            }
        }
    }
}

/// Checks that a model has a unit that is a key.
fn known_unit<'u>(
    check: &mut Check<'_>,
    at: &At<'_>,
    unit: &str,
    span: Span,
    known: impl Iterator<Item = &'u str> + Clone,
) {
    if known.clone().any(|known| known == unit) || check.may_be_lost(unit) {
        return;
    }
    let message = format!("the model has no unit `{}`", quotable(unit));
    let units: Vec<&str> = known.clone().filter(|unit| *unit != "requests").collect();
    let all = list(&units);
    let otherwise = format!("its units, by its `price` and `capacity`, are {all}");
    check.unknown(&at.key(unit), span, message, unit, known, otherwise);
}
