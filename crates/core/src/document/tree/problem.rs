//! What is wrong with a text as TOML.

use std::ops::Range;

use toml_parser::{Expected, ParseError};

use crate::document::path::TomlPath;

/// Something that is not TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) range: Range<usize>,
    /// In the parser's words.
    pub(crate) message: String,
    pub(crate) twice: Option<Twice>,
}

/// A key that was written before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    pub(crate) path: TomlPath,
    pub(crate) first: Range<usize>,
    /// Whether the second one is a header.
    pub(crate) header: bool,
}

impl Problem {
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            range,
            message: message.into(),
            twice: None,
        }
    }

    pub(super) fn twice(range: Range<usize>, twice: Twice) -> Self {
        Self {
            twice: Some(twice),
            ..Self::new(range, "duplicate key")
        }
    }

    /// Whether a list or a table in braces is not closed.
    pub(crate) fn is_unclosed(&self) -> bool {
        let begins = ["unclosed array", "unclosed inline"];
        let is_header = self.message.starts_with("unclosed array table");
        !is_header && begins.iter().any(|words| self.message.starts_with(words))
    }

    /// A problem of the parser's, with what it expected instead.
    pub(super) fn of_parser(error: &ParseError) -> Self {
        let mut message = error.description().to_owned();
        if let Some(expected) = error.expected() {
            let words: Vec<String> = expected.iter().map(in_words).collect();
            let words = match words.is_empty() {
                true => "nothing".to_owned(),
                false => words.join(", "),
            };
            message = format!("{message}, expected {words}");
        }
        let span = error.unexpected().unwrap_or_default();
        Self::new(span.start()..span.end(), message)
    }
}

fn in_words(expected: &Expected) -> String {
    match expected {
        Expected::Literal("\n") => "newline".to_owned(),
        Expected::Literal("`") => "'`'".to_owned(),
        Expected::Literal(sign) => format!("`{}`", sign.escape_debug()),
        Expected::Description(words) => (*words).to_owned(),
        _ => "something else".to_owned(),
    }
}
