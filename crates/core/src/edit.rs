//! Edits of a text: what spans hold is replaced, and every other byte stays.
//!
//! The texts that are put in are made here, or by who knows what is meant; names in them are
//! quoted as TOML keys are, and a value that is not exactly one value is refused, so that no name
//! and no value says more than its place.

use std::ops::Range;

use crate::document::tree::{TomlTable, TomlValue, Written, parse, parse_sound};

use crate::document::{TomlPath, dotted};
use crate::source::{FileId, Span};

/// A text for a place; where the span is empty, it is put in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what. Its line ends become those of the file.
    pub text: String,
}

/// Why edits were not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Two of them replace the same text.
    Overlap,
    /// One lies outside of the text, or splits a character.
    Outside,
    /// The result has more syntax errors than the text had.
    Broken,
}

/// A capacity file's text with edits, which are all of that file. Edits of the same empty span
/// follow each other as they are given, headers last.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Result<String, Refused> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    // What is put into a table's end must not come to stand in a table that begins there.
    let opens = |edit: &Edit| edit.span.start == edit.span.end && is_header(&edit.text);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end, opens(edit)));
    let newline = newline(text);
    let mut edited = String::with_capacity(text.len() + 64 * edits.len());
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if start < done {
            return Err(Refused::Overlap);
        }
        let (Some(kept), Some(_)) = (text.get(done..start), text.get(start..end)) else {
            return Err(Refused::Outside);
        };
        edited.push_str(kept);
        edited.push_str(&edit.text.replace("\r\n", "\n").replace('\n', newline));
        done = end;
    }
    edited.push_str(text.get(done..).unwrap_or_default());
    // A text that is broken elsewhere can still have what is wrong here put right.
    let problems = parse(&edited).1.len();
    match problems == 0 || problems <= parse(text).1.len() {
        true => Ok(edited),
        false => Err(Refused::Broken),
    }
}

/// The line ends of a text: those of its first line.
#[must_use]
pub fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A string as TOML writes it, in double quotes.
#[must_use]
pub fn string(text: &str) -> String {
    // A key that is not bare is written as a string is.
    let written = dotted(std::iter::once(text));
    match written.starts_with('"') {
        true => written,
        false => format!("\"{written}\""),
    }
}

/// The edits that give keys of a table these values, each written as TOML: a value that is there
/// is replaced, a key that is not is put behind the table's last one, and a table that is not
/// there is opened at the end. Entries of lists go by their index, from `0`.
///
/// Nothing where that can't be: the text is broken, a value is not one value, or what the path
/// leads to, or the value of the key, is no single place.
#[must_use]
pub fn set(
    file: FileId,
    text: &str,
    table: &TomlPath,
    entries: &[(&str, &str)],
) -> Option<Vec<Edit>> {
    let root = parse_sound(text)?;
    let host = Host::find(text, &root, &table.0)?;
    if !entries.iter().all(|(_, value)| is_one_value(value)) {
        return None;
    }
    let mut edits = Vec::new();
    let mut added: Vec<String> = Vec::new();
    for (name, value) in entries {
        match host.table.and_then(|table| table.get(name)) {
            Some(old) if holds_keys(text, old) => return None,
            Some(old) => edits.push(edit(file, old.span(), (*value).to_owned())),
            None => {
                let keys = host.rest.iter().map(String::as_str);
                let keys = dotted(keys.chain(std::iter::once(*name)));
                added.push(format!("{keys} = {value}"));
            }
        }
    }
    if !added.is_empty() {
        edits.push(host.add(file, text, &added, table));
    }
    Some(edits)
}

/// The path of the table, or the entry of a list, that a span is of: of its header, its braces, or
/// the key by which a dotted key opens it.
#[must_use]
pub fn table_at(text: &str, span: Span) -> Option<TomlPath> {
    let (root, _) = parse(text);
    let wanted = span.start as usize..span.end as usize;
    let mut path = Vec::new();
    is_below(&root, &wanted, &mut path).then_some(TomlPath(path))
}

fn is_below(table: &TomlTable<'_>, wanted: &Range<usize>, path: &mut Vec<String>) -> bool {
    table.iter().any(|(key, value)| {
        path.push(key.get_ref().to_string());
        let found = is_at(value, wanted, path);
        if !found {
            path.pop();
        }
        found
    })
}

fn is_at(value: &Written<'_>, wanted: &Range<usize>, path: &mut Vec<String>) -> bool {
    match value.get_ref() {
        TomlValue::Table(inner) => value.span() == *wanted || is_below(inner, wanted, path),
        TomlValue::Array(items) => items.iter().enumerate().any(|(index, item)| {
            path.push(index.to_string());
            let found = is_at(item, wanted, path);
            if !found {
                path.pop();
            }
            found
        }),
        _ => false,
    }
}

/// Where keys of a table can be written.
struct Host<'t> {
    /// The table itself, where it is there.
    table: Option<&'t TomlTable<'t>>,
    form: Form,
    /// The keys that are written before each name: dotted, or of tables that are not there.
    rest: Vec<String>,
    /// What the host itself holds.
    own: &'t TomlTable<'t>,
}

enum Form {
    /// The text before the first header.
    Top,
    /// A table with a header, which ends there.
    Header(usize),
    /// One in braces.
    Braces(Range<usize>),
    /// None: a table of its own has to be opened, before the first header below it or at the end.
    New(Option<usize>),
}

impl<'t> Host<'t> {
    fn find(text: &str, root: &'t TomlTable<'t>, path: &[String]) -> Option<Self> {
        let mut host = Self {
            table: Some(root),
            form: Form::Top,
            rest: Vec::new(),
            own: root,
        };
        // Whether a header may name what is not there: not below braces, dots or lists.
        let mut may_open = true;
        let mut keys = path.iter();
        let mut table = root;
        while let Some(key) = keys.next() {
            let Some(mut value) = table.get(key.as_str()) else {
                host.table = None;
                host.rest.push(key.clone());
                host.rest.extend(keys.cloned());
                if may_open {
                    host.form = Form::New(None);
                    host.rest.clear();
                }
                return Some(host).filter(|host| may_open || !matches!(host.form, Form::New(_)));
            };
            let mut is_item = false;
            while let TomlValue::Array(items) = value.get_ref() {
                let index: usize = keys.next()?.parse().ok()?;
                value = items.get(index)?;
                is_item = true;
            }
            let TomlValue::Table(inner) = value.get_ref() else {
                return None;
            };
            table = inner;
            let span = value.span();
            let line = line_start(text, span.start);
            match text.as_bytes().get(span.start)? {
                b'[' => host.move_to(inner, Form::Header(span.end)),
                b'{' => host.move_to(inner, Form::Braces(span)),
                _ if matches!(host.form, Form::Braces(_)) || !is_header(text.get(line..)?) => {
                    host.table = Some(inner);
                    host.rest.push(key.clone());
                    may_open = false;
                }
                // Only headers of tables below name it.
                _ => host.move_to(inner, Form::New(Some(line))),
            }
            may_open &= !is_item && !matches!(host.form, Form::Braces(_));
        }
        // A header can't name an entry of a list.
        Some(host).filter(|host| may_open || !matches!(host.form, Form::New(_)))
    }

    fn move_to(&mut self, table: &'t TomlTable<'t>, form: Form) {
        self.table = Some(table);
        self.own = table;
        self.form = form;
        self.rest.clear();
    }

    /// The edit that adds entries.
    fn add(&self, file: FileId, text: &str, entries: &[String], path: &TomlPath) -> Edit {
        let lines = entries.join("\n");
        let (at, text) = match &self.form {
            Form::New(below) => {
                let table = format!("[{path}]\n{lines}\n");
                match below {
                    Some(header) => (above_comments(text, *header), format!("{table}\n")),
                    None if text.is_empty() => (0, table),
                    None if text.ends_with('\n') => (text.len(), format!("\n{table}")),
                    None => (text.len(), format!("\n\n{table}")),
                }
            }
            Form::Braces(braces) => {
                let list = entries.join(", ");
                match self.last(text, braces) {
                    Some(last) => (last, format!(", {list}")),
                    None => (braces.start + 1, format!(" {list} ")),
                }
            }
            Form::Top => match self.last(text, &(0..text.len())) {
                Some(last) => below(text, last, &lines, ""),
                None => {
                    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
                    (mark, format!("{lines}\n"))
                }
            },
            Form::Header(end) => {
                let start = line_start(text, *end);
                let indent =
                    text[start..].len() - text[start..].trim_start_matches([' ', '\t']).len();
                let last = self.last(text, &(*end..text.len())).unwrap_or(*end);
                below(text, last, &lines, &text[start..start + indent])
            }
        };
        edit(file, at..at, text)
    }

    /// The end of the last value that the host itself holds, in this range.
    fn last(&self, text: &str, within: &Range<usize>) -> Option<usize> {
        let mut last = None;
        ends(text, self.own, &mut last);
        last.filter(|end| within.contains(end) || *end == within.end)
    }
}

/// The last end of a table's values, those aside that stand under a header of their own.
fn ends(text: &str, table: &TomlTable<'_>, last: &mut Option<usize>) {
    for (key, value) in table {
        let span = value.span();
        let line = text.get(line_start(text, span.start)..).unwrap_or_default();
        match value.get_ref() {
            // A header, or a key in one.
            TomlValue::Table(_) | TomlValue::Array(_)
                if span.start <= key.span().start && is_header(line) => {}
            TomlValue::Table(inner) if span.start <= key.span().start => ends(text, inner, last),
            _ => *last = (*last).max(Some(span.end)),
        }
    }
}

/// Where the line behind the one of a place begins, and the text of lines that are put there.
fn below(text: &str, at: usize, lines: &str, indent: &str) -> (usize, String) {
    let lines = lines.replace('\n', &format!("\n{indent}"));
    match text[at..].find('\n') {
        Some(newline) => (at + newline + 1, format!("{indent}{lines}\n")),
        None => (text.len(), format!("\n{indent}{lines}")),
    }
}

fn edit(file: FileId, range: Range<usize>, text: String) -> Edit {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span {
        file,
        start: offset(range.start),
        end: offset(range.end),
    };
    Edit { span, text }
}

fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// The first of the lines of comments right above a line, or the line itself.
fn above_comments(text: &str, mut line: usize) -> usize {
    while line > 0 {
        let above = line_start(text, line - 1);
        if !text[above..line].trim_start().starts_with('#') {
            break;
        }
        line = above;
    }
    line
}

fn is_header(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_start();
    line.starts_with('[')
}

/// Whether a value is a table that other lines may add to, or a list of such.
fn holds_keys(text: &str, value: &Written<'_>) -> bool {
    let first = text.as_bytes().get(value.span().start);
    match value.get_ref() {
        TomlValue::Table(_) => first != Some(&b'{'),
        TomlValue::Array(items) => items.iter().any(|item| {
            let start = text.as_bytes().get(item.span().start);
            matches!(item.get_ref(), TomlValue::Table(_)) && start == Some(&b'[')
        }),
        _ => false,
    }
}

/// Whether a text is a string or a number, and no table.
pub(crate) fn is_value(text: &str) -> bool {
    text.starts_with(['"', '\'']) || text.starts_with(|first: char| first.is_ascii_digit())
}

/// Whether a text is one value, and nothing besides.
fn is_one_value(text: &str) -> bool {
    let line = format!("v = {text}");
    parse_sound(&line).is_some_and(|table| {
        table.len() == 1
            && table
                .iter()
                .all(|(_, value)| value.span().end == line.len())
    })
}
