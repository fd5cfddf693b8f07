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
    /// The first tag of each path, where all operations have one; else nothing.
    pub tags: IndexMap<String, String>,
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
        tags: match found.untagged {
            true => IndexMap::new(),
            false => found.tags,
        },
        paths,
    })
}

#[derive(Default)]
struct Found {
    version: Option<String>,
    title: Option<String>,
    paths: IndexSet<String>,
    /// The first tag of each path.
    tags: IndexMap<String, String>,
    /// Whether an operation has none.
    untagged: bool,
}

/// The keys of a path whose values are operations.
const OPERATIONS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

impl Found {
    /// An operation of a path that is taken, with its first tag.
    fn operation(&mut self, path: &str, tag: Option<&str>) {
        let tag = tag.map(str::trim).filter(|tag| !tag.is_empty());
        match tag {
            _ if !self.paths.contains(path) => {}
            Some(tag) => {
                let entry = self.tags.entry(path.to_owned());
                entry.or_insert_with(|| tag.to_owned());
            }
            None => self.untagged = true,
        }
    }

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
    paths: IndexMap<String, Operations>,
}

/// What stands at a path: operations by their method, and other keys.
#[derive(Deserialize)]
#[serde(untagged)]
enum Operations {
    ByKey(IndexMap<String, Operation>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Operation {
    Known {
        #[serde(default)]
        tags: Vec<String>,
    },
    Other(IgnoredAny),
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
    for (path, operations) in &json.paths {
        found.path(path);
        let Operations::ByKey(keys) = operations else {
            continue;
        };
        let methods = keys.iter().filter(|(key, _)| is_operation(key));
        for (_, operation) in methods {
            let tag = match operation {
                Operation::Known { tags } => tags.first().map(String::as_str),
                Operation::Other(_) => None,
            };
            found.operation(path, tag);
        }
    }
    Ok(found)
}

fn is_operation(key: &str) -> bool {
    OPERATIONS.contains(&key)
}

/// A mapping or a sequence that is open.
struct Open {
    /// The key whose value comes next, of a mapping; nothing where a key comes next.
    key: Option<String>,
    mapping: bool,
    is_key: bool,
    /// Whether something of it was a first tag.
    tagged: bool,
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
            Event::MappingEnd | Event::SequenceEnd => {
                if let [_, _, _, ended] = &open[..]
                    && let (false, Some(path)) = (ended.tagged, at_operation(&open))
                {
                    found.operation(path, None);
                }
                end(&mut open);
            }
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
        tagged: false,
    });
}

fn end(open: &mut Vec<Open>) {
    let Some(ended) = open.pop() else { return };
    if let Some(outer) = open.last_mut() {
        outer.key = ended.is_key.then(String::new);
    }
}

/// The path of what is open, where that is one of its operations.
fn at_operation(open: &[Open]) -> Option<&str> {
    let [top, paths, path, ..] = open else {
        return None;
    };
    let is_path = top.key.as_deref() == Some("paths") && path.mapping;
    let is_operation = path.key.as_deref().is_some_and(is_operation);
    paths.key.as_deref().filter(|_| is_path && is_operation)
}

fn scalar(value: &str, open: &mut [Open], found: &mut Found) {
    if let [_, _, _, operation, tags] = open
        && !tags.mapping
        && operation.key.as_deref() == Some("tags")
        && !operation.tagged
    {
        if let Some(path) = at_operation(open).map(str::to_owned) {
            found.operation(&path, Some(value));
        }
        if let Some(operation) = open.get_mut(3) {
            operation.tagged = true;
        }
        return;
    }
    // An alias, or nothing, in place of an operation.
    if let ([_, _, _], Some(path)) = (&*open, at_operation(open)) {
        found.operation(path, None);
    }
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
