//! Files that differ from good ones in a value, a name or a key.

use toml::{Table, Value};

use super::support::{Numbers, capacity_files, top, validator};
use super::{EVERY_KEY, compare};

/// Values of every type, on both sides of every border.
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "0.5",
    "1.0",
    "1.5",
    "-0.1",
    "100",
    "1e3",
    "36501",
    "true",
    "false",
    "inf",
    "nan",
    "''",
    "' '",
    "'x'",
    "'a b'",
    "'7'",
    "'-1/day'",
    "'unknown'",
    "'forever'",
    "'now'",
    "'4/day'",
    "'4 / day'",
    "' 4/day '",
    "'1_000.5k/min'",
    "'1_/day'",
    "'4/m'",
    "'4/fortnight'",
    "'4/year'",
    "'1/15m'",
    "'1/0m'",
    "'4K/day'",
    "'4e3/day'",
    "'/day'",
    "'4/'",
    "'4/months'",
    "'0/s'",
    "'every 15m'",
    "'every day'",
    "'every'",
    "'every15m'",
    "'every 0s'",
    "'EVERY 1d'",
    "'15m'",
    "'1d12h'",
    "'12h1d'",
    "'1d1d'",
    "'0s'",
    "'0d1s'",
    "'1.5h'",
    "'15min'",
    "'1mo'",
    "'1y2mo3w4d5h6m7s'",
    "'90D'",
    "'90 d'",
    "'60KB'",
    "'60 KB'",
    "'60kB'",
    "'2GiB'",
    "'1.4TB'",
    "'400'",
    "'400B'",
    "'4b'",
    "'4K'",
    "'.5KB'",
    "'5.KB'",
    "'4MB/s'",
    "'4/s'",
    "'4MB'",
    "'4MB/fortnight'",
    "'75%'",
    "'100%'",
    "'100.0%'",
    "'100.1%'",
    "'1_0_0%'",
    "'075%'",
    "'120%'",
    "'75 %'",
    "'%'",
    "'-5%'",
    "'snapshot'",
    "'event'",
    "'drop'",
    "'kafka'",
    "'cpu'",
    "'fit'",
    "'off'",
    "'p90'",
    "'p99'",
    "'shared'",
    "'day'",
    "'month'",
    "'tenant'",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "10:00:00",
    "[]",
    "['x']",
    "[1]",
    "['200/min']",
    "['200/min', '5/s']",
    "['200/min', 'every 1d']",
    "[{ now = '1/s' }]",
    "{}",
    "{ now = 1 }",
    "{ now = 1, max = 2 }",
    "{ max = 2 }",
    "{ now = 1, 30d = 2 }",
    "{ now = 1, 0d = 2 }",
    "{ now = 1, 36501d = 2 }",
    "{ 30d = 2 }",
    "{ now = '1/s', max = '2/s' }",
    "{ now = '1GB', max = '2GB' }",
    "{ now = '1GB', then = '2GB' }",
    "{ p50 = 1, p90 = 2 }",
    "{ p50 = 0, p90 = 2 }",
    "{ p50 = 1 }",
    "{ p90 = 1 }",
    "{ p10 = 0.1, p50 = 0.2, p90 = 3 }",
    "{ p50 = '1/day', p90 = '2/day' }",
    "{ p50 = '1KB', p90 = '2KB', p95 = '3KB' }",
    "{ p50 = '50%', p90 = '150%' }",
    "{ p50 = '150%', p90 = '160%' }",
    "{ free = 1 }",
    "{ free = '1/day' }",
    "{ free = 'unknown', pro = { p50 = 1, p90 = 2 } }",
    "{ free = { input = '1/day' } }",
    "{ 'not a name' = 1 }",
    "{ per = 1 }",
    "{ per = 1, input = 2 }",
    "{ per = 0, input = 2 }",
    "{ input = 2 }",
    "{ ttl = '15m' }",
    "{ ttl = '15m', keys = 5 }",
    "{ scope = 'shared', keys = 5, hit_ratio = 0.5 }",
    "{ ttl = 15 }",
    "{ percent = '5%' }",
];

fn values() -> Vec<Value> {
    let parse = |text: &&str| -> Value {
        let table: Table = format!("v = {text}").parse().expect("TOML");
        table["v"].clone()
    };
    VALUES.iter().map(parse).collect()
}

/// A place in a document.
type Place = Vec<String>;

/// All places of a document, tables and lists included.
fn places(value: &Value, at: &Place, into: &mut Vec<Place>) {
    let mut visit = |key: String, value: &Value| {
        let mut place = at.clone();
        place.push(key);
        into.push(place.clone());
        places(value, &place, into);
    };
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                visit(key.clone(), value);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                visit(index.to_string(), value);
            }
        }
        _ => {}
    }
}

fn find<'v>(value: &'v mut Value, place: &[String]) -> &'v mut Value {
    place.iter().fold(value, |value, key| match value {
        Value::Table(table) => table.get_mut(key).expect("it is there"),
        Value::Array(items) => &mut items[key.parse::<usize>().expect("an index")],
        _ => panic!("nothing is below a value"),
    })
}

fn text(document: &Value) -> String {
    toml::to_string(document).expect("TOML")
}

#[test]
fn every_key_takes_the_same_values_of_both() {
    let schema = validator(&caplint::pages::capacity_schema());
    let document = Value::Table(EVERY_KEY.parse().expect("TOML"));
    let mut all = Vec::new();
    places(&document, &Vec::new(), &mut all);
    assert!(all.len() > 250, "the file with every key has shrunk");
    for place in &all {
        for value in values() {
            // Most of the file has nothing to do with it, and takes long to read.
            let mut part =
                Table::from_iter([(place[0].clone(), document[&place[0]].clone())]).into();
            *find(&mut part, place) = value;
            compare(&schema, &text(&part), || {
                let mut changed = document.clone();
                changed[&place[0]] = part[&place[0]].clone();
                text(&changed)
            });
        }
    }
}

#[test]
fn hundreds_of_changed_files_are_judged_alike() {
    let schema = validator(&caplint::pages::capacity_schema());
    let mut documents: Vec<Value> = capacity_files(&top().join("examples"))
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("an example"))
        .map(|text| Value::Table(text.parse().expect("TOML")))
        .collect();
    documents.push(Value::Table(EVERY_KEY.parse().expect("TOML")));
    let values = values();
    let mut numbers = Numbers(7);
    for _ in 0..1500 {
        let mut document = documents[numbers.below(documents.len())].clone();
        for _ in 0..=numbers.below(3) {
            mutate(&mut document, &values, &mut numbers);
        }
        compare(&schema, &text(&document), || text(&document));
    }
}

fn mutate(document: &mut Value, values: &[Value], numbers: &mut Numbers) {
    let mut all = Vec::new();
    places(document, &Vec::new(), &mut all);
    let Some(place) = all.get(numbers.below(all.len().max(1))) else {
        return;
    };
    let (last, parent) = place.split_last().expect("a place has a key");
    let value = values[numbers.below(values.len())].clone();
    let other = all[numbers.below(all.len())].last().expect("a key").clone();
    match (numbers.below(5), find(document, parent)) {
        (0, Value::Table(table)) => {
            table.remove(last);
        }
        (1, Value::Table(table)) => {
            let value = table.remove(last).expect("it is there");
            table.insert(format!("{last}s"), value);
        }
        (2, Value::Table(table)) => {
            table.insert(other, value);
        }
        (3, Value::Array(items)) => items.push(value),
        _ => *find(document, place) = value,
    }
}
