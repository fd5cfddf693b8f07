//! Runs a text through the schema and through caplint.

use std::path::{Path, PathBuf};

use caplint::analysis::Project;
use caplint::model::projects::projects;
use caplint::rules::names;
use caplint::source::{FileId, SourceFile, SourceMap};
use serde_json::Value;

/// What a schema cannot see: the order of values and how far apart they are, values beside each other in a list, ids that
/// two lines share, and that a date is no string.
const UNSEEN: &[&str] = &[
    " have the id ",
    "are not in order",
    "are more than 1,000 times apart",
    "is below its `now`",
    "is limited twice",
    "have different periods",
    "one quantile arrives steadily",
    "is a date or time",
    "contains a date or time",
];

/// The top of this repository.
pub(crate) fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft7::new(schema).expect("the schema is one")
}

/// The capacity files below a folder, sorted.
pub(crate) fn capacity_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "capacity.toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// TOML as the validators of editors see it: dates are strings.
pub(crate) fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(as_json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), as_json(value)))
            .collect(),
    }
}

fn one_file(text: &str) -> (SourceMap, FileId) {
    let mut sources = SourceMap::default();
    let id = sources.add(SourceFile {
        path: "capacity.toml".into(),
        text: text.into(),
        flaw: None,
    });
    (sources, id)
}

/// What the reader says of one file, what no schema can say aside.
pub(crate) fn read(text: &str) -> Vec<String> {
    let (sources, id) = one_file(text);
    caplint::document::read(id, sources.file(id))
        .findings
        .into_iter()
        .map(|finding| format!("{}: {}: {}", finding.rule, finding.subject, finding.message))
        .filter(|message| !UNSEEN.iter().any(|unseen| message.contains(unseen)))
        .collect()
}

/// The errors of the file itself, of what caplint says of a project of this one file.
pub(crate) fn file_errors(text: &str) -> Vec<String> {
    let (sources, id) = one_file(text);
    let document = caplint::document::read(id, sources.file(id));
    let (projects, _) = projects(&sources, vec![document.into()]);
    projects
        .into_iter()
        .flat_map(|files| {
            let project = Project::new(files, 1);
            let names = names::check(&project.declarations);
            project.findings.into_iter().chain(names)
        })
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

/// A few numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below the limit")
    }
}
