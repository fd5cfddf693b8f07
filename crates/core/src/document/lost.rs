//! What could not be read of a broken file: names and keys that seem to be missing may stand
//! there.

use std::ops::Range;

use crate::document::tree::{TomlTable, TomlValue};

use crate::collections::HashSet;
use crate::document::syntax::Flaws;
use crate::finding::Finding;

/// The words in the parts of a file that could not be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lost {
    everything: bool,
    words: HashSet<String>,
}

impl Lost {
    pub(crate) fn everything() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    /// Of a file from which this could be read: the words of lines that are broken, and of lines
    /// on which no key was read.
    pub(crate) fn of(text: &str, table: &TomlTable<'_>, flaws: &Flaws) -> Self {
        let mut keys = Vec::new();
        starts_of_keys(table, &mut keys);
        keys.sort_unstable();
        let mut words = HashSet::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            let content = line.trim();
            let sound = holds_any(&keys, &range) && !flaws.on_line(&range);
            if sound || content.is_empty() || content.starts_with('#') {
                continue;
            }
            add_words(content, &mut words);
        }
        Self {
            everything: false,
            words,
        }
    }

    pub(crate) fn may_hold(&self, word: &str) -> bool {
        self.everything || self.words.contains(word)
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.everything
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether the key that a finding misses may stand in what could not be read.
    pub(crate) fn holds_key_of(&self, finding: &Finding) -> bool {
        let key = finding.subject.rsplit('.').next().unwrap_or_default();
        self.may_hold(key.trim_matches('"'))
    }
}

fn starts_of_keys(table: &TomlTable<'_>, into: &mut Vec<usize>) {
    for (key, value) in table {
        into.push(key.span().start);
        starts_in(value.get_ref(), into);
    }
}

fn starts_in(value: &TomlValue<'_>, into: &mut Vec<usize>) {
    match value {
        TomlValue::Table(table) => starts_of_keys(table, into),
        TomlValue::Array(array) => {
            for value in array {
                starts_in(value.get_ref(), into);
            }
        }
        _ => {}
    }
}

fn holds_any(sorted: &[usize], range: &Range<usize>) -> bool {
    let first = sorted.partition_point(|start| *start < range.start);
    sorted.get(first).is_some_and(|start| range.contains(start))
}

/// Adds what may be a name in a line: quoted strings, dotted keys, and their parts.
fn add_words(line: &str, words: &mut HashSet<String>) {
    for quoted in line.split(['"', '\'']).skip(1).step_by(2) {
        words.insert(quoted.to_owned());
    }
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    for word in line.split(|character| !is_part(character)) {
        words.insert(word.to_owned());
        words.extend(word.split('.').map(str::to_owned));
    }
    words.remove("");
}
