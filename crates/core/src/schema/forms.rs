//! Values of more than one form, and what holds many.

use serde_json::{Value, json};

use super::patterns;
use crate::document::describe::{Definitions, Described, documented};
use crate::document::forms::{CacheChoice, PerName, Price, Raw, SomeBytes, UnitPrices};
use crate::document::graduated::Steps;
use crate::document::projection::Projection;
use crate::document::tables::{
    BytesPrice, Cache, CountedUnits, FlatOverage, Overage, OverageStep, Pack, Packs, StoragePrice,
    Threshold, ThresholdTable, UnitPrice, UnitStep, UsageMap, UsageMaps, UsageTarget, Waiver,
    Waivers,
};
use crate::document::values::{Count, Flow, Positive, Text};
use crate::document::{Estimate, Limit, Lines, Map, Named, PerEvent, RateLimits, Scalar};
use crate::units::{Growth, Money, Ratio, Size};

/// The keys that make a table one value and not a table of names.
const MARKS: [&str; 5] = ["p10", "p50", "p90", "each", "now"];

/// The name of the definition that a schema refers to.
fn name(schema: &Value) -> &str {
    let reference = schema["$ref"].as_str().unwrap_or_default();
    reference.rsplit('/').next().unwrap_or_default()
}

fn named_values(value: Value) -> Value {
    json!({
        "type": "object",
        "patternProperties": { patterns::name(): value },
        "additionalProperties": false,
    })
}

fn list_of(item: Value) -> Value {
    json!({ "type": "array", "items": item })
}

impl<T: Described + Named> Described for Map<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        let value = T::describe(definitions);
        if T::ANY_NAME {
            return json!({ "type": "object", "additionalProperties": value });
        }
        named_values(value)
    }
}

impl<T: Described> Described for Lines<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        list_of(T::describe(definitions))
    }
}

impl Described for Packs {
    fn describe(definitions: &mut Definitions) -> Value {
        list_of(Pack::describe(definitions))
    }
}

impl Described for UsageMaps {
    fn describe(definitions: &mut Definitions) -> Value {
        list_of(UsageMap::describe(definitions))
    }
}

impl Described for UsageMap {
    fn describe(definitions: &mut Definitions) -> Value {
        let columns = <Map<Text>>::describe(definitions);
        let target = UsageTarget::describe(definitions);
        let columns = documented(
            "Values of columns, exact or with `*` as a wildcard.",
            columns,
        );
        let [when, to] = Self::KEYS;
        definitions.define("UsageMap", |_| {
            json!({
                "description": "What rows with certain values are about.",
                "type": "object",
                "properties": { when: columns, to: documented("What they are about.", target) },
                "required": Self::KEYS,
                "additionalProperties": false,
            })
        })
    }
}

impl Described for Waivers {
    fn describe(definitions: &mut Definitions) -> Value {
        list_of(Waiver::describe(definitions))
    }
}

/// Quantiles, 0 < p10 ≤ p50 ≤ p90.
fn quantiles<T: Scalar>(definitions: &mut Definitions) -> Value {
    let plain = T::describe(definitions);
    // The maximum is the median's alone.
    let outer = if T::MAXIMUM < f64::INFINITY {
        Ratio::describe(definitions)
    } else {
        plain.clone()
    };
    let above_0 = |schema: &Value| json!({ "allOf": [schema], "not": { "enum": [0] } });
    json!({
        "description": "Quantiles, 0 < p10 ≤ p50 ≤ p90; p10 may be left out.",
        "type": "object",
        "properties": { "p10": above_0(&outer), "p50": above_0(&plain), "p90": above_0(&outer) },
        "required": ["p50", "p90"],
        "additionalProperties": false,
    })
}

impl<T: Scalar> Described for Estimate<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        let plain = T::describe(definitions);
        let quantiles = quantiles::<T>(definitions);
        definitions.define(&format!("estimate-of-{}", name(&plain)), |_| {
            json!({
                "description": "A value; or quantiles, { p50 = …, p90 = … }; or \"unknown\".",
                "anyOf": [plain, quantiles, { "type": "string", "enum": ["unknown"] }],
            })
        })
    }
}

impl<T: Scalar> Described for PerEvent<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        let plain = T::describe(definitions);
        let quantiles = quantiles::<T>(definitions);
        definitions.define(&format!("each-of-{}", name(&plain)), |_| {
            let each = json!({
                "description": "The quantiles of what differs from event to event: totals follow its mean.",
                "type": "object",
                "properties": { "each": quantiles },
                "required": ["each"],
                "additionalProperties": false,
            });
            json!({
                "description": "A value; or quantiles, { p50 = …, p90 = … }; or { each = { p50 = …, p90 = … } }, where it differs from event to event; or \"unknown\".",
                "anyOf": [plain, quantiles, each, { "type": "string", "enum": ["unknown"] }],
            })
        })
    }
}

impl<T: Described, const OR_NONE: bool> Described for Limit<T, OR_NONE> {
    fn describe(definitions: &mut Definitions) -> Value {
        let plain = T::describe(definitions);
        let limits = |max: &Value| {
            json!({
                "type": "object",
                "properties": { "now": plain, "max": max },
                "required": ["now"],
                "additionalProperties": false,
            })
        };
        let (kind, description, forms) = if OR_NONE {
            let none = json!({ "type": "string", "enum": ["none"] });
            let max = json!({ "anyOf": [plain, none] });
            let description = "A value, or { now = …, max = … }: what holds today, and the most it can be raised to without a redesign; or \"none\", where it was decided that there is no limit.";
            ("limit", description, json!([plain, limits(&max), none]))
        } else {
            let description = "A value, or { now = …, max = … }: what holds today, and the most it can be raised to without a redesign.";
            ("strict-limit", description, json!([plain, limits(&plain)]))
        };
        let definition = json!({ "description": description, "anyOf": forms });
        definitions.define(&format!("{kind}-of-{}", name(&plain)), |_| definition)
    }
}

impl Described for CountedUnits {
    fn describe(_: &mut Definitions) -> Value {
        let unit = json!({ "type": "string" });
        json!({ "anyOf": [unit, { "type": "array", "minItems": 1, "items": unit }] })
    }
}

impl Described for RateLimits {
    fn describe(definitions: &mut Definitions) -> Value {
        let limit = Limit::<Flow>::describe(definitions);
        json!({ "anyOf": [limit, list_of(limit.clone())] })
    }
}

impl Described for Projection {
    fn describe(definitions: &mut Definitions) -> Value {
        let estimate = Estimate::<Count>::describe(definitions);
        let growth = Growth::describe(definitions);
        definitions.define("projection", |_| {
            json!({
                "description": "How many there are today; or { now = 3600, 30d = 4000, 90d = 5000 }; or { now = 40, growth = \"10%/month\" }.",
                "anyOf": [
                    estimate,
                    {
                        "type": "object",
                        "properties": { "growth": growth },
                        "patternProperties": { patterns::day(): estimate },
                        "required": ["now"],
                        "dependencies": { "growth": { "maxProperties": 2 } },
                        "additionalProperties": false,
                    },
                ],
            })
        })
    }
}

impl<T: Described> Described for PerName<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        let same = T::describe(definitions);
        let mut by_name = named_values(same.clone());
        if MARKS.iter().any(|mark| takes(definitions, &same, mark)) {
            let marks = MARKS.iter().filter(|mark| takes(definitions, &same, mark));
            let marks: Vec<Value> = marks.map(|mark| json!({ "required": [mark] })).collect();
            by_name["not"] = json!({ "anyOf": marks });
        }
        json!({ "anyOf": [same, by_name] })
    }
}

/// Whether a value can be a table with a key.
fn takes(definitions: &Definitions, schema: &Value, key: &str) -> bool {
    let definition = definitions.0.get(name(schema)).unwrap_or(schema);
    let mut forms = definition["anyOf"].as_array().into_iter().flatten();
    forms.any(|form| form["properties"].get(key).is_some())
}

impl Described for BytesPrice {
    fn describe(definitions: &mut Definitions) -> Value {
        StoragePrice::describe(definitions)
    }
}

impl Described for SomeBytes {
    fn describe(definitions: &mut Definitions) -> Value {
        let size = Size::describe(definitions);
        json!({ "allOf": [size], "not": { "enum": [0] } })
    }
}

impl Described for Price {
    fn describe(definitions: &mut Definitions) -> Value {
        let one = UnitPrice::describe(definitions);
        let units = UnitPrices::describe(definitions);
        json!({ "anyOf": [one, units] })
    }
}

impl Described for UnitPrice {
    fn describe(definitions: &mut Definitions) -> Value {
        let money = Money::describe(definitions);
        let steps = Steps::<UnitStep>::describe(definitions);
        definitions.define("unit-price", |_| {
            json!({
                "description": "Money per unit; or a list of steps, each with its own.",
                "anyOf": [money, steps],
            })
        })
    }
}

impl Described for Overage {
    fn describe(definitions: &mut Definitions) -> Value {
        let flat = FlatOverage::describe(definitions);
        let steps = Steps::<OverageStep>::describe(definitions);
        json!({ "anyOf": [flat, steps] })
    }
}

impl<T: Described> Described for Steps<T> {
    fn describe(definitions: &mut Definitions) -> Value {
        let mut steps = list_of(T::describe(definitions));
        steps["minItems"] = 1.into();
        steps
    }
}

impl Described for UnitPrices {
    fn describe(definitions: &mut Definitions) -> Value {
        let per = Positive::describe(definitions);
        let mut units = named_values(UnitPrice::describe(definitions));
        units["properties"] = json!({
            "per": documented("How many units the prices are for. Default: 1.", per),
        });
        units["minProperties"] = 1.into();
        units["not"] = json!({ "required": ["per"], "maxProperties": 1 });
        units
    }
}

impl Described for CacheChoice {
    fn describe(definitions: &mut Definitions) -> Value {
        let cache = Cache::describe(definitions);
        json!({ "anyOf": [{ "type": "boolean", "enum": [false] }, cache] })
    }
}

impl Described for Threshold {
    fn describe(definitions: &mut Definitions) -> Value {
        let ratio = Ratio::describe(definitions);
        let table = ThresholdTable::describe(definitions);
        json!({ "anyOf": [ratio, { "allOf": [table], "minProperties": 1 }] })
    }
}

impl Described for Raw {
    fn describe(_: &mut Definitions) -> Value {
        json!({})
    }
}
