//! YAML as JSON, to see that what was written is read as it was meant.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// The one document of a text. Scalars are texts.
pub(super) fn read(text: &str) -> Value {
    let mut documents = all(text);
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

/// All documents of a text.
pub(super) fn all(text: &str) -> Vec<Value> {
    let mut open: Vec<Value> = Vec::new();
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut done = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.unwrap_or_else(|error| panic!("{error}: {text}"));
        let value = match event {
            Event::MappingStart(..) => {
                open.push(Value::Object(Map::new()));
                keys.push(None);
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Value::Array(Vec::new()));
                keys.push(None);
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                keys.pop();
                open.pop().unwrap()
            }
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            _ => continue,
        };
        match (open.last_mut(), keys.last_mut()) {
            (Some(Value::Object(map)), Some(key)) => match key.take() {
                None => *key = Some(value.as_str().unwrap().to_owned()),
                Some(key) => {
                    let twice = map.insert(key.clone(), value);
                    assert!(twice.is_none(), "{key} stands twice");
                }
            },
            (Some(Value::Array(items)), _) => items.push(value),
            _ => done.push(value),
        }
    }
    done
}
