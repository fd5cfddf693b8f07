//! Projects made of bytes, by the schema of the format: what a byte decides is which key is there,
//! which of its forms it has, and which value.

use std::sync::OnceLock;

use serde_json::Value;

/// Bytes as a row of choices; all are the first one where there are no more.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn below(&mut self, most: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first) % most.max(1)
    }

    pub fn of<'t, T: ?Sized>(&mut self, words: &[&'t T]) -> &'t T {
        words[self.below(words.len())]
    }
}

/// Numbers as people write them, and those at which arithmetic ends.
const NUMBERS: &[&str] = &[
    "1",
    "0",
    "2",
    "10",
    "1000",
    "0.5",
    "30",
    "365",
    "1e6",
    "1e25",
    "1e160",
    "1.7e308",
    "5e-324",
    "1e-30",
    "9007199254740993",
    "0.1",
    "-1",
    "inf",
    "nan",
];

/// Names of a few things, so that many references lead somewhere.
const NAMES: &[&str] = &["a", "b", "c", "10x"];

/// What stands where a schema only says that it is a string.
const STRINGS: &[&str] = &[
    "a",
    "b",
    "c",
    "a:/e/",
    "/e/",
    "tenant",
    "project",
    "apis.*",
    "*",
    "EUR",
    "features/*.md",
    "unknown",
    "none",
    "over-limit",
    "\u{202e}a`|<b>\n",
    "every 1s",
    "1/s",
    "20G/day",
    "1y",
    "200%",
];

const DATES: &[&str] = &[
    "2026-11-22",
    "2026-12-01",
    "2020-02-29",
    "9999-12-31",
    "0001-01-01",
];

/// The deepest that values are nested: the schema is no deeper.
const DEEPEST: usize = 12;

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(caplint::pages::capacity_schema)
}

/// The text of a root file.
pub fn root(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    for (key, about) in schema()["properties"].as_object().into_iter().flatten() {
        if choices.below(3) != 2 {
            out += &format!("{key} = {}\n", value(about, choices, 0));
        }
    }
    out
}

/// The text of a file below it, which declares some features and things.
pub fn part(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    for key in ["features", "tables", "queues", "apis"] {
        if choices.below(2) == 1 {
            let about = &schema()["properties"][key];
            out += &format!("{key} = {}\n", value(about, choices, 0));
        }
    }
    out
}

/// A value of a schema, in one line of TOML.
fn value(about: &Value, choices: &mut Choices<'_>, depth: usize) -> String {
    if depth > DEEPEST {
        return "0".to_owned();
    }
    // Now and then something that does not belong there.
    if choices.below(64) == 63 {
        return quoted(choices.of(STRINGS));
    }
    if let Some(reference) = about["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return value(&schema()["definitions"][name], choices, depth + 1);
    }
    if let Some(words) = about["enum"].as_array() {
        return words[choices.below(words.len())].to_string();
    }
    for key in ["anyOf", "oneOf"] {
        let forms = about[key].as_array().into_iter().flatten();
        let forms: Vec<&Value> = forms
            .filter(|form| form.get("type").or(form.get("$ref")).is_some())
            .collect();
        if !forms.is_empty() {
            return value(forms[choices.below(forms.len())], choices, depth + 1);
        }
    }
    match about["type"].as_str() {
        Some("object") => object(about, choices, depth),
        Some("array") => {
            let items: Vec<String> = (0..choices.below(4))
                .map(|_| value(&about["items"], choices, depth + 1))
                .collect();
            format!("[{}]", items.join(", "))
        }
        Some("boolean") => choices.of(&["true", "false"]).to_owned(),
        Some("number" | "integer") => choices.of(NUMBERS).to_owned(),
        Some("string") if about["format"] == "date" => choices.of(DATES).to_owned(),
        Some("string") => string(about, choices),
        _ => match about["allOf"].as_array().and_then(|all| all.first()) {
            Some(first) => value(first, choices, depth + 1),
            None => choices.of(NUMBERS).to_owned(),
        },
    }
}

fn object(about: &Value, choices: &mut Choices<'_>, depth: usize) -> String {
    let mut keys = Vec::new();
    let required = |key: &str| {
        let mut required = about["required"].as_array().into_iter().flatten();
        required.any(|needed| needed == key)
    };
    for (key, about) in about["properties"].as_object().into_iter().flatten() {
        if required(key) || choices.below(5) > 2 {
            keys.push(format!(
                "{} = {}",
                quoted(key),
                value(about, choices, depth + 1)
            ));
        }
    }
    for (pattern, about) in about["patternProperties"].as_object().into_iter().flatten() {
        let names = match pattern {
            _ if pattern.contains("now") => &["now", "30d", "90d"][..],
            _ if pattern.starts_with("^[A-Za-z0-9]") => NAMES,
            _ => &["/e/", "a", "apis.a.retry_ratio"][..],
        };
        for name in names.iter().take(choices.below(names.len() + 1)) {
            keys.push(format!(
                "{} = {}",
                quoted(name),
                value(about, choices, depth + 1)
            ));
        }
    }
    format!("{{ {} }}", keys.join(", "))
}

fn string(about: &Value, choices: &mut Choices<'_>) -> String {
    let examples: Vec<&str> = about["examples"]
        .as_array()
        .map_or_else(Vec::new, |examples| {
            examples.iter().filter_map(Value::as_str).collect()
        });
    match examples.is_empty() || choices.below(16) == 15 {
        true => quoted(choices.of(STRINGS)),
        false => quoted(examples[choices.below(examples.len())]),
    }
}

/// A string as JSON has it, which TOML reads too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
