//! What the TOML parser refuses, as findings: one for each cause, names that are used twice
//! with both places.

mod subject;

use std::ops::Range;

use crate::advice::Advice;
use crate::document::meant::{meant, with_slashes};
use crate::document::path::TomlPath;
use crate::document::reader::quotable;
use crate::document::repair::line_around;
use crate::document::tree::{Problem, TomlTable, TomlValue, Twice};
use crate::finding::{Finding, Severity, file_errors};
use crate::source::{FileId, Span};

use subject::Subjects;

pub(crate) struct Flaws(Vec<Flaw>);

struct Flaw {
    /// The words that are wrong.
    range: Range<usize>,
    /// What the parser replaced by something else: nothing in it is judged.
    hides: Range<usize>,
    /// The line on which text is lost; absent for a key's second value, which was read.
    line: Option<usize>,
    finding: Finding,
}

/// A broken file, as far as flaws are described by it.
struct Broken<'t> {
    file: FileId,
    text: &'t str,
    lines: Vec<usize>,
    subjects: Subjects,
}

impl Flaws {
    /// The flaws of a text from which this table could be read.
    pub(crate) fn of(
        file: FileId,
        text: &str,
        table: &TomlTable<'_>,
        mut problems: Vec<Problem>,
    ) -> Self {
        if problems.is_empty() {
            return Self(Vec::new());
        }
        for problem in &mut problems {
            problem.range = at_least_one(text, problem.range.clone());
        }
        problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
        problems.dedup();
        let mut broken = Broken {
            file,
            text,
            lines: line_starts(text),
            subjects: Subjects::default(),
        };
        let mut flaws: Vec<Flaw> = Vec::new();
        let values = brackets(table);
        let conflicts = conflicts(text);
        let mut told = None;
        for problem in problems {
            let is_unclosed = problem.is_unclosed();
            // What the parser says of the words of a key follows from the line's having no `=`.
            let explains = is_unclosed || problem.message.starts_with("key with no value");
            let Problem {
                range,
                message,
                twice,
            } = problem;
            if let Some(conflict) = last_before(&conflicts, range.start)
                && range.start < conflict.end
            {
                // All that is wrong in it has one cause.
                if told.replace(conflict.start) != Some(conflict.start) {
                    let markers = conflict.start..conflict.start + MARKER;
                    let help = "resolve it, and remove the lines with its markers";
                    let message = "a merge conflict".to_owned();
                    flaws.push(broken.flaw(markers, conflict.clone(), message, help));
                }
                continue;
            }
            if let Some(twice) = twice {
                flaws.push(written_twice(file, range, &twice));
                continue;
            }
            let value = last_before(&values, range.start).filter(|value| range.start <= value.end);
            let line = Some(broken.line(range.start));
            let hides = value.unwrap_or(&range).clone();
            // Errors come by position, so that what they repeat is among the last few.
            let recent = flaws.len().saturating_sub(4);
            let repeats = flaws[recent..].iter().rposition(|flaw| {
                flaw.line == line || value.is_some_and(|value| flaw.hides == *value)
            });
            // The rest of a line is looked at once, however many errors it holds.
            if repeats.is_some() && !explains {
                continue;
            }
            let range = match value {
                Some(value) if is_unclosed => value.start..value.start + 1,
                _ => range,
            };
            let (message, help) = in_words(file, text, &range, &message);
            let flaw = broken.flaw(range, hides, message, help);
            match repeats {
                // A bracket that is not closed explains all that follows it.
                Some(index) => flaws[recent + index] = flaw,
                None => flaws.push(flaw),
            }
        }
        flaws.sort_by_key(|flaw| (flaw.range.start, flaw.range.end));
        Self(flaws)
    }

    /// Whether text could not be read, a key's second value aside.
    pub(crate) fn lose_text(&self) -> bool {
        self.0.iter().any(|flaw| flaw.line.is_some())
    }

    /// The words of the text that could not be read.
    pub(crate) fn lost_words(&self) -> impl Iterator<Item = Range<usize>> {
        let lost = self.0.iter().filter(|flaw| flaw.line.is_some());
        lost.map(|flaw| flaw.range.clone())
    }

    pub(crate) fn on_line(&self, line: &Range<usize>) -> bool {
        let first = self.0.partition_point(|flaw| flaw.range.start < line.start);
        let first = self.0.get(first);
        first.is_some_and(|flaw| flaw.range.start < line.end)
    }

    /// Whether a place is, or lies in, what the parser made up.
    pub(crate) fn touch(&self, start: u32, end: u32) -> bool {
        let (start, end) = (start as usize, end as usize);
        let after = self.0.partition_point(|flaw| flaw.hides.start <= end);
        let mut last = self.0[..after].iter().rev().take(4);
        last.any(|flaw| flaw.line.is_some() && start <= flaw.hides.end)
    }

    pub(crate) fn into_findings(self) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(|flaw| flaw.finding)
    }
}

/// A key or a header that is written twice.
fn written_twice(file: FileId, range: Range<usize>, twice: &Twice) -> Flaw {
    let path = &twice.path;
    let (rule, message, help) = if is_thing(path) {
        (
            file_errors::DUPLICATE_NAME,
            format!("`{path}` is declared twice"),
            "rename or remove one of the two",
        )
    } else {
        let key = path.0.last().map_or("", String::as_str);
        let help = match twice.header {
            true => "write all its keys below one header",
            false => "keep one of the two; the first was read",
        };
        let message = format!("`{}` is written twice", quotable(key));
        (file_errors::SYNTAX, message, help)
    };
    let finding = Finding::new(rule, Severity::Error, path.to_string(), message)
        .at(span(file, &range))
        .help(help)
        .also(Some(span(file, &twice.first)), "first written here");
    Flaw {
        hides: range.clone(),
        range,
        line: None,
        finding,
    }
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

impl Broken<'_> {
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    fn flaw(
        &mut self,
        range: Range<usize>,
        hides: Range<usize>,
        message: String,
        help: impl Into<Advice>,
    ) -> Flaw {
        let subject = self.subjects.at(self.text, range.start);
        Flaw {
            line: Some(self.line(range.start)),
            finding: Finding::new(file_errors::SYNTAX, Severity::Error, subject, message)
                .at(span(self.file, &range))
                .help(help),
            range,
            hides,
        }
    }
}

fn span(file: FileId, range: &Range<usize>) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        file,
        start: offset(range.start),
        end: offset(range.end),
    }
}

/// The last of sorted ranges that starts at or before a place.
fn last_before(ranges: &[Range<usize>], at: usize) -> Option<&Range<usize>> {
    let after = ranges.partition_point(|range| range.start <= at);
    ranges[..after].last()
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

fn in_words(file: FileId, text: &str, range: &Range<usize>, message: &str) -> (String, Advice) {
    let said = |said: &str, help: &str| (said.to_owned(), help.into());
    let around = line_around(text, range.start);
    let line = &text[around.clone()];
    let markers = ["<<<<<<<", "=======", ">>>>>>>"];
    if markers.iter().any(|marker| line.starts_with(marker)) {
        let help = "resolve the conflict and remove the markers";
        return said("a marker of a merge conflict", help);
    }
    if let Some((at, said, help)) = misspelt(line) {
        let at = around.start + at.start..around.start + at.end;
        return (said, help.at(span(file, &at)));
    }
    let bare = bare(line, range.start - around.start);
    let word = &line[bare.clone()];
    let before = &line[..bare.start];
    let is_value = before
        .trim_end_matches([' ', '\t'])
        .ends_with(['=', '[', ',', '{']);
    let is_bare = BARE.iter().any(|begin| message.starts_with(begin));
    if is_value && is_bare && !is_boolean(word) {
        if word.is_empty() {
            let help = "write its value after the `=`, or remove the line";
            return said("a key without a value", help);
        }
        if word.contains(char::is_alphabetic) {
            let at = around.start + bare.start..around.start + bare.end;
            let help = in_need_of_quotes(word).at(span(file, &at));
            return ("a value that needs quotes".to_owned(), help);
        }
    }
    if let Some((_, words, help)) = COMMON.iter().find(|it| message.starts_with(it.0)) {
        return said(words, help);
    }
    if message.contains("string, expected `") {
        let help = "close it with the quotes that opened it";
        return said("a string that is not closed", help);
    }
    let help = "fix the syntax error; the rest of the file was still checked";
    (format!("not valid TOML: {message}"), help.into())
}

/// How the parser complains of a word without quotes: it takes what begins as a boolean or a number
/// does for one.
const BARE: [&str; 4] = [
    "string values must be quoted",
    "invalid boolean",
    "invalid float",
    "invalid integer",
];

/// The word without quotes at a place of a line: what is between the signs that part values.
fn bare(line: &str, at: usize) -> Range<usize> {
    let (before, after) = line.split_at(at.min(line.len()));
    let start = before.rfind(['=', '[', ',', '{']).map_or(0, |at| at + 1);
    let end = after.find([',', ']', '}', '#']).unwrap_or(after.len());
    let word = &line[start..before.len() + end];
    let start = start + word.len() - word.trim_start().len();
    start..start + word.trim().len()
}

fn is_boolean(word: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off"];
    words.contains(&word.to_ascii_lowercase().as_str())
}

fn in_need_of_quotes(word: &str) -> Advice {
    let slashed = with_slashes(word);
    let quoted = in_quotes(slashed.as_deref().unwrap_or(word));
    let example = match &quoted {
        Some(quoted) => format!(": `{quoted}`"),
        None => ", such as `\"15m\"`".to_owned(),
    };
    let words = format!("put it in quotes{example}; numbers, dates and booleans need no quotes");
    match quoted {
        Some(quoted) => Advice::value(words, quoted),
        None => words.into(),
    }
}

/// The value of a line that is written as it is elsewhere, what is wrong with it, and what to
/// write.
fn misspelt(line: &str) -> Option<(Range<usize>, String, Advice)> {
    values(line).find_map(|at| {
        let value = &line[at.clone()];
        let help = match value.starts_with('"') {
            true if !has_backslash(value) => return None,
            true => {
                let path = value.replace("\\\\", "/").replace('\\', "/");
                let words = format!("write `{path}`: in double quotes, `\\` begins an escape");
                Advice::value(words, path)
            }
            false => meant(value)?,
        };
        Some((at, format!("`{value}` is not a TOML value"), help))
    })
}

/// Whether a string has a backslash that begins no escape.
fn has_backslash(string: &str) -> bool {
    let mut characters = string.chars();
    while let Some(character) = characters.next() {
        let hexadecimal = match (character, characters.clone().next()) {
            ('\\', Some('u')) => 4,
            ('\\', Some('U')) => 8,
            ('\\', Some('x')) => 2,
            ('\\', next) => {
                characters.next();
                match next.is_some_and(|next| "btnfre\"\\".contains(next)) {
                    true => continue,
                    false => return true,
                }
            }
            _ => continue,
        };
        let digits = characters.clone().skip(1).take(hexadecimal);
        if digits.filter(char::is_ascii_hexdigit).count() < hexadecimal {
            return true;
        }
    }
    false
}

/// The values of a line as they are written, lists and tables aside: what follows each `=` up to
/// where the value has to end.
fn values(line: &str) -> impl Iterator<Item = Range<usize>> {
    const LONGEST: usize = 200;
    let starts = line.match_indices('=').map(|(at, _)| at + 1);
    starts.take(16).filter_map(|start| {
        let rest = line.get(start..)?.trim_start();
        let start = line.len() - rest.len();
        if let Some(string) = rest.strip_prefix('"') {
            let end = string.find('"')? + 2;
            return (end <= LONGEST).then_some(start..start + end);
        }
        let ends = |(at, character): (usize, char)| {
            let next = rest[at..].chars().nth(1);
            let separates = character == ',' && next.is_none_or(|next| !next.is_ascii_digit());
            separates || "}]#[{'".contains(character)
        };
        let end = rest.char_indices().find(|it| ends(*it));
        let value = rest[..end.map_or(rest.len(), |(at, _)| at)].trim();
        (!value.is_empty() && value.len() <= LONGEST).then_some(start..start + value.len())
    })
}

/// `"45/day"`, where a word can be shown between quotes.
fn in_quotes(word: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let is_plain = |character: char| !character.is_control() && !"\"\\`".contains(character);
    if word.chars().count() > LONGEST || !word.chars().all(is_plain) {
        return None;
    }
    // A number and its unit are written without a space.
    let number = word.split(' ').next().unwrap_or_default();
    let is_number = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let word = match is_number {
        true => word.replacen(' ', "", 1),
        false => word.to_owned(),
    };
    Some(format!("\"{word}\""))
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
    let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(after_newlines).collect()
}

/// The outermost lists and inline tables that are values, by position.
fn brackets(table: &TomlTable<'_>) -> Vec<Range<usize>> {
    fn add(table: &TomlTable<'_>, into: &mut Vec<Range<usize>>) {
        for (key, value) in table {
            let span = value.span();
            match value.get_ref() {
                // A table with a header, or with dotted keys, begins before or with its key.
                TomlValue::Table(inner) if span.start <= key.span().start => add(inner, into),
                TomlValue::Array(items) if span.start <= key.span().start => {
                    for item in items {
                        if let TomlValue::Table(inner) = item.get_ref() {
                            add(inner, into);
                        }
                    }
                }
                TomlValue::Table(_) | TomlValue::Array(_) => into.push(span),
                _ => {}
            }
        }
    }
    let mut values = Vec::new();
    add(table, &mut values);
    values.sort_by_key(|range| range.start);
    values
}
