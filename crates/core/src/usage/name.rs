//! What a row names, as it is written.

use crate::document::{TomlPath, dotted};
use crate::measurable::Kind;

/// What a row names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named<'a> {
    /// A feature and the id of its line, which may be empty.
    Line(&'a str, &'a str),
    /// A path.
    Path(&'a str),
    /// What another format calls it, which no map translates.
    Foreign(&'a str),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Line(String, String),
    Path(TomlPath),
    Foreign(String),
}

impl Named<'_> {
    /// Writes what tells it from all others.
    pub(super) fn write(self, out: &mut String) {
        let (kind, first, second) = match self {
            Self::Line(feature, line) => ('l', feature, line),
            Self::Path(path) => ('p', path, ""),
            Self::Foreign(name) => ('f', name, ""),
        };
        out.push(kind);
        out.push_str(first);
        out.push('\0');
        out.push_str(second);
    }

    pub(super) fn to_name(self) -> Name {
        match self {
            Self::Line(feature, line) => Name::Line(feature.to_owned(), line.to_owned()),
            Self::Path(path) => match TomlPath::parse(path) {
                Ok(path) => Name::Path(path),
                Err(_) => Name::Foreign(path.to_owned()),
            },
            Self::Foreign(name) => Name::Foreign(name.to_owned()),
        }
    }
}

impl Name {
    /// Whether a unit of it says how much there is, and not how much was used.
    pub(super) fn is_sampled(&self, unit: &str) -> bool {
        match self {
            Self::Line(_, line) => line.is_empty() && unit == "count",
            Self::Path(path) => {
                // A counter that runs on is read like a gauge.
                let of_kind = |kind: &Kind| kind.sampled.contains(&unit) || unit == "rows-total";
                Kind::of(&path.0).is_some_and(of_kind)
            }
            Self::Foreign(_) => false,
        }
    }

    /// The path that it may be meant as, where nothing that is declared is known.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Line(feature, line) => {
                let line = Some(line.as_str()).filter(|line| !line.is_empty());
                dotted(["features", feature].into_iter().chain(line))
            }
            Self::Path(path) => path.to_string(),
            Self::Foreign(name) => name.clone(),
        }
    }
}
