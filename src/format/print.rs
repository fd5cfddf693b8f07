//! Writes lines in the canonical layout.

use super::WIDTH;
use super::parse::{Comment, Item, Line, Value};

pub(super) fn print(lines: &[Line<'_>], newline: &str) -> String {
    let mut printer = Printer {
        out: String::new(),
        newline,
    };
    printer.lines(&lines[first(lines)..]);
    printer.out
}

struct Printer<'n> {
    out: String,
    newline: &'n str,
}

impl Printer<'_> {
    fn lines(&mut self, lines: &[Line<'_>]) {
        for (index, line) in lines.iter().enumerate() {
            if needs_blank(lines, index) {
                self.out.push_str(self.newline);
            }
            match line {
                Line::Blank => continue,
                Line::Comment(text) => self.out.push_str(text),
                Line::Header { text, comment } => {
                    self.out.push_str(text);
                    self.comment(comment.as_ref());
                }
                Line::Entry {
                    key,
                    value,
                    comment,
                } => {
                    self.out.push_str(key);
                    self.out.push_str(" = ");
                    self.value(value, 0, 0);
                    self.comment(comment.as_ref());
                }
            }
            self.out.push_str(self.newline);
        }
    }

    fn comment(&mut self, comment: Option<&Comment<'_>>) {
        let Some(comment) = comment else { return };
        let column = self.column();
        let wanted = comment.column;
        let spaces = wanted.map_or(1, |wanted| wanted.saturating_sub(column).max(1));
        self.out.extend(std::iter::repeat_n(' ', spaces));
        self.out.push_str(comment.text);
    }

    /// The column that is written next, from 0.
    fn column(&self) -> usize {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        line.chars().count()
    }

    /// Writes a value; `after` is how much follows it on its last line.
    fn value(&mut self, value: &Value<'_>, indent: usize, after: usize) {
        let Value::List { items, end, broken } = value else {
            return self.out.push_str(&on_one_line(value));
        };
        if !broken {
            let text = on_one_line(value);
            if items.is_empty() || self.column() + text.chars().count() + after <= WIDTH {
                return self.out.push_str(&text);
            }
        }
        if items.is_empty() && end.iter().all(|line| matches!(line, Line::Blank)) {
            return self.out.push_str("[]");
        }
        self.out.push('[');
        self.out.push_str(self.newline);
        for (index, item) in items.iter().enumerate() {
            self.above(&item.above, indent + 2, index == 0);
            self.item(item, indent + 2);
        }
        self.above(end, indent + 2, true);
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push(']');
    }

    fn item(&mut self, item: &Item<'_>, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.value(&item.value, indent, 1);
        self.out.push(',');
        self.comment(item.comment.as_ref());
        self.out.push_str(self.newline);
    }

    /// Comments in a list, and the blank lines between them and its items.
    fn above(&mut self, lines: &[Line<'_>], indent: usize, edge: bool) {
        for (index, line) in lines.iter().enumerate() {
            let after_blank = index > 0 && matches!(lines[index - 1], Line::Blank);
            match line {
                Line::Comment(text) => {
                    if after_blank && !(edge && index == first(lines)) {
                        self.out.push_str(self.newline);
                    }
                    self.out.extend(std::iter::repeat_n(' ', indent));
                    self.out.push_str(text);
                    self.out.push_str(self.newline);
                }
                Line::Blank if index + 1 == lines.len() && !edge => {
                    self.out.push_str(self.newline);
                }
                _ => {}
            }
        }
    }
}

fn first(lines: &[Line<'_>]) -> usize {
    let first = lines.iter().position(|it| !matches!(it, Line::Blank));
    first.unwrap_or(lines.len())
}

/// Whether a blank line belongs before this one: never first, nor behind a header; always before
/// a header with the comments right above it; else where there was one.
fn needs_blank(lines: &[Line<'_>], index: usize) -> bool {
    if matches!(lines[index], Line::Blank) || index == 0 {
        return false;
    }
    let before = &lines[index - 1];
    if matches!(before, Line::Blank) {
        let mut above = lines[..index].iter().rev();
        let above = above.find(|line| !matches!(line, Line::Blank));
        let behind_header = matches!(above, Some(Line::Header { .. }));
        return !behind_header || opens_table(lines, index);
    }
    !matches!(before, Line::Comment(_)) && opens_table(lines, index)
}

/// Whether this line is a header, or the first of the comments right above one.
fn opens_table(lines: &[Line<'_>], index: usize) -> bool {
    let mut below = lines[index..].iter();
    let next = below.find(|line| !matches!(line, Line::Comment(_)));
    matches!(next, Some(Line::Header { .. }))
}

/// A value on one line; comments in it have been seen to.
fn on_one_line(value: &Value<'_>) -> String {
    match value {
        Value::Plain(text) => text.clone().into_owned(),
        Value::List { items, .. } => {
            let items: Vec<String> = items.iter().map(|item| on_one_line(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| format!("{key} = {}", on_one_line(value)));
            let entries: Vec<String> = entries.collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
