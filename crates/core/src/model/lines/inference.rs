//! `inference`: runs of models that are paid by what they process.

use super::billed::Billing;
use super::events::{Amount, Asked, Events, retried};
use super::{KindOfLine, Line, Uses};
use crate::collections::HashSet;
use crate::document::forms::{PerName, Price};
use crate::document::reader::{At, list};
use crate::document::tables::{Inference, Model};
use crate::document::values::Count;
use crate::document::{Map, PerEvent, Table};
use crate::meter::Family;
use crate::model::Counts;
use crate::model::resolve::check::{Check, unknown_reference};
use crate::model::resolve::{UNIT_KEYS, is_by_run, units_of};
use crate::model::things::{ComputeModel, Rounding, Value};
use crate::quantity::{Graph, Quantity, RunningSum};
use crate::source::Span;
use crate::suggest::did_you_mean;

impl KindOfLine for Inference {
    const FAMILY: Family = Family::Model;

    const TOLD_BY: &'static [(Amount, &'static str)] = &[(Amount::Billed, "runs")];

    fn uses<'a>(&'a self, check: &mut Check<'a>, at: &At<'_>, span: Span) -> Option<Uses> {
        let written = self.model.as_ref()?;
        let name = &written.value.0;
        let model = check.find::<Model>(&at.key("model"), written.span, name)?;
        let known = units_of(model);
        units(check, at, self, name, model, &known, span);
        let builder = check.builder;
        let path = at.key("units");
        let units = match &self.units {
            Some(units) if !is_by_run(&known) => known
                .into_iter()
                .map(|unit| {
                    let value = builder.per_name(&path, &units.value, &unit, 0.0);
                    (unit, value)
                })
                .collect(),
            _ => Vec::new(),
        };
        Some(Uses {
            units,
            ..Uses::new(
                builder.numbers[Self::FAMILY].reference(name)?,
                Value::Certain(1.0),
            )
        })
    }

    fn asked(line: &Line, events: &Events<'_>, graph: &mut Graph) -> Asked {
        let Some(model) = events.model.compute_model(&line.uses.thing) else {
            return Asked::nothing();
        };
        let miss = events.miss_ratio(line.cache.as_deref(), graph);
        let billed_each = retried(miss, &model.retry_ratio, graph);
        let each: Vec<OfUnit<'_>> = (line.uses.units.iter())
            .map(|(unit, value)| {
                let (used, billed) = model.units_of_run(unit, value, events.payload, graph);
                let used = graph.mul(billed_each, used);
                let billed = billed.map_or(used, |billed| graph.mul(billed_each, billed));
                let unit = unit.as_str();
                OfUnit { unit, used, billed }
            })
            .collect();
        let of_unit = |unit: &str, of: fn(&OfUnit<'_>) -> Quantity| match unit {
            "requests" => billed_each,
            _ => {
                let found = each.iter().find(|each| each.unit == unit);
                found.map_or(Quantity::ZERO, of)
            }
        };
        let mut shown = vec![
            (Amount::Requested, events.occurrences),
            (Amount::Reached, graph.mul(events.occurrences, miss)),
            (Amount::Billed, graph.mul(events.occurrences, billed_each)),
        ];
        let costs = costs(
            model,
            |unit| of_unit(unit, |each| each.billed),
            events,
            graph,
        );
        match costs[..] {
            [] => shown.push((Amount::Spend, Quantity::ZERO)),
            [cost @ (Amount::Spend, _)] => shown.push(cost),
            // A line's share of prices that depend on what all use is nobody's to say.
            _ => {}
        }
        for (index, unit) in model.units.iter().enumerate() {
            let used = graph.mul(events.occurrences, of_unit(unit, |each| each.used));
            shown.push((Amount::unit(index), used));
            if model.rounding.get(index).is_some_and(Rounding::rounds) {
                let billed = of_unit(unit, |each| each.billed);
                let billed = graph.mul(events.occurrences, billed);
                shown.push((Amount::billed_unit(index), billed));
            }
        }
        let peak = events.in_window(billed_each, 1.0, graph);
        let sums = costs.len() + model.limits.len();
        let mut asked = Asked::new(miss, peak, &shown, sums);
        for (amount, quantity) in costs {
            asked.add(amount, quantity);
        }
        for (place, limit) in model.limits.iter().enumerate() {
            let each = match &limit.counts {
                Counts::Units(units) => {
                    let mut sum = RunningSum::default();
                    let used = units.iter().map(|unit| of_unit(unit, |each| each.used));
                    used.for_each(|used| sum.add(used));
                    graph.sum(&sum)
                }
                Counts::Events | Counts::Credits => billed_each,
            };
            let duration = model.duration.as_ref();
            events.count(&mut asked, (place, limit), each, duration, graph);
        }
        asked
    }
}

impl ComputeModel {
    /// How much of a unit a run uses; and what it is billed, where that is rounded.
    pub(crate) fn units_of_run(
        &self,
        unit: &str,
        units: &Value,
        payload: f64,
        graph: &mut Graph,
    ) -> (Quantity, Option<Quantity>) {
        let used = units.quantity(graph).times(payload);
        let index = self.units.iter().position(|known| known == unit);
        let rounding = index.and_then(|index| self.rounding.get(index));
        let rounding = rounding.filter(|rounding| rounding.rounds());
        (used, rounding.map(|it| it.billed(units, payload, graph)))
    }
}

/// What each event takes of a unit, and what it is billed of it.
struct OfUnit<'a> {
    unit: &'a str,
    used: Quantity,
    billed: Quantity,
}

/// What is paid for in a day: money; or, where a price depends on how many units are used in a
/// month, the units of each price. What has no price costs nothing, however many there are.
fn costs(
    model: &ComputeModel,
    of_unit: impl Fn(&str) -> Quantity,
    events: &Events<'_>,
    graph: &mut Graph,
) -> Vec<(Amount, Quantity)> {
    let prices = model.prices.iter();
    if model.is_graduated() {
        let priced = prices.enumerate().map(|(index, (unit, _))| {
            let units = graph.mul(events.occurrences, of_unit(unit));
            (Amount::priced(index), units)
        });
        let priced: Vec<(Amount, Quantity)> = priced.collect();
        // Where one is unknown, so is what all of them cost.
        let unknown = priced.iter().any(|(_, units)| units.is_unknown());
        let marked = |(amount, units): (Amount, Quantity)| (amount, units.mark_unknown(unknown));
        return priced.into_iter().map(marked).collect();
    }
    if model.prices.is_empty() {
        return Vec::new();
    }
    let mut each = RunningSum::default();
    for (unit, price) in prices {
        each.add(price.of(of_unit(unit), graph));
    }
    let each = graph.sum(&each);
    vec![(Amount::Spend, graph.mul(events.occurrences, each))]
}

impl Rounding {
    fn rounds(&self) -> bool {
        *self != Self::default()
    }

    /// The units that a run is billed.
    fn billed(&self, units: &Value, payload: f64, graph: &mut Graph) -> Quantity {
        let billing = Billing {
            base: Quantity::ZERO,
            each: Quantity::certain(self.step.unwrap_or(1.0)),
            step: self.step,
            least: self.least,
        };
        billing.of(units, payload, graph)
    }
}

fn units(
    check: &mut Check<'_>,
    at: &At<'_>,
    line: &Inference,
    name: &str,
    model: &Model,
    known: &[String],
    span: Span,
) {
    if UNIT_KEYS.iter().any(|key| model.is_broken(key)) {
        return;
    }
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let at_units = at.key("units");
    match &line.units {
        Some(units) if is_by_run(known) => {
            check.invalid(&at_units, units.span, BY_RUN, "remove it");
        }
        None if line.is_broken("units") || !counts_units(model) || is_by_run(known) => {}
        None => check.missing(
            at,
            "units",
            span,
            format!("{} does not say how many units a run takes", at.words()),
            format!(
                "add {}: the model `{name}` counts {}",
                example(&names),
                list(&names)
            ),
        ),
        Some(units) => match &units.value {
            PerName::Same(_) if names.len() > 1 => check.invalid(
                &at_units,
                units.span,
                format!("the model `{name}` has several units: {}", list(&names)),
                format!("write one estimate for each, such as {}", example(&names)),
            ),
            PerName::Same(_) => {}
            PerName::By(map) => by_unit(check, &at_units, map, units.span, name, &names),
        },
    }
}

const BY_RUN: &str = "`requests` are counted by themselves: each run is one";

/// Whether anything is priced or limited by a unit other than the request.
fn counts_units(model: &Model) -> bool {
    let priced = match model.price.as_ref().map(|price| &price.value) {
        None => false,
        Some(Price::One(_)) => true,
        Some(Price::Units(prices)) => prices.units.names().any(|unit| unit != "requests"),
    };
    let limited = match model.capacity.as_ref().map(|capacity| &capacity.value) {
        None => false,
        Some(PerName::Same(_)) => true,
        Some(PerName::By(units)) => units.names().any(|unit| unit != "requests"),
    };
    let mut limits = model
        .limits
        .all()
        .iter()
        .filter_map(|it| it.value.counts.as_ref());
    let counted = limits.any(|it| it.value.0.iter().any(|unit| unit.value != "requests"));
    priced || limited || counted || model.unit.is_some()
}

fn example(units: &[&str]) -> String {
    match units {
        [_] => "`units = 2.5`".to_owned(),
        units => {
            let pairs = units.iter().take(4).map(|unit| format!("{unit} = 800"));
            let pairs: Vec<String> = pairs.collect();
            format!("`units = {{ {} }}`", pairs.join(", "))
        }
    }
}

fn by_unit(
    check: &mut Check<'_>,
    at: &At<'_>,
    map: &Map<PerEvent<Count>>,
    span: Span,
    name: &str,
    known: &[&str],
) {
    let mut misspelt = HashSet::default();
    for (unit, entry) in map.entries() {
        if known.contains(&unit) || check.may_be_lost(unit) {
            continue;
        }
        let at = at.key(unit);
        if unit == "requests" {
            check.invalid(&at, entry.name, BY_RUN, "remove it");
            continue;
        }
        let message = format!("the model `{name}` has no unit `{unit}`");
        let help = match check.meant(unit, known.iter().copied()) {
            Some(meant) => {
                misspelt.insert(meant.word);
                did_you_mean(meant)
            }
            None => {
                let known = list(known);
                format!("its units, by its `price` and `capacity`, are {known}").into()
            }
        };
        check.report(unknown_reference(&at, entry.name, message).help(help));
    }
    for unit in known {
        if map.get(unit).is_some() || map.is_broken(unit) || misspelt.contains(unit) {
            continue;
        }
        let message = format!("`units` leaves out `{unit}`");
        let help = format!("add how many `{unit}` a run takes; `0` where it takes none");
        check.missing(at, unit, span, message, help);
    }
}
