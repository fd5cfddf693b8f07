//! What the TOML parser refuses, as findings: one for each cause, names that are used twice
//! with both places.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::collections::HashMap;
use crate::document::declared::TomlPath;
use crate::document::reader::values_quote;
use crate::document::repair::{Problem, line_around};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::{FileId, Span};

/// What is wrong with a file's syntax.
pub(crate) struct Flaws {
    flaws: Vec<Flaw>,
}

struct Flaw {
    /// The words that are wrong.
    range: Range<usize>,
    /// What the parser replaced by something else: nothing in it is judged.
    hides: Range<usize>,
    kind: Kind,
}

enum Kind {
    Syntax {
        subject: String,
        line: usize,
        message: String,
        help: &'static str,
    },
    /// The same key twice, with the first place where it was found.
    Twice {
        path: TomlPath,
        header: bool,
        first: Option<Range<usize>>,
    },
}

impl Flaws {
    /// The flaws of a text from which this table could be read.
    pub(crate) fn of(text: &str, table: &DeTable<'_>, problems: Vec<Problem>) -> Self {
        if problems.is_empty() {
            return Self { flaws: Vec::new() };
        }
        let mut errors: Vec<Problem> = problems
            .into_iter()
            .map(|(range, message)| (at_least_one(text, range), message))
            .collect();
        errors.sort_by_key(|(range, _)| (range.start, range.end));
        errors.dedup();
        let mut twice = Twice::default();
        let mut flaws: Vec<Flaw> = Vec::new();
        let values = brackets(table);
        let lines = line_starts(text);
        let conflicts = conflicts(text);
        let mut told = None;
        for (range, message) in errors {
            let index = conflicts.partition_point(|conflict| conflict.start <= range.start);
            let conflict = index.checked_sub(1).map(|index| &conflicts[index]);
            if let Some(conflict) = conflict.filter(|conflict| range.start < conflict.end) {
                // All that is wrong in it has one cause.
                if told.replace(conflict.start) != Some(conflict.start) {
                    let line = lines.partition_point(|start| *start <= conflict.start);
                    let subject = twice.subject(text, conflict.start);
                    flaws.push(Flaw::conflict(conflict.clone(), subject, line));
                }
                continue;
            }
            if message == "duplicate key" {
                flaws.push(twice.flaw(text, table, range));
                continue;
            }
            let index = values.partition_point(|value| value.start <= range.start);
            let value = index
                .checked_sub(1)
                .map(|index| values[index].clone())
                .filter(|value| range.start <= value.end);
            let unclosed =
                message.starts_with("unclosed array") || message.starts_with("unclosed inline");
            let line = lines.partition_point(|start| *start <= range.start);
            let hides = value.clone().unwrap_or_else(|| range.clone());
            // Errors come by position, so that what they repeat is among the last few.
            let recent = flaws.len().saturating_sub(4);
            let repeats = flaws[recent..].iter().rposition(|flaw| {
                matches!(flaw.kind, Kind::Syntax { line: other, .. } if other == line)
                    || value.as_ref().is_some_and(|value| flaw.hides == *value)
            });
            // The rest of a line is looked at once, however many errors it holds.
            if repeats.is_some() && !unclosed {
                continue;
            }
            let range = match (&value, unclosed) {
                (Some(value), true) => value.start..value.start + 1,
                _ => range,
            };
            let line = lines.partition_point(|start| *start <= range.start);
            let (message, help) = in_words(
                &text[line_around(text, range.start)],
                &range,
                text,
                &message,
            );
            let kind = Kind::Syntax {
                subject: twice.subject(text, range.start),
                line,
                message,
                help,
            };
            match repeats {
                // That a bracket is not closed explains all that follows it.
                Some(index) => flaws[recent + index] = Flaw { range, hides, kind },
                None => flaws.push(Flaw { range, hides, kind }),
            }
        }
        flaws.sort_by_key(|flaw| (flaw.range.start, flaw.range.end));
        Self { flaws }
    }

    /// Whether text could not be read, a key's second value aside.
    pub(crate) fn lose_text(&self) -> bool {
        self.flaws
            .iter()
            .any(|flaw| matches!(flaw.kind, Kind::Syntax { .. }))
    }

    /// Whether a flaw is on a line.
    pub(crate) fn on_line(&self, line: &Range<usize>) -> bool {
        let first = self
            .flaws
            .partition_point(|flaw| flaw.range.start < line.start);
        self.flaws
            .get(first)
            .is_some_and(|flaw| flaw.range.start < line.end)
    }

    /// Whether a place is, or lies in, what the parser made up.
    pub(crate) fn touch(&self, start: u32, end: u32) -> bool {
        let (start, end) = (start as usize, end as usize);
        let after = self.flaws.partition_point(|flaw| flaw.hides.start <= end);
        self.flaws[..after]
            .iter()
            .rev()
            .take(4)
            .any(|flaw| matches!(flaw.kind, Kind::Syntax { .. }) && start <= flaw.hides.end)
    }

    /// As findings.
    pub(crate) fn into_findings(self, file: FileId) -> Vec<Finding> {
        self.flaws
            .into_iter()
            .map(|flaw| flaw.finding(file))
            .collect()
    }
}

impl Flaw {
    /// What a merge left to be resolved.
    fn conflict(conflict: Range<usize>, subject: String, line: usize) -> Self {
        Self {
            range: conflict.start..conflict.start + MARKER,
            hides: conflict,
            kind: Kind::Syntax {
                subject,
                line,
                message: "a merge conflict".to_owned(),
                help: "resolve it, and remove the lines with its markers",
            },
        }
    }

    fn finding(self, file: FileId) -> Finding {
        let span = |range: &Range<usize>| Span {
            file,
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
        };
        match &self.kind {
            Kind::Syntax {
                subject,
                message,
                help,
                ..
            } => Finding::new(
                file_errors::SYNTAX,
                Severity::Error,
                subject.clone(),
                message.clone(),
            )
            .at(span(&self.range))
            .help(*help),
            Kind::Twice {
                path,
                header,
                first,
            } => {
                let named = is_thing(path);
                let (rule, message) = if named {
                    (
                        file_errors::DUPLICATE_NAME,
                        format!("`{path}` is declared twice"),
                    )
                } else {
                    let key = path.0.last().map_or("", String::as_str);
                    (
                        file_errors::SYNTAX,
                        format!("`{}` is written twice", values_quote(key)),
                    )
                };
                let help = if named {
                    "rename or remove one of the two"
                } else if *header {
                    "write all its keys below one header"
                } else {
                    "keep one of the two; the first was read"
                };
                let finding = Finding::new(rule, Severity::Error, path.to_string(), message)
                    .at(span(&self.range))
                    .help(help);
                match first {
                    Some(first) => finding.also(span(first), "first written here"),
                    None => finding,
                }
            }
        }
    }
}

/// The parser's complaint and what to do about it. The commonest in words that need no
/// knowledge of its grammar.
fn in_words(line: &str, range: &Range<usize>, text: &str, message: &str) -> (String, &'static str) {
    let before = text
        .get(..range.start)
        .unwrap_or_default()
        .trim_end_matches([' ', '\t']);
    let said = |message: &str, help| (message.to_owned(), help);
    if ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|marker| line.starts_with(marker))
    {
        said(
            "a marker of a merge conflict",
            "resolve the conflict and remove the markers",
        )
    } else if message.starts_with("string values must be quoted") && before.ends_with('=') {
        if text
            .get(range.clone())
            .is_some_and(|value| !value.trim().is_empty())
        {
            said(
                "a value that needs quotes",
                "put it in quotes, such as `\"15m\"`; numbers, dates, `true` and `false` stand without",
            )
        } else {
            said(
                "a key without a value",
                "write its value after the `=`, or remove the line",
            )
        }
    } else if message.starts_with("key with no value") {
        said(
            "a line without `=`",
            "write `key = value`, a `[table]` header, or `#` before a comment",
        )
    } else if message.starts_with("unclosed table") || message.starts_with("unclosed array table") {
        said(
            "a header without its end",
            "close it with `]`, or `]]` where it opens with `[[`",
        )
    } else if message.starts_with("unclosed array") {
        said("a list that is not closed", "close it with `]`")
    } else if message.starts_with("unclosed inline") {
        said("a table that is not closed", "close it with `}`")
    } else if message.contains("string, expected `") {
        said(
            "a string that is not closed",
            "close it with the quotes that opened it",
        )
    } else if message.starts_with("invalid boolean") {
        said(
            "neither `true` nor `false`",
            "write `true` or `false`, in small letters",
        )
    } else {
        (
            format!("not valid TOML: {message}"),
            "mend the syntax; what stands elsewhere in the file was still read",
        )
    }
}

/// A range of at least one character, where there is one on its line.
fn at_least_one(text: &str, range: Range<usize>) -> Range<usize> {
    let start = range.start.min(text.len());
    let end = range.end.clamp(start, text.len());
    if end > start {
        return start..end;
    }
    let next = text[start..].chars().next().filter(|next| *next != '\n');
    start..next.map_or(start, |next| start + next.len_utf8())
}

/// How long the markers of a merge conflict are.
const MARKER: usize = 7;

/// The conflicts that a merge left in a text, each from its first marker to the end of its last.
fn conflicts(text: &str) -> Vec<Range<usize>> {
    let mut conflicts = Vec::new();
    let mut open = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<<") {
            open.get_or_insert(at);
        } else if line.starts_with(">>>>>>>")
            && let Some(start) = open.take()
        {
            conflicts.push(start..at + line.len());
        }
        at += line.len();
    }
    conflicts
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

/// The outermost lists and inline tables that are values, by position.
fn brackets(table: &DeTable<'_>) -> Vec<Range<usize>> {
    fn add(table: &DeTable<'_>, into: &mut Vec<Range<usize>>) {
        for (key, value) in table {
            let span = value.span();
            match value.get_ref() {
                // A table with a header, or with dotted keys, begins before or with its key.
                DeValue::Table(inner) if span.start <= key.span().start => add(inner, into),
                DeValue::Array(items) if span.start <= key.span().start => {
                    for item in items {
                        if let DeValue::Table(inner) = item.get_ref() {
                            add(inner, into);
                        }
                    }
                }
                DeValue::Table(_) | DeValue::Array(_) => into.push(span),
                _ => {}
            }
        }
    }
    let mut values = Vec::new();
    add(table, &mut values);
    values.sort_by_key(|range| range.start);
    values
}

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
struct Twice {
    /// The file's headers in order: where each begins, its keys, and where its last key stands.
    headers: Option<Vec<Header>>,
    /// The first header with each path.
    first: HashMap<TomlPath, usize>,
    searches: usize,
}

/// The most keys written twice whose first places are looked for: each search walks the file.
const MOST_SEARCHES: usize = 100;

struct Header {
    start: usize,
    path: TomlPath,
    last_key: Range<usize>,
}

impl Twice {
    fn flaw(&mut self, text: &str, table: &DeTable<'_>, range: Range<usize>) -> Flaw {
        self.searches += 1;
        let (path, first, header) = if self.searches <= MOST_SEARCHES {
            let (path, first) = self.find(text, table, &range);
            let line = &text[line_around(text, range.start)];
            (path, first, line.trim_start().starts_with('['))
        } else {
            (TomlPath::new(&[&text[range.clone()]]), None, false)
        };
        Flaw {
            hides: range.clone(),
            kind: Kind::Twice {
                path,
                header,
                first,
            },
            range,
        }
    }

    /// The file's headers, and which of them a place is below.
    fn headers(&mut self, text: &str, at: usize) -> (&[Header], Option<usize>) {
        let first = &mut self.first;
        let headers = self.headers.get_or_insert_with(|| {
            let headers = headers(text);
            for (index, header) in headers.iter().enumerate() {
                first.entry(header.path.clone()).or_insert(index);
            }
            headers
        });
        let own = headers
            .partition_point(|header| header.start <= at)
            .checked_sub(1);
        (headers, own)
    }

    /// What is broken: the key of a line, as far as it can be told, or the table around it.
    fn subject(&mut self, text: &str, at: usize) -> String {
        let line = &text[line_around(text, at)];
        let (headers, own) = self.headers(text, at);
        let mut path = own
            .map(|index| headers[index].path.clone())
            .unwrap_or_default();
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
        let (headers, own) = self.headers(text, range.start);
        let own = own.map(|index| &headers[index]);
        let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        if let Some(header) = own.filter(|header| header.start >= line_start) {
            let path = header.path.clone();
            let start = header.start;
            let first = self
                .first
                .get(&path)
                .and_then(|index| self.headers.as_ref()?.get(*index));
            let first = first.filter(|first| first.start < start);
            return (path, first.map(|first| first.last_key.clone()));
        }
        let word = TomlPath::parse(&text[range.clone()])
            .unwrap_or_else(|_| TomlPath::new(&[&text[range.clone()]]));
        let above = own.map(|header| header.path.clone()).unwrap_or_default();
        let inside = innermost(table, range.start, TomlPath::default());
        if let Some((inner, path)) = inside {
            let key = word.0.last().map_or("", String::as_str);
            let first = inner.keys().find(|present| present.get_ref() == key);
            return (path.join(key), first.map(|key| key.span()));
        }
        let written = text
            .get(line_start..range.end)
            .unwrap_or_default()
            .trim_start();
        let keys = TomlPath::parse(written).unwrap_or(word);
        let mut path = above;
        path.0.extend(keys.0);
        let first = key_at(table, &path, range.start);
        (path, first)
    }
}

/// The headers of a file. What looks like one within a string is taken for one.
fn headers(text: &str) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let line_start = start;
        start += line.len();
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
            last_key = key.span();
            inner = match value.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            };
        }
        headers.push(Header {
            start: line_start,
            path,
            last_key: line_start + last_key.start..line_start + last_key.end,
        });
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
        table = match table.get(key.as_str())?.get_ref() {
            DeValue::Table(inner) => inner,
            DeValue::Array(items) => {
                let item = items.iter().rev().find(|item| item.span().start < before)?;
                match item.get_ref() {
                    DeValue::Table(inner) => inner,
                    _ => return None,
                }
            }
            _ => return None,
        };
    }
    let key = table.keys().find(|key| key.get_ref() == last.as_str())?;
    Some(key.span()).filter(|span| span.start < before)
}
