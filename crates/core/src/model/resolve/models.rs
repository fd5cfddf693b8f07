//! `[models.NAME]`: units of prices, capacities and quotas.

use crate::document::forms::{PerName, Price};
use crate::document::map::Entry;
use crate::document::reader::{At, list, values_quote};
use crate::document::table::Table;
use crate::document::tables::Model;
use crate::document::values::Flow;
use crate::model::build::units_of;
use crate::model::resolve::check::{Check, TIER, invalid, unknown_reference};
use crate::source::Span;

/// Checks the models.
pub(super) fn check(check: &mut Check<'_>) {
    let root = check.root;
    let top = At::top();
    let models = top.key("models");
    for (name, entry) in root.models.entries() {
        let at = models.key(name);
        let model = &entry.body.value;
        unit(check, &at, model);
        if ["price", "capacity", "unit"]
            .iter()
            .any(|key| model.is_broken(key))
        {
            continue;
        }
        let units = units_of(model);
        let units: Vec<&str> = units.iter().map(String::as_str).collect();
        one_unit(check, &at, model, &units);
        quotas(check, &at, model, &units);
    }
}

/// Checks that a unit is named where the price is one number.
fn unit(check: &mut Check<'_>, at: &At<'_>, model: &Model) {
    let (Some(unit), Some(price)) = (&model.unit, &model.price) else {
        return;
    };
    if matches!(price.value, Price::Units { .. }) {
        check.report(
            invalid(
                &at.key("unit"),
                unit.span,
                "`unit` goes with a price that is one number",
                "remove it: the price names its units",
            )
            .also(price.span, "the price is declared here"),
        );
    }
}

/// Checks that one number stands for one unit.
fn one_unit(check: &mut Check<'_>, at: &At<'_>, model: &Model, units: &[&str]) {
    if units.len() < 2 {
        return;
    }
    if let Some(price) = &model.price
        && matches!(price.value, Price::One(_))
    {
        check.report(invalid(
            &at.key("price"),
            price.span,
            format!(
                "one price, and the model has several units: {}",
                list(units)
            ),
            format!(
                "write a price for each, such as `{{ {} = 0.01 }}`",
                units[0]
            ),
        ));
    }
    if let Some(capacity) = &model.capacity
        && matches!(capacity.value, PerName::Same(_))
    {
        check.report(invalid(
            &at.key("capacity"),
            capacity.span,
            format!(
                "one capacity, and the model has several units: {}",
                list(units)
            ),
            format!(
                "write one for each, such as `{{ {} = \"2M/min\" }}`",
                units[0]
            ),
        ));
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
                    let tenants = &check.root.tenants;
                    check.find(&at, entry.name, TIER, tenants, tier);
                }
                rates_of(check, &at, &entry.body.value, entry.body.span, units);
            }
        }
    }
}

/// Says that a unit stands where a tier belongs.
fn units_for_tiers(
    check: &mut Check<'_>,
    at: &At<'_>,
    entry: &Entry<PerName<Flow>>,
    units: &[&str],
) -> bool {
    let name = at.name();
    let tenants = &check.root.tenants;
    let is_tier = name == "all" || tenants.get(name).is_some();
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
        PerName::Same(_) if units.len() > 1 => check.report(invalid(
            at,
            span,
            format!(
                "one quota, and the model has several units: {}",
                list(units)
            ),
            format!(
                "write which it is for, such as `{{ {} = \"2M/month\" }}`",
                units[0]
            ),
        )),
        PerName::Same(_) => {}
        PerName::By(map) => {
            for (unit, entry) in map.entries() {
                if unit == "requests" || units.contains(&unit) || check.may_be_lost(unit) {
                    continue;
                }
                let message = format!("the model has no unit `{}`", values_quote(unit));
                let otherwise = format!(
                    "its units, by its `price` and `capacity`, are {}",
                    list(units)
                );
                let known = units.iter().copied().chain(["requests"]);
                check.unknown(&at.key(unit), entry.name, message, unit, known, otherwise);
            }
        }
    }
}
