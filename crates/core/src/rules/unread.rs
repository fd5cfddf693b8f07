//! What may stand in the files that have errors: who uses a name is known where all of them were
//! read, or where those that were not don't have the name.

use crate::analysis::Project;
use crate::collections::HashMap;
use crate::finding::{Finding, file_errors};
use crate::model::scenarios::JUDGING;
use crate::rules::causes::keys;
use crate::source::{FileId, SourceMap, Span};

/// The keys that refer to something, or have lines that do.
const REFERRING: [&str; 15] = [
    "after",
    "api",
    "calls",
    "endpoint",
    "from",
    "inference",
    "messages",
    "model",
    "per",
    "queue",
    "reads",
    "spec",
    "table",
    "tenants",
    "writes",
];

/// The words of the files that have errors.
pub(super) struct Unread<'a> {
    /// Whether what could not be read may refer to anything.
    anything: bool,
    /// How often each file has each word.
    words: HashMap<FileId, HashMap<&'a str, usize>>,
}

impl<'a> Unread<'a> {
    pub(super) fn new(project: &Project, sources: &'a SourceMap) -> Self {
        let mut unread = Self {
            anything: false,
            words: HashMap::default(),
        };
        let errors = project.findings.iter().filter(|error| !is_beside(error));
        for finding in errors {
            let Some(span) = finding.span.filter(|_| !refers(finding)) else {
                unread.anything = true;
                continue;
            };
            let file = sources.file(span.file);
            unread.anything |= file.flaw.is_some();
            unread.words.entry(span.file).or_insert_with(|| {
                let mut counts = HashMap::default();
                words(&file.text).for_each(|word| *counts.entry(word).or_default() += 1);
                counts
            });
        }
        unread
    }

    /// Whether what could not be read may use what some keys lead to, which is declared at a place.
    pub(super) fn may_use(&self, project: &Project, keys: &[&str], declared: Option<Span>) -> bool {
        if self.anything {
            return true;
        }
        let root = &project.declarations.root;
        match keys {
            // A line that names no tiers is for all.
            ["tenants", ..] => root.features.iter().any(|(name, feature)| {
                let read = project.model.features.get(name);
                feature.lines().count() > read.map_or(0, |read| read.lines.len())
            }),
            ["apis", name] => {
                let api = root.apis.get(name);
                let mut endpoints = api.into_iter().flat_map(|api| api.endpoints.names());
                self.names(name, declared) || endpoints.any(|path| self.names(path, declared))
            }
            [.., name] => self.names(name, declared),
            [] => true,
        }
    }

    /// Whether a file has the words of a name elsewhere than where it is declared.
    fn names(&self, name: &str, declared: Option<Span>) -> bool {
        self.words.iter().any(|(file, counts)| {
            let own = usize::from(declared.is_some_and(|span| span.file == *file));
            words(name).all(|word| counts.get(word).is_some_and(|count| *count > own))
        })
    }
}

/// Whether an error is about what only judges.
fn is_beside(error: &Finding) -> bool {
    let keys = keys(&error.subject);
    let judges = |key: &String| key == "project" || JUDGING.contains(&key.as_str());
    keys.first().is_some_and(judges)
}

/// Whether an error is about what is referred to, or about a thing that may refer to anything.
fn refers(error: &Finding) -> bool {
    let keys = keys(&error.subject);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let may_refer = match keys[..] {
        _ if error.rule == file_errors::SYNTAX => false,
        ["features" | "tables" | "queues"] | ["features" | "tables" | "queues", _] => true,
        [.., last] => REFERRING.contains(&last),
        [] => true,
    };
    may_refer || error.rule == file_errors::UNKNOWN_REFERENCE
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty())
}
