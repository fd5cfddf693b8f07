//! The tree is the one that the `toml` crate builds, which has tables of its own.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::ops::Range;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use toml::de::{DeTable, DeValue};

use super::*;

/// A value with its place, whichever crate read it.
#[derive(Debug, PartialEq)]
struct Node {
    place: Range<usize>,
    value: String,
    below: Vec<(String, Range<usize>, Node)>,
}

fn own(written: &Written<'_>) -> Node {
    let mut below = Vec::new();
    let value = match written.get_ref() {
        TomlValue::String(text) => format!("{text:?}"),
        TomlValue::Integer(number) => format!("integer {} {}", number.radix, number.digits),
        TomlValue::Float(number) => format!("float {number}"),
        TomlValue::Boolean(flag) => flag.to_string(),
        TomlValue::Datetime(datetime) => datetime.to_string(),
        TomlValue::Array(items) => {
            below.extend(items.iter().map(|item| (String::new(), 0..0, own(item))));
            "list".to_owned()
        }
        TomlValue::Table(table) => {
            let entries = table.by_name().into_iter();
            below.extend(entries.map(|(key, it)| (key.get_ref().to_owned(), key.span(), own(it))));
            "table".to_owned()
        }
    };
    Node {
        place: written.span(),
        value,
        below,
    }
}

fn theirs(written: &toml::Spanned<DeValue<'_>>) -> Node {
    let mut below = Vec::new();
    let value = match written.get_ref() {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => format!("integer {} {}", number.radix(), number.as_str()),
        DeValue::Float(number) => format!("float {}", number.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::Array(items) => {
            below.extend(items.iter().map(|item| (String::new(), 0..0, theirs(item))));
            "list".to_owned()
        }
        DeValue::Table(table) => {
            let entries = table.iter();
            below.extend(
                entries.map(|(key, it)| (key.get_ref().to_string(), key.span(), theirs(it))),
            );
            "table".to_owned()
        }
    };
    Node {
        place: written.span(),
        value,
        below,
    }
}

/// Whether both read a text, and alike, or both refuse it. Gives what was read.
fn agree(text: &str) -> Option<Node> {
    let (table, problems) = parse(text);
    for problem in &problems {
        let within = problem.range.start <= problem.range.end && problem.range.end <= text.len();
        assert!(within, "{problem:?} in {text}");
    }
    match DeTable::parse(text) {
        Err(error) => {
            assert!(!problems.is_empty(), "{error} in\n{text}");
            None
        }
        Ok(sound) => {
            assert_eq!(problems, [], "in\n{text}");
            let sound = toml::Spanned::new(0..0, DeValue::Table(sound.into_inner()));
            let read = own(&Written::top(table));
            assert_eq!(read, theirs(&sound), "in\n{text}");
            Some(read)
        }
    }
}

fn key() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "\"a\"", "'b'", "\"\\u0063\"", "d-1"]);
    prop::collection::vec(name, 1..4).prop_map(|names| names.join("."))
}

fn value() -> impl Strategy<Value = String> {
    let scalars = vec![
        "1",
        "1_000",
        "0x1F",
        "-2.5e3",
        "inf",
        "true",
        "\"x\\n\"",
        "'y'",
        "\"\"\"\nz\"\"\"",
        "2026-11-28",
        "2026-11-28T10:00:00Z",
        "10:30:00",
        "[]",
        "{}",
    ];
    prop::sample::select(scalars)
        .prop_map(str::to_owned)
        .prop_recursive(3, 12, 3, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..3);
            let table = prop::collection::vec((key(), inner), 0..3);
            prop_oneof![
                list.prop_map(|items| format!("[{}]", items.join(",\n "))),
                table.prop_map(|entries| {
                    let entries = entries
                        .iter()
                        .map(|(key, value)| format!("{key} = {value}"));
                    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
                }),
            ]
        })
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => key().prop_map(|key| format!("[{key}]")),
        2 => key().prop_map(|key| format!("[[{key}]]")),
        6 => (key(), value()).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => Just("# a comment".to_owned()),
    ]
}

/// Tries what a strategy gives, the same each time.
fn hold<S: Strategy>(strategy: S, property: impl Fn(S::Value)) {
    let config = Config {
        cases: 3000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let held = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        property(value);
        Ok(())
    });
    assert!(held.is_ok(), "{}", held.unwrap_err());
}

#[test]
fn lines_of_toml_are_read_as_toml_reads_them() {
    hold(prop::collection::vec(line(), 0..8), |lines| {
        agree(&lines.join("\n"));
    });
}

#[test]
fn broken_lines_are_refused_as_toml_refuses_them() {
    let signs = [
        "[", "]", "{", "}", "=", ",", ".", "\"", "'", "\n", "x", "\r", "\0",
    ];
    let sign = prop::sample::select(signs.to_vec());
    let lines = prop::collection::vec(line(), 0..6);
    hold(
        (lines, any::<prop::sample::Index>(), sign),
        |(lines, at, sign)| {
            let mut text = lines.join("\n");
            let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            let places: Vec<usize> = places.collect();
            text.insert_str(*at.get(&places), sign);
            agree(&text);
        },
    );
}

#[test]
fn a_text_without_errors_is_read_whole() {
    let text = "a.b = 1\n[c.d]\ne = [{ f.g = 2 }]\n[c]\n[[h]]\ni = 1\n[h.j]\n[[h]]\n";
    let read = agree(text).unwrap();
    assert_eq!(read.below.len(), 3);
}

#[test]
fn many_keys_are_found_as_few_are() {
    let lines: Vec<String> = (0..100).map(|n| format!("k{n} = {n}")).collect();
    let mut text = lines.join("\n");
    assert!(agree(&text).is_some());
    text.push_str("\nk7 = 1");
    assert_eq!(agree(&text), None);
    let (table, problems) = parse(&text);
    assert_eq!(table.len(), 100);
    let twice = problems[0].twice.clone().unwrap();
    assert_eq!(&text[twice.first], "k7");
}

#[test]
fn what_follows_a_broken_line_or_header_is_read() {
    let text = "[a]\nb\nc = 1\n[d\ne = 1\n[f]\ng = 1\n";
    let (table, problems) = parse(text);
    assert_eq!(problems.len(), 2);
    let keys = |name: &str| -> Vec<String> {
        let table = table.get(name).and_then(|it| it.get_ref().as_table());
        let keys = table.into_iter().flat_map(TomlTable::keys);
        keys.map(|key| key.get_ref().to_owned()).collect()
    };
    assert_eq!(keys("a"), ["c"]);
    assert_eq!(keys("f"), ["g"]);
    // Nothing says what is below the broken header.
    assert_eq!(table.len(), 2);
}

#[test]
fn a_key_that_is_written_twice_is_told_with_its_path_and_both_places() {
    for (text, path, first, header) in [
        ("a = 1\na = 2", "a", 0, false),
        ("[a]\nb.c = 1\nb.c = 2", "a.b.c", 6, false),
        ("[a.b]\n[a]\n[a]", "a", 7, true),
        ("[a]\nl = [1, { x = 1, x = 2 }]", "a.l.1.x", 14, false),
        ("[a]\nb = 1\n[a.b]\nc = 1", "a.b", 4, true),
    ] {
        let (_, problems) = parse(text);
        let twice = problems[0].twice.clone();
        let twice = twice.unwrap_or_else(|| panic!("{problems:?} in {text}"));
        assert_eq!(
            (twice.path.to_string().as_str(), twice.header),
            (path, header),
            "{text}"
        );
        assert_eq!(twice.first.start, first, "{text}");
    }
}

#[test]
fn nothing_is_nested_too_deep_to_be_dropped() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
    ] {
        assert!(!parse(&text).1.is_empty());
    }
}
