//! A value for each key, from all that the documentation shows.

use std::collections::BTreeMap;

use caplint::pages;
use caplint::rules::RULES;
use serde_json::Value;

use super::{tables, visit};
use crate::generated::top;

/// A value for each key of each table, from files that are sound.
#[derive(Default)]
pub(super) struct Examples {
    keys: BTreeMap<(String, String), String>,
    /// The first entries of tables whose keys are names.
    pub(super) named: BTreeMap<String, String>,
}

impl Examples {
    pub(super) fn collect(schema: &Value) -> Self {
        let mut all = Self::default();
        for text in texts() {
            let Ok(table) = text.parse::<toml::Table>() else {
                continue;
            };
            for (key, value) in &table {
                let place = &schema["properties"][key];
                if tables(schema, place, "").is_empty()
                    && let Some((name, value)) = value.as_table().and_then(|all| all.iter().next())
                {
                    let entry = format!("{name} = {}", inline(value));
                    all.named.entry(key.clone()).or_insert(entry);
                }
                all.visit(schema, place, value);
            }
        }
        all
    }

    pub(super) fn of(&self, table: &str, key: &str) -> Option<&String> {
        self.keys.get(&(table.to_owned(), key.to_owned()))
    }

    fn visit(&mut self, root: &Value, schema: &Value, value: &toml::Value) {
        visit(root, schema, value, &mut |name, key, shown| {
            let slot = (name.to_owned(), key.to_owned());
            // A value, and the shortest: a table cell has little room.
            let rank = |text: &str| (text == "\"none\"", text.len());
            let shorter = |old: &String| rank(&shown) < rank(old);
            if shown.len() <= 60 && self.keys.get(&slot).is_none_or(shorter) {
                self.keys.insert(slot, shown);
            }
        });
    }
}

/// A value on one line.
pub(super) fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let key = |key: &String| caplint::document::TomlPath(vec![key.clone()]).to_string();
            let entries: Vec<String> = table
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)))
                .collect();
            match entries.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", entries.join(", ")),
            }
        }
        toml::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// What no example and no page uses.
pub(super) const EVERY_KEY: &str = "tests/data/every-key.toml";

/// All that is shown is read without an error.
#[test]
fn keys_that_no_example_uses_are_sound() {
    let text = std::fs::read_to_string(top().join(EVERY_KEY)).expect("a file");
    let usage = "date,feature,line,subject,quantity,unit\n2026-11-20,,,tenants.pro,1200,count\n";
    let files = [
        ("capacity.toml", &*text),
        ("sync.md", ""),
        ("usage/2026-11.csv", usage),
    ];
    let report = crate::support::lint::check(&files, "");
    let findings = report.projects.iter().flat_map(|it| &it.findings);
    let is_error = |rule: &str| caplint::rules::rule(rule).is_some_and(|it| it.is_file_error());
    let wrong: Vec<_> = findings
        .filter(|it| is_error(&it.rule) && it.file.as_deref() == Some("capacity.toml"))
        .map(|it| format!("{}: {}", it.rule, it.message))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The examples of the repository, then what the pages of rules show as sound, then the rest.
fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![top().join("examples")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(&folder)
            .expect("a folder")
            .map(|it| it.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("capacity.toml") {
                texts.push(std::fs::read_to_string(&path).expect("a file"));
            }
        }
    }
    let limits = std::fs::read_to_string(top().join("docs/limits.md")).expect("a page");
    let of_rules = RULES.iter().map(|rule| pages::rule(rule).to_owned());
    for page in of_rules.chain([limits]) {
        let passing = page
            .split("```toml passes")
            .skip(1)
            .filter_map(|it| it.split("```").next());
        texts.extend(
            passing
                .filter_map(|it| it.split_once('\n'))
                .map(|(_, text)| text.to_owned()),
        );
    }
    texts.push(std::fs::read_to_string(top().join(EVERY_KEY)).expect("a file"));
    texts
}
