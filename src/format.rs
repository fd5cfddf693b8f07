//! The canonical layout of `capacity.toml`.
//!
//! What a human ordered stays in order, and every comment stays in its place. Spacing, blank
//! lines, indentation, quotes and the wrapping of lists are made alike; the result is TOML 1.0,
//! which all editors know, wherever TOML 1.0 has a way to say it.
//!
//! - One blank line before each header (and the comments above it), at most one anywhere.
//! - Only the items of a list of several lines are indented, by two spaces.
//! - A list keeps to one line, or to one line an item, as it was written; one that is wider than
//!   [`WIDTH`] is broken.
//! - A comment behind a value is one space after it, or, where there were two spaces or more,
//!   in the column that it had: it was aligned.
//! - Strings are in double quotes, where that needs no escape; keys are bare, where they can be.
//!   Numbers stay as they are written.

mod parse;
mod print;

use toml::de::DeTable;

use crate::document::{self, Document};
use crate::edit::newline;
use crate::source::{FileId, SourceFile};
use crate::states::CAPACITY_FILE;

/// The widest line of a list that is written on one line.
pub const WIDTH: usize = 100;

/// Why a file was not laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not TOML, or names something twice: `check` says where.
    Broken,
    /// The result would not have said the same, which is a bug in caplint.
    Changed,
}

/// Lays out a file.
/// Fails where the text is not TOML; and where the result would say something else than the text,
/// or lack one of its comments.
pub fn format(text: &str) -> Result<String, Refused> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if DeTable::parse(text).is_err() {
        return Err(Refused::Broken);
    }
    let formatted = print::print(&parse::parse(text), newline(text));
    if says_the_same(text, &formatted) {
        Ok(formatted)
    } else {
        Err(Refused::Changed)
    }
}

/// Whether two texts declare the same, have the same values where nothing is declared, and have
/// the same comments.
fn says_the_same(before: &str, after: &str) -> bool {
    let value = |text: &str| -> Option<String> {
        let table: toml::Table = text.parse().ok()?;
        // As text: a number that is none equals itself.
        Some(format!("{table:?}"))
    };
    let same_values = value(before).is_some_and(|before| value(after) == Some(before));
    let (old, new) = (read(before), read(after));
    same_values
        && old.declares_the_same(&new)
        && old.findings.len() == new.findings.len()
        && parse::comments(before) == parse::comments(after)
}

fn read(text: &str) -> Document {
    document::read(FileId(0), &SourceFile::new(CAPACITY_FILE, text))
}
