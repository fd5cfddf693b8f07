//! Paths of declarations, as TOML writes dotted keys.

use std::fmt;

use crate::document::tree::{TomlValue, parse_sound};

/// A path in the model, such as `features.sync.calls."/posts/".rate`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TomlPath(pub Vec<String>);

impl TomlPath {
    /// A path of these keys.
    pub fn new(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    /// The path of a key below this one.
    pub fn join(&self, key: &str) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_owned());
        Self(keys)
    }

    /// Reads a path as TOML writes dotted keys.
    /// Fails when the text is not a dotted key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is not a path such as `features.sync.calls.posts.rate`");
        let line = format!("{text} = 0");
        if text.contains(['\n', '\r', '=']) && !text.contains(['"', '\'']) {
            return Err(refuse());
        }
        let table = parse_sound(&line).ok_or_else(refuse)?;
        let mut keys = Vec::new();
        let mut table = &table;
        loop {
            let mut entries = table.iter();
            let (Some((key, value)), None) = (entries.next(), entries.next()) else {
                return Err(refuse());
            };
            keys.push(key.get_ref().to_owned());
            match value.get_ref() {
                TomlValue::Table(inner) => table = inner,
                _ => return Ok(Self(keys)),
            }
        }
    }
}

impl fmt::Display for TomlPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&dotted(self.0.iter().map(String::as_str)))
    }
}

/// Keys as TOML writes a dotted key: those that are not bare are quoted.
pub(crate) fn dotted<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let mut text = String::with_capacity(64);
    for key in keys {
        if !text.is_empty() {
            text.push('.');
        }
        // Writing to a string does not fail.
        let _ = write_key(&mut text, key);
    }
    text
}

fn write_key(formatter: &mut impl fmt::Write, key: &str) -> fmt::Result {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        return formatter.write_str(key);
    }
    formatter.write_str("\"")?;
    for character in key.chars() {
        match character {
            '"' => formatter.write_str("\\\"")?,
            '\\' => formatter.write_str("\\\\")?,
            '\n' => formatter.write_str("\\n")?,
            '\r' => formatter.write_str("\\r")?,
            '\t' => formatter.write_str("\\t")?,
            control if control.is_control() => {
                write!(formatter, "\\u{:04X}", u32::from(control))?;
            }
            other => write!(formatter, "{other}")?,
        }
    }
    formatter.write_str("\"")
}
