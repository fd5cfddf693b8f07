//! The JSON Schemas: of `capacity.toml`, for editors and for checks without caplint, and of the
//! JSON report.
//!
//! The first is made from the tables that the reader reads by (`crate::document::tables`): a
//! key that is added there is in the schema, with its doc comment. It is draft-07, the newest
//! draft that all of taplo, VS Code and check-jsonschema understand.
//!
//! Of what the reader refuses, a schema cannot say: the order of quantiles, windows that are
//! limited twice, periods of `now` and `max` that differ, references, and what hangs on the file
//! that it stands in or on other files. Dates and strings are one in JSON.

mod forms;
mod patterns;
mod relations;
mod report;
mod values;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::document::describe::{Definitions, Described, documented, words};
use crate::document::tables::Root;
use crate::rules;
use crate::rules::AllowedOn;
use crate::rules::names::{allowable, choosable};

pub use report::{
    calibration, explanation, forecast, history, purchases, quotas, report, review, rows, rules,
    usage,
};

/// Where the schema of `capacity.toml` is published.
pub const ID: &str =
    "https://raw.githubusercontent.com/caplint/caplint/main/schema/capacity.schema.json";

/// The schema of `capacity.toml`; `summary` says in one sentence what a rule checks.
pub fn capacity(summary: &dyn Fn(&rules::Rule) -> &'static str) -> Value {
    let mut definitions = Definitions::default();
    Root::describe(&mut definitions);
    let mut root = definitions.0.remove("Root").unwrap_or_default();
    relations::relate(&mut definitions.0);
    name_rules(&mut root, &mut definitions.0, summary);
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "capacity.toml",
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, root) {
        schema.extend(root);
        let definitions: Map<String, Value> = definitions.0.into_iter().collect();
        schema.insert("definitions".to_owned(), definitions.into());
    }
    schema
}

/// Lists the rules, where the format takes their names: a wrong one is an error.
fn name_rules(
    root: &mut Value,
    definitions: &mut BTreeMap<String, Value>,
    summary: &dyn Fn(&rules::Rule) -> &'static str,
) {
    let about_rule = |name: &str| match rules::rule(name) {
        Some(rule) => format!("{} Default: `{}`.", summary(rule), rule.severity.as_str()),
        None => "A rule.".to_owned(),
    };
    let severities: Map<String, Value> = choosable()
        .map(|name| {
            let level = documented(&about_rule(name), json!({ "$ref": "#/definitions/Level" }));
            (name.to_owned(), level)
        })
        .collect();
    root["properties"]["rules"] = json!({
        "description": root["properties"]["rules"]["description"],
        "type": "object",
        "properties": severities,
        "additionalProperties": false,
    });
    for (table, definition) in definitions.iter_mut() {
        let Some(properties) = definition.get_mut("properties") else {
            continue;
        };
        if table == "Waiver" {
            properties["rule"] = documented("The rule.", json!({ "$ref": "#/definitions/rule" }));
        }
        let allowed = match table.as_str() {
            "Table" => "#/definitions/rule-of-tables",
            _ => "#/definitions/rule-of-lines",
        };
        if let Some(allow) = properties.get_mut("allow") {
            allow["items"] = json!({ "$ref": allowed });
        }
    }
    let lines = "A rule about how a demand line is declared.";
    let tables = "A rule about how a table is declared.";
    for (name, description, rules) in [
        ("rule", "A rule.", choosable().collect::<Vec<_>>()),
        ("rule-of-lines", lines, allowable(AllowedOn::Lines)),
        ("rule-of-tables", tables, allowable(AllowedOn::Tables)),
    ] {
        let meanings: Vec<String> = rules.iter().map(|rule| about_rule(rule)).collect();
        definitions.insert(name.to_owned(), words(description, &rules, &meanings));
    }
}

/// A schema as the text of a file.
pub fn print(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}
