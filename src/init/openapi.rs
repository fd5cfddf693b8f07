//! The paths of an OpenAPI 3 document, in YAML or JSON.
//!
//! YAML is read as a stream of events: nothing is built of the document, and an alias is one
//! event, whatever it refers to.

use indexmap::{IndexMap, IndexSet};
use saphyr_parser::{Event, Parser};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The largest document that is read, in bytes. Those of large providers have some megabytes.
pub const MAX_BYTES: u64 = 32 << 20;

/// The most paths that are taken.
pub const MAX_PATHS: usize = 1000;

const PATH_BYTES: usize = 1000;

/// What of a document matters here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What it is called.
    pub title: Option<String>,
    /// Its paths, in its order.
    pub paths: Vec<String>,
}

/// Reads a document.
/// Fails where it is neither YAML nor JSON, no OpenAPI 3, or has no paths or too many.
pub fn read(text: &str) -> Result<Document, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let found = if text.trim_start().starts_with('{') {
        read_json(text).or_else(|error| read_yaml(text).map_err(|_| error))?
    } else {
        read_yaml(text)?
    };
    match found.version.as_deref() {
        Some(version) if version.starts_with("3.") => {}
        Some(version) => {
            let version: String = version.chars().take(20).collect();
            return Err(format!("it is OpenAPI {version:?}; caplint reads 3.x"));
        }
        None => return Err("it is not an OpenAPI 3 document: it has no `openapi`".to_owned()),
    }
    let paths: Vec<String> = found.paths.into_iter().collect();
    if paths.is_empty() {
        return Err("it has no `paths`".to_owned());
    }
    if paths.len() > MAX_PATHS {
        return Err(format!(
            "it has more than {MAX_PATHS} paths: keep those that you call"
        ));
    }
    Ok(Document {
        title: found.title,
        paths,
    })
}

#[derive(Default)]
struct Found {
    version: Option<String>,
    title: Option<String>,
    paths: IndexSet<String>,
}

impl Found {
    fn path(&mut self, path: &str) {
        let sound = path.starts_with('/')
            && path.len() <= PATH_BYTES
            && !path.chars().any(char::is_control);
        if sound && self.paths.len() <= MAX_PATHS {
            self.paths.insert(path.to_owned());
        }
    }
}

#[derive(Deserialize)]
struct Json {
    openapi: Option<String>,
    swagger: Option<String>,
    info: Option<Info>,
    #[serde(default)]
    paths: IndexMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Info {
    title: Option<String>,
}

fn read_json(text: &str) -> Result<Found, String> {
    let json: Json =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let mut found = Found {
        version: json.openapi.or(json.swagger),
        title: json.info.and_then(|info| info.title),
        ..Found::default()
    };
    for path in json.paths.keys() {
        found.path(path);
    }
    Ok(found)
}

/// A mapping or a sequence that is open.
struct Open {
    /// The key whose value comes next, of a mapping; nothing where a key comes next.
    key: Option<String>,
    mapping: bool,
    is_key: bool,
}

fn read_yaml(text: &str) -> Result<Found, String> {
    let mut found = Found::default();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| format!("it is not YAML: {error}"))?;
        match event {
            Event::Scalar(value, ..) => scalar(&value, &mut open, &mut found),
            Event::Alias(_) => scalar("", &mut open, &mut found),
            Event::MappingStart(..) => begin(&mut open, true),
            Event::SequenceStart(..) => begin(&mut open, false),
            Event::MappingEnd | Event::SequenceEnd => end(&mut open),
            // Only the first document counts.
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(found)
}

fn begin(open: &mut Vec<Open>, mapping: bool) {
    let outer = open.last();
    let is_key = outer.is_some_and(|outer| outer.mapping && outer.key.is_none());
    open.push(Open {
        key: None,
        mapping,
        is_key,
    });
}

fn end(open: &mut Vec<Open>) {
    let Some(ended) = open.pop() else { return };
    if let Some(outer) = open.last_mut() {
        outer.key = ended.is_key.then(String::new);
    }
}

fn scalar(value: &str, open: &mut [Open], found: &mut Found) {
    let Some((inner, outer)) = open.split_last_mut() else {
        return;
    };
    if !inner.mapping {
        return;
    }
    let above: Option<&str> = outer.first().and_then(|top| top.key.as_deref());
    let Some(key) = inner.key.take() else {
        if outer.len() == 1 && above == Some("paths") {
            found.path(value);
        }
        inner.key = Some(value.to_owned());
        return;
    };
    match (outer.len(), above, key.as_str()) {
        (0, _, "openapi" | "swagger") => found.version = Some(value.to_owned()),
        (1, Some("info"), "title") => found.title = Some(value.to_owned()),
        _ => {}
    }
}
