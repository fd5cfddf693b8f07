//! Keys of the format that say how a provider counts: `docs/limits.md` shows each in an example
//! that fails and in the same one fixed. Both are run.

use std::collections::{BTreeMap, BTreeSet};

use caplint::finding::Severity;
use caplint::pages;
use caplint::report::Finding;
use caplint::rules::RULES;
use serde_json::Value;

use crate::generated::format::{is_table, visit};
use crate::rule_pages::BESIDE_THE_POINT;
use crate::support::findings::findings;

/// An example that fails, by which rule, and the same one fixed.
struct Pair {
    rule: String,
    fails: String,
    passes: String,
}

/// The blocks of a page that are marked `fails` and `passes`, in turn.
fn pairs(page: &str) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut left = page;
    while let Some((_, rest)) = left.split_once("```toml ") {
        let (words, rest) = rest.split_once('\n').unwrap();
        let (text, rest) = rest.split_once("```").unwrap();
        let words: Vec<&str> = words.split_whitespace().collect();
        match words[..] {
            ["fails", ref rule @ ..] => pairs.push(Pair {
                rule: (*rule.first().unwrap_or(&"")).to_owned(),
                fails: text.to_owned(),
                passes: String::new(),
            }),
            ["passes", ..] => pairs.last_mut().unwrap().passes = text.to_owned(),
            _ => {}
        }
        left = rest;
    }
    pairs
}

fn of_limits() -> Vec<Pair> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/limits.md");
    pairs(&std::fs::read_to_string(path).unwrap())
}

fn shown(findings: &[Finding]) -> String {
    let all = findings.iter();
    all.map(|it| format!("  {}: {}: {}\n", it.rule, it.subject, it.message))
        .collect()
}

#[test]
fn every_pair_fails_by_its_rule_alone_and_is_sound_once_fixed() {
    let pairs = of_limits();
    assert!(pairs.len() >= 25, "{}", pairs.len());
    for Pair {
        rule,
        fails,
        passes,
    } in &pairs
    {
        let mut found = findings(fails);
        found.retain(|it| it.severity >= Severity::Warning);
        let is_alone = !found.is_empty() && found.iter().all(|it| it.rule == *rule);
        assert!(is_alone, "not {rule} alone:\n{}{fails}", shown(&found));
        let mut found = findings(passes);
        found.retain(|it| !BESIDE_THE_POINT.contains(&&*it.rule));
        assert!(found.is_empty(), "not sound:\n{}{passes}", shown(&found));
    }
}

/// The values of each key, by its table, in a text of one or several files.
fn values(schema: &Value, text: &str) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut values: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for text in text.split("# file: ") {
        let Ok(file) = text
            .split_inclusive('\n')
            .filter(|line| !line.ends_with(".toml\n"))
            .collect::<String>()
            .parse::<toml::Table>()
        else {
            continue;
        };
        for (key, value) in &file {
            visit(
                schema,
                &schema["properties"][key],
                value,
                &mut |table, key, shown| {
                    let slot = (family(table).to_owned(), key.to_owned());
                    values.entry(slot).or_default().insert(shown);
                },
            );
        }
    }
    values
}

/// What the lists of demand lines have in common counts once.
fn family(table: &str) -> &str {
    match table {
        "Call" | "Read" | "Write" | "Message" | "Inference" => "Line",
        table => table,
    }
}

/// Keys in which no pair differs: no rule alone judges them, or the pages of commands show them. It
/// only shrinks.
const WITHOUT: &[(&str, &str)] = &[
    ("Api", "owner packs status_url"),
    ("Burn", "hard soft"),
    ("Cache", "scope"),
    (
        "CalibrationPolicy",
        "drift launch_max_age max_age tolerance",
    ),
    (
        "ChangePolicy",
        "concurrency credits depth drain feature rate reads retained spend storage throughput workers writes",
    ),
    ("Compress", "after ratio"),
    ("Database", "overhead owner reversible"),
    ("Endpoint", "measured"),
    ("Entity", "fixed"),
    ("Feature", "active adoption inference launch tenants writes"),
    (
        "LimitPolicy",
        "credits depth drain rate retained scenario spend storage throughput today workers writes",
    ),
    (
        "Line",
        "after allow count endpoint fanout items model reason size units",
    ),
    ("Metric", "counter gauge tenant"),
    ("Model", "owner retry_ratio unit"),
    ("Pack", "credits expires max name price"),
    (
        "Policy",
        "burn calibration change confidence max_partitions partition_above",
    ),
    ("Project", "currency days_per_month owner peak"),
    (
        "Queue",
        "broker decision depth max_message owner partition_throughput reversible storage",
    ),
    ("Risk", "downtime_cost_per_hour"),
    ("Scenario", "lasts on payload rates require set tenants"),
    ("SharesOf", "scenario"),
    ("SoftAlert", "by_day share"),
    (
        "Table",
        "allow compress database existing max_size per relation",
    ),
    ("ThresholdTable", "above percent"),
    ("Usage", "files map"),
    ("UsageMap", "to where"),
    ("UsageTarget", "scale subject tenant unit"),
    ("Waiver", "ceiling"),
    ("Workers", "api calls_per_job count"),
];

/// In what a pair differs is what it shows: every key of the format is that of some pair.
#[test]
fn every_key_has_a_pair() {
    let schema = pages::capacity_schema();
    let mut differ = BTreeSet::new();
    let of_rules = RULES.iter().flat_map(|rule| pairs(pages::rule(rule)));
    for pair in of_rules.chain(of_limits()) {
        let (fails, passes) = (values(&schema, &pair.fails), values(&schema, &pair.passes));
        let keys = fails.keys().chain(passes.keys());
        let keys = keys.filter(|key| fails.get(key) != passes.get(key));
        differ.extend(keys.cloned());
    }
    let definitions = schema["definitions"].as_object().unwrap();
    let mut missing = BTreeSet::new();
    for (name, definition) in definitions.iter().filter(|(_, it)| is_table(it)) {
        for key in definition["properties"].as_object().unwrap().keys() {
            let (table, key) = (family(name).to_owned(), key.clone());
            let mut without = WITHOUT.iter().filter(|(name, _)| *name == table);
            let is_known = without.any(|(_, keys)| keys.split(' ').any(|it| it == key));
            let has_pair = differ.contains(&(table.clone(), key.clone()));
            assert!(!(is_known && has_pair), "{table}.{key} has a pair");
            if !is_known && !has_pair {
                missing.insert(format!("{table}.{key}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    // Forms of values are no keys of a table.
    let texts = of_limits().into_iter();
    let texts: Vec<(String, String)> = texts.map(|it| (it.fails, it.passes)).collect();
    for form in ["{ each = ", "\"none\"", "growth = \""] {
        let count = |text: &str| text.matches(form).count();
        let shown = texts.iter().any(|(_, passes)| count(passes) > 0);
        assert!(shown, "{form}");
    }
}
