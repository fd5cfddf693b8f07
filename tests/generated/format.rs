//! `docs/format.md`: every key of the format, as the schema has it. Its examples are values of
//! files that are checked elsewhere: the examples of this repository and of the rules' pages.

mod examples;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use caplint::pages;
use serde_json::Value;

use self::examples::{EVERY_KEY, Examples, inline};
use super::expect;

#[test]
fn the_format_reference() {
    let schema = pages::capacity_schema();
    let reference = Reference {
        schema: &schema,
        examples: Examples::collect(&schema),
    };
    let text = reference.text();
    expect("docs/format.md", &text);
    // Nothing is left out, whatever the walk does.
    let definitions = schema["definitions"].as_object().expect("definitions");
    for (name, definition) in definitions.iter().filter(|(_, it)| is_table(it)) {
        for key in definition["properties"].as_object().expect("keys").keys() {
            assert!(text.contains(&format!("| `{key}` |")), "{name}.{key}");
        }
    }
}

const HEAD: &str = "\
# The format of capacity.toml

Every table and key that a `capacity.toml` may hold. `caplint schema` prints the same as a JSON \
Schema, which editors check by. How values are added up is in [How the numbers work](numbers.md); \
terms are in the [glossary](glossary.md).

caplint reads all files named `capacity.toml`. A folder whose file has a `[project]` table is a \
project, with all files below it; their declarations are one model. `[project]`, `[policy]`, \
`[rules]`, `[scenarios]`, `[budgets]`, `[metrics]`, `[usage]` and `[risk]` may stand in the project's top file \
only. [Limits and prices](limits.md) shows the keys that say how a provider counts.
";

struct Reference<'s> {
    schema: &'s Value,
    examples: Examples,
}

pub(crate) fn is_table(definition: &Value) -> bool {
    definition["type"] == "object" && definition.get("properties").is_some()
}

/// A definition that a schema refers to, with its name.
fn referred<'s>(root: &'s Value, schema: &'s Value) -> Option<(&'s str, &'s Value)> {
    let schema = match &schema["allOf"][0] {
        Value::Null => schema,
        inner if schema.get("properties").is_none() => inner,
        _ => schema,
    };
    let name = schema["$ref"].as_str()?.strip_prefix("#/definitions/")?;
    Some((name, &root["definitions"][name]))
}

/// The tables at or below a value, each with how its header goes on: `.NAME` for tables by name.
fn tables<'s>(root: &'s Value, schema: &'s Value, below: &str) -> Vec<(&'s str, String)> {
    if let Some((name, definition)) = referred(root, schema) {
        return match is_table(definition) {
            true => vec![(name, below.to_owned())],
            false => tables(root, definition, below),
        };
    }
    let mut all = Vec::new();
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        all.extend(tables(root, form, below));
    }
    for by_name in schema["patternProperties"]
        .as_object()
        .into_iter()
        .flatten()
    {
        all.extend(tables(root, by_name.1, &format!("{below}.NAME")));
    }
    if schema["additionalProperties"].is_object() {
        all.extend(tables(
            root,
            &schema["additionalProperties"],
            &format!("{below}.NAME"),
        ));
    }
    if schema["items"].is_object() {
        all.extend(tables(root, &schema["items"], &format!("{below}[]")));
    }
    all
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

impl Reference<'_> {
    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        text.push_str("\n## Values\n\n| type | what it is | written as |\n| --- | --- | --- |\n");
        let definitions = self.schema["definitions"].as_object().expect("definitions");
        for (name, definition) in definitions.iter().filter(|(_, it)| !is_table(it)) {
            let wide = name.starts_with("rule")
                || name.starts_with("estimate-of")
                || name.contains("limit-of");
            let is_shown_elsewhere = name.starts_with("each-of")
                || name.starts_with("ratio-")
                || definition.get("enum").is_some();
            if wide || is_shown_elsewhere {
                continue;
            }
            let meaning = cell(definition["description"].as_str().unwrap_or_default());
            let _ = writeln!(
                text,
                "| {name} | {meaning} | {} |",
                cell(&written(definition))
            );
        }
        text.push_str(
            "\nAn **estimate** is a value; or quantiles, `{ p50 = …, p90 = … }`, where it is a \
             guess; or `\"unknown\"`, which makes every total that includes it a lower bound. Where `each` may \
             stand, `{ each = { p50 = …, p90 = … } }` says that it differs from one event to the next.\n\
             A **limit** is a value; or `{ now = …, max = … }`: what holds today, and the most it \
             can be raised to without a redesign, which holds in scenarios. `\"none\"` says that there is none, decided and not forgotten.\n",
        );
        let mut seen = BTreeSet::new();
        let root = self.schema["properties"].as_object().expect("tables");
        for (key, schema) in root {
            let place = tables(self.schema, schema, "");
            let header = match (place.first(), schema.get("patternProperties")) {
                (Some((_, below)), _) => header(key, below),
                (None, Some(_)) => format!("[{key}]"),
                (None, None) => format!("[{key}]"),
            };
            let _ = write!(
                text,
                "\n## `{header}`\n\n{}\n",
                schema["description"].as_str().unwrap_or_default()
            );
            match place.first() {
                Some((name, below)) => {
                    self.table(&mut text, name, &format!("{key}{below}"), &mut seen)
                }
                None => self.names(&mut text, key, schema),
            }
        }
        text
    }

    /// A table whose keys are names.
    fn names(&self, text: &mut String, key: &str, schema: &Value) {
        let one = schema["patternProperties"]
            .as_object()
            .and_then(|all| all.values().next());
        let kind = match one {
            Some(one) => self.kind(one),
            None => "the severity of a rule, by its name: `off`, `info`, `warning` or `error`; \
                     [all rules](rules/README.md)"
                .to_owned(),
        };
        let _ = writeln!(text, "\nEach key is a name, and its value: {kind}.");
        if let Some(example) = self.examples.named.get(key) {
            let _ = write!(text, "\n```toml\n[{key}]\n{example}\n```\n");
        }
    }

    fn table(&self, text: &mut String, name: &str, path: &str, seen: &mut BTreeSet<String>) {
        let definition = &self.schema["definitions"][name];
        text.push_str(
            "\n| key | type | default | meaning | example |\n| --- | --- | --- | --- | --- |\n",
        );
        let required: Vec<&str> = definition["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let keys = definition["properties"].as_object().expect("keys");
        let mut below = Vec::new();
        for (key, schema) in keys {
            let (meaning, default) = meaning(schema["description"].as_str().unwrap_or_default());
            let default = match default {
                _ if required.contains(&key.as_str()) => "required".to_owned(),
                default => default,
            };
            let own = tables(self.schema, schema, &format!("{path}.{key}"));
            // A table that is too long for a cell has a part of its own.
            let example = self.examples.of(name, key).cloned();
            let example = example.or_else(|| own.first().map(|(_, path)| titled(path)));
            let example = example.unwrap_or_else(|| {
                panic!("{path}.{key} has no example: {EVERY_KEY} is to have one")
            });
            let cells = [
                format!("`{key}`"),
                cell(&self.kind(schema)),
                cell(&default),
                cell(&meaning),
                cell(&format!("`{example}`")),
            ];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            below.extend(own);
        }
        for (name, path) in below {
            if !seen.insert(name.to_owned()) {
                continue;
            }
            let definition = &self.schema["definitions"][name];
            let about = definition["description"].as_str().unwrap_or_default();
            let _ = write!(text, "\n### `{}`\n\n{about}\n", titled(&path));
            self.table(text, name, &path, seen);
        }
    }

    /// The type of a value in words.
    fn kind(&self, schema: &Value) -> String {
        if let Some((name, definition)) = referred(self.schema, schema) {
            if is_table(definition) {
                return "table".to_owned();
            }
            if let Some(of) = name.strip_prefix("estimate-of-") {
                return format!("{of}, an estimate");
            }
            if let Some(of) = name.strip_prefix("each-of-") {
                return format!("{of}, an estimate or `each`");
            }
            if let Some((_, of)) = name.split_once("limit-of-") {
                return format!("{of}, a limit");
            }
            if name.starts_with("rule") {
                return "name of a rule".to_owned();
            }
            if definition.get("enum").is_some() {
                return words(definition);
            }
            return name.replace("ratio-", "ratio up to ");
        }
        if schema.get("enum").is_some() {
            return words(schema);
        }
        if let Some(forms) = schema["anyOf"].as_array() {
            let forms: Vec<String> = forms.iter().map(|form| self.kind(form)).collect();
            let mut unique = Vec::new();
            for form in forms {
                if !unique.contains(&form) {
                    unique.push(form);
                }
            }
            return unique.join(" or ");
        }
        if let Some(by_name) = schema["patternProperties"]
            .as_object()
            .and_then(|it| it.values().next())
        {
            return format!("by name: {}", self.kind(by_name));
        }
        match schema["type"].as_str() {
            Some("array") => match self.kind(&schema["items"]).as_str() {
                "table" => "list of tables".to_owned(),
                of => format!("list of {of}"),
            },
            Some("boolean") => "`true` or `false`".to_owned(),
            Some("object") if schema["additionalProperties"].is_object() => {
                let below = &schema["additionalProperties"];
                match below.as_object().is_some_and(serde_json::Map::is_empty) {
                    true => "by path: any value".to_owned(),
                    false => format!("by name: {}", self.kind(below)),
                }
            }
            Some(other) => other.to_owned(),
            None => match referred(self.schema, &schema["allOf"][0]) {
                Some(_) => self.kind(&schema["allOf"][0]),
                None => "any value".to_owned(),
            },
        }
    }
}

fn titled(path: &str) -> String {
    let (top, rest) = path.split_once('.').unwrap_or((path, ""));
    header(top, &format!(".{rest}"))
}

/// `[apis.NAME.plan]`, or `[[features.NAME.calls]]`.
fn header(top: &str, below: &str) -> String {
    let path = format!("{top}{below}");
    match path.strip_suffix("[]") {
        Some(path) => format!("[[{}]]", path.replace("[]", "")),
        None => format!("[{}]", path.replace("[]", "")),
    }
}

fn words(schema: &Value) -> String {
    let words = schema["enum"].as_array().into_iter().flatten();
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(" or ")
}

/// How values of a type are written, of those that have a form.
fn written(definition: &Value) -> String {
    if definition.get("enum").is_some() {
        return words(definition);
    }
    let own = definition["examples"].as_array();
    let mut examples: Vec<String> = own
        .into_iter()
        .flatten()
        .map(|it| format!("`{it}`"))
        .collect();
    for form in definition["anyOf"].as_array().into_iter().flatten() {
        let inner = written(form);
        if !inner.is_empty() && examples.is_empty() {
            examples.push(inner);
        }
    }
    examples.join(", ")
}

/// What a doc comment says, and the default that it names.
fn meaning(docs: &str) -> (String, String) {
    match docs.rsplit_once("Default: ") {
        Some((meaning, default)) => {
            let (default, more) = default.split_once(". ").unwrap_or((default, ""));
            let meaning = format!("{}{more}", meaning);
            (
                meaning.trim().to_owned(),
                default.trim_end_matches('.').to_owned(),
            )
        }
        None => (docs.to_owned(), String::new()),
    }
}

/// Shows each key of each table of the format that stands at or below a value, with its own.
pub(crate) fn visit(
    root: &Value,
    schema: &Value,
    value: &toml::Value,
    show: &mut impl FnMut(&str, &str, String),
) {
    if let Some((name, definition)) = referred(root, schema) {
        let (true, Some(table)) = (is_table(definition), value.as_table()) else {
            return visit(root, definition, value, show);
        };
        for (key, value) in table {
            show(name, key, inline(value));
            if let Some(below) = definition["properties"].get(key) {
                visit(root, below, value, show);
            }
        }
        return;
    }
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        visit(root, form, value, show);
    }
    match value {
        toml::Value::Array(items) if schema["items"].is_object() => {
            for item in items {
                visit(root, &schema["items"], item, show);
            }
        }
        toml::Value::Table(table) => {
            let by_name = schema["patternProperties"].as_object();
            let by_name = by_name.and_then(|all| all.values().next());
            let by_name =
                by_name.or(Some(&schema["additionalProperties"]).filter(|it| it.is_object()));
            for below in by_name.into_iter() {
                for value in table.values() {
                    visit(root, below, value, show);
                }
            }
        }
        _ => {}
    }
}
