//! Builds the tree while the text is parsed. What TOML says of keys and tables that are named more
//! than once is here; the grammar is the parser's.

use std::borrow::Cow;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, ParseError, Source, Span};

use crate::document::path::TomlPath;

use super::{Form, Integer, Place, Problem, TomlKey, TomlTable, TomlValue, Twice, Written};

/// How deep lists, tables in braces and keys may be nested: the parser calls itself for each level.
const DEEPEST: usize = 80;

/// The tree of a text, as far as it can be read, and everything that is wrong with it.
pub(crate) fn parse(text: &str) -> (TomlTable<'_>, Vec<Problem>) {
    let source = Source::new(text);
    // A token is some three bytes of text.
    let mut tokens = Vec::with_capacity(text.len() / 3);
    tokens.extend(source.lex());
    let mut builder = Builder {
        source,
        root: TomlTable::default(),
        table: TomlTable::default(),
        header: Header::Top,
        open: Vec::new(),
        keys: Vec::new(),
        dotted: false,
        problems: Vec::new(),
    };
    let mut errors: Vec<ParseError> = Vec::new();
    parse_document(&tokens, &mut builder, &mut errors);
    builder.finish_table();
    let mut problems = builder.problems;
    problems.extend(errors.iter().map(Problem::of_parser));
    (builder.root, problems)
}

struct Builder<'t> {
    source: Source<'t>,
    /// The tables whose headers are closed, but for the last.
    root: TomlTable<'t>,
    /// The table that lines are added to, held apart until the next header.
    table: TomlTable<'t>,
    header: Header<'t>,
    /// The lists and tables in braces around the next value, from the outside in.
    open: Vec<Open<'t>>,
    /// The keys whose values are not yet read, of all that is open.
    keys: Vec<TomlKey<'t>>,
    /// Whether the next key goes on a dotted one.
    dotted: bool,
    problems: Vec<Problem>,
}

enum Header<'t> {
    /// None: the text before the first.
    Top,
    /// Not read whole, or refused: what is below it belongs to nothing.
    Lost { start: usize, is_list: bool },
    Of {
        keys: Vec<TomlKey<'t>>,
        place: Place,
        is_list: bool,
    },
}

struct Open<'t> {
    value: TomlValue<'t>,
    start: usize,
    /// How many keys were read before it: those after are of what it holds.
    keys: usize,
}

/// Why keys don't lead to a table that can be added to.
struct Blocked {
    /// Which of the keys does not.
    key: usize,
    why: Block,
}

enum Block {
    /// What is there is no table.
    Type(&'static str),
    /// It is complete: its first key.
    Complete(Place),
}

impl<'t> EventReceiver for Builder<'t> {
    fn std_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.open_header(span.start(), false);
    }

    fn std_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.close_header(span.end());
    }

    fn array_table_open(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.open_header(span.start(), true);
    }

    fn array_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.close_header(span.end());
    }

    fn inline_table_open(&mut self, span: Span, errors: &mut dyn ErrorSink) -> bool {
        self.open(TomlValue::Table(TomlTable::new(Form::Braces)), span, errors)
    }

    fn inline_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.close(span.end());
    }

    fn array_open(&mut self, span: Span, errors: &mut dyn ErrorSink) -> bool {
        self.open(TomlValue::Array(Vec::new()), span, errors)
    }

    fn array_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.close(span.end());
    }

    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) {
        if !std::mem::take(&mut self.dotted) {
            // A key without a value, if there is one.
            self.keys.truncate(self.first_key());
        }
        let raw = self.raw(span, encoding);
        let mut name = Cow::Borrowed(raw.as_str());
        if encoding.is_some() || !is_bare(raw.as_str()) {
            raw.decode_key(&mut name, errors);
        }
        let place = place(span.start(), span.end());
        self.keys.push(TomlKey { name, place });
    }

    fn key_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.dotted = true;
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, errors: &mut dyn ErrorSink) {
        let raw = self.raw(span, encoding);
        let place = place(span.start(), span.end());
        if let Some(text) = plain(raw.as_str()) {
            let value = TomlValue::String(Cow::Borrowed(text));
            return self.add(Written { value, place });
        }
        let mut text = Cow::Borrowed("");
        let value = match raw.decode_scalar(&mut text, errors) {
            ScalarKind::String => TomlValue::String(text),
            ScalarKind::Boolean(flag) => TomlValue::Boolean(flag),
            ScalarKind::Float => TomlValue::Float(text),
            ScalarKind::Integer(radix) => TomlValue::Integer(Integer {
                digits: text,
                radix: radix.value(),
            }),
            ScalarKind::DateTime => match text.parse() {
                Ok(datetime) => TomlValue::Datetime(datetime),
                Err(error) => {
                    let error: toml_datetime::DatetimeParseError = error;
                    errors.report_error(ParseError::new(error.to_string()).with_unexpected(span));
                    TomlValue::String(text)
                }
            },
        };
        self.add(Written { value, place });
    }

    fn comment(&mut self, span: Span, errors: &mut dyn ErrorSink) {
        self.raw(span, None).decode_comment(errors);
    }

    fn newline(&mut self, span: Span, errors: &mut dyn ErrorSink) {
        self.raw(span, None).decode_newline(errors);
    }
}

impl<'t> Builder<'t> {
    fn raw(&self, span: Span, encoding: Option<Encoding>) -> toml_parser::Raw<'t> {
        let text = self.source.input();
        let text = text.get(span.start()..span.end()).unwrap_or_default();
        toml_parser::Raw::new_unchecked(text, encoding, span)
    }

    fn open_header(&mut self, start: usize, is_list: bool) {
        self.finish_table();
        self.open.clear();
        self.keys.clear();
        self.dotted = false;
        self.header = Header::Lost { start, is_list };
    }

    fn close_header(&mut self, end: usize) {
        let Header::Lost { start, is_list } = self.header else {
            return;
        };
        let keys = std::mem::take(&mut self.keys);
        if self.is_too_long(&keys) {
            return;
        }
        let (is_lost, blocked) = self.resume(&keys, is_list);
        if let Some(blocked) = blocked {
            self.blocked(&blocked, &keys, true);
        }
        if !is_lost {
            self.header = Header::Of {
                keys,
                place: place(start, end),
                is_list,
            };
        }
    }

    /// Goes on with the table that a header names, if headers of tables below it named it before.
    /// Says whether what is below the header is lost, and what is wrong with it.
    fn resume(&mut self, keys: &[TomlKey<'t>], is_list: bool) -> (bool, Option<Blocked>) {
        let Some((key, path)) = keys.split_last() else {
            return (true, None);
        };
        let parent = match descend(&mut self.root, path, Form::Implied) {
            Ok(parent) => parent,
            Err(blocked) => return (true, Some(blocked)),
        };
        let Some(at) = parent.position(&key.name) else {
            return (false, None);
        };
        let (first, there) = &mut parent.entries[at];
        let blocked = Blocked {
            key: path.len(),
            why: Block::Complete(first.place),
        };
        match &mut there.value {
            list if is_list => match list.is_list_of_tables() {
                true => (false, None),
                false => (true, Some(blocked)),
            },
            // Both are read, where one is too many.
            TomlValue::Table(table) => {
                self.table = std::mem::take(table);
                let was = std::mem::replace(&mut self.table.form, Form::Header);
                (false, (was != Form::Implied).then_some(blocked))
            }
            _ => (true, Some(blocked)),
        }
    }

    /// Puts the table of the last header where it belongs.
    fn finish_table(&mut self) {
        let table = std::mem::take(&mut self.table);
        let header = std::mem::replace(&mut self.header, Header::Top);
        match header {
            Header::Top => self.root = table,
            Header::Lost { .. } => {}
            Header::Of {
                mut keys,
                place,
                is_list,
            } => {
                let Some(key) = keys.pop() else { return };
                // What the header was refused for is told where it closes.
                let Ok(parent) = descend(&mut self.root, &keys, Form::Implied) else {
                    return;
                };
                let value = TomlValue::Table(table);
                let table = Written { value, place };
                let there = parent.position(&key.name);
                match there.map(|at| &mut parent.entries[at]) {
                    Some((_, list)) if is_list => {
                        if let TomlValue::Array(items) = &mut list.value {
                            items.push(table);
                        }
                    }
                    Some(entry) => *entry = (key, table),
                    None if is_list => {
                        let value = TomlValue::Array(vec![table]);
                        parent.push(key, Written { value, place });
                    }
                    None => parent.push(key, table),
                }
            }
        }
    }

    fn open(&mut self, value: TomlValue<'t>, span: Span, errors: &mut dyn ErrorSink) -> bool {
        self.open.push(Open {
            value,
            start: span.start(),
            keys: self.keys.len(),
        });
        self.dotted = false;
        let deepest = self.open.len() > DEEPEST;
        if deepest {
            let error = ParseError::new("lists and tables are nested too deep");
            errors.report_error(error.with_unexpected(span));
        }
        !deepest
    }

    fn close(&mut self, end: usize) {
        let Some(Open { value, start, keys }) = self.open.pop() else {
            return;
        };
        self.keys.truncate(keys);
        let place = place(start, end);
        self.add(Written { value, place });
    }

    /// The first of the keys of the next value.
    fn first_key(&self) -> usize {
        self.open.last().map_or(0, |open| open.keys)
    }

    /// Adds a value to what is open, or to the table under the last header.
    fn add(&mut self, value: Written<'t>) {
        let first = self.first_key();
        let (table, form) = match self.open.last_mut().map(|open| &mut open.value) {
            None => (&mut self.table, Form::Dotted),
            Some(TomlValue::Table(table)) => (table, Form::DottedInBraces),
            Some(TomlValue::Array(items)) => return items.push(value),
            Some(_) => return,
        };
        let added = insert(table, &self.keys[first..], form, value);
        let keys = match added {
            Ok(()) if self.keys.len() - first <= DEEPEST => return self.keys.truncate(first),
            _ => self.keys.split_off(first),
        };
        if !self.is_too_long(&keys)
            && let Err(blocked) = added
        {
            self.blocked(&blocked, &keys, false);
        }
    }

    fn is_too_long(&mut self, keys: &[TomlKey<'t>]) -> bool {
        let too_long = keys.get(DEEPEST);
        if let Some(key) = too_long {
            let message = "keys are nested too deep";
            self.problems.push(Problem::new(key.span(), message));
        }
        too_long.is_some()
    }

    /// The keys of what is open, the header's first, with the index of each entry of a list.
    fn path(&self) -> Vec<String> {
        let mut path = Vec::new();
        if let Header::Of { keys, .. } = &self.header {
            path.extend(keys.iter().map(|key| key.name.to_string()));
        }
        let mut from = 0;
        let mut outer: Option<&Open<'_>> = None;
        for open in &self.open {
            let keys = self.keys.get(from..open.keys).unwrap_or_default();
            path.extend(keys.iter().map(|key| key.name.to_string()));
            if let Some(TomlValue::Array(items)) = outer.map(|open| &open.value) {
                path.push(items.len().to_string());
            }
            from = open.keys;
            outer = Some(open);
        }
        path
    }

    fn blocked(&mut self, at: &Blocked, keys: &[TomlKey<'t>], header: bool) {
        let Some(key) = keys.get(at.key) else { return };
        let problem = match at.why {
            Block::Type(what) => {
                let message = format!("cannot add keys to {what}");
                Problem::new(key.span(), message)
            }
            Block::Complete(first) => {
                let mut path = self.path();
                path.extend(keys[..=at.key].iter().map(|key| key.name.to_string()));
                let twice = Twice {
                    path: TomlPath(path),
                    first: first.range(),
                    header,
                };
                Problem::twice(key.span(), twice)
            }
        };
        self.problems.push(problem);
    }
}

/// The table that keys lead to. Those that are not there are added, in this form.
fn descend<'a, 't>(
    mut table: &'a mut TomlTable<'t>,
    path: &[TomlKey<'t>],
    form: Form,
) -> Result<&'a mut TomlTable<'t>, Blocked> {
    for (index, key) in path.iter().take(DEEPEST).enumerate() {
        let position = table.position(&key.name).unwrap_or_else(|| {
            let value = TomlValue::Table(TomlTable::new(form));
            let place = key.place;
            table.push(key.clone(), Written { value, place });
            table.entries.len() - 1
        });
        let (first, value) = &mut table.entries[position];
        let blocked = |why| Blocked { key: index, why };
        table = value
            .as_table_mut()
            .map_err(|what| blocked(Block::Type(what)))?;
        match (form, table.form) {
            (Form::Implied, Form::Header | Form::Implied | Form::Dotted)
            | (Form::DottedInBraces, Form::DottedInBraces) => {}
            (Form::Dotted, Form::Implied | Form::Dotted) => table.form = Form::Dotted,
            (Form::Implied | Form::Dotted, Form::Braces) => {
                return Err(blocked(Block::Type("a table in braces")));
            }
            _ => return Err(blocked(Block::Complete(first.place))),
        }
    }
    Ok(table)
}

/// Gives keys a value. What follows a value without a key is not read; the parser tells of it.
fn insert<'t>(
    table: &mut TomlTable<'t>,
    keys: &[TomlKey<'t>],
    form: Form,
    value: Written<'t>,
) -> Result<(), Blocked> {
    let Some((key, path)) = keys.split_last() else {
        return Ok(());
    };
    let table = descend(table, path, form)?;
    match table.position(&key.name) {
        Some(at) => Err(Blocked {
            key: path.len(),
            why: Block::Complete(table.entries[at].0.place),
        }),
        None => {
            table.push(key.clone(), value);
            Ok(())
        }
    }
}

/// Whether a key is its own name. So nearly all are, and the parser's way to find out is slow.
fn is_bare(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !key.is_empty() && key.bytes().all(is_part)
}

/// What a string on one line has between its quotes, if nothing of it means something else. So
/// nearly all have.
fn plain(string: &str) -> Option<&str> {
    let text = string.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    text.bytes().all(is_plain).then_some(text)
}

fn place(start: usize, end: usize) -> Place {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Place {
        start: offset(start),
        end: offset(end),
    }
}
