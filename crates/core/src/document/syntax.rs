//! What the TOML parser refuses, as findings: one for each cause, names that are used twice
//! with both places.

mod twice;

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::document::path::TomlPath;
use crate::document::reader::values_quote;
use crate::document::repair::{Problem, line_around};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::{FileId, Span};

use twice::{Twice, is_thing};

/// What is wrong with a file's syntax.
pub(crate) struct Flaws {
    flaws: Vec<Flaw>,
}

struct Flaw {
    /// The words that are wrong.
    range: Range<usize>,
    /// What the parser replaced by something else: nothing in it is judged.
    hides: Range<usize>,
    kind: FlawKind,
}

enum FlawKind {
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
                matches!(flaw.kind, FlawKind::Syntax { line: other, .. } if other == line)
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
            let kind = FlawKind::Syntax {
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
            .any(|flaw| matches!(flaw.kind, FlawKind::Syntax { .. }))
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
            .any(|flaw| matches!(flaw.kind, FlawKind::Syntax { .. }) && start <= flaw.hides.end)
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
            kind: FlawKind::Syntax {
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
            FlawKind::Syntax {
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
            FlawKind::Twice {
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

/// How the parser's commonest complaints begin, what they mean in words that need no knowledge of
/// its grammar, and what to do about each.
const COMMON: [(&str, &str, &str); 6] = [
    (
        "key with no value",
        "a line without `=`",
        "write `key = value`, a `[table]` header, or `#` before a comment",
    ),
    (
        "unclosed table",
        "a header without its end",
        "close it with `]`, or `]]` where it opens with `[[`",
    ),
    (
        "unclosed array table",
        "a header without its end",
        "close it with `]`, or `]]` where it opens with `[[`",
    ),
    (
        "unclosed array",
        "a list that is not closed",
        "close it with `]`",
    ),
    (
        "unclosed inline",
        "a table that is not closed",
        "close it with `}`",
    ),
    (
        "invalid boolean",
        "neither `true` nor `false`",
        "write `true` or `false`, in small letters",
    ),
];

/// The parser's complaint and what to do about it.
fn in_words(line: &str, range: &Range<usize>, text: &str, message: &str) -> (String, &'static str) {
    let before = text.get(..range.start).unwrap_or_default();
    let common = COMMON.iter().find(|common| message.starts_with(common.0));
    let (said, help) = if ["<<<<<<<", "=======", ">>>>>>>"]
        .iter()
        .any(|marker| line.starts_with(marker))
    {
        (
            "a marker of a merge conflict",
            "resolve the conflict and remove the markers",
        )
    } else if message.starts_with("string values must be quoted")
        && before.trim_end_matches([' ', '\t']).ends_with('=')
    {
        let value = text.get(range.clone()).unwrap_or_default();
        if value.trim().is_empty() {
            (
                "a key without a value",
                "write its value after the `=`, or remove the line",
            )
        } else {
            (
                "a value that needs quotes",
                "put it in quotes, such as `\"15m\"`; numbers, dates, `true` and `false` stand without",
            )
        }
    } else if let Some((_, said, help)) = common {
        (*said, *help)
    } else if message.contains("string, expected `") {
        (
            "a string that is not closed",
            "close it with the quotes that opened it",
        )
    } else {
        return (
            format!("not valid TOML: {message}"),
            "mend the syntax; what stands elsewhere in the file was still read",
        );
    };
    (said.to_owned(), help)
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
