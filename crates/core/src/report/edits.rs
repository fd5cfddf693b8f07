//! What a change does to declarations, as text.

use super::EditKind;

/// A declaration that a change adds, changes or removes.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The declaration's path in the model.
    pub path: String,
    /// Whether it is added, changed or removed.
    pub kind: EditKind,
    /// Its text in the base, as written.
    pub before: Option<Excerpt>,
    /// Its text in the head, as written.
    pub after: Option<Excerpt>,
}

/// Lines of a file.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The file's path.
    pub file: String,
    /// The number of the first line.
    pub line: u32,
    /// The lines, each with its end.
    pub text: String,
}
