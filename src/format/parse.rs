//! A file as its lines: nothing of it is lost but spacing.

use std::borrow::Cow;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{Source, Span};
use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};

/// A line, or the lines of one entry.
pub(super) enum Line<'t> {
    Blank,
    Comment(&'t str),
    Header {
        text: String,
        comment: Option<Comment<'t>>,
    },
    Entry {
        key: String,
        value: Value<'t>,
        comment: Option<Comment<'t>>,
    },
}

/// A comment behind something.
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// The column where it was, from 0, if it was aligned.
    pub(super) column: Option<usize>,
}

pub(super) enum Value<'t> {
    /// What is written as it is.
    Plain(Cow<'t, str>),
    List {
        items: Vec<Item<'t>>,
        /// Comments and blank lines before the closing bracket.
        end: Vec<Line<'t>>,
        broken: bool,
    },
    Table(Vec<(String, Value<'t>)>),
}

pub(super) struct Item<'t> {
    pub(super) above: Vec<Line<'t>>,
    pub(super) value: Value<'t>,
    pub(super) comment: Option<Comment<'t>>,
}

pub(super) fn parse(text: &str) -> Vec<Line<'_>> {
    let events = events(text);
    let mut parser = Parser {
        text,
        events: &events,
        at: 0,
    };
    parser.lines()
}

pub(super) fn comments(text: &str) -> Vec<&str> {
    let events = events(text).into_iter();
    let comments = events.filter(|event| event.kind() == EventKind::Comment);
    comments.map(|event| trimmed(text, event.span())).collect()
}

fn events(text: &str) -> Vec<Event> {
    let tokens = Source::new(text).lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    // The text was parsed before: there are no errors, and its nesting is bounded.
    parse_document(&tokens, &mut events, &mut ());
    events
}

fn trimmed(text: &str, span: Span) -> &str {
    text.get(span.start()..span.end())
        .unwrap_or_default()
        .trim_end()
}

struct Parser<'t, 'e> {
    text: &'t str,
    events: &'e [Event],
    at: usize,
}

impl<'t> Parser<'t, '_> {
    fn next(&mut self) -> Option<Event> {
        let event = self.events.get(self.at).cloned();
        self.at += 1;
        event
    }

    fn raw(&self, span: Span) -> &'t str {
        self.text.get(span.start()..span.end()).unwrap_or_default()
    }

    fn lines(&mut self) -> Vec<Line<'t>> {
        let mut lines = Vec::new();
        let mut empty = true;
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::Newline => {
                    if empty {
                        lines.push(Line::Blank);
                    }
                    empty = true;
                    continue;
                }
                EventKind::Whitespace => continue,
                EventKind::Comment => match lines.last_mut() {
                    Some(Line::Header { comment, .. } | Line::Entry { comment, .. }) if !empty => {
                        *comment = Some(self.comment(event.span()))
                    }
                    _ => lines.push(Line::Comment(trimmed(self.text, event.span()))),
                },
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    lines.push(self.header(event.kind()));
                }
                EventKind::SimpleKey => {
                    self.at -= 1;
                    lines.push(Line::Entry {
                        key: self.keys(),
                        value: self.value(),
                        comment: None,
                    });
                }
                _ => {}
            }
            empty = false;
        }
        lines
    }

    fn header(&mut self, open: EventKind) -> Line<'t> {
        let keys = self.keys();
        let text = if open == EventKind::StdTableOpen {
            format!("[{keys}]")
        } else {
            format!("[[{keys}]]")
        };
        Line::Header {
            text,
            comment: None,
        }
    }

    /// The keys that come next, up to what ends them.
    fn keys(&mut self) -> String {
        let mut keys = String::new();
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::SimpleKey => keys.push_str(&self.key(&event)),
                EventKind::KeySep => keys.push('.'),
                EventKind::KeyValSep | EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    break;
                }
                _ => {}
            }
        }
        keys
    }

    fn key(&self, event: &Event) -> String {
        let raw = self.raw(event.span());
        if event.encoding().is_none() {
            return raw.to_owned();
        }
        let mut decoded = Cow::Borrowed("");
        if let Some(raw) = Source::new(self.text).get(event) {
            raw.decode_key(&mut decoded, &mut ());
        }
        let builder = TomlKeyBuilder::new(&decoded);
        let key = builder
            .as_unquoted()
            .or_else(|| builder.as_basic_pretty())
            .or_else(|| builder.as_literal())
            .unwrap_or_else(|| builder.as_basic());
        key.to_toml_key()
    }

    fn value(&mut self) -> Value<'t> {
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::Scalar => return Value::Plain(self.scalar(&event)),
                EventKind::ArrayOpen => return self.list(),
                EventKind::InlineTableOpen => return self.table(event.span().start()),
                _ => {}
            }
        }
        Value::Plain(Cow::Borrowed(""))
    }

    /// Numbers, dates and strings of several lines as they are written; strings of one line in
    /// double quotes, where that needs no escape.
    fn scalar(&self, event: &Event) -> Cow<'t, str> {
        let raw = self.raw(event.span());
        let one_line = matches!(
            event.encoding(),
            Some(Encoding::BasicString | Encoding::LiteralString)
        );
        if !one_line {
            return Cow::Borrowed(raw);
        }
        let mut decoded = Cow::Borrowed("");
        if let Some(raw) = Source::new(self.text).get(event) {
            // What kind of scalar it is says its encoding.
            let _ = raw.decode_scalar(&mut decoded, &mut ());
        }
        let builder = TomlStringBuilder::new(&decoded);
        let string = builder
            .as_basic_pretty()
            .or_else(|| builder.as_literal())
            .unwrap_or_else(|| builder.as_basic());
        Cow::Owned(string.to_toml_value())
    }

    fn list(&mut self) -> Value<'t> {
        let mut items: Vec<Item<'t>> = Vec::new();
        let mut above = Vec::new();
        let mut broken = false;
        // Whether the line has nothing yet, and whether it is the line of the last item.
        let (mut empty, mut beside) = (false, false);
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::ArrayClose => break,
                EventKind::Newline => {
                    if empty {
                        above.push(Line::Blank);
                    }
                    broken = true;
                    empty = true;
                    beside = false;
                }
                EventKind::Comment => {
                    broken = true;
                    let last = items.last_mut();
                    let last = last.filter(|item| beside && item.comment.is_none());
                    match last {
                        Some(item) => item.comment = Some(self.comment(event.span())),
                        None => above.push(Line::Comment(trimmed(self.text, event.span()))),
                    }
                    empty = false;
                }
                EventKind::Scalar | EventKind::ArrayOpen | EventKind::InlineTableOpen => {
                    self.at -= 1;
                    items.push(Item {
                        above: std::mem::take(&mut above),
                        value: self.value(),
                        comment: None,
                    });
                    empty = false;
                    beside = true;
                }
                EventKind::ValueSep => empty = false,
                _ => {}
            }
        }
        Value::List {
            items,
            end: above,
            broken,
        }
    }

    /// An inline table. TOML 1.0 has no comments in them: one that holds some stays as it is.
    fn table(&mut self, start: usize) -> Value<'t> {
        let mut entries = Vec::new();
        let mut end = self.text.len();
        let first = self.at;
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::InlineTableClose => {
                    end = event.span().end();
                    break;
                }
                EventKind::SimpleKey => {
                    self.at -= 1;
                    entries.push((self.keys(), self.value()));
                }
                _ => {}
            }
        }
        let inside = self.events.get(first..self.at).unwrap_or_default();
        let is_comment = |event: &Event| event.kind() == EventKind::Comment;
        if inside.iter().any(is_comment) {
            let raw = self.text.get(start..end).unwrap_or_default();
            return Value::Plain(Cow::Borrowed(raw));
        }
        Value::Table(entries)
    }

    fn comment(&self, span: Span) -> Comment<'t> {
        let before = self.text.get(..span.start()).unwrap_or_default();
        let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
        let aligned = line.len() - line.trim_end().len() >= 2 || line.ends_with('\t');
        Comment {
            text: trimmed(self.text, span),
            column: aligned.then(|| line.chars().count()),
        }
    }
}
