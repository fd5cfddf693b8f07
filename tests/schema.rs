//! The schema accepts what caplint accepts, and refuses what the reader refuses, as far as a
//! schema can say it. Both run over the same texts: the examples, a file with every key, and
//! many files made of them by changing a value, a name or a key.

mod mutations;
mod relations;
mod reports;
pub(crate) mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::{as_json, capacity_files, file_errors, read, top, validator};

const EVERY_KEY: &str = include_str!("schema/every_key.toml");

/// Holds a text against both, and says where they differ. `whole` is the text of the project
/// that it is a part of.
fn compare(validator: &jsonschema::Validator, text: &str, whole: impl FnOnce() -> String) {
    let Ok(table) = text.parse::<toml::Table>() else {
        return;
    };
    let json = as_json(&toml::Value::Table(table));
    let refused = validator.validate(&json).err();
    match (refused, read(text)) {
        (None, errors) => assert!(
            errors.is_empty(),
            "the schema accepts what the reader refuses: {errors:?}\n{text}"
        ),
        (Some(error), errors) if errors.is_empty() => assert!(
            !file_errors(&whole()).is_empty(),
            "the schema refuses what caplint accepts: {error} at {}\n{text}",
            error.instance_path()
        ),
        (Some(_), _) => {}
    }
}

#[test]
fn all_examples_are_valid() {
    let schema = validator(&caplint::pages::capacity_schema());
    let files = capacity_files(&top().join("examples"));
    assert!(files.len() >= 20, "the examples have moved");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("an example");
        let table: toml::Table = text.parse().expect("TOML");
        let json = as_json(&toml::Value::Table(table));
        if let Err(error) = schema.validate(&json) {
            panic!("{}: {error} at {}", file.display(), error.instance_path());
        }
    }
}

#[test]
fn broken_files_are_refused_by_both() {
    let schema = validator(&caplint::pages::capacity_schema());
    let mut seen = 0;
    for entry in std::fs::read_dir(top().join("tests/schema/broken")).expect("broken files") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a file");
        let table: toml::Table = text.parse().expect("TOML");
        let json = as_json(&toml::Value::Table(table));
        assert!(!schema.is_valid(&json), "{}", path.display());
        assert!(!file_errors(&text).is_empty(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 19, "broken files have gone");
}

#[test]
fn every_capacity_file_in_the_tests_is_judged_alike() {
    let schema = validator(&caplint::pages::capacity_schema());
    for file in capacity_files(&top().join("tests")) {
        // Some are broken on purpose, and not all of those are text.
        if let Ok(text) = std::fs::read_to_string(&file) {
            compare(&schema, &text, || text.clone());
        }
    }
}

#[test]
fn a_file_with_every_key_is_valid_and_has_every_key() {
    let schema = caplint::pages::capacity_schema();
    assert_eq!(read(EVERY_KEY), Vec::<String>::new());
    let table: toml::Table = EVERY_KEY.parse().expect("TOML");
    let json = as_json(&toml::Value::Table(table));
    if let Err(error) = validator(&schema).validate(&json) {
        panic!("{error} at {}", error.instance_path());
    }
    let mut used = BTreeSet::new();
    keys(&json, &mut used);
    let definitions = schema["definitions"].as_object().expect("definitions");
    for (name, definition) in definitions {
        for key in definition["properties"].as_object().into_iter().flatten() {
            assert!(used.contains(key.0), "no file tries {name}.{}", key.0);
        }
    }
}

fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            into.extend(object.keys().cloned());
            object.values().for_each(|value| keys(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn all_that_can_be_pointed_to_is_described() {
    let schema = caplint::pages::capacity_schema();
    let mut tables = vec![("the top".to_owned(), schema.clone())];
    for (name, definition) in schema["definitions"].as_object().expect("definitions") {
        assert!(definition["description"].is_string(), "{name} says nothing");
        tables.push((name.clone(), definition.clone()));
    }
    for (name, table) in tables {
        for (key, property) in table["properties"].as_object().into_iter().flatten() {
            let described = property["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{name}.{key} says nothing");
        }
    }
}
