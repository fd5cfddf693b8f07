//! YAML, as far as it takes to write documents of maps, lists and texts.

use std::fmt::Write as _;

use crate::words::text::is_hazard;

/// A node of a document.
pub(super) enum Yaml {
    Map(Vec<(&'static str, Yaml)>),
    List(Vec<Yaml>),
    Text(String),
    /// A number, as it is written.
    Plain(String),
}

impl Yaml {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A map without what is absent.
    pub(super) fn map<const N: usize>(entries: [(&'static str, Option<Self>); N]) -> Self {
        let entries = entries.into_iter();
        let entries = entries.filter_map(|(key, value)| Some((key, value?)));
        Self::Map(entries.collect())
    }

    /// Writes it below a key or at the top.
    pub(super) fn write(&self, indent: usize, out: &mut String) {
        match self {
            Self::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        spaces(indent, out);
                    }
                    out.push_str(key);
                    out.push(':');
                    value.write_beside(indent, out);
                }
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        spaces(indent, out);
                    }
                    out.push_str("- ");
                    item.write(indent + 2, out);
                }
            }
            Self::Text(text) => {
                quote(text, out);
                out.push('\n');
            }
            Self::Plain(text) => {
                out.push_str(text);
                out.push('\n');
            }
        }
    }

    /// Writes it after a key.
    fn write_beside(&self, indent: usize, out: &mut String) {
        let is_empty = match self {
            Self::Map(entries) => entries.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Text(_) | Self::Plain(_) => {
                out.push(' ');
                return self.write(indent, out);
            }
        };
        if is_empty {
            out.push_str(if matches!(self, Self::Map(_)) {
                " {}\n"
            } else {
                " []\n"
            });
            return;
        }
        out.push('\n');
        spaces(indent + 2, out);
        self.write(indent + 2, out);
    }
}

fn spaces(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// A text is always quoted, so that none is read as anything else; in single quotes, in which
/// nothing is special, where all of it can be seen.
fn quote(text: &str, out: &mut String) {
    let is_special = |c: char| is_hazard(c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if !text.chars().any(is_special) {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
        return;
    }
    out.push('"');
    for letter in text.chars() {
        // Writing to a string does not fail.
        let _ = match letter {
            '"' | '\\' => write!(out, "\\{letter}"),
            '\n' => write!(out, "\\n"),
            _ if is_special(letter) => write!(out, "\\U{:08X}", u32::from(letter)),
            _ => write!(out, "{letter}"),
        };
    }
    out.push('"');
}
