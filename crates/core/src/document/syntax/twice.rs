//! Keys and headers that are written twice.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::collections::HashMap;
use crate::document::path::TomlPath;
use crate::document::reader::quotable;
use crate::document::repair::line_around;
use crate::finding::{Finding, Severity, file_errors};
use crate::source::FileId;

use super::{Flaw, span};

/// Whether what stands at a path is a thing with a name of its own.
fn is_thing(path: &TomlPath) -> bool {
    let keys: Vec<&str> = path.0.iter().map(String::as_str).collect();
    matches!(
        keys[..],
        [
            "tenants"
                | "entities"
                | "apis"
                | "features"
                | "databases"
                | "tables"
                | "queues"
                | "models"
                | "scenarios"
                | "rules",
            _
        ] | ["apis", _, "endpoints", _]
    )
}

/// Finds where a key that is written twice was written first: the parser tells the second place
/// alone.
#[derive(Default)]
pub(super) struct Twice {
    /// The file's headers in order, once they are looked for.
    headers: Option<Vec<Header>>,
    searches: usize,
}

/// The most keys written twice whose first places are looked for: each search walks the file.
const MOST_SEARCHES: usize = 100;

struct Header {
    start: usize,
    path: TomlPath,
    /// Where the last key of the first header with the same path stands, if there is one above.
    first: Option<Range<usize>>,
}

impl Twice {
    pub(super) fn flaw(
        &mut self,
        file: FileId,
        text: &str,
        table: &DeTable<'_>,
        range: Range<usize>,
    ) -> Flaw {
        self.searches += 1;
        let (path, first, header) = if self.searches <= MOST_SEARCHES {
            let (path, first) = self.find(text, table, &range);
            let line = &text[line_around(text, range.start)];
            (path, first, line.trim_start().starts_with('['))
        } else {
            (TomlPath::new(&[&text[range.clone()]]), None, false)
        };
        let (rule, message, help) = if is_thing(&path) {
            (
                file_errors::DUPLICATE_NAME,
                format!("`{path}` is declared twice"),
                "rename or remove one of the two",
            )
        } else {
            let key = path.0.last().map_or("", String::as_str);
            let help = if header {
                "write all its keys below one header"
            } else {
                "keep one of the two; the first was read"
            };
            let message = format!("`{}` is written twice", quotable(key));
            (file_errors::SYNTAX, message, help)
        };
        let first = first.map(|first| span(file, &first));
        let finding = Finding::new(rule, Severity::Error, path.to_string(), message)
            .at(span(file, &range))
            .help(help)
            .also(first, "first written here");
        Flaw {
            hides: range.clone(),
            range,
            line: None,
            finding,
        }
    }

    /// The header that a place is in or below.
    fn header(&mut self, text: &str, at: usize) -> Option<&Header> {
        let headers = self.headers.get_or_insert_with(|| headers(text));
        let after = headers.partition_point(|header| header.start <= at);
        headers[..after].last()
    }

    /// What is broken: the key of a line, as far as it can be told, or the table around it.
    pub(super) fn subject(&mut self, text: &str, at: usize) -> String {
        let line = &text[line_around(text, at)];
        let header = self.header(text, at);
        let mut path = header.map(|header| header.path.clone()).unwrap_or_default();
        if let Some((key, _)) = line.split_once('=')
            && let Ok(key) = TomlPath::parse(key.trim())
        {
            path.0.extend(key.0);
        }
        if path.0.is_empty() {
            return "file".to_owned();
        }
        path.to_string()
    }

    fn find(
        &mut self,
        text: &str,
        table: &DeTable<'_>,
        range: &Range<usize>,
    ) -> (TomlPath, Option<Range<usize>>) {
        let header = self.header(text, range.start);
        let line_start = line_around(text, range.start).start;
        if let Some(header) = header
            && header.start >= line_start
        {
            return (header.path.clone(), header.first.clone());
        }
        let above = header.map(|header| header.path.clone()).unwrap_or_default();
        let word = TomlPath::parse(&text[range.clone()])
            .unwrap_or_else(|_| TomlPath::new(&[&text[range.clone()]]));
        let inside = innermost(table, range.start, TomlPath::default());
        if let Some((inner, path)) = inside {
            let key = word.0.last().map_or("", String::as_str);
            let first = inner.keys().find(|present| present.get_ref() == key);
            return (path.join(key), first.map(|key| key.span()));
        }
        let written = text.get(line_start..range.end).unwrap_or_default();
        let keys = TomlPath::parse(written.trim_start()).unwrap_or(word);
        let mut path = above;
        path.0.extend(keys.0);
        let first = key_at(table, &path, range.start);
        (path, first)
    }
}

fn headers(text: &str) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut firsts: HashMap<TomlPath, Range<usize>> = HashMap::default();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let start = end;
        end += line.len();
        if !line.trim_start().starts_with('[') {
            continue;
        }
        let Ok(table) = DeTable::parse(line.trim_end()) else {
            continue;
        };
        let mut path = TomlPath::default();
        let mut last_key = 0..0;
        let mut inner = Some(table.get_ref());
        while let Some((key, value)) = inner.and_then(|table| table.iter().next()) {
            path.0.push(key.get_ref().to_string());
            last_key = start + key.span().start..start + key.span().end;
            inner = value.get_ref().as_table();
        }
        let first = firsts.get(&path).cloned();
        if first.is_none() {
            firsts.insert(path.clone(), last_key.clone());
        }
        headers.push(Header { start, path, first });
    }
    headers
}

/// The innermost inline table around a place, with its path.
fn innermost<'t, 'i>(
    table: &'t DeTable<'i>,
    at: usize,
    path: TomlPath,
) -> Option<(&'t DeTable<'i>, TomlPath)> {
    for (key, value) in table {
        let span = value.span();
        let inline = span.start > key.span().start && span.contains(&at);
        let found = match value.get_ref() {
            DeValue::Table(inner) => {
                let path = path.join(key.get_ref());
                innermost(inner, at, path.clone()).or(inline.then_some((inner, path)))
            }
            DeValue::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
                let DeValue::Table(inner) = item.get_ref() else {
                    return None;
                };
                let path = path.join(key.get_ref()).join(&index.to_string());
                let inline = item.span().contains(&at) && inline;
                innermost(inner, at, path.clone()).or(inline.then_some((inner, path)))
            }),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Where the key at a path stands: of lists the last item that begins before `before`.
fn key_at(table: &DeTable<'_>, path: &TomlPath, before: usize) -> Option<Range<usize>> {
    let mut table = table;
    let (last, outer) = path.0.split_last()?;
    for key in outer {
        let mut value = table.get(key.as_str())?.get_ref();
        if let DeValue::Array(items) = value {
            let item = items.iter().rev().find(|item| item.span().start < before)?;
            value = item.get_ref();
        }
        table = value.as_table()?;
    }
    let key = table.keys().find(|key| key.get_ref() == last.as_str())?;
    Some(key.span()).filter(|span| span.start < before)
}
