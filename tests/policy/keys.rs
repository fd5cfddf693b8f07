//! Every key of the format, with what makes it looser: a change that does is reported.

mod base;
mod declared;
mod judging;

use std::collections::{BTreeMap, BTreeSet};

use Key::{Fact, Holds, Judges, Limits, Measured, Note, Raises};
use caplint::finding::Severity;
use caplint::pages::capacity_schema;

use self::base::BASE;
use self::declared::DECLARED;
use self::judging::JUDGING;
use super::{change, subjects};

/// What a change to a key can loosen.
#[derive(Clone, Copy)]
enum Key {
    /// Nothing: it says what is there, or what is asked for. That is judged itself.
    Fact,
    /// Nothing: it says who, why or when.
    Note,
    /// It says what was measured. What less is said of counts all the same (`measured`).
    Measured,
    /// Its own keys are in this list.
    Holds,
    /// It judges. Where a part of [`BASE`] is replaced, `policy-loosened` says so.
    Judges(&'static str, &'static str),
    /// It limits. Where a part of [`BASE`] is replaced, `limit-removed` says so.
    Limits(&'static str, &'static str),
    /// It limits, and a default stands in for it.
    Raises(&'static str, &'static str),
}

/// The keys that all demand lines have.
const LINE: [(&str, Key); 12] = [
    ("id", Note),
    ("rate", Fact),
    ("per", Fact),
    ("tenants", Fact),
    ("after", Fact),
    ("fanout", Fact),
    ("peak", Fact),
    ("peak_day", Fact),
    ("spread", Fact),
    ("measured", Note),
    (
        "allow",
        Judges(
            "allow = [\"cache-missing\"]",
            "allow = [\"cache-missing\", \"burst-undeclared\"]",
        ),
    ),
    ("reason", Note),
];

/// A table of the format, with its keys.
type Table = (&'static str, &'static [(&'static str, Key)]);

/// All entries of the list.
fn entries() -> Vec<(&'static str, &'static str, Key)> {
    let lines = ["Call", "Read", "Write", "Message", "Inference"].into_iter();
    let lines = lines.flat_map(|table| LINE.map(|(key, loosens)| (table, key, loosens)));
    let others = DECLARED
        .iter()
        .chain(JUDGING)
        .flat_map(|(table, keys)| keys.iter().map(move |(key, it)| (*table, *key, *it)));
    lines.chain(others).collect()
}

#[test]
fn every_key_of_the_format_is_in_the_list() {
    let schema = capacity_schema();
    let names = |table: &serde_json::Value| -> BTreeSet<String> {
        let properties = table["properties"].as_object().into_iter().flatten();
        properties.map(|(key, _)| key.clone()).collect()
    };
    let definitions = schema["definitions"].as_object().unwrap();
    let mut format: BTreeMap<String, BTreeSet<String>> = definitions
        .iter()
        .map(|(table, definition)| (table.clone(), names(definition)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    format.insert("Root".to_owned(), names(&schema));
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, key, _) in entries() {
        let is_new = listed
            .entry(table.to_owned())
            .or_default()
            .insert(key.to_owned());
        assert!(is_new, "{table}.{key} is listed twice");
    }
    assert_eq!(
        listed, format,
        "say in this list what makes each key looser"
    );
}

#[test]
fn whatever_makes_a_key_looser_is_reported() {
    let nothing = change(BASE, BASE);
    assert!(subjects(&nothing, "policy-loosened").is_empty());
    let errors = |report: &caplint::report::Report| {
        let findings = report.projects.iter().flat_map(|it| &it.findings);
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        errors.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(errors(&nothing), Vec::<String>::new(), "the base is sound");
    for (table, key, loosens) in entries() {
        let (rule, from, to) = match loosens {
            Fact | Note | Holds | Measured => continue,
            Judges(from, to) => ("policy-loosened", from, to),
            Limits(from, to) => ("limit-removed", from, to),
            Raises(from, to) => ("limit-raised", from, to),
        };
        assert_eq!(BASE.matches(from).count(), 1, "{table}.{key}: {from}");
        let report = change(BASE, &BASE.replace(from, to));
        let found = subjects(&report, rule);
        assert!(
            !found.is_empty(),
            "{table}.{key}: {rule} says nothing of {to:?}"
        );
        // The other way round nothing is loosened.
        let back = change(&BASE.replace(from, to), BASE);
        let found = subjects(&back, rule);
        let replaced = matches!(
            (table, key),
            ("Project", "currency")
                | ("Waiver", "rule" | "subject")
                | ("Root", "scenarios")
                | ("Scenario", "on")
        );
        assert!(found.is_empty() || replaced, "{table}.{key}: {found:?}");
    }
}
