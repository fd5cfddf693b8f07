//! What a repository stores.

use super::entries::Id;
use crate::units::Date;

/// What a revision turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Commit(Id),
    /// A tree or a blob.
    NotACommit,
    /// An abbreviation of several objects.
    Ambiguous,
    Unknown,
}

/// An object as it is stored.
pub(super) struct Object {
    pub(super) kind: ObjectKind,
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Other,
}

/// What came of reading a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blob {
    Content(Vec<u8>),
    /// It is larger than what is read; its size in bytes.
    TooLarge(u64),
    /// The clone does not have it.
    Missing,
}

/// What a commit says of itself.
pub(super) struct Commit {
    pub(super) tree: Id,
    /// Its parents as the commit names them: in a shallow clone they need not be there.
    pub(super) parents: Vec<Id>,
}

/// A commit, and who made it when and what for.
pub(super) struct Described {
    pub(super) commit: Commit,
    /// The author's name.
    pub(super) author: String,
    /// When it was committed, in seconds since 1970.
    pub(super) committed: i64,
    /// The first paragraph of its message, as one line.
    pub(super) subject: String,
}

impl Described {
    /// The day on which it was committed, in UTC.
    pub(super) fn day(&self) -> Date {
        let day = Date::EPOCH.plus_days(self.committed.div_euclid(24 * 60 * 60));
        day.unwrap_or(Date::EPOCH)
    }
}
