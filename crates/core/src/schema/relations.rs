//! Keys that require or exclude each other, as far as they stand in one table.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::patterns;
use crate::document::tables::LineKind;
use crate::model::Calendar;

/// Adds what one key of a table says about another.
pub(super) fn relate(definitions: &mut BTreeMap<String, Value>) {
    for kind in LineKind::ALL {
        add(definitions, &format!("{kind:?}"), demand_line());
    }
    add(definitions, "Cache", cache());
    add(definitions, "Endpoint", endpoint());
    add(definitions, "Entity", entity());
    add(definitions, "ApiLimit", usage_limit());
    add(definitions, "ModelLimit", usage_limit());
    let one = never_both("adoption", "active");
    add(definitions, "Feature", vec![one]);
    add(definitions, "Metric", vec![exactly_one("counter", "gauge")]);
    add(definitions, "Table", table());
    add(definitions, "Queue", queue());
    let priced = json!({ "dependencies": { "budget": ["price"] } });
    add(definitions, "Database", vec![priced]);
    add(definitions, "Model", vec![no_unit_beside_units()]);
    let event = json!({ "dependencies": { "lasts": ["on"], "buffer": ["on"] } });
    add(definitions, "Scenario", vec![event]);
    let code = json!({ "pattern": "^[A-Z]{3}$" });
    tighten(definitions, "Project", "currency", code);
    let month = json!({ "minimum": Calendar::MONTH.start(), "maximum": Calendar::MONTH.end() });
    tighten(definitions, "Project", "days_per_month", month);
    tighten(definitions, "Project", "name", json!({ "pattern": "\\S" }));
    tighten(definitions, "Pack", "max", json!({ "type": "integer" }));
}

fn add(definitions: &mut BTreeMap<String, Value>, name: &str, relations: Vec<Value>) {
    if let Some(definition) = definitions.get_mut(name) {
        definition["allOf"] = relations.into();
    }
}

/// Adds to what a key takes.
fn tighten(definitions: &mut BTreeMap<String, Value>, table: &str, key: &str, with: Value) {
    let table = definitions.get_mut(table);
    let property = table.and_then(|table| table["properties"].get_mut(key));
    if let (Some(Value::Object(property)), Value::Object(with)) = (property, with) {
        property.extend(with);
    }
}

fn required(key: &str) -> Value {
    json!({ "required": [key] })
}

fn any_of(keys: &[&str]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| required(key)).collect();
    json!({ "anyOf": keys })
}

fn none_of(keys: &[&str]) -> Value {
    json!({ "not": any_of(keys) })
}

fn exactly_one(first: &str, second: &str) -> Value {
    json!({ "oneOf": [required(first), required(second)] })
}

fn never_both(first: &str, second: &str) -> Value {
    json!({ "not": { "required": [first, second] } })
}

/// What holds where a key has one of these values.
fn where_is(key: &str, values: &[&str], then: Value) -> Value {
    json!({
        "if": { "properties": { key: { "enum": values } }, "required": [key] },
        "then": then,
    })
}

fn demand_line() -> Vec<Value> {
    let batch = json!({ "type": "string", "pattern": patterns::batch() });
    let rate_is = |form: Value| {
        let median =
            json!({ "type": "object", "properties": { "p50": form }, "required": ["p50"] });
        json!({ "properties": { "rate": { "anyOf": [form, median] } }, "required": ["rate"] })
    };
    vec![
        exactly_one("rate", "after"),
        json!({ "dependencies": {
            "after": none_of(&["per", "tenants", "peak", "peak_day", "spread"]),
            "fanout": ["after"],
        } }),
        json!({ "if": rate_is(batch), "then": none_of(&["peak", "peak_day"]) }),
    ]
}

/// Items are billed in steps that cost as much as they hold, or a price of their own.
fn endpoint() -> Vec<Value> {
    let priced = any_of(&["credits_per_item", "credits_per_step"]);
    vec![
        never_both("credits_per_item", "credits_per_step"),
        json!({ "dependencies": { "credits_per_step": ["step"], "step": priced } }),
    ]
}

fn cache() -> Vec<Value> {
    let shared =
        json!({ "properties": { "scope": { "enum": ["shared"] } }, "required": ["scope"] });
    vec![
        any_of(&["ttl", "hit_ratio"]),
        json!({ "if": shared, "then": required("keys") }),
    ]
}

fn entity() -> Vec<Value> {
    vec![
        exactly_one("per_tenant", "count"),
        json!({ "dependencies": { "fixed": ["count"] } }),
    ]
}

fn usage_limit() -> Vec<Value> {
    let exclusive =
        json!({ "properties": { "exclusive": { "enum": [true] } }, "required": ["exclusive"] });
    vec![
        exactly_one("rate", "concurrent"),
        never_both("concurrent", "counts"),
        json!({ "dependencies": { "largest": ["per"] } }),
        json!({ "if": exclusive, "then": required("endpoints") }),
    ]
}

fn table() -> Vec<Value> {
    let growing = none_of(&["from", "ratio", "refresh", "rows", "per"]);
    let rollup = json!({ "required": ["from", "ratio"], "not": any_of(&["rows", "per"]) });
    let sums = ["from", "ratio", "refresh"];
    let expires = ["retention", "partition", "expire", "compress"];
    let state = json!({ "required": ["rows"], "not": any_of(&[&sums[..], &expires].concat()) });
    vec![
        where_is("kind", &["snapshot", "event"], growing),
        where_is("kind", &["rollup"], rollup),
        where_is("kind", &["state"], state),
    ]
}

fn queue() -> Vec<Value> {
    let of_kafka = none_of(&[
        "partitions",
        "partition_throughput",
        "replication",
        "retention_bytes",
        "compact",
    ]);
    let of_redis = none_of(&["eviction"]);
    let but_redis = ["kafka", "sqs", "sqs-fifo", "rabbitmq"];
    vec![
        where_is("broker", &["rabbitmq", "redis"], none_of(&["retention"])),
        never_both("compact", "retention"),
        never_both("compact", "retention_bytes"),
        json!({ "dependencies": { "retention_bytes": ["partitions"], "budget": ["price"] } }),
        where_is(
            "broker",
            &["sqs", "sqs-fifo", "rabbitmq", "redis"],
            of_kafka,
        ),
        where_is("broker", &but_redis, of_redis),
    ]
}

/// A price by unit names its units.
fn no_unit_beside_units() -> Value {
    json!({
        "not": {
            "properties": { "price": { "type": "object" } },
            "required": ["unit", "price"],
        },
    })
}
