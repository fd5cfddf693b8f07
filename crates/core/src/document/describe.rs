//! What values and tables of the format say of themselves for the schema of `capacity.toml`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::document::table::Table;

pub(crate) trait Described {
    /// Its schema; a reference to a definition, where it has a name.
    fn describe(definitions: &mut Definitions) -> Value;
}

#[derive(Debug, Default)]
pub(crate) struct Definitions(pub(crate) BTreeMap<String, Value>);

impl Definitions {
    /// A reference to a definition, which is made where it is not there yet.
    pub(crate) fn define(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), Value::Null);
            let made = make(self);
            self.0.insert(name.to_owned(), made);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// A reference to a table of the format; `types` makes the schemas of its keys, in order.
    pub(crate) fn table<T: Table>(
        &mut self,
        name: &str,
        docs: &str,
        types: impl FnOnce(&mut Self) -> Vec<Value>,
    ) -> Value {
        self.define(name, |definitions| {
            let properties: Map<String, Value> = T::KEYS
                .iter()
                .zip(types(definitions))
                .map(|(key, schema)| (key.name.to_owned(), documented(&text(key.doc), schema)))
                .collect();
            let required = T::KEYS.iter().filter(|key| key.required);
            let required: Vec<&str> = required.map(|key| key.name).collect();
            let mut table = json!({
                "description": text(docs),
                "type": "object",
                "properties": properties,
            });
            if !required.is_empty() {
                table["required"] = required.into();
            }
            table["additionalProperties"] = false.into();
            table
        })
    }
}

/// A schema with a description. Draft-07 ignores what stands beside a `$ref`.
pub(crate) fn documented(description: &str, schema: Value) -> Value {
    let mut documented = Map::new();
    documented.insert("description".to_owned(), description.into());
    match schema {
        Value::Object(schema) if !schema.contains_key("$ref") => {
            documented.extend(schema.into_iter().filter(|(key, _)| key != "description"));
        }
        reference => {
            documented.insert("allOf".to_owned(), json!([reference]));
        }
    }
    documented.into()
}

/// A doc comment as one line of plain text.
pub(crate) fn text(docs: &str) -> String {
    docs.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One of a few words, with what each means.
pub(crate) fn words(docs: &str, words: &[&str], meanings: &[impl AsRef<str>]) -> Value {
    let meanings: Vec<String> = meanings.iter().map(|docs| text(docs.as_ref())).collect();
    json!({
        "description": text(docs),
        "type": "string",
        "enum": words,
        "x-taplo": { "docs": { "enumValues": meanings } },
    })
}
